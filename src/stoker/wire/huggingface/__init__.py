"""Hugging Face's inference endpoints as their clients see them."""
