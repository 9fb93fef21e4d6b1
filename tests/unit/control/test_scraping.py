"""Model servers' own metrics become metrics that alarms can watch, on virtual time."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from stoker.control import scraping
from stoker.control.scraping import Series, scrape
from stoker.domain.alarms import MetricKey, Statistic
from stoker.domain.ids import CopyId
from stoker.testing.fake_runtime import Script
from stoker.testing.loop import run_virtually
from stoker.units import MINUTE
from tests.unit.control.stage import Stage, component, endpoint


def test_what_servers_tell_is_published_by_component() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.runtime.script = Script(metrics=b'waiting{model="a"} 3\nwaiting{model="b"} 2\nserved_total 5\n')
        async with stage.running():
            asking = asyncio.ensure_future(scrape(stage.runtime, stage.driver, stage.clock))
            await stage.driver.submit(endpoint(now=stage.clock.now()))
            await stage.driver.submit(component(now=stage.clock.now(), copies=2))
            await asyncio.sleep(121)
            asking.cancel()
        book, now = stage.platform.book, stage.clock.now()
        where = {"namespace": "/stoker/InferenceComponents", "dimensions": (("InferenceComponentName", "ic"),)}
        waiting, served = MetricKey(name="waiting", **where), MetricKey(name="served_total", **where)  # type: ignore[arg-type]
        assert book.keys(namespace="/stoker/InferenceComponents") == [served, waiting]
        points = book.datapoints(waiting, Statistic.AVERAGE, MINUTE, now - 2 * MINUTE, now)
        assert {point.value for point in points} == {5.0}
        assert sum(point.count for point in points) == 24, "of both copies, every ten seconds"
        grown = book.datapoints(served, Statistic.SUM, MINUTE, now - 2 * MINUTE, now)
        assert {point.value for point in grown} == {0.0}, "nothing was served since it was first read"

    run_virtually(scene())


def test_a_variants_own_model_is_told_of_by_endpoint_and_variant_and_series_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "MAX_SERIES", 2)
    copies = {"a": SimpleNamespace(workload="variant/e/v"), "b": SimpleNamespace(workload="ic/x")}
    platform: Any = SimpleNamespace(fleet=SimpleNamespace(copies=copies))
    series = Series()
    first = {CopyId("a"): {"m": 1.0}, CopyId("b"): {"m": 2.0}, CopyId("gone"): {"m": 3.0}}
    found = list(series.samples(platform, first, at=7))
    assert [(each.key.namespace, each.key.dimensions, each.total) for each in found] == [
        ("/stoker/Endpoints", (("EndpointName", "e"), ("VariantName", "v")), 1.0),
        ("/stoker/InferenceComponents", (("InferenceComponentName", "x"),), 2.0),
    ]
    with capture_logs() as logs:
        found = list(series.samples(platform, {CopyId("a"): {"l": 9.0, "m": 1.0}, CopyId("b"): {"m": 2.0}}, at=8))
    assert [each.key.name for each in found] == ["m", "m"], "those that are there go on"
    assert logs == [], "it was said before"
