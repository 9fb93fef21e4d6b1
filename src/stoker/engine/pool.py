"""What all instances together may book, and those that are wanted and wait until others are gone."""

from stoker.decisions.placement import Bin, no_instance
from stoker.domain.ids import EndpointName, InstanceId, VariantName
from stoker.domain.instances import Instance, InstanceShape
from stoker.domain.states import InstanceState
from stoker.engine.fleet import Fleet
from stoker.units import Instant


class Pool:
    """The room of an installation; without a `budget` there is no bound but the number of instances.

    Instances of `awaited` are on record, book their room, and are launched once it is free. `short` has the variants that lack
    room for instances that they want, and since when. While a variant is `first`, it has to wait and nobody else gets any.
    """

    __slots__ = ("awaited", "budget", "first", "most", "short")

    def __init__(self, budget: InstanceShape | None, most: int) -> None:
        self.budget = budget
        self.most = most
        self.awaited: dict[InstanceId, None] = {}
        self.short: dict[tuple[EndpointName, VariantName], Instant] = {}
        self.first: tuple[EndpointName, VariantName] | None = None

    def free(self, fleet: Fleet, *, soon: bool = False) -> InstanceShape | None:
        """Give what nobody has booked, or, `soon`, what it will be when all is gone that is going; None: there is no bound."""
        if self.budget is None:
            return None
        booked = [i.shape for i in fleet.instances.values() if not (soon and i.state is InstanceState.TERMINATING)]
        return _less(self.budget, booked)

    def room(self, fleet: Fleet, owner: tuple[EndpointName, VariantName], shape: InstanceShape, count: int) -> int:
        """Give how many of so many instances a variant may launch now."""
        if self.first not in {None, owner}:
            return 0
        count = max(0, min(count, self.most - len(fleet.instances)))
        free = self.free(fleet)
        if free is None or not count:
            return count
        room, taken = Bin(InstanceId(""), free), 0
        while taken < count and room.fits(shape):
            room.cpus -= shape.cpus
            room.memory_mb -= shape.memory_mb
            room.accelerators -= shape.accelerators
            taken += 1
        return taken

    def grant(self, fleet: Fleet, owner: tuple[EndpointName, VariantName], shape: InstanceShape, count: int, now: Instant) -> int:
        """Give how many a variant may launch, and remember since when it lacks room for the others."""
        room = self.room(fleet, owner, shape, count)
        if room < count:
            self.short.setdefault(owner, now)
        else:
            self.short.pop(owner, None)
        return room

    def refusal(self, fleet: Fleet, count: int, instance_type: str, shape: InstanceShape) -> str:
        """Say why there is no room for so many more of a type."""
        if len(fleet.instances) + count > self.most:
            return f"The limit of {self.most} instances of this installation is reached."
        return no_instance(instance_type, shape, self.budget)

    def await_room(self, instance: Instance) -> None:
        """Have an instance wait for its room; its variant lacks it no more."""
        self.awaited[instance.instance_id] = None
        self.short.pop((instance.endpoint, instance.variant), None)

    def due(self, fleet: Fleet) -> list[Instance]:
        """Take out those that have waited for room and have it, first come first."""
        out: list[Instance] = []
        for instance_id in list(self.awaited):
            instance = fleet.instances.get(instance_id)
            if instance is not None and instance.state is not InstanceState.PENDING:
                continue  # it is given up, and was never there
            if instance is not None and not self.fits(fleet, instance):
                break
            del self.awaited[instance_id]
            if instance is not None:
                out.append(instance)
        return out

    def fits(self, fleet: Fleet, instance: Instance) -> bool:
        """Whether there is room for one that is on record beside those that are up, coming up or not yet gone."""
        if self.budget is None:
            return True
        others = [i.shape for i in fleet.instances.values() if i is not instance and i.instance_id not in self.awaited]
        return Bin(InstanceId(""), _less(self.budget, others)).fits(instance.shape)


def _less(budget: InstanceShape, booked: list[InstanceShape]) -> InstanceShape:
    return InstanceShape(
        cpus=budget.cpus - sum(s.cpus for s in booked),
        memory_mb=budget.memory_mb - sum(s.memory_mb for s in booked),
        accelerators=budget.accelerators - sum(s.accelerators for s in booked),
    )
