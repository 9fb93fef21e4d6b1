"""Usage under random calls, faults and restarts is the sum of what ran, reckoned apart from the engine's own accounts."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stoker.decisions.billing import summed
from stoker.domain.ids import ComponentName, CopyId, EndpointName, WorkloadId
from stoker.domain.instances import Copy, Instance
from stoker.domain.states import CopyState, InstanceState
from stoker.domain.usage import DayUse, Kind
from stoker.engine.accounting import Accounting
from stoker.engine.commands import Append, Command, Put, Remove
from stoker.engine.events import Event, InstanceGone, RuntimeRestored, TrafficSeen
from stoker.engine.traffic import WorkloadCounts
from stoker.units import DAY, SECOND, Instant, Span
from tests.unit.engine.world import VARIANT, World

WRITE_EVERY = 10 * SECOND
Lives = dict[tuple[str, str, str], list[tuple[Instant, Instant]]]


class MeteredWorld(World):
    """A world with accounts, and an observer that notes from the records alone when each copy and instance began and ended."""

    def __init__(self) -> None:
        super().__init__(idle_release=60 * SECOND, max_instances=5)
        self.provision, self.load, self.stop = 3 * SECOND, 2 * SECOND, SECOND
        self.history: dict[tuple[str, str], DayUse] = {}
        self.lives: Lives = defaultdict(list)
        self.alive: dict[str, tuple[tuple[str, str, str], Instant]] = {}
        self.invocations = 0
        self.unwritten: list[tuple[Instant, int]] = []
        self.may_be_lost = 0
        self.event: Event | None = None
        self.accounting = self._accounts()

    def _accounts(self) -> Accounting:
        return Accounting(self.platform.fleet, self.platform.autoscaler.targets, write_every=WRITE_EVERY)

    def handle(self, event: Event) -> list[Command]:
        if isinstance(event, RuntimeRestored):  # a new control plane has read what is on disk
            self.accounting = self._accounts()
            self.accounting.restore([(kind, document) for (kind, _), document in self.disk.items()], self.now)
        self.event = event
        return super().handle(event)

    def run(self, span: Span) -> None:
        until = self.now + span
        while (at := self.accounting.next_deadline()) is not None and at <= until:
            super().run(at - self.now)
            self._keep(self.accounting.follow(None, (), self.now))
        super().run(until - self.now)

    def _do(self, commands: list[Command]) -> list[Command]:
        event, self.event = self.event, None
        writes = self.accounting.follow(event, commands, self.now)
        for command in commands:
            self._note(command)
        self._keep(writes)
        return super()._do(commands)

    def _keep(self, writes: Sequence[Command]) -> None:
        for write in writes:
            if isinstance(write, Append):
                self.history[write.key, write.entry] = msgspec.msgpack.decode(write.document, type=DayUse)
            elif isinstance(write, Put):
                self.disk[write.kind, write.key] = write.document
            elif isinstance(write, Remove):
                self.disk.pop((write.kind, write.key), None)

    def _note(self, command: Command) -> None:
        if isinstance(command, Remove) and command.key in self.alive:
            label, began = self.alive.pop(command.key)
            self.lives[label].append((began, self.now))
        if not isinstance(command, Put) or command.key in self.alive:
            return
        if command.kind == "copy":
            copy = msgspec.msgpack.decode(command.document, type=Copy)
            if copy.state is not CopyState.PENDING:
                self.alive[copy.copy_id] = ((copy.workload, Kind.COPY, ""), self.now)
        elif command.kind == "instance":
            instance = msgspec.msgpack.decode(command.document, type=Instance)
            if instance.state is not InstanceState.PENDING:
                label = (f"variant/{instance.endpoint}/{instance.variant}", Kind.INSTANCE, instance.instance_type)
                self.alive[instance.instance_id] = (label, self.now)

    def traffic(self, name: str, invocations: int) -> None:
        counts = WorkloadCounts(
            workload=WorkloadId(f"ic/{name}"), endpoint=EndpointName("e"), variant=VARIANT, invocations=invocations
        )
        self.handle(TrafficSeen(gateway="g", at=self.now, counts=(counts,)))
        self.invocations += invocations
        self.unwritten = [(at, count) for at, count in self.unwritten if at > self.now - WRITE_EVERY]
        self.unwritten.append((self.now, invocations))

    def kill(self, lost: Sequence[CopyId]) -> None:
        """Kill the control plane, and some copies with it: what it had in memory is gone."""
        self.may_be_lost += sum(count for at, count in self.unwritten if at > self.now - WRITE_EVERY)
        self.unwritten.clear()
        self.restart(lost)

    def usage(self) -> list[DayUse]:
        return [*self.history.values(), *self.accounting.rows(self.now)]

    def expected(self, day: Instant) -> dict[tuple[str, str, str], int]:
        """Sum up what ran on a day."""
        spans = {label: list(lives) for label, lives in self.lives.items()}
        for label, began in self.alive.values():
            spans.setdefault(label, []).append((began, self.now))
        total = {
            label: sum(max(0, min(end, day + DAY) - max(begin, day)) for begin, end in lives) for label, lives in spans.items()
        }
        return {label: span for label, span in total.items() if span}


def found(rows: Sequence[DayUse], day: Instant) -> dict[tuple[str, str, str], int]:
    total = Counter[tuple[str, str, str]]()
    for row in rows:
        if row.day == day:
            for kind, sizes in row.times.items():
                for size, span in sizes.items():
                    if kind in {Kind.COPY, Kind.INSTANCE}:
                        total[row.part, kind, "" if kind is Kind.COPY else size] += span
    return dict(total)


STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 200_000)),
    st.tuples(st.just("copies"), st.integers(0, 6)),
    st.tuples(st.just("instances"), st.integers(1, 3)),
    st.tuples(st.just("component"), st.integers(0, 1)),
    st.tuples(st.just("crash"), st.integers(0, 5)),
    st.tuples(st.just("lose"), st.integers(0, 5)),
    st.tuples(st.just("traffic"), st.integers(1, 50)),
    st.tuples(st.just("kill"), st.integers(0, 2)),
)


def take(world: MeteredWorld, step: str, value: int) -> None:
    if step in {"crash", "lose"}:
        break_something(world, step, value)
    elif step == "wait":
        world.seconds(value / 1000)
    elif step == "copies":
        world.count(value)
    elif step == "instances":
        world.capacity(value, "m")
    elif step == "traffic":
        world.traffic("ic", value)
    elif step == "kill":
        world.kill(sorted(world.ready)[:value])
    elif not value:
        world.delete_component()
    elif ComponentName("ic") not in world.platform.fleet.components:
        world.component(endpoint="e", copies=2)


def break_something(world: MeteredWorld, step: str, value: int) -> None:
    fleet = world.platform.fleet
    running = [c for c in fleet.copies.values() if c.copy_id in world.held]
    if step == "crash" and running:
        world.crash(running[value % len(running)])
    elif step == "lose" and fleet.instances:
        instance = list(fleet.instances)[value % len(fleet.instances)]
        world.machines.discard(instance)
        world.handle(InstanceGone(instance_id=instance, reason="lost"))


@given(steps=st.lists(STEPS, max_size=25), before_midnight_s=st.integers(1, 600))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_usage_is_the_sum_of_what_ran_on_each_day_to_the_nanosecond(steps: list[tuple[str, int]], before_midnight_s: int) -> None:
    world = MeteredWorld()
    midnight = world.now - world.now % DAY + DAY
    world.now = midnight - before_midnight_s * SECOND
    world.endpoint("e", managed=(0, 3))
    world.component(endpoint="e", copies=2)
    world.endpoint("m", managed=None, instances=1, model=True)
    for step, value in steps:
        take(world, step, value)
    rows = world.usage()
    for day in (midnight - DAY, midnight, midnight + DAY):
        assert found(rows, day) == world.expected(day)
    assert any(row.times.get(Kind.INSTANCE) for row in rows) or world.now < midnight  # it is not nothing that is compared
    counted, _ = summed(rows)
    assert world.invocations - world.may_be_lost <= counted <= world.invocations
