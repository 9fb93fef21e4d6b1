import io
import subprocess
import sys
from pathlib import Path

import pytest

from stoker.cli.commands import run_command
from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.ports.runtime import CopySpec
from stoker.runtimes.process.copy_logs import last_lines
from stoker.runtimes.process.places import CopyRecord, Places


def copy(places: Places, copy_id: str, workload: str, log: str) -> Path:
    """Leave what a running copy leaves, and give its log."""
    spec = CopySpec(copy_id=CopyId(copy_id), workload=WorkloadId(workload), instance_id=InstanceId("i-1"), image="stoker/python")
    places.create(spec.copy_id)
    places.save(CopyRecord(spec=spec))
    places.log(spec.copy_id).write_text(log)
    return places.log(spec.copy_id)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path)
    copy(made, "copy-a", "ic/shout", "one\ntwo\n")
    copy(made, "copy-b", "ic/shout", "three\n")
    copy(made, "copy-c", "variant/end/main", "four\nfive\n")
    made.logs.mkdir()
    (made.logs / "copy-z.log").write_text("last words\n")
    return made


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        pytest.param(["shout"], "copy-a | one\ncopy-a | two\ncopy-b | three\n", id="component"),
        pytest.param(["shout", "-n", "1"], "copy-a | two\ncopy-b | three\n", id="fewer lines"),
        pytest.param(["shout", "-n", "0"], "", id="no lines"),
        pytest.param(["end/main"], "four\nfive\n", id="variant"),
        pytest.param(["copy-b"], "three\n", id="copy"),
        pytest.param(["copy-z"], "last words\n", id="gone copy"),
    ],
)
def test_logs_are_found_by_what_people_call_them(
    places: Places, tmp_path: Path, arguments: list[str], printed: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert places.copies == tmp_path / "copies"
    assert run_command(["logs", "--data", str(tmp_path), *arguments]) == 0
    assert capfdbinary.readouterr().out.decode() == printed


@pytest.mark.parametrize("arguments", [["end/main"], ["end/main", "--previous"]])
def test_where_no_copy_runs_the_last_one_speaks(
    places: Places, tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    places.discard(CopyId("copy-c"), "")
    assert run_command(["logs", "--data", str(tmp_path), *arguments]) == 0
    note = "" if "--previous" in arguments else "stoker: no copy of end/main runs; this is of the last one.\n"
    assert capsys.readouterr() == ("four\nfive\n", note)


def test_previous_means_gone_though_another_copy_runs(places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places.discard(CopyId("copy-a"), "")
    assert run_command(["logs", "--data", str(tmp_path), "shout"]) == 0
    assert run_command(["logs", "--data", str(tmp_path), "-p", "shout"]) == 0
    assert run_command(["logs", "--data", str(tmp_path), "-p", "end/main"]) == 1
    assert capsys.readouterr() == ("three\none\ntwo\n", "stoker: No log of a gone copy of 'end/main' is kept.\n")


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize("name", ["nope", "../../etc/passwd", ""])
def test_an_unknown_name_tells_the_known_ones(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["logs", "--data", str(tmp_path), "--", name]) == 1
    assert capsys.readouterr().err == f"stoker: There is no log of {name!r}; there are copies of end/main, shout.\n"


@pytest.mark.parametrize(
    ("content", "lines", "expected"),
    [
        (b"", 3, b""),
        (b"a\nb\nc", 2, b"b\nc"),
        (b"a\nb\nc\n", 2, b"b\nc\n"),
        (b"a\nb\n", 9, b"a\nb\n"),
        (b"x" * 200_000 + b"\nend\n", 1, b"end\n"),
        (b"x" * 200_000 + b"\nend\n", 2, b"x" * 200_000 + b"\nend\n"),
    ],
)
def test_the_last_lines_of_a_file(content: bytes, lines: int, expected: bytes) -> None:
    file = io.BytesIO(content)
    assert last_lines(file, lines) == expected
    assert file.tell() == len(content)


def test_following_prints_what_comes_through_a_rotation_and_from_new_copies(places: Places, tmp_path: Path) -> None:
    log = places.log(CopyId("copy-c"))
    command = [sys.executable, "-m", "stoker.cli.main", "logs", "--data", str(tmp_path), "end/main", "-f", "-n", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "five\n"
            log.write_text("six\n")  # shorter than it was
            assert process.stdout.readline() == "six\n"
            copy(places, "copy-d", "variant/end/main", "seven\n")
            assert process.stdout.readline() == "copy-d | seven\n"
        finally:
            process.kill()
