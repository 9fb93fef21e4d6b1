"""What was used and what it is worth: amounts of a part of an endpoint on a day, and prices.

A day is one of UTC on the platform's clock. Times are exact sums in nanoseconds; only money is a float.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from stoker.domain.ids import EndpointName, WorkloadId
from stoker.errors import InvariantBrokenError
from stoker.units import Instant, Span


class Kind(StrEnum):
    """What a time is the time of. Each is kept by size: memory in MB, or an instance type.

    `COPY` is a copy from the command that starts it until it is gone, by the memory that it books; `INSTANCE` an instance from
    its coming up until it is gone. `BILLED` is what invocations of a serverless variant took, by its memory, and `PROVISIONED`
    the time of its provisioned concurrency. The `MOST_` are what the most that was configured would have run.
    """

    COPY = "copy"
    INSTANCE = "instance"
    BILLED = "billed"
    PROVISIONED = "provisioned"
    MOST_COPY = "most-copy"
    MOST_INSTANCE = "most-instance"
    MOST_ENVIRONMENT = "most-environment"


Times = dict[Kind, dict[str, Span]]
"""Times by kind and size."""


class DayUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a part of an endpoint used on the day that begins at `day`, as far as `until`.

    `part` is an inference component (`ic/NAME`) or a variant (`variant/ENDPOINT/VARIANT`).
    """

    endpoint: EndpointName
    part: WorkloadId
    day: Instant
    until: Instant
    invocations: int = 0
    times: Times = {}

    @property
    def empty(self) -> bool:
        """Whether nothing was used."""
        return not self.invocations and not self.times


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What things cost, in any one currency.

    `hourly` is what an instance of each type costs an hour, `gb_second` and `provisioned_gb_second` what a GB (1024 MB) of a
    serverless environment costs a second, while it works and while it is kept ready.
    """

    hourly: Mapping[str, float] = {}
    gb_second: float = 0.00002
    provisioned_gb_second: float = 0.000005


def hourly_prices(text: str) -> dict[str, float]:
    """Read `TYPE=PRICE, TYPE=PRICE`; prices are of an hour. Raises `ValueError`, which says what is wrong."""
    found: dict[str, float] = {}
    for item in filter(None, (each.strip() for each in text.split(","))):
        name, equals, price = item.partition("=")
        try:
            found[name.strip()] = value = float(price)
        except ValueError:
            value = -1.0
        if not equals or not name.strip() or not 0 <= value < float("inf"):
            raise ValueError(f"{item!r} is not TYPE=PRICE with a price of 0 or more")
    return found


def memory_size(memory_mb: int) -> str:
    """Give the size that times of so much memory are kept by."""
    if memory_mb < 0:
        raise InvariantBrokenError(f"There is no memory of {memory_mb} MB.")
    return str(memory_mb)
