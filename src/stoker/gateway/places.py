"""Holds serverless endpoints to so many invocations at once, whichever gateway they come by.

Each invocation has a place, and a place is a lock that gateways have in common: so none is counted twice, none is counted late,
and none is left over by a gateway that died. https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

from stoker.gateway.locks import SHARED, Locks, area_of
from stoker.link.messages import ServerlessRoute


class Place:
    """An invocation's place among those that its endpoint works on at once; a `spilled` one is beyond what is provisioned."""

    __slots__ = ("bytes", "spilled", "workload")

    def __init__(self, workload: str, held: tuple[int, ...]) -> None:
        self.workload = workload
        self.bytes = held
        self.spilled = len(held) > 1


class Places:
    """The places of this gateway's invocations; all serverless endpoints together have `total`.

    What is provisioned for an endpoint is set apart for it.
    """

    __slots__ = ("_provisioned", "_total", "locks")

    def __init__(self, locks: Locks, total: int) -> None:
        self.locks = locks
        self._total = total
        self._provisioned: dict[str, int] = {}

    def told(self, workload: str, route: ServerlessRoute | None) -> None:
        """Take in what a table says of a workload."""
        if route is not None and route.provisioned:
            self._provisioned[workload] = route.provisioned
        elif self._provisioned:
            self._provisioned.pop(workload, None)

    def enter(self, workload: str, route: ServerlessRoute) -> Place | None:
        """Give an invocation a place; None when there are as many as may be."""
        start = area_of(workload)
        number = self.locks.first(start, route.most)
        if number < 0:
            return None
        if number < route.provisioned:
            return Place(workload, (start + number,))
        shared = self.locks.first(0, min(SHARED, max(0, self._total - sum(self._provisioned.values()))))
        if shared < 0:
            self.locks.free(start + number)
            return None
        return Place(workload, (start + number, shared))

    def leave(self, place: Place) -> None:
        """Give a place back."""
        for each in place.bytes:
            self.locks.free(each)
