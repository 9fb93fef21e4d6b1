from collections.abc import Callable

import msgspec
import pytest

from stoker.decisions.scaling.step import MAX_STEPS
from stoker.domain.alarms import AlarmState, MetricKey, Statistic
from stoker.domain.ids import ComponentName, EndpointName, component_workload
from stoker.domain.scaling import (
    ActivityStatus,
    CustomMetric,
    Dimension,
    PredefinedMetric,
    ScalableTarget,
    StepAdjustment,
    StepScaling,
    SuspendedState,
    TargetKey,
    TargetTracking,
)
from stoker.engine.events import ComponentDeleted, TargetPut
from stoker.errors import InvalidParameterError, LimitError, NotFoundError
from stoker.service import autoscaling
from stoker.service.alarms import Alarms
from stoker.service.autoscaling import ActivityQuery, Autoscaling, SuspendedChange, TargetFilter, TargetRequest
from stoker.service.components import Components
from stoker.service.endpoints import Endpoints
from stoker.testing.desk import KnownImages, LocalDesk
from stoker.units import SECOND
from tests.unit.service.scaling_house import (
    COPIES,
    HOST_INSTANCES,
    INSTANCES,
    PARTITION,
    STEP,
    TRACKING,
    house,
    refuse_invocations,
    scaled,
)
from tests.unit.service.test_alarms import no_capacity_alarm

replace = msgspec.structs.replace
UNKNOWN_COPIES = TargetKey("inference-component/x", Dimension.COPIES)


async def test_an_update_keeps_what_it_does_not_name() -> None:
    desk, scaling = await scaled()
    first = scaling.targets(TargetFilter())[0]
    desk.clock.advance(SECOND)
    await scaling.register(TargetRequest(key=COPIES, most=6, suspended=SuspendedChange(dynamic_in=True)))
    await scaling.register(TargetRequest(key=COPIES, suspended=SuspendedChange(scheduled=True)))
    suspended = SuspendedState(dynamic_in=True, scheduled=True)
    assert scaling.targets(TargetFilter()) == [replace(first, most=6, suspended=suspended)]
    assert first.arn.startswith("arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/")


async def test_capacity_out_of_bounds_moves_to_the_nearer_bound() -> None:
    desk, scaling = await scaled(copies=1)
    await scaling.register(TargetRequest(key=COPIES, least=2, most=4))
    assert Components(desk, KnownImages()).get("c").desired_copies == 2
    found, mark = await scaling.activities(ActivityQuery(), limit=10)
    assert [(each.cause, each.status) for each in found] == [("minimum capacity was set to 2", ActivityStatus.SUCCESSFUL)]
    assert mark is None


@pytest.mark.parametrize(
    ("request_", "text", "field"),
    [
        pytest.param(TargetRequest(key=COPIES, most=1), "Minimum capacity must be specified", "MinCapacity", id="no-least"),
        pytest.param(TargetRequest(key=COPIES, least=1), "Maximum capacity must be specified", "MaxCapacity", id="no-most"),
        pytest.param(
            TargetRequest(key=COPIES, least=2, most=1),
            "Maximum capacity cannot be less than minimum capacity",
            "MaxCapacity",
            id="crossed",
        ),
        pytest.param(
            TargetRequest(key=COPIES, least=-1, most=1), "Minimum capacity cannot be less than 0", "MinCapacity", id="negative"
        ),
        pytest.param(
            TargetRequest(key=COPIES, least=0, most=1001),
            "Maximum capacity cannot be greater than 1000, which is as much as Stoker runs of one resource",
            "MaxCapacity",
            id="too-many",
        ),
        pytest.param(
            TargetRequest(key=INSTANCES, least=0, most=1),
            "Minimum capacity cannot be less than 1 for a variant with a model of its own",
            "MinCapacity",
            id="variant-at-zero",
        ),
        pytest.param(
            TargetRequest(key=HOST_INSTANCES, least=1, most=2),
            "ManagedInstanceScaling scales the instances of the variant v; register its inference components instead",
            "ResourceId",
            id="managed",
        ),
        pytest.param(
            TargetRequest(key=UNKNOWN_COPIES, least=0, most=1),
            "Resource Id [inference-component/x] is not scalable. Reason: Could not find inference component "
            '"arn:aws:sagemaker:us-east-1:123456789012:inference-component/x".',
            "ResourceId",
            id="no-component",
        ),
        pytest.param(
            TargetRequest(key=TargetKey("endpoint/own/variant/w", Dimension.INSTANCES), least=1, most=1),
            'Resource Id [endpoint/own/variant/w] is not scalable. Reason: Could not find variant "w" of endpoint '
            '"arn:aws:sagemaker:us-east-1:123456789012:endpoint/own".',
            "ResourceId",
            id="no-variant",
        ),
        pytest.param(
            TargetRequest(key=TargetKey("inference-component/c", Dimension.INSTANCES), least=1, most=1),
            "Unsupported service namespace, resource type or scalable dimension",
            "ResourceId",
            id="wrong-dimension",
        ),
    ],
)
async def test_a_target_that_cannot_be_is_refused(request_: TargetRequest, text: str, field: str) -> None:
    scaling = Autoscaling(await house(), PARTITION)
    with pytest.raises(InvalidParameterError) as caught:
        await scaling.register(request_)
    assert (caught.value.message, caught.value.field) == (text, field)
    assert scaling.targets(TargetFilter()) == []


async def test_what_is_going_cannot_be_registered() -> None:
    desk = await house()
    desk.launches = False
    await Endpoints(desk).delete("own")
    await desk.submit(ComponentDeleted(name=ComponentName("c")))
    scaling = Autoscaling(desk, PARTITION)
    for key in (INSTANCES, COPIES):
        with pytest.raises(InvalidParameterError, match="is not scalable"):
            await scaling.register(TargetRequest(key=key, least=1, most=2))


async def test_tags_are_for_new_targets() -> None:
    _, scaling = await scaled()
    with pytest.raises(InvalidParameterError, match="use the TagResource API"):
        await scaling.register(TargetRequest(key=COPIES, tags={"a": "b"}))


async def test_a_variant_with_a_model_is_scaled_by_its_instances() -> None:
    desk = await house()
    scaling = Autoscaling(desk, PARTITION)
    await scaling.register(TargetRequest(key=INSTANCES, least=2, most=3))
    assert Endpoints(desk).get("own").variants[0].desired_instances == 2


async def test_there_are_at_most_500_targets() -> None:
    desk, scaling = await scaled()
    for number in range(autoscaling.MAX_TARGETS - 1):
        key = TargetKey(f"inference-component/x{number}", Dimension.COPIES)
        await desk.submit(TargetPut(target=ScalableTarget(key=key, arn=str(number), least=0, most=1, created=0)))
    await scaling.register(TargetRequest(key=COPIES, most=2))
    with pytest.raises(LimitError) as caught:
        await scaling.register(TargetRequest(key=INSTANCES, least=1, most=1))
    assert (caught.value.limit, caught.value.maximum) == ("targets", 500)


async def test_targets_are_found_by_resource_and_dimension() -> None:
    _, scaling = await scaled()
    await scaling.register(TargetRequest(key=INSTANCES, least=1, most=1))
    assert [each.key for each in scaling.targets(TargetFilter())] == [INSTANCES, COPIES]
    assert [each.key for each in scaling.targets(TargetFilter(resource_ids=["inference-component/c"]))] == [COPIES]
    assert [each.key for each in scaling.targets(TargetFilter(dimension=Dimension.INSTANCES))] == [INSTANCES]


async def test_deregistering_takes_policies_and_their_alarms_along() -> None:
    desk, scaling = await scaled()
    await scaling.put_policy(COPIES, "t", TRACKING)
    await scaling.deregister(COPIES)
    assert scaling.targets(TargetFilter()) == []
    assert scaling.policies(TargetFilter()) == []
    assert not desk.platform.autoscaler.alarms
    with pytest.raises(NotFoundError) as caught:
        await scaling.deregister(COPIES)
    assert caught.value.message == (
        "No scalable target found for service namespace: sagemaker, resource ID: inference-component/c, "
        "scalable dimension: sagemaker:inference-component:DesiredCopyCount"
    )


async def test_an_updated_policy_keeps_its_arn_and_age_and_gets_new_alarms() -> None:
    desk, scaling = await scaled()
    first = await scaling.put_policy(COPIES, "t", TRACKING)
    desk.clock.advance(SECOND)
    second = await scaling.put_policy(COPIES, "t", replace(TRACKING, target_value=10.0))
    assert (second.arn, second.created) == (first.arn, first.created)
    assert first.arn.endswith(":resource/sagemaker/inference-component/c:policyName/t")
    assert not set(second.alarms) & set(first.alarms)
    assert set(desk.platform.autoscaler.alarms) == set(second.alarms)
    assert [(alarm.threshold, alarm.evaluation_periods) for alarm in scaling.alarms_of(second)] == [(10.0, 3), (9.0, 90)]


async def test_a_policy_never_changes_its_type() -> None:
    _, scaling = await scaled()
    await scaling.put_policy(COPIES, "t", TRACKING)
    with pytest.raises(InvalidParameterError, match="is TargetTrackingScaling and cannot be changed to StepScaling"):
        await scaling.put_policy(COPIES, "t", STEP)


async def test_one_tracking_policy_for_a_metric() -> None:
    _, scaling = await scaled()
    await scaling.put_policy(COPIES, "t", TRACKING)
    with pytest.raises(InvalidParameterError) as caught:
        await scaling.put_policy(COPIES, "u", replace(TRACKING, target_value=1.0))
    assert caught.value.message == "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    await scaling.put_policy(COPIES, "u", replace(TRACKING, metric=PredefinedMetric.COMPONENT_INVOCATIONS))
    own = CustomMetric(metric=MetricKey(namespace="mine", name="depth"), statistic=Statistic.AVERAGE)
    await scaling.put_policy(COPIES, "v", replace(TRACKING, metric=own))
    assert [policy.name for policy in scaling.policies(TargetFilter())] == ["t", "u", "v"]
    assert [policy.name for policy in scaling.policies(TargetFilter(), ["u", "x"])] == ["u"]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        pytest.param(lambda: replace(TRACKING, target_value=0.0), "TargetValue must be greater than 0", id="zero"),
        pytest.param(lambda: replace(TRACKING, target_value=float("nan")), "TargetValue must be greater", id="nan"),
        pytest.param(lambda: replace(TRACKING, target_value=float("inf")), "TargetValue must be within", id="endless"),
        pytest.param(lambda: replace(TRACKING, scale_in_cooldown=-1), "ScaleInCooldown must be greater", id="in-cooldown"),
        pytest.param(lambda: replace(TRACKING, scale_out_cooldown=-1), "ScaleOutCooldown must be greater", id="out-cooldown"),
        pytest.param(
            lambda: replace(TRACKING, metric=PredefinedMetric.VARIANT_CONCURRENCY), "is not supported for", id="other-dimension"
        ),
        pytest.param(lambda: replace(STEP, cooldown=-1), "Cooldown must be greater than or equal to 0", id="cooldown"),
        pytest.param(lambda: replace(STEP, steps=()), "must have 1 to 20 step adjustments", id="no-steps"),
        pytest.param(
            lambda: replace(STEP, steps=(StepAdjustment(adjustment=1, lower=float("nan")),)), "must be finite", id="nan-bound"
        ),
        pytest.param(lambda: replace(STEP, min_adjustment_magnitude=1), "MinAdjustmentMagnitude can only", id="magnitude"),
    ],
)
async def test_a_configuration_that_cannot_be_is_refused(make: Callable[[], TargetTracking | StepScaling], text: str) -> None:
    _, scaling = await scaled()
    with pytest.raises(InvalidParameterError, match=text):
        await scaling.put_policy(COPIES, "p", make())
    assert scaling.policies(TargetFilter()) == []


async def test_a_step_policy_has_at_most_20_steps() -> None:
    _, scaling = await scaled()
    steps = tuple(
        StepAdjustment(adjustment=1, lower=float(n), upper=None if n == MAX_STEPS else n + 1.0) for n in range(MAX_STEPS + 1)
    )
    with pytest.raises(LimitError) as caught:
        await scaling.put_policy(COPIES, "s", replace(STEP, steps=steps))
    assert caught.value.maximum == 20
    await scaling.put_policy(COPIES, "s", replace(STEP, steps=(*steps[:-2], replace(steps[-2], upper=None))))


async def test_a_target_has_at_most_50_policies() -> None:
    _, scaling = await scaled()
    for number in range(autoscaling.MAX_POLICIES):
        await scaling.put_policy(COPIES, f"s{number}", STEP)
    await scaling.put_policy(COPIES, "s0", replace(STEP, cooldown=0))
    with pytest.raises(LimitError) as caught:
        await scaling.put_policy(COPIES, "one-more", STEP)
    assert (caught.value.limit, caught.value.maximum) == ("policies", 50)


async def test_policies_need_a_target_and_are_there_to_be_deleted() -> None:
    desk = await house()
    scaling = Autoscaling(desk, PARTITION)
    where = (
        "for service namespace: sagemaker, resource ID: inference-component/c, "
        "scalable dimension: sagemaker:inference-component:DesiredCopyCount"
    )
    with pytest.raises(NotFoundError) as caught:
        await scaling.put_policy(COPIES, "p", STEP)
    assert caught.value.message == f"No scalable target registered {where}"
    with pytest.raises(NotFoundError) as caught:
        await scaling.delete_policy(COPIES, "p")
    assert caught.value.message == f"No scaling policy found {where}, policy name: p"


async def test_deleting_a_policy_takes_its_own_alarms_along_and_leaves_those_that_name_it() -> None:
    desk, scaling = await scaled()
    await scaling.put_policy(COPIES, "t", TRACKING)
    step = await scaling.put_policy(COPIES, "s", STEP)
    await Alarms(desk).put(no_capacity_alarm(step.arn))
    assert [alarm.name for alarm in scaling.alarms_of(step)] == ["scale-from-zero"]
    await scaling.delete_policy(COPIES, "t")
    await scaling.delete_policy(COPIES, "s")
    assert [(alarm.name, alarm.alarm_actions) for alarm in desk.platform.autoscaler.alarms.values()] == [
        ("scale-from-zero", (step.arn,))
    ]


async def bounce(scaling: Autoscaling, times: int) -> None:
    """Make `times` activities by moving the bounds up and down."""
    for number in range(times):
        least = 2 - number % 2
        await scaling.register(TargetRequest(key=COPIES, least=least, most=least))


async def read(scaling: Autoscaling, size: int) -> list[list[str]]:
    pages: list[list[str]] = []
    mark = None
    while True:
        page, mark = await scaling.activities(ActivityQuery(resource_id=COPIES.resource_id), limit=size, after=mark)
        pages.append([each.activity_id for each in page])
        if mark is None:
            return pages


@pytest.mark.parametrize("apart", [0, SECOND], ids=["one-instant", "apart"])
async def test_activities_come_newest_first_in_pages_without_gaps(apart: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoscaling, "_CHUNK", 2)
    desk, scaling = await scaled()
    for _ in range(6):
        await bounce(scaling, 2)
        desk.clock.advance(apart)
    pages = await read(scaling, 5)
    found, _ = await scaling.activities(ActivityQuery(), limit=100)
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [one for page in pages for one in page] == [each.activity_id for each in found]
    assert [each.start for each in found] == sorted((each.start for each in found), reverse=True)


async def test_refused_triggers_are_told_on_demand() -> None:
    desk, scaling = await scaled(copies=0)
    step = await scaling.put_policy(COPIES, "s", STEP)
    await scaling.register(TargetRequest(key=COPIES, suspended=SuspendedChange(dynamic_out=True)))
    alarm = replace(no_capacity_alarm(step.arn), missing_data=None)
    await Alarms(desk).put(alarm)
    await fire(desk)
    assert desk.platform.autoscaler.alarms[alarm.name].state is AlarmState.ALARM
    assert await scaling.activities(ActivityQuery(), limit=10) == ([], None)
    found, _ = await scaling.activities(ActivityQuery(not_scaled=True), limit=10)
    assert [each.not_scaled[0].code for each in found] == ["ScalingSuspended"]
    other = ActivityQuery(not_scaled=True, dimension=Dimension.INSTANCES)
    assert await scaling.activities(other, limit=10) == ([], None)


async def test_the_alarm_on_refused_invocations_brings_back_the_first_copy() -> None:
    desk, scaling = await scaled(copies=0)
    step = await scaling.put_policy(COPIES, "s", STEP)
    await Alarms(desk).put(no_capacity_alarm(step.arn))
    await fire(desk)
    assert desk.platform.fleet.serving(component_workload(ComponentName("c"))) == 1
    (done,), _ = await scaling.activities(ActivityQuery(), limit=10)
    assert (done.description, done.cause, done.status, done.before, done.after) == (
        "Setting desired copy count to 1.",
        "monitor alarm scale-from-zero in state ALARM triggered policy s",
        ActivityStatus.SUCCESSFUL,
        0,
        1,
    )
    assert EndpointName("e") in desk.platform.fleet.endpoints


async def fire(desk: LocalDesk) -> None:
    await refuse_invocations(desk, 1)
    await desk.advance(20 * SECOND)
