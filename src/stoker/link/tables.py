"""A routing table that changes piece by piece, for whoever has to give it whole to those who come later."""

from collections.abc import Iterable

from stoker.domain.ids import CopyId, EndpointName, WorkloadId
from stoker.link.messages import EndpointRoute, RoutingChange, RoutingTable, WorkloadRoute


class Table:
    """The table in force; `version` 0 before the first one, `copies` those that invocations may go to."""

    __slots__ = ("_endpoints", "_workloads", "copies", "version")

    def __init__(self) -> None:
        self.version = 0
        self.copies: set[CopyId] = set()
        self._endpoints: dict[EndpointName, EndpointRoute] = {}
        self._workloads: dict[WorkloadId, WorkloadRoute] = {}

    def whole(self) -> RoutingTable:
        """Give the table as it is."""
        return RoutingTable(
            version=self.version, endpoints=tuple(self._endpoints.values()), workloads=tuple(self._workloads.values())
        )

    def replace(self, table: RoutingTable) -> set[CopyId]:
        """Put another table in force; give the copies that it no longer has."""
        before = self.copies
        self.version = table.version
        self._endpoints = {route.name: route for route in table.endpoints}
        self._workloads = {route.workload: route for route in table.workloads}
        self.copies = _copies(table.workloads)
        return before - self.copies

    def apply(self, change: RoutingChange) -> set[CopyId]:
        """Put a change in force, which must be one of this table; give the copies that it takes away."""
        self.version = change.version
        touched = (*(route.workload for route in change.workloads), *change.gone_workloads)
        before = _copies(self._workloads[name] for name in touched if name in self._workloads)
        for endpoint in change.gone_endpoints:
            self._endpoints.pop(endpoint, None)
        for workload in change.gone_workloads:
            self._workloads.pop(workload, None)
        self._endpoints.update((route.name, route) for route in change.endpoints)
        self._workloads.update((route.workload, route) for route in change.workloads)
        now = _copies(change.workloads)
        left = before - now
        self.copies -= left
        self.copies |= now
        return left


def _copies(routes: Iterable[WorkloadRoute]) -> set[CopyId]:
    return {copy.copy_id for route in routes for copy in route.copies}
