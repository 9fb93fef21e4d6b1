"""What a simulated model is to the platform: an inference component on an endpoint of its own, in the engine's own values."""

import re
from collections.abc import Sequence
from typing import Final

from stoker.decisions.slots import MAX_WORKERS, WORKERS
from stoker.domain.components import ComputeRequirements, InferenceComponent
from stoker.domain.endpoints import Endpoint, ManagedInstanceScaling, ProductionVariant, VariantState
from stoker.domain.ids import ComponentName, ConfigName, EndpointName, VariantName
from stoker.domain.instances import InstanceShape
from stoker.domain.models import Container
from stoker.domain.states import ComponentStatus, EndpointStatus
from stoker.engine.events import ComponentCreated, EndpointCreated, Event
from stoker.units import Instant

INSTANCE_TYPE: Final = "sim.instance"
VARIANT: Final = VariantName("all")
_UNFIT: Final = re.compile(r"[^a-zA-Z0-9]+")
_MOST: Final = 56
COPY_MB: Final = 1024
"""Memory of a copy, unless it is told."""


def shape(copies_per_instance: int, copy_mb: int = COPY_MB) -> InstanceShape:
    """Give an instance that so many copies fill."""
    return InstanceShape(cpus=float(copies_per_instance), memory_mb=copies_per_instance * copy_mb)


def instance_type(copy_mb: int) -> str:
    """Give the name of the instance type for copies of a size."""
    return INSTANCE_TYPE if copy_mb == COPY_MB else f"{INSTANCE_TYPE}.{copy_mb}"


def component_names(models: Sequence[str]) -> list[ComponentName]:
    """Give each model a name that AWS would take, no name twice."""
    names: list[ComponentName] = []
    taken: set[str] = set()
    for index, model in enumerate(models):
        stem = name = _UNFIT.sub("-", model).strip("-")[:_MOST] or "model"
        suffix = index
        while name in taken:
            name, suffix = f"{stem}-{suffix}", suffix + 1
        taken.add(name)
        names.append(ComponentName(name))
    return names


def found_house(
    name: ComponentName, *, slots: int, most_instances: int, tags: dict[str, str], now: Instant, copy_mb: int = COPY_MB
) -> list[Event]:
    """Give what makes an endpoint without instances, and a component on it without copies, whose server has so many workers."""
    endpoint = EndpointName(name)
    spec = ProductionVariant(
        name=VARIANT,
        instance_type=instance_type(copy_mb),
        initial_instances=0,
        managed=ManagedInstanceScaling(least=0, most=most_instances),
    )
    return [
        EndpointCreated(
            endpoint=Endpoint(
                name=endpoint,
                config=ConfigName(name),
                status=EndpointStatus.CREATING,
                variants=(VariantState(spec=spec, weight=1.0, desired_instances=0),),
                created=now,
                modified=now,
            )
        ),
        ComponentCreated(
            component=InferenceComponent(
                name=name,
                endpoint=endpoint,
                variant=VARIANT,
                container=Container(image="simulated", environment={WORKERS: str(min(slots, MAX_WORKERS))}),
                requirements=ComputeRequirements(cpus=1.0, least_memory_mb=copy_mb),
                desired_copies=0,
                status=ComponentStatus.CREATING,
                created=now,
                modified=now,
                tags=tags,
            )
        ),
    ]
