"""What processes use of this machine's accelerators, as NVIDIA's management library tells it.

The library's bindings are an extra (`pip install stoker[gpu]`). Without them, without a driver or without a device nobody
measures, and there are no metrics of accelerators: that is no error.
"""

import contextlib
import importlib
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

Bindings: TypeAlias = Any  # the module has no types, and need not be there

SAMPLES_OF_US = 10_000_000
"""How far back the driver's samples of what processes kept busy are looked at, in microseconds."""

NOTHING_RAN = frozenset({0, 6})
"""The errors that say that there is no sample of late: NVML_SUCCESS without any, and NVML_ERROR_NOT_FOUND."""


class AcceleratorUse(NamedTuple):
    """Devices that were busy for a process, and the share of devices' memory that it holds: 1.0 is one whole device.

    None where a device that the process is on gave no figure.
    """

    busy: float | None
    memory: float | None

    def __add__(self, other: object) -> "AcceleratorUse":
        """Give both together; what is not known of one is not known of both."""
        if not isinstance(other, AcceleratorUse):
            return NotImplemented
        return AcceleratorUse(_sum(self.busy, other.busy), _sum(self.memory, other.memory))


NOTHING = AcceleratorUse(0.0, 0.0)
UNKNOWN = AcceleratorUse(None, None)


class Nvml:
    """The devices of this machine. `close` lets go of the library."""

    __slots__ = ("_bindings", "_devices", "_error", "_now_ns")

    def __init__(self, bindings: Bindings, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._bindings = bindings
        self._now_ns = now_ns
        self._error: type[Exception] = bindings.NVMLError
        bindings.nvmlInit()
        self._devices = [bindings.nvmlDeviceGetHandleByIndex(index) for index in range(bindings.nvmlDeviceGetCount())]

    @property
    def devices(self) -> int:
        """How many there are."""
        return len(self._devices)

    def usage(self) -> dict[int, AcceleratorUse] | None:
        """Give what each process uses. A reading that failed is no zero.

        None when a device does not tell who is on it: it may be anybody.
        """
        found: dict[int, AcceleratorUse] = {}
        for device in self._devices:
            try:
                held = self._memory(device)
            except self._error:
                return None
            try:
                busy: Mapping[int, float] = self._busy(device)
            except self._error as error:
                nothing = getattr(error, "value", None) in NOTHING_RAN
                shares = dict.fromkeys(held, 0.0 if nothing else None)
            else:
                shares = dict.fromkeys(held, 0.0) | dict(busy)
            for pid, share in shares.items():
                found[pid] = found.get(pid, NOTHING) + AcceleratorUse(share, held.get(pid, 0.0))
        return found

    def close(self) -> None:
        """Let go of the library."""
        with contextlib.suppress(self._error):
            self._bindings.nvmlShutdown()

    def _memory(self, device: object) -> Mapping[int, float | None]:
        """Give the share of the device's memory that each process on it holds; a driver need not tell."""
        total = self._bindings.nvmlDeviceGetMemoryInfo(device).total
        running = self._bindings.nvmlDeviceGetComputeRunningProcesses(device)
        return {p.pid: None if p.usedGpuMemory is None or not total else p.usedGpuMemory / total for p in running}

    def _busy(self, device: object) -> Mapping[int, float]:
        """Give the mean share of the time of late in which each process kept the device busy, by the driver's samples."""
        since_us = self._now_ns() // 1000 - SAMPLES_OF_US  # older ones are of processes that have done nothing since
        samples = self._bindings.nvmlDeviceGetProcessUtilization(device, since_us)
        shares: dict[int, list[float]] = {}
        for sample in samples:
            if sample.timeStamp > since_us:
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


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
