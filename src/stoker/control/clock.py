"""The platform's clock in production, and its source of identities."""

import secrets
import time
import uuid

from stoker.link.messages import ClockRate
from stoker.units import SECOND, Instant, Span


class RateClock:
    """Reads the machine's monotonic clock through a rate, so that all processes of the platform agree on the time."""

    __slots__ = ("rate",)

    def __init__(self, rate: ClockRate) -> None:
        self.rate = rate

    def now(self) -> Instant:
        """Give the platform's instant."""
        return self.rate.at(time.monotonic_ns())

    def wall_s(self, span: Span) -> float:
        """Give how many real seconds the span takes."""
        return span / SECOND / self.rate.speed


class RandomIds:
    """Identities from the system's randomness."""

    __slots__ = ()

    def uuid(self) -> str:
        """Give a random UUID."""
        return str(uuid.uuid4())

    def token(self) -> str:
        """Give 17 random hexadecimal digits."""
        return secrets.token_hex(9)[:17]
