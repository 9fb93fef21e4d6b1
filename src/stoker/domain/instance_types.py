"""What the common instance types have to book.

Figures are the public ones of the EC2 types behind SageMaker's names: vCPUs, memory in GiB, accelerators. A type that is
not listed can be declared in the configuration; `local` is the machine itself and is filled in where the platform runs.
"""

from stoker.domain import serverless
from stoker.domain.instances import InstanceShape

LOCAL = "local"
"""The instance type that is the real machine."""

_SIZES: dict[str, tuple[float, float, float]] = {
    "ml.t2.medium": (2, 4, 0),
    "ml.t2.large": (2, 8, 0),
    "ml.t2.xlarge": (4, 16, 0),
    "ml.m5.large": (2, 8, 0),
    "ml.m5.xlarge": (4, 16, 0),
    "ml.m5.2xlarge": (8, 32, 0),
    "ml.m5.4xlarge": (16, 64, 0),
    "ml.m5.12xlarge": (48, 192, 0),
    "ml.m5.24xlarge": (96, 384, 0),
    "ml.c5.large": (2, 4, 0),
    "ml.c5.xlarge": (4, 8, 0),
    "ml.c5.2xlarge": (8, 16, 0),
    "ml.c5.4xlarge": (16, 32, 0),
    "ml.c5.9xlarge": (36, 72, 0),
    "ml.c6i.large": (2, 4, 0),
    "ml.c6i.xlarge": (4, 8, 0),
    "ml.c6i.2xlarge": (8, 16, 0),
    "ml.r5.large": (2, 16, 0),
    "ml.r5.xlarge": (4, 32, 0),
    "ml.r5.2xlarge": (8, 64, 0),
    "ml.g4dn.xlarge": (4, 16, 1),
    "ml.g4dn.2xlarge": (8, 32, 1),
    "ml.g4dn.4xlarge": (16, 64, 1),
    "ml.g4dn.8xlarge": (32, 128, 1),
    "ml.g4dn.12xlarge": (48, 192, 4),
    "ml.g4dn.16xlarge": (64, 256, 1),
    "ml.g5.xlarge": (4, 16, 1),
    "ml.g5.2xlarge": (8, 32, 1),
    "ml.g5.4xlarge": (16, 64, 1),
    "ml.g5.8xlarge": (32, 128, 1),
    "ml.g5.12xlarge": (48, 192, 4),
    "ml.g5.16xlarge": (64, 256, 1),
    "ml.g5.24xlarge": (96, 384, 4),
    "ml.g5.48xlarge": (192, 768, 8),
    "ml.g6.xlarge": (4, 16, 1),
    "ml.g6.2xlarge": (8, 32, 1),
    "ml.g6.4xlarge": (16, 64, 1),
    "ml.g6.12xlarge": (48, 192, 4),
    "ml.g6.48xlarge": (192, 768, 8),
    "ml.p3.2xlarge": (8, 61, 1),
    "ml.p3.8xlarge": (32, 244, 4),
    "ml.p3.16xlarge": (64, 488, 8),
    "ml.p4d.24xlarge": (96, 1152, 8),
    "ml.p5.48xlarge": (192, 2048, 8),
    "ml.inf2.xlarge": (4, 16, 1),
    "ml.inf2.8xlarge": (32, 128, 1),
    "ml.inf2.24xlarge": (96, 384, 6),
    "ml.inf2.48xlarge": (192, 768, 12),
}

SHAPES: dict[str, InstanceShape] = {
    name: InstanceShape(cpus=cpus, memory_mb=int(gib * 1024), accelerators=accelerators)
    for name, (cpus, gib, accelerators) in _SIZES.items()
} | serverless.SHAPES
"""The built-in table: instance type to shape, the environments of serverless variants among them."""
