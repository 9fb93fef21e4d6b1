"""Instances on this machine: booked slices, virtual or real.

A virtual instance plays whatever its type says and comes up after a set time. A real one books its share of the machine, and
is refused when that much is not left.
"""

import asyncio
import os

from stoker.decisions.placement import NO_ROOM
from stoker.domain.ids import InstanceId
from stoker.domain.instances import Instance, InstanceShape
from stoker.domain.serverless import is_environment
from stoker.engine.events import InstanceGone, InstanceReady
from stoker.ports.clock import Clock
from stoker.units import MIB, Span

HEADROOM_MB = 512
"""Memory the machine keeps for itself."""


def machine_shape(accelerators: int = 0) -> InstanceShape:
    """Give what this machine has: its cores, its memory less some headroom, and the accelerators that were counted."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MIB
    return InstanceShape(
        cpus=float(os.cpu_count() or 1), memory_mb=max(256, memory_mb - HEADROOM_MB), accelerators=float(accelerators)
    )


class LocalCapacity:
    """Provides instances. With `machine` None they are virtual and unbounded, else they share what the machine has."""

    __slots__ = ("_booked", "_clock", "_machine", "_provision")

    def __init__(self, *, clock: Clock, machine: InstanceShape | None, provision: Span) -> None:
        self._clock = clock
        self._machine = machine
        self._provision = provision
        self._booked: dict[InstanceId, InstanceShape] = {}

    def adopt(self, instances: list[Instance]) -> None:
        """Book instances that were there before a restart."""
        self._booked.update((i.instance_id, i.shape) for i in instances)

    def book(self, instance: Instance) -> bool:
        """Book an instance at once, so that a release that follows finds it; False when the machine has no room for it."""
        if not self._fits(instance):
            self._booked.pop(instance.instance_id, None)
            return False
        self._booked[instance.instance_id] = instance.shape
        return True

    async def provide(self, instance: Instance) -> InstanceReady | InstanceGone:
        """Wait until an instance that was booked is up; gives what the engine is to know, refusal included."""
        if instance.instance_id not in self._booked:
            return InstanceGone(instance_id=instance.instance_id, reason=NO_ROOM)
        if self._provision and not is_environment(instance.instance_type):
            await asyncio.sleep(self._clock.wall_s(self._provision))
        return InstanceReady(instance_id=instance.instance_id)

    def release(self, instance_id: InstanceId) -> InstanceGone:
        """Give an instance back."""
        self._booked.pop(instance_id, None)
        return InstanceGone(instance_id=instance_id)

    def _fits(self, instance: Instance) -> bool:
        if self._machine is None:
            return True
        taken = [shape for key, shape in self._booked.items() if key != instance.instance_id]
        return (
            sum(s.cpus for s in taken) + instance.shape.cpus <= self._machine.cpus
            and sum(s.memory_mb for s in taken) + instance.shape.memory_mb <= self._machine.memory_mb
            and sum(s.accelerators for s in taken) + instance.shape.accelerators <= self._machine.accelerators
        )
