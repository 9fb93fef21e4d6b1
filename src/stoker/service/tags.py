"""Tags that mean something to Stoker."""

from collections.abc import Mapping

from stoker.decisions.policies.rule import LEAST, MOST, NONE, read_rule
from stoker.domain.states import AtZero
from stoker.errors import InvalidParameterError

AT_ZERO = "stoker:at-zero"
"""The tag of an endpoint or a component that says what its invocations do at zero capacity: `hold` or `refuse`."""


def at_zero(tags: Mapping[str, str]) -> AtZero | None:
    """Give what the tags say of invocations at zero capacity; None when they do not."""
    value = tags.get(AT_ZERO)
    if value is None:
        return None
    try:
        return AtZero(value)
    except ValueError:
        raise InvalidParameterError(
            f"The tag {AT_ZERO} must be 'hold' or 'refuse', not {value!r}.", field=f"Tags[{AT_ZERO}]"
        ) from None


def check_policy(tags: Mapping[str, str], endpoint_tags: Mapping[str, str], *, copies: int | None = None) -> None:
    """Raise `InvalidParameterError` for tags of a policy or its bounds that cannot be, or that `copies` is not within."""
    rule = read_rule(tags, endpoint_tags, NONE)
    if copies is None:
        return
    least, most = rule.bounds(copies)
    if not least <= copies <= most:
        raise InvalidParameterError(
            f"CopyCount ({copies}) must be within the tags {LEAST} and {MOST}: from {least} to {most}.",
            field="RuntimeConfig.CopyCount",
        )
