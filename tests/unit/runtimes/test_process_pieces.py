"""The pieces of the process runtime, each by itself."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stoker.config.settings import Image
from stoker.domain.ids import CopyId
from stoker.errors import InvalidParameterError, LimitError
from stoker.ports.runtime import CopyGone, CopyPhase, CopyReady, CopyUnhealthy, Observation
from stoker.runtimes.process import leases, logs, places, proctable
from stoker.runtimes.process.ending import describe_exit
from stoker.runtimes.process.exits import ExitWatch
from stoker.runtimes.process.images import ImageTable, listens_on_socket
from stoker.runtimes.process.leases import PortLeases
from stoker.runtimes.process.limits import MemoryGroups, oom_kills
from stoker.runtimes.process.outbox import Outbox
from stoker.runtimes.process.parts import StartSlots
from stoker.runtimes.process.places import CopyRecord, Places
from stoker.runtimes.process.probe import HEALTHY, NO_ANSWER, NOBODY, Address, ping
from stoker.runtimes.process.proctable import is_alive, session_members, start_of, zombie_status
from stoker.runtimes.process.spawn import Launch, build_environment, keep_descriptors, spawn
from stoker.units import MIB
from tests.unit.runtimes.process_parts import SERVER, spec, wait_until

ONE = CopyId("copy-1")


class TestImages:
    def test_the_first_matching_pattern_wins(self) -> None:
        first, second = Image(pattern="*/vllm:*", command=["a"]), Image(pattern="*", command=["b"])
        table = ImageTable([first, second])
        assert table.resolve("public.ecr.aws/vllm:1") == first
        assert table.resolve("stoker/python") == second

    @pytest.mark.parametrize(("name", "on_socket"), [("stoker/python", True), ("stoker/python:3.11", True), ("tiny", False)])
    def test_only_the_built_in_listens_on_a_socket(self, name: str, *, on_socket: bool) -> None:
        assert listens_on_socket(ImageTable([Image(pattern="tiny", command=["x"])]).resolve(name)) is on_socket

    def test_a_user_may_replace_the_built_in(self) -> None:
        assert not listens_on_socket(ImageTable([Image(pattern="stoker/python", command=["x"])]).resolve("stoker/python"))

    def test_an_unknown_name_lists_what_is_known(self) -> None:
        with pytest.raises(InvalidParameterError, match="none of 'tiny', 'stoker/python'"):
            ImageTable([Image(pattern="tiny", command=["x"])]).resolve("python")


class TestOutbox:
    @staticmethod
    async def drained(*observations: Observation) -> list[Observation]:
        outbox = Outbox()
        for observation in observations:
            outbox.put(observation)
        outbox.close()
        return [each async for each in outbox.drain()]

    async def test_order_is_kept(self) -> None:
        story: list[Observation] = [
            CopyPhase(copy_id=ONE, phase="spawned", at=1),
            CopyPhase(copy_id=ONE, phase="listening", at=2),
            CopyReady(copy_id=ONE, at=3),
            CopyGone(copy_id=ONE, at=4),
        ]
        assert await self.drained(*story) == story

    async def test_only_the_newest_health_waits(self) -> None:
        newest = CopyReady(copy_id=ONE, at=3)
        assert await self.drained(CopyReady(copy_id=ONE, at=1), CopyUnhealthy(copy_id=ONE, at=2, reason="ill"), newest) == [
            newest
        ]

    async def test_a_copy_started_again_comes_after_its_end(self) -> None:
        story: list[Observation] = [
            CopyReady(copy_id=ONE, at=1),
            CopyGone(copy_id=ONE, at=2),
            CopyReady(copy_id=ONE, at=3),
            CopyGone(copy_id=ONE, at=4),
            CopyPhase(copy_id=ONE, phase="spawned", at=5),
        ]
        assert await self.drained(*story) == story


class TestPing:
    @staticmethod
    def serve_once(server: socket.socket, reply: bytes | None) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            if reply is None:
                connection.recv(1)  # until the other side gives up
            with contextlib.suppress(OSError):  # who has read enough may hang up
                for byte in reply or b"":
                    connection.sendall(bytes([byte]))

    async def asked(self, reply: bytes | None) -> tuple[int, str]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.to_thread(self.serve_once, server, reply))
                answer = await ping(Address(port=server.getsockname()[1]), "/ping", 0.2)
        return answer.status, answer.trouble

    @pytest.mark.parametrize(
        ("reply", "status", "trouble"),
        [
            (b"HTTP/1.1 200 OK\r\n\r\n", HEALTHY, ""),
            (b"HTTP/1.0 503 Loading\r\n\r\n", 503, "its ping was answered with status 503"),
            (b"SSH-2.0-OpenSSH_9.2\r\n", NO_ANSWER, "its ping was not answered in HTTP/1"),
            (b"", NO_ANSWER, "it closed its ping without an answer"),
            (None, NO_ANSWER, "its ping got no answer within 0.2 s"),
        ],
        ids=["healthy", "loading", "no http", "closed", "silent"],
    )
    async def test_what_answers_is_told(self, reply: bytes | None, status: int, trouble: str) -> None:
        assert await self.asked(reply) == (status, trouble)

    @pytest.mark.parametrize("address", [Address(socket="/nowhere/sock"), Address(port=1)], ids=["socket", "port"])
    async def test_nobody_listens(self, address: Address) -> None:
        assert (await ping(address, "/ping", 1.0)).status == NOBODY


class TestLeases:
    def test_no_port_is_given_twice_while_leased(self) -> None:
        table = PortLeases()
        ports = {table.lease() for _ in range(50)}
        assert len(ports) == 50
        assert all(leases.FIRST <= port < leases.FIRST + leases.COUNT for port in ports)

    def test_a_port_that_somebody_listens_on_is_passed_over(self) -> None:
        table = PortLeases()
        first = table.lease()
        with socket.socket() as other:
            other.bind(("127.0.0.1", first + 1))
            other.listen()
            assert table.lease() == first + 2

    def test_when_all_are_taken_it_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(leases, "COUNT", 2)
        table = PortLeases()
        taken = [table.lease(), table.lease()]
        with pytest.raises(LimitError):
            table.lease()
        table.release(taken[0])
        table.hold(taken[1])
        assert table.lease() == taken[0]


class TestSlots:
    async def test_they_are_given_in_order(self) -> None:
        slots, order = StartSlots(1), list[int]()

        async def start(number: int) -> None:
            async with slots.slot():
                order.append(number)
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(start(number))
        assert order == [0, 1, 2, 3, 4]

    async def test_a_start_that_hangs_gives_its_slot_up(self) -> None:
        slots = StartSlots(1, most_s=0.01)
        async with asyncio.timeout(5), slots.slot(), slots.slot():
            pass
        async with asyncio.timeout(5), slots.slot():  # each was given back once, not twice
            pass


class TestPlaces:
    def test_a_record_comes_back_as_it_was(self, tmp_path: Path) -> None:
        under_test = Places(tmp_path)
        record = CopyRecord(spec=spec(environment={"A": "b"}), address=Address(port=7), pid=5, start=6, was_ready=True)
        under_test.create(ONE)
        under_test.save(record)
        assert under_test.load() == {ONE: record}
        assert (tmp_path / "copies" / ONE / "copy.json").stat().st_mode & 0o777 == 0o600

    def test_only_the_newest_logs_of_gone_copies_are_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "KEPT_LOGS", 2)
        under_test = Places(tmp_path)
        for number in range(4):
            copy_id = CopyId(f"copy-{number}")
            under_test.create(copy_id)
            under_test.log(copy_id).write_text("x")
            os.utime(under_test.log(copy_id), (number, number))
            under_test.discard(copy_id, "")
        assert sorted(path.name for path in under_test.logs.iterdir()) == ["copy-2.log", "copy-3.log"]

    @pytest.mark.parametrize("copy_id", ["", ".", "..", "a/b", "a\0b", "x" * 129, ".hidden"])
    def test_ids_that_are_no_names_are_refused(self, tmp_path: Path, copy_id: str) -> None:
        with pytest.raises(InvalidParameterError):
            Places(tmp_path).folder(CopyId(copy_id))


class TestLogs:
    def test_the_tail_is_the_last_lines(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_text("".join(f"{number}\n" for number in range(100)))
        assert logs.tail(log).splitlines() == [str(number) for number in range(80, 100)]
        log.write_text("x" * 10_000 + "\nlast \xe4\n")
        assert logs.tail(log) == "last \xe4"
        assert logs.tail(tmp_path / "none") == ""

    def test_rotation_keeps_so_many_files_of_that_size(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        for round_ in range(4):
            with log.open("ab") as file:
                file.write(bytes([round_ + 48]) * 150)
            assert logs.rotate(log, 100, 2)
            assert not logs.rotate(log, 100, 2)
        assert log.stat().st_size == 0
        assert (tmp_path / "log.1").read_bytes() == b"3" * 100
        assert (tmp_path / "log.2").read_bytes() == b"2" * 100
        assert not (tmp_path / "log.3").exists()

    def test_rotation_without_older_files_only_cuts(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_bytes(b"x" * 200)
        assert logs.rotate(log, 100, 0)
        assert [path.name for path in tmp_path.iterdir()] == ["log"]


class TestMemoryGroups:
    """On made-up trees, so that each kind is shown on any machine."""

    @staticmethod
    def tree(tmp_path: Path, mounts: str, own: str) -> tuple[Path, Path]:
        proc = tmp_path / "proc"
        (proc / "self").mkdir(parents=True)
        (proc / "self" / "mounts").write_text(mounts)
        (proc / "self" / "cgroup").write_text(own)
        return proc, tmp_path / "root"

    def test_version_1_is_used_below_our_own_group(self, tmp_path: Path) -> None:
        proc, root = self.tree(
            tmp_path,
            "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
            "4:memory:/us\n0::/\n",
        )
        (root / "sys/fs/cgroup/memory/us").mkdir(parents=True)
        groups = MemoryGroups("abc", proc=proc, root=root)
        group = groups.make(ONE, 64)
        assert groups.kind == "cgroup1"
        assert group == root / "sys/fs/cgroup/memory/us/stoker-abc" / ONE
        assert (group / "memory.limit_in_bytes").read_text() == str(64 * MIB)
        (group / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
        assert oom_kills(group) == 2

    def test_version_2_is_used_where_the_controller_is_handed_on(self, tmp_path: Path) -> None:
        proc, root = self.tree(tmp_path, "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n", "0::/user/scope\n")
        (root / "sys/fs/cgroup/user/scope").mkdir(parents=True)
        (root / "sys/fs/cgroup/user/cgroup.subtree_control").write_text("cpu memory pids")
        groups = MemoryGroups("abc", proc=proc, root=root)
        group = groups.make(ONE, 64)
        assert groups.kind == "cgroup2"
        assert group == root / "sys/fs/cgroup/user/stoker-abc" / ONE
        assert (group / "memory.max").read_text() == str(64 * MIB)
        assert (group.parent / "cgroup.subtree_control").read_text() == "+memory"
        (group / "memory.events").write_text("low 0\noom 1\noom_kill 1\noom_group_kill 0\n")
        assert oom_kills(group) == 1

    @pytest.mark.parametrize(
        ("mounts", "own"),
        [("", ""), ("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n", "0::/\n")],
        ids=["none", "not handed on"],
    )
    def test_else_there_is_only_the_resource_limit(self, tmp_path: Path, mounts: str, own: str) -> None:
        proc, root = self.tree(tmp_path, mounts, own)
        (root / "sys/fs/cgroup").mkdir(parents=True)
        groups = MemoryGroups("abc", proc=proc, root=root)
        assert groups.kind == "rlimit"
        assert groups.make(ONE, 64) is None


def launched(tmp_path: Path, *command: str, data_limit_mb: int = 0, **environment: str) -> int:
    return spawn(
        Launch(
            command=[*command],
            environment={"PATH": os.environ["PATH"], **environment},
            work=tmp_path,
            log=tmp_path / "log",
            data_limit_mb=data_limit_mb,
        )
    )


class TestSpawnAndExit:
    async def test_the_resource_limit_stops_a_greedy_process(self, tmp_path: Path) -> None:
        ended = asyncio.Event()
        pid = launched(tmp_path, sys.executable, str(SERVER), "0", data_limit_mb=64, TINY="greedy")
        watch = ExitWatch(pid, None, ended.set)
        async with asyncio.timeout(10):
            await ended.wait()
        assert watch.code == 1
        assert "MemoryError" in logs.tail(tmp_path / "log")

    async def test_a_process_leads_its_session_in_its_directory_with_default_signals(self, tmp_path: Path) -> None:
        program = "import os, signal; print(os.getsid(0) == os.getpid(), os.getcwd(), signal.getsignal(signal.SIGPIPE).name)"
        ended = asyncio.Event()
        ExitWatch(launched(tmp_path, sys.executable, "-S", "-E", "-c", f"import signal; {program}"), None, ended.set)
        async with asyncio.timeout(10):
            await ended.wait()
        # Python itself ignores SIGPIPE at its start, whatever it was given.
        assert logs.tail(tmp_path / "log") == f"True {tmp_path} SIG_IGN"

    @pytest.mark.parametrize("with_descriptor", [True, False])
    async def test_an_exit_is_told_once_with_its_code(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, with_descriptor: bool
    ) -> None:
        if not with_descriptor:
            monkeypatch.setattr(os, "pidfd_open", None, raising=False)
        calls = list[None]()
        watch = ExitWatch(launched(tmp_path, "sh", "-c", "exit 7"), None, lambda: calls.append(None))
        async with asyncio.timeout(10):
            await watch.exited.wait()
        watch.signal_group(9)
        watch.close()
        assert (watch.code, len(calls)) == (7, 1)

    async def test_a_zombie_is_dead_and_still_tells_its_code(self) -> None:
        child = subprocess.Popen([sys.executable, "-S", "-E", "-c", "raise SystemExit(5)"])  # noqa: ASYNC220 - a zombie is wanted
        await asyncio.to_thread(wait_until, lambda: start_of(child.pid) is None)
        status = zombie_status(child.pid)
        assert status is not None
        assert os.waitstatus_to_exitcode(status) == 5
        assert session_members(os.getsid(0)) & {child.pid} == set()
        assert child.wait() == 5

    def test_a_pid_used_again_is_somebody_else(self) -> None:
        start = start_of(os.getpid())
        assert start is not None
        assert is_alive(os.getpid(), start)
        assert not is_alive(os.getpid(), start + 1)
        assert not is_alive(0, 0)

    async def test_where_there_is_no_proc_the_same_is_known(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(proctable, "_LINUX", False)
        pid = launched(tmp_path, "sleep", "600", STOKER_OWNER="abc", STOKER_COPY_ID=ONE)
        ended = asyncio.Event()
        watch = ExitWatch(pid, None, ended.set)
        try:
            assert watch.start is not None
            assert is_alive(pid, watch.start)
            await asyncio.to_thread(wait_until, lambda: proctable.marked("abc") == {pid: ONE})
            assert proctable.leads_session(pid)
            assert session_members(pid) == {pid}
            assert proctable.listeners(80) is None
        finally:
            watch.signal_group(signal.SIGKILL)
            async with asyncio.timeout(10):
                await ended.wait()
        assert watch.code == -9
        assert start_of(pid) is None
        assert zombie_status(pid) is None

    @pytest.mark.parametrize(
        ("code", "text"),
        [
            (0, "exited with code 0"),
            (-15, "was killed by signal 15 (SIGTERM)"),
            (-40, "was killed by signal 40"),
            (None, "has ended (its exit code is not known, because a former control plane had started it)"),
        ],
    )
    def test_an_ending_is_put_in_words(self, code: int | None, text: str) -> None:
        assert describe_exit(code) == text


def test_no_open_file_of_ours_passes_to_copies() -> None:
    ends = os.pipe()
    try:
        os.set_inheritable(ends[0], True)
        keep_descriptors()
        assert not os.get_inheritable(ends[0])
    finally:
        os.close(ends[0])
        os.close(ends[1])


class TestEnvironment:
    @staticmethod
    def built(cpus: float = 0.0, **environment: str) -> dict[str, str]:
        image = Image(pattern="tiny", command=["x"], env={"PORT": "{port}", "JSON": '{"a": 1}'})
        inherited = {"PATH": "/bin", "LC_ALL": "C", "AWS_SESSION_TOKEN": "secret", "HTTPS_PROXY": "http://user:pass@proxy"}
        return build_environment(
            spec(cpus=cpus, environment=environment),
            image,
            Address(port=4711),
            Path("/m"),
            inherited=inherited,
            region="eu-west-1",
            owner="abc",
        )

    def test_only_what_is_harmless_is_inherited(self) -> None:
        assert self.built(X="y") == {
            "PATH": "/bin",
            "LC_ALL": "C",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "PYTHONUNBUFFERED": "1",
            "PORT": "4711",
            "JSON": '{"a": 1}',
            "X": "y",
            "SM_MODEL_DIR": "/m",
            "SAGEMAKER_BIND_TO_PORT": "4711",
            "STOKER_COPY_ID": ONE,
            "STOKER_OWNER": "abc",
        }

    @pytest.mark.parametrize(
        ("cpus", "asked", "threads"),
        [(0.0, None, None), (0.5, None, "1"), (1.9, None, "1"), (10_000.0, None, str(os.cpu_count())), (1.0, "7", "7")],
    )
    def test_threads_follow_the_cores_booked(self, cpus: float, asked: str | None, threads: str | None) -> None:
        environment = {} if asked is None else {"OMP_NUM_THREADS": asked}
        assert self.built(cpus, **environment).get("OMP_NUM_THREADS") == threads
