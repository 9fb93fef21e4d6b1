"""How many copies serve, version by version, and which of them take traffic while an update is on its way."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import Endpoint
from stoker.domain.ids import VariantName, WorkloadId, component_workload, variant_workload
from stoker.domain.instances import Copy
from stoker.domain.states import CopyState
from stoker.engine.workloads import (
    Version,
    VersionKey,
    others_of,
    states_of,
    versions_of_component,
    versions_of_variant,
)

KeyT = TypeVar("KeyT")


class Versions:
    """Counts of serving copies by workload and by version, and the updates that are on their way.

    `updating` has what is being updated by ("endpoint" or "component", name).
    """

    __slots__ = ("_of_version", "_versions", "serving_counts", "updating")

    def __init__(self) -> None:
        self.serving_counts: dict[WorkloadId, int] = {}
        self.updating: dict[tuple[str, str], Endpoint | InferenceComponent] = {}
        self._of_version: dict[VersionKey, int] = {}
        self._versions: dict[WorkloadId, list[Version]] = {}

    def up(self, key: VersionKey) -> int:
        """Give how many copies of one version of a workload could serve."""
        return self._of_version.get(key, 0)

    def serving(self, workload: WorkloadId) -> int:
        """Give how many copies of the workload serve invocations: those kept out of traffic by an update do not."""
        versions = self._versions.get(workload)
        if versions is None:
            return self.serving_counts.get(workload, 0)
        return sum(self._in_traffic(workload, versions).values())

    def routed(self, workload: WorkloadId, copies: Iterable[Copy]) -> list[Copy]:
        """Give those of the workload's copies (oldest first) that invocations may go to."""
        serving = [copy for copy in copies if copy.state is CopyState.IN_SERVICE]
        versions = self._versions.get(workload)
        if versions is None:
            return serving
        room = self._in_traffic(workload, versions)
        out: list[Copy] = []
        for copy in serving:
            if room.get(copy.revision, 0) > 0:
                room[copy.revision] -= 1
                out.append(copy)
        return out

    def _in_traffic(self, workload: WorkloadId, versions: Sequence[Version]) -> dict[int, int]:
        """Give how many copies of each version take traffic; the version in force fills up for copies of the other that broke."""
        room: dict[int, int] = {}
        missing = 0
        for version in reversed(versions):
            there = self.up((workload, version.revision))
            room[version.revision] = min(there, version.traffic + missing)
            missing = max(0, version.traffic - there)
        return room

    def count(self, before: Copy | None, after: Copy | None) -> None:
        """Take in that a copy changed, came (no `before`) or went (no `after`)."""
        was = before is not None and before.state is CopyState.IN_SERVICE
        serves = after is not None and after.state is CopyState.IN_SERVICE
        copy = after or before
        if was != serves and copy is not None:
            _add(self.serving_counts, copy.workload, 1 if serves else -1)
            _add(self._of_version, (copy.workload, copy.revision), 1 if serves else -1)

    def note(self, value: Endpoint | InferenceComponent, before: Endpoint | InferenceComponent | None) -> None:
        """Take in an endpoint or a component as it is from now on."""
        if before is not None and before.update is not None:
            self.forget(before)
        if value.update is None:
            return
        if isinstance(value, InferenceComponent):
            self.updating["component", value.name] = value
            self._versions[component_workload(value.name)] = versions_of_component(value)
            return
        self.updating["endpoint", value.name] = value
        for workload, name in _variants(value).items():
            self._versions[workload] = versions_of_variant(value, name)

    def forget(self, value: Endpoint | InferenceComponent) -> None:
        """Forget the versions of an endpoint or a component."""
        if isinstance(value, InferenceComponent):
            self.updating.pop(("component", value.name), None)
            self._versions.pop(component_workload(value.name), None)
            return
        self.updating.pop(("endpoint", value.name), None)
        for workload in _variants(value):
            self._versions.pop(workload, None)


def _variants(endpoint: Endpoint) -> dict[WorkloadId, VariantName]:
    others = () if endpoint.update is None else others_of(endpoint.update)
    return {variant_workload(endpoint.name, s.spec.name): s.spec.name for s in (*states_of(endpoint), *others)}


def _add(counts: dict[KeyT, int], key: KeyT, step: int) -> None:
    count = counts.get(key, 0) + step
    if count:
        counts[key] = count
    else:
        del counts[key]
