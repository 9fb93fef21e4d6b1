"""Which policy a workload follows, and within which bounds: what its tags say, its endpoint's, and the installation's default."""

from collections.abc import Mapping

import msgspec

from stoker.decisions.policies.chosen import Chosen, parse
from stoker.errors import InvalidParameterError

POLICY = "stoker:policy"
"""The tag of a component or an endpoint that names the policy: `none`, or what `parse` reads."""
LEAST = "stoker:min-copies"
MOST = "stoker:max-copies"
"""The tags that bound the copies."""
NONE = "none"
MAX_BOUND = 1_000


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What a workload follows. `most` None is the count that its owner asked for, 1 at least."""

    policy: Chosen | None = None
    least: int = 0
    most: int | None = None

    def bounds(self, asked: int) -> tuple[int, int]:
        """Give the least and the most copies of a workload whose owner asked for so many."""
        most = max(1, asked) if self.most is None else self.most
        return self.least, max(self.least, most)


def read_rule(tags: Mapping[str, str], endpoint_tags: Mapping[str, str], default: str) -> Rule:
    """Give what tags and default come to; a component's tag goes before its endpoint's.

    Raises `InvalidParameterError` that names the tag.
    """
    both = {**endpoint_tags, **tags}
    policy = read_policy(both[POLICY], f"The tag {POLICY}", f"Tags[{POLICY}]") if POLICY in both else read_policy(default, "", "")
    least, most = _bound(both, LEAST, 0), _bound(both, MOST, 1)
    if least is not None and most is not None and least > most:
        raise InvalidParameterError(
            f"The tag {LEAST} ({least}) must not be greater than the tag {MOST} ({most}).", field=f"Tags[{LEAST}]"
        )
    return Rule(policy=policy, least=least or 0, most=most)


def read_policy(text: str, where: str, field: str) -> Chosen | None:
    """Give the policy that a text names, None for `none`; an error begins with `where` and has the field."""
    if text.strip() == NONE:
        return None
    try:
        return parse(text)
    except InvalidParameterError as error:
        message = f"{where}: {error.message}" if where else error.message
        raise InvalidParameterError(message, field=field or error.field) from error


def _bound(tags: Mapping[str, str], tag: str, least: int) -> int | None:
    text = tags.get(tag)
    if text is None:
        return None
    bound = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_BOUND)) else -1
    if not least <= bound <= MAX_BOUND:
        raise InvalidParameterError(
            f"The tag {tag} must be a whole number from {least} to {MAX_BOUND}, not {text!r}.", field=f"Tags[{tag}]"
        )
    return bound
