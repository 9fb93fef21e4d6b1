"""Remembers how long copies of each workload took to start, over restarts of the control plane too."""

from collections.abc import Iterable, Iterator

import msgspec

from stoker.decisions.startup import StartTimes, start_time
from stoker.domain.ids import WorkloadId
from stoker.domain.instances import Copy
from stoker.engine.commands import Command, Put, Remove
from stoker.units import Span

START_KIND = "start-times"


class Starts:
    """The start-up times of all workloads."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: dict[WorkloadId, StartTimes] = {}

    def restore(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Take up what was kept: (kind, msgpack document) of every record, of other kinds too."""
        for kind, document in records:
            if kind == START_KIND:
                times = msgspec.msgpack.decode(document, type=StartTimes)
                self._times[times.workload] = times

    def typical(self, workload: WorkloadId) -> Span | None:
        """Give what a start of the workload takes; None until a copy has started."""
        times = self._times.get(workload)
        return None if times is None else times.typical

    def started(self, copy: Copy) -> Iterator[Command]:
        """Learn from a copy that has just become ready for the first time."""
        span = start_time(copy)
        if span is not None:
            times = self._times.get(copy.workload, StartTimes(workload=copy.workload)).after(span)
            self._times[copy.workload] = times
            yield Put(kind=START_KIND, key=copy.workload, document=msgspec.msgpack.encode(times))

    def forget(self, workload: WorkloadId) -> Iterator[Command]:
        """Forget a workload that is gone."""
        if self._times.pop(workload, None) is not None:
            yield Remove(kind=START_KIND, key=workload)
