"""Accounts of what runs: what they count, when they are written, and what a restart makes of them."""

from collections.abc import Sequence

import msgspec

from stoker.decisions.billing import summed
from stoker.domain.endpoints import Endpoint, ProductionVariant, VariantState
from stoker.domain.ids import EndpointName, WorkloadId
from stoker.domain.models import Container
from stoker.domain.serverless import ServerlessConfig, environment_type
from stoker.domain.usage import DayUse, Kind, Times
from stoker.engine import accounting as module
from stoker.engine.accounting import USAGE_KIND, Accounting
from stoker.engine.appraisal import Part
from stoker.engine.commands import Append, Command, Put, Remove
from stoker.engine.events import EndpointCreated, Event, RuntimeRestored, TrafficSeen
from stoker.engine.traffic import LatencySum, WorkloadCounts
from stoker.units import DAY, SECOND, Instant
from tests.unit.engine.world import TYPE, VARIANT, World

NOON = 20_000 * DAY + DAY // 2


class Metered(World):
    """A world with accounts, and what they wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.provision = self.load = self.stop = 0
        self.accounting = Accounting(self.platform.fleet, self.platform.autoscaler.targets)
        self.event: Event | None = None
        self.over: list[DayUse] = []

    def handle(self, event: Event) -> list[Command]:
        self.event = event
        return super().handle(event)

    def _do(self, commands: list[Command]) -> list[Command]:
        event, self.event = self.event, None
        self.write(self.accounting.follow(event, commands, self.now))
        return super()._do(commands)

    def write(self, writes: Sequence[Command]) -> None:
        for write in writes:
            if isinstance(write, Append):
                self.over.append(msgspec.msgpack.decode(write.document, type=DayUse))
            elif isinstance(write, Put):
                self.disk[write.kind, write.key] = write.document
            elif isinstance(write, Remove):
                del self.disk[write.kind, write.key]

    def times(self, part: str) -> Times:
        rows = [row for row in (*self.over, *self.accounting.rows(self.now)) if row.part == part]
        return summed(rows)[1]

    def invocations(self, count: int) -> None:
        counts = WorkloadCounts(workload=WorkloadId("ic/ic"), endpoint=EndpointName("e"), variant=VARIANT, invocations=count)
        self.handle(TrafficSeen(gateway="g", at=self.now, counts=(counts,)))

    def kept(self) -> list[DayUse]:
        return [msgspec.msgpack.decode(d, type=DayUse) for (kind, _), d in self.disk.items() if kind == USAGE_KIND]

    def begin_again(self, held: Sequence[str], *, started: Instant, former: Instant) -> None:
        """Read what is on disk into new accounts, as a server does that starts."""
        self.accounting = Accounting(self.platform.fleet, self.platform.autoscaler.targets, started=started, former=former)
        self.accounting.restore([(kind, document) for (kind, _), document in self.disk.items()], self.now)
        self.handle(RuntimeRestored(held=tuple(held)))


def running(copies: int = 2) -> Metered:
    """Give a world whose component has copies of 1024 MB, on an instance since NOON."""
    world = Metered()
    world.endpoint(managed=(0, 3))
    world.component(copies=copies)
    world.seconds(0)
    assert world.serving() == copies
    return world


def test_copies_count_by_their_memory_and_instances_by_their_type() -> None:
    world = running(2)
    world.seconds(10)
    world.count(1)
    world.seconds(5)
    assert world.times("ic/ic")[Kind.COPY] == {"1024": 25 * SECOND}
    assert world.times("variant/e/v")[Kind.INSTANCE] == {TYPE: 15 * SECOND}


def test_a_variants_own_model_counts_as_a_copy_of_the_instances_memory() -> None:
    world = Metered()
    world.endpoint("m", managed=None, instances=2, model=True)
    world.seconds(30)
    assert world.times("variant/m/v") == {
        Kind.COPY: {"8192": 60 * SECOND},
        Kind.INSTANCE: {TYPE: 60 * SECOND},
        Kind.MOST_COPY: {"": 60 * SECOND},
        Kind.MOST_INSTANCE: {TYPE: 60 * SECOND},
    }


def test_what_was_configured_at_most_counts_from_the_moment_that_it_was() -> None:
    world = running(2)
    world.seconds(10)
    world.target(most=4)
    world.seconds(10)
    world.count(0)
    world.seconds(10)
    assert world.times("ic/ic")[Kind.MOST_COPY] == {"": (20 + 40 + 40) * SECOND}
    assert world.times("variant/e/v")[Kind.MOST_INSTANCE] == {TYPE: 90 * SECOND}
    world.delete_component()
    world.delete_endpoint()
    world.seconds(60)
    assert world.times("ic/ic")[Kind.MOST_COPY] == {"": 100 * SECOND}
    assert world.times("variant/e/v")[Kind.MOST_INSTANCE] == {TYPE: 90 * SECOND}


def test_serverless_variants_count_what_their_invocations_took_and_what_is_kept_ready() -> None:
    world = Metered()
    world.accounting = Accounting(world.platform.fleet, world.platform.autoscaler.targets, speed=2.0)
    config = ServerlessConfig(memory_mb=2048, max_concurrency=5, provisioned=2)
    spec = ProductionVariant(name=VARIANT, instance_type=environment_type(2048), serverless=config)
    state = VariantState(
        spec=spec, weight=1.0, desired_instances=2, container=Container(image="stoker/python"), serverless=config
    )
    name = EndpointName("s")
    fields = {"name": name, "config": "c", "status": "Creating", "variants": (), "created": world.now, "modified": world.now}
    endpoint = msgspec.structs.replace(msgspec.convert(fields, Endpoint), variants=(state,))
    world.handle(EndpointCreated(endpoint=endpoint))
    world.seconds(10)
    own = WorkloadId("variant/s/v")
    for _ in range(2):
        latency = LatencySum(count=3, total_us=1_500_000.5, least_us=1.0, most_us=2.0)
        counts = WorkloadCounts(workload=own, endpoint=name, variant=VARIANT, invocations=3, model_latency=latency)
        world.handle(TrafficSeen(gateway="g", at=world.now, counts=(counts,)))
    slow = LatencySum(count=1, total_us=2_000_000.0)  # of an invocation that an earlier report told of
    counts = WorkloadCounts(workload=own, endpoint=name, variant=VARIANT, model_latency=slow)
    world.handle(TrafficSeen(gateway="g", at=world.now, counts=(counts,)))
    world.seconds(10)
    assert world.times(own) == {
        Kind.COPY: {"2048": 40 * SECOND},
        Kind.BILLED: {"2048": 10 * SECOND + 2000},
        Kind.PROVISIONED: {"2048": 40 * SECOND},
        Kind.MOST_COPY: {"": 100 * SECOND},
        Kind.MOST_ENVIRONMENT: {"2048": 100 * SECOND},
    }


def test_an_account_is_written_with_the_record_of_what_came_or_went() -> None:
    world = running(2)
    world.seconds(10)
    world.count(1)
    world.seconds(1)
    kept = {row.part: row for row in world.kept()}
    assert kept[WorkloadId("ic/ic")].until >= NOON + 10 * SECOND
    assert kept[WorkloadId("ic/ic")].times[Kind.COPY]["1024"] == 20 * SECOND


def test_counts_are_written_ten_seconds_after_the_first() -> None:
    world = running(1)
    assert world.accounting.next_deadline() == 20_001 * DAY
    world.invocations(3)
    world.invocations(4)
    assert world.accounting.next_deadline() == world.now + 10 * SECOND
    assert summed(world.kept())[0] == 0
    world.now += 10 * SECOND
    world.write(world.accounting.follow(None, (), world.now))
    assert summed(world.kept())[0] == 7
    world.invocations(1)
    world.write(world.accounting.flush(world.now))
    assert summed(world.kept())[0] == 8
    assert world.accounting.next_deadline() == 20_001 * DAY


def test_at_midnight_the_day_is_closed_and_parts_that_ended_are_forgotten() -> None:
    world = running(1)
    world.invocations(5)
    world.delete_component()
    world.seconds(5)
    midnight = 20_001 * DAY
    for _ in range(2):  # the second day shows nothing of the component
        world.now = midnight
        world.write(world.accounting.follow(None, (), world.now))
        midnight += DAY
    closed = {(row.day, row.part): row for row in world.over}
    assert closed[20_000 * DAY, WorkloadId("ic/ic")].invocations == 5
    assert (20_001 * DAY, "ic/ic") not in closed
    assert {row.part for row in world.kept()} == {"variant/e/v"}
    assert Part(EndpointName("e"), WorkloadId("ic/ic")) not in world.accounting.accounts


def test_what_a_killed_control_plane_did_not_see_is_made_up() -> None:
    world = running(2)
    copies = [c.copy_id for c in world.platform.fleet.copies.values()]
    began = world.now
    world.now += 100 * SECOND  # nobody looks
    world.begin_again(copies[:1], started=NOON - SECOND, former=NOON - 50 * SECOND)
    assert world.now == began + 100 * SECOND
    assert world.times("ic/ic")[Kind.COPY] == {"1024": 200 * SECOND}  # when the other went, nobody knows: it counts until now
    assert world.times("variant/e/v")[Kind.INSTANCE] == {TYPE: 100 * SECOND}


def test_while_the_whole_server_was_away_nothing_ran_but_what_lived_on() -> None:
    lost, alive = running(2), running(2)
    for world in (lost, alive):
        world.now += 1000 * SECOND
    held = [c.copy_id for c in alive.platform.fleet.copies.values()][:1]
    lost.begin_again([], started=lost.now - SECOND, former=NOON + 60 * SECOND)
    alive.begin_again(held, started=alive.now - SECOND, former=NOON + 60 * SECOND)
    assert lost.times("ic/ic")[Kind.COPY] == {"1024": 120 * SECOND}
    assert lost.times("variant/e/v")[Kind.INSTANCE] == {TYPE: 60 * SECOND}
    assert lost.times("variant/e/v")[Kind.MOST_INSTANCE] == {TYPE: 180 * SECOND}
    assert alive.times("ic/ic")[Kind.COPY] == {"1024": 1060 * SECOND}
    assert alive.times("variant/e/v")[Kind.INSTANCE] == {TYPE: 1000 * SECOND}


def test_accounts_of_what_is_gone_make_room() -> None:
    world = running(1)
    world.accounting._room = 4  # noqa: SLF001 - fifty thousand would take a while
    for number in range(6):
        world.endpoint(f"x{number}", managed=None, instances=1, model=True)
        world.seconds(1)
        world.delete_endpoint(f"x{number}")
        world.seconds(1)
        world.accounting._room = 4  # noqa: SLF001
    assert len(world.accounting.accounts) <= 5
    for number in range(6):
        assert world.times(f"variant/x{number}/v")[Kind.INSTANCE][TYPE] >= SECOND
    assert module.MAX_PARTS >= 50_000
