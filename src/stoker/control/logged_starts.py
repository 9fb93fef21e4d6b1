"""How long starts took by an engine's log, phase by phase, so that a simulation can draw from what was seen."""

from pathlib import Path
from typing import Final

import msgspec

from stoker.control.engine_log import Step, decode_commands
from stoker.control.replaying import read_frames
from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.engine.commands import LaunchInstance, StartCopy, StopCopy
from stoker.engine.events import InstanceReady, RuntimeObserved
from stoker.engine.observations import CopyGone, CopyPhase, CopyReady
from stoker.errors import InvalidParameterError
from stoker.units import Instant, to_seconds

MAX_STARTS: Final = 1_000_000
"""Starts that are read of a log."""


class Spent(msgspec.Struct):
    """Seconds that starts took. `provision` is of instances; `fetch` and `load` have one for each start of a copy of a workload.

    `fetch` is from the start command until the model's files were there, `load` from there until the copy answered its ping.
    """

    provision: list[float] = msgspec.field(default_factory=list)
    fetch: dict[WorkloadId, list[float]] = msgspec.field(default_factory=dict)
    load: dict[WorkloadId, list[float]] = msgspec.field(default_factory=dict)


class _Starting(msgspec.Struct):
    workload: WorkloadId
    began: Instant
    fetched: Instant


def logged_starts(path: Path) -> Spent:
    """Read a log; starts that it shows only in part are left out. Raises `InvalidParameterError` for what is no log."""
    reading = _Reading()
    for frame in read_frames(path):
        if isinstance(frame, Step):
            reading.take(frame)
        if reading.count >= MAX_STARTS:
            break
    return reading.spent


class _Reading:
    __slots__ = ("_asked", "_starting", "count", "spent")

    def __init__(self) -> None:
        self.spent = Spent()
        self.count = 0
        self._asked: dict[InstanceId, Instant] = {}
        self._starting: dict[CopyId, _Starting] = {}

    def take(self, step: Step) -> None:
        """Take in one step: what happened, then what was commanded."""
        match step.event:
            case RuntimeObserved(observation=CopyPhase(copy_id=copy_id, phase="fetched", at=at)) if copy_id in self._starting:
                self._starting[copy_id].fetched = at
            case RuntimeObserved(observation=CopyReady(copy_id=copy_id, at=at)):
                self._ready(copy_id, at)
            case RuntimeObserved(observation=CopyGone(copy_id=copy_id)):
                self._starting.pop(copy_id, None)
            case InstanceReady(instance_id=instance_id) if instance_id in self._asked:
                self.spent.provision.append(to_seconds(step.now - self._asked.pop(instance_id)))
            case _:
                pass
        try:
            for name, raw in decode_commands(step.commands):
                self._commanded(name, raw, step.now)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InvalidParameterError(f"The log's commands are not of this version: {error}", field="FILE") from error

    def _ready(self, copy_id: CopyId, at: Instant) -> None:
        starting = self._starting.pop(copy_id, None)
        if starting is None:
            return
        fetched = min(max(starting.fetched, starting.began), at)
        self.count += 1
        self.spent.fetch.setdefault(starting.workload, []).append(to_seconds(max(0, fetched - starting.began)))
        self.spent.load.setdefault(starting.workload, []).append(to_seconds(max(0, at - fetched)))

    def _commanded(self, name: str, raw: msgspec.Raw, now: Instant) -> None:
        if name == StartCopy.__name__:
            spec = msgspec.msgpack.decode(raw, type=StartCopy).spec
            self._starting[spec.copy_id] = _Starting(spec.workload, now, now)
        elif name == StopCopy.__name__:
            self._starting.pop(msgspec.msgpack.decode(raw, type=StopCopy).copy_id, None)
        elif name == LaunchInstance.__name__:
            self._asked[msgspec.msgpack.decode(raw, type=LaunchInstance).instance.instance_id] = now
