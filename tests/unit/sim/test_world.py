"""The real engine through whole traces on virtual time."""

import pytest

from stoker.domain.scaling import ActivityStatus
from stoker.sim.arrangement import parse_aws
from stoker.sim.houses import component_names
from stoker.sim.lane import AtNothing
from stoker.sim.laws import Fixed, Start
from stoker.sim.outcome import outcome
from stoker.sim.policies import parse_policy
from stoker.sim.simulation import oracle_of, simulate
from stoker.sim.traces.values import Trace
from stoker.sim.world import World, WorldOptions
from stoker.units import HOUR, MINUTE, SECOND
from tests.unit.sim.naive import stream

START = Start(load=Fixed(value_s=60))


def trace(arrivals_s: list[float], service_s: float = 1.0) -> Trace:
    arrivals = [round(at * SECOND) for at in arrivals_s]
    return Trace("t", (stream(arrivals, [round(service_s * SECOND)] * len(arrivals)),))


def changes(world: World) -> list[tuple[float, int]]:
    """Give (seconds, desired copies) of every change, once each."""
    seen = {}
    for activity in world.activities:
        if not activity.not_scaled:
            seen[activity.activity_id] = ((activity.start - world.trace.begin) / SECOND, activity.after)
    return list(seen.values())


def test_one_request_wakes_a_copy_and_a_quarter_of_an_hour_later_it_goes() -> None:
    world = World(trace([100.0]), parse_aws("target-tracking(target=5)"), WorldOptions(start=START))
    world.run(2 * HOUR)
    assert changes(world)[0] == (100.0, 1)
    gone_s, to = changes(world)[1]
    assert to == 0
    # Ninety datapoints of 10 s raise the alarm; the oldest still has the invocation, so its action goes on a minute later.
    assert 160 + 900 <= gone_s <= 160 + 970
    (life,) = world.accounts.copies
    assert (life.started, life.ready) == (100 * SECOND, 160 * SECOND)
    assert list(world.lanes[0].waits.spans) == [60 * SECOND]
    (machine,) = world.accounts.instances
    assert machine == (100 * SECOND, life.ended + 10 * MINUTE)


def test_aws_walkthrough_from_zero_takes_a_failure_a_metric_and_an_alarm() -> None:
    world = World(trace([100.0, 400.0]), parse_aws("sagemaker(target=5)"), WorldOptions(start=START))
    world.run(HOUR)
    started_s, to = changes(world)[0]
    assert to == 1
    assert 100 < started_s <= 160  # a period of 30 s, looked at every 10 s
    assert world.lanes[0].waits.met_nothing == 1
    assert list(world.lanes[0].waits.spans) == [round((started_s + 60 - 100) * SECOND)]


def test_refused_invocations_are_gone_and_wake_by_their_failures() -> None:
    options = WorldOptions(start=START, at_nothing=AtNothing.REFUSE)
    world = World(trace([100.0, 110.0, 600.0]), parse_aws("sagemaker"), options)
    world.run(HOUR)
    assert (world.lanes[0].waits.refused, world.lanes[0].handed) == (2, 1)


def test_lag_puts_every_start_off_and_is_not_charged() -> None:
    world = World(trace([100.0]), parse_aws("target-tracking(lag=30)"), WorldOptions(start=START))
    world.run(10 * MINUTE)
    world.close()
    (life,) = world.accounts.copies
    assert (life.started, life.ready) == (130 * SECOND, 190 * SECOND)


def test_instances_are_provisioned_before_copies_start() -> None:
    start = Start(provision=Fixed(value_s=105), fetch=Fixed(value_s=8), load=Fixed(value_s=130))
    world = World(trace([100.0]), parse_aws("target-tracking"), WorldOptions(start=start))
    world.run(10 * MINUTE)
    copy = next(iter(world.platform.fleet.copies.values()))
    at = {name: (instant - world.trace.begin) / SECOND for name, instant in copy.phases}
    assert at == {"created": 100.0, "placed": 205.0, "fetched": 213.0, "ready": 343.0}


def test_load_beyond_the_target_brings_copies_and_no_load_takes_them() -> None:
    # Ten at once for twenty minutes against a target of 2: five copies, and none an hour later.
    arrivals = [float(10 * step + index / 100) for step in range(120) for index in range(10)]
    world = World(trace(arrivals, 9.0), parse_aws("target-tracking(target=2)"), WorldOptions(slots=2, start=START, most_copies=9))
    world.run(2 * HOUR)
    desired = [to for _, to in changes(world)]
    assert max(desired) >= 5
    assert desired[-1] == 0
    assert not world.waiting
    assert all(a.status is not ActivityStatus.FAILED or a.not_scaled for a in world.activities)


def test_a_follower_brings_copies_at_once_and_lets_them_go_on_time() -> None:
    # Three at once on copies of one slot each: three copies; the further ones stay 30 s, the first one 120 s and half of that.
    arrivals = [100.0, 100.1, 100.2]
    world = World(trace(arrivals, 10.0), parse_policy("split(first=120s, further=30s)"), WorldOptions(start=START))
    world.run(HOUR)
    assert changes(world) == [
        (100.0, 1),
        (100.1, 2),
        (100.2, 3),
        (pytest.approx(201.0, abs=1.0), 1),
        (pytest.approx(171 + 168, abs=13.0), 0),
    ]
    assert list(world.lanes[0].waits.spans) == [60 * SECOND] * 3
    assert [life.ready // SECOND for life in world.accounts.copies] == [160] * 3


def test_a_follower_counts_slots() -> None:
    world = World(trace([100.0, 100.1, 100.2], 10.0), parse_policy("split"), WorldOptions(slots=4, start=START))
    world.run(10 * MINUTE)
    assert changes(world)[0] == (100.0, 1)
    assert len(world.accounts.copies) <= 1


def test_two_models_do_not_know_each_other() -> None:
    both = Trace("t", (stream([SECOND], [SECOND], "a"), stream([50 * SECOND], [SECOND], "b")))
    world = World(both, parse_aws("target-tracking"), WorldOptions(start=START))
    world.run(HOUR)
    world.close()
    assert [(life.model, life.started // SECOND) for life in world.accounts.copies] == [(0, 1), (1, 50)]


def test_an_outcome_sums_up() -> None:
    busy = trace([0.0, 10.0, 100.0, 200.0], 4.0)
    options = WorldOptions(start=START)
    policy = parse_aws("target-tracking")
    result = simulate(busy, policy, options, oracle=oracle_of(busy, options))
    assert (result.requests, result.served, result.refused, result.unserved) == (4, 4, 0, 0)
    assert result.cold == 2
    assert result.wait.most_s == 60.0
    assert result.wait.mean_s == (60.0 + 54.0) / 4  # both end by 68, before the third comes
    assert (result.wait.p50_s, result.wait.p99_s) == (0.0, 60.0)
    assert result.slo_missed == {"1": 2, "10": 2, "30": 2}
    assert result.copy_s == 204.0
    assert result.idle_s == 204.0 - 16.0
    assert result.money == result.instance_s / 3600
    assert result.oracle is not None
    assert result.oracle.zero_wait_s == 60 + 4 * 4 + 6 + 60 + 60
    assert result.to_oracle == 204.0 / 202.0
    assert result.complete
    (model,) = result.by_model
    assert (model.model, model.requests, model.copy_s, model.starts) == ("m", 4, 204.0, 1)


def test_a_trace_of_one_instant_is_served() -> None:
    once = trace([0.0, 0.0], 10.0)
    result = simulate(once, parse_policy("keep-alive"), WorldOptions(start=START, slots=2))
    assert (result.served, result.unserved, result.wait.most_s, result.copy_s) == (2, 0, 60.0, 70.0)


def test_what_is_paid_ends_with_the_last_invocation() -> None:
    options = WorldOptions(start=Start(load=Fixed(value_s=57.3)))
    once = trace([5.0], 0.4)
    result = simulate(once, parse_policy("keep-alive"), options, oracle=oracle_of(once, options))
    assert result.copy_s == 57.7
    assert result.to_oracle == 1.0


def test_only_what_is_paid_for_is_in_the_bound() -> None:
    options = WorldOptions(start=Start(decide=Fixed(value_s=30), provision=Fixed(value_s=100), load=Fixed(value_s=60)))
    once = trace([1.0], 10.0)
    result = simulate(once, parse_policy("keep-alive"), options, oracle=oracle_of(once, options))
    assert (result.copy_s, result.to_oracle) == (70.0, 1.0)


def test_what_was_refused_used_no_copy() -> None:
    both = Trace("t", (stream([0, 100 * SECOND], [1000 * SECOND, SECOND]),))
    options = WorldOptions(start=START, at_nothing=AtNothing.REFUSE)
    result = simulate(both, parse_policy("sagemaker"), options)
    assert (result.refused, result.idle_s) == (1, result.copy_s - 1)


def test_models_of_like_names_have_components_of_their_own() -> None:
    names = component_names(["a b", "a b 2", "a-b", "a/b", "a-b-2-2"])
    assert len(set(names)) == 5


@pytest.mark.parametrize("policy", ["sagemaker", "split"])
def test_those_who_wait_are_demand_and_so_is_a_burst_between_two_reports(policy: str) -> None:
    burst = [100.1] * 9
    world = World(trace([1.0, *burst], 0.3), parse_policy(policy), WorldOptions(start=START, slots=10))
    world.run(90 * SECOND)
    assert max(most for _, most in world.accounts.demand_curve()) == 1
    world.run(HOUR)
    assert max(most for _, most in world.accounts.demand_curve()) == 9


def test_what_is_told_on_a_boundary_is_of_the_period_that_begins() -> None:
    arrivals = [0, *([20 * SECOND] * 12), 400 * SECOND]
    load = Trace("t", (stream(arrivals, [100 * SECOND, *([600 * SECOND] * 12), SECOND]),))
    world = World(load, parse_aws("target-tracking(target=1)"), WorldOptions(start=Start(load=Fixed(value_s=10)), most_copies=20))
    world.run(60 * SECOND)
    (_, first), (seen_s, more) = changes(world)
    assert first == 1
    assert more > 1
    assert seen_s >= 50  # three datapoints of ten seconds from 20 on


def test_a_run_can_be_stopped_when_all_have_come() -> None:
    long = Trace("t", (stream([0, 10 * SECOND], [1_000_000 * SECOND, SECOND]),))
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) > 100  # it is asked some ten times until the last has come

    result = simulate(long, parse_policy("keep-alive"), WorldOptions(start=START), stopped=stopped)
    assert not result.complete
    assert result.span_s < 200_000


def test_a_run_that_is_stopped_tells_what_was_done() -> None:
    told: list[int] = []
    result = simulate(
        trace([float(10 * step) for step in range(1000)]),
        parse_aws("target-tracking"),
        WorldOptions(start=START),
        progress=told.append,
        stopped=lambda: len(told) >= 3,
    )
    assert not result.complete
    assert 0 < result.requests < 100
    assert result.copy_s > 0


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_world(seed: int) -> None:
    def once() -> bytes:
        world = World(trace([1.0, 5.0, 300.0]), parse_aws("sagemaker"), WorldOptions(start=START, seed=seed))
        world.run(HOUR)
        world.close()
        return repr(outcome(world, "p", price=1.0, start_s=60.0, oracle=None, complete=True)).encode()

    assert once() == once()
