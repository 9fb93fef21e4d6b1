"""What gateways know: they are told what changed of the routes when the engine says so, and must then know all there is."""

from collections.abc import Sequence

from stoker.engine.commands import Command, RoutesChanged
from stoker.engine.platform import Platform
from stoker.link.messages import RoutingChange, RoutingTable
from stoker.link.tables import Table
from stoker.service.routing import Router, routing_table


class Routed:
    """A gateway's table, changed bit by bit, beside one that is made anew each time; `change` is the last one."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.router = Router(platform)
        self.table = Table()
        self.table.replace(self.router.table(1))
        self.change = RoutingChange(since=1, version=1)

    def told(self, commands: Sequence[Command]) -> None:
        """Take what the engine gave out after an event; one that gives out nothing is looked at with the next."""
        if not commands:
            return
        self.change = change = self.router.change(self.table.version, self.table.version + 1)
        if any(isinstance(command, RoutesChanged) for command in commands):
            copies = set(self.table.copies)
            left = self.table.apply(change)
            assert left == copies - self.table.copies
        else:
            assert change.empty, f"nobody told the gateways of {change}"
        anew = routing_table(self.platform, self.table.version)
        assert _sorted(self.table.whole()) == _sorted(anew)
        assert self.table.copies == {copy.copy_id for workload in anew.workloads for copy in workload.copies}


def _sorted(table: RoutingTable) -> tuple[object, ...]:
    endpoints = sorted(table.endpoints, key=lambda route: route.name)
    return (table.version, endpoints, sorted(table.workloads, key=lambda route: route.workload))
