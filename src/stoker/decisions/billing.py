"""What usage comes to: times pile up while things run, days are closed, and amounts become money.

AWS charges an instance for its hours, and a serverless endpoint for the memory of its environments times what its invocations
took, besides what is kept provisioned. https://aws.amazon.com/sagemaker/pricing/
"""

from collections.abc import Iterable, Mapping

import msgspec

from stoker.domain.instances import InstanceShape
from stoker.domain.usage import DayUse, Kind, Prices, Times
from stoker.units import DAY, HOUR, SECOND, Instant, Span, floor_to

MB_OF_GB = 1024


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """What an instance type costs an hour unless a price is given: so much for each of its processors, GB and accelerators."""

    cpu_hour: float
    gb_hour: float
    accelerator_hour: float

    def of(self, shape: InstanceShape) -> float:
        """Give what an instance of the shape costs an hour."""
        memory = shape.memory_mb / MB_OF_GB * self.gb_hour
        return shape.cpus * self.cpu_hour + memory + shape.accelerators * self.accelerator_hour


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """What was used, and the money: what it cost, and what the most that was configured would have cost if it always ran.

    GB-seconds are memory times billed duration: what invocations took in a serverless variant, the copies' time elsewhere.
    """

    invocations: int = 0
    copy_s: float = 0.0
    always_on_copy_s: float = 0.0
    instance_s: float = 0.0
    always_on_instance_s: float = 0.0
    gb_s: float = 0.0
    used: float = 0.0
    always_on: float = 0.0

    @property
    def saved(self) -> float:
        """What scaling has saved."""
        return self.always_on - self.used


Levels = Mapping[tuple[Kind, str], int]
"""How many run of each kind and size."""


def advance(row: DayUse, levels: Levels, to: Instant) -> tuple[list[DayUse], DayUse]:
    """Let what runs run until `to`; gives the days that are over by then, and the one that is not."""
    over: list[DayUse] = []
    while row.day + DAY <= to:
        over.append(_to(row, levels, row.day + DAY))
        row = DayUse(endpoint=row.endpoint, part=row.part, day=row.day + DAY, until=row.day + DAY)
        if not levels:  # nothing happens until `to`
            row = began(row, floor_to(to, DAY))
    return over, _to(row, levels, to)


def began(row: DayUse, at: Instant) -> DayUse:
    """Give an empty row of the same part that begins at `at`."""
    return DayUse(endpoint=row.endpoint, part=row.part, day=floor_to(at, DAY), until=at)


def _to(row: DayUse, levels: Levels, until: Instant) -> DayUse:
    if until <= row.until:
        return row
    if not levels:
        return msgspec.structs.replace(row, until=until)
    span = until - row.until
    times = {kind: dict(sizes) for kind, sizes in row.times.items()}
    for (kind, size), count in levels.items():
        sizes = times.setdefault(kind, {})
        sizes[size] = sizes.get(size, 0) + count * span
    return msgspec.structs.replace(row, until=until, times=times)


def added(times: Times, kind: Kind, size: str, span: Span) -> Times:
    """Give the times with one more."""
    sizes = times.get(kind, {})
    return {**times, kind: {**sizes, size: sizes.get(size, 0) + span}}


def summed(rows: Iterable[DayUse]) -> tuple[int, Times]:
    """Give invocations and times of all rows together."""
    invocations = 0
    times: Times = {}
    for row in rows:
        invocations += row.invocations
        for kind, sizes in row.times.items():
            into = times.setdefault(kind, {})
            for size, span in sizes.items():
                into[size] = into.get(size, 0) + span
    return invocations, times


def amounts(rows: Iterable[DayUse], prices: Prices) -> Amounts:
    """Give what the rows come to."""
    invocations, times = summed(rows)
    billed, copies = times.get(Kind.BILLED, {}), times.get(Kind.COPY, {})
    serverless = Kind.MOST_ENVIRONMENT in times
    return Amounts(
        invocations=invocations,
        copy_s=_seconds(copies),
        always_on_copy_s=_seconds(times.get(Kind.MOST_COPY, {})),
        instance_s=_seconds(times.get(Kind.INSTANCE, {})),
        always_on_instance_s=_seconds(times.get(Kind.MOST_INSTANCE, {})),
        gb_s=_gb_seconds(billed if serverless else copies),
        used=_hours(times.get(Kind.INSTANCE, {}), prices)
        + _gb_seconds(billed) * prices.gb_second
        + _gb_seconds(times.get(Kind.PROVISIONED, {})) * prices.provisioned_gb_second,
        always_on=_hours(times.get(Kind.MOST_INSTANCE, {}), prices)
        + _gb_seconds(times.get(Kind.MOST_ENVIRONMENT, {})) * prices.gb_second,
    )


def _seconds(sizes: Mapping[str, int]) -> float:
    return sum(sizes.values()) / SECOND


def _gb_seconds(sizes: Mapping[str, int]) -> float:
    return sum(int(size) * span for size, span in sizes.items()) / MB_OF_GB / SECOND


def _hours(sizes: Mapping[str, int], prices: Prices) -> float:
    return sum(span / HOUR * prices.hourly.get(size, 0.0) for size, span in sizes.items())
