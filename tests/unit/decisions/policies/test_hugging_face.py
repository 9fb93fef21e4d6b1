"""The presets `hf-2023` and `hf-current`, by numbers worked out from their rules."""

import pytest

from stoker.decisions.policies import parse
from stoker.decisions.policies.hugging_face import Measure, policy_text
from stoker.errors import InvalidParameterError
from stoker.units import MINUTE, SECOND, Span


@pytest.mark.parametrize(
    ("preset", "measure", "threshold", "idle", "text"),
    [
        ("hf-current", None, None, None, "hf-current"),
        ("hf-current", Measure.PENDING, None, 15 * MINUTE, "hf-current(measure=pending, idle=900s)"),
        ("hf-current", Measure.PENDING, 1.5, None, "hf-current(measure=pending, threshold=1.5)"),
        ("hf-current", Measure.UTILISATION, 80, 60 * MINUTE, "hf-current(measure=utilisation, threshold=80%, idle=3600s)"),
        ("hf-current", None, None, 2 * SECOND + SECOND // 2, "hf-current(idle=2.5s)"),
        ("hf-2023", Measure.UTILISATION, 62.5, 60 * MINUTE, "hf-2023(measure=utilisation, threshold=62.5%)"),
        ("hf-2023", Measure.PENDING, 3, None, "hf-2023"),
    ],
)
def test_what_an_endpoint_asks_for_is_a_policy(
    preset: str, measure: Measure | None, threshold: float | None, idle: Span | None, text: str
) -> None:
    assert policy_text(preset, measure=measure, threshold=threshold, idle=idle) == text
    assert parse(text).by_utilisation == (measure is not Measure.PENDING or preset == "hf-2023")


@pytest.mark.parametrize(
    ("measure", "threshold", "name"),
    [
        (Measure.PENDING, 0, "pendingRequests"),
        (Measure.PENDING, 10_001, "pendingRequests"),
        (Measure.UTILISATION, 101, "hardwareUsage"),
        (Measure.UTILISATION, -1, "hardwareUsage"),
        (Measure.UTILISATION, float("nan"), "hardwareUsage"),
    ],
)
def test_a_threshold_out_of_range_is_named(measure: Measure, threshold: float, name: str) -> None:
    with pytest.raises(InvalidParameterError, match=f"{name} must be above 0 and at most") as caught:
        policy_text("hf-current", measure=measure, threshold=threshold)
    assert caught.value.field == f"compute.scaling.measure.{name}"
