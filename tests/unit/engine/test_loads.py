"""What copies work on decides which of them goes, and whether one that answers no ping is ill; demand outlives its gateway."""

from stoker.domain.hub import HubCompute, HubEndpoint, HubModel, HubSpec, HubType
from stoker.domain.ids import CopyId, EndpointName, VariantName, WorkloadId
from stoker.domain.instances import Copy
from stoker.domain.states import CopyState
from stoker.engine.commands import StopCopy
from stoker.engine.events import DemandSeen, GatewayGone, TrafficSeen
from stoker.engine.hub_events import HubPut
from stoker.engine.loads import CopyLoads
from stoker.engine.observations import CopyReady
from stoker.engine.traffic import CopyLoad, WorkloadCounts
from stoker.units import SECOND
from tests.unit.engine.world import World

IC = WorkloadId("ic/ic")
A, B = CopyId("a"), CopyId("b")


def serving(copies: int) -> World:
    """A component with so many copies, all in service, on as many instances as they need."""
    world = World()
    world.endpoint(managed=(0, 4), instances=1)
    world.component(copies=copies)
    world.seconds(120)
    assert world.serving() == copies
    return world


def report(world: World, *loads: CopyLoad, gateway: str = "g", held: int = 0) -> None:
    counts = WorkloadCounts(
        workload=IC,
        endpoint=EndpointName("e"),
        variant=VariantName("v"),
        in_flight=sum(load.in_flight for load in loads),
        invocations=sum(load.answered for load in loads),
        held=held,
    )
    world.handle(TrafficSeen(gateway=gateway, at=world.now, counts=(counts,), copies=loads))


def answers(world: World, copy: Copy) -> None:
    report(world, CopyLoad(copy_id=copy.copy_id, in_flight=1, answered=3))


def stopped(world: World) -> list[CopyId]:
    return [command.copy_id for command in world.given(StopCopy)]


def test_loads_are_summed_over_gateways_and_forgotten_with_them() -> None:
    loads = CopyLoads()
    loads.seen("g", (CopyLoad(copy_id=A, in_flight=2), CopyLoad(copy_id=B, answered=1)), 5)
    loads.seen("h", (CopyLoad(copy_id=A, in_flight=1, answered=1),), 7)
    assert (loads.in_flight(A), loads.in_flight(B)) == (3, 0)
    assert (loads.answered_since(B, 5), loads.answered_since(B, 6), loads.answered_since(A, 7)) == (True, False, True)
    loads.gateway_gone("g")
    assert loads.in_flight(A) == 1
    loads.seen("h", (), 8)
    loads.forget(A)
    assert (loads.in_flight(A), loads.answered_since(A, 0)) == (0, False)


def test_the_copies_that_work_on_least_go_first() -> None:
    world = serving(4)
    one, two, three, four = world.copies()
    loads = {one: 2, two: 1, three: 5, four: 3}
    report(world, *(CopyLoad(copy_id=copy.copy_id, in_flight=load) for copy, load in loads.items()))
    world.count(2)
    assert sorted(stopped(world)) == sorted([one.copy_id, two.copy_id])


def test_a_copy_that_starts_goes_before_one_that_serves_and_idles() -> None:
    world = serving(2)
    world.count(3)
    (starting,) = [copy for copy in world.copies() if copy.state is not CopyState.IN_SERVICE]
    world.count(2)
    assert starting.copy_id not in {copy.copy_id for copy in world.copies(state=CopyState.IN_SERVICE)}
    assert world.serving() == 2


def test_a_copy_too_busy_for_its_pings_stays_as_long_as_it_answers() -> None:
    world = serving(1)
    (copy,) = world.copies()
    answers(world, copy)
    world.sicken(copy, late=True)
    for _ in range(20):
        world.seconds(5)
        answers(world, copy)
    assert (world.serving(), stopped(world)) == (1, [])
    world.observe(CopyReady(copy_id=copy.copy_id, at=world.now, port=8080))
    world.seconds(100)
    assert (world.serving(), stopped(world)) == (1, [])


def test_a_busy_copy_that_stops_answering_is_replaced() -> None:
    world = serving(1)
    (copy,) = world.copies()
    answers(world, copy)
    world.sicken(copy, late=True)
    world.seconds(9)
    assert world.serving() == 1
    world.seconds(12)
    assert (world.serving(), stopped(world)) == (0, [])
    world.seconds(31)
    assert stopped(world) == [copy.copy_id]


def test_a_replica_of_hugging_faces_is_not_ended_for_slow_health_while_it_works() -> None:
    world = serving(1)
    (copy,) = world.copies()
    compute = HubCompute(accelerator="cpu", instance_type="local", instance_size="x1")
    model = HubModel(repository="/m", framework="custom")
    spec = HubSpec(kind=HubType.PUBLIC, compute=compute, model=model, vendor="v", region="r")
    hub = HubEndpoint(namespace="stoker", name="e", endpoint=EndpointName("e"), spec=spec, created=0, updated=0)
    world.handle(HubPut(hub=hub))
    working = CopyLoad(copy_id=copy.copy_id, in_flight=1)
    report(world, working)
    world.sicken(copy, late=True)
    for _ in range(120):
        world.seconds(1)
        report(world, working)
    assert (world.serving(), stopped(world)) == (0, [])
    report(world)
    world.seconds(11)
    assert stopped(world) == [copy.copy_id], "it has nothing more to do, and is still not well"


def test_answers_do_not_excuse_a_copy_that_says_itself_that_it_is_ill() -> None:
    world = serving(1)
    (copy,) = world.copies()
    answers(world, copy)
    world.sicken(copy)
    assert world.serving() == 0


def test_demand_outlives_the_gateway_that_told_it() -> None:
    world = serving(1)
    metering = world.platform.metering
    world.handle(DemandSeen(workload=IC, waiting=5, at=world.now, gateway="g", in_flight=2))
    world.handle(GatewayGone(gateway="g"))
    assert (metering.held(IC), metering.in_flight(IC)) == (5, 0)
    world.seconds(20)
    world.handle(DemandSeen(workload=IC, waiting=3, at=world.now, gateway="h", in_flight=0))
    assert metering.held(IC) == 5, "those who come again are not counted twice"
    world.run(11 * SECOND)
    assert metering.held(IC) == 3
    report(world, gateway="h")
    assert metering.held(IC) == 0
