"""Copies as child processes: how they are started, watched, limited, stopped, and found again after a restart."""
