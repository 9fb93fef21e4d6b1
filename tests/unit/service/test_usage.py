from datetime import UTC, datetime

import msgspec
import pytest

from stoker.config.settings import Usage
from stoker.domain.usage import DayUse, Kind, hourly_prices
from stoker.engine.accounting import USAGE_KIND, Accounting
from stoker.engine.commands import Append
from stoker.errors import InvalidParameterError, LimitError
from stoker.service import usage as module
from stoker.service.usage import UsageQuery, asked_usage, price_list, usage
from stoker.testing.desk import LocalDesk
from stoker.units import DAY, HOUR, SECOND

SETTINGS = Usage(hourly="ml.m5.large=0.5", currency="EUR")


def row(day: int, part: str = "variant/e/v", endpoint: str = "e", **more: object) -> DayUse:
    fields: dict[str, object] = {"endpoint": endpoint, "part": part, "day": day, "until": day + DAY, "invocations": 3}
    return msgspec.convert({**fields, **more}, DayUse)


async def desk_with(*rows: DayUse) -> tuple[LocalDesk, Accounting]:
    desk = LocalDesk()
    writes = [
        Append(kind=USAGE_KIND, key=r.endpoint, entry=f"{r.part}@{r.until}", at=r.day, document=msgspec.msgpack.encode(r))
        for r in rows
    ]
    await desk.store.apply(writes)
    return desk, Accounting(desk.platform.fleet, desk.platform.autoscaler.targets)


def today(desk: LocalDesk) -> int:
    return desk.now() - desk.now() % DAY


async def test_instances_cost_their_hours_and_saving_is_what_was_not_run() -> None:
    day = today(LocalDesk()) - DAY
    times = {Kind.INSTANCE: {"ml.m5.large": 2 * HOUR}, Kind.MOST_INSTANCE: {"ml.m5.large": 72 * HOUR}}
    report = await usage(*await desk_with(row(day, times=times)), SETTINGS, UsageQuery())
    (line,) = report.lines
    assert (line.endpoint, line.part, line.day, line.invocations) == ("e", "variant/e/v", "", 3)
    assert (line.instance_s, line.always_on_instance_s) == (7200.0, 72 * 3600.0)
    assert (line.used, line.always_on, line.saved) == (1.0, 36.0, 35.0)
    assert (report.currency, report.total.saved) == ("EUR", 35.0)


async def test_serverless_variants_cost_what_their_invocations_took_times_memory() -> None:
    day = today(LocalDesk()) - DAY
    serverless = {
        Kind.COPY: {"2048": 100 * SECOND},
        Kind.BILLED: {"2048": 10 * SECOND},
        Kind.PROVISIONED: {"2048": 1000 * SECOND},
        Kind.MOST_ENVIRONMENT: {"2048": 2000 * SECOND},
    }
    parts = (row(day, times=serverless), row(day, "ic/ic", times={Kind.COPY: {"512": 60 * SECOND}}))
    report = await usage(*await desk_with(*parts), SETTINGS, UsageQuery())
    component, variant = report.lines
    assert (variant.gb_s, variant.copy_s) == (20.0, 100.0)
    assert variant.used == pytest.approx(20 * 0.00002 + 2000 * 0.000005)
    assert variant.always_on == pytest.approx(4000 * 0.00002)
    assert (component.gb_s, component.used, component.copy_s) == (30.0, 0.0, 60.0)
    assert report.total.gb_s == 50.0


async def test_days_and_endpoints_are_chosen_and_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    last = today(LocalDesk()) - DAY
    rows = [row(last - n * DAY, f"ic/c{c}") for n in range(5) for c in range(4)]
    rows.append(row(last, endpoint="other"))
    desk, accounting = await desk_with(*rows)
    first = datetime.fromtimestamp((last - 3 * DAY) / SECOND, UTC).date().isoformat()
    query = asked_usage(f"since={first}&by=day&endpoint=e")
    report = await usage(desk, accounting, SETTINGS, query)
    assert len(report.lines) == 16
    assert min(line.day for line in report.lines) == first
    whole = await usage(desk, accounting, SETTINGS, UsageQuery())
    assert [(line.endpoint, line.part, line.invocations) for line in whole.lines] == [
        *(("e", f"ic/c{c}", 15) for c in range(4)),
        ("other", "variant/e/v", 3),
    ]
    one = await usage(desk, accounting, SETTINGS, asked_usage(f"since={first}&until={first}"))
    assert one.total.invocations == 12
    monkeypatch.setattr(module, "MAX_LINES", 4)
    with pytest.raises(LimitError, match="ask for fewer days"):
        await usage(desk, accounting, SETTINGS, UsageQuery())


async def test_today_is_told_as_of_now() -> None:
    desk, _ = await desk_with()
    accounting = Accounting(desk.platform.fleet, desk.platform.autoscaler.targets)
    kept = row(today(desk), until=desk.now(), invocations=9)
    accounting.restore([(USAGE_KIND, msgspec.msgpack.encode(kept))], desk.now())
    report = await usage(desk, accounting, SETTINGS, UsageQuery(by_day=True))
    assert [(line.invocations, len(line.day)) for line in report.lines] == [(9, 10)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        pytest.param("since=yesterday", "since", id="no-day"),
        pytest.param("until=2026-02-30", "until", id="no-such-day"),
        pytest.param("by=hour", "by", id="no-such-line"),
        pytest.param("endpont=e", "query", id="misspelt"),
        pytest.param("&".join("by=day" for _ in range(9)), "query", id="too-many"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(query: str, field: str) -> None:
    with pytest.raises(InvalidParameterError) as refused:
        asked_usage(query)
    assert refused.value.field == field


def test_prices_are_of_parts_unless_they_are_named() -> None:
    desk = LocalDesk()
    prices = price_list(SETTINGS, desk.platform.options.fleet.shapes)
    assert prices.hourly["ml.m5.large"] == 0.5
    assert prices.hourly["ml.g5.xlarge"] == pytest.approx(4 * 0.045 + 16 * 0.0035 + 1.0)
    assert hourly_prices(" a=1 , b = 0.25,") == {"a": 1.0, "b": 0.25}
    for wrong in ("a", "a=", "a=x", "=1", "a=-1", "a=inf", "a=nan"):
        with pytest.raises(ValueError, match="is not TYPE=PRICE"):
            hourly_prices(wrong)
