"""The policies by name, and their form as text: `split`, `split(first=600s, further=60s)`, `split first=600s further=60s`.

The last form is for tags that AWS's calls set: their values may have neither brackets nor commas nor percent.
A span has its unit (`ms`, `s`, `m`, `h`, `d`), a share may be in percent, a switch is `true` or `false`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias, get_args

import msgspec

from stoker.decisions.policies.follower import Follower, span_words
from stoker.decisions.policies.hugging_face import HF_2023, HuggingFaceOptions, Measure
from stoker.decisions.policies.keda import KedaOptions
from stoker.decisions.policies.keep_alive import KeepAliveOptions
from stoker.decisions.policies.knative import KnativeOptions
from stoker.decisions.policies.ray import RayOptions
from stoker.decisions.policies.split import SplitOptions
from stoker.errors import InvalidParameterError
from stoker.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Span

MAX_TEXT = 256
"""Characters of a policy as text: a tag's value holds no more."""

PolicyOptions: TypeAlias = SplitOptions | KeepAliveOptions | KnativeOptions | RayOptions | KedaOptions | HuggingFaceOptions

POLICIES: Mapping[str, PolicyOptions] = {
    "split": SplitOptions(),
    "keep-alive": KeepAliveOptions(),
    "knative": KnativeOptions(),
    "ray": RayOptions(),
    "keda": KedaOptions(),
    "keda-http": KedaOptions(poll=0),
    "hf-2023": HF_2023,
    "hf-current": HuggingFaceOptions(),
}
"""The presets by name: options with their defaults; `.follower()` gives the policy for one workload."""

_FORM = re.compile(r"\s*([a-z][a-z0-9-]*)(?:\s*\((.*)\)|\s+([^(].*))?\s*", re.DOTALL)
_UNITS: Mapping[str, Span] = {"ms": MILLISECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|m|h|d)")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?%?")
_EXAMPLE = "split(first=600s, further=60s)"


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A policy by name, with its options; `text` is as it was given."""

    name: str
    options: PolicyOptions
    text: str

    @property
    def by_utilisation(self) -> bool:
        """Whether it goes by how busy copies are, as far as that is measured."""
        return isinstance(self.options, HuggingFaceOptions) and self.options.measure is Measure.UTILISATION

    @property
    def finishes_starts(self) -> bool:
        """Whether what it has woken comes up although nobody waits: as where clients are refused at zero, and come again."""
        return isinstance(self.options, HuggingFaceOptions)

    @property
    def by_service(self) -> bool:
        """Whether it goes by how long invocations take."""
        return isinstance(self.options, SplitOptions)

    def follower(self) -> Follower:
        """Give the policy for one workload."""
        return self.options.follower()


@lru_cache(maxsize=1024)
def parse(text: str) -> Chosen:
    """Read a policy from text; what many workloads follow is read once.

    Raises `InvalidParameterError` that says what is wrong with it and what would be right.
    """
    if len(text) > MAX_TEXT:
        raise InvalidParameterError(f"A policy has at most {MAX_TEXT} characters, not {len(text)}.", field="policy")
    match = _FORM.fullmatch(text)
    if match is None:
        raise InvalidParameterError(f"{text!r} is no policy; one looks like {_EXAMPLE}.", field="policy")
    name, parts = match[1], (match[3] or "").split() if match[2] is None else match[2].split(",")
    preset = POLICIES.get(name)
    if preset is None:
        raise InvalidParameterError(f"There is no policy {name!r}; there are {', '.join(POLICIES)}.", field="policy")
    kinds = _kinds(preset)
    given: dict[str, _Value] = {}
    for part in filter(str.strip, parts):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or not value:
            raise InvalidParameterError(f"{part.strip()!r} in {text!r} is no option; one looks like key=value.", field="policy")
        if key not in kinds:
            raise InvalidParameterError(f"The policy {name} has no option {key!r}; it has {', '.join(kinds)}.", field=key)
        if key in given:
            raise InvalidParameterError(f"The option {key} is given twice in {text!r}.", field=key)
        given[key] = _value(name, key, value, kinds[key])
    return Chosen(name=name, options=_with(preset, given, name), text=text.strip())


_Value: TypeAlias = float | str | bool


def _kinds(preset: PolicyOptions) -> dict[str, str]:
    """Give what each option takes: `span`, `number`, `true or false`, or its words."""
    return {field.encode_name: _kind(field.type) for field in msgspec.structs.fields(preset)}


def _kind(annotation: object) -> str:
    shown = msgspec.inspect.type_info(annotation)
    if isinstance(shown, msgspec.inspect.UnionType):
        alternatives = [a for a in get_args(annotation) if a is not type(None)]
        return _kind(alternatives[0])
    if isinstance(shown, msgspec.inspect.Metadata):
        return "span"
    match shown:
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.EnumType(cls=words):
            return " or ".join(str(word.value) for word in words)
        case _:
            return "number"


def _value(name: str, key: str, value: str, kind: str) -> _Value:
    """Read one value of the kind that the option takes."""
    span, number = _SPAN.fullmatch(value), _NUMBER.fullmatch(value)
    if kind == "span" and (span is not None or value == "0"):
        return 0 if span is None else round(float(span[1]) * _UNITS[span[2]])
    if kind == "number" and number is not None:
        if value.endswith("%"):
            return float(value[:-1]) / 100
        return float(value) if "." in value else int(value)
    if kind == "true or false" and value in {"true", "false"}:
        return value == "true"
    if value in kind.split(" or "):
        return value
    wanted = "a span with its unit, such as 600s" if kind == "span" else f"a {kind}" if kind == "number" else kind
    raise InvalidParameterError(f"The option {key} of the policy {name} must be {wanted}, not {value!r}.", field=key)


def _with(preset: PolicyOptions, given: Mapping[str, _Value], name: str) -> PolicyOptions:
    """Give the preset with what was given in place of its defaults, in range."""
    merged = {**msgspec.structs.asdict(preset), **given}
    try:
        return msgspec.convert(merged, type=type(preset))
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        key = path.rstrip("`")
        if _kinds(preset)[key] == "span":
            message = re.sub("`int`", "a span", re.sub("[0-9]+", lambda nanoseconds: span_words(int(nanoseconds[0])), message))
        raise InvalidParameterError(f"The option {key} of the policy {name} is out of range: {message}.", field=key) from error
