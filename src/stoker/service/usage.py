"""What endpoints used and what it cost: the accounts of the day and those of the days before, added up as asked."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, date, datetime
from urllib.parse import parse_qs

import msgspec

from stoker.config.settings import Usage
from stoker.decisions.billing import Amounts, Rates, amounts
from stoker.domain.instances import InstanceShape
from stoker.domain.usage import DayUse, Prices, hourly_prices
from stoker.engine.accounting import USAGE_KIND, Accounting
from stoker.errors import InvalidParameterError, LimitError
from stoker.ports.store_limits import MAX_HISTORY
from stoker.service.desk import Desk
from stoker.units import DAY, SECOND, Instant

BATCH = 2000
"""Accounts that are read at a time."""
MAX_LINES = 100_000
"""Lines of one report."""

_decode = msgspec.msgpack.Decoder(DayUse).decode


class UsageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which days (`since` and `until` are both among them; None: no bound) and which endpoint (empty: all)."""

    since: date | None = None
    until: date | None = None
    endpoint: str = ""
    by_day: bool = False


class UsageLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a part of an endpoint used, or all parts do; `day` is empty when it is of all days. Times are in seconds.

    `part` is `ic/NAME` for an inference component and `variant/ENDPOINT/VARIANT` for a variant. Copies and instances count from
    their start until they are gone; `gb_s` is memory (GB of 1024 MB) times billed duration. `used` is what was paid for,
    `always_on` what the most that was configured would have cost all the time, `saved` the difference.
    """

    endpoint: str
    part: str
    day: str
    invocations: int
    copy_s: float
    always_on_copy_s: float
    instance_s: float
    always_on_instance_s: float
    gb_s: float
    used: float
    always_on: float
    saved: float


class UsageView(msgspec.Struct, frozen=True, kw_only=True):
    """A report: its lines, and all of them together. Money is in `currency`; `now_s` is the platform's clock."""

    now_s: float
    currency: str
    lines: list[UsageLine]
    total: UsageLine


def asked_usage(query: str) -> UsageQuery:
    """Read the query of the page. Raises `InvalidParameterError`."""
    try:
        found = {name: values[-1] for name, values in parse_qs(query, max_num_fields=8).items()}
    except ValueError as error:
        raise InvalidParameterError(f"The query cannot be read: {error}.", field="query") from error
    by = found.pop("by", "endpoint")
    if by not in {"day", "endpoint"}:
        raise InvalidParameterError(f"by must be day or endpoint, not {by[:40]!r}.", field="by")
    endpoint = found.pop("endpoint", "")
    days = {name: _date(name, found.pop(name)) for name in ("since", "until") if name in found}
    if found:
        raise InvalidParameterError(f"There is no {min(found)[:40]!r}; there are since, until, endpoint and by.", field="query")
    return UsageQuery(endpoint=endpoint, by_day=by == "day", since=days.get("since"), until=days.get("until"))


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidParameterError(f"{name} must be a day such as 2026-11-30, not {text[:40]!r}.", field=name) from error


def price_list(settings: Usage, shapes: Mapping[str, InstanceShape]) -> Prices:
    """Give the prices in force: those that the settings name, and for other instance types what their parts come to."""
    rates = Rates(cpu_hour=settings.cpu_hour, gb_hour=settings.gb_hour, accelerator_hour=settings.accelerator_hour)
    hourly = {name: rates.of(shape) for name, shape in shapes.items()}
    return Prices(
        hourly=hourly | hourly_prices(settings.hourly),
        gb_second=settings.gb_second,
        provisioned_gb_second=settings.provisioned_gb_second,
    )


async def usage(desk: Desk, accounting: Accounting, settings: Usage, query: UsageQuery) -> UsageView:
    """Give the report of what was used until now. Raises `LimitError` for one that would be too long."""
    prices = price_list(settings, desk.platform.options.fleet.shapes)
    now = desk.now()
    sheet = _Sheet(query, until=now + 1 if query.until is None else _instant(query.until) + DAY)
    sheet.take(row for row in accounting.rows(now) if query.endpoint in {"", row.endpoint})
    async for rows in _closed(desk, sheet):
        sheet.take(row for row in rows if row.until <= now)  # what was closed since is among the rows of now already
    groups = sheet.groups
    found = {name: amounts(rows, prices) for name, rows in sorted(groups.items())}
    everything = amounts((row for rows in groups.values() for row in rows), prices)
    lines = [_line(name, each) for name, each in found.items()]
    # Of serverless and other variants together, what counts as billed is not the same.
    total = msgspec.structs.replace(everything, gb_s=sum(each.gb_s for each in found.values()))
    return UsageView(now_s=now / SECOND, currency=settings.currency, lines=lines, total=_line(("", "", -1), total))


def _instant(day: date) -> Instant:
    return (day - date(1970, 1, 1)).days * DAY


class _Sheet:
    """Rows sorted into what each line is made of; `since` and `until` are the first day's beginning and the last day's end."""

    __slots__ = ("groups", "query", "since", "until")

    def __init__(self, query: UsageQuery, *, until: Instant) -> None:
        self.query = query
        self.since = 0 if query.since is None else _instant(query.since)
        self.until = until
        self.groups: dict[tuple[str, str, Instant], list[DayUse]] = {}

    def take(self, rows: Iterable[DayUse]) -> None:
        """Take in rows, as far as they are of the days that were asked for."""
        for row in rows:
            if not self.since <= row.day < self.until:
                continue
            name = (row.endpoint, row.part, row.day if self.query.by_day else -1)
            if name not in self.groups and len(self.groups) >= MAX_LINES:
                text = "The report is too long: ask for fewer days, or for one endpoint."
                raise LimitError(text, limit="lines", maximum=MAX_LINES)
            self.groups.setdefault(name, []).append(row)


async def _closed(desk: Desk, sheet: _Sheet) -> AsyncIterator[list[DayUse]]:
    """Give the accounts of days that are over, the last day first, a batch at a time."""
    limit = BATCH
    before = sheet.until
    while True:
        documents = await desk.history(USAGE_KIND, sheet.query.endpoint or None, limit=limit, before=before)
        rows = [_decode(document) for document in documents]
        if len(rows) < limit:
            yield rows
            return
        oldest = rows[-1].day
        if oldest == rows[0].day:
            if limit >= MAX_HISTORY:
                raise LimitError("A day has too many accounts: ask for one endpoint.", limit="accounts", maximum=MAX_HISTORY)
            limit = min(MAX_HISTORY, 2 * limit)
            continue
        yield [row for row in rows if row.day > oldest]  # of the oldest day there may be more
        if oldest < sheet.since:
            return
        limit, before = BATCH, oldest + 1


def _line(name: tuple[str, str, Instant], each: Amounts) -> UsageLine:
    endpoint, part, day = name
    return UsageLine(
        endpoint=endpoint,
        part=part,
        day="" if day < 0 else datetime.fromtimestamp(day / SECOND, UTC).date().isoformat(),
        invocations=each.invocations,
        copy_s=each.copy_s,
        always_on_copy_s=each.always_on_copy_s,
        instance_s=each.instance_s,
        always_on_instance_s=each.always_on_instance_s,
        gb_s=each.gb_s,
        used=each.used,
        always_on=each.always_on,
        saved=each.saved,
    )
