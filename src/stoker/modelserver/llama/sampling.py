"""Which token comes next: temperature, top-k and top-p, penalties, and chance from a seed."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray


class Sampling:
    """What a request asks for; `seed` None draws one. Temperature 0 takes the likeliest token."""

    __slots__ = ("frequency", "presence", "seed", "temperature", "top_k", "top_p")

    def __init__(
        self,
        *,
        temperature: float = 0.8,
        top_k: int = 40,
        top_p: float = 0.95,
        seed: int | None = None,
        presence: float = 0.0,
        frequency: float = 0.0,
    ) -> None:
        """Take the values; llama.cpp's defaults."""
        self.temperature = temperature
        self.top_k = top_k
        self.top_p = top_p
        self.seed = seed
        self.presence = presence
        self.frequency = frequency


class Sampler:
    """Picks the tokens of one answer."""

    __slots__ = ("_asked", "_chance", "_seen")

    def __init__(self, asked: Sampling) -> None:
        """Begin an answer."""
        self._asked = asked
        self._chance = np.random.default_rng(asked.seed)
        self._seen: dict[int, int] = {}

    def pick(self, logits: NDArray[np.float32]) -> int:
        """Give the next token for the model's logits."""
        asked = self._asked
        if self._seen and (asked.presence or asked.frequency):
            logits = logits.copy()
            for token, count in self._seen.items():
                logits[token] -= asked.presence + asked.frequency * count
        token = int(logits.argmax()) if asked.temperature <= 0 else self._drawn(logits)
        if asked.presence or asked.frequency:
            self._seen[token] = self._seen.get(token, 0) + 1
        return token

    def _drawn(self, logits: NDArray[np.float32]) -> int:
        asked = self._asked
        count = min(asked.top_k, len(logits)) if asked.top_k > 0 else len(logits)
        likeliest = np.argpartition(logits, -count)[-count:]
        order = likeliest[np.argsort(-logits[likeliest], kind="stable")]
        scaled = logits[order].astype(np.float64) / asked.temperature
        shares = np.exp(scaled - scaled[0])
        shares /= shares.sum()
        if asked.top_p < 1:
            kept = int(np.searchsorted(np.cumsum(shares), asked.top_p)) + 1
            order, shares = order[:kept], shares[:kept] / shares[:kept].sum()
        return int(order[int(np.searchsorted(np.cumsum(shares), self._chance.random() * 0.999999999))])
