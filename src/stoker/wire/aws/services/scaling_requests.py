"""What Application Auto Scaling's requests have in common: which targets they speak of, and which page they ask for."""

from typing import Final

from stoker.domain.scaling import Dimension, TargetKey
from stoker.errors import InvalidParameterError
from stoker.service.autoscaling import NAMESPACE, TargetFilter

BAD_TOKEN: Final = "InvalidNextTokenException"  # noqa: S105 - AWS's error code
PAGING: Final = ("next_token", "max_results")
"""The attributes that may differ between the pages of one list."""


def target_key(namespace: str, resource_id: str, dimension: str) -> TargetKey | None:
    """Give the target that a request names; None for one that cannot be registered here."""
    known = _dimension(dimension)
    return TargetKey(resource_id, known) if namespace == NAMESPACE and known is not None else None


def _dimension(text: str) -> Dimension | None:
    return Dimension(text) if text in {each.value for each in Dimension} else None


def target_filter(namespace: str, resource_ids: list[str] | None, dimension: str | None, needed: str) -> TargetFilter | None:
    """Give which targets a request asks for; None for those of which there are none here."""
    if dimension is not None and not resource_ids:
        raise InvalidParameterError(f"{needed} must be specified when ScalableDimension is", field=needed)
    known = None if dimension is None else _dimension(dimension)
    if namespace != NAMESPACE or (dimension is not None and known is None):
        return None
    return TargetFilter(resource_ids=frozenset(resource_ids or ()), dimension=known)


def page_size(asked: int | None, most: int) -> int:
    """Give how many a page is to have; `most` is also what nobody asked for. Raises `InvalidParameterError`."""
    if asked is None:
        return most
    if not 1 <= asked <= most:
        raise InvalidParameterError(f"MaxResults must be between 1 and {most}, not {asked}", field="MaxResults")
    return asked
