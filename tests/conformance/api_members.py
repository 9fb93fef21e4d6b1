"""The members of requests, from the tables that are checked against: where each is, what fits it, and what just does not."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import msgspec

from stoker.wire.aws import constraints, forms
from stoker.wire.aws.schema import Operation
from stoker.wire.aws.times import Timestamp

Loose: TypeAlias = Any  # values of every type

MAX_DEPTH = 6
CANDIDATES = (
    *("a", "aa", "1", "a1", "name", "k=v", "/a/b", "a/b", "PT1M", "us-east-1", "123456789012", "2024-01-01T00:00:00Z", "UTC"),
    *("arn:aws:iam::123456789012:role/r", "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e", "s3://bucket/key"),
    *("arn:aws:kms:us-east-1:123456789012:key/k", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a", "file:///models/m"),
    *("arn:aws:sns:us-east-1:123456789012:t", "arn:aws:lambda:us-east-1:123456789012:function:f", "application/json", "text/csv"),
    *("arn:aws:sagemaker:us-east-1:123456789012:inference-experiment/x", "sg-0123456789abcdef0", "subnet-0123456789abcdef0"),
    *(
        "arn:aws:scheduler:us-east-1:123456789012:schedule-group/g",
        "i-0123456789abcdef0",
        "p-0123456789",
        "aws:s3:a",
        "mig-1g.5gb",
    ),
)


class Member(NamedTuple):
    """A member: its path (names, and 0 for a list's item), its form, its check, and whether its structure needs it."""

    path: tuple[str | int, ...]
    form: forms.Form
    annotation: Loose
    check: constraints.Check | None
    required: bool

    def __str__(self) -> str:
        return ".".join("[]" if part == 0 else str(part) for part in self.path).replace(".[]", "[]")


_KNOWN: dict[type[msgspec.Struct], tuple[Member, ...]] = {}


def members_of(operation: Operation) -> Iterator[Member]:
    """Give every member of an operation's input, outer ones first."""
    known = _KNOWN.get(operation.input)
    if known is None:
        known = _KNOWN[operation.input] = tuple(_under((), operation.input, operation.checks, 0))
    yield from known


def _under(path: tuple[str | int, ...], kind: type[msgspec.Struct], check: Loose, depth: int) -> Iterator[Member]:
    if depth > MAX_DEPTH:
        return
    checks = {each.attribute: each for each in check.members} if isinstance(check, constraints.Shape) else {}
    kinds = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for field in forms.members(kind):
        row = checks.get(field.attribute)
        inner = row.check if row is not None else None
        at = (*path, field.name)
        yield Member(at, field.form, kinds[field.attribute], inner, row is not None and row.required)
        yield from _inside(at, field.form, inner, depth + 1)


def _inside(path: tuple[str | int, ...], form: forms.Form, check: Loose, depth: int) -> Iterator[Member]:
    if isinstance(form, forms.Listed):
        inner = check.member if isinstance(check, constraints.Items) else None
        yield Member((*path, 0), form.of, None, inner, required=True)
        yield from _inside((*path, 0), form.of, inner, depth + 1)
    elif isinstance(form, type):
        yield from _under(path, form, check, depth)


def fitting(form: forms.Form, check: Loose, annotation: Loose = None, depth: int = 0) -> Loose:
    """Give a value that breaks no limit, None when none is known."""
    match form:
        case forms.Listed():
            inner = check.member if isinstance(check, constraints.Items) else None
            item = fitting(form.of, inner, None, depth + 1)
            least = (check.least or 1) if isinstance(check, constraints.Items) else 1
            return None if item is None else [item] * least
        case forms.Mapped():
            key = _text(check.key) if isinstance(check, constraints.Entries) else "a"
            return {key: fitting(form.of, check.value if isinstance(check, constraints.Entries) else None, None, depth + 1)}
        case forms.Scalar():
            return _scalar(check, annotation)
        case _:
            return _structure(form, check, depth)


def _structure(kind: type[msgspec.Struct], check: Loose, depth: int) -> Loose:
    out: Loose = {}
    if depth > MAX_DEPTH or not isinstance(check, constraints.Shape):
        return out
    needed = {each.attribute for each in check.members if each.required} | set(check.union[:1])
    checks = {each.attribute: each.check for each in check.members}
    kinds = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for field in forms.members(kind):
        if field.attribute in needed:
            out[field.name] = fitting(field.form, checks.get(field.attribute), kinds[field.attribute], depth + 1)
    return out


def _scalar(check: Loose, annotation: Loose) -> Loose:
    told = str(annotation)
    if isinstance(check, constraints.Text):
        return _text(check)
    if isinstance(check, constraints.Range):
        return check.least if check.least is not None else check.most if check.most is not None else 1
    for word, value in (("bool", True), ("Timestamp", 1_700_000_000), ("float", 1.0), ("int", 1), ("bytes", "YQ==")):
        if re.search(rf"\b{word}\b", told):
            return value
    return "a"


def _text(check: constraints.Text | None) -> Loose:
    if check is None:
        return "a"
    if check.choices:
        return check.choices[0]
    least = check.least or 0
    for text in (*CANDIDATES, *("a" * least, "1" * least)):
        if not list(check.broken(text)):
            return text
    return None


OTHER_TYPES: Loose = (
    *(("null", None), ("a text", "text"), ("a number", 7), ("a fraction", 1.5), ("a flag", True), ("a list", [1])),
    *(("a map", {"a": 1}), ("an empty list", []), ("an empty map", {}), ("an empty text", ""), ("beyond 64 bits", 2**70)),
    *(("negative", -1), ("not ASCII", "é\u2028\U0001f600\x00\x1f"), ("long", "x" * 20_000)),
)
TIMES: Loose = (("far", 1e300), ("no time", "soon"), ("the year zero", "0000-01-01T00:00:00Z"))
FLOATS: Loose = (("no number", "NaN"), ("endless", "Infinity"))


def unfitting(member: Member) -> Iterator[tuple[str, Loose]]:
    """Give values that do not fit a member, each with what is wrong with it: of other types, and one off each bound."""
    yield from OTHER_TYPES
    yield "deep", _deep(200)
    yield from _off_bounds(member.form, member.check)
    if isinstance(member.form, forms.Scalar):
        yield from TIMES if Timestamp.__name__ in str(member.annotation) else ()
        yield from FLOATS if member.form.floating else ()


def _off_bounds(form: forms.Form, check: Loose) -> Iterator[tuple[str, Loose]]:
    least, most = getattr(check, "least", None), getattr(check, "most", None)
    over: Loose = None
    under: Loose = None
    match check:
        case constraints.Text(choices=choices):
            yield from (("no choice", f"{choice}x") for choice in choices[:1])
            over, under = (None if most is None else "a" * (most + 1)), "a" * ((least or 1) - 1)
        case constraints.Range():
            over, under = (None if most is None else most + 1), (0 if least is None else least - 1)
        case constraints.Items(member=inner):
            item = fitting(form.of, inner) if isinstance(form, forms.Listed) else None
            over, under = (None if most is None else [item] * (most + 1)), [item] * ((least or 1) - 1)
        case constraints.Entries():
            over, under = (None if most is None else {f"k{number}": "v" for number in range(most + 1)}), {}
        case _:
            return
    if over is not None:
        yield "over", over
    if least:
        yield "under", under


def _deep(levels: int) -> Loose:
    value: Loose = []
    for _ in range(levels):
        value = [value]
    return value


def put(given: Loose, member: Member, value: Loose, operation: Operation) -> bool:
    """Set a member in a request, making what it stands in; give whether that could be done."""
    holders = {each.path: each for each in members_of(operation)}
    node = given
    for at, part in enumerate(member.path, 1):
        if not (isinstance(node, list) and node if isinstance(part, int) else isinstance(node, dict)):
            return False
        if at == len(member.path):
            node[part] = value
            return True
        if isinstance(part, str) and node.get(part) is None:
            holder = holders[member.path[:at]]
            node[part] = fitting(holder.form, holder.check, holder.annotation)
        node = node[part]
    return False
