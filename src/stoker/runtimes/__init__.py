"""Adapters that run copies: `process` runs them as child processes of this machine."""
