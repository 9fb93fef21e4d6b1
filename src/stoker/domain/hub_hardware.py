"""The hardware of Hugging Face's endpoints: what a replica has by type and size, and the instance types that play it here.

Types and sizes are words that their clients send unchecked. Those that their documentation lists have the figures that it lists
(https://huggingface.co/docs/inference-endpoints/pricing): virtual cores, memory and accelerators. Any other type has what its
accelerator and its size come to.
"""

from collections.abc import Mapping

import msgspec

from stoker.domain.instance_types import LOCAL, SHAPES
from stoker.domain.instances import InstanceShape
from stoker.errors import InvalidParameterError

CPU = "cpu"
ACCELERATORS = (CPU, "gpu", "neuron")
_GIB = 1024


class Hardware(msgspec.Struct, frozen=True, kw_only=True):
    """One type in one size. `kind` is the instance type that plays it, `shape` what a replica books of it."""

    accelerator: str
    instance_type: str
    instance_size: str
    architecture: str
    kind: str
    shape: InstanceShape
    accelerator_memory_gb: int = 0


_SIZES = {"small": 1, "medium": 2, "large": 4, "xlarge": 8, "2xlarge": 16, "4xlarge": 32}
"""Sizes of before 2024, in units of the present ones."""

_CPU_UNITS = (1, 2, 4, 8, 16, 32)
# type: architecture, accelerator, memory of one in GB, then for each count of them virtual cores and memory in GiB of the instance
_LISTED: Mapping[str, tuple[str, str, int, Mapping[int, tuple[int, int]]]] = {
    "intel-spr": ("Intel Sapphire Rapids", CPU, 0, {n: (n, 2 * n) for n in _CPU_UNITS[:5]}),
    "intel-icl": ("Intel Ice Lake", CPU, 0, {n: (n, 2 * n) for n in _CPU_UNITS[:4]}),
    "amd-turin": ("AMD Turin", CPU, 0, {n: (n, 2 * n) for n in _CPU_UNITS}),
    "nvidia-t4": ("Nvidia T4", "gpu", 16, {1: (3, 15), 4: (45, 180)}),
    "nvidia-l4": ("Nvidia L4", "gpu", 24, {1: (7, 30), 4: (45, 180)}),
    "nvidia-a10g": ("Nvidia A10G", "gpu", 24, {1: (6, 30), 4: (45, 180)}),
    "nvidia-l40s": ("Nvidia L40S", "gpu", 48, {1: (7, 60), 4: (46, 375), 8: (190, 1480)}),
    "nvidia-a100": ("Nvidia A100", "gpu", 80, {1: (11, 145), 2: (23, 290), 4: (46, 580), 8: (92, 1000)}),
    "nvidia-h100": ("Nvidia H100", "gpu", 80, {1: (23, 240), 2: (46, 480), 4: (92, 960), 8: (184, 1920)}),
    "nvidia-h200": ("Nvidia H200", "gpu", 141, {1: (23, 256), 2: (46, 512), 4: (92, 1024), 8: (184, 2048)}),
    "inf2": ("AWS Inferentia2", "neuron", 32, {1: (4, 14), 12: (184, 760)}),
}
_OTHER: Mapping[str, tuple[str, Mapping[int, tuple[int, int]]]] = {
    CPU: ("any processor", {n: (n, 2 * n) for n in _CPU_UNITS}),
    "gpu": ("any GPU", {n: (6 * n, 30 * n) for n in (1, 2, 4, 8)}),
    "neuron": ("any Neuron accelerator", {n: (4 * n, 14 * n) for n in (1, 2, 4, 8, 12)}),
}


def _rows() -> list[Hardware]:
    rows: list[Hardware] = []
    for name, (architecture, accelerator, memory_gb, sizes) in _LISTED.items():
        rows.extend(_row(name, architecture, accelerator, memory_gb, n, *parts) for n, parts in sizes.items())
    for accelerator, (architecture, sizes) in _OTHER.items():
        rows.extend(_row(accelerator, architecture, accelerator, 0, n, *parts) for n, parts in sizes.items())
    return rows


def _row(name: str, architecture: str, accelerator: str, memory_gb: int, count: int, cpus: int, gib: int) -> Hardware:  # noqa: PLR0917
    devices = 0 if accelerator == CPU else count
    return Hardware(
        accelerator=accelerator,
        instance_type=name,
        instance_size=f"x{count}",
        architecture=architecture,
        kind=f"{name}-x{count}",
        shape=InstanceShape(cpus=cpus, memory_mb=gib * _GIB, accelerators=devices),
        accelerator_memory_gb=memory_gb * devices,
    )


_TABLE: Mapping[tuple[str, str], Hardware] = {(row.instance_type, row.instance_size): row for row in _rows()}

HUB_SHAPES: Mapping[str, InstanceShape] = {row.kind: row.shape for row in _TABLE.values()}
"""The instance types that play them, beside AWS's."""


def listed(shapes: Mapping[str, InstanceShape]) -> list[Hardware]:
    """Give all that there is to choose from: the machine itself, what Hugging Face lists, and AWS's types among `shapes`."""
    own = [_own(name, shape) for name, shape in shapes.items() if name == LOCAL or (name in SHAPES and name.startswith("ml."))]
    return [*own[-1:], *_TABLE.values(), *own[:-1]]


def hardware_of(accelerator: str, kind: str, size: str, shapes: Mapping[str, InstanceShape]) -> Hardware:
    """Give the hardware that the words of a client stand for. Raises `InvalidParameterError` that names the field."""
    if accelerator not in ACCELERATORS:
        message = f"compute.accelerator must be {', '.join(ACCELERATORS[:-1])} or {ACCELERATORS[-1]}, not {accelerator[:40]!r}."
        raise InvalidParameterError(message, field="compute.accelerator")
    if kind in shapes and kind not in HUB_SHAPES:
        return _own(kind, shapes[kind])
    size = f"x{_SIZES[size]}" if size in _SIZES else size
    known = kind in _LISTED
    if known and _LISTED[kind][1] != accelerator:
        message = f"compute.accelerator is {accelerator!r}, but instances of the type {kind} have {_LISTED[kind][1]!r}."
        raise InvalidParameterError(message, field="compute.accelerator")
    row = _TABLE.get((kind if known else accelerator, size))
    if row is None:
        sizes = ", ".join(each for name, each in _TABLE if name == (kind if known else accelerator))
        message = f"compute.instanceSize must be one of {sizes} for instances of the type {kind[:40]!r}, not {size[:40]!r}."
        raise InvalidParameterError(message, field="compute.instanceSize")
    return row


def _own(name: str, shape: InstanceShape) -> Hardware:
    return Hardware(
        accelerator="gpu" if shape.accelerators else CPU,
        instance_type=name,
        instance_size="x1",
        architecture="this machine" if name == LOCAL else name,
        kind=name,
        shape=shape,
    )
