"""Copies make way for models that find no room: who, when, for how long, and what is told of it."""

from collections.abc import Sequence

import msgspec
import pytest

from stoker.decisions.eviction import EvictionOptions, Valuation
from stoker.domain.deployments import BlueGreen
from stoker.domain.ids import WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.domain.scaling import ScalingActivity
from stoker.domain.states import CopyState
from stoker.engine.commands import Append, LaunchInstance, StartCopy, StopCopy
from stoker.engine.events import DemandSeen
from stoker.engine.scaling_ledger import ACTIVITY_KIND
from stoker.units import SECOND
from tests.unit.engine.world import World

HALF = 4096
"""Memory of a model of which two fill an instance."""
LOAD_S = 20


class House(World):
    """One instance, or as many endpoints of one, with models that want more memory than there is."""

    def __init__(
        self,
        models: Sequence[str],
        *,
        eviction: EvictionOptions = EvictionOptions(),  # noqa: B008 - frozen
        endpoints: bool = False,
        room: int = 2,
        memory_mb: int = HALF,
    ) -> None:
        budget = InstanceShape(cpus=1e6, memory_mb=room * 8192, accelerators=1e6) if endpoints else None
        super().__init__(budget=budget, eviction=eviction)
        self.provision, self.load, self.stop = 0, LOAD_S * SECOND, 2 * SECOND
        self.busy: dict[str, int] = {}
        if not endpoints:
            self.endpoint(managed=(0, 1))
        for model in models:
            if endpoints:
                self.endpoint(model, managed=(0, 1))
            self.component(model, endpoint=model if endpoints else "e", memory_mb=memory_mb)
            self.target(model, least=0, most=1)

    def want(self, *models: str, waiting: int = 1) -> None:
        for model in models:
            workload = WorkloadId(f"ic/{model}")
            self.handle(DemandSeen(workload=workload, waiting=waiting, at=self.now, gateway="g", in_flight=0))

    def up(self, *models: str, uses: int = 1) -> None:
        for model in models:
            self.want(model)
            self.seconds(LOAD_S + 1)
            self.used({model: uses}, self.busy)
            assert self.serving(f"ic/{model}") == 1

    @property
    def there(self) -> str:
        return "".join(sorted(c.removeprefix("ic/") for c in self.platform.fleet.serving_counts))

    def last(self, model: str) -> ScalingActivity:
        told = [c for c in self.given(Append) if c.kind == ACTIVITY_KIND and c.key == f"inference-component/{model}"]
        return msgspec.msgpack.decode(told[-1].document, type=ScalingActivity)


@pytest.mark.parametrize("endpoints", [False, True], ids=["one instance", "an endpoint each"])
def test_what_is_worth_least_makes_way(*, endpoints: bool) -> None:
    world = House("abc", endpoints=endpoints)
    world.up("a", uses=50)
    world.up("b", uses=3)
    world.seconds(60)
    world.want("c")
    assert world.copies("ic/b")[0].state is CopyState.STOPPING
    assert (world.serving("ic/a"), world.copies("ic/c")[0].state) == (1, CopyState.PENDING)
    world.seconds(2)
    assert world.copies("ic/c")[0].state is CopyState.STARTING  # as soon as the other is gone, and not before
    world.seconds(LOAD_S)
    assert world.there == "ac"
    world.seconds(60)
    told = world.last("b")
    assert told.cause == "ic/c waits for room that ic/b has"
    assert "worth" in told.details
    assert "uses of late" in told.details
    assert (told.before, told.after) == (1, 0)
    assert world.platform.metering.totals[WorkloadId("ic/b")].evictions == 1


@pytest.mark.parametrize("endpoints", [False, True], ids=["one instance", "an endpoint each"])
def test_the_one_used_last_stays_with_lru(*, endpoints: bool) -> None:
    world = House("abc", endpoints=endpoints, eviction=EvictionOptions(valuation=Valuation.LRU))
    world.up("a", uses=50)
    world.up("b", uses=3)
    world.seconds(60)
    world.want("c")
    world.seconds(LOAD_S + 3)
    assert world.there == "bc"


def test_nobody_makes_way_when_that_is_switched_off() -> None:
    world = House("abc", eviction=EvictionOptions(valuation=Valuation.NONE))
    world.up("a", "b")
    world.seconds(60)
    world.want("c")
    world.seconds(25)
    assert world.there == "ab"
    assert "not enough hardware resources" in world.failure("c")


def test_a_copy_stays_for_a_share_of_what_it_took_to_load() -> None:
    world = House("abc")
    world.up("a", "b")
    world.want("c")  # a is ready for 22 s, and b for 1
    assert world.copies("ic/a")[0].state is CopyState.STOPPING
    world = House("ab", memory_mb=8000, eviction=EvictionOptions(residence=1.0))
    world.up("a")
    world.want("b")
    assert world.there == "a"
    world.seconds(LOAD_S - 2)
    assert world.there == "a"
    world.seconds(1)
    assert world.there == ""


def test_a_busy_copy_stays_until_its_turn_is_over() -> None:
    world = House("ab", memory_mb=8000)
    world.up("a")
    world.busy["a"] = 1
    for _ in range(4 * LOAD_S):
        world.used({"a": 1}, world.busy)
        world.want("b")
        assert world.there == "a"
        world.seconds(1)
    assert world.there == ""
    assert world.last("a").details.startswith("ic/a has had its turn")
    world.busy.clear()
    world.want("b")
    world.want("a")
    world.seconds(2 + LOAD_S)
    assert world.there == "b"


def test_an_idle_copy_goes_before_a_busy_one_that_is_worth_less() -> None:
    world = House("abc")
    world.up("a", uses=1)
    world.up("b", uses=99)
    world.busy["a"] = 1
    world.seconds(300)
    world.used({}, world.busy)
    world.want("c")
    assert world.copies("ic/b")[0].state is CopyState.STOPPING
    assert world.serving("ic/a") == 1


def test_a_minimum_is_kept_and_what_demand_cannot_bring_back_too() -> None:
    world = House("abc")
    world.up("a", "b", uses=5)
    world.target("a", least=1, most=2)
    world.component("d", memory_mb=HALF)
    world.seconds(60)
    world.want("c")
    world.seconds(LOAD_S + 3)
    assert world.there == "ac"
    world.used({"c": 1}, world.busy)
    world.count(1, "d")  # its owner wants it: it may press on others, and they not on it
    world.seconds(60)
    assert world.there == "ad"
    world.want("c")
    world.seconds(200)
    world.want("c")
    assert world.there == "ad"
    assert "not enough hardware resources" in world.failure("c")


def test_followers_of_a_policy_make_way_down_to_their_minimum() -> None:
    world = World()
    world.provision, world.load = 0, LOAD_S * SECOND
    world.endpoint(managed=(0, 1))

    def add(name: str, memory_mb: int, **tags: str) -> None:
        told = {"stoker:policy": "split(first=1h)", **{f"stoker:{tag}": value for tag, value in tags.items()}}
        world.component(name, memory_mb=memory_mb, cpus=0.5, tags={k.replace("_", "-"): v for k, v in told.items()}, copies=1)
        world.seconds(2 * LOAD_S)

    add("a", 2048, min_copies="1")
    add("b", 2048, policy="none")
    add("c", 2048)
    add("d", 2048)
    assert set(world.platform.fleet.serving_counts) == {"ic/a", "ic/b", "ic/c", "ic/d"}
    add("e", 2048)  # nobody was used: the oldest goes
    assert set(world.platform.fleet.serving_counts) == {"ic/a", "ic/b", "ic/d", "ic/e"}
    add("f", 4096)
    assert set(world.platform.fleet.serving_counts) == {"ic/a", "ic/b", "ic/f"}
    assert world.platform.pressure.evicted == 3
    add("g", 6144)
    assert set(world.platform.fleet.serving_counts) == {"ic/a", "ic/b", "ic/f"}
    assert "not enough hardware resources" in world.failure("g")


def test_nobody_goes_for_what_would_not_fit_even_then() -> None:
    world = House("ab")
    world.component("huge", memory_mb=9000)
    world.target("huge", least=0, most=1)
    world.up("a", "b")
    world.seconds(60)
    world.want("huge")
    world.seconds(20)
    assert world.there == "ab"
    assert not world.given(StopCopy)


def test_two_go_for_one_that_is_twice_their_size_and_nobody_takes_what_goes_free_first() -> None:
    world = House("abc")
    world.component("big", memory_mb=8000)
    world.target("big", least=0, most=1)
    world.up("a", "b")
    world.busy["b"] = 1
    world.used({"b": 1}, world.busy)
    world.want("big")
    assert world.there == "ab"  # b has a turn still, and a would go for nothing
    world.seconds(1)
    world.count(0, "a")
    world.want("c")
    for _ in range(4 * LOAD_S):
        world.seconds(1)
        world.want("c", "big")
        world.used({"b": 1}, world.busy)
    world.busy.clear()
    world.seconds(LOAD_S + 3)
    assert world.there == "big"
    assert world.copies("ic/c")[0].state is CopyState.PENDING


def test_an_empty_instance_goes_first() -> None:
    world = House("abc", endpoints=True)
    world.up("a", "b")
    world.count(0, "b")
    world.seconds(5)
    assert world.instances() == 2
    world.want("c")
    world.seconds(LOAD_S + 1)
    assert world.there == "ac"
    assert world.instances() == 2


def test_a_new_version_finds_room_too() -> None:
    world = House("ab")
    world.up("a", "b")
    world.seconds(60)
    world.rebuild(BlueGreen(), name="a")
    world.seconds(LOAD_S + 3)
    assert world.images("ic/a") == ["stoker/python:2"]
    assert world.there == "a"


def test_room_that_others_leave_is_taken_at_once() -> None:
    world = House("ab", endpoints=True, room=1)
    world.up("a")
    world.busy["a"] = 1
    world.used({"a": 1}, world.busy)
    world.want("b")
    world.seconds(3)
    assert world.there == "a"
    world.busy.clear()
    world.delete_endpoint("a")
    world.seconds(2.5)
    assert world.copies("ic/b")[0].state is CopyState.STARTING


def test_who_waits_first_is_served_first() -> None:
    world = House("abcd", endpoints=True, room=1)
    world.up("a")
    world.busy["a"] = 1
    world.used({"a": 1}, world.busy)
    for model in "bcd":
        world.want(model)
        world.seconds(1)
    order = []
    for _ in range(400):
        world.seconds(1)
        world.want(*[m for m in "bcd" if not world.serving(f"ic/{m}")])
        world.busy = dict.fromkeys(world.there, 1)
        world.used(dict.fromkeys(world.there, 1), world.busy)
        if world.there and world.there not in order:
            order.append(world.there)
    assert "".join(order) == "abcd"


def test_a_restart_goes_on_where_it_was() -> None:
    world = House("abc", endpoints=True)
    world.up("a", "b")
    world.seconds(60)
    world.want("c")
    assert [i.state.value for i in world.platform.fleet.instances.values()].count("Terminating") == 1
    launched = len(world.given(LaunchInstance))
    world.restart()
    world.want("c")
    assert len(world.given(LaunchInstance)) in {launched, launched + 1}
    world.seconds(LOAD_S + 5)
    assert world.serving("ic/c") == 1
    assert len([c for c in world.given(StartCopy) if c.spec.workload == "ic/c"]) == 1


def test_one_that_was_just_used_counts_as_working() -> None:
    world = House("ab", memory_mb=8000)
    world.up("a")
    used = world.now
    for _ in range(2 * LOAD_S):
        world.used({"a": 3}, {})  # they came and went between two reports
        used = world.now
        world.want("b")
        world.seconds(1)
    while world.there:
        world.seconds(1)
    assert world.now - used == LOAD_S // 4 * SECOND
