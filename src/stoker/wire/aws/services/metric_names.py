"""A metric's identity as AWS requests spell it: namespace, name and a list of dimensions in any order."""

from collections.abc import Iterable
from typing import Final

from stoker.domain.alarms import MetricKey
from stoker.errors import InvalidParameterError

MAX_DIMENSIONS: Final = 30
MAX_NAME: Final = 255
MAX_VALUE: Final = 1_024
"""CloudWatch's bounds, for the services whose own models leave them out."""


def metric_key(namespace: str, name: str, dimensions: Iterable[tuple[str, str]]) -> MetricKey:
    """Give the metric. Raises `InvalidParameterError` for dimensions that are too many, too long or named twice."""
    listed = sorted(dimensions)
    if len(listed) > MAX_DIMENSIONS:
        raise InvalidParameterError(f"A metric has at most {MAX_DIMENSIONS} dimensions, not {len(listed)}", field="Dimensions")
    if len({each for each, _ in listed}) != len(listed):
        raise InvalidParameterError("The names of a metric's dimensions must differ", field="Dimensions")
    for field, text, most in (
        ("Namespace", namespace, MAX_NAME),
        ("MetricName", name, MAX_NAME),
        *(("Dimensions.Name", each, MAX_NAME) for each, _ in listed),
        *(("Dimensions.Value", value, MAX_VALUE) for _, value in listed),
    ):
        if not 1 <= len(text) <= most:
            raise InvalidParameterError(f"{field} must have 1 to {most} characters, not {len(text)}", field=field)
    return MetricKey(namespace=namespace, name=name, dimensions=tuple(listed))
