"""The one tree of settings and where each value came from."""
