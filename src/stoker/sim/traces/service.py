"""How long an invocation keeps its slot: as the trace measured, by its tokens, or by a law.

`tokens` is 0.3 s, plus a second for each 4,000 tokens read, plus 20 ms for each token written: a small model on one accelerator.
"""

from typing import Final

import msgspec

from stoker.errors import InvalidParameterError
from stoker.sim.laws import Fixed, Law, parse_law
from stoker.units import Rng, Span, seconds

TOKENS: Final = "tokens"
MAX_SERVICE_S: Final = 1_000_000.0


class TokenLaw(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of an invocation by its tokens."""

    base_s: float = 0.3
    reads_per_s: float = 4000.0
    per_written_s: float = 0.02

    def service_s(self, tokens_in: float, tokens_out: float) -> float:
        """Give the service time in seconds."""
        return self.base_s + tokens_in / self.reads_per_s + self.per_written_s * tokens_out


class ServiceModel:
    """Gives service times. What was asked for goes before what the trace says; what says nothing takes `default_s`."""

    __slots__ = ("_default", "_law", "_rng", "_tokens", "assumed", "drawn")

    def __init__(self, text: str, rng: Rng, *, default_s: float = 1.0) -> None:
        self._rng = rng
        self._law: Law | None = None
        self._tokens = TokenLaw()
        self._default = Fixed(value_s=default_s)
        self.drawn = self.assumed = 0
        if text.partition(":")[0] == TOKENS:
            self._tokens = _token_law(text)
        elif text:
            self._law = parse_law(text, "--service")

    def of_duration(self, duration_s: float) -> Span:
        """Give the service time of an invocation that was measured to take so long."""
        return seconds(duration_s) if self._law is None else self._law.draw(self._rng)

    def of_tokens(self, tokens_in: float, tokens_out: float) -> Span:
        """Give the service time of an invocation that read and wrote so many tokens."""
        if self._law is not None:
            return self._law.draw(self._rng)
        return seconds(min(MAX_SERVICE_S, self._tokens.service_s(tokens_in, tokens_out)))

    def unknown(self) -> Span:
        """Give the service time of an invocation of which nothing is known."""
        if self._law is not None:
            return self._law.draw(self._rng)
        self.assumed += 1
        return self._default.draw(self._rng)


def _token_law(text: str) -> TokenLaw:
    _, _, rest = text.partition(":")
    given: dict[str, float] = {}
    for part in filter(None, rest.split(",")):
        name, equals, value = part.strip().partition("=")
        try:
            given[name] = float(value)
        except ValueError:
            equals = ""
        if not equals or name not in {"base", "in", "out"} or not 0 <= given[name] <= MAX_SERVICE_S:
            raise InvalidParameterError(
                f"--service: {part!r} is not understood; write tokens:base=0.3,in=4000,out=0.02.", field="--service"
            )
    default = TokenLaw()
    reads = given.get("in", default.reads_per_s)
    if reads <= 0:
        raise InvalidParameterError("--service: in, the tokens read in a second, must be above 0.", field="--service")
    return TokenLaw(
        base_s=given.get("base", default.base_s), reads_per_s=reads, per_written_s=given.get("out", default.per_written_s)
    )
