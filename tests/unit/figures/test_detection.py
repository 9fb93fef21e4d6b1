"""How soon a step of load is seen: AWS's faster auto scaling announcement (July 2024) against the metrics of before.

"Amazon SageMaker inference launches faster auto scaling for generative AI models" tells of metrics every 10 s and detection in
under 45 s, where it took more than six minutes.
https://aws.amazon.com/blogs/machine-learning/amazon-sagemaker-inference-launches-faster-auto-scaling-for-generative-ai-models/
"""

import pytest

from stoker.domain.alarms import MetricKey, Statistic
from stoker.domain.scaling import CustomMetric, PredefinedMetric
from stoker.units import MINUTE, SECOND, Span
from tests.unit.figures.stage import Stage

IN_FLIGHT = 6
"""Over the target of 5 for each of one copy, so that two are wanted."""

A_SECOND = 2
TARGET_A_MINUTE = 118.0
"""Two requests a second are over it, but not before a minute is full."""

DELAYED = MetricKey(namespace="Delayed", name="InvocationsPerCopy", dimensions=(("InferenceComponentName", "ic"),))


def high_resolution(second: int, every: Span) -> Span:
    """Give how long it takes to scale out when load begins at this second of a minute, seen by reports of this distance."""
    stage = Stage(copies=1)
    stage.track()
    stage.run(MINUTE)
    stage.wait_for(second * SECOND)
    return stage.until_desired(2, 2 * MINUTE, every, lambda: stage.report(in_flight=IN_FLIGHT))


@pytest.mark.parametrize("every", [SECOND, 5 * SECOND, 10 * SECOND])
def test_high_resolution_metrics_see_a_step_of_load_within_45_seconds(every: Span) -> None:
    took = [high_resolution(second, every) for second in range(0, 60, 3)]
    assert min(took) > 20 * SECOND
    assert max(took) < 45 * SECOND


def by_the_minute(second: int, metric: PredefinedMetric | CustomMetric, lag: Span = 0) -> Span:
    """Give how long it takes to scale out by requests a minute, when the metric of a minute is there so long after its end."""
    stage = Stage(copies=1)
    stage.track(metric, TARGET_A_MINUTE)
    stage.wait_for(0)
    begin = stage.now + 6 * MINUTE + second * SECOND

    def report_and_publish() -> None:
        if stage.now > begin:
            stage.report(invocations=A_SECOND)
        over = stage.now - lag
        if over % MINUTE == 0:
            loaded = min(MINUTE, max(0, over - begin))
            stage.publish(DELAYED, float(A_SECOND * (loaded // SECOND)), over - MINUTE)

    return stage.until_desired(2, 20 * MINUTE, SECOND, report_and_publish) - (6 * MINUTE + second * SECOND)


MOMENTS = (0, 1, 2, 15, 30, 45, 58, 59)
OLD = PredefinedMetric.COMPONENT_INVOCATIONS
OLD_AND_LATE = CustomMetric(metric=DELAYED, statistic=Statistic.SUM)


def test_invocations_a_minute_need_three_full_minutes() -> None:
    took = [by_the_minute(second, OLD) for second in MOMENTS]
    # A second more than it must be: what is reported at the full minute counts for the next.
    assert (min(took), max(took)) == (183 * SECOND, 242 * SECOND)


@pytest.mark.parametrize(("lag", "slowest"), [(0, 241), (60, 301), (120, 361)])
def test_with_their_publishing_delay_they_take_more_than_six_minutes(lag: int, slowest: int) -> None:
    """Such metrics are said to be there two to three minutes late; then the worst moment to begin is seen after six."""
    took = [by_the_minute(second, OLD_AND_LATE, lag * SECOND) for second in MOMENTS]
    assert max(took) == slowest * SECOND
    assert (max(took) > 6 * MINUTE) == (lag >= 120)
