"""What the tests of the process runtime share: a clock, specs of tiny model servers, and ways to look at processes."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from stoker.artifacts import LocalArtifacts
from stoker.config.settings import Image, Process
from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.ports.artifacts import ArtifactSource
from stoker.ports.runtime import CopyGone, CopyReady, CopySpec, Observation
from stoker.runtimes.process.leftover import leftover
from stoker.runtimes.process.runtime import ProcessRuntime
from stoker.units import SECOND, Instant, Span, to_seconds

SERVER = Path(__file__).with_name("tiny_server.py")
TINY = Image(pattern="tiny", command=[sys.executable, "-S", "-E", str(SERVER), "{port}"])
SETTINGS = Process(stop_grace_s=0.5, ping_interval_s=0.1, ping_timeout_s=0.3, log_bytes=65_536, log_files=2)


class WallClock:
    def now(self) -> Instant:
        return time.time_ns()

    def wall_s(self, span: Span) -> float:
        return to_seconds(span)


def spec(behaviour: str = "good", copy_id: str = "copy-1", **fields: object) -> CopySpec:
    arguments: dict[str, object] = {
        "copy_id": CopyId(copy_id),
        "workload": WorkloadId("ic/tiny"),
        "instance_id": InstanceId("i-1"),
        "image": "tiny",
        "environment": {"TINY": behaviour},
        "startup_timeout": 20 * SECOND,
    }
    return CopySpec(**(arguments | fields))  # type: ignore[arg-type] # rows of tests


def runtime(
    data: Path,
    settings: Process = SETTINGS,
    images: Iterable[Image] = (TINY,),
    artifacts: ArtifactSource | None = None,
) -> ProcessRuntime:
    source = artifacts or LocalArtifacts(data)
    return ProcessRuntime(data, [*images], settings, WallClock(), source, inherited=os.environ)


@asynccontextmanager
async def running(data: Path, settings: Process = SETTINGS, images: Iterable[Image] = (TINY,)) -> AsyncIterator[ProcessRuntime]:
    """A runtime that leaves nothing behind, however the test ends."""
    try:
        async with runtime(data, settings, images) as under_test:
            yield under_test
            await under_test.close(stop_copies=True)
    finally:
        await asyncio.to_thread(leftover, data, 0.1)


async def until(observations: AsyncIterator[Observation], *kinds: type[Observation], within_s: float = 20.0) -> Observation:
    """The next observation of one of the kinds; others on the way are passed over."""
    async with asyncio.timeout(within_s):
        async for observation in observations:
            if isinstance(observation, kinds):
                return observation
    raise AssertionError(f"the observations ended without {kinds}")


async def until_ready(observations: AsyncIterator[Observation]) -> CopyReady:
    seen = await until(observations, CopyReady, CopyGone)
    assert isinstance(seen, CopyReady), seen
    return seen


async def until_gone(observations: AsyncIterator[Observation], within_s: float = 20.0) -> CopyGone:
    seen = await until(observations, CopyGone, within_s=within_s)
    assert isinstance(seen, CopyGone)
    return seen


def wait_until(true: Callable[[], bool]) -> None:
    """Look every few milliseconds until it is so; for the caller's thread, under the caller's timeout."""
    while not true():
        time.sleep(0.005)


def processes_of(data: Path) -> list[int]:
    """The living processes that carry the mark of the data directory."""
    from stoker.runtimes.process.places import Places  # noqa: PLC0415
    from stoker.runtimes.process.proctable import marked  # noqa: PLC0415

    return sorted(marked(Places(data).owner))


def files_of(data: Path) -> list[str]:
    """What lies below DATA/copies."""
    return sorted(str(path.relative_to(data)) for path in (data / "copies").rglob("*"))
