"""Starts that demand asked for, and that nobody waits for any more: called off after the linger, on virtual time."""

import pytest

from stoker.domain.ids import WorkloadId
from stoker.engine.commands import StartCopy, StopCopy
from stoker.engine.events import GatewayGone
from stoker.engine.waking import CALM, LINGER, MOST_DOUBLINGS, Waking
from stoker.units import SECOND
from tests.unit.engine.test_following import Followed

W = WorkloadId("ic/w")
LINGER_S = LINGER // SECOND


def asleep(*, target: bool = False, least: int = 0) -> Followed:
    """Give a component at zero whose copies take five minutes to start."""
    world = Followed("none" if target else "split(first=300s)")
    if target:
        world.make(policy="none")
        world.target(least=0, most=4)
        world.count(0)
    else:
        world.make(min_copies=str(least))
    world.seconds(700)
    world.load = 300 * SECOND
    assert world.desired == least
    return world


def starts(world: Followed, since: int) -> int:
    return len(world.given(StartCopy, since))


@pytest.mark.parametrize("target", [False, True], ids=["policy", "target"])
class TestCalledOff:
    def test_a_start_goes_on_for_the_linger_after_the_last_left(self, *, target: bool) -> None:
        world = asleep(target=target)
        since = world.now
        world.waits(2)
        world.seconds(40)
        world.waits(1)
        world.seconds(1)
        world.traffic(0)  # the last one left: the report names nobody who waits
        world.seconds(LINGER_S - 2)
        assert (world.desired, len(world.copies())) == (1, 1)
        world.seconds(2)
        assert world.desired == 0
        assert len(world.given(StopCopy, since)) == 1
        world.seconds(400)
        assert (world.desired, world.copies(), starts(world, since)) == (0, [], 1)
        last = world.activities()[-1]
        assert (last.before, last.after) == (1, 0)
        assert "nobody has waited for 30 s for what is starting" in last.cause

    def test_it_goes_on_for_whoever_waits_quietly(self, *, target: bool) -> None:
        world = asleep(target=target)
        world.waits(1)
        world.seconds(290)  # a gateway that says nothing new says that it still waits
        assert world.desired == 1
        world.seconds(100)
        assert world.serving() == 1

    def test_whoever_comes_within_the_linger_finds_it_under_way(self, *, target: bool) -> None:
        world = asleep(target=target)
        since = world.now
        for _ in range(12):
            world.waits(1)
            world.seconds(5)
            world.traffic(0)
            world.seconds(LINGER_S - 10)
        assert (world.desired, starts(world, since)) == (1, 1)

    def test_the_next_start_after_one_called_off_lingers_longer(self, *, target: bool) -> None:
        world = asleep(target=target)
        for doubled in (1, 2, 4):
            world.waits(1)
            world.traffic(0)
            world.seconds(doubled * LINGER_S - 1)
            assert world.desired == 1
            world.seconds(2)
            assert world.desired == 0

    def test_one_that_was_up_in_time_stays(self, *, target: bool) -> None:
        world = asleep(target=target)
        world.load, world.provision = 10 * SECOND, 0
        world.waits(1)
        world.traffic(0)
        world.seconds(100)
        assert world.serving() == 1

    def test_what_waited_at_a_gateway_that_vanished_counts_as_long_as_its_lease(self, *, target: bool) -> None:
        world = asleep(target=target)
        world.waits(1)
        world.handle(GatewayGone(gateway="g1"))
        world.seconds(LINGER_S + 29)
        assert world.desired == 1
        world.seconds(10)
        assert world.desired == 0

    def test_a_count_that_the_owner_sets_stands(self, *, target: bool) -> None:
        world = asleep(target=target)
        world.waits(1)
        world.traffic(0)
        world.seconds(1)
        world.count(2)
        world.seconds(LINGER_S + 10)
        assert world.desired == 2


def test_the_minimum_starts_whoever_waits() -> None:
    world = asleep(target=True)
    world.waits(1)
    world.traffic(0)
    world.target(least=1, most=4)
    world.seconds(LINGER_S + 10)
    assert world.desired == 1


def test_a_restart_of_what_served_is_not_called_off() -> None:
    world = asleep(least=1)
    world.load = 10 * SECOND
    copy = world.copies()[0]
    world.waits(1)
    world.traffic(0)
    world.load = 300 * SECOND
    world.crash(copy)
    world.seconds(LINGER_S + 10)
    assert world.desired == 1


def test_the_linger_has_an_end_and_is_forgotten() -> None:
    waking = Waking(10)
    assert waking.linger(W) == 10
    for _ in range(MOST_DOUBLINGS + 3):
        waking.called_off(W, 0)
    assert waking.linger(W) == 10 << MOST_DOUBLINGS
    assert waking.due(CALM) == []
    assert waking.linger(W) == 10
    waking.called_off(W, CALM)
    waking.settled(W, up=False)
    assert waking.linger(W) == 20
    waking.settled(W)
    assert waking.linger(W) == 10
