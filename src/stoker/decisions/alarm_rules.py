"""The rules of composite alarms: read from their text, and judged by the states of the alarms that they name.

The language is that of CloudWatch's guide ("Create a composite alarm"): ALARM(), OK(), INSUFFICIENT_DATA() of a name or an ARN,
TRUE and FALSE, NOT before AND before OR, parentheses, and AT_LEAST(number or percentage, state, (names)).
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias, assert_never

import msgspec

from stoker.decisions.rounding import ceil_div
from stoker.domain.alarms import AlarmState
from stoker.errors import InvalidParameterError

MAX_CHILDREN: Final = 100
"""Alarms that one rule may name (CloudWatch's limit)."""

MAX_DEPTH: Final = 50
"""Parentheses and NOTs within each other."""

KEPT: Final = 1024

_TOKEN: Final = re.compile(r'\s*(?:(?P<mark>[(),])|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s(),"]+))')
_AMOUNT: Final = re.compile(r"(\d{1,3})(%?)")
_STATES: Final = {each.value: each for each in AlarmState}


class Constant(msgspec.Struct, frozen=True):
    """TRUE or FALSE."""

    value: bool


class InState(msgspec.Struct, frozen=True):
    """An alarm is in a state."""

    name: str
    state: AlarmState


class Not(msgspec.Struct, frozen=True):
    """The opposite."""

    rule: "Rule"


class Every(msgspec.Struct, frozen=True):
    """AND."""

    rules: "tuple[Rule, ...]"


class Some(msgspec.Struct, frozen=True):
    """OR."""

    rules: "tuple[Rule, ...]"


class AtLeast(msgspec.Struct, frozen=True):
    """So many of the alarms, or with `percent` so great a part of them, are (`negated`: are not) in a state."""

    amount: int
    percent: bool
    state: AlarmState
    negated: bool
    names: tuple[str, ...]


Rule: TypeAlias = Constant | InState | Not | Every | Some | AtLeast


def holds(rule: Rule, state_of: Callable[[str], AlarmState | None]) -> bool:
    """Whether a rule holds of the states that `state_of` gives for names; None is an alarm that is gone, and is in no state."""
    match rule:
        case Constant(value=value):
            return value
        case InState(name=name, state=state):
            return state_of(name) is state
        case Not(rule=inner):
            return not holds(inner, state_of)
        case Every(rules=rules):
            return all(holds(each, state_of) for each in rules)
        case Some(rules=rules):
            return any(holds(each, state_of) for each in rules)
        case AtLeast():
            there = [state for state in map(state_of, rule.names) if state is not None]
            fitting = sum((state is rule.state) is not rule.negated for state in there)
            needed = ceil_div(rule.amount * len(rule.names), 100) if rule.percent else rule.amount
            return fitting >= needed
        case _:
            assert_never(rule)


def children(rule: Rule) -> tuple[str, ...]:
    """Give the names that a rule speaks of, each once, in order."""
    return tuple(dict.fromkeys(_named(rule)))


def _named(rule: Rule) -> Iterator[str]:
    match rule:
        case Constant():
            return
        case InState(name=name):
            yield name
        case Not(rule=inner):
            yield from _named(inner)
        case Every(rules=rules) | Some(rules=rules):
            for each in rules:
                yield from _named(each)
        case AtLeast(names=names):
            yield from names
        case _:
            assert_never(rule)


@lru_cache(maxsize=KEPT)
def parse_rule(text: str) -> Rule:
    """Read a rule. Raises `InvalidParameterError` that says what is wrong with it; ARNs become the names in them."""
    reader = _Reader(text)
    rule = reader.any_of(0)
    reader.end()
    if len(children(rule)) > MAX_CHILDREN:
        raise InvalidParameterError(f"An alarm rule may name at most {MAX_CHILDREN} alarms.", field="AlarmRule")
    return rule


class _Reader:
    """Reads a rule word by word."""

    __slots__ = ("_at", "_tokens")

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        end = 0
        while end < len(text.rstrip()):
            found = _TOKEN.match(text, end)
            if found is None:
                raise _wrong(f"it cannot be read from character {end + 1} on")
            end = found.end()
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))

    def any_of(self, depth: int) -> Rule:
        rules = [self._all_of(depth)]
        while self._took("OR"):
            rules.append(self._all_of(depth))
        return rules[0] if len(rules) == 1 else Some(tuple(rules))

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise _wrong(f"'{self._tokens[self._at][1][:64]}' is not expected there")

    def _all_of(self, depth: int) -> Rule:
        rules = [self._one(depth)]
        while self._took("AND"):
            rules.append(self._one(depth))
        return rules[0] if len(rules) == 1 else Every(tuple(rules))

    def _one(self, depth: int) -> Rule:
        if depth > MAX_DEPTH:
            raise _wrong(f"it is nested more than {MAX_DEPTH} deep")
        if self._took("NOT"):
            return Not(self._one(depth + 1))
        if self._took("("):
            rule = self.any_of(depth + 1)
            self._need(")")
            return rule
        kind, word = self._next()
        if kind == "word" and word in {"TRUE", "FALSE"}:
            return Constant(word == "TRUE")
        if kind == "word" and word in _STATES:
            self._need("(")
            name = self._name()
            self._need(")")
            return InState(name, _STATES[word])
        if kind == "word" and word == "AT_LEAST":
            return self._at_least()
        raise _wrong(f"'{word[:64]}' is none of ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE and NOT")

    def _at_least(self) -> Rule:
        self._need("(")
        _, text = self._next()
        amount = _AMOUNT.fullmatch(text)
        if amount is None:
            raise _wrong(f"'{text[:64]}' is no number and no percentage")
        self._need(",")
        negated = self._took("NOT")
        _, state = self._next()
        if state not in _STATES:
            raise _wrong(f"'{state[:64]}' is none of ALARM, OK and INSUFFICIENT_DATA")
        self._need(",")
        self._need("(")
        names = [self._name()]
        while self._took(","):
            names.append(self._name())
        self._need(")")
        self._need(")")
        return AtLeast(int(amount[1]), bool(amount[2]), _STATES[state], negated, tuple(names))

    def _name(self) -> str:
        """Take a name, which may be of several words when it is not quoted."""
        kind, text = self._next()
        if kind == "mark":
            raise _wrong(f"'{text}' stands where an alarm's name is expected")
        if kind == "quoted":
            text = re.sub(r"\\(.)", r"\1", text)
        else:
            while self._at < len(self._tokens) and self._tokens[self._at][0] == "word":
                text = f"{text} {self._next()[1]}"
        return text.split(":", 6)[6] if text.startswith("arn:") and text.count(":") >= 6 else text  # noqa: PLR2004 - an ARN's parts

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _wrong("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _took(self, text: str) -> bool:
        """Take a mark or a word if it comes next."""
        if self._at < len(self._tokens) and self._tokens[self._at][0] != "quoted" and self._tokens[self._at][1] == text:
            self._at += 1
            return True
        return False

    def _need(self, mark: str) -> None:
        if not self._took(mark):
            raise _wrong(f"'{mark}' is missing")


def _wrong(why: str) -> InvalidParameterError:
    return InvalidParameterError(f"AlarmRule is not valid: {why}.", field="AlarmRule")
