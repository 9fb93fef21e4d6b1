"""The port to time: the platform's own clock, which may run faster than the wall's."""

from typing import Protocol

from stoker.units import Instant, Span


class Clock(Protocol):
    """The platform's clock."""

    def now(self) -> Instant:
        """Give the platform's instant; never goes back."""
        ...

    def wall_s(self, span: Span) -> float:
        """Give how many real seconds the span takes on this clock, for timers of the event loop."""
        ...
