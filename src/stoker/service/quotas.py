"""Quotas: calls that would go beyond one are refused, in AWS's words, with the setting that says how much there may be."""

from stoker.errors import LimitError


def check_quota(name: str, most: int, used: int, more: int = 1, *, unit: str, setting: str) -> None:
    """Raise `LimitError` when `more` of something do not fit beside what is `used`.

    `name` is the quota's name with AWS, `unit` what is counted.
    """
    if more <= 0 or used + more <= most:
        return
    raise LimitError(
        f"The account-level service limit '{name}' is {most} {unit}, with current utilization of {used} {unit} and a request "
        f"delta of {more} {unit}. Please use AWS Service Quotas to request an increase for this quota. On Stoker, it is the "
        f"setting {setting}.",
        limit=setting,
        maximum=most,
    )
