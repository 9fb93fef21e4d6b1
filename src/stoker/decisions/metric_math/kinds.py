"""What kind of value each part of an expression has, found before anything is measured: errors come when a query is put."""

from collections.abc import Mapping
from typing import NoReturn

import msgspec

from stoker.decisions.metric_math import functions
from stoker.decisions.metric_math.search import Search, parse_search
from stoker.decisions.metric_math.syntax import Call, Chain, ExpressionError, Listing, Name, Negative, Node, Number, Text, Word
from stoker.decisions.metric_math.values import ARITHMETIC, Kind
from stoker.decisions.percentiles import parse_statistic
from stoker.domain.alarms import Statistic
from stoker.errors import InvalidParameterError
from stoker.units import SECOND, Span

UNSERVED = frozenset({"ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "SERVICE_QUOTA"})
"""Functions that CloudWatch has and Stoker has not."""

_STATISTICS = frozenset(each.value for each in Statistic)
_SHORT_PERIODS = frozenset({1, 5, 10, 20, 30})
_ONE_OR_ARRAY = (Kind.SERIES, Kind.ARRAY)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What names mean: the kind of each query, and which queries are metrics."""

    kinds: Mapping[str, Kind]
    metrics: frozenset[str]


def refuse(message: str) -> NoReturn:
    """Raise the error of an expression that makes no sense."""
    raise ExpressionError(message, field="Expression")


def kind_of(node: Node, scope: Scope) -> Kind:
    """Give the kind of a part's value. Raises `ExpressionError` for what has none."""
    match node:
        case Number():
            return Kind.SCALAR
        case Name(id=name):
            if name not in scope.kinds:
                refuse(f"there is no query with the id '{name}'.")
            return scope.kinds[name]
        case Listing(items=items):
            for item in items:
                _need(kind_of(item, scope), _ONE_OR_ARRAY, "a member of a list")
            return Kind.ARRAY
        case Negative(of=of):
            return kind_of(of, scope)
        case Chain():
            return _chained(node, scope)
        case Call():
            return _called(node, scope)
        case Text() | Word():
            shown = node.value if isinstance(node, Text) else node.word
            refuse(f"'{shown}' is no value.")


def _chained(chain: Chain, scope: Scope) -> Kind:
    kind = kind_of(chain.first, scope)
    for mark, operand in chain.rest:
        other = kind_of(operand, scope)
        arrays = (kind, other).count(Kind.ARRAY)
        if arrays and mark not in ARITHMETIC:
            refuse(f"'{mark}' cannot be used on {Kind.ARRAY.value}.")
        if arrays > 1:
            refuse(f"'{mark}' cannot be used between two arrays of time series.")
        kind = Kind.ARRAY if arrays else Kind.SERIES if Kind.SERIES in {kind, other} else Kind.SCALAR
    return kind


def _called(call: Call, scope: Scope) -> Kind:
    name, given = call.function, call.arguments
    if name in UNSERVED:
        refuse(f"Stoker does not serve the function {name}.")
    if name in functions.EACH or name in functions.STEPS:
        _count(call, 1, 1)
        return _need(kind_of(given[0], scope), _ONE_OR_ARRAY, f"the argument of {name}")
    if name in functions.SUMMARIES:
        _count(call, 1, 1)
        kind = _need(kind_of(given[0], scope), _ONE_OR_ARRAY, f"the argument of {name}")
        return Kind.SERIES if kind is Kind.ARRAY else Kind.SCALAR
    if name in functions.CALENDAR:
        _count(call, 1, 1)
        return _need(kind_of(given[0], scope), (Kind.SERIES,), f"the argument of {name}")
    return _special(call, scope)


def _special(call: Call, scope: Scope) -> Kind:
    given = call.arguments
    match call.function:
        case "METRICS":
            _count(call, 0, 1)
            if given and not isinstance(given[0], Text):
                refuse("METRICS takes a quoted part of ids, or nothing.")
            return Kind.ARRAY
        case "SEARCH":
            _count(call, 2, 3)
            searched(call)
            return Kind.ARRAY
        case "PERIOD":
            _count(call, 1, 1)
            if not (isinstance(given[0], Name) and given[0].id in scope.metrics):
                refuse("PERIOD takes the id of a metric.")
            return Kind.SCALAR
        case "TIME_SERIES":
            _count(call, 1, 1)
            _need(kind_of(given[0], scope), (Kind.SCALAR,), "the argument of TIME_SERIES")
            return Kind.SERIES
        case "IF":
            return _conditional(call, scope)
        case "FILL":
            return _filled(call, scope)
        case "FIRST" | "LAST" | "METRIC_COUNT" | "REMOVE_EMPTY" | "SLICE" | "SORT":
            return _of_array(call, scope)
        case _:
            refuse(f"there is no function {call.function}.")


def searched(call: Call) -> tuple[Search, str, Span | None]:
    """Give what a call of SEARCH looks for, its statistic and its period. Raises `ExpressionError`."""
    match call.arguments:
        case (Text(value=text), Text(value=statistic)):
            period = None
        case (Text(value=text), Text(value=statistic), Number(value=seconds)):
            if not seconds.is_integer() or (seconds not in _SHORT_PERIODS and (seconds <= 0 or seconds % 60)):
                refuse("the period of SEARCH must be 1, 5, 10, 20, 30 or a multiple of 60.")
            period = int(seconds) * SECOND
        case _:
            refuse("SEARCH takes a quoted search expression, a quoted statistic and a period in seconds.")
    if statistic not in _STATISTICS:
        try:
            parse_statistic(statistic)
        except InvalidParameterError:
            refuse(f"'{statistic[:64]}' is no statistic.")
    return parse_search(text), statistic, period


def _conditional(call: Call, scope: Scope) -> Kind:
    _count(call, 2, 3)
    kinds = [_need(kind_of(each, scope), (Kind.SCALAR, Kind.SERIES), "an argument of IF") for each in call.arguments]
    if kinds[0] is Kind.SCALAR and Kind.SCALAR in kinds[1:]:
        refuse("IF with a single number for its condition takes time series for its values.")
    return Kind.SERIES


def _filled(call: Call, scope: Scope) -> Kind:
    _count(call, 2, 2)
    kind = _need(kind_of(call.arguments[0], scope), _ONE_OR_ARRAY, "the first argument of FILL")
    filler = call.arguments[1]
    if not (isinstance(filler, Word) and filler.word in functions.FILLERS):
        _need(kind_of(filler, scope), (Kind.SCALAR, Kind.SERIES), "the second argument of FILL")
    return kind


def _of_array(call: Call, scope: Scope) -> Kind:
    name, given = call.function, call.arguments
    bounds = {"SLICE": (2, 3), "SORT": (3, 4)}.get(name, (1, 1))
    _count(call, *bounds)
    _need(kind_of(given[0], scope), (Kind.ARRAY,), f"the first argument of {name}")
    numbers = given[1:]
    if name == "SORT":
        _need_word(call, 1, functions.SORTED_BY)
        _need_word(call, 2, functions.ORDERS)
        numbers = given[3:]
    for number in numbers:
        _need(kind_of(number, scope), (Kind.SCALAR,), f"an argument of {name}")
    if name == "METRIC_COUNT":
        return Kind.SCALAR
    return Kind.SERIES if name in {"FIRST", "LAST"} else Kind.ARRAY


def _need_word(call: Call, place: int, words: frozenset[str]) -> None:
    given = call.arguments[place]
    if not (isinstance(given, Word) and given.word in words):
        refuse(f"argument {place + 1} of {call.function} must be one of {', '.join(sorted(words))}.")


def _need(kind: Kind, allowed: tuple[Kind, ...], what: str) -> Kind:
    if kind not in allowed:
        refuse(f"{what} must be {' or '.join(each.value for each in allowed)}, not {kind.value}.")
    return kind


def _count(call: Call, least: int, most: int) -> None:
    if not least <= len(call.arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        refuse(f"{call.function} takes {wanted} arguments, not {len(call.arguments)}.")
