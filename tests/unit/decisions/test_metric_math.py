"""Metric math by the tables and rules of CloudWatch's guide, "Using metric math".

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math
import re

import pytest

from stoker.decisions.metric_math.evaluation import MAX_WORK, Evaluation
from stoker.decisions.metric_math.plan import plan
from stoker.decisions.metric_math.syntax import MAX_DEPTH, MAX_LENGTH
from stoker.decisions.metric_math.values import Frame
from stoker.domain.alarms import Datapoint, MetricKey, MetricQuery, MetricSource, Statistic
from stoker.errors import InvalidParameterError, LimitError
from stoker.units import DAY, MINUTE, SECOND, Instant, Span

MONDAY: Instant = 1_735_516_800 * SECOND  # 2024-12-30T00:00:00Z
Drawn = list[float | None]

N = None


def metric(name: str, period: Span = MINUTE) -> MetricQuery:
    source = MetricSource(metric=MetricKey(namespace="N", name=name), statistic=Statistic.SUM, period=period)
    return MetricQuery(id=name, source=source, returned=False)


def expression(text: str, name: str = "e") -> MetricQuery:
    return MetricQuery(id=name, expression=text)


def evaluate(text: str, metrics: dict[str, Drawn], *, span: int = 5, begin: Instant = MONDAY) -> dict[str, Drawn]:
    """Give the series that an expression makes of drawn ones, by label; None stands where there is no value."""

    def read(source: MetricSource) -> list[Datapoint]:
        values = metrics[source.metric.name]
        return [Datapoint(start=begin + n * MINUTE, value=v) for n, v in enumerate(values) if v is not None]

    queries = [*(metric(name) for name in metrics), expression(text)]
    frame = Frame(start=begin, end=begin + span * MINUTE)
    found = Evaluation(plan(queries), read, frame).series("e")
    return {each.label: [each.points.get(begin + n * MINUTE) for n in range(span)] for each in found}


def one(text: str, **metrics: Drawn) -> Drawn:
    [series] = evaluate(text, metrics, span=max(map(len, metrics.values()), default=5)).values()
    return series


M1: Drawn = [1.0, 1.0, 0.0, 0.0, N]
M2: Drawn = [30.0, N, 0.0, 0.0, 30.0]
M3: Drawn = [0.0, 0.0, 20.0, N, 20.0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("IF(m1, m2, m3)", [30.0, 0.0, 20.0, N, N]),
        ("IF(m1, 5, m3)", [5.0, 5.0, 20.0, N, N]),
        ("IF(m1, m2, 5)", [30.0, 0.0, 5.0, 5.0, N]),
        ("IF(m1, m2)", [30.0, 0.0, N, N, N]),
        ("IF(m1, 7, 8)", [7.0, 7.0, 8.0, 8.0, N]),
        ("IF(1, m2, m3)", M2),
        ("IF(-2, m2, m3)", M2),
        ("IF(0, m2, m3)", M3),
        ("IF(0, m2)", [N] * 5),
        ("IF(AVG(m1) > 0.4, m2, m3)", M2),
        ("IF(m2 < 20, m2)", [N, N, 0.0, 0.0, N]),
        ("IF(m2 < 20, 10, 2)", [2.0, N, 10.0, 10.0, 2.0]),
        ("IF(m2 > m3, 1, 0)", [1.0, 0.0, 0.0, 0.0, 1.0]),
    ],
)
def test_the_tables_of_if(text: str, wanted: Drawn) -> None:
    assert one(text, m1=M1, m2=M2, m3=M3) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a < b", [0.0, 0.0, 1.0, 0.0]),
        ("a >= 30", [1.0, 0.0, 0.0, 0.0]),
        ("a > 15 AND b > 15", [1.0, 0.0, 0.0, 0.0]),
        ("a > 15 && b > 15 || a == 0", [1.0, 0.0, 1.0, 1.0]),
        ("a != b", [1.0, 1.0, 1.0, 0.0]),
        ("b OR 0", [1.0, N, 1.0, N]),
    ],
)
def test_the_table_of_operators(text: str, wanted: Drawn) -> None:
    assert one(text, a=[30.0, 20.0, 0.0, 0.0], b=[20.0, N, 20.0, N]) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a + b", [5.0, 2.0, 8.0]),
        ("a - b", [-1.0, 2.0, -8.0]),
        ("b - a", [1.0, -2.0, 8.0]),
        ("a * b", [6.0, 0.0, 0.0]),
        ("a / b", [2 / 3, N, 0.0]),
        ("100 / a", [50.0, 50.0, N]),
        ("a / 0", [N, N, N]),
        ("2 * a - 3 * b / 3 + 1", [2.0, 5.0, -7.0]),
        ("2 * (a - 3)", [-2.0, -2.0, N]),
        ("a ^ 2 ^ 3", [256.0, 256.0, N]),
        ("-a ^ 2", [-4.0, -4.0, N]),
        ("(0 - a) ^ 0.5", [N, N, N]),
        ("a ^ 9999", [N, N, N]),
        ("a / PERIOD(a)", [2 / 60, 2 / 60, N]),
        ("1e1 * a + .5", [20.5, 20.5, N]),
        ("  a\n+ 1 ", [3.0, 3.0, N]),
    ],
)
def test_arithmetic_takes_missing_values_for_zero_and_drops_what_is_no_number(text: str, wanted: Drawn) -> None:
    assert one(text, a=[2.0, 2.0, N], b=[3.0, N, 8.0]) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ABS(a)", [1.5, 4.0, N, 2.0]),
        ("CEIL(a)", [-1.0, 4.0, N, 2.0]),
        ("FLOOR(a)", [-2.0, 4.0, N, 2.0]),
        ("LOG(a)", [N, math.log(4.0), N, math.log(2.0)]),
        ("LOG10(a * 25)", [N, 2.0, N, math.log10(50.0)]),
        ("DIFF(a)", [N, 5.5, N, -2.0]),
        ("DIFF_TIME(a)", [N, 60.0, N, 120.0]),
        ("RATE(a)", [N, 5.5 / 60, N, -2.0 / 120]),
        ("RUNNING_SUM(a)", [-1.5, 2.5, N, 4.5]),
        ("a - MIN(a)", [0.0, 5.5, N, 3.5]),
        ("a * 0 + MAX(a)", [4.0, 4.0, N, 4.0]),
        ("a * 0 + SUM(a)", [4.5, 4.5, N, 4.5]),
        ("a * 0 + AVG(a)", [1.5, 1.5, N, 1.5]),
        ("a * 0 + DATAPOINT_COUNT(a)", [3.0, 3.0, N, 3.0]),
        ("TIME_SERIES(STDDEV(b))", [2.0] * 4),
        ("TIME_SERIES(3)", [3.0] * 4),
        ("TIME_SERIES(AVG(c))", [N] * 4),
        ("a + AVG(c)", [N] * 4),
        ("TIME_SERIES(SUM(c))", [0.0] * 4),
        ("FILL(a, 7)", [-1.5, 4.0, 7.0, 2.0]),
        ("FILL(a, b)", [-1.5, 4.0, 5.0, 2.0]),
        ("FILL(a, REPEAT)", [-1.5, 4.0, 4.0, 2.0]),
        ("FILL(a, LINEAR)", [-1.5, 4.0, 3.0, 2.0]),
        ("FILL(d, REPEAT)", [N, 1.0, 1.0, 1.0]),
        ("FILL(d, LINEAR)", [N, 1.0, N, N]),
        ("FILL(c, MAX(b))", [5.0] * 4),
    ],
)
def test_functions_of_one_series(text: str, wanted: Drawn) -> None:
    found = one(text, a=[-1.5, 4.0, N, 2.0], b=[1.0, 1.0, 5.0, 5.0], c=[N] * 4, d=[N, 1.0, N, N])
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SUM([a, b])", [4.0, 2.0, 4.0]),
        ("AVG([a, b])", [2.0, 1.0, 2.0]),
        ("MIN(METRICS())", [1.0, 2.0, 4.0]),
        ("MAX(METRICS())", [3.0, 2.0, 4.0]),
        ("STDDEV([a, b])", [1.0, 0.0, 0.0]),
        ("DATAPOINT_COUNT([a, b])", [2.0, 1.0, 1.0]),
        ('SUM(METRICS("a"))', [1.0, 2.0, N]),
        ("SUM([METRICS('a'), METRICS('b')])", [4.0, 2.0, 4.0]),
        ("SUM(100 / [a, b])", [100 + 100 / 3, 50.0, 25.0]),
        ("SUM(-[a, b])", [-4.0, -2.0, -4.0]),
        ("AVG([a, b] / a)", [2.0, 0.5, N]),
        ("SUM(ABS([a, b] - 2))", [2.0, 0.0, 2.0]),
        ("a / METRIC_COUNT(METRICS())", [0.5, 1.0, N]),
        ("FIRST(SORT(METRICS(), AVG, DESC))", [3.0, N, 4.0]),
        ("LAST(SORT(METRICS(), SUM, DESC))", [1.0, 2.0, N]),
        ("FIRST(SORT(METRICS(), MAX, ASC, 1))", [1.0, 2.0, N]),
        ("SUM(SLICE([a, b, a], 1))", [4.0, 2.0, 4.0]),
        ("SUM(SLICE([a, b, a], 0, 2))", [4.0, 2.0, 4.0]),
        ("SUM(SLICE([a, b], 2))", [N, N, N]),
        ("FIRST(SLICE([a, b], 2))", [N, N, N]),
        ("SUM(REMOVE_EMPTY([a, b - b + AVG(IF(0, a))]))", [1.0, 2.0, N]),
    ],
)
def test_functions_of_arrays(text: str, wanted: Drawn) -> None:
    assert one(text, a=[1.0, 2.0, N], b=[3.0, N, 4.0]) == pytest.approx(wanted)


def test_an_array_keeps_the_labels_of_its_series() -> None:
    assert evaluate("FILL(METRICS(), 0)", {"a": [1.0], "b": [N]}, span=1) == {"e a": [1.0], "e b": [0.0]}


@pytest.mark.parametrize(
    ("name", "value"),
    [("MINUTE", 4.0), ("HOUR", 5.0), ("DAY", 2.0), ("DATE", 31.0), ("MONTH", 12.0), ("YEAR", 2024.0), ("EPOCH", 1_735_621_440.0)],
)
def test_the_calendar_is_known_where_there_is_no_value(name: str, value: float) -> None:
    begin = MONDAY + DAY + (5 * 60 + 4) * MINUTE
    assert evaluate(f"{name}(a)", {"a": [N]}, span=1, begin=begin) == {"e": [value]}


def test_weekdays_begin_on_monday() -> None:
    days = [evaluate("DAY(a)", {"a": [N]}, span=1, begin=MONDAY + n * DAY)["e"][0] for n in range(7)]
    assert days == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_expressions_build_on_expressions_in_any_order() -> None:
    queries = [expression("b * 2", "c"), expression("a + 1", "b"), metric("a"), expression("c - b", "d")]
    read = [Datapoint(start=MONDAY, value=3.0)]
    found = Evaluation(plan(queries), lambda _: read, Frame(start=MONDAY, end=MONDAY + MINUTE)).series("d")
    assert [each.points for each in found] == [{MONDAY: 4.0}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected a value, not the end of the expression, at character 1"),
        ("a +", "expected a value, not the end of the expression, at character 4"),
        ("a b", "expected the end of the expression, not 'b', at character 3"),
        ("(a", "expected ')', not the end"),
        ("SUM([a, b)", "expected ',', not ')'"),
        ("a § b", "unexpected '§' at character 3"),
        ("a + x", "no query with the id 'x'"),
        ("e", "Error in expression 'e': it leads back to itself"),
        ("NOSUCH(a)", "no function NOSUCH"),
        ("Sum(a)", "no function Sum"),
        ("SEARCH('', 'Sum', 60)", "the search expression is not valid: it is empty"),
        ("SEARCH('{a,} x', 'Sum', 60)", "a name in the braces is empty"),
        ("SEARCH('(x', 'Sum', 60)", "a ')' is missing"),
        ("SEARCH('x)', 'Sum', 60)", "a ')' is not expected there"),
        ("SEARCH('x', 'Median', 60)", "'Median' is no statistic"),
        ("SEARCH('x', 'Sum', 7)", "the period of SEARCH must be"),
        ("SEARCH('x', 60)", "SEARCH takes a quoted search expression"),
        ("5", "Error in expression 'e': its result must be a time series"),
        ("AVG(a)", "Error in expression 'e': its result must be a time series"),
        ("'text'", "'text' is no value"),
        ("a + REPEAT", "'REPEAT' is no value"),
        ("[a, 5]", "a member of a list must be a time series or an array"),
        ("[a, b] + [a, b]", "between two arrays"),
        ("[a, b] > 5", "'>' cannot be used on an array"),
        ("ABS(5)", "the argument of ABS must be"),
        ("ABS(a, b)", "ABS takes 1 arguments, not 2"),
        ("IF(a)", "IF takes 2 to 3 arguments, not 1"),
        ("IF([a], 1, 2)", "an argument of IF must be"),
        ("IF(1, 2, a)", "IF with a single number for its condition takes time series"),
        ("FILL(a, ZERO)", "'ZERO' is no value"),
        ("FILL(a, [b])", "the second argument of FILL"),
        ("FIRST(a)", "the first argument of FIRST must be an array"),
        ("SORT([a, b], MEDIAN, ASC)", "argument 2 of SORT must be one of AVG, MAX, MIN, SUM"),
        ("SORT([a, b], AVG, UP)", "argument 3 of SORT must be one of ASC, DESC"),
        ("SLICE([a, b], a)", "an argument of SLICE must be a single number"),
        ("PERIOD(a + b)", "PERIOD takes the id of a metric"),
        ("METRICS(a)", "METRICS takes a quoted part of ids"),
        ("TIME_SERIES(a)", "the argument of TIME_SERIES must be a single number"),
        ("MINUTE([a])", "the argument of MINUTE must be a time series"),
        ("(" * 40 + "a" + ")" * 40, f"deeper than {MAX_DEPTH} levels"),
        ("-" * 40 + "a", f"deeper than {MAX_DEPTH} levels"),
        ("a" * (MAX_LENGTH + 1), f"may have {MAX_LENGTH} characters"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_is_measured(text: str, words: str) -> None:
    with pytest.raises(InvalidParameterError, match=re.escape(words)):
        plan([metric("a"), metric("b"), expression(text)])


def test_circles_double_ids_and_mixed_periods_are_refused() -> None:
    with pytest.raises(InvalidParameterError, match="'x': it leads back to itself"):
        plan([metric("a"), expression("y + a", "x"), expression("x", "y")])
    with pytest.raises(InvalidParameterError, match="not unique"):
        plan([metric("a"), metric("a")])
    with pytest.raises(InvalidParameterError, match="Error in expression 'f': its metrics must have one period, and have 2"):
        plan([metric("a"), metric("b", 5 * MINUTE), expression("a"), expression("b + e", "f")])


def test_a_long_sum_is_no_deep_tree() -> None:
    assert one(" + ".join(["a"] * 500), a=[1.0, N]) == [500.0, N]


def test_there_is_an_end_to_what_is_passed_through() -> None:
    points = [Datapoint(start=MONDAY + n * MINUTE, value=1.0) for n in range(10_000)]
    made = plan([metric("a"), expression(" + ".join(["a"] * 100))])
    with pytest.raises(LimitError, match=str(MAX_WORK)):
        Evaluation(made, lambda _: points, Frame(start=MONDAY, end=MONDAY + 10_000 * MINUTE)).series("e")


def test_empty_slots_count_as_well() -> None:
    made = plan([metric("a"), expression("FILL(a, 0)")])
    with pytest.raises(LimitError):
        Evaluation(made, lambda _: [], Frame(start=0, end=(MAX_WORK + 2) * MINUTE)).series("e")
