"""What copies use is measured every ten seconds and made rates of, on virtual time."""

import asyncio
from pathlib import Path

from stoker.control.sampling import Rates, disk_share, sample
from stoker.domain.alarms import MetricKey, Statistic
from stoker.domain.ids import CopyId, WorkloadId
from stoker.engine.traffic import CopyUse
from stoker.ports.runtime import CopyUsage
from stoker.testing.fake_runtime import Script
from stoker.testing.loop import run_virtually
from stoker.units import MINUTE
from tests.unit.control.stage import Stage, component, endpoint

A, B = CopyId("a"), CopyId("b")


def test_rates_are_of_the_time_between_two_looks() -> None:
    rates = Rates()
    first = CopyUsage(cpu_ns=10_000_000_000, memory_bytes=5, accelerators=0.5, accelerator_memory=0.25)
    assert rates.of({A: first}, 100.0) == ()
    later = CopyUsage(cpu_ns=13_000_000_000, memory_bytes=7, accelerators=0.75, accelerator_memory=0.5)
    found = rates.of({A: later, B: first}, 102.0)
    assert found == (CopyUse(copy_id=A, cpus=1.5, memory_bytes=7, accelerators=0.75, accelerator_memory=0.5),)
    assert [each.cpus for each in rates.of({A: first, B: first}, 103.0)] == [0.0, 0.0], "never below nothing"
    assert rates.of({A: later}, 103.0) == (), "no time has passed"


def test_what_copies_use_becomes_metrics_and_utilisation() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.runtime.script = Script(cpus=0.6, memory_bytes=256 << 20)
        async with stage.running():
            sampling = asyncio.ensure_future(sample(stage.runtime, stage.driver, stage.clock, lambda: 0.5))
            await asyncio.sleep(30)
            assert not list(stage.platform.book.keys()), "there was nothing to measure"
            await stage.driver.submit(endpoint(now=stage.clock.now()))
            await stage.driver.submit(component(now=stage.clock.now()))
            await asyncio.sleep(95)
            sampling.cancel()
        assert stage.platform.utilising.utilisation(WorkloadId("ic/ic")) == 0.6
        key = MetricKey(
            namespace="/aws/sagemaker/InferenceComponents",
            name="CPUUtilizationNormalized",
            dimensions=(("InferenceComponentName", "ic"),),
        )
        book, now = stage.platform.book, stage.clock.now()
        assert [point.value for point in book.datapoints(key, Statistic.AVERAGE, MINUTE, now - 2 * MINUTE, now)] == [60.0, 60.0]
        samples = book.datapoints(key, Statistic.SAMPLE_COUNT, MINUTE, now - 2 * MINUTE, now)
        assert sum(point.value for point in samples) == 8, "one in ten seconds, from the second look on"

    run_virtually(scene())


def test_how_full_the_disk_is(tmp_path: Path) -> None:
    share = disk_share(tmp_path)
    assert share is not None
    assert 0 < share <= 1
    assert disk_share(tmp_path / "not there") is None
