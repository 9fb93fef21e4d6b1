"""Queries that belong together, checked: every name is known, none leads back to itself, and all make sense."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

import msgspec

from stoker.decisions.metric_math.kinds import Scope, kind_of, refuse
from stoker.decisions.metric_math.syntax import Call, ExpressionError, Listing, Name, Node, Text, children, parse
from stoker.decisions.metric_math.values import Kind
from stoker.domain.alarms import MetricMath, MetricQuery
from stoker.errors import InvalidParameterError
from stoker.units import MINUTE, Span

MAX_QUERIES = 500
"""Queries of one request (CloudWatch's bound)."""

MAX_SEARCHES = 5
"""SEARCH functions of one request: each looks through all metrics there are."""

MAX_WATCHED_METRICS = 10
MAX_WATCHED_QUERIES = 20
"""Metrics that an alarm's expression may be of (CloudWatch's bound), and all its queries."""

MAX_WATCHED_WORK = 250_000
"""Parts of expressions times the widest array times datapoints that one look at an alarm may come to: a tenth of a second."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Checked queries: the tree and the kind of each, and what each needs, in an order that has needs first."""

    queries: dict[str, MetricQuery]
    trees: dict[str, Node]
    kinds: dict[str, Kind]
    needs: dict[str, tuple[str, ...]]
    metrics: tuple[str, ...]
    period: Span


def plan(queries: Sequence[MetricQuery]) -> Plan:
    """Give the plan of some queries, each with a source or an expression.

    Raises `InvalidParameterError` for names that are unknown, given twice or lead in a circle, for expressions that make no
    sense, for one over metrics of different periods, and for one that is returned and is only a number.
    """
    if len(queries) > MAX_QUERIES:
        raise InvalidParameterError(f"There may be {MAX_QUERIES} queries, not {len(queries)}.", field="MetricDataQueries")
    by_id = {query.id: query for query in queries}
    if len(by_id) != len(queries):
        raise InvalidParameterError("The values for parameter id in MetricDataQueries are not unique.", field="Id")
    metrics = tuple(query.id for query in queries if query.source is not None)
    trees: dict[str, Node] = {}
    mentions: dict[str, tuple[str, ...]] = {}
    for query in queries:
        if query.source is None:
            with _naming(query.id):
                trees[query.id] = parse(query.expression)
                mentions[query.id] = _mentioned(trees[query.id], by_id, metrics)
    searches = sum(_is_search(node) for tree in trees.values() for node in _parts(tree))
    if searches > MAX_SEARCHES:
        raise InvalidParameterError(f"There may be {MAX_SEARCHES} SEARCH functions, not {searches}.", field="Expression")
    kinds = dict.fromkeys(metrics, Kind.SERIES)
    needs: dict[str, tuple[str, ...]] = {name: (name,) for name in metrics}
    for name in _ordered(mentions):
        needs[name] = (*dict.fromkeys(need for each in mentions[name] for need in needs[each]), name)
        with _naming(name):
            kinds[name] = kind_of(trees[name], Scope(kinds=kinds, metrics=frozenset(metrics)))
            _check(by_id[name], kinds[name], [by_id[each] for each in needs[name]])
    periods = [query.source.period for query in queries if query.source is not None]
    return Plan(queries=by_id, trees=trees, kinds=kinds, needs=needs, metrics=metrics, period=max(periods, default=MINUTE))


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Have errors of an expression say which it is."""
    try:
        yield
    except ExpressionError as error:
        raise InvalidParameterError(f"Error in expression '{name}': {error.message}", field=error.field) from error


def _check(query: MetricQuery, kind: Kind, needs: Sequence[MetricQuery]) -> None:
    periods = {each.source.period for each in needs if each.source is not None}
    if len(periods) > 1:
        refuse(f"its metrics must have one period, and have {len(periods)}.")
    if query.returned and kind is Kind.SCALAR:
        refuse(f"its result must be a time series, and is {kind.value}; use TIME_SERIES.")


def _mentioned(tree: Node, known: dict[str, MetricQuery], metrics: tuple[str, ...]) -> tuple[str, ...]:
    """Give the queries that an expression names, or takes by METRICS."""
    found: dict[str, None] = {}
    for node in _parts(tree):
        if isinstance(node, Name):
            if node.id not in known:
                refuse(f"there is no query with the id '{node.id}'.")
            found[node.id] = None
        elif isinstance(node, Call) and node.function == "METRICS":
            found.update(dict.fromkeys(selected(node, metrics)))
    return tuple(found)


def selected(call: Call, metrics: tuple[str, ...]) -> tuple[str, ...]:
    """Give the metrics that a call of METRICS stands for: those whose id has the text in it."""
    wanted = call.arguments[0].value if call.arguments and isinstance(call.arguments[0], Text) else ""
    return tuple(name for name in metrics if wanted in name)


def _is_search(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "SEARCH"


def _parts(tree: Node) -> Iterator[Node]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


def _ordered(mentions: dict[str, tuple[str, ...]]) -> list[str]:
    """Give expressions after those that they mention. Raises `InvalidParameterError` when there is a circle."""
    left = {name: {each for each in mentioned if each in mentions} for name, mentioned in mentions.items()}
    order: list[str] = []
    while left:
        free = [name for name, waits in left.items() if not waits]
        if not free:
            name = next(iter(left))
            raise InvalidParameterError(f"Error in expression '{name}': it leads back to itself.", field="Expression")
        for name in free:
            del left[name]
        for waits in left.values():
            waits.difference_update(free)
        order.extend(free)
    return order


@lru_cache(maxsize=256)
def watched(math: MetricMath) -> tuple[Plan, str]:
    """Give the plan of metric math for an alarm or a policy, and the query whose series is watched; remembered for the next look.

    Raises `InvalidParameterError` as `plan` does, and when not exactly one single series is returned, of metrics of one period.
    """
    _check_bounds(math)
    returned = [query for query in math if query.returned]
    if len(returned) != 1:
        raise InvalidParameterError(
            f"Exactly one element of the metrics list should return data, not {len(returned)}.", field="Metrics"
        )
    made = plan(math)
    [query] = returned
    if made.kinds[query.id] is not Kind.SERIES:
        text = f"Error in expression '{query.id}': its result must be {Kind.SERIES.value}, and is {made.kinds[query.id].value}."
        raise InvalidParameterError(text, field="Metrics")
    periods = {each.source.period for each in math if each.source is not None}
    if len(periods) != 1:
        raise InvalidParameterError("All metrics of the list must have the same period, and there must be one.", field="Metrics")
    return made, query.id


def _check_bounds(math: MetricMath) -> None:
    metrics = sum(1 for query in math if query.source is not None)
    if len(math) > MAX_WATCHED_QUERIES or metrics > MAX_WATCHED_METRICS:
        text = f"The metrics list may have {MAX_WATCHED_METRICS} metrics and {MAX_WATCHED_QUERIES} elements in all."
        raise InvalidParameterError(text, field="Metrics")


def check_work(math: MetricMath, periods: int) -> None:
    """Refuse metric math that one look, at so many periods, would take too long for. Raises `InvalidParameterError`."""
    made, _ = watched(math)
    parts = len(made.metrics) + sum(1 for tree in made.trees.values() for _ in _parts(tree))
    if parts * _widest(made) * periods > MAX_WATCHED_WORK:
        text = f"Expressions of {parts} parts over {len(made.metrics)} metrics cannot be evaluated over {periods} periods."
        raise InvalidParameterError(text, field="EvaluationPeriods")


def _widest(made: Plan) -> int:
    """Give how many series an array of a plan may have at most, never too few."""
    widths = dict.fromkeys(made.metrics, 1)
    for name in made.trees:
        for need in made.needs[name]:
            if need not in widths:
                widths[need] = _width(made.trees[need], widths, made.metrics)
    return max(widths.values())


def _width(node: Node, widths: Mapping[str, int], metrics: tuple[str, ...]) -> int:
    if isinstance(node, Name):
        return widths[node.id]
    if isinstance(node, Call) and node.function == "METRICS":
        return max(1, len(selected(node, metrics)))
    inner = [_width(child, widths, metrics) for child in children(node)]
    return max(1, sum(inner) if isinstance(node, Listing) else max(inner, default=1))
