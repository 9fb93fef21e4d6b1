"""The tasks about sentences, over whatever makes vectors of texts: their requests and their replies."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

    class Encode(Protocol):
        """Makes vectors of texts."""

        def __call__(self, texts: list[str]) -> Floats:
            """Give a row for each text."""
            ...


PASSED_OVER = frozenset({"truncate", "truncation_direction", "prompt_name", "return_tensors"})


class Sentences:
    """`sentence-similarity`, `sentence-embeddings`, and `feature-extraction` by a model of sentences."""

    __slots__ = ("_encode", "_normal", "_task")

    def __init__(self, encode: Encode, task: str, *, normal: bool) -> None:
        """`normal` brings vectors to length one unless a request says otherwise."""
        self._encode = encode
        self._task = task
        self._normal = normal

    def __call__(self, inputs: object, **parameters: object) -> object:
        """Give similarities as floats, vectors, or `{"embeddings": vectors}`; one text has one vector, several have a list."""
        normalize = bool(parameters.pop("normalize", self._normal))
        refuse_unknown(parameters, PASSED_OVER)
        if self._task == "sentence-similarity":
            return self._similarities(inputs)
        vectors = self._vectors(texts_in(inputs), normalize=normalize)
        found = vectors[0].tolist() if isinstance(inputs, str) else vectors.tolist()
        return {"embeddings": found} if self._task == "sentence-embeddings" else found

    def _similarities(self, inputs: object) -> list[float]:
        if not isinstance(inputs, dict):
            message = "inputs must be an object with source_sentence and sentences"
            raise TypeError(message)
        source, sentences = inputs.get("source_sentence"), inputs.get("sentences")
        if not isinstance(source, str) or not isinstance(sentences, list):
            message = "inputs must have source_sentence, a text, and sentences, a list of texts"
            raise TypeError(message)
        vectors = self._vectors([source, *texts_in(sentences)], normalize=True)
        similarities: list[float] = (vectors[1:] @ vectors[0]).tolist()
        return similarities

    def _vectors(self, texts: list[str], *, normalize: bool) -> Floats:
        vectors = self._encode(texts)
        if normalize:
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def texts_in(inputs: object) -> list[str]:
    """Give one or several texts as a list; raises TypeError for anything else, ValueError for none."""
    texts = [inputs] if isinstance(inputs, str) else inputs
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        message = f"inputs must be a text or a list of texts, not {type(inputs).__name__}"
        raise TypeError(message)
    if not texts:
        message = "inputs must hold at least one text"
        raise ValueError(message)
    return texts


def refuse_unknown(parameters: dict[str, object], passed_over: frozenset[str] = frozenset()) -> None:
    """Name the parameters that a pipeline of ours does not know; raises ValueError."""
    unknown = sorted(name for name, value in parameters.items() if name not in passed_over and value is not None)
    if unknown:
        message = f"unknown parameters: {', '.join(unknown)}"
        raise ValueError(message)
