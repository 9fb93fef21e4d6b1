"""What copies have printed, read back for those who ask by an API."""

from pathlib import Path

from stoker.domain.ids import CopyId, WorkloadId
from stoker.runtimes.process.copy_logs import CopyLogs
from stoker.runtimes.process.places import Places

WORKLOAD = WorkloadId("ic/e1")


async def test_the_last_lines_of_those_that_run(tmp_path: Path) -> None:
    places = Places(tmp_path)
    for name, text in (("a", "1\n2\n3\n"), ("b", "x\ny")):
        places.create(CopyId(name))
        places.log(CopyId(name)).write_text(text)
    logs = CopyLogs(tmp_path)
    wanted = [CopyId("a"), CopyId("b"), CopyId("gone")]
    assert await logs.tail(WORKLOAD, wanted, 2) == [("a", [b"2", b"3"]), ("b", [b"x", b"y"])]


async def test_of_those_that_went_the_last_one(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.logs.mkdir(parents=True)
    for name, of in (("a", "ic/other"), ("b", "ic/e1")):
        (places.logs / f"{name}.log").write_text(f"{name} broke\n")
        (places.logs / f"{name}.of").write_text(of)
    logs = CopyLogs(tmp_path)
    assert await logs.tail(WORKLOAD, [], 5) == [("b", [b"b broke"])]
    assert await logs.tail(WorkloadId("ic/none"), [], 5) == []
