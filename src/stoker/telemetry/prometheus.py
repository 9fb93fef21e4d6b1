"""The platform's figures for Prometheus, read from the engine when asked for: nothing is counted twice.

Label sets are those of endpoints and components that exist; a scrape costs a pass over them.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stoker.domain.ids import WorkloadId, component_workload, variant_workload
from stoker.engine.accounting import Accounting
from stoker.engine.platform import Platform
from stoker.link.messages import ColdStartSeen
from stoker.telemetry.spending import spending
from stoker.units import Instant, to_seconds

if TYPE_CHECKING:
    from stoker.telemetry.families import Families

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

MAX_COLD_WORKLOADS = 10_000
"""Workloads whose cold starts are counted; the oldest is forgotten beyond."""


TURN = 200
"""Workloads that are told of at a stretch; then others get their turn."""


class Exposition:
    """Gives the exposition text, and keeps the little that the engine does not know: cold starts as clients met them."""

    __slots__ = ("_accounting", "_cold", "_families", "_platform")

    def __init__(self, platform: Platform, accounting: Accounting | None = None) -> None:
        self._accounting = accounting
        self._platform = platform
        self._cold: dict[WorkloadId, tuple[int, float, float]] = {}
        self._families: Families | None = None

    def cold_start(self, seen: ColdStartSeen) -> None:
        """Count an invocation that waited for capacity."""
        count, waited_s, first_byte_s = self._cold.pop(seen.workload, (0, 0.0, 0.0))
        self._cold[seen.workload] = (
            count + 1,
            waited_s + to_seconds(seen.waited),
            first_byte_s + to_seconds(seen.waited + seen.first_byte),
        )
        if len(self._cold) > MAX_COLD_WORKLOADS:
            del self._cold[next(iter(self._cold))]

    async def text(self, gateways: list[str], now: Instant | None = None) -> bytes:
        """Give the exposition of `now`; `gateways` are those connected. Others get their turn while there is much to tell."""
        if self._families is None:
            self._families = await asyncio.to_thread(_families, self._platform, self._cold)
        used = b"" if now is None or self._accounting is None else await spending(self._accounting, now)
        return self._families.text(len(gateways)) + await self._workloads() + used

    async def _workloads(self) -> bytes:
        """Give the families that have a sample for each workload.

        There may be a hundred thousand of them, for which the client library would take seconds. Names need no escapes.
        """
        columns = [[f"# HELP {name} {text}\n# TYPE {name} {kind}\n"] for name, kind, text in _FAMILIES]
        for number, (endpoint, workload, wanted) in enumerate(self._wanted(), 1):
            labels = f'{{endpoint="{endpoint}",workload="{workload}"}}'
            for (family, _, _), column, value in zip(_FAMILIES, columns, self._values(workload, wanted), strict=True):
                column.append(f"{family}{labels} {value}\n")
            if number % TURN == 0:
                await asyncio.sleep(0)
        return "".join(line for column in columns for line in column).encode()

    def _wanted(self) -> Iterator[tuple[str, WorkloadId, int]]:
        """Give every workload with its endpoint and the copies it is to have; the fleet may change meanwhile."""
        fleet = self._platform.fleet
        for name in list(fleet.endpoints):
            endpoint = fleet.endpoints.get(name)
            if endpoint is None:
                continue
            yield from [(name, component_workload(c.name), c.desired_copies) for c in fleet.components_on(name)]
            for variant in endpoint.variants:
                if variant.container is not None:
                    yield name, variant_workload(name, variant.spec.name), variant.desired_instances

    def _values(self, workload: WorkloadId, desired: int) -> tuple[int, ...]:
        """Give a workload's samples, in the families' order."""
        metering = self._platform.metering
        serving = self._platform.fleet.serving(workload)
        seen = metering.totals.get(workload)
        counted = (0, 0, 0, 0) if seen is None else (seen.invocations, seen.model_errors, seen.no_capacity, seen.evictions)
        return (desired, serving, metering.in_flight(workload), metering.held(workload), *counted)


def _families(platform: Platform, cold: Mapping[WorkloadId, tuple[int, float, float]]) -> "Families":
    from stoker.telemetry.families import Families  # noqa: PLC0415 - the library takes 50 ms that nobody need wait for at the start

    return Families(platform, cold)


_FAMILIES = (
    ("stoker_copies_desired", "gauge", "Copies that are wanted."),
    ("stoker_copies_serving", "gauge", "Copies that passed their health check."),
    ("stoker_invocations_in_flight", "gauge", "Invocations that copies work on."),
    ("stoker_invocations_held", "gauge", "Invocations that wait for capacity."),
    ("stoker_invocations_total", "counter", "Invocations that were handed to copies."),
    ("stoker_model_errors_total", "counter", "Invocations that a model failed."),
    ("stoker_no_capacity_total", "counter", "Invocations refused for lack of capacity."),
    ("stoker_evictions_total", "counter", "Copies that made way for another model's."),
)
