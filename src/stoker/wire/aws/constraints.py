"""The constraint walk: every violation of a request's documented limits, in the words AWS uses.

The checks are tables written by `tools/gen_wire.py`; only members that have a constraint somewhere below them are in
them. All violations are found, `1 validation error detected: Value 'X' at 'stateValue' failed to satisfy constraint:
Member must satisfy enum value set: [...]`; several are joined by `; `. Wrong JSON types never get here (the codecs
refuse them); rules between members belong to the services.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

import msgspec

LISTED: Final = 50
"""How many violations a message spells out; the number in front counts all of them."""

SHOWN_CHARACTERS: Final = 1024
"""How much of an offending value a message repeats."""

MATCHED_CHARACTERS: Final = 16_384
"""No expression runs over a text longer than this and than the text's own limit."""

Number: TypeAlias = int | float


class Check(Protocol):
    """One constraint, or a tree of them."""

    def find(self, value: object, path: str, found: list[str]) -> None:
        """Append to `found` every violation of `value`, which sits at `path`."""
        ...


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _shown(value: object) -> str:
    """Give a value as AWS's messages show one."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value[:LISTED]) + "]"
    if isinstance(value, dict):
        entries = list(value.items())[:LISTED]
        return "{" + ", ".join(f"{key}={_shown(item)}" for key, item in entries) + "}"
    if isinstance(value, msgspec.Struct):
        return type(value).__name__
    return str(value)


def _violation(value: object, path: str, rule: str, *, sensitive: bool = False) -> str:
    if sensitive:
        return f"Value at '{path}' failed to satisfy constraint: {rule}"
    shown = "null" if value is None else f"'{_shown(value)[:SHOWN_CHARACTERS]}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {rule}"


def _length_rules(least: int | None, most: int | None) -> Iterator[tuple[str, bool]]:
    """Give each length rule's words, and whether it is the upper one."""
    if most is not None:
        yield f"Member must have length less than or equal to {most}", True
    if least:
        yield f"Member must have length greater than or equal to {least}", False


def _broken_lengths(length: int, least: int | None, most: int | None) -> Iterator[str]:
    for rule, upper in _length_rules(least, most):
        if (upper and most is not None and length > most) or (not upper and least is not None and length < least):
            yield rule


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a text: length in characters, `pattern` as AWS prints it, `python` where Python spells it otherwise."""

    least: int | None = None
    most: int | None = None
    pattern: str = ""
    python: str = ""
    choices: tuple[str, ...] = ()
    sensitive: bool = False

    def broken(self, value: str) -> Iterator[str]:
        """Give the words of each rule that `value` breaks."""
        yield from _broken_lengths(len(value), self.least, self.most)
        if self.pattern and not self._matches(value):
            yield f"Member must satisfy regular expression pattern: {self.pattern}"
        if self.choices and value not in self.choices:
            yield f"Member must satisfy enum value set: [{', '.join(self.choices)}]"

    def rules(self) -> str:
        """Give the words of all rules, as AWS lists them for the members of a list or a map."""
        rules = [rule for rule, _ in _length_rules(self.least, self.most)]
        if self.pattern:
            rules.append(f"Member must satisfy regular expression pattern: {self.pattern}")
        if self.choices:
            rules.append(f"Member must satisfy enum value set: [{', '.join(self.choices)}]")
        return f"[{', '.join(rules)}]"

    def _fits(self, value: str) -> bool:
        """Give whether there is nothing to say: the quick answer for nearly every text."""
        length = len(value)
        return (
            (self.most is None or length <= self.most)
            and (self.least is None or length >= self.least)
            and (not self.pattern or self._matches(value))
            and (not self.choices or value in self.choices)
        )

    def _matches(self, value: str) -> bool:
        if len(value) > max(self.most or 0, MATCHED_CHARACTERS):
            return self.most is not None  # its length is reported already
        return _compiled(self.python or self.pattern).fullmatch(value) is not None

    def find(self, value: object, path: str, found: list[str]) -> None:
        """Append every violation of this text."""
        if isinstance(value, str) and not self._fits(value):
            found.extend(_violation(value, path, rule, sensitive=self.sensitive) for rule in self.broken(value))


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a number, both inclusive."""

    least: Number | None = None
    most: Number | None = None

    def broken(self, value: Number) -> Iterator[str]:
        """Give the words of each rule that `value` breaks."""
        if self.most is not None and value > self.most:
            yield f"Member must have value less than or equal to {self.most}"
        if self.least is not None and value < self.least:
            yield f"Member must have value greater than or equal to {self.least}"

    def rules(self) -> str:
        """Give the words of all rules."""
        rules = []
        if self.most is not None:
            rules.append(f"Member must have value less than or equal to {self.most}")
        if self.least is not None:
            rules.append(f"Member must have value greater than or equal to {self.least}")
        return f"[{', '.join(rules)}]"

    def find(self, value: object, path: str, found: list[str]) -> None:
        """Append every violation of this number."""
        if isinstance(value, int | float):
            found.extend(_violation(value, path, rule) for rule in self.broken(value))


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a run of bytes, in bytes."""

    least: int | None = None
    most: int | None = None

    def find(self, value: object, path: str, found: list[str]) -> None:
        """Append every violation of these bytes; their content is never shown."""
        if isinstance(value, bytes | bytearray | memoryview):
            rules = _broken_lengths(len(value), self.least, self.most)
            found.extend(_violation(None, path, rule, sensitive=True) for rule in rules)


class Items(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a list: its length and its members'."""

    least: int | None = None
    most: int | None = None
    member: "Check | None" = None

    def find(self, value: object, path: str, found: list[str]) -> None:
        """Append the list's own violations, then its members'."""
        if not isinstance(value, list):
            return
        found.extend(_violation(value, path, rule) for rule in _broken_lengths(len(value), self.least, self.most))
        member = self.member
        if isinstance(member, Text | Range):
            # AWS names a list of plain values as a whole, with all rules of its members.
            if any(True for item in value for _ in member.broken(item)):
                found.append(_violation(value, path, f"Member must satisfy constraint: {member.rules()}"))
        elif member is not None:
            for number, item in enumerate(value, 1):
                member.find(item, f"{path}.{number}.member", found)


class Entries(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a map: how many entries, and what keys and values may be."""

    least: int | None = None
    most: int | None = None
    key: Text | None = None
    value: "Check | None" = None

    def find(self, value: object, path: str, found: list[str]) -> None:
        """Append the map's own violations, then its keys' and values'."""
        if not isinstance(value, dict):
            return
        found.extend(_violation(value, path, rule) for rule in _broken_lengths(len(value), self.least, self.most))
        if self.key is not None and any(True for key in value for _ in self.key.broken(key)):
            found.append(_violation(value, path, f"Map keys must satisfy constraint: {self.key.rules()}"))
        check = self.value
        if isinstance(check, Text | Range):
            if any(True for item in value.values() for _ in check.broken(item)):
                found.append(_violation(value, path, f"Map value must satisfy constraint: {check.rules()}"))
        elif check is not None:
            for key, item in value.items():
                check.find(item, f"{path}.{key}.member", found)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A constrained member of a structure: the struct's attribute, the name in messages, and its check."""

    attribute: str
    name: str
    required: bool = False
    check: "Check | None" = None


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The constrained members of a structure; a `union` must have exactly one of its `attributes`."""

    members: tuple[Member, ...] = ()
    union: tuple[str, ...] = ()

    def find(self, value: object, path: str, found: list[str]) -> None:
        """Append every violation below this structure."""
        for member in self.members:
            inner = getattr(value, member.attribute)
            if inner is None:
                if member.required:
                    found.append(_violation(None, _under(path, member.name), "Member must not be null"))
            elif member.check is not None:
                member.check.find(inner, _under(path, member.name), found)
        if self.union:
            given = [name for name in self.union if getattr(value, name) is not None]
            if len(given) != 1:
                found.append(_violation(value, path, "Member must have exactly one of its members set"))


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def violations(shape: Shape, value: msgspec.Struct) -> Sequence[str]:
    """Give every violation in `value`, an empty sequence when there is none."""
    found: list[str] = []
    shape.find(value, "", found)
    return found


def message(found: Sequence[str]) -> str:
    """Give AWS's message for these violations."""
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: {'; '.join(found[:LISTED])}"


Checks: TypeAlias = Mapping[str, Shape]
