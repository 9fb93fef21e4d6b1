"""Reads a policy as a user names it."""

from stoker.decisions.policies import POLICIES, parse
from stoker.errors import InvalidParameterError
from stoker.sim.arrangement import AWS_POLICIES, Policy, TaggedPolicy, parse_aws


def parse_policy(text: str) -> Policy:
    """Read `target-tracking(target=5)`, `sagemaker(...)`, or one of `stoker.decisions.policies`: `split(first=600s)`.

    Raises `InvalidParameterError` that says what is wrong.
    """
    name = text.replace("(", " ").strip().partition(" ")[0]
    if name in AWS_POLICIES:
        return parse_aws(text)
    if name not in POLICIES:
        known = ", ".join((*POLICIES, *AWS_POLICIES))
        raise InvalidParameterError(f"--policy: there is no policy {name!r}; there are {known}.", field="--policy")
    return TaggedPolicy(text=parse(text).text)
