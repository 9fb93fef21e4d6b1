"""Components that follow demand by a policy, on the whole platform and virtual time."""

import msgspec
import pytest

from stoker.domain.components import ComputeRequirements, InferenceComponent
from stoker.domain.ids import ComponentName, EndpointName, VariantName, WorkloadId
from stoker.domain.models import Container
from stoker.domain.scaling import ScalingActivity, TargetKey
from stoker.domain.states import ComponentStatus
from stoker.engine.commands import Command, Explained, StartCopy, StopCopy
from stoker.engine.events import ComponentCreated, DemandSeen, GatewayGone, TargetRemoved, TrafficSeen
from stoker.engine.following import FollowingOptions
from stoker.engine.platform import Platform
from stoker.engine.traffic import LatencySum, WorkloadCounts
from stoker.units import SECOND
from tests.unit.engine.world import BEGIN, World

IC = WorkloadId("ic/ic")
SPLIT = "split(first=300s, further=60s)"


class Followed(World):
    """A world with one endpoint, on whose components demand is as a test says."""

    def __init__(self, default: str = SPLIT, *, least_instances: int = 0, most_instances: int = 4) -> None:
        super().__init__()
        self.options = msgspec.structs.replace(self.options, following=FollowingOptions(default_policy=default))
        self.platform = Platform(ids=self.ids, options=self.options)
        self.endpoint(managed=(least_instances, most_instances), instances=1)
        self.seconds(60)

    def make(self, copies: int = 1, **tags: str) -> None:
        component = InferenceComponent(
            name=ComponentName("ic"),
            endpoint=EndpointName("e"),
            variant=VariantName("v"),
            container=Container(image="stoker/python"),
            requirements=ComputeRequirements(cpus=1.0, least_memory_mb=1024),
            desired_copies=copies,
            asked_copies=copies,
            status=ComponentStatus.CREATING,
            created=self.now,
            modified=self.now,
            tags={f"stoker:{name.replace('_', '-')}": value for name, value in tags.items()},
        )
        self.handle(ComponentCreated(component=component))
        self.seconds(60)
        assert self.status() is ComponentStatus.IN_SERVICE

    def traffic(self, in_flight: int, *, held: int = 0, peak: int = 0, refused: int = 0, gateway: str = "g1") -> list[Command]:
        counts = WorkloadCounts(
            workload=IC,
            endpoint=EndpointName("e"),
            variant=VariantName("v"),
            invocations=1 if peak else 0,
            in_flight=in_flight,
            most_in_flight=max(peak, in_flight),
            held=held,
            no_capacity=refused,
        )
        told = (counts,) if in_flight or held or peak or refused else ()
        return self.handle(TrafficSeen(gateway=gateway, at=self.now, counts=told))

    def waits(self, waiting: int, *, in_flight: int = 0) -> list[Command]:
        return self.handle(DemandSeen(workload=IC, waiting=waiting, at=self.now, gateway="g1", in_flight=in_flight))

    @property
    def desired(self) -> int:
        return self.platform.fleet.components[ComponentName("ic")].desired_copies

    def activities(self) -> list[ScalingActivity]:
        """Give the activities as they are now, oldest first."""
        found: dict[str, ScalingActivity] = {}
        for command in self.given(Explained):
            found[command.activity.activity_id] = command.activity
        return list(found.values())


def test_a_component_without_any_target_goes_to_zero_and_back() -> None:
    world = Followed()
    world.make()
    world.traffic(1)
    world.seconds(5)
    world.traffic(0)
    world.seconds(225)
    assert world.serving() == 1
    world.seconds(80)
    assert (world.desired, world.serving()) == (0, 0)
    assert world.status() is ComponentStatus.IN_SERVICE
    assert world.platform.wakeable(IC)

    commands = world.waits(2)
    assert any(isinstance(c, StartCopy) for c in commands), "the copy is ordered in the turn of the demand"
    world.seconds(30)
    assert world.serving() == 1
    down, up = world.activities()
    assert (down.before, down.after, up.before, up.after) == (1, 0, 0, 1)
    assert down.cause == "policy split: 0 invocations in flight need 0 copies at 1 each"
    assert up.cause == "policy split: 0 invocations in flight and 2 waiting need 1 copy at 1 each"
    assert up.details == "0 were desired, 0 to 1 are allowed"
    assert up.message == "Successfully set desired copy count to 1. Change successfully fulfilled by sagemaker."


@pytest.mark.parametrize(("speed", "copies"), [(1.0, 1), (1000.0, 4)])
def test_how_long_invocations_take_is_learned_on_the_platforms_clock(speed: float, copies: int) -> None:
    world = Followed()
    world.options = msgspec.structs.replace(world.options, following=FollowingOptions(default_policy=SPLIT, speed=speed))
    world.platform = Platform(ids=world.ids, options=world.options)
    world.endpoint(managed=(0, 4), instances=4)
    world.seconds(60)
    world.make(4)
    world.traffic(1)
    latency = LatencySum(count=10, total_us=10 * 20_000)
    counts = WorkloadCounts(workload=IC, endpoint=EndpointName("e"), variant=VariantName("v"), model_latency=latency, in_flight=1)
    world.handle(TrafficSeen(gateway="g1", at=world.now, counts=(counts,)))
    world.traffic(0)
    world.seconds(1000)
    assert world.desired == 0
    world.waits(4)
    assert world.desired == copies


def test_what_is_starting_is_not_ordered_again() -> None:
    world = Followed()
    world.make(4)
    world.seconds(1000)
    assert world.desired == 0
    since = world.now
    world.waits(3)
    for _ in range(15):
        world.seconds(1)
        world.waits(3)
        world.traffic(0, held=3)
    world.seconds(40)
    assert len(world.given(StartCopy, since)) == 3
    assert world.serving() == 3


def test_demand_that_goes_cancels_what_has_not_started_only_after_its_time() -> None:
    world = Followed()
    world.make(4)
    world.traffic(1)
    world.seconds(100)
    assert world.desired == 1
    world.load = 200 * SECOND
    world.waits(2, in_flight=1)
    assert world.desired == 1, "two who wait are not worth two starts at once"
    world.seconds(5)
    assert world.desired == 3
    world.seconds(10)
    world.traffic(1)
    world.seconds(59)
    assert world.desired == 3
    since = world.now
    world.seconds(2)
    assert world.desired == 1
    assert len(world.given(StopCopy, since)) == 2
    assert world.serving() == 1


def test_invocations_shorter_than_a_report_keep_it_up() -> None:
    world = Followed()
    world.make()
    for _ in range(20):
        world.traffic(0, peak=1)
        world.seconds(200)
    assert world.serving() == 1


def test_refused_invocations_are_demand_too() -> None:
    world = Followed()
    world.make()
    world.seconds(400)
    assert world.desired == 0
    world.traffic(0, refused=5)
    assert world.desired == 1


def test_a_gateway_that_goes_takes_its_demand_along() -> None:
    world = Followed()
    world.make(4)
    world.traffic(2, gateway="g1")
    world.traffic(1, gateway="g2")
    world.seconds(100)
    assert world.desired == 3
    world.handle(GatewayGone(gateway="g1"))
    world.seconds(61)
    assert world.desired == 1


def test_the_owner_s_zero_is_zero_until_the_owner_says_otherwise() -> None:
    world = Followed()
    world.make()
    world.count(0)
    world.seconds(30)
    world.waits(1)
    world.traffic(0)
    world.seconds(30)
    assert (world.desired, world.platform.wakeable(IC)) == (0, False)
    world.count(2)
    world.seconds(40)
    assert (world.serving(), world.platform.wakeable(IC)) == (2, True)
    world.seconds(400)
    assert world.desired == 0
    world.waits(5)
    assert world.desired == 2, "what the owner asked for last is the bound"


def test_a_component_made_with_zero_copies_starts_with_the_first_invocation() -> None:
    world = Followed()
    world.make(0)
    assert world.platform.wakeable(IC)
    world.waits(9)
    assert world.desired == 1


def test_tags_choose_policy_and_bounds() -> None:
    world = Followed("none")
    world.make(1, policy="split(concurrency=2, further=30s)", min_copies="1", max_copies="3")
    world.waits(20)
    world.seconds(1)
    assert world.desired == 3
    world.seconds(30)
    world.traffic(0)
    world.seconds(31)
    assert world.desired == 1
    world.seconds(10_000)
    assert world.desired == 1


def test_the_container_says_how_many_a_copy_takes_at_once() -> None:
    world = Followed()
    world.make(4)
    component = world.platform.fleet.components[ComponentName("ic")]
    container = Container(image="stoker/python", environment={"SAGEMAKER_MODEL_SERVER_WORKERS": "4"})
    world.platform.fleet.put(msgspec.structs.replace(component, container=container, tags={"new": ""}))
    world.count(4)
    world.seconds(1000)
    world.waits(9)
    assert world.desired == 3


@pytest.mark.parametrize(
    ("default", "least", "tags"),
    [
        pytest.param("none", 0, {}, id="the default is off"),
        pytest.param(SPLIT, 1, {}, id="the variant keeps an instance"),
        pytest.param(SPLIT, 0, {"policy": "none"}, id="the component's tag says so"),
    ],
)
def test_others_keep_the_count_that_was_set(default: str, least: int, tags: dict[str, str]) -> None:
    world = Followed(default, least_instances=least)
    world.make(2, **tags)
    world.seconds(10_000)
    assert (world.desired, world.platform.wakeable(IC)) == (2, False)
    assert world.activities() == []


def test_a_scalable_target_goes_before_the_policy() -> None:
    world = Followed()
    world.make(2)
    world.target(least=0, most=2)
    world.seconds(10_000)
    assert world.desired == 2
    world.handle(TargetRemoved(key=next(iter(world.platform.autoscaler.targets))))
    world.seconds(400)
    assert world.desired == 0


def test_a_component_that_never_came_up_follows_nothing() -> None:
    world = Followed()
    world.load = 2000 * SECOND
    component = InferenceComponent(
        name=ComponentName("ic"),
        endpoint=EndpointName("e"),
        variant=VariantName("v"),
        container=Container(image="stoker/python"),
        requirements=ComputeRequirements(cpus=1.0, least_memory_mb=1024),
        desired_copies=1,
        asked_copies=1,
        status=ComponentStatus.CREATING,
        created=world.now,
        modified=world.now,
    )
    world.handle(ComponentCreated(component=component))
    world.seconds(1999)
    assert world.desired == 1
    world.seconds(290)
    assert world.serving() == 1


def test_the_start_up_time_is_learned_kept_and_used() -> None:
    world = Followed("split")
    world.make()
    assert world.platform.starts.typical(IC) == world.load == 20 * SECOND
    world.restart()
    assert world.platform.starts.typical(IC) == 20 * SECOND
    world.traffic(1)
    world.traffic(0)
    world.seconds(12 * 20 - 1)
    assert world.desired == 1
    world.seconds(2)
    assert world.desired == 0, "twelve start-up times"
    world.delete_component()
    world.seconds(5)
    assert not {kind for kind, _ in world.disk} & {"start-times", "scaling-state"}


def test_a_restart_cuts_nothing_that_may_be_in_use() -> None:
    world = Followed()
    world.make(3)
    world.traffic(3)
    world.seconds(100)
    world.restart()
    assert world.desired == 3
    world.traffic(3)
    world.seconds(1000)
    assert world.serving() == 3


@pytest.mark.parametrize(
    "policy", ["knative", "ray", "keda", "keda-http", "hf-2023", "hf-current(measure=pending)", "keep-alive"]
)
def test_every_policy_goes_to_zero_and_back(policy: str) -> None:
    world = Followed(policy)
    world.make()
    world.seconds(5000)
    assert world.desired == 0
    quiet = world.platform.following.next_deadline()
    assert quiet is None
    world.waits(1)
    world.seconds(70)
    assert world.serving() == 1
    assert world.activities()[-1].cause.startswith(f"policy {policy.partition('(')[0]}: ")


def test_constant_load_does_not_swing() -> None:
    world = Followed()
    world.make(4)
    for second in range(900):
        world.traffic(2 + second % 2)
        world.seconds(1)
    assert world.desired == 3
    assert [a.after for a in world.activities()] == [3]


def test_deleting_the_endpoint_leaves_nothing_behind() -> None:
    world = Followed()
    world.make(2)
    world.waits(3)
    world.delete_endpoint()
    world.seconds(1000)
    assert world.platform.following.next_deadline() is None
    assert not world.platform.wakeable(IC)


def test_keys_are_those_of_scalable_targets() -> None:
    world = Followed()
    world.make()
    world.seconds(1000)
    (activity,) = world.activities()
    assert activity.target == TargetKey("inference-component/ic", activity.target.dimension)
    assert world.now > BEGIN


@pytest.mark.parametrize(("pending", "copies"), [(None, 4), (6, 4), (1, 1)])
def test_what_is_being_answered_is_not_pending(pending: int | None, copies: int) -> None:
    """Six streams of which the heads are there bring no copy; who counts no heads has six pending: enough for four copies."""
    world = Followed("hf-current(measure=pending)")
    world.make(4)
    world.seconds(4000)
    assert world.desired == 0
    world.waits(1)
    for _ in range(400):
        world.seconds(1)
        counts = WorkloadCounts(
            workload=IC, endpoint=EndpointName("e"), variant=VariantName("v"), in_flight=6, most_in_flight=6, pending=pending
        )
        world.handle(TrafficSeen(gateway="g1", at=world.now, counts=(counts,)))
    assert world.desired == copies


def test_hugging_faces_rules_finish_what_one_request_has_woken() -> None:
    """Its client was told to come again, and nobody waits; the copy comes up, and the idle time runs from that request."""
    world = Followed("hf-2023")
    world.make()
    world.seconds(5000)
    world.load = 200 * SECOND
    world.traffic(0, refused=1)
    world.seconds(1)
    world.traffic(0)
    world.seconds(198)
    assert (world.desired, world.serving()) == (1, 0)
    world.seconds(41)  # the instance took its time, too
    assert world.serving() == 1
    world.seconds(659)
    assert world.desired == 1
    world.seconds(1)
    assert world.desired == 0
