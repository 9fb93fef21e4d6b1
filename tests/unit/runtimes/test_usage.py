"""What copies use, of real processes; accelerators by a library that plays NVIDIA's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from stoker.domain.ids import CopyId
from stoker.runtimes.process.accelerators import AcceleratorUse, Nvml, find_accelerators
from stoker.runtimes.process.usage import measure

ONE, TWO = CopyId("one"), CopyId("two")

TREE = """
import os, sys, time
def burn():
    while time.process_time() < 0.2: pass
if not os.fork():
    burn(); os._exit(0)
os.wait()
ready, told = os.pipe()
if not os.fork():
    os.setsid(); block = bytearray(64 << 20); burn(); os.write(told, b"x"); sys.stdin.read(); os._exit(0)
os.read(ready, 1)
print("ready", flush=True); sys.stdin.read()
"""
"""A process with a child that ended and one, in a session of its own, that lives: each burnt 0.2 s, the second holds 64 MB."""


@contextmanager
def started(code: str) -> Iterator[int]:
    command = [sys.executable, "-S", "-E", "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield process.pid
        finally:
            process.stdin.close()


def test_a_copys_whole_tree_is_measured_and_nothing_else() -> None:
    with started(TREE) as busy, started('import sys; print("ready", flush=True); sys.stdin.read()') as idle:
        found = measure({busy: ONE, idle: TWO}, {busy: AcceleratorUse(0.5, 0.25), idle + 100_000: AcceleratorUse(1.0, 1.0)})
    assert 350_000_000 < found[ONE].cpu_ns < 2_000_000_000  # counted in hundredths of a second
    assert found[ONE].memory_bytes > 64 << 20
    assert (found[ONE].accelerators, found[ONE].accelerator_memory) == (0.5, 0.25)
    assert found[TWO].cpu_ns < 200_000_000
    assert found[TWO].memory_bytes < 64 << 20
    assert found[TWO].accelerators == 0.0


def test_what_is_not_there_is_left_out_and_nobody_measures_accelerators_without_the_library() -> None:
    with started('import sys; print("ready", flush=True); sys.stdin.read()') as idle:
        found = measure({idle: ONE, 4_000_000_000: TWO}, None)
    assert list(found) == [ONE]
    assert found[ONE].accelerators is None
    assert found[ONE].accelerator_memory is None


class NvmlError(Exception):
    """The library's error."""

    def __init__(self, value: int = 15) -> None:
        super().__init__(value)
        self.value = value


NOW_US = 1_700_000_000_000_000


def nvml(**changes: Any) -> SimpleNamespace:
    """Give a library with two devices: process 7 keeps the first one busy for half of the time, and the second for a tenth."""

    def sample(pid: int, ago_s: int, share: int) -> SimpleNamespace:
        return SimpleNamespace(pid=pid, timeStamp=NOW_US - 1_000_000 * ago_s, smUtil=share)

    busy = {0: [sample(7, 1, 40), sample(7, 9, 60), sample(7, 11, 0), sample(8, 600, 90)], 1: [sample(7, 2, 10)]}
    memory = {0: [SimpleNamespace(pid=7, usedGpuMemory=40), SimpleNamespace(pid=8, usedGpuMemory=None)], 1: []}
    plays = {
        "NVMLError": NvmlError,
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetMemoryInfo": lambda _: SimpleNamespace(total=160),
        "nvmlDeviceGetComputeRunningProcesses": memory.__getitem__,
        "nvmlDeviceGetProcessUtilization": lambda device, _: busy[device],
    }
    return SimpleNamespace(**(plays | changes))


def fails(*_: object) -> Any:
    raise NvmlError


def on_the_first(bindings: SimpleNamespace, name: str, value: int) -> SimpleNamespace:
    """Have a call fail for the first device."""
    works = getattr(bindings, name)

    def call(device: int, *rest: object) -> Any:
        if device == 0:
            raise NvmlError(value)
        return works(device, *rest)

    setattr(bindings, name, call)
    return bindings


def used(bindings: SimpleNamespace) -> dict[int, AcceleratorUse] | None:
    return Nvml(bindings, lambda: NOW_US * 1000).usage()


def test_devices_are_measured_process_by_process() -> None:
    """A sample of ten minutes ago tells nothing of now."""
    assert used(nvml()) == {7: AcceleratorUse(0.6, 0.25), 8: AcceleratorUse(0.0, None)}
    found = find_accelerators(lambda _: nvml(nvmlShutdown=fails))
    assert found is not None
    assert found.devices == 2
    found.close()


def test_where_nothing_ran_of_late_devices_are_idle() -> None:
    for value in (0, 6):
        idle = on_the_first(nvml(), "nvmlDeviceGetProcessUtilization", value)
        assert used(idle) == {7: AcceleratorUse(0.1, 0.25), 8: AcceleratorUse(0.0, None)}


def test_a_device_that_does_not_answer_is_not_idle() -> None:
    lost = on_the_first(nvml(), "nvmlDeviceGetProcessUtilization", 15)
    assert used(lost) == {7: AcceleratorUse(None, 0.25), 8: AcceleratorUse(None, None)}
    assert used(on_the_first(nvml(), "nvmlDeviceGetComputeRunningProcesses", 15)) is None
    assert used(on_the_first(nvml(), "nvmlDeviceGetMemoryInfo", 15)) is None


def test_a_copy_with_a_process_of_which_there_is_no_figure_has_none() -> None:
    with started('import sys; print("ready", flush=True); sys.stdin.read()') as one:
        found = measure({one: ONE}, {one: AcceleratorUse(None, 0.5)})
    assert (found[ONE].accelerators, found[ONE].accelerator_memory) == (None, 0.5)


def missing(_: str) -> Any:
    raise ImportError


@pytest.mark.parametrize(
    "load",
    [
        pytest.param(missing, id="no library"),
        pytest.param(lambda _: nvml(nvmlInit=fails), id="no driver"),
        pytest.param(lambda _: nvml(nvmlDeviceGetCount=lambda: 0), id="no device"),
    ],
)
def test_without_accelerators_nobody_measures_them(load: Any) -> None:
    assert find_accelerators(load) is None
