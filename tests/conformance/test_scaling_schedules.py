"""Scheduled scaling and tags by boto3: what is kept, what is changed, what is refused, and what then happens."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from stoker.service.autoscaling import MAX_TAGS
from stoker.service.schedules import MAX_ACTIONS
from stoker.units import HOUR, MINUTE, SECOND
from tests.conformance.sagemaker_stage import (
    Loose,
    Stage,
    component,
    make_endpoint,
    make_model,
    plain,
    refused,
    variant,
)

COPIES = "sagemaker:inference-component:DesiredCopyCount"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
KEYS = {"ServiceNamespace": "sagemaker", "ResourceId": "inference-component/c", "ScalableDimension": COPIES}
OTHER = {**KEYS, "ResourceId": "inference-component/d"}
OWN = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/own/variant/AllTraffic", "ScalableDimension": INSTANCES}
WHERE = f"for service namespace: sagemaker, resource ID: inference-component/c, scalable dimension: {COPIES}"
CREATED = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
DAILY = "cron(0 23 * * ? *)"
UP = {"MinCapacity": 2, "MaxCapacity": 4}


@pytest.fixture
def stage(served: Stage) -> Stage:
    """Give a stage with the components `c` and `d`, one copy of each, and, on `own`, a variant with a model of its own."""
    served.reset()
    sagemaker = served.client()
    make_model(sagemaker)
    make_endpoint(sagemaker, ManagedInstanceScaling={"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 9})
    for name in ("c", "d"):
        sagemaker.create_inference_component(**component(InferenceComponentName=name))
    owning = variant(ModelName="m", ManagedInstanceScaling=None, InstanceType="ml.m5.large")
    sagemaker.create_endpoint_config(EndpointConfigName="own", ProductionVariants=[owning])
    sagemaker.create_endpoint(EndpointName="own", EndpointConfigName="own")
    return served


@pytest.fixture
def scaling(stage: Stage) -> Loose:
    client = stage.client("application-autoscaling")
    for keys in (KEYS, OTHER):
        client.register_scalable_target(**keys, MinCapacity=0, MaxCapacity=8)
    client.register_scalable_target(**OWN, MinCapacity=1, MaxCapacity=3)
    return client


def put(scaling: Loose, name: str = "up", **arguments: Loose) -> Loose:
    given = {**KEYS, "Schedule": DAILY, "ScalableTargetAction": UP, **arguments}
    given = {key: value for key, value in given.items() if value is not None}
    return scaling.put_scheduled_action(ScheduledActionName=name, **given)


def described(scaling: Loose, **filters: Loose) -> list[Loose]:
    actions: list[Loose] = scaling.describe_scheduled_actions(ServiceNamespace="sagemaker", **filters)["ScheduledActions"]
    return actions


def names(actions: list[Loose]) -> list[str]:
    return [each["ScheduledActionName"] for each in actions]


def code(call: Loose, **arguments: Loose) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error: Loose = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_action_is_described_as_it_was_put(scaling: Loose) -> None:
    start, end = CREATED + timedelta(days=1), CREATED + timedelta(days=9)
    assert plain(put(scaling, Timezone="Europe/Berlin", StartTime=start, EndTime=end)) == {}
    (action,) = described(scaling)
    arn = action.pop("ScheduledActionARN")
    assert arn.startswith("arn:aws:autoscaling:us-east-1:123456789012:scheduledAction:")
    assert arn.endswith(":resource/sagemaker/inference-component/c:scheduledActionName/up")
    assert action == {
        **KEYS,
        "ScheduledActionName": "up",
        "Schedule": DAILY,
        "Timezone": "Europe/Berlin",
        "StartTime": start,
        "EndTime": end,
        "ScalableTargetAction": UP,
        "CreationTime": CREATED,
    }


def test_a_change_keeps_what_it_does_not_name_but_start_and_end(scaling: Loose, stage: Stage) -> None:
    """ "If you don't specify start and end times, the old values are deleted." (PutScheduledAction)."""
    put(scaling, Timezone="UTC+1", StartTime=CREATED, EndTime=CREATED + timedelta(days=9))
    (before,) = described(scaling)
    stage.desk.clock.advance(MINUTE)
    put(scaling, Schedule=None, ScalableTargetAction=None)
    (after,) = described(scaling)
    assert after == {key: value for key, value in before.items() if key not in {"StartTime", "EndTime"}}
    put(scaling, Schedule="rate(2 hours)", ScalableTargetAction={"MaxCapacity": 3})
    (last,) = described(scaling)
    assert last == {**after, "Schedule": "rate(2 hours)", "ScalableTargetAction": {"MaxCapacity": 3}}


def test_at_its_time_it_sets_bounds_and_capacity(scaling: Loose, stage: Stage) -> None:
    put(scaling, "up")
    put(scaling, "down", Schedule="at(2023-11-15T01:30:00)", Timezone="UTC+1", ScalableTargetAction={"MinCapacity": 0})
    stage.run(stage.desk.advance(40 * MINUTE))
    assert bounds(scaling) == (0, 8)
    stage.run(stage.desk.advance(10 * MINUTE))
    assert bounds(scaling) == (2, 4)
    stage.run(stage.desk.advance(100 * MINUTE))
    assert bounds(scaling) == (0, 4)
    found = scaling.describe_scaling_activities(**KEYS)["ScalingActivities"]
    assert [(each["Description"], each["Cause"], each["StatusMessage"]) for each in found] == [
        ("Setting min capacity to 0", "scheduled action name down was triggered", "Successfully set min capacity to 0"),
        (
            "Setting desired copy count to 2.",
            "minimum capacity was set to 2",
            "Successfully set desired copy count to 2. Change successfully fulfilled by sagemaker.",
        ),
        (
            "Setting min capacity to 2 and max capacity to 4",
            "scheduled action name up was triggered",
            "Successfully set min capacity to 2 and max capacity to 4",
        ),
    ]
    assert [each["StatusCode"] for each in found] == ["Successful"] * 3
    assert found[0]["StartTime"] == datetime(2023, 11, 15, 0, 30, tzinfo=UTC)
    assert found[2]["StartTime"] == datetime(2023, 11, 14, 23, 0, tzinfo=UTC)
    component_now = stage.client().describe_inference_component(InferenceComponentName="c")
    assert component_now["RuntimeConfig"]["DesiredCopyCount"] == 2


def bounds(scaling: Loose) -> tuple[int, int]:
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[KEYS["ResourceId"]])
    (target,) = found["ScalableTargets"]
    return target["MinCapacity"], target["MaxCapacity"]


def test_suspended_occurrences_are_skipped(scaling: Loose, stage: Stage) -> None:
    put(scaling)
    scaling.register_scalable_target(**KEYS, SuspendedState={"ScheduledScalingSuspended": True})
    stage.run(stage.desk.advance(HOUR))
    scaling.register_scalable_target(**KEYS, SuspendedState={"ScheduledScalingSuspended": False})
    stage.run(stage.desk.advance(HOUR))
    assert bounds(scaling) == (0, 8)
    given = {**KEYS, "IncludeNotScaledActivities": True}
    assert scaling.describe_scaling_activities(**given)["ScalingActivities"] == []


def test_a_conflict_with_the_other_bound_fails_when_it_is_due(scaling: Loose, stage: Stage) -> None:
    put(scaling, ScalableTargetAction={"MinCapacity": 9})
    stage.run(stage.desk.advance(HOUR))
    (failed,) = scaling.describe_scaling_activities(**KEYS)["ScalingActivities"]
    assert (failed["StatusCode"], failed["Description"]) == ("Failed", "Setting min capacity to 9")
    assert bounds(scaling) == (0, 8)


def test_actions_outlive_a_restart_and_one_that_was_missed_is_made_up_for(scaling: Loose, stage: Stage) -> None:
    put(scaling)
    put(scaling, "other", **OTHER, Schedule="rate(1 hour)", StartTime=CREATED + timedelta(days=7))
    before = described(scaling)
    store, clock = stage.desk.store, stage.desk.clock
    clock.advance(2 * HOUR)
    stage.reset(store=store, clock=clock)
    stage.run(stage.desk.restore())
    assert described(scaling) == before
    stage.run(stage.desk.advance(SECOND))
    assert bounds(scaling) == (2, 4)
    causes = [each["Cause"] for each in scaling.describe_scaling_activities(**KEYS)["ScalingActivities"]]
    assert causes == ["minimum capacity was set to 2", "scheduled action name up was triggered"]


def test_deleted_actions_and_those_of_deregistered_targets_are_gone(scaling: Loose, stage: Stage) -> None:
    for name in ("a", "b"):
        put(scaling, name)
    put(scaling, "c", **OTHER)
    assert plain(scaling.delete_scheduled_action(**KEYS, ScheduledActionName="a")) == {}
    assert names(described(scaling)) == ["b", "c"]
    assert code(scaling.delete_scheduled_action, **KEYS, ScheduledActionName="a") == (
        "ObjectNotFoundException",
        f"No scheduled action found {WHERE}, scheduled action name: a",
    )
    scaling.deregister_scalable_target(**KEYS)
    assert names(described(scaling)) == ["c"]
    scaling.register_scalable_target(**KEYS, MinCapacity=0, MaxCapacity=8)
    stage.run(stage.desk.advance(HOUR))
    assert (names(described(scaling)), bounds(scaling)) == (["c"], (0, 8))


def test_lists_are_filtered_and_paged(scaling: Loose) -> None:
    for name in ("one", "two", "three"):
        put(scaling, name)
    put(scaling, "one", **OTHER)
    assert names(described(scaling)) == ["one", "three", "two", "one"]
    assert names(described(scaling, ScheduledActionNames=["one", "x"])) == ["one", "one"]
    assert names(described(scaling, ResourceId="inference-component/d")) == ["one"]
    assert names(described(scaling, ResourceId="inference-component/c", ScalableDimension=INSTANCES)) == []
    assert plain(scaling.describe_scheduled_actions(ServiceNamespace="ecs")) == {"ScheduledActions": []}
    pages = scaling.get_paginator("describe_scheduled_actions").paginate(
        ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 3}
    )
    assert [names(page["ScheduledActions"]) for page in pages] == [["one", "three", "two"], ["one"]]
    assert refused(scaling.describe_scheduled_actions, ServiceNamespace="sagemaker", ScalableDimension=COPIES) == (
        "ResourceId must be specified when ScalableDimension is"
    )
    assert refused(scaling.describe_scheduled_actions, ServiceNamespace="sagemaker", MaxResults=51) == (
        "MaxResults must be between 1 and 50, not 51"
    )
    token = scaling.describe_scheduled_actions(ServiceNamespace="sagemaker", MaxResults=1)["NextToken"]
    with pytest.raises(ClientError) as caught:
        scaling.describe_scheduled_actions(ServiceNamespace="ecs", NextToken=token)
    assert caught.value.response["Error"]["Code"] == "InvalidNextTokenException"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"Schedule": None}, "Schedule must be specified to create a scheduled action", id="no-schedule"),
        pytest.param(
            {"ScalableTargetAction": None},
            "MinCapacity or MaxCapacity must be specified in ScalableTargetAction",
            id="no-bounds",
        ),
        pytest.param(
            {"ScalableTargetAction": {}}, "MinCapacity or MaxCapacity must be specified in ScalableTargetAction", id="empty"
        ),
        pytest.param(
            {"ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 2}},
            "Maximum capacity cannot be less than minimum capacity",
            id="crossed",
        ),
        pytest.param(
            {"ScalableTargetAction": {"MinCapacity": -1}}, "Minimum capacity cannot be less than 0", id="least-below-zero"
        ),
        pytest.param(
            {"ScalableTargetAction": {"MaxCapacity": -1}}, "Maximum capacity cannot be less than 0", id="most-below-zero"
        ),
        pytest.param(
            {"ScalableTargetAction": {"MinCapacity": 0}, **OWN},
            "Minimum capacity cannot be less than 1 for a variant with a model of its own",
            id="variant-to-zero",
        ),
        pytest.param(
            {"ScalableTargetAction": {"MaxCapacity": 0}, **OWN},
            "Maximum capacity cannot be less than 1 for a variant with a model of its own",
            id="variant-at-most-zero",
        ),
        pytest.param(
            {"ScalableTargetAction": {"MinCapacity": 1001}, **OWN},
            "Minimum capacity cannot be greater than 1000, which is as much as Stoker runs of one resource",
            id="too-many",
        ),
        pytest.param(
            {"Schedule": "cron(0 1 * * * *)"},
            "Invalid Schedule Expression 'cron(0 1 * * * *)': exactly one of the day-of-month and the day-of-week fields "
            "must be '?'.",
            id="no-question-mark",
        ),
        pytest.param(
            {"Timezone": "Mars/Olympus"},
            "The time zone 'Mars/Olympus' is not known; it must be an IANA name such as Europe/Berlin, or an offset such as "
            "UTC+1.",
            id="no-zone",
        ),
        pytest.param(
            {"StartTime": CREATED, "EndTime": CREATED - timedelta(seconds=1)},
            "EndTime cannot be before StartTime",
            id="ends-before-it-starts",
        ),
        pytest.param(
            {"EndTime": datetime(9999, 12, 31, tzinfo=UTC)}, "EndTime must be within the years 1970 to 2199", id="too-late"
        ),
        pytest.param(
            {"StartTime": datetime(1969, 12, 31, tzinfo=UTC)}, "StartTime must be within the years 1970 to 2199", id="too-early"
        ),
    ],
)
def test_an_action_that_cannot_be_is_refused(scaling: Loose, changes: Loose, text: str) -> None:
    assert refused(put, scaling=scaling, **changes) == text
    assert described(scaling) == []


def test_a_change_that_cannot_be_changes_nothing(scaling: Loose) -> None:
    put(scaling)
    before = described(scaling)
    assert refused(put, scaling=scaling, Schedule="rate(0 days)").startswith("Invalid Schedule Expression 'rate(0 days)'")
    assert described(scaling) == before


@pytest.mark.parametrize("name", ["a:b", "a/b", "a|b", " a", "a ", "\u0001", "n" * 257])
def test_names_are_aws_names(scaling: Loose, name: str) -> None:
    assert "at 'scheduledActionName' failed to satisfy constraint" in refused(put, scaling=scaling, name=name)


def test_without_a_target_there_is_no_action(scaling: Loose) -> None:
    scaling.deregister_scalable_target(**KEYS)
    text = f"No scalable target registered {WHERE}"
    assert code(put, scaling=scaling) == ("ObjectNotFoundException", text)
    elsewhere = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "service/a/b"}
    assert code(put, scaling=scaling, **elsewhere)[0] == "ObjectNotFoundException"
    call = scaling.delete_scheduled_action
    assert code(call, **elsewhere, ScheduledActionName="up")[0] == "ObjectNotFoundException"


def test_a_target_has_so_many_actions_and_no_more(scaling: Loose) -> None:
    for number in range(MAX_ACTIONS):
        put(scaling, f"a{number}")
    assert code(put, scaling=scaling, name="more") == (
        "LimitExceededException",
        "inference-component/c has 200 scheduled actions already.",
    )
    put(scaling, "a7", Schedule="rate(1 day)")
    put(scaling, "more", **OTHER)
    pages = scaling.get_paginator("describe_scheduled_actions").paginate(ServiceNamespace="sagemaker")
    assert [len(page["ScheduledActions"]) for page in pages] == [50, 50, 50, 50, 1]


def target_arn(scaling: Loose) -> str:
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[KEYS["ResourceId"]])
    arn: str = found["ScalableTargets"][0]["ScalableTargetARN"]
    return arn


def test_tags_are_set_and_taken_away(scaling: Loose, stage: Stage) -> None:
    arn = target_arn(scaling)
    assert plain(scaling.list_tags_for_resource(ResourceARN=arn)) == {"Tags": {}}
    assert plain(scaling.tag_resource(ResourceARN=arn, Tags={"team": "a", "stage": "test"})) == {}
    scaling.tag_resource(ResourceARN=arn, Tags={"team": "b"})
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "b", "stage": "test"}
    assert plain(scaling.untag_resource(ResourceARN=arn, TagKeys=["stage", "other"])) == {}
    store = stage.desk.store
    stage.reset(store=store)
    stage.run(stage.desk.restore())
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "b"}


def test_tags_given_at_registration_are_listed(scaling: Loose) -> None:
    scaling.deregister_scalable_target(**KEYS)
    scaling.register_scalable_target(**KEYS, MinCapacity=0, MaxCapacity=8, Tags={"team": "a"})
    assert scaling.list_tags_for_resource(ResourceARN=target_arn(scaling))["Tags"] == {"team": "a"}


def test_tags_of_what_is_not_there_and_too_many(scaling: Loose) -> None:
    unknown = "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/none"
    for call, more in (
        (scaling.list_tags_for_resource, {}),
        (scaling.tag_resource, {"Tags": {"a": "b"}}),
        (scaling.untag_resource, {"TagKeys": ["a"]}),
    ):
        with pytest.raises(ClientError) as caught:
            call(ResourceARN=unknown, **more)
        reply: Loose = caught.value.response
        assert reply["Error"] == {
            "Code": "ResourceNotFoundException",
            "Message": f"Resource [{unknown}] does not exist",
        }
        assert reply["ResourceName"] == unknown
    arn = target_arn(scaling)
    scaling.tag_resource(ResourceARN=arn, Tags={f"k{number}": "" for number in range(MAX_TAGS)})
    text = f"A scalable target has at most {MAX_TAGS} tags, not {MAX_TAGS + 1}."
    assert code(scaling.tag_resource, ResourceARN=arn, Tags={"more": ""}) == ("TooManyTagsException", text)
    scaling.tag_resource(ResourceARN=arn, Tags={"k0": "changed"})
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"]["k0"] == "changed"
