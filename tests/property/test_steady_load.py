"""Load that does not change moves capacity once, and then never again."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.domain.scaling import PredefinedMetric
from stoker.units import SECOND
from tests.unit.figures.stage import Stage


@settings(max_examples=12, deadline=None)
@given(
    in_flight=st.integers(0, 30),
    copies=st.integers(1, 8),
    start=st.sampled_from([0, 20, 95]),
    both=st.booleans(),
)
def test_constant_load_comes_to_rest(in_flight: int, copies: int, start: int, both: bool) -> None:
    stage = Stage(copies=copies, managed=(0, 4))
    stage.load = start * SECOND
    stage.track()
    if both:
        stage.track(PredefinedMetric.COMPONENT_INVOCATIONS, 100.0)
    rested = 0
    for minute in range(100):
        for _ in range(6):
            stage.run(10 * SECOND)
            if in_flight and stage.serving():
                stage.report(in_flight=in_flight, invocations=in_flight * 4)
        if minute == 44:
            rested = len(stage.changes)
    assert len(stage.changes) == rested
    assert len(stage.changes) <= 3
    assert stage.desired >= -(-in_flight // 5)
    assert stage.serving() == stage.desired
