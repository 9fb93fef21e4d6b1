"""A model repository behind HTTP as Hugging Face's inference toolkit serves it, for the image `hf/huggingface`.

Nothing of it is imported for other contracts, and of it only what the repository needs.
"""
