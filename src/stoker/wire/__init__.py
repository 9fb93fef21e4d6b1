"""Faces to the outside: bytes of other people's clients to service calls, and back."""
