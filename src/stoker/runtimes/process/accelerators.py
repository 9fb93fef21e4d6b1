"""What processes use of this machine's accelerators, as NVIDIA's management library tells it.

The library's bindings are an extra (`pip install stoker[gpu]`). Without them, without a driver or without a device nobody
measures, and there are no metrics of accelerators: that is no error.
"""

import contextlib
import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

Bindings: TypeAlias = Any  # the module has no types, and need not be there

SAMPLES_OF_US = 10_000_000
"""How far back the driver's samples of what processes kept busy are looked at, in microseconds."""


class AcceleratorUse(NamedTuple):
    """Devices that were busy for a process, and the share of devices' memory that it holds: 1.0 is one whole device."""

    busy: float
    memory: float


class Nvml:
    """The devices of this machine. `close` lets go of the library."""

    __slots__ = ("_bindings", "_devices", "_error")

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._error: type[Exception] = bindings.NVMLError
        bindings.nvmlInit()
        self._devices = [bindings.nvmlDeviceGetHandleByIndex(index) for index in range(bindings.nvmlDeviceGetCount())]

    @property
    def devices(self) -> int:
        """How many there are."""
        return len(self._devices)

    def usage(self) -> dict[int, AcceleratorUse]:
        """Give what each process uses; a device that does not answer is left out."""
        found: dict[int, AcceleratorUse] = {}
        for device in self._devices:
            with contextlib.suppress(self._error):
                for pid, share in self._memory(device).items():
                    found[pid] = _more(found.get(pid), AcceleratorUse(0.0, share))
            with contextlib.suppress(self._error):  # NOT_FOUND: nothing ran of late
                for pid, share in self._busy(device).items():
                    found[pid] = _more(found.get(pid), AcceleratorUse(share, 0.0))
        return found

    def close(self) -> None:
        """Let go of the library."""
        with contextlib.suppress(self._error):
            self._bindings.nvmlShutdown()

    def _memory(self, device: object) -> Mapping[int, float]:
        total = self._bindings.nvmlDeviceGetMemoryInfo(device).total
        running = self._bindings.nvmlDeviceGetComputeRunningProcesses(device)
        return {process.pid: (process.usedGpuMemory or 0) / total for process in running if total}

    def _busy(self, device: object) -> Mapping[int, float]:
        """Give the mean share of the time in which each process kept the device busy, of the driver's newest samples."""
        samples = self._bindings.nvmlDeviceGetProcessUtilization(device, 0)
        newest = max((sample.timeStamp for sample in samples), default=0)
        shares: dict[int, list[float]] = {}
        for sample in samples:
            if sample.timeStamp > newest - SAMPLES_OF_US:
                shares.setdefault(sample.pid, []).append(sample.smUtil / 100)
        return {pid: sum(each) / len(each) for pid, each in shares.items()}


def find_accelerators(load: Callable[[str], Bindings] = importlib.import_module) -> Nvml | None:
    """Give this machine's accelerators; None when nobody can measure them."""
    try:
        bindings = load("pynvml")
    except ImportError:
        return None
    try:
        found = Nvml(bindings)
    except bindings.NVMLError:  # no driver
        return None
    if found.devices:
        return found
    found.close()
    return None


def _more(one: AcceleratorUse | None, other: AcceleratorUse) -> AcceleratorUse:
    return other if one is None else AcceleratorUse(one.busy + other.busy, one.memory + other.memory)
