"""Tags that mean something to Stoker."""

from collections.abc import Mapping

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
