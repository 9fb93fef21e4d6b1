"""A language model in a GGUF file behind OpenAI's API, by llama.cpp and on the processor, for the image `hf/llamacpp`.

The runtime is the package ik-llama-cpp-python (the extra `llama`). Nothing here is imported for other contracts.
"""
