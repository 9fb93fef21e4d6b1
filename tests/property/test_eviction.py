"""Making way: nobody goes for nothing, nobody busy goes before its turn is over, and whoever waits is served within a bound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.eviction import LEAST_TURN, EvictionOptions, Place, Resident, Valuation, choose
from stoker.domain.ids import CopyId, WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.domain.states import CopyState
from stoker.engine.commands import StopCopy
from stoker.engine.events import DemandSeen
from stoker.units import SECOND, Instant
from tests.unit.engine.world import SHAPE, World

NOW = 1_000_000 * SECOND
sizes = st.integers(0, 8)


def _shape(memory: int, devices: int) -> InstanceShape:
    return InstanceShape(cpus=0.0, memory_mb=1024 * memory, accelerators=float(devices))


residents = st.lists(
    st.tuples(sizes, st.integers(0, 2), st.floats(0, 100), st.booleans(), st.none() | st.integers(-5, 5)), max_size=5
)


@given(
    need=st.tuples(sizes, st.integers(0, 2)),
    places=st.lists(st.tuples(st.integers(-2, 4), st.integers(0, 1), residents), max_size=3),
)
def test_who_goes_makes_room_may_go_and_is_needed(
    need: tuple[int, int], places: list[tuple[int, int, list[tuple[int, int, float, bool, int | None]]]]
) -> None:
    made = [
        Place(
            name=str(number),
            free=_shape(memory, devices),
            residents=tuple(
                Resident(
                    name=f"{number}-{index}",
                    frees=_shape(size, owned),
                    value=value,
                    busy=busy,
                    goes_at=None if goes_in is None else NOW + goes_in * SECOND,
                )
                for index, (size, owned, value, busy, goes_in) in enumerate(found)
            ),
        )
        for number, (memory, devices, found) in enumerate(places)
    ]
    wanted = _shape(*need)
    choice = choose(wanted, made, NOW)

    def fits(place: Place, gone: list[Resident]) -> bool:
        memory = place.free.memory_mb + sum(r.frees.memory_mb for r in gone)
        return wanted.memory_mb <= memory and wanted.accelerators <= place.free.accelerators + sum(
            r.frees.accelerators for r in gone
        )

    def may_go(place: Place, at: Instant) -> list[Resident]:
        return [r for r in place.residents if r.goes_at is not None and r.goes_at <= at]

    if choice.place is None:
        assert not any(fits(place, may_go(place, NOW)) for place in made)
        if choice.again is None:
            assert not any(fits(place, may_go(place, NOW + 99 * SECOND)) for place in made)
        else:
            assert choice.again > NOW
            assert any(fits(place, may_go(place, choice.again)) for place in made)
            assert not any(fits(place, may_go(place, choice.again - 1)) for place in made)
        return
    place = made[int(choice.place)]
    going = list(choice.victims)
    assert fits(place, going)
    assert all(victim in may_go(place, NOW) for victim in going)
    assert not any(fits(place, [r for r in going if r is not victim]) for victim in going)
    if any(victim.busy for victim in going):
        assert not any(fits(p, [r for r in may_go(p, NOW) if not r.busy]) for p in made)


class Street(World):
    """Models on one instance, and a gateway that holds, hands over and answers."""

    def __init__(self, memories: list[int], load_s: int, options: EvictionOptions, *, endpoints: bool) -> None:
        super().__init__(eviction=options, budget=SHAPE if endpoints else None)
        self.provision, self.load, self.stop = 0, load_s * SECOND, SECOND
        self.names = [f"m{index}" for index in range(len(memories))]
        self.waits: dict[str, list[tuple[Instant, int]]] = {name: [] for name in self.names}
        self.works: dict[str, list[Instant]] = {name: [] for name in self.names}
        self.waited: list[Instant] = []
        if not endpoints:
            self.endpoint(managed=(0, 1))
        for name, memory in zip(self.names, memories, strict=True):
            if endpoints:
                self.endpoint(name, managed=(0, 1))
            self.component(name, endpoint=name if endpoints else "e", memory_mb=1024 * memory)
            self.target(name, least=0, most=1)

    def ask(self, name: str, service_s: int) -> None:
        self.waits[name].append((self.now, service_s))
        self._hand(name)
        if self.waits[name]:
            self._tell(name)

    def second(self) -> None:
        """Let a second pass: replies end, copies that are there take those who wait, and the gateway reports."""
        for command in self.given(StopCopy, self.now):
            self._check_turn(command.copy_id)
        self.seconds(1)
        for name in self.names:
            self.works[name] = [end for end in self.works[name] if end > self.now]
            self._hand(name)
        busy = {name: len(self.works[name]) for name in self.names if self.works[name]}
        self.used(dict.fromkeys(busy, 1), busy)
        for name in self.names:
            if self.waits[name]:
                self._tell(name)

    def _hand(self, name: str) -> None:
        if self.copies(f"ic/{name}", CopyState.IN_SERVICE):
            self.waited.extend(self.now - since for since, _ in self.waits[name])
            self.works[name].extend(self.now + service * SECOND for _, service in self.waits[name])
            self.waits[name].clear()

    def _tell(self, name: str) -> None:
        workload, working = WorkloadId(f"ic/{name}"), len(self.works[name])
        waiting = len(self.waits[name])
        self.handle(DemandSeen(workload=workload, waiting=waiting, at=self.now, gateway="g", in_flight=working))

    def _check_turn(self, copy_id: CopyId) -> None:
        """One that was told to go while it worked has had its turn."""
        copy = self.platform.fleet.copies.get(copy_id)
        if copy is None or not self.works[copy.workload.removeprefix("ic/")]:
            return
        ready = dict(copy.phases)["ready"]
        start = self.platform.starts.typical(copy.workload) or 0
        assert self.now - ready >= min(start, self.options.eviction.turn_of(start))


@settings(max_examples=25, deadline=None)
@given(
    memories=st.lists(st.integers(2, 8), min_size=2, max_size=4),
    load_s=st.integers(1, 8),
    valuation=st.sampled_from([Valuation.COST, Valuation.LRU]),
    turn=st.sampled_from([0.0, 2.0, 4.0]),
    endpoints=st.booleans(),
    asked=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 12)), min_size=5, max_size=40),
    steady=st.booleans(),
)
def test_everybody_is_answered_within_a_bound(
    memories: list[int],
    load_s: int,
    valuation: Valuation,
    turn: float,
    asked: list[tuple[int, int, int]],
    *,
    endpoints: bool,
    steady: bool,
) -> None:
    """Also while one of the models is never idle (`steady`)."""
    options = EvictionOptions(valuation=valuation, turn=turn)
    street = Street(memories, load_s, options, endpoints=endpoints)

    def second() -> None:
        if steady:
            street.ask(street.names[0], 2)
        street.second()

    for pause, model, service in asked:
        for _ in range(pause):
            second()
        street.ask(street.names[model % len(memories)], service)
    # Whoever is first waits for a turn and the last reply, then for its start; before it are at most all others.
    turn_ns = max(LEAST_TURN, options.turn_of(load_s * SECOND))
    bound = len(memories) * (turn_ns + (12 + 3 + load_s) * SECOND + street.stop)
    for _ in range(bound // SECOND + 1):
        second()
    assert not any(waits for name, waits in street.waits.items() if not (steady and name == street.names[0]))
    assert max(street.waited) <= bound
