"""The engine's log: what was logged comes out again when it is replayed, and what did not is found and told."""

import asyncio
import gzip
from pathlib import Path

import msgspec
import pytest

from stoker import __version__
from stoker.cli.commands import run_command
from stoker.config.settings import Recording
from stoker.control import engine_log
from stoker.control.engine_log import Ended, EngineLog, Opened, Step, begin_log
from stoker.control.replaying import read_frames, replay
from stoker.domain.ids import ComponentName
from stoker.engine.commands import Put
from stoker.engine.events import CopyCountSet, Event, GatewayGone
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.errors import InvalidParameterError
from stoker.ports.store import Record
from stoker.testing.loop import run_virtually
from tests.unit.control.recorded_life import GOLDEN, record
from tests.unit.control.stage import Stage, component, endpoint
from tests.unit.engine.world import SHAPE, TYPE, Ids

OPTIONS = PlatformOptions(fleet=FleetOptions(shapes={TYPE: SHAPE}))


def begun(directory: Path, *, records: tuple[Record, ...] = (), max_bytes: int = 1 << 20, files: int = 8) -> EngineLog:
    settings = Recording(max_bytes=max_bytes, files=files)
    log = begin_log(directory, settings, ids=Ids(), options=OPTIONS, records=records)
    assert log is not None
    return log


def live(log: EngineLog, *events: Event, records: tuple[Record, ...] = ()) -> None:
    """Have a platform take in events, and log that."""
    platform = Platform(ids=log.ids, options=OPTIONS)
    platform.restore((record.kind, record.document) for record in records)
    for number, event in enumerate(events, start=1):
        log.step(number, event, platform.handle(event, number))


def test_the_engine_commands_what_it_did_when_the_golden_log_was_written() -> None:
    # If it is meant to command otherwise: .venv/bin/python -m tests.unit.control.recorded_life
    replayed = replay(GOLDEN)
    assert replayed.difference is None
    assert replayed.steps > 100
    assert replayed.ended == "the control plane stopped"


def test_a_life_replays_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = record(tmp_path)
    replayed = replay(path)
    assert replayed.difference is None
    kinds = {type(f.event).__name__ for f in read_frames(path) if isinstance(f, Step)}
    assert kinds >= {"ComponentCreated", "TrafficSeen", "RuntimeObserved", "InstanceReady", "DemandSeen", "NoneType"}
    assert run_command(["replay", str(path)]) == 0
    assert capsys.readouterr().out.endswith("it ends because the control plane stopped: identical.\n")
    assert run_command(["replay", str(path), "--show"]) == 0
    told = capsys.readouterr().out
    assert 'PolicyPut {"type":"PolicyPut"' in told
    assert '-> Put {"kind":"component","key":"ic","document":{"name":"ic"' in told


def test_a_log_begins_with_the_records_the_engine_was_restored_from(tmp_path: Path) -> None:
    first = begun(tmp_path)
    live(first, endpoint(), component())
    first.close()
    kept = {
        (c["kind"], c["key"]): c["document"]
        for step in read_frames(first.path)
        if isinstance(step, Step)
        for name, c in msgspec.msgpack.decode(step.commands)
        if name == "Put"
    }
    records = tuple(Record(kind=kind, key=key, document=document) for (kind, key), document in kept.items())
    assert {record.kind for record in records} >= {"endpoint", "component", "instance"}
    second = begun(tmp_path, records=records)
    live(second, component("more"), records=records)
    second.close()
    assert next(read_frames(second.path)) == Opened(format=1, version=__version__, records=len(records), options=OPTIONS)
    assert replay(second.path).difference is None


def test_the_first_difference_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = begun(tmp_path)
    platform = Platform(ids=log.ids, options=OPTIONS)
    commands = platform.handle(endpoint(), 1)
    log.step(1, endpoint(), commands)
    platform.handle(endpoint("other"), 2)
    log.step(2, endpoint("other"), [*commands, Put(kind="copy", key="x", document=b"\x80")])
    log.close()
    found = replay(log.path).difference
    assert found is not None
    assert (found.number, found.why) == (2, "the commands differ")
    assert (found.then[0][1]["key"], found.now[0][1]["key"]) == ("e", "other")
    assert run_command(["replay", str(log.path)]) == 1
    lines = capsys.readouterr().out.splitlines()[-4:]
    assert lines[0] == f"{log.path.name}: step 2 went otherwise: the commands differ."
    assert lines[1].startswith("1970-01-01 00:00:00.000 EndpointCreated {")
    assert [line[:12] for line in lines[2:]] == ['then: Put {"', 'now: Put {"k']


@pytest.mark.parametrize(("drawn", "why"), [(0, "drew more ids"), (9, "8 of the ids drawn then were not drawn")])
def test_other_ids_are_a_difference(tmp_path: Path, drawn: int, why: str) -> None:
    log = begun(tmp_path)
    platform = Platform(ids=Ids(), options=OPTIONS)
    live(log, endpoint())
    platform.handle(endpoint(), 1)
    commands = platform.handle(component(copies=0), 2)
    for _ in range(drawn):
        log.ids.token()
    log.step(2, component(copies=1 if not drawn else 0), commands)
    log.close()
    difference = replay(log.path).difference
    assert difference is not None
    assert why.replace("8", str(drawn)) in difference.why


def test_a_step_that_failed_is_logged_and_fails_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a bug")

    async def scene() -> Path:
        stage = Stage(recordings=tmp_path)
        assert stage.log is not None
        await asyncio.sleep(1)
        with monkeypatch.context() as patch:
            patch.setattr(type(stage.platform.reconciler), "reconcile", broken)
            with pytest.raises(KeyError):
                await stage.driver.submit(endpoint())
        stage.log.close()
        return stage.log.path

    path = run_virtually(scene())
    difference = replay(path).difference
    assert difference is not None
    assert difference.why == "the engine failed then, and does not now: KeyError('a bug')"
    monkeypatch.setattr("stoker.engine.reconciler.Reconciler.reconcile", broken)
    assert replay(path).difference is None


def test_what_was_written_before_a_cut_is_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = begun(tmp_path)
    live(log, endpoint(), component())
    log.close()
    log.path.write_bytes(log.path.read_bytes()[:-40])
    replayed = replay(log.path)
    assert (replayed.steps, replayed.ended, replayed.difference) == (2, "", None)
    assert run_command(["replay", str(log.path)]) == 0
    assert "it was cut off" in capsys.readouterr().out


def test_a_damaged_log_is_refused_and_a_cut_one_is_replayed_wherever_the_cut(tmp_path: Path) -> None:
    log = begun(tmp_path)
    live(log, endpoint(), component(), endpoint("other"))
    log.close()
    whole = log.path.read_bytes()
    told = set()
    for place in range(0, len(whole), 7):
        log.path.write_bytes(whole[:place])
        told.add(_outcome(log.path))
    assert told == {"no log", "0 steps", "3 steps"}
    for place in range(0, len(whole), 7):
        log.path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        assert _outcome(log.path) in told


def _outcome(path: Path) -> str:
    try:
        replayed = replay(path)
    except InvalidParameterError as error:
        assert "no log of an engine" in str(error)  # noqa: PT017 - either end is right
        return "no log"
    assert replayed.difference is None
    return f"{replayed.steps} steps"


async def test_a_log_ends_at_its_bound_and_the_engine_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_log, "FLUSH_S", 0.001)
    log = begun(tmp_path, max_bytes=4000)
    platform = Platform(ids=log.ids, options=OPTIONS)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        running = group.create_task(log.run())
        now = 0
        while not running.done():
            now += 1
            event = GatewayGone(gateway=f"g{now * 7919 % 100_003}")
            log.step(now, event, platform.handle(event, now))
            await asyncio.sleep(0)
    log.step(now + 1, None, [])
    log.close()
    assert log.path.stat().st_size <= 4000
    replayed = replay(log.path)
    assert replayed.ended == "it reached its 4000 bytes"
    assert 0 < replayed.steps < now
    assert replayed.difference is None


def test_a_disk_that_is_too_slow_ends_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_log, "MAX_WAITING_BYTES", 1000)
    log = begun(tmp_path)
    live(log, *(GatewayGone(gateway=f"g{number}") for number in range(100)))
    assert log.ended
    assert log.ids.take() == ()
    log.close()
    assert [type(frame) for frame in read_frames(log.path)] == [Opened]


@pytest.mark.parametrize("event", [CopyCountSet(name=ComponentName("ic"), count=1 << 70), GatewayGone(gateway="\ud800")])
def test_a_step_that_cannot_be_written_ends_the_log_and_not_the_engine(tmp_path: Path, event: Event) -> None:
    log = begun(tmp_path)
    live(log, endpoint(), GatewayGone(gateway="g"))
    log.step(3, event, [])
    log.close()
    assert log.ended
    assert [type(frame) for frame in read_frames(log.path)][:1] == [Opened]


def test_only_so_many_earlier_logs_are_kept(tmp_path: Path) -> None:
    made = [begun(tmp_path, files=2) for _ in range(5)]
    for log in made:
        log.close()
    assert sorted(tmp_path.iterdir()) == [log.path for log in made[2:]]
    assert made[4].path.stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_to_means_no_log(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert begin_log(tmp_path / "file", Recording(), ids=Ids(), options=OPTIONS, records=[]) is None


def test_records_above_the_bound_leave_an_empty_log(tmp_path: Path) -> None:
    log = begun(tmp_path, max_bytes=300)
    assert [type(frame) for frame in read_frames(log.path)] == [Ended]
    with pytest.raises(InvalidParameterError, match="holds no step: it reached its 300 bytes"):
        replay(log.path)
    log.close()


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"no frame", mtime=0), gzip.compress(b"\0\0\0\1\xc0", mtime=0)]
)
def test_other_files_are_refused_in_a_sentence(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    assert run_command(["replay", str(path)]) == 1
    assert f"{path} is no log of an engine" in capsys.readouterr().err
