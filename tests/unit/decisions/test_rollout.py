"""Steps of updates: how large they are, when they are due, and what turns them back."""

import msgspec
import pytest

from stoker.decisions.rollout import PATIENCE, Seen, advance, last_step, next_look, part, reached, shares
from stoker.domain.deployments import BlueGreen, CapacitySize, Plan, Rolling, Rollout, Shift, SizeKind, Stage
from stoker.units import MINUTE, SECOND


def size(value: int, kind: SizeKind = SizeKind.CAPACITY_PERCENT) -> CapacitySize:
    return CapacitySize(kind=kind, value=value)


READY = Seen(ready=True, gone=True, shrunk=True, last=1)
WAIT = 60 * SECOND
CANARY = BlueGreen(shift=Shift.CANARY, size=size(10), wait=WAIT, keep=WAIT)
ROLLING = Rolling(batch=size(2, SizeKind.COPY_COUNT), wait=WAIT)


def rollout(plan: Plan = CANARY, **changes: object) -> Rollout:
    return msgspec.structs.replace(Rollout(plan=plan, begun=0, since=0, limit=10 * MINUTE), **changes)


@pytest.mark.parametrize(
    ("given", "total", "expected"),
    [(size(10), 10, 1), (size(10), 5, 1), (size(50), 5, 2), (size(5), 100, 5), (size(7), 0, 1), (None, 4, 4)],
)
def test_parts_are_rounded_down_and_one_at_least(given: CapacitySize | None, total: int, expected: int) -> None:
    assert part(given, total) == expected


@pytest.mark.parametrize(
    ("plan", "total", "expected"),
    [
        pytest.param(BlueGreen(), 10, [10], id="all-at-once"),
        pytest.param(CANARY, 10, [1, 10], id="canary"),
        pytest.param(CANARY, 1, [1, 1], id="canary-of-one"),
        pytest.param(BlueGreen(shift=Shift.LINEAR, size=size(30)), 10, [3, 6, 9, 10], id="linear"),
        pytest.param(BlueGreen(shift=Shift.LINEAR, size=size(4, SizeKind.INSTANCE_COUNT)), 10, [4, 8, 10], id="linear-count"),
        pytest.param(ROLLING, 5, [2, 4, 5], id="rolling"),
        pytest.param(Rolling(batch=size(50)), 1, [1], id="rolling-one"),
        pytest.param(ROLLING, 0, [0], id="nothing"),
    ],
)
def test_steps_reach_the_whole(plan: Plan, total: int, expected: list[int]) -> None:
    assert [reached(plan, total, step) for step in range(last_step(plan, total) + 1)] == expected
    assert reached(plan, total, -1) == 0


def test_a_rolling_update_gives_up_no_more_than_serves_of_the_new_version() -> None:
    at = rollout(ROLLING, step=1)
    assert shares(at, 6, 6, 2) == (4, 4, 4, 2)
    assert shares(msgspec.structs.replace(at, stage=Stage.BAKING), 6, 6, 2) == (4, 4, 2, 4)
    assert shares(msgspec.structs.replace(at, stage=Stage.SHRINKING), 6, 6, 2) == (2, 4, 2, 4)
    assert shares(msgspec.structs.replace(at, stage=Stage.RETURNING), 6, 6, 2) == (6, 2, 6, 2)
    assert shares(msgspec.structs.replace(at, stage=Stage.CLEARING), 6, 6, 2) == (6, 0, 6, 0)


def test_a_step_waits_for_its_capacity_and_is_watched_for_its_time() -> None:
    at = rollout()
    assert advance(at, msgspec.structs.replace(READY, ready=False), 0) is None
    turn = advance(at, READY, SECOND)
    assert turn is not None
    assert turn.rollout is not None
    baking = turn.rollout
    assert (baking.stage, baking.since) == (Stage.BAKING, SECOND)
    assert next_look(baking, blocked=False) == SECOND + WAIT
    assert advance(baking, READY, WAIT) is None
    turn = advance(baking, READY, SECOND + WAIT)
    assert turn is not None
    assert turn.rollout is not None
    assert (turn.rollout.stage, turn.rollout.step, turn.swap) == (Stage.BAKING, 1, False)


def test_the_old_fleet_is_kept_and_watched_after_the_last_step() -> None:
    at = rollout(stage=Stage.BAKING, step=1)
    turn = advance(at, READY, WAIT)
    assert turn is not None
    assert turn.rollout is not None
    assert turn.rollout.stage is Stage.WAITING
    assert next_look(turn.rollout, blocked=False) == 2 * WAIT
    assert advance(turn.rollout, READY, 2 * WAIT - 1) is None
    over = advance(turn.rollout, READY, 2 * WAIT)
    assert over is not None
    assert over.rollout is not None
    assert (over.rollout.stage, over.swap, over.rollout.reason) == (Stage.CLEARING, True, "")
    back = advance(turn.rollout, msgspec.structs.replace(READY, alarm="a"), WAIT)
    assert back is not None
    assert back.rollout is not None
    assert (back.rollout.stage, back.swap) == (Stage.CLEARING, False)
    assert "alarm a" in back.rollout.reason


@pytest.mark.parametrize("stage", [Stage.CREATING, Stage.BAKING, Stage.SHRINKING])
def test_a_broken_version_and_the_limit_of_time_turn_every_stage_back(stage: Stage) -> None:
    for at, now in (
        (rollout(ROLLING, stage=stage, step=1, broken="no"), 1),
        (rollout(ROLLING, stage=stage, step=1), 10 * MINUTE),
    ):
        turn = advance(at, READY, now)
        assert turn is not None
        assert turn.rollout is not None
        assert turn.rollout.stage is Stage.RETURNING
        assert turn.rollout.reason.startswith("The update was rolled back. ")


def test_an_alarm_counts_only_while_something_is_watched() -> None:
    alarmed = msgspec.structs.replace(READY, alarm="a", ready=False, shrunk=False)
    assert advance(rollout(ROLLING), alarmed, 1) is None
    assert advance(rollout(ROLLING, stage=Stage.SHRINKING), alarmed, 1) is None


def test_missing_capacity_is_waited_for_with_patience() -> None:
    at = rollout(limit=60 * MINUTE)
    blocked = msgspec.structs.replace(READY, ready=False, blocked="no room")
    assert advance(at, blocked, PATIENCE - 1) is None
    assert next_look(at, blocked=True) == PATIENCE
    turn = advance(at, blocked, PATIENCE)
    assert turn is not None
    assert turn.rollout is not None
    assert turn.rollout.reason.endswith("no room")


def test_the_way_back_goes_in_batches_until_the_old_version_is_whole() -> None:
    at = rollout(ROLLING, stage=Stage.RETURNING, step=2)
    turn = advance(at, msgspec.structs.replace(READY, last_back=1), 1)
    assert turn is not None
    assert turn.rollout is not None
    assert (turn.rollout.stage, turn.rollout.back) == (Stage.RETURNING, 1)
    turn = advance(turn.rollout, msgspec.structs.replace(READY, last_back=1), 2)
    assert turn is not None
    assert turn.rollout is not None
    assert turn.rollout.stage is Stage.CLEARING
    assert advance(turn.rollout, msgspec.structs.replace(READY, gone=False), 3) is None
    over = advance(turn.rollout, READY, 4)
    assert over is not None
    assert over.rollout is None
