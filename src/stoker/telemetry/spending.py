"""Counters of what was used, for Prometheus: seconds of copies and instances, GB-seconds, by part of an endpoint.

They count from the control plane's start, the day of the start whole: whoever reads them takes differences, as of any counter.
"""

import asyncio
from typing import NamedTuple

from stoker.decisions.billing import amounts
from stoker.domain.usage import DayUse, Prices
from stoker.engine.accounting import Account, Accounting
from stoker.engine.appraisal import Part
from stoker.units import Instant

TURN = 200
"""Parts that are told of at a stretch; then others get their turn."""


class _Family(NamedTuple):
    name: str
    text: str


_FAMILIES = (
    _Family("stoker_copy_seconds_total", "Seconds that copies ran, all together."),
    _Family("stoker_instance_seconds_total", "Seconds that instances ran, all together."),
    _Family("stoker_gb_seconds_total", "Memory in GB times billed seconds."),
)


async def spending(accounting: Accounting, now: Instant) -> bytes:
    """Give the samples of every part that has an account. Names need no escapes."""
    columns = [[f"# HELP {family.name} {family.text}\n# TYPE {family.name} counter\n"] for family in _FAMILIES]
    for number, (part, account) in enumerate(list(accounting.accounts.items()), 1):
        labels = f'{{endpoint="{part.endpoint}",workload="{part.part}"}}'
        for family, column, value in zip(_FAMILIES, columns, _values(part, account, now), strict=True):
            column.append(f"{family.name}{labels} {value}\n")
        if number % TURN == 0:
            await asyncio.sleep(0)
    return "".join(line for column in columns for line in column).encode()


def _values(part: Part, account: Account, now: Instant) -> tuple[float, float, float]:
    """Give a part's samples, in the families' order."""
    row = DayUse(endpoint=part.endpoint, part=part.part, day=0, until=now, times=account.times(now))
    used = amounts([row], Prices())
    return used.copy_s, used.instance_s, used.gb_s
