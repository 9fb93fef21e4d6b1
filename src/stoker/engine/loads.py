"""What each copy works on, as far as gateways have told: which one to stop, and whether one that answers no ping is alive.

Gateways tell it with their reports, so that it is a second old at most. Nothing depends on it being exact: a copy that is stopped
is drained first.
"""

from stoker.domain.ids import CopyId
from stoker.engine.traffic import CopyLoad
from stoker.units import Instant


class CopyLoads:
    """In flight by copy, and when each answered an invocation last."""

    __slots__ = ("_answered", "_in_flight", "_worked")

    def __init__(self) -> None:
        self._in_flight: dict[str, dict[CopyId, int]] = {}
        self._answered: dict[CopyId, Instant] = {}
        self._worked: dict[CopyId, Instant] = {}

    def seen(self, gateway: str, copies: tuple[CopyLoad, ...], at: Instant) -> None:
        """Take in a gateway's report for the span that ends at `at`; on copies that it does not name it has nothing in flight."""
        if copies:
            self._in_flight[gateway] = {copy.copy_id: copy.in_flight for copy in copies if copy.in_flight}
            self._worked.update((copy.copy_id, at) for copy in copies)
            self._answered.update((copy.copy_id, at) for copy in copies if copy.answered)
        else:
            self._in_flight.pop(gateway, None)

    def gateway_gone(self, gateway: str) -> None:
        """What a vanished gateway had in flight is over."""
        self._in_flight.pop(gateway, None)

    def in_flight(self, copy_id: CopyId) -> int:
        """Give how many invocations the copy works on."""
        return sum(copies.get(copy_id, 0) for copies in self._in_flight.values())

    def answered_since(self, copy_id: CopyId, since: Instant) -> bool:
        """Whether the copy has answered an invocation at or after an instant."""
        at = self._answered.get(copy_id)
        return at is not None and at >= since

    def worked_at(self, copy_id: CopyId) -> Instant:
        """Give when the copy is known to have worked on an invocation last, 0 when nobody has told of one."""
        return self._worked.get(copy_id, 0)

    def forget(self, copy_id: CopyId) -> None:
        """Forget a copy that is gone."""
        self._answered.pop(copy_id, None)
        self._worked.pop(copy_id, None)
