"""The recording of a gateway's traffic: what is written, how much of it, and what it costs."""

import asyncio
import csv
import gzip
import random
import resource
from pathlib import Path
from timeit import repeat

import pytest

from stoker.config.settings import Recording
from stoker.domain.ids import WorkloadId
from stoker.gateway import recording
from stoker.gateway.recording import COLUMNS, Recorder, lines
from stoker.link.messages import ClockRate
from stoker.sim.traces.reading import read_trace
from stoker.sim.traces.service import ServiceModel
from stoker.units import MILLISECOND, SECOND

IC = WorkloadId("ic/a")
RATE = ClockRate(monotonic_ns=0, started=1_700_000_000 * SECOND)
MOST_NS = 2000


def recorder(directory: Path, name: str = "gateway-1", *, max_bytes: int = 1 << 20, files: int = 8) -> Recorder:
    return Recorder(directory, name, Recording(max_bytes=max_bytes, files=files), lambda: RATE)


def files(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.csv.gz"))


def rows(*paths: Path) -> list[dict[str, str]]:
    return [row for path in paths for row in csv.DictReader(text(path).splitlines())]


def text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


@pytest.mark.parametrize(
    ("service", "status", "text"),
    [
        (250 * MILLISECOND, 200, "0.250000,0.500000,2xx"),
        (250 * MILLISECOND, 503, "0.250000,0.500000,5xx"),
        (250 * MILLISECOND, 0, "0.250000,0.500000,lost"),
        (250 * MILLISECOND, -1, "0.250000,0.500000,left"),
        (-1, -1, ",0.500000,unserved"),
    ],
)
def test_a_line_says_when_what_and_how_long(service: int, status: int, text: str) -> None:
    assert lines([(IC, SECOND, SECOND // 2, service, status)], RATE) == f"1700000001.000000,ic/a,{text}\n"


def test_times_are_the_platforms() -> None:
    fast = ClockRate(monotonic_ns=10 * SECOND, started=1_700_000_000 * SECOND, speed=60.0)
    assert lines([(IC, 11 * SECOND, SECOND, SECOND, 200)], fast) == "1700000060.000000,ic/a,60.000000,60.000000,2xx\n"


async def test_what_was_flushed_is_whole_and_the_rest_comes_at_the_end(tmp_path: Path) -> None:
    one = recorder(tmp_path / "made")
    one.add(IC, SECOND, 0, SECOND, 200)
    await one.flush()
    (path,) = files(tmp_path / "made")
    assert rows(path) == [{"t": "1700000001.000000", "model": "ic/a", "dur_s": "1.000000", "held_s": "0.000000", "status": "2xx"}]
    assert path.stat().st_mode & 0o777 == 0o600
    one.add(IC, 2 * SECOND, 0, SECOND, 200)
    one.close()
    assert len(rows(path)) == 2
    assert one.dropped == 0


async def test_it_writes_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "FLUSH_S", 0.0)
    written = asyncio.Event()
    loop = asyncio.get_running_loop()

    def rate() -> ClockRate:
        loop.call_soon_threadsafe(written.set)
        return RATE

    one = Recorder(tmp_path, "g", Recording(), rate)
    one.add(IC, SECOND, 0, SECOND, 200)
    running = loop.create_task(one.run())
    async with asyncio.timeout(10):
        await written.wait()
    running.cancel()
    one.close()
    assert len(rows(*files(tmp_path))) == 1


async def test_a_full_file_is_followed_by_another_and_the_oldest_go(tmp_path: Path) -> None:
    chance = random.Random(1)
    one, other = recorder(tmp_path, max_bytes=20_000, files=2), recorder(tmp_path, "gateway-10", max_bytes=20_000)
    other.add(IC, 0, 0, 0, 200)
    other.close()
    for second in range(12):
        for _ in range(500):
            one.add(IC, second * SECOND + chance.randrange(SECOND), 0, chance.randrange(SECOND), 200)
        await one.flush()
    one.close()
    assert one.dropped == 0
    kept = [path for path in files(tmp_path) if "gateway-1-" in path.name]
    assert len(kept) == 3
    assert all(path.stat().st_size <= 20_000 for path in kept)
    assert all(text(path).startswith(f"{COLUMNS}\n") for path in kept)
    found = rows(*kept)
    assert len(found) % 500 == 0
    assert found[-1]["t"].startswith("1700000011")
    assert len(files(tmp_path)) == 4, "another gateway's file went"


def test_beyond_a_bound_invocations_are_counted_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_WAITING", 10)
    one = recorder(tmp_path)
    for _ in range(25):
        one.add(IC, 0, 0, 0, 200)
    one.close()
    assert (one.dropped, len(rows(*files(tmp_path)))) == (15, 10)


async def test_a_disk_that_fails_costs_the_recording_only(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.touch()
    one = recorder(place)
    one.add(IC, 0, 0, 0, 200)
    await one.flush()
    assert one.dropped == 1
    place.unlink()
    one.add(IC, 0, 0, 0, 200)
    one.close()
    assert (one.dropped, len(rows(*files(place)))) == (1, 1)


async def test_a_disk_that_fills_leaves_whole_lines(tmp_path: Path) -> None:
    chance = random.Random(2)
    one = recorder(tmp_path)
    one.add(IC, 0, 0, 0, 200)
    await one.flush()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        for _ in range(900):
            one.add(IC, chance.randrange(SECOND), 0, chance.randrange(SECOND), 200)
        await one.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert one.dropped == 900
    one.add(IC, 0, 0, 0, 200)
    one.close()
    assert len(rows(*files(tmp_path))) == 2


def test_recordings_one_after_the_other_are_a_trace(tmp_path: Path) -> None:
    for number in (2, 1):
        one = recorder(tmp_path, f"gateway-{number}")
        one.add(IC, number * SECOND, 0, number * SECOND, 200)
        one.add(WorkloadId("ic/b"), number * SECOND, 0, -1, -1)
        one.close()
    path = tmp_path / "all.csv.gz"
    path.write_bytes(b"".join(each.read_bytes() for each in reversed(files(tmp_path))))
    service = ServiceModel("", random.Random(0))
    trace = read_trace(path, service, random.Random(0))
    assert {s.model: (list(s.arrivals)[:-1], list(s.services)) for s in trace.streams} == {
        "ic/a": ([0, SECOND], [SECOND, 2 * SECOND]),
        "ic/b": ([0, SECOND], [SECOND, SECOND]),
    }
    assert (trace.begin, service.assumed) == (1_700_000_001 * SECOND, 2)


def test_an_invocation_costs_less_than_two_microseconds(tmp_path: Path) -> None:
    one = recorder(tmp_path)
    best = min(repeat(lambda: one.add(IC, SECOND, 0, SECOND, 200), repeat=20, number=1000)) / 1000
    assert best * SECOND < MOST_NS
