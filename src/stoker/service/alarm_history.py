"""What happened to alarms: a page at a time, also of alarms that are gone."""

from collections.abc import Collection
from typing import TypeAlias

import msgspec

from stoker.domain.alarms import HistoryItem, HistoryKind
from stoker.engine.alarm_board import HISTORY_KIND
from stoker.service.desk import Desk
from stoker.units import DAY, Instant, Span

KEPT: Span = 14 * DAY
"""How long an entry is to be had (CloudWatch's API reference, DescribeAlarmHistory)."""

Mark: TypeAlias = tuple[Instant, str]
"""An entry's place: its instant, and its name among those of that instant."""

_CHUNK = 200
_MAX_SCANNED = 100_000


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries a caller asks for: those of [start, end], of the sorts of alarms in `composite`; None is any."""

    name: str | None = None
    kind: HistoryKind | None = None
    composite: Collection[bool] = (False,)
    start: Instant | None = None
    end: Instant | None = None
    ascending: bool = False

    def takes(self, item: HistoryItem) -> bool:
        """Whether an entry is among those asked for."""
        if self.kind not in {None, item.kind} or item.composite not in self.composite:
            return False
        return (self.start is None or item.at >= self.start) and (self.end is None or item.at <= self.end)


async def entries(desk: Desk, query: HistoryQuery, *, limit: int, after: Mark | None = None) -> list[HistoryItem]:
    """Give up to `limit` entries that follow the one marked `after`, in the order asked for."""
    now = desk.now()
    oldest = max(now - KEPT, query.start or 0)
    # Nothing happened after now; and what a store is asked for must fit its numbers, which a year 9999 does not.
    before = None if query.end is None else min(max(query.end, 0), now) + 1
    if after is not None and not query.ascending:
        before = min(after[0], now) + 1
    chunk = _MAX_SCANNED if query.ascending else _CHUNK
    while True:
        kept = await desk.history(HISTORY_KIND, query.name, limit=chunk, before=before)
        read = [msgspec.msgpack.decode(each, type=HistoryItem) for each in kept]
        found = sorted(
            (each for each in read if each.at >= oldest and query.takes(each) and _follows(each, after, query)),
            key=mark,
            reverse=not query.ascending,
        )
        if len(found) >= limit + 1 or len(kept) < chunk or chunk >= _MAX_SCANNED or (read and read[-1].at < oldest):
            return found[:limit]
        chunk = min(_MAX_SCANNED, chunk * 4)


def mark(item: HistoryItem) -> Mark:
    """Give an entry's place among all entries."""
    return item.at, item.entry


def _follows(item: HistoryItem, after: Mark | None, query: HistoryQuery) -> bool:
    if after is None:
        return True
    return mark(item) > after if query.ascending else mark(item) < after
