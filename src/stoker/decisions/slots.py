"""How many invocations a copy works on at once, as far as its container says."""

from collections.abc import Mapping

WORKERS = "SAGEMAKER_MODEL_SERVER_WORKERS"
"""The variable of a container's environment that says how many invocations its server works on at once."""
MAX_WORKERS = 256


def slots_of(environment: Mapping[str, str]) -> int:
    """Give how many invocations a container's server works on at once, by its environment; 1 when that does not say."""
    text = environment.get(WORKERS, "")
    return min(MAX_WORKERS, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < len("1000") else 1
