import random
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.routing import choose_copy
from stoker.domain.states import RoutingStrategy
from stoker.sim.lane import AtNothing, Lane
from stoker.sim.routers import ROUTERS, Least, router
from stoker.sim.traces.values import FOREVER
from tests.unit.sim.naive import naive_waits, stream

LONG = 10**9


def lane(
    arrivals: list[int],
    services: list[int],
    *,
    slots: int = 1,
    routing: str = "least",
    at_nothing: AtNothing = AtNothing.HOLD,
    may_wait: tuple[int, bool] = (1, True),
    tells: bool = True,
) -> Lane:
    return Lane(
        stream(arrivals, services),
        slots=slots,
        router=router(routing, slots, random.Random(1)),
        at_nothing=at_nothing,
        may_wait=lambda: may_wait,
        tells=tells,
    )


def run_to(one: Lane, until: int) -> list[tuple[int, int]]:
    """Run on through every stop; gives (instant, waiting) of each demand that was to be told."""
    told = []
    while (at := one.run(until)) != FOREVER:
        told.append((at, one.demand))
        one.demand, one.emptied = 0, -1
    return told


@settings(max_examples=200)
@given(
    gaps=st.lists(st.integers(0, 30), min_size=1, max_size=40),
    services=st.lists(st.integers(1, 50), min_size=40, max_size=40),
    begins=st.lists(st.integers(0, 200), min_size=1, max_size=4),
    slots=st.integers(1, 3),
    routing=st.sampled_from(ROUTERS),
)
def test_waits_are_those_of_the_plain_simulator(
    gaps: list[int], services: list[int], begins: list[int], slots: int, routing: str
) -> None:
    arrivals = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    services = services[: len(arrivals)]
    one = lane(arrivals, services, slots=slots, routing=routing)
    for number, begin in enumerate(sorted(begins)):
        run_to(one, begin)
        one.add(number, begin)
    run_to(one, LONG)
    expected = naive_waits(arrivals, services, [(begin, LONG) for begin in begins], slots)
    assert sorted(one.waits.spans) == sorted(wait for wait in expected if wait)
    assert one.handed == len(arrivals)
    assert one.next_instant() == FOREVER


def test_whoever_waits_is_bound_late_and_in_order() -> None:
    one = lane([0, 1, 2, 3], [100, 10, 10, 10])
    one.add(0, 0)
    one.add(1, 0)
    run_to(one, 5)
    assert one.in_flight == 4
    run_to(one, LONG)
    # 2 and 3 both wait for the second copy: the first one is busy till 100.
    assert list(one.waits.spans) == [9, 18]


def test_demand_is_told_when_it_needs_one_more_copy() -> None:
    one = lane(list(range(10)), [1000] * 10, slots=4)
    assert run_to(one, 20) == [(0, 1), (4, 5), (8, 9)]


def test_demand_is_told_anew_after_a_report() -> None:
    one = lane([0, 10, 20], [5, 5, 5], slots=4)
    assert run_to(one, 5) == [(0, 1)]
    one.report()
    assert run_to(one, 30) == []  # the report told of four slots' worth
    assert one.held == 3


def test_a_draining_copy_ends_its_work_and_gets_no_more() -> None:
    one = lane([0, 1, 5], [100, 100, 3])
    one.add(0, 0)
    one.add(1, 0)
    one.run(2)
    assert not one.drain(0)
    assert one.in_flight == 2
    assert one.run(LONG) == 5  # the third finds no free copy: told at once
    stopped = one.run(LONG)
    assert (stopped, one.emptied) in {(100, 0), (101, 0)}
    one.emptied = -1
    run_to(one, LONG)
    assert one.handed == 3
    assert one.in_flight == 0


def test_an_idle_copy_is_empty_at_once() -> None:
    one = lane([50], [1])
    one.add(0, 0)
    assert one.drain(0)
    assert run_to(one, 60) == [(50, 1)]


@pytest.mark.parametrize(
    ("at_nothing", "may_wait", "refused", "failures", "held"),
    [
        pytest.param(AtNothing.HOLD, (0, True), 0, 0, 2, id="held-as-demand-wakes"),
        pytest.param(AtNothing.HOLD, (1, False), 0, 0, 2, id="held-as-a-copy-comes"),
        pytest.param(AtNothing.HOLD, (0, False), 2, 2, 0, id="nothing-would-bring-one"),
        pytest.param(AtNothing.REFUSE, (0, True), 2, 2, 0, id="refused"),
        pytest.param(AtNothing.RETRY, (0, False), 0, 2, 0, id="clients-ask-again"),
    ],
)
def test_what_happens_at_zero(at_nothing: AtNothing, may_wait: tuple[int, bool], refused: int, failures: int, held: int) -> None:
    one = lane([0, 1], [5, 5], at_nothing=at_nothing, may_wait=may_wait)
    run_to(one, 10)
    assert (one.waits.refused, one.failures, one.held, one.waits.met_nothing) == (refused, failures, held, 2)
    one.add(0, 20)
    run_to(one, LONG)
    assert one.handed == 2 - refused
    assert one.waits.cold == 2 - refused


def test_reports_hold_what_happened_since_the_last() -> None:
    one = lane([0, 1, 2, 50], [10, 20, 30, 5], slots=2)
    one.add(0, 0)
    run_to(one, 5)
    handed, most, failures, services = one.report()
    assert (handed, most, failures, list(services)) == (2, 3, 0, [])
    assert (one.in_flight, one.quiet) == (3, False)
    run_to(one, 45)
    handed, most, _, services = one.report()
    assert (handed, most, list(services)) == (1, 3, [10, 20, 30])
    assert one.quiet
    run_to(one, 52)
    assert one.report()[:2] == (1, 1)


@settings(max_examples=50)
@given(
    gaps=st.lists(st.integers(0, 30), min_size=1, max_size=40),
    services=st.lists(st.integers(1, 50), min_size=40, max_size=40),
    begins=st.lists(st.integers(0, 200), min_size=1, max_size=4),
)
def test_all_goes_the_same_whether_service_times_are_told_or_not(gaps: list[int], services: list[int], begins: list[int]) -> None:
    lanes = [lane(list(accumulate(gaps)), services[: len(gaps)], slots=2, tells=tells) for tells in (True, False)]
    reports = []
    for one in lanes:
        shown = []
        for number, begin in enumerate(sorted(begins)):
            run_to(one, begin)
            one.add(number, begin)
            shown.append((one.report()[:3], one.in_flight, one.held))
        run_to(one, LONG)
        shown.append((one.report()[:3], one.in_flight, one.held))
        reports.append((shown, list(one.waits.spans), one.waits.cold))
    assert reports[0] == reports[1]
    assert lanes[1].report()[3] == []


@given(st.lists(st.one_of(st.just(-1), st.integers(0, 5)), max_size=200), st.integers(1, 4))
def test_the_least_router_chooses_as_the_gateway_does(steps: list[int], slots: int) -> None:
    chance = random.Random(7)
    one = Least(slots, chance)
    load: dict[int, int] = {}
    for number in range(4):
        one.add(number)
        load[number] = 0
    for step in steps:
        if step < 0 and any(each < slots for each in load.values()):
            taken = one.take()
            outstanding = list(load.values())
            index = choose_copy(RoutingStrategy.LEAST_OUTSTANDING_REQUESTS, outstanding, chance)
            assert load[taken] == outstanding[index]
            load[taken] += 1
        elif load.get(step, 0) > 0:
            one.give(step)
            load[step] -= 1
        elif step in load and len(load) > 1:
            one.remove(step)
            del load[step]


@pytest.mark.parametrize("name", ROUTERS)
def test_no_router_gives_more_than_there_is(name: str) -> None:
    one = router(name, 2, random.Random(3))
    for number in (5, 6, 7):
        one.add(number)
    taken = [one.take() for _ in range(6)]
    assert sorted(taken) == [5, 5, 6, 6, 7, 7]
    one.give(6)
    one.remove(5)
    assert one.take() == 6


def test_packed_fills_the_oldest() -> None:
    one = router("packed", 2, random.Random(3))
    for number in (1, 2, 3):
        one.add(number)
    assert [one.take() for _ in range(4)] == [1, 1, 2, 2]
    one.give(1)
    assert [one.take(), one.take()] == [1, 3]


def test_lots_spread() -> None:
    one = router("random", 100, random.Random(3))
    for number in range(3):
        one.add(number)
    taken = [one.take() for _ in range(150)]
    assert all(30 < taken.count(number) < 70 for number in range(3))
    assert any(earlier != later for earlier, later in pairwise(taken))
