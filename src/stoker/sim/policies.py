"""Reads a policy as a user names it."""

from stoker.errors import InvalidParameterError
from stoker.sim.arrangement import AWS_POLICIES, Policy, parse_aws


def parse_policy(text: str) -> Policy:
    """Read `target-tracking(target=5)`, `sagemaker(...)`; raises `InvalidParameterError` for what is none."""
    name = text.partition("(")[0].strip()
    if name in AWS_POLICIES:
        return parse_aws(text)
    raise InvalidParameterError(f"--policy: there is no policy {name!r}; there are {', '.join(AWS_POLICIES)}.", field="--policy")
