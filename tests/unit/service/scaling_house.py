"""A desk with an endpoint `e` that hosts the component `c`, and one, `own`, whose variant serves a model of its own."""

from stoker.domain.components import ComputeRequirements
from stoker.domain.endpoints import ManagedInstanceScaling, ProductionVariant
from stoker.domain.ids import ComponentName, ConfigName, EndpointName, ModelName, Partition, VariantName, component_workload
from stoker.domain.models import Container
from stoker.domain.scaling import (
    AdjustmentType,
    Aggregation,
    Dimension,
    PredefinedMetric,
    StepAdjustment,
    StepScaling,
    TargetKey,
    TargetTracking,
)
from stoker.engine.events import TrafficSeen
from stoker.engine.traffic import WorkloadCounts
from stoker.service.autoscaling import Autoscaling, TargetRequest
from stoker.service.components import ComponentRequest, Components
from stoker.service.endpoints import Endpoints
from stoker.service.models import Models
from stoker.testing.desk import KnownImages, LocalDesk
from stoker.units import SECOND

PARTITION = Partition()
COPIES = TargetKey("inference-component/c", Dimension.COPIES)
INSTANCES = TargetKey("endpoint/own/variant/v", Dimension.INSTANCES)
HOST_INSTANCES = TargetKey("endpoint/e/variant/v", Dimension.INSTANCES)
TRACKING = TargetTracking(target_value=5.0, metric=PredefinedMetric.COMPONENT_CONCURRENCY)
STEP = StepScaling(
    adjustment_type=AdjustmentType.CHANGE,
    steps=(StepAdjustment(adjustment=1, lower=0.0),),
    cooldown=60 * SECOND,
    aggregation=Aggregation.MAXIMUM,
)


async def house(copies: int = 1) -> LocalDesk:
    """Give the desk, with `copies` of the component serving."""
    desk = LocalDesk(partition=PARTITION)
    images = KnownImages()
    await Models(desk, images).create(ModelName("m"), Container(image="stoker/python"), echo=b"")
    endpoints = Endpoints(desk)
    managed = ManagedInstanceScaling(least=0, most=3)
    hosting = ProductionVariant(name=VariantName("v"), instance_type="ml.g5.12xlarge", managed=managed)
    owning = ProductionVariant(name=VariantName("v"), instance_type="ml.m5.large", model=ModelName("m"))
    for name, variant in (("e", hosting), ("own", owning)):
        await endpoints.create_config(ConfigName(name), [variant], echo=b"")
        await endpoints.create(EndpointName(name), ConfigName(name), {})
    for name in ("c", "d"):
        await Components(desk, images).create(
            ComponentRequest(
                name=ComponentName(name),
                endpoint=EndpointName("e"),
                requirements=ComputeRequirements(accelerators=1, least_memory_mb=1024),
                copies=copies if name == "c" else 0,
                model=ModelName("m"),
            )
        )
    return desk


async def scaled(copies: int = 1) -> tuple[LocalDesk, Autoscaling]:
    """Give the desk and its autoscaling, with the component registered from 0 to 8."""
    desk = await house(copies)
    scaling = Autoscaling(desk, PARTITION)
    await scaling.register(TargetRequest(key=COPIES, least=0, most=8))
    return desk, scaling


async def refuse_invocations(desk: LocalDesk, number: int) -> None:
    """Have a gateway report invocations of the component that met no capacity."""
    counts = WorkloadCounts(
        workload=component_workload(ComponentName("c")),
        endpoint=EndpointName("e"),
        variant=VariantName("v"),
        no_capacity=number,
    )
    await desk.submit(TrafficSeen(gateway="g", at=desk.now(), counts=(counts,)))
