"""Traces: what arrives when, and for how long it keeps a copy busy. Reads the layouts that public traces come in."""
