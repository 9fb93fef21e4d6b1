"""Stoker serves models on your own machines, and scales them to zero and back."""

__version__ = "0.1.0"
