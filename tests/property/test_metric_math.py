"""Whatever is written for an expression: it is refused with a sentence, or it gives finite values; and it comes to an end."""

import math
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.metric_math.evaluation import Evaluation, series_of
from stoker.decisions.metric_math.plan import check_work, plan
from stoker.decisions.metric_math.values import Frame
from stoker.domain.alarms import Datapoint, MetricKey, MetricQuery, MetricSource, Statistic
from stoker.errors import InvalidParameterError
from stoker.units import MINUTE

SPAN = 6
numbers = st.one_of(st.floats(-1e300, 1e300), st.sampled_from([0.0, 1.0, -2.0, 1e-300]))
drawn = st.dictionaries(st.integers(0, SPAN - 1), numbers)

scalars = st.sampled_from(["0", "2", "-1.5", "1e300", "AVG(a)", "MAX(b)", "STDDEV(a)", "PERIOD(a)", "METRIC_COUNT(METRICS())"])


def called(parts: tuple[str, ...]) -> str:
    return f"{parts[0]}({', '.join(parts[1:])})"


def expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Give expressions whose value is a time series, made of others."""
    either = st.one_of(inner, scalars)
    operators = st.sampled_from(["+", "-", "*", "/", "^", "<", "==", "AND", "OR"])
    return st.one_of(
        st.tuples(inner, operators, either).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(["ABS", "CEIL", "LOG", "RATE", "DIFF", "RUNNING_SUM", "-"]), inner).map(called),
        st.tuples(st.just("IF"), inner, either, either).map(called),
        st.tuples(st.just("FILL"), inner, st.one_of(either, st.sampled_from(["REPEAT", "LINEAR"]))).map(called),
        st.tuples(
            st.sampled_from(["SUM", "AVG", "MIN", "MAX", "STDDEV"]),
            st.tuples(inner, inner).map(lambda two: f"[{', '.join(two)}]"),
        ).map(called),
    )


series = st.recursive(st.sampled_from(["a", "b", "TIME_SERIES(2)", "HOUR(a)"]), expressions, max_leaves=12)


def metric(name: str) -> MetricQuery:
    source = MetricSource(metric=MetricKey(namespace="N", name=name), statistic=Statistic.SUM, period=MINUTE)
    return MetricQuery(id=name, source=source, returned=False)


def queries(text: str) -> tuple[MetricQuery, ...]:
    return (metric("a"), metric("b"), MetricQuery(id="e", expression=text))


@settings(deadline=None, max_examples=120)
@given(series, drawn, drawn)
def test_what_makes_sense_gives_finite_values_within_its_time(text: str, a: dict[int, float], b: dict[int, float]) -> None:
    points = {"a": a, "b": b}

    def read(source: MetricSource) -> list[Datapoint]:
        return [Datapoint(start=at * MINUTE, value=value) for at, value in sorted(points[source.metric.name].items())]

    frame = Frame(start=0, end=SPAN * MINUTE)
    if len(text) > 2_048:
        return
    found = series_of(queries(text), read, frame)
    assert all(math.isfinite(point.value) for point in found)
    assert [point.start for point in found] == sorted({point.start for point in found} & set(frame.slots(MINUTE)))
    [again] = Evaluation(plan(queries(text)), read, frame).series("e")
    assert list(again.points.items()) == [(point.start, point.value) for point in found]
    check_work(queries(text), SPAN)


@given(st.text("ab()[],+-*/^<>=!&|.12e \"'SUMIFN", max_size=40))
def test_anything_else_is_refused(text: str) -> None:
    with suppress(InvalidParameterError):
        plan(queries(text))
