"""llama.cpp as this server needs it: tokens in, pieces of text out, one after the other.

It stands on ik-llama-cpp-python's bindings, not on its class for whole answers, which neither streams nor can be stopped.
"""

from __future__ import annotations

import ctypes
from _thread import allocate_lock

import numpy as np
from ik_llama_cpp import IkLlama, _ctypes_api
from ik_llama_cpp._internals import make_batch_range, make_batch_single

from stoker.modelserver.llama.sampling import Sampler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stoker.modelserver.llama.answers import Piece
    from stoker.modelserver.llama.sampling import Sampling

STEP = 31
"""Tokens of a prompt that are computed together. From 32 on the library takes other kernels, and what these compute, with
ik-llama-cpp-python 0.1.5 on a processor with AVX-512, is not what the model says: see docs/adr/0182."""
_MOST_TEXT = 1 << 20
_PIECE = 512


class RuntimeFailedError(Exception):
    """llama.cpp gave up; the text says at what."""


class LanguageModel:
    """A loaded model with one context; one generation runs at a time, others wait."""

    def __init__(self, path: str, *, context: int, threads: int) -> None:
        """Load a GGUF file for `context` tokens on so many threads."""
        self._library = _ctypes_api._lib  # noqa: SLF001 - what the package has not bound yet is bound here
        self._llama = IkLlama(path, n_ctx=context, n_threads=threads, verbose=False, flash_attn=False)
        self._model = self._llama._model  # noqa: SLF001 - as above
        self._context = self._llama._context  # noqa: SLF001
        self._buffer = ctypes.create_string_buffer(_PIECE)
        self._lock = allocate_lock()
        self.context = context

    def said(self, key: str) -> str:
        """Give a text of the file's own description, empty when it has none of that name."""
        ask = self._library.llama_model_meta_val_str
        ask.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
        ask.restype = ctypes.c_int32
        buffer = ctypes.create_string_buffer(_MOST_TEXT)
        length = ask(self._model.model, key.encode(), buffer, _MOST_TEXT)
        return buffer.raw[:length].decode("utf-8", "replace") if 0 < length < _MOST_TEXT else ""

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """Give a text's tokens, a model's own beginning first; `special` reads marks such as `<|im_end|>` as what they mean."""
        begins = self.said("tokenizer.ggml.add_bos_token") == "true"
        found: list[int] = self._llama.tokenize(text, add_bos=begins, special=special)
        return found

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Give a token's bytes, which may be a part of a character."""
        ask = _ctypes_api.llama_token_to_piece
        length = ask(self._model.model, token, self._buffer, _PIECE, 0, special)
        return self._buffer.raw[: max(0, length)]

    def generate(self, prompt: list[int], sampling: Sampling, most: int, *, gone: Callable[[], bool]) -> Iterator[Piece]:
        """Give an answer's tokens and bytes, at most so many; it ends early when the model does, or the asker has `gone`."""
        with self._lock:
            self._context.kv_cache_clear()
            for at in range(0, len(prompt), STEP):
                if gone():
                    return
                part = prompt[at : at + STEP]
                self._decode(make_batch_range(part, pos_start=at, logits_last=at + STEP >= len(prompt)))
            sampler = Sampler(sampling)
            vocabulary = self._model.n_vocab
            for position in range(len(prompt), len(prompt) + most):
                logits = _ctypes_api.llama_get_logits_ith(self._context.ctx, -1)
                token = sampler.pick(np.ctypeslib.as_array(logits, (vocabulary,)))
                if _ctypes_api.llama_token_is_eog(self._model.model, token):
                    return
                yield token, self.piece(token)
                if gone() or position + 1 >= len(prompt) + most:
                    return
                self._decode(make_batch_single(token, position))

    def _decode(self, batch: object) -> None:
        try:
            code = self._context.decode(batch)
        finally:
            _ctypes_api.llama_batch_free(batch)
        if code != 0:
            raise RuntimeFailedError(f"llama.cpp could not compute the next tokens (code {code})")
