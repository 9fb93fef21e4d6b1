"""What starts took is read out of an engine's log, phase by phase."""

from pathlib import Path

from stoker.config.settings import Recording
from stoker.control.engine_log import begin_log
from stoker.control.logged_starts import logged_starts
from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.engine.commands import Command, StartCopy, StopCopy
from stoker.engine.events import Event, RuntimeObserved
from stoker.engine.observations import CopyGone, CopyPhase, CopyReady, CopySpec
from stoker.engine.platform import PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.units import SECOND
from tests.unit.control.recorded_life import GOLDEN
from tests.unit.engine.world import SHAPE, TYPE, Ids

MODEL = WorkloadId("ic/model")


def start(copy: str) -> StartCopy:
    return StartCopy(spec=CopySpec(copy_id=CopyId(copy), workload=MODEL, instance_id=InstanceId("i"), image="x"))


def fetched(copy: str, at_s: float) -> RuntimeObserved:
    return RuntimeObserved(observation=CopyPhase(copy_id=CopyId(copy), phase="fetched", at=round(at_s * SECOND)))


def ready(copy: str, at_s: float, *, adopted: bool = False) -> RuntimeObserved:
    return RuntimeObserved(observation=CopyReady(copy_id=CopyId(copy), at=round(at_s * SECOND), adopted=adopted))


def gone(copy: str, at_s: float) -> RuntimeObserved:
    return RuntimeObserved(observation=CopyGone(copy_id=CopyId(copy), at=round(at_s * SECOND)))


def test_phases_are_told_apart_and_what_was_called_off_or_failed_is_left_out(tmp_path: Path) -> None:
    options = PlatformOptions(fleet=FleetOptions(shapes={TYPE: SHAPE}))
    log = begin_log(tmp_path, Recording(), ids=Ids(), options=options, records=())
    assert log is not None
    steps: list[tuple[float, Event | None, list[Command]]] = [
        (1, None, [start("whole"), start("off"), start("failed"), start("at-once")]),
        (3, fetched("whole", 3), []),
        (3, fetched("failed", 3), []),
        (4, None, [StopCopy(copy_id=CopyId("off"))]),
        (5, gone("failed", 5), []),
        (6, ready("at-once", 5.5), []),
        (9, ready("whole", 8.5), []),
        (9, ready("off", 9), []),
        (9, ready("of-before", 9, adopted=True), []),
    ]
    for at_s, event, commands in steps:
        log.step(round(at_s * SECOND), event, commands)
    log.close()
    spent = logged_starts(log.path)
    assert spent.fetch == {MODEL: [0.0, 2.0]}
    assert spent.load == {MODEL: [4.5, 5.5]}
    assert spent.provision == []


def test_instances_are_there_some_time_after_they_were_asked_for() -> None:
    assert logged_starts(GOLDEN).provision == [5.0]
