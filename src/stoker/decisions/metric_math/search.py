"""What SEARCH finds: metrics of a namespace and a set of dimensions, by words in their names, by exact values, or by both.

The language is that of CloudWatch's guide ("CloudWatch search expression syntax"). A word without quotes matches where its parts
stand in a row among the parts of a text, which are what capitals, digits and other signs divide it into, whatever their case;
one in quotes must be the whole text.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, TypeAlias, assert_never

import msgspec

from stoker.decisions.metric_math.syntax import ExpressionError
from stoker.domain.alarms import MetricKey

MAX_CHARACTERS: Final = 1_024
MAX_DEPTH: Final = 20
MAX_TERMS: Final = 20
KEPT: Final = 16_384
"""Texts whose parts are remembered: metrics are searched again and again."""
MAX_FOUND: Final = 100
"""Metrics that one SEARCH gives (CloudWatch's bound)."""

_SCHEMA: Final = re.compile(r"\s*\{([^{}]*)\}")
_TOKEN: Final = re.compile(r'\s*(?:(?P<mark>[()=])|"(?P<quoted>[^"]*)"|(?P<word>[^\s()="]+))')
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Term(msgspec.Struct, frozen=True):
    """A text that one of a metric's properties must have, or the one called `name` if that is not empty."""

    text: str
    exact: bool
    name: str = ""


class Negated(msgspec.Struct, frozen=True):
    """NOT."""

    of: "Wanted"


class AllOf(msgspec.Struct, frozen=True):
    """AND, which may be left out."""

    of: "tuple[Wanted, ...]"


class AnyOf(msgspec.Struct, frozen=True):
    """OR."""

    of: "tuple[Wanted, ...]"


Wanted: TypeAlias = Term | Negated | AllOf | AnyOf


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A search: of one namespace and exactly these dimensions, if they are given, and of what is `wanted`."""

    namespace: str | None
    dimensions: frozenset[str]
    wanted: Wanted


def parse_search(text: str) -> Search:
    """Read a search expression. Raises `ExpressionError`."""
    if len(text) > MAX_CHARACTERS:
        raise _wrong(f"it has more than {MAX_CHARACTERS} characters")
    schema = _SCHEMA.match(text)
    rest = text[schema.end() :] if schema is not None else text
    names = [] if schema is None else [name.strip().strip('"') for name in schema[1].split(",")]
    reader = _Reader(rest)
    wanted = reader.any_of(0) if reader.more() else AllOf(())
    if reader.more():
        raise _wrong("a ')' is not expected there")
    if schema is None and wanted == AllOf(()):
        raise _wrong("it is empty")
    if schema is not None and not all(names):
        raise _wrong("a name in the braces is empty")
    return Search(namespace=names[0] if names else None, dimensions=frozenset(names[1:]), wanted=wanted)


def matching(search: Search, keys: Iterable[MetricKey]) -> list[MetricKey]:
    """Give the metrics that a search finds, at most `MAX_FOUND`, in the order that they come in."""
    found: list[MetricKey] = []
    for key in keys:
        if search.namespace is not None:
            fits = key.namespace == search.namespace and {name for name, _ in key.dimensions} == search.dimensions
            if not fits:
                continue
        if _has(search.wanted, _properties(key)):
            found.append(key)
            if len(found) == MAX_FOUND:
                break
    return found


def labels(keys: list[MetricKey]) -> list[str]:
    """Give the labels of metrics that are shown together: what they differ in, of one alone its name."""
    if len(keys) == 1:
        return [keys[0].name]
    names = {key.name for key in keys}
    values: dict[str, set[str]] = {}
    for key in keys:
        for name, value in key.dimensions:
            values.setdefault(name, set()).add(value)
    out = []
    for key in keys:
        parts = [value for name, value in key.dimensions if len(values[name]) > 1]
        out.append(" ".join([*parts, key.name] if len(names) > 1 or not parts else parts))
    return out


def _properties(key: MetricKey) -> list[tuple[str, str]]:
    return [("Namespace", key.namespace), ("MetricName", key.name), *key.dimensions]


def _has(wanted: Wanted, properties: list[tuple[str, str]]) -> bool:
    match wanted:
        case Term():
            return any(_fits(wanted, name, value) for name, value in properties)
        case Negated(of=of):
            return not _has(of, properties)
        case AllOf(of=parts):
            return all(_has(part, properties) for part in parts)
        case AnyOf(of=parts):
            return any(_has(part, properties) for part in parts)
        case _:
            assert_never(wanted)


def _fits(term: Term, name: str, value: str) -> bool:
    if term.name and term.name != name:
        return False
    texts = (value,) if term.name or name in {"Namespace", "MetricName"} else (name, value)
    if term.exact:
        return term.text in texts
    looked_for = _parts(term.text)
    return any(_in_a_row(looked_for, _parts(text)) for text in texts)


@lru_cache(maxsize=KEPT)
def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in _PART.findall(text))


def _in_a_row(looked_for: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    joined = "".join(looked_for)
    if not joined:
        return False
    for start in range(len(parts)):
        # A word in small letters may be several parts of a text: `cpuutilization` of `CPUUtilization`.
        run = ""
        for part in parts[start:]:
            run += part
            if run == joined:
                return True
            if len(run) >= len(joined):
                break
    return False


class _Reader:
    """Reads the terms of a search."""

    __slots__ = ("_at", "_terms", "_tokens")

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        self._terms = 0
        end, text = 0, text.rstrip()
        while end < len(text):
            found = _TOKEN.match(text, end)
            if found is None:
                raise _wrong(f"it cannot be read from '{text[end : end + 32]}' on")
            end = found.end()
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))

    def more(self) -> bool:
        return self._at < len(self._tokens)

    def any_of(self, depth: int, name: str = "") -> Wanted:
        parts = [self._all_of(depth, name)]
        while self._took("OR"):
            parts.append(self._all_of(depth, name))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all_of(self, depth: int, name: str) -> Wanted:
        parts = [self._one(depth, name)]
        while self.more() and not self._next_is(")") and not self._next_is("OR"):
            self._took("AND")
            parts.append(self._one(depth, name))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self, depth: int, name: str) -> Wanted:
        if depth > MAX_DEPTH:
            raise _wrong(f"it is nested more than {MAX_DEPTH} deep")
        if self._took("NOT"):
            return Negated(self._one(depth + 1, name))
        if self._took("("):
            inner = self.any_of(depth + 1, name)
            if not self._took(")"):
                raise _wrong("a ')' is missing")
            return inner
        if not self.more():
            raise _wrong("it ends too early")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "mark":
            raise _wrong(f"a '{text}' is not expected there")
        if not name and self._took("="):
            return self._one(depth + 1, text)
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise _wrong(f"it has more than {MAX_TERMS} terms")
        return Term(text, kind == "quoted", name)

    def _next_is(self, text: str) -> bool:
        return self.more() and self._tokens[self._at][0] != "quoted" and self._tokens[self._at][1] == text

    def _took(self, text: str) -> bool:
        if self._next_is(text):
            self._at += 1
            return True
        return False


def _wrong(why: str) -> ExpressionError:
    return ExpressionError(f"the search expression is not valid: {why}.", field="Expression")
