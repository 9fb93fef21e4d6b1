"""Makes the state that the control plane's benchmark starts with: by the services that all APIs call, into the real store.

Through HTTP it would be the same calls and the same records, and take many minutes.
"""

from pathlib import Path

import msgspec

from stoker.domain.alarms import Alarm, AlarmState, Comparison, MetricKey, Statistic
from stoker.domain.components import ComputeRequirements
from stoker.domain.endpoints import ManagedInstanceScaling, ProductionVariant
from stoker.domain.ids import AlarmName, ComponentName, ConfigName, EndpointName, ModelName, Partition, VariantName
from stoker.domain.models import Container
from stoker.domain.quotas import Quotas
from stoker.domain.scaling import AdjustmentType, Dimension, StepAdjustment, StepScaling, TargetKey
from stoker.ports.store import Put
from stoker.ports.store_limits import MAX_WRITES
from stoker.service.alarms import Alarms
from stoker.service.autoscaling import MAX_TARGETS, Autoscaling, TargetRequest
from stoker.service.components import ComponentRequest, Components
from stoker.service.endpoints import Endpoints
from stoker.service.models import Models
from stoker.store.sqlite import FILE_NAME, SqliteStore
from stoker.testing.clock import ManualClock
from stoker.testing.desk import KnownImages, LocalDesk
from stoker.testing.memory_store import MemoryStore
from stoker.units import SECOND, Instant

NAMESPACE = "bench"
METRIC = "Load"
THRESHOLD = 5.0
IMAGE = "stoker/python"
MODEL = "model"
VARIANT = "AllTraffic"
INSTANCE_TYPE = "ml.m5.large"
ECHO = (
    b'{"Specification":{"ModelName":"model","ComputeResourceRequirements":'
    b'{"NumberOfCpuCoresRequired":1,"MinMemoryRequiredInMb":512}}}'
)
"""What a client sent of a component, as it is kept to be described."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is: endpoints with one component each, and alarms, two on a metric."""

    endpoints: int
    alarms: int

    @property
    def metrics(self) -> int:
        """The metrics that the alarms watch."""
        return self.alarms // 2


def endpoint_name(number: int) -> str:
    """Give the name of an endpoint; its component has the same."""
    return f"endpoint-{number:05d}"


def dimension(number: int) -> str:
    """Give the dimension that tells the metrics apart."""
    return f"series-{number:04d}"


def toml(size: Size) -> str:
    """Give the settings that let so much be made, and some more."""
    most = size.endpoints + 1_000
    return (
        f"[quotas]\nendpoints = {most}\nendpoint_configs = {most}\ninference_components = {most}\n"
        f'[scaling]\ndefault_policy = "split(first=600s)"\n'
    )


async def make_state(data: Path, size: Size, now: Instant) -> int:
    """Fill a data directory's store; give the number of records."""
    memory = MemoryStore()
    most = 2 * size.endpoints
    quotas = Quotas(endpoints=most, endpoint_configs=most, inference_components=most)
    desk = LocalDesk(clock=ManualClock(now), store=memory, quotas=quotas)
    await _serve(desk, size)
    await _watch(desk, size)
    records = list(await memory.load())
    store = await SqliteStore.open(data / FILE_NAME)
    try:
        for start in range(0, len(records), MAX_WRITES):
            await store.apply([Put(kind=r.kind, key=r.key, document=r.document) for r in records[start : start + MAX_WRITES]])
    finally:
        await store.close()
    return len(records)


async def _serve(desk: LocalDesk, size: Size) -> None:
    """Make the endpoints, each with a configuration of its own and with a component that is at zero and may be woken."""
    images = KnownImages()
    models, endpoints, components = Models(desk, images), Endpoints(desk), Components(desk, images)
    await models.create(ModelName(MODEL), Container(image=IMAGE, model_data="file:///models/m"), echo=b"{}", tags={})
    for number in range(size.endpoints):
        name = endpoint_name(number)
        variant = ProductionVariant(
            name=VariantName(VARIANT),
            instance_type=INSTANCE_TYPE,
            initial_instances=0,
            managed=ManagedInstanceScaling(least=0, most=2),
        )
        await endpoints.create_config(ConfigName(name), [variant], echo=b"{}")
        await endpoints.create(EndpointName(name), name, {"team": "bench"})
        await components.create(
            ComponentRequest(
                name=ComponentName(name),
                endpoint=EndpointName(name),
                requirements=ComputeRequirements(cpus=1, least_memory_mb=512),
                copies=0,
                model=ModelName(MODEL),
                echo=ECHO,
            )
        )


async def _watch(desk: LocalDesk, size: Size) -> None:
    """Make the alarms: on each metric one like target tracking's high alarm, with a step policy, and one like its low alarm."""
    scaling, alarms = Autoscaling(desk, Partition()), Alarms(desk)
    for number in range(size.metrics):
        name = endpoint_name(number)
        action: tuple[str, ...] = ()
        if number < MAX_TARGETS:
            key = TargetKey(f"inference-component/{name}", Dimension.COPIES)
            await scaling.register(TargetRequest(key=key, least=0, most=0))
            step = StepScaling(adjustment_type=AdjustmentType.CHANGE, steps=(StepAdjustment(adjustment=1, lower=0.0),))
            policy = await scaling.put_policy(key, "out", step)
            action = (policy.arn,)
        await alarms.put(_alarm(number, Comparison.GREATER, periods=3, actions=action))
        await alarms.put(_alarm(number, Comparison.LESS, periods=90, actions=()))


def _alarm(number: int, comparison: Comparison, *, periods: int, actions: tuple[str, ...]) -> Alarm:
    high = comparison is Comparison.GREATER
    return Alarm(
        name=AlarmName(f"{'high' if high else 'low'}-{number:04d}"),
        metric=MetricKey(namespace=NAMESPACE, name=METRIC, dimensions=(("Series", dimension(number)),)),
        statistic=Statistic.MAXIMUM,
        period=10 * SECOND,
        evaluation_periods=periods,
        threshold=THRESHOLD if high else 0.9 * THRESHOLD,
        comparison=comparison,
        configured=0,
        alarm_actions=actions,
        state=AlarmState.INSUFFICIENT_DATA,
    )
