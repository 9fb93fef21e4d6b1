"""A crash that looks like idleness must not take copies away: why two metrics are tracked together."""

from stoker.domain.scaling import PredefinedMetric
from stoker.units import SECOND
from tests.unit.figures.stage import Stage


def crash(stage: Stage) -> int:
    """Have a model that serves 4 requests a second with 20 in flight fail them all at once from now on; give the copies left."""
    for _ in range(20 * 6):
        stage.run(10 * SECOND)
        stage.report(in_flight=20, invocations=40)
    before = stage.desired
    for _ in range(30 * 6):
        stage.run(10 * SECOND)
        stage.report(in_flight=0, invocations=40, errors=40)
    assert before == 4
    return stage.desired


def test_concurrency_alone_takes_the_copies_of_a_crash_for_idle() -> None:
    stage = Stage(copies=4)
    stage.track()
    assert crash(stage) == 0


def test_together_with_invocations_it_does_not() -> None:
    """Concurrency collapses when every request fails at once; invocations do not, so the two do not agree to scale in."""
    stage = Stage(copies=4)
    stage.track()
    stage.track(PredefinedMetric.COMPONENT_INVOCATIONS, 60.0)
    assert crash(stage) == 4
    assert {reason.code for refusal in stage.refusals for reason in refusal.not_scaled} == {"ScaleInNotAgreed"}
    for _ in range(20 * 6):
        stage.run(10 * SECOND)
    assert stage.desired == 0  # idle in truth: both agree
