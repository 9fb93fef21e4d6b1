"""Invocations of endpoints with many models: which copy takes one, and what copies tell of loading and unloading.

A copy tells in its reply's head; see `stoker.modelserver.shelf.Timings`. What it loads and lets go is its own affair.
"""

from collections.abc import Sequence
from typing import Final

from stoker.decisions.routing import choose_by_name
from stoker.gateway.copies import Copy
from stoker.gateway.face import Invocation
from stoker.gateway.reasons import Reason, Refusal
from stoker.gateway.routes import Target
from stoker.units import Rng

REFUSAL: Final = b"x-stoker-refusal"
"""In which a copy with many models says why it asked none of them."""
TIMINGS: Final = b"x-stoker-models"
_REFUSALS: Final = {b"TargetModelNotFound": Reason.UNKNOWN_MODEL, b"TargetModelNotReady": Reason.MODEL_NOT_READY}
_MOST_TOLD: Final = 40
"""Parts of that header that are read."""


def refused(invocation: Invocation, target: Target) -> Refusal | None:
    """Refuse an invocation that names no model where there are many, or names one where there are not."""
    if bool(invocation.model) == target.workload.route.multi_model:
        return None
    return Refusal(reason=Reason.MODEL_NOT_ALLOWED if invocation.model else Reason.MODEL_REQUIRED)


def choose(invocation: Invocation, target: Target, copies: list[Copy], rng: Rng) -> Copy:
    """Give the copy of those (at least one) that takes an invocation: of one of many models, all gateways find the same."""
    if not invocation.model:
        return target.choose(copies, rng)
    name = invocation.model.encode("utf-8", "surrogatepass")
    return copies[choose_by_name(name, [int(copy.mark, 16) for copy in copies], [copy.outstanding for copy in copies])]


def reason_of(headers: Sequence[tuple[bytes, bytes]]) -> Reason:
    """Give why a copy answers with a failure: its model's, unless it says that one of its many models is not to be had."""
    return next((_REFUSALS.get(value, Reason.MODEL_ERROR) for name, value in headers if name == REFUSAL), Reason.MODEL_ERROR)


def told(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, int]]:
    """Read what a copy tells of its models: how many are `loaded`, and spans in µs: `wait`, `download`, `load`, `unload`."""
    text = next((value for name, value in headers if name == TIMINGS), b"")
    pairs = [part.strip().partition(b"=") for part in text.split(b";", _MOST_TOLD)[:_MOST_TOLD]]
    return [(name.decode("latin-1"), int(number)) for name, _, number in pairs if number.isdigit() and len(number) < 16]  # noqa: PLR2004 - years
