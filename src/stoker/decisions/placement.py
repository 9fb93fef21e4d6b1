"""Which instance a copy goes to, and how many more instances the rest would need.

Placement never books more than an instance has. It does not move copies that have a place already.
"""

from collections.abc import Sequence

import msgspec

from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.domain.states import PlacementStrategy

NO_ROOM = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the inference component. "
    "Update resource requirements for this inference component, remove existing inference components, or increase the number "
    "of instances for this endpoint."
)
"""SageMaker's own words for copies that fit nowhere."""

_ROUNDING = 1e-6
"""What sums of fractions of a core may be off: 0.6 five times taken from 3 must leave nothing missing."""


def no_room(need: InstanceShape, instance_type: str, shape: InstanceShape, budget: InstanceShape | None = None) -> str:
    """Say why a copy has no place: SageMaker's words, and the figures when no instance of the type could ever hold it."""
    if fits(need, shape):
        return no_instance(instance_type, shape, budget)
    asks, has = _told(need), _told(shape)
    return f"{NO_ROOM} No instance of type {instance_type} can hold a copy: it asks for {asks}, and an instance has {has}."


def no_instance(instance_type: str, shape: InstanceShape, budget: InstanceShape | None) -> str:
    """Say why there is no instance of a type: SageMaker's words, and the figures when one alone is above the `budget` of all."""
    if budget is None or fits(shape, budget):
        return NO_ROOM
    figures = (
        (shape.cpus, budget.cpus, "CPUs"),
        (shape.accelerators, budget.accelerators, "accelerators"),
        (shape.memory_mb, budget.memory_mb, "MB"),
    )
    over = [(f"{has:g} {unit}", f"{most:g}") for has, most, unit in figures if has > most]
    each, most = (" and ".join(words) for words in zip(*over, strict=True))
    return f"{NO_ROOM} One instance of type {instance_type} alone has {each}, and all that there are may have {most} together."


def _told(shape: InstanceShape) -> str:
    return f"{shape.cpus:g} CPUs, {shape.accelerators:g} accelerators and {shape.memory_mb} MB"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that wants a place, what it books there, and how its workload is spread."""

    copy_id: CopyId
    workload: WorkloadId
    need: InstanceShape
    strategy: PlacementStrategy = PlacementStrategy.SPREAD


class Bin:
    """An instance as placement sees it: what is free, and its copies of each workload. Changes as copies are put in."""

    __slots__ = ("accelerators", "cpus", "instance_id", "memory_mb", "of_workload", "total")

    def __init__(self, instance_id: InstanceId, shape: InstanceShape) -> None:
        self.instance_id = instance_id
        self.cpus = shape.cpus
        self.memory_mb = shape.memory_mb
        self.accelerators = shape.accelerators
        self.of_workload: dict[WorkloadId, int] = {}
        self.total = 0

    def fits(self, need: InstanceShape) -> bool:
        """Whether `need` is free here."""
        return (
            need.cpus <= self.cpus + _ROUNDING
            and need.memory_mb <= self.memory_mb
            and need.accelerators <= self.accelerators + _ROUNDING
        )

    def twin(self) -> "Bin":
        """Give another bin that is as full as this one."""
        other = Bin(self.instance_id, InstanceShape(cpus=self.cpus, memory_mb=self.memory_mb, accelerators=self.accelerators))
        other.of_workload = dict(self.of_workload)
        other.total = self.total
        return other

    def add(self, workload: WorkloadId, need: InstanceShape) -> None:
        """Book `need` for a copy of the workload."""
        self.cpus -= need.cpus
        self.memory_mb -= need.memory_mb
        self.accelerators -= need.accelerators
        self.of_workload[workload] = self.of_workload.get(workload, 0) + 1
        self.total += 1


def fits(need: InstanceShape, shape: InstanceShape) -> bool:
    """Whether an empty instance of a shape holds `need`."""
    return Bin(InstanceId(""), shape).fits(need)


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where copies go, and which found no room."""

    placed: tuple[tuple[CopyId, InstanceId], ...]
    unplaced: tuple[Waiting, ...]


def place(waiting: Sequence[Waiting], bins: Sequence[Bin]) -> Placement:
    """Give each waiting copy an instance with room.

    SPREAD takes the instance with the fewest copies of the same workload, then the fewest copies, then the first;
    BINPACK the one with the least memory left that still fits. Copies are taken in order of `waiting`. When some find no room
    that way, those of all sizes are packed tightly instead, largest first, if more of them fit so: evenness never costs a copy.
    """
    even = _in_turn(waiting, [b.twin() for b in bins])
    if not even.unplaced:
        return even
    tight = _first_fit(waiting, [b.twin() for b in bins])
    return tight if len(tight.unplaced) < len(even.unplaced) else even


def _in_turn(waiting: Sequence[Waiting], bins: Sequence[Bin]) -> Placement:
    placed: list[tuple[CopyId, InstanceId]] = []
    unplaced: list[Waiting] = []
    for item in waiting:
        fitting = [b for b in bins if b.fits(item.need)]
        if not fitting:
            unplaced.append(item)
            continue
        if item.strategy is PlacementStrategy.SPREAD:
            chosen = min(fitting, key=lambda b: (b.of_workload.get(item.workload, 0), b.total))
        else:
            chosen = min(fitting, key=lambda b: (b.memory_mb, b.accelerators, b.cpus))
        chosen.add(item.workload, item.need)
        placed.append((item.copy_id, chosen.instance_id))
    return Placement(placed=tuple(placed), unplaced=tuple(unplaced))


def _first_fit(waiting: Sequence[Waiting], bins: Sequence[Bin]) -> Placement:
    """Pack largest first into the first bin with room, as `instances_needed` does when it counts."""
    placed: list[tuple[CopyId, InstanceId]] = []
    unplaced: list[Waiting] = []
    for item in _largest_first(waiting):
        home = next((b for b in bins if b.fits(item.need)), None)
        if home is None:
            unplaced.append(item)
        else:
            home.add(item.workload, item.need)
            placed.append((item.copy_id, home.instance_id))
    return Placement(placed=tuple(placed), unplaced=tuple(unplaced))


def _largest_first(waiting: Sequence[Waiting]) -> list[Waiting]:
    return sorted(waiting, key=lambda w: (w.need.accelerators, w.need.memory_mb, w.need.cpus), reverse=True)


def instances_needed(waiting: Sequence[Waiting], shape: InstanceShape) -> tuple[int, tuple[Waiting, ...]]:
    """Give how many new instances would take the waiting copies (first fit, largest first), and those that none takes."""
    bins: list[Bin] = []
    impossible: list[Waiting] = []
    for item in _largest_first(waiting):
        home = next((b for b in bins if b.fits(item.need)), None)
        if home is None:
            home = Bin(InstanceId(""), shape)
            if not home.fits(item.need):
                impossible.append(item)
                continue
            bins.append(home)
        home.add(item.workload, item.need)
    return len(bins), tuple(impossible)
