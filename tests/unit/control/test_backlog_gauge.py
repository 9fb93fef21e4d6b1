"""What is told of the asynchronous backlog: SageMaker's metrics at each minute, the demand as it changes."""

from typing import TYPE_CHECKING

from stoker.control.backlog_gauge import IN_BACKLOG, PROCESSED, Gauge, room, slots
from stoker.domain.asynchronous import AsyncInference, AsyncRequest, RequestId
from stoker.domain.endpoints import ProductionVariant, VariantState
from stoker.domain.ids import ConfigName, EndpointName, ModelName, VariantName
from stoker.domain.models import Container, Model
from stoker.domain.scaling import Dimension, ScalableTarget, TargetKey
from stoker.engine.backlog import Backlog
from stoker.engine.events import Event, MetricsPut, ModelCreated, TargetPut
from stoker.engine.queue_events import BacklogSeen
from stoker.service.endpoints import Endpoints
from stoker.testing.desk import LocalDesk
from stoker.units import MINUTE, SECOND

if TYPE_CHECKING:
    from stoker.engine.platform import Platform

E = EndpointName("e")
KEY = TargetKey("endpoint/e/variant/v", Dimension.INSTANCES)
HOW = AsyncInference(output="s3://out/o", concurrency=3)


class Watched:
    """What a gauge sees of the driver."""

    def __init__(self, desk: LocalDesk) -> None:
        self.platform: Platform = desk.platform
        self.posted: list[Event] = []

    def post(self, event: Event) -> None:
        self.posted.append(event)

    def told(self, kind: type) -> list[Event]:
        return [event for event in self.posted if isinstance(event, kind)]


async def deployed(*, instances: int = 1) -> LocalDesk:
    desk = LocalDesk()
    container = Container(image="stoker/python", environment={"SAGEMAKER_MODEL_SERVER_WORKERS": "2"})
    await desk.submit(ModelCreated(model=Model(name=ModelName("m"), container=container, created=0)))
    variant = ProductionVariant(
        name=VariantName("v"),
        instance_type="ml.m5.large",
        model=ModelName("m"),
        initial_instances=instances,
        asynchronous=HOW,
    )
    endpoints = Endpoints(desk)
    await endpoints.create_config(ConfigName("c"), [variant], echo=b"")
    await endpoints.create(E, "c", {})
    return desk


def request(name: str, received: int) -> AsyncRequest:
    return AsyncRequest(
        request_id=RequestId(name), inference_id=name, endpoint=E, received=received, deadline=received + 10**15, how=HOW
    )


def values(event: Event) -> dict[str, float]:
    assert isinstance(event, MetricsPut)
    return {sample.key.name: sample.total for sample in event.samples}


async def test_metrics_are_told_at_the_end_of_each_minute() -> None:
    desk = await deployed()
    driver, backlog = Watched(desk), Backlog()
    now = desk.now() - desk.now() % MINUTE + 5 * SECOND
    gauge = Gauge(driver, backlog, now)
    for number in range(4):
        backlog.restore(request(str(number), now))
    backlog.take(lambda _: 1, now, 9)
    gauge.span(E, IN_BACKLOG, 2 * SECOND)
    gauge.count(E, PROCESSED)
    gauge.count(E, PROCESSED)
    gauge.count(EndpointName("gone"), PROCESSED)
    gauge.tick(now + SECOND)
    assert driver.told(MetricsPut) == []
    gauge.tick(gauge.next_tick())
    (told,) = driver.told(MetricsPut)
    assert values(told) == {
        "ApproximateBacklogSize": 4.0,
        "ApproximateBacklogSizePerInstance": 4.0,
        "ApproximateAgeOfOldestRequest": 55.0 - 1e-9,
        "HasBacklogWithoutCapacity": 0.0,
        "TimeInBacklog": 2_000_000.0,
        "InvocationsProcessed": 2.0,
    }
    gauge.tick(gauge.next_tick())
    assert "InvocationsProcessed" not in values(driver.told(MetricsPut)[1])


async def test_without_an_instance_there_is_a_backlog_and_none_for_each() -> None:
    world = await deployed()
    driver, backlog = Watched(world), Backlog()
    for instance in list(world.platform.fleet.instances.values()):
        world.platform.fleet.remove(instance)
    gauge = Gauge(driver, backlog, world.now())
    backlog.restore(request("1", world.now()))
    gauge.tick(gauge.next_tick())
    told = values(driver.told(MetricsPut)[0])
    assert told["HasBacklogWithoutCapacity"] == 1.0
    assert "ApproximateBacklogSizePerInstance" not in told


async def test_demand_is_told_as_it_changes_for_what_may_be_scaled() -> None:
    desk = await deployed()
    driver, backlog = Watched(desk), Backlog()
    now = desk.now()
    gauge = Gauge(driver, backlog, now)
    backlog.restore(request("1", now))
    gauge.tick(now)
    assert driver.told(BacklogSeen) == []
    await desk.submit(TargetPut(target=ScalableTarget(key=KEY, arn="arn", least=0, most=3, created=0)))
    for _ in range(2):
        gauge.tick(now)
    assert driver.told(BacklogSeen) == [BacklogSeen(key=KEY, waiting=1, running=0, slots=3)]
    (running,) = backlog.take(lambda _: 1, now, 1)
    gauge.tick(now)
    backlog.finish(running)
    for later in (0, 90, 91):
        gauge.tick(now + later * SECOND)
    assert driver.told(BacklogSeen)[1:] == [
        BacklogSeen(key=KEY, waiting=0, running=1, slots=3),
        BacklogSeen(key=KEY, waiting=0, running=0, slots=3),
        BacklogSeen(key=KEY, waiting=0, running=0, slots=3, idle=90 * SECOND),
    ]


async def test_an_instance_gets_as_many_as_is_configured_else_as_its_server_works_on() -> None:
    desk = await deployed(instances=2)
    assert room(desk.platform, E) == 6
    assert room(desk.platform, EndpointName("gone")) == 0
    container = Container(image="stoker/python", environment={"SAGEMAKER_MODEL_SERVER_WORKERS": "2"})
    spec = ProductionVariant(name=VariantName("v"), instance_type="local", asynchronous=AsyncInference(output="s3://b/o"))
    assert slots(VariantState(spec=spec, weight=1.0, desired_instances=1, container=container)) == 2
    assert slots(VariantState(spec=spec, weight=1.0, desired_instances=1)) == 1
