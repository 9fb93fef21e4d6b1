"""What the annotations of a generated struct say of its form on the wire, beyond what msgspec reads there.

Lists and maps of the query protocol may have names of their own for their items, keys and values, and may be flattened into
their holder (`Meta(extra=...)`, written by `tools/gen_wire.py`). JSON has no number for NaN and the infinities, so AWS writes
them as texts.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Final, NamedTuple, TypeAlias, Union, get_args, get_origin

import msgspec

FLOAT_TEXTS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Scalar(NamedTuple):
    """A text, number, flag, time or run of bytes."""

    floating: bool


class Listed(NamedTuple):
    """A list: the name of an item's element, whether items stand where the list would, and what they are."""

    item: str
    flat: bool
    of: "Form"


class Mapped(NamedTuple):
    """A map: the names of an entry's two parts, whether entries stand where the map would, and what values are."""

    key: str
    value: str
    flat: bool
    of: "Form"


Form: TypeAlias = Scalar | Listed | Mapped | type[msgspec.Struct]
"""A struct stands for itself: `members` tells what is in it, and structs may hold themselves."""

PLAIN: Final = Scalar(floating=False)
FLOAT: Final = Scalar(floating=True)


class Field(NamedTuple):
    """A member of a struct: its attribute, its names in JSON and in the query protocol, its form."""

    attribute: str
    name: str
    query_name: str
    form: Form


@lru_cache(maxsize=2048)
def members(kind: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Give the members of a struct."""
    found = []
    for field in msgspec.structs.fields(kind):
        form, extra = _form(field.type)
        # The name of an item, or of an entry, takes the place of a flattened list's or map's.
        flat = isinstance(form, Listed | Mapped) and form.flat
        query_name = extra.get("entry", extra.get("item", field.encode_name)) if flat else field.encode_name
        found.append(Field(field.name, field.encode_name, query_name, form))
    return tuple(found)


def _form(annotation: object, extra: Mapping[str, Any] | None = None) -> tuple[Form, Mapping[str, Any]]:
    """Give the form of an annotation, and what stood beside it."""
    told = dict(extra or {})
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        inner = next(choice for choice in get_args(annotation) if choice is not type(None))
        return _form(inner, told)
    if origin is Annotated:
        for meta in get_args(annotation)[1:]:
            told |= getattr(meta, "extra", None) or {}
        return _form(get_args(annotation)[0], told)
    if origin is list:
        of, _ = _form(get_args(annotation)[0])
        return Listed(told.get("item", "member"), bool(told.get("flat")), of), told
    if origin is dict:
        of, _ = _form(get_args(annotation)[1])
        return Mapped(told.get("key", "key"), told.get("value", "value"), bool(told.get("flat")), of), told
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation, told
    return FLOAT if annotation is float else PLAIN, told


@lru_cache(maxsize=1024)
def holds_floats(kind: type[msgspec.Struct]) -> bool:
    """Give whether a float may stand anywhere in a struct."""
    return _reaches_float(kind, set())


def _reaches_float(form: Form, seen: set[object]) -> bool:
    if isinstance(form, Scalar):
        return form.floating
    if isinstance(form, Listed | Mapped):
        return _reaches_float(form.of, seen)
    if form in seen:
        return False
    seen.add(form)
    return any(_reaches_float(field.form, seen) for field in members(form))


def with_floats(tree: object, form: Form) -> object:
    """Give decoded JSON with the texts that stand for floats turned into them, where the form has floats."""
    if isinstance(form, Scalar):
        return FLOAT_TEXTS.get(tree, tree) if form.floating and isinstance(tree, str) else tree
    if isinstance(form, Listed):
        return [with_floats(item, form.of) for item in tree] if isinstance(tree, list) else tree
    if not isinstance(tree, dict):
        return tree
    if isinstance(form, Mapped):
        return {key: with_floats(item, form.of) for key, item in tree.items()}
    by_name = {field.name: field.form for field in members(form)}
    return {name: with_floats(item, by_name.get(name, PLAIN)) for name, item in tree.items()}


def is_finite(value: object) -> bool:
    """Give whether no float in a wire value is NaN or infinite."""
    match value:
        case float():
            return math.isfinite(value)
        case list():
            return all(map(is_finite, value))
        case dict():
            return all(map(is_finite, value.values()))
        case msgspec.Struct():
            return all(is_finite(getattr(value, name)) for name in value.__struct_fields__)
        case _:
            return True


def without_floats(tree: object) -> object:
    """Give builtins with each float that JSON has no number for as its text."""
    match tree:
        case float():
            return tree if math.isfinite(tree) else "NaN" if math.isnan(tree) else "Infinity" if tree > 0 else "-Infinity"
        case list():
            return [without_floats(item) for item in tree]
        case dict():
            return {key: without_floats(item) for key, item in tree.items()}
        case _:
            return tree
