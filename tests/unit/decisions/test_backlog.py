"""How much capacity asynchronous requests bring where nobody has said it."""

import pytest

from stoker.decisions.backlog import IDLE, follow
from stoker.domain.scaling import Dimension, ScalableTarget, SuspendedState, TargetKey


def target(least: int = 0, most: int = 4, *, suspended: SuspendedState = SuspendedState()) -> ScalableTarget:  # noqa: B008
    key = TargetKey("endpoint/e/variant/v", Dimension.INSTANCES)
    return ScalableTarget(key=key, arn="arn", least=least, most=most, created=0, suspended=suspended)


@pytest.mark.parametrize(
    ("desired", "waiting", "running", "idle", "wanted"),
    [
        pytest.param(0, 1, 0, 0, 1, id="one brings the first"),
        pytest.param(0, 9, 0, 0, 3, id="as many as work on all of them"),
        pytest.param(1, 8, 1, 0, 3, id="those that run count"),
        pytest.param(0, 100, 0, 0, 4, id="no more than the maximum"),
        pytest.param(3, 5, 4, 0, None, id="enough"),
        pytest.param(4, 0, 1, 0, None, id="never less while one runs"),
        pytest.param(4, 0, 0, IDLE - 1, None, id="not at once"),
        pytest.param(4, 0, 0, IDLE, 0, id="nothing for long"),
        pytest.param(0, 0, 0, IDLE, None, id="there already"),
    ],
)
def test_capacity_follows_what_waits_and_runs(desired: int, waiting: int, running: int, idle: int, wanted: int | None) -> None:
    chosen = follow(target(), desired, waiting=waiting, running=running, slots=4, idle=idle)
    assert (None if chosen is None else chosen.capacity) == wanted


def test_the_minimum_and_switches_are_heeded() -> None:
    counts = {"waiting": 1, "running": 0, "slots": 1, "idle": 0}
    brought = follow(target(least=2), 0, **counts)
    assert brought is not None
    assert brought.capacity == 2
    assert "1 asynchronous request of endpoint/e/variant/v waiting" in brought.cause
    assert follow(target(suspended=SuspendedState(dynamic_out=True)), 0, **counts) is None
    none = {"waiting": 0, "running": 0, "slots": 1, "idle": IDLE}
    assert follow(target(suspended=SuspendedState(dynamic_in=True)), 2, **none) is None
    gone = follow(target(least=1), 3, **none)
    assert gone is not None
    assert gone.capacity == 1
