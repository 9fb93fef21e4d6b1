import os
import sys
from pathlib import Path

import pytest

from stoker.control.children import Child, Program, internal_program, restart_wait

NOW = 1000.0


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(0, 0.0), (1, 0.0), (2, 0.1), (3, 0.2), (4, 0.4), (7, 3.2), (8, 5.0), (1000, 5.0)],
)
def test_waits_grow_to_five_seconds(failures: int, wait: float) -> None:
    assert restart_wait(failures) == pytest.approx(wait)


def python(source: str, **open_files: int) -> Child:
    return Child(Program(name="control", command=(sys.executable, "-S", "-E", "-c", source), open_files=open_files))


def open_count() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_for(child: Child) -> int:
    return os.waitpid(child.pid, 0)[1]


def test_a_child_tells_that_it_is_ready_and_its_end_is_noted() -> None:
    child = python("import os, sys; os.write(int(sys.argv[1][6:]), b'ready')")
    child.start({})
    assert (child.ready, child.ever_ready) == (False, False)
    status = wait_for(child)
    assert child.listen(NOW)
    assert (child.ready, child.ever_ready) == (True, True)
    assert not child.listen(NOW)
    child.forget_ready_end()
    child.gone(status, NOW + 1)
    assert (child.pid, child.ready, child.ever_ready, child.exit_status, child.due) == (0, False, True, 0, NOW + 1)


def test_a_child_that_ends_silently_was_never_ready() -> None:
    child = python("")
    child.start({})
    status = wait_for(child)
    assert not child.listen(NOW)
    child.forget_ready_end()
    child.gone(status, NOW)
    assert not child.ever_ready
    child.start({})
    child.gone(wait_for(child), NOW)
    child.forget_ready_end()
    assert (child.ended, child.due) == (2, NOW + 0.1)


def test_a_child_that_served_for_long_starts_the_count_anew() -> None:
    child = python("import os, sys; os.write(int(sys.argv[1][6:]), b'ready')")
    for _ in range(3):
        child.start({})
        status = wait_for(child)
        child.listen(NOW)
        child.gone(status, NOW + 10)
    assert child.due == NOW + 10


def test_only_the_named_files_are_inherited(tmp_path: Path) -> None:
    secret, shared = (os.open(tmp_path / name, os.O_CREAT | os.O_RDWR) for name in ("secret", "shared"))
    listing = (
        "import os, sys; print(sorted(os.readlink('/proc/self/fd/' + fd) for fd in os.listdir('/proc/self/fd') if fd.isdigit()"
    )
    source = f"{listing} and os.path.exists('/proc/self/fd/' + fd)), file=open({str(tmp_path / 'out')!r}, 'w'))"
    try:
        child = python(source, lock=shared)
        child.start({})
        child.gone(wait_for(child), NOW)
        child.forget_ready_end()
    finally:
        os.close(secret)
        os.close(shared)
    seen = (tmp_path / "out").read_text()
    assert str(tmp_path / "shared") in seen
    assert str(tmp_path / "secret") not in seen


def test_a_program_that_is_not_there_is_an_os_error_and_leaks_nothing() -> None:
    child = Child(Program(name="control", command=("/nowhere/python",), open_files={}))
    before = open_count()
    with pytest.raises(OSError, match="No such file"):
        child.start({})
    assert (child.pid, open_count()) == (0, before)


def test_the_internal_command_names_everything() -> None:
    program = internal_program("gateway-1", "/d/run/handover.json", {"lock": 7})
    assert program.command[1:] == ("-P", "-m", "stoker.cli.main", "internal", "gateway-1", "/d/run/handover.json")
    assert program.is_gateway


def test_a_child_that_leaves_says_so_while_it_runs_on() -> None:
    child = python("import os, sys; os.write(int(sys.argv[1][6:]), b'ready'); os.write(int(sys.argv[1][6:]), b'leaving')")
    child.start({})
    status = wait_for(child)
    assert child.listen(NOW)
    assert (child.ready, child.leaving) == (True, True)
    child.forget_ready_end()
    child.gone(status, NOW)
    child.start({})
    assert not child.leaving
    wait_for(child)
    child.forget_ready_end()
