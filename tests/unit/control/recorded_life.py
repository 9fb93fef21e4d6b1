"""A small life of a platform, recorded: copies that come, grow with their load, crash, go to zero and are woken.

`python -m tests.unit.control.recorded_life` writes the golden log anew; do that when the engine is meant to command otherwise.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path

import msgspec

from stoker.decisions.scaling.target_tracking import ScalingOptions, tracking_alarms
from stoker.domain.ids import ComponentName, EndpointName, WorkloadId
from stoker.domain.scaling import Dimension, PredefinedMetric, ScalableTarget, ScalingPolicy, TargetKey, TargetTracking
from stoker.engine.events import ComponentDeleted, DemandSeen, EndpointDeleted, PolicyPut, TargetPut, TrafficSeen
from stoker.engine.traffic import WorkloadCounts
from stoker.testing.loop import run_virtually
from tests.unit.control.stage import Stage, component, endpoint
from tests.unit.engine.world import VARIANT

GOLDEN = Path(__file__).with_name("golden.log.gz")
IC = WorkloadId("ic/ic")
KEY = TargetKey("inference-component/ic", Dimension.COPIES)
BUSY_S = 60
IDLE_S = 1200


def record(directory: Path) -> Path:
    """Live it once, and give the engine's log."""
    return run_virtually(_life(directory))


async def _life(directory: Path) -> Path:
    stage = Stage(recordings=directory)
    assert stage.log is not None
    try:
        async with stage.running():
            await _live(stage)
    finally:
        stage.log.close()
    return stage.log.path


async def _live(stage: Stage) -> None:
    driver = stage.driver
    now = driver.now()
    await driver.submit(endpoint(now=now))
    await driver.submit(component(copies=1, now=now))
    await driver.submit(TargetPut(target=ScalableTarget(key=KEY, arn="t", least=0, most=3, created=now)))
    tracking = TargetTracking(target_value=5.0, metric=PredefinedMetric.COMPONENT_CONCURRENCY, scale_in_cooldown=0)
    policy = ScalingPolicy(name="tracking", target=KEY, arn="p", created=now, config=tracking)
    alarms = tracking_alarms(policy, driver.ids, ScalingOptions(), now)
    policy = msgspec.structs.replace(policy, alarms=tuple(alarm.name for alarm in alarms))
    await driver.submit(PolicyPut(policy=policy, alarms=alarms))
    await asyncio.sleep(30)
    await _traffic(stage, BUSY_S, in_flight=12)
    stage.runtime.crash((await stage.runtime.held())[0])
    await _traffic(stage, 5, in_flight=12)
    await _traffic(stage, 1, in_flight=0)
    await asyncio.sleep(IDLE_S)
    assert stage.platform.fleet.copies == {}
    driver.post(DemandSeen(workload=IC, waiting=1, at=driver.now()))
    await asyncio.sleep(60)
    assert stage.platform.fleet.serving(IC) == 1
    await driver.submit(ComponentDeleted(name=ComponentName("ic")))
    await asyncio.sleep(60)
    await driver.submit(EndpointDeleted(name=EndpointName("e")))
    await asyncio.sleep(60)
    assert stage.platform.fleet.endpoints == {}


async def _traffic(stage: Stage, span_s: int, *, in_flight: int) -> None:
    for _ in range(span_s):
        counts = WorkloadCounts(
            workload=IC, endpoint=EndpointName("e"), variant=VARIANT, in_flight=in_flight, most_in_flight=in_flight
        )
        stage.driver.post(TrafficSeen(gateway="g", at=stage.driver.now(), counts=(counts,)))
        await asyncio.sleep(1)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        shutil.copyfile(record(Path(place)), GOLDEN)
