"""EventBridge Scheduler by boto3: what is kept and refused, and what its schedules then do to the platform."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from botocore.exceptions import ClientError

from stoker.engine.commands import InvokeTarget
from stoker.engine.events import TargetAnswered
from stoker.service.timetable import dead_letters
from stoker.units import DAY, HOUR, MINUTE, SECOND
from tests.conformance.sagemaker_stage import Loose, Stage, component, make_endpoint, make_model, plain

CREATED = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # a Tuesday
ROLE = "arn:aws:iam::123456789012:role/scheduler"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:given-up"
SDK = "arn:aws:scheduler:::aws-sdk:sagemaker"
SET_COUNT = f"{SDK}:updateInferenceComponentRuntimeConfig"
OFF = {"Mode": "OFF"}


def counted(copies: int, **changes: Loose) -> Loose:
    given = {"InferenceComponentName": "c", "DesiredRuntimeConfig": {"CopyCount": copies}}
    return {"Arn": SET_COUNT, "RoleArn": ROLE, "Input": json.dumps(given), **changes}


@pytest.fixture
def stage(served: Stage) -> Stage:
    """Give a stage with the component `c`, one copy of it."""
    served.reset()
    sagemaker = served.client()
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component())
    return served


@pytest.fixture
def scheduler(stage: Stage) -> Loose:
    return stage.client("scheduler")


def make(scheduler: Loose, name: str = "s", **changes: Loose) -> str:
    given = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": counted(0), **changes}
    arn: str = scheduler.create_schedule(Name=name, **given)["ScheduleArn"]
    return arn


def refused(call: Loose, **arguments: Loose) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Loose = caught.value.response
    return reply["ResponseMetadata"]["HTTPStatusCode"], reply["Error"]["Code"], reply["Error"]["Message"]


def copies(stage: Stage) -> int:
    described = stage.client().describe_inference_component(InferenceComponentName="c")
    count: int = described["RuntimeConfig"]["DesiredCopyCount"]
    return count


def advance_to(stage: Stage, moment: datetime) -> None:
    stage.run(stage.desk.advance(int(moment.timestamp()) * SECOND - stage.desk.now()))


def recorded(stage: Stage) -> list[tuple[datetime, str]]:
    """Have invocations noted, when and of what, rather than made."""
    made: list[tuple[datetime, str]] = []

    async def invoke(command: InvokeTarget) -> TargetAnswered:
        made.append((datetime.fromtimestamp(stage.desk.now() // SECOND, UTC), command.schedule_arn.rpartition("/")[2]))
        return TargetAnswered(execution=command.execution)

    stage.desk.invoke = invoke
    return made


def test_a_schedule_is_described_as_it_was_put(scheduler: Loose) -> None:
    arn = make(
        scheduler,
        ScheduleExpression="cron(00 18 ? * 6 2024-2025)",
        ScheduleExpressionTimezone="UTC+1",
        StartDate=datetime(2024, 1, 1, tzinfo=UTC),
        EndDate=datetime(2025, 12, 31, tzinfo=UTC),
        Description="weekends off",
        ActionAfterCompletion="DELETE",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        Target=counted(0, DeadLetterConfig={"Arn": QUEUE}),
    )
    assert arn == "arn:aws:scheduler:us-east-1:123456789012:schedule/default/s"
    assert plain(scheduler.get_schedule(Name="s")) == {
        "Arn": arn,
        "GroupName": "default",
        "Name": "s",
        "ScheduleExpression": "cron(00 18 ? * 6 2024-2025)",
        "ScheduleExpressionTimezone": "UTC+1",
        "StartDate": datetime(2024, 1, 1, tzinfo=UTC),
        "EndDate": datetime(2025, 12, 31, tzinfo=UTC),
        "Description": "weekends off",
        "State": "ENABLED",
        "CreationDate": CREATED,
        "LastModificationDate": CREATED,
        "ActionAfterCompletion": "DELETE",
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        "Target": {
            **counted(0),
            "DeadLetterConfig": {"Arn": QUEUE},
            # As AWS shows it for one that was made without a retry policy.
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
        },
    }


def test_an_update_replaces_everything(scheduler: Loose, stage: Stage) -> None:
    make(scheduler, Description="old", State="DISABLED", ActionAfterCompletion="DELETE", StartDate=CREATED)
    stage.run(stage.desk.advance(HOUR))
    scheduler.update_schedule(Name="s", ScheduleExpression="rate(2 days)", FlexibleTimeWindow=OFF, Target=counted(1))
    assert plain(scheduler.get_schedule(Name="s")) == {
        "Arn": "arn:aws:scheduler:us-east-1:123456789012:schedule/default/s",
        "GroupName": "default",
        "Name": "s",
        "ScheduleExpression": "rate(2 days)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "CreationDate": CREATED,
        "LastModificationDate": CREATED + timedelta(hours=1),
        "ActionAfterCompletion": "NONE",
        "FlexibleTimeWindow": OFF,
        "Target": {**counted(1), "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}},
    }


def test_weekends_are_off_as_in_the_guides_notebook(scheduler: Loose, stage: Stage) -> None:
    """The schedules of AWS's scheduled-scaling notebook, week by week: no copies from Friday evening to Monday morning."""
    times = {"ScheduleExpressionTimezone": "UTC+1", "ActionAfterCompletion": "DELETE"}
    make(scheduler, "down", ScheduleExpression="cron(00 18 ? * 6 2023-2025)", Target=counted(0), **times)
    make(scheduler, "up", ScheduleExpression="cron(00 07 ? * 2 2023-2025)", Target=counted(1), **times)
    advance_to(stage, datetime(2023, 11, 17, 16, 59, 59, tzinfo=UTC))
    assert copies(stage) == 1
    stage.run(stage.desk.advance(SECOND))
    assert copies(stage) == 0
    advance_to(stage, datetime(2023, 11, 20, 5, 59, 59, tzinfo=UTC))
    assert copies(stage) == 0
    stage.run(stage.desk.advance(SECOND))
    assert copies(stage) == 1


@pytest.mark.parametrize("name", ["UTC+1", "Europe/Berlin", "America/New_York"])
def test_ten_years_of_weekends_across_every_change_of_clocks(scheduler: Loose, stage: Stage, name: str) -> None:
    made = recorded(stage)
    stage.client().delete_inference_component(InferenceComponentName="c")  # so that nothing but the schedules has deadlines
    times = {"ScheduleExpressionTimezone": name, "ActionAfterCompletion": "DELETE"}
    make(scheduler, "down", ScheduleExpression="cron(00 18 ? * 6 2024-2033)", **times)
    make(scheduler, "up", ScheduleExpression="cron(00 07 ? * 2 2024-2033)", **times)
    make(scheduler, "past", ScheduleExpression="cron(00 07 ? * 2 2019-2021)")
    stage.run(stage.desk.advance(4000 * DAY))
    zone = ZoneInfo("Etc/GMT-1") if name == "UTC+1" else ZoneInfo(name)
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(3653)]
    wanted = [
        (datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC), which)
        for day in days
        for weekday, hour, which in ((4, 18, "down"), (0, 7, "up"))
        if day.weekday() == weekday
    ]
    assert len(made) == 2 * 522
    assert made == wanted
    offsets = {(at.hour, which) for at, which in made}
    assert len(offsets) == (2 if name == "UTC+1" else 4)
    # They were to go after their last time; what never came due stays.
    assert [each["Name"] for each in scheduler.list_schedules()["Schedules"]] == ["past"]


def test_a_component_is_deleted_and_made_again(scheduler: Loose, stage: Stage) -> None:
    """The notebook's second way: the input of the one that makes it is what was described before."""
    again = json.dumps(component(RuntimeConfig={"CopyCount": 2}))
    target = {"RoleArn": ROLE, "Input": json.dumps({"InferenceComponentName": "c"}), "Arn": f"{SDK}:deleteInferenceComponent"}
    make(scheduler, "delete", ScheduleExpression="at(2023-11-15T00:00:00)", Target=target)
    target = {"RoleArn": ROLE, "Input": again, "Arn": f"{SDK}:createInferenceComponent"}
    make(scheduler, "make", ScheduleExpression="at(2023-11-15T06:00:00)", Target=target)
    stage.run(stage.desk.advance(2 * HOUR))
    assert stage.client().list_inference_components()["InferenceComponents"] == []
    stage.run(stage.desk.advance(6 * HOUR))
    assert copies(stage) == 2


def test_failures_are_tried_again_until_it_works(scheduler: Loose, stage: Stage) -> None:
    make(scheduler, ScheduleExpression="at(2023-11-14T23:00:00)", Target=counted(3), ActionAfterCompletion="DELETE")
    stage.client().delete_inference_component(InferenceComponentName="c")
    stage.run(stage.desk.advance(HOUR))
    on_their_way = list(stage.desk.platform.timetable.invocations.values())
    assert [each.code for each in on_their_way] == ["ValidationException"]
    assert 'Could not find inference component "c"' in on_their_way[0].message
    stage.client().create_inference_component(**component())
    stage.run(stage.desk.advance(8 * MINUTE))
    assert copies(stage) == 3
    assert stage.desk.platform.timetable.invocations == {}
    assert scheduler.list_schedules()["Schedules"] == []


def test_what_is_given_up_becomes_a_dead_letter(scheduler: Loose, stage: Stage) -> None:
    gone = counted(3, DeadLetterConfig={"Arn": QUEUE}, RetryPolicy={"MaximumRetryAttempts": 2})
    stage.client().delete_inference_component(InferenceComponentName="c")
    make(scheduler, ScheduleExpression="at(2023-11-14T23:00:00)", Target=gone)
    stage.run(stage.desk.advance(HOUR))
    letters = stage.run(dead_letters(stage.desk, QUEUE))
    assert [(each.exhausted, each.invocation.attempts, each.invocation.code) for each in letters] == [
        ("MaximumRetryAttempts", 3, "ValidationException")
    ]
    assert letters[0].invocation.target.input == gone["Input"]
    assert letters[0].invocation.scheduled == int(datetime(2023, 11, 14, 23, tzinfo=UTC).timestamp()) * SECOND
    assert scheduler.get_schedule(Name="s")["State"] == "ENABLED"
    listed = stage.client("cloudwatch").list_metrics(Namespace="AWS/Scheduler")["Metrics"]
    assert [each["MetricName"] for each in listed] == [
        "InvocationAttemptCount",
        "InvocationsSentToDeadLetterCount",
        "TargetErrorCount",
    ]


def test_an_event_that_is_too_old_is_given_up(scheduler: Loose, stage: Stage) -> None:
    gone = counted(3, DeadLetterConfig={"Arn": QUEUE}, RetryPolicy={"MaximumEventAgeInSeconds": 60})
    stage.client().delete_inference_component(InferenceComponentName="c")
    make(scheduler, ScheduleExpression="at(2023-11-14T23:00:00)", Target=gone)
    stage.run(stage.desk.advance(HOUR))
    letters = stage.run(dead_letters(stage.desk, None))
    # After 0, 1, 3, 7, 15 and 31 seconds; the next one would be after 63.
    assert [(each.exhausted, each.invocation.attempts) for each in letters] == [("MaximumEventAgeInSeconds", 6)]


def test_a_flexible_window_spreads_invocations(scheduler: Loose, stage: Stage) -> None:
    made = recorded(stage)
    for number in range(20):
        window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}
        make(scheduler, f"s{number}", ScheduleExpression="at(2023-11-14T23:00:00)", FlexibleTimeWindow=window)
    stage.run(stage.desk.advance(2 * HOUR))
    begin = datetime(2023, 11, 14, 23, tzinfo=UTC)
    late = [(at - begin).total_seconds() for at, _ in made]
    assert len(late) == 20
    assert 0 <= min(late) < max(late) < 1800
    assert len(set(late)) > 15


def test_schedules_outlive_a_restart_and_so_do_invocations(scheduler: Loose, stage: Stage) -> None:
    make(scheduler, "later", ScheduleExpression="at(2023-11-15T00:00:00)", Target=counted(2))
    make(scheduler, "failing", ScheduleExpression="at(2023-11-14T22:30:00)", Target=counted(4))
    stage.client().delete_inference_component(InferenceComponentName="c")
    stage.run(stage.desk.advance(20 * MINUTE))
    store, clock = stage.desk.store, stage.desk.clock
    stage.reset(store=store, clock=clock)
    stage.run(stage.desk.restore())
    stage.client().create_inference_component(**component())
    stage.run(stage.desk.advance(8 * MINUTE))
    assert copies(stage) == 4
    stage.run(stage.desk.advance(2 * HOUR))
    assert copies(stage) == 2


def test_start_end_and_state_bound_what_recurs(scheduler: Loose, stage: Stage) -> None:
    made = recorded(stage)
    stage.client().delete_inference_component(InferenceComponentName="c")  # so that nothing but the schedules has deadlines
    start, end = CREATED + timedelta(days=1), CREATED + timedelta(days=3, hours=1)
    make(scheduler, "rate", StartDate=start, EndDate=end, ActionAfterCompletion="DELETE")
    make(scheduler, "cron", ScheduleExpression="cron(0 12 * * ? *)", StartDate=start, EndDate=end)
    make(scheduler, "off", State="DISABLED")
    stage.run(stage.desk.advance(10 * DAY))
    noon = datetime(2023, 11, 16, 12, tzinfo=UTC)
    assert [at for at, which in made if which == "rate"] == [start, start + timedelta(days=1), start + timedelta(days=2)]
    # Unlike scheduled scaling, Scheduler does not invoke at the StartDate besides.
    assert [at for at, which in made if which == "cron"] == [noon, noon + timedelta(days=1)]
    assert [each["Name"] for each in scheduler.list_schedules()["Schedules"]] == ["cron", "off"]
    assert len(made) == 5


def test_context_attributes_are_filled_in(scheduler: Loose, stage: Stage) -> None:
    inputs: list[str] = []

    async def invoke(command: InvokeTarget) -> TargetAnswered:
        inputs.append(command.input)
        return TargetAnswered(execution=command.execution)

    stage.desk.invoke = invoke
    text = "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.attempt-number>"
    make(scheduler, ScheduleExpression="at(2023-11-14T23:00:00)", Target=counted(0, Input=text))
    stage.run(stage.desk.advance(HOUR))
    assert inputs == ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/s 2023-11-14T23:00:00Z 1"]


def test_groups_hold_schedules_and_tags(scheduler: Loose, stage: Stage) -> None:
    arn = scheduler.create_schedule_group(Name="g", Tags=[{"Key": "team", "Value": "a"}])["ScheduleGroupArn"]
    assert arn == "arn:aws:scheduler:us-east-1:123456789012:schedule-group/g"
    expected = {"Arn": arn, "Name": "g", "State": "ACTIVE", "CreationDate": CREATED, "LastModificationDate": CREATED}
    assert plain(scheduler.get_schedule_group(Name="g")) == expected
    assert [each["Name"] for each in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default", "g"]
    assert make(scheduler, GroupName="g").endswith(":schedule/g/s")
    make(scheduler)
    assert [each["GroupName"] for each in scheduler.list_schedules(NamePrefix="s")["Schedules"]] == ["default", "g"]
    assert [each["GroupName"] for each in scheduler.list_schedules(GroupName="g")["Schedules"]] == ["g"]

    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "b"}])
    tags = {each["Key"]: each["Value"] for each in scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"]}
    assert tags == {"team": "b", "stage": "test"}
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["stage", "team", "none"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == []

    stage.run(stage.desk.advance(SECOND))
    scheduler.delete_schedule_group(Name="g")
    assert [each["GroupName"] for each in scheduler.list_schedules()["Schedules"]] == ["default"]
    assert refused(scheduler.get_schedule_group, Name="g")[1] == "ResourceNotFoundException"


def test_lists_come_in_pages(scheduler: Loose) -> None:
    for number in range(5):
        make(scheduler, f"s{number}", State="DISABLED" if number % 2 else "ENABLED")
    pages = scheduler.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 2})
    assert [[each["Name"] for each in page["Schedules"]] for page in pages] == [["s0", "s1"], ["s2", "s3"], ["s4"]]
    assert [each["Name"] for each in scheduler.list_schedules(State="DISABLED")["Schedules"]] == ["s1", "s3"]
    token = scheduler.list_schedules(MaxResults=2)["NextToken"]
    assert refused(scheduler.list_schedules, NamePrefix="s", NextToken=token)[:2] == (400, "ValidationException")


def test_a_repeated_request_gives_what_it_made(scheduler: Loose) -> None:
    assert make(scheduler, ClientToken="once") == make(scheduler, ClientToken="once")
    assert refused(make, scheduler=scheduler) == (409, "ConflictException", "Schedule s already exists.")
    scheduler.create_schedule_group(Name="g")
    assert refused(scheduler.create_schedule_group, Name="g") == (409, "ConflictException", "Schedule group g already exists.")


@pytest.mark.parametrize(
    ("changes", "status", "code", "text"),
    [
        pytest.param({"GroupName": "none"}, 404, "ResourceNotFoundException", "Schedule group none does not exist.", id="group"),
        pytest.param(
            {"ScheduleExpression": "rate(10 seconds)"},
            400,
            "ValidationException",
            "Invalid Schedule Expression rate(10 seconds).",
            id="expression",
        ),
        pytest.param({"ScheduleExpressionTimezone": "Mars/Olympus"}, 400, "ValidationException", "Mars/Olympus", id="zone"),
        pytest.param({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, 400, "ValidationException", "must be specified", id="window"),
        pytest.param(
            {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
            400,
            "ValidationException",
            "cannot be specified",
            id="no-window",
        ),
        pytest.param(
            {"StartDate": CREATED, "EndDate": CREATED - timedelta(1)}, 400, "ValidationException", "EndDate", id="backwards"
        ),
        pytest.param({"State": "ON"}, 400, "ValidationException", "[ENABLED, DISABLED]", id="state"),
        pytest.param({"Target": counted(0, Arn=f"{SDK}:describeEndpoint")}, 400, "ValidationException", "only reads", id="reads"),
        pytest.param(
            {"Target": counted(0, Arn=f"{SDK}:createTrainingJob")},
            400,
            "ValidationException",
            "Stoker does not serve sagemaker:CreateTrainingJob.",
            id="operation",
        ),
        pytest.param(
            {"Target": counted(0, Arn="arn:aws:scheduler:::aws-sdk:ec2:runInstances")},
            400,
            "ValidationException",
            "does not serve the service ec2",
            id="service",
        ),
        pytest.param(
            {"Target": counted(0, Arn="arn:aws:lambda:us-east-1:123456789012:function:f")},
            400,
            "ValidationException",
            "does not serve the target",
            id="templated",
        ),
        pytest.param(
            {"Target": counted(0, SqsParameters={"MessageGroupId": "g"})}, 400, "ValidationException", "SqsParameters", id="sqs"
        ),
        pytest.param({"Target": counted(0, Input="x" * 262_145)}, 400, "ValidationException", "262144 bytes", id="input"),
        pytest.param(
            {"Target": counted(0, RetryPolicy={"MaximumRetryAttempts": 186})},
            400,
            "ValidationException",
            "Member must have value less than or equal to 185",
            id="retries",
        ),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(scheduler: Loose, changes: Loose, status: int, code: str, text: str) -> None:
    found = refused(make, scheduler=scheduler, **changes)
    assert found[:2] == (status, code)
    assert text in found[2]
    assert scheduler.list_schedules()["Schedules"] == []


def test_what_is_not_there_is_not_found(scheduler: Loose) -> None:
    missing = (404, "ResourceNotFoundException", "Schedule x does not exist.")
    assert refused(scheduler.get_schedule, Name="x") == missing
    assert refused(scheduler.delete_schedule, Name="x") == missing
    update = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": counted(0)}
    assert refused(scheduler.update_schedule, Name="x", **update) == missing
    assert refused(scheduler.delete_schedule_group, Name="default")[:2] == (400, "ValidationException")
    assert refused(scheduler.list_schedules, GroupName="x")[2] == "Schedule group x does not exist."


def test_a_bug_in_a_call_fails_the_invocation_only(scheduler: Loose, stage: Stage) -> None:
    async def broken(given: msgspec.Struct, _: Loose) -> None:
        raise ZeroDivisionError(given)

    stage.handlers["sagemaker", "UpdateInferenceComponentRuntimeConfig"] = broken
    make(scheduler, ScheduleExpression="at(2023-11-14T23:00:00)")
    stage.run(stage.desk.advance(HOUR))
    assert [each.code for each in stage.desk.platform.timetable.invocations.values()] == ["InternalFailure"]
