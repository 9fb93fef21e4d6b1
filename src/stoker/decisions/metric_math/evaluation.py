"""The values of queries over a time, each worked out once, from what a reader gives for their metrics."""

from collections.abc import Callable, Sequence

import msgspec

from stoker.decisions.metric_math import functions
from stoker.decisions.metric_math.kinds import searched
from stoker.decisions.metric_math.plan import Plan, selected, watched
from stoker.decisions.metric_math.search import Search, labels
from stoker.decisions.metric_math.syntax import Call, Chain, Listing, Name, Negative, Node, Number, Text, Word
from stoker.decisions.metric_math.values import NOTHING, Array, Frame, Series, Value, combined
from stoker.domain.alarms import Datapoint, MetricKey, MetricMath, MetricQuery, MetricSource, Statistic
from stoker.errors import InvariantBrokenError, LimitError
from stoker.units import SECOND, to_seconds

Reader = Callable[[MetricSource], Sequence[Datapoint]]
"""Gives a metric's datapoints over the time of the evaluation, ascending."""

Finder = Callable[[Search], Sequence[MetricKey]]
"""Gives the metrics that a search finds, sorted."""

MAX_WORK = 500_000
"""Datapoints that one evaluation may pass through, parts of expressions counted apart."""


class Evaluation:
    """The values of a plan's queries over a frame. `most` None is for plans whose work was bounded when they were put."""

    __slots__ = ("_find", "_frame", "_most", "_plan", "_read", "_values", "_work")

    def __init__(self, made: Plan, read: Reader, frame: Frame, most: int | None = MAX_WORK, find: Finder = lambda _: ()) -> None:
        self._plan = made
        self._read = read
        self._find = find
        self._frame = frame
        self._values: dict[str, Value] = {}
        self._most = most
        self._work = 0

    def series(self, name: str) -> Array:
        """Give the series that a query makes, none for one that is only a number.

        Raises `LimitError` when there is more to pass through than may be.
        """
        for need in self._plan.needs[name]:
            if need not in self._values:
                self._values[need] = self._query(self._plan.queries[need])
        value = self._values[name]
        return (value,) if isinstance(value, Series) else value if isinstance(value, tuple) else ()

    def _query(self, query: MetricQuery) -> Value:
        if query.source is None:
            return _labelled(query, self._value(self._plan.trees[query.id], query))
        points = {point.start: point.value for point in self._read(query.source)}
        label = query.source.metric.name if query.label is None else query.label
        return self._spent(Series(period=query.source.period, points=points, label=label))

    def _spent(self, value: Value) -> Value:
        """Count what a value was made of."""
        arrays = value if isinstance(value, tuple) else (value,)
        self._spend(1 + sum(len(each.points) for each in arrays if isinstance(each, Series)))
        return value

    def _spend(self, work: int) -> None:
        self._work += work
        if self._most is not None and self._work > self._most:
            text = f"These queries pass through more than {self._most} datapoints; ask for a shorter time or fewer expressions."
            raise LimitError(text, limit="metric math", maximum=self._most)

    def _value(self, node: Node, query: MetricQuery) -> Value:
        match node:
            case Number(value=number):
                return number
            case Name(id=name):
                return self._values[name]
            case Listing(items=items):
                return tuple(each for item in items for each in _as_array(self._value(item, query)))
            case Negative(of=of):
                return self._spent(combined("*", self._value(of, query), -1.0))
            case Chain(first=first, rest=rest):
                value = self._value(first, query)
                for mark, operand in rest:
                    value = self._spent(combined(mark, value, self._value(operand, query)))
                return value
            case Call():
                return self._spent(self._call(node, query))
            case Text() | Word():
                raise InvariantBrokenError("A word was to be evaluated, which no expression that was checked asks for.")

    def _call(self, call: Call, query: MetricQuery) -> Value:
        name, given = call.function, call.arguments
        if name == "METRICS":
            return tuple(_single(self._values[each]) for each in selected(call, self._plan.metrics))
        if name == "SEARCH":
            return self._search(call, query)
        first = self._value(given[0], query)
        if name in functions.EACH:
            return _through(first, lambda series: functions.each(name, series))
        if name in functions.STEPS:
            return _through(first, lambda series: functions.stepped(name, series))
        if name in functions.SUMMARIES:
            if isinstance(first, tuple):
                return functions.across(name, first)
            return functions.summary(name, [*_single(first).points.values()])
        if name in functions.CALENDAR:
            series = _single(first)
            self._spend(len(self._frame.slots(series.period)))
            return functions.calendar(name, series, self._frame)
        return self._special(call, first, query)

    def _search(self, call: Call, query: MetricQuery) -> Value:
        search, statistic, period = searched(call)
        plain = {each.value: each for each in Statistic}
        every = period or query.period or self._plan.period
        keys = list(self._find(search))
        found: list[Series] = []
        for key, label in zip(keys, labels(keys), strict=True):
            source = MetricSource(
                metric=key,
                statistic=plain.get(statistic, Statistic.AVERAGE),
                extended="" if statistic in plain else statistic,
                period=every,
            )
            points = {point.start: point.value for point in self._read(source)}
            found.append(Series(period=every, points=points, label=label))
            self._spent(found[-1])
        return tuple(found)

    def _special(self, call: Call, first: Value, query: MetricQuery) -> Value:
        others = [self._argument(each, query) for each in call.arguments[1:]]
        match call.function, others:
            case "IF", [true, *false]:
                return functions.chosen(_plain(first), _plain(true), _plain(false[0]) if false else None)
            case "FILL", [filler]:
                return self._filled(first, filler)
            case "PERIOD", []:
                return to_seconds(_single(first).period)
            case "TIME_SERIES", []:
                period = query.period or self._plan.period
                self._spend(len(self._frame.slots(period)))
                return functions.constant(first, self._frame, period)
            case _:
                return _of_array(call.function, _as_array(first), others)

    def _argument(self, node: Node, query: MetricQuery) -> Value | str:
        return node.word if isinstance(node, Word) else self._value(node, query)

    def _filled(self, value: Value, filler: Value | str) -> Value:
        self._spend(sum(len(self._frame.slots(series.period)) for series in _as_array(value)))
        by = filler if isinstance(filler, str) else _plain(filler)
        return _through(value, lambda series: functions.filled(series, by, self._frame))


def _of_array(name: str, array: Array, others: Sequence[Value | str]) -> Value:
    match name, others:
        case "FIRST", []:
            return array[0] if array else _empty()
        case "LAST", []:
            return array[-1] if array else _empty()
        case "METRIC_COUNT", []:
            return float(len(array))
        case "REMOVE_EMPTY", []:
            return tuple(series for series in array if series.points)
        case "SLICE", [start, *end]:
            return functions.part(array, _number(start), _number(end[0]) if end else None)
        case "SORT", [str(by), str(order), *limit]:
            return functions.in_order(array, by, order, _number(limit[0]) if limit else None)
        case _:
            raise InvariantBrokenError(f"{name} was to be evaluated, which no expression that was checked asks for so.")


def _through(value: Value, function: Callable[[Series], Series]) -> Value:
    return tuple(function(each) for each in value) if isinstance(value, tuple) else function(_single(value))


def _as_array(value: Value) -> Array:
    return value if isinstance(value, tuple) else (_single(value),)


def _single(value: Value) -> Series:
    if isinstance(value, Series):
        return value
    raise InvariantBrokenError("A time series was expected, as the check of the expression had found.")


def _plain(value: Value | str) -> float | Series:
    if isinstance(value, tuple | str):
        raise InvariantBrokenError("A number or a time series was expected, as the check of the expression had found.")
    return value


def _number(value: Value | str) -> float:
    return value if isinstance(value, float) else NOTHING


def _labelled(query: MetricQuery, value: Value) -> Value:
    """Give an expression's value by the name it is shown by: the label or the id, and in an array each series' own after it."""
    own = query.id if query.label is None else query.label
    if isinstance(value, tuple):
        return tuple(msgspec.structs.replace(each, label=f"{own} {each.label}".strip()) for each in value)
    return msgspec.structs.replace(value, label=own) if isinstance(value, Series) else value


def _empty() -> Series:
    return Series(period=SECOND, points={})


def series_of(math: MetricMath, read: Reader, frame: Frame) -> list[Datapoint]:
    """Give the datapoints of the series that metric math for an alarm or a policy makes, ascending."""
    made, name = watched(math)
    found = Evaluation(made, read, frame, None).series(name)
    return [Datapoint(start=at, value=value) for series in found for at, value in series.points.items()]
