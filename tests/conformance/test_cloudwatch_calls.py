"""CloudWatch's calls by boto3: what is put is found again, pages, and everything that is refused, in AWS's words."""

import urllib.parse
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from stoker.domain.alarms import MetricKey
from stoker.engine.events import MetricsPut, SampleSet
from stoker.units import MINUTE
from tests.conformance.sagemaker_stage import KEY, SECRET, Loose, Stage, plain

TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
ALARM = {
    "AlarmName": "a",
    "MetricName": "depth",
    "Namespace": "mine",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 1.5,
    "ComparisonOperator": "LessThanThreshold",
}


@pytest.fixture
def cloudwatch(stage: Stage) -> Loose:
    return stage.client("cloudwatch")


@pytest.fixture
def minute(stage: Stage) -> int:
    """Give the start of the running minute, in epoch seconds."""
    return (stage.desk.now() - stage.desk.now() % MINUTE) // 1_000_000_000


def fault(call: Loose, **arguments: Loose) -> tuple[str, str]:
    """Give code and message of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Loose = caught.value.response
    assert 400 <= reply["ResponseMetadata"]["HTTPStatusCode"] < 500
    return reply["Error"]["Code"], reply["Error"]["Message"]


def put(cloudwatch: Loose, *data: Loose, namespace: str = "mine") -> None:
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "depth", **each} for each in data])


def when(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def test_an_alarm_shows_what_was_set_and_nothing_else(stage: Stage, cloudwatch: Loose) -> None:
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "k", "Value": "v"}])
    found = plain(cloudwatch.describe_alarms())
    now = when(stage.desk.now() / 1e9)
    bare = {
        **ALARM,
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",
        "AlarmConfigurationUpdatedTimestamp": now,
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
    }
    assert found == {"MetricAlarms": [bare], "CompositeAlarms": [], "LogAlarms": []}
    rest = {
        "AlarmDescription": "d",
        "ActionsEnabled": False,
        "OKActions": [TOPIC],
        "AlarmActions": [TOPIC, f"{TOPIC}2"],
        "InsufficientDataActions": [TOPIC],
        "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}],
        "Unit": "Count",
        "DatapointsToAlarm": 1,
        "TreatMissingData": "notBreaching",
    }
    stage.desk.clock.advance(MINUTE)
    cloudwatch.put_metric_alarm(**{**ALARM, **rest}, EvaluationWindow={"SlidingWindow": {}}, Tags=[{"Key": "k", "Value": "w"}])
    (changed,) = cloudwatch.describe_alarms()["MetricAlarms"]
    later = when(stage.desk.now() / 1e9)
    assert changed == {**bare, **rest, "AlarmConfigurationUpdatedTimestamp": later}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"Period": 15}, "Period must be 10, 20, 30 or a multiple of 60", id="period"),
        pytest.param(
            {"EvaluationPeriods": 1441},
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) "
            "for alarms using period < 3600",
            id="day",
        ),
        pytest.param({"DatapointsToAlarm": 3}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods", id="m-of-n"),
        pytest.param(
            {"TreatMissingData": "bad"},
            "Supported values for TreatMissingData are breaching, notBreaching, ignore, and missing.",
            id="missing-data",
        ),
        pytest.param({"AlarmActions": ["x"]}, "Invalid arn syntax: x", id="arn"),
        pytest.param(
            {"ExtendedStatistic": "p99"},
            "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. "
            "Only one of them should be present",
            id="two-statistics",
        ),
        pytest.param(
            {"Statistic": None, "ExtendedStatistic": "p101"},
            "The value p101 for parameter ExtendedStatistic is not supported.",
            id="p101",
        ),
        pytest.param(
            {"EvaluationWindow": {"WallClockWindow": {}}},
            "Stoker does not serve EvaluationWindow.WallClockWindow of alarms; its windows slide.",
            id="wall-clock",
        ),
        pytest.param(
            {"EvaluationInterval": 60},
            "Stoker does not serve EvaluationInterval of alarms.",
            id="interval",
        ),
        pytest.param(
            {"ComparisonOperator": "GreaterThanUpperThreshold"},
            "The ComparisonOperator GreaterThanUpperThreshold compares with an anomaly detection band, "
            "which Stoker does not serve.",
            id="band",
        ),
        pytest.param(
            {"MetricName": None, "Threshold": None},
            "MetricName, Threshold must be specified for an alarm on a metric",
            id="members-missing",
        ),
        pytest.param(
            {"Statistic": "Median", "OKActions": [TOPIC] * 6},
            "2 validation errors detected: Value '[" + ", ".join([TOPIC] * 6) + "]' at 'oKActions' failed to satisfy constraint: "
            "Member must have length less than or equal to 5; Value 'Median' at 'statistic' failed to satisfy constraint: "
            "Member must satisfy enum value set: [SampleCount, Average, Sum, Minimum, Maximum]",
            id="constraints",
        ),
    ],
)
def test_an_alarm_that_cannot_be_is_refused(stage: Stage, changes: Loose, text: str) -> None:
    cloudwatch = stage.client("cloudwatch")
    arguments = {name: value for name, value in {**ALARM, **changes}.items() if value is not None}
    assert fault(cloudwatch.put_metric_alarm, **arguments) == ("ValidationError", text)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_alarms_are_found_by_filters_and_in_pages(cloudwatch: Loose) -> None:
    for name in ("b", "c/1", "a2", "a1"):
        cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name, "OKActions": [TOPIC + name]})

    def names(**filters: Loose) -> list[str]:
        return [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms(**filters)["MetricAlarms"]]

    assert names() == ["a1", "a2", "b", "c/1"]
    assert names(AlarmNames=["c/1", "x", "b"]) == ["b", "c/1"]
    assert names(AlarmNamePrefix="a", StateValue="INSUFFICIENT_DATA") == ["a1", "a2"]
    assert names(ActionPrefix=f"{TOPIC}b") == ["b"]
    assert names(StateValue="OK") == names(AlarmTypes=["CompositeAlarm"]) == names(ParentsOfAlarmName="b") == []
    assert names(AlarmTypes=["CompositeAlarm", "MetricAlarm"], AlarmNames=["b"]) == ["b"]
    pages = list(cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 3}))
    assert [[alarm["AlarmName"] for alarm in page["MetricAlarms"]] for page in pages] == [["a1", "a2", "b"], ["c/1"]]
    text = "AlarmNames and AlarmNamePrefix cannot both be specified"
    assert fault(cloudwatch.describe_alarms, AlarmNames=["a"], AlarmNamePrefix="a") == ("ValidationError", text)
    with pytest.raises(cloudwatch.exceptions.InvalidNextToken):
        names(NextToken=pages[0]["NextToken"], StateValue="OK")
    with pytest.raises(cloudwatch.exceptions.InvalidNextToken):
        names(NextToken="A" * 70_000)
    cloudwatch.delete_alarms(AlarmNames=["b", "never-was"])
    cloudwatch.delete_alarms(AlarmNames=["b"])
    assert names() == ["a1", "a2", "c/1"]


def test_what_was_put_comes_back_in_statistics(cloudwatch: Loose, minute: int) -> None:
    put(
        cloudwatch,
        {"Value": 4.0, "Timestamp": when(minute - 60)},
        {"Values": [1.0, 3.0], "Counts": [2.0, 1.0], "Timestamp": when(minute - 60)},
        {
            "StatisticValues": {"SampleCount": 2.0, "Sum": 9.0, "Minimum": 2.0, "Maximum": 7.0},
            "Timestamp": when(minute - 60),
        },
        {"Value": 8.0, "Timestamp": when(minute), "Unit": "Bytes"},
        {"Value": 16.0},
    )
    asked = {"Namespace": "mine", "MetricName": "depth", "StartTime": minute - 60, "EndTime": minute + 60, "Period": 60}
    every = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"]
    reply = plain(cloudwatch.get_metric_statistics(**asked, Statistics=every))
    assert reply["Label"] == "depth"
    first, *rest = reply["Datapoints"]
    assert first == {
        "Timestamp": when(minute - 60),
        "SampleCount": 6.0,
        "Sum": 18.0,
        "Average": 3.0,
        "Minimum": 1.0,
        "Maximum": 7.0,
        "Unit": "None",
    }
    assert {(point["Unit"], point["Sum"], point["Timestamp"]) for point in rest} == {
        ("Bytes", 8.0, when(minute)),
        ("None", 16.0, when(minute)),
    }
    one = cloudwatch.get_metric_statistics(**asked, Statistics=["Maximum"], Unit="Bytes")["Datapoints"]
    assert one == [{"Timestamp": when(minute), "Maximum": 8.0, "Unit": "Bytes"}]


def test_statistics_that_cannot_be_are_refused(cloudwatch: Loose) -> None:
    asked = {"Namespace": "mine", "MetricName": "depth", "StartTime": 0, "EndTime": 86_400, "Period": 1}
    call = cloudwatch.get_metric_statistics
    text = (
        "You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested "
        "by increasing Period, or decreasing the time range."
    )
    assert fault(call, **asked, Statistics=["Sum"]) == ("InvalidParameterCombination", text)
    assert fault(call, **{**asked, "EndTime": 0}, Statistics=["Sum"]) == (
        "InvalidParameterValue",
        "The parameter StartTime must be less than the parameter EndTime.",
    )
    assert fault(call, **{**asked, "Period": 7}, Statistics=["Sum"]) == (
        "InvalidParameterValue",
        "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
    )
    text = "Exactly one of Statistics and ExtendedStatistics must be specified."
    assert fault(call, **asked) == ("InvalidParameterCombination", text)
    text = "The value p101 for parameter ExtendedStatistic is not supported."
    assert fault(call, **{**asked, "Period": 60}, ExtendedStatistics=["p101"]) == ("InvalidParameterValue", text)


@pytest.mark.parametrize(
    ("datum", "code", "text"),
    [
        pytest.param(
            {"Value": 1.0, "Values": [1.0]},
            "InvalidParameterCombination",
            "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive "
            "and you have specified both.",
            id="two-forms",
        ),
        pytest.param(
            {"Values": [1.0, 2.0], "Counts": [1.0]},
            "InvalidParameterCombination",
            "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.",
            id="sizes",
        ),
        pytest.param(
            {},
            "MissingParameter",
            "At least one of the parameters MetricData.member.1.Value, MetricData.member.1.Values and "
            "MetricData.member.1.StatisticValues must be specified.",
            id="no-value",
        ),
        pytest.param(
            {"Values": [1.0] * 151},
            "InvalidParameterValue",
            "The collection MetricData.member.1.Values must not have a size greater than 150.",
            id="many-values",
        ),
        pytest.param(
            {"Values": [1.0], "Counts": [0.0]},
            "InvalidParameterValue",
            "The counts in MetricData.member.1.Counts must be greater than 0.",
            id="no-count",
        ),
        pytest.param(
            {"Values": [2.0**361, -(2.0**361)]},
            "InvalidParameterValue",
            f"The value {2.0**361} in MetricData.member.1 is invalid.",
            id="huge",
        ),
        pytest.param(
            {"Value": 1.0, "StorageResolution": 30},
            "InvalidParameterValue",
            "The value 30 for parameter MetricData.member.1.StorageResolution is invalid; it must be 1 or 60.",
            id="resolution",
        ),
        pytest.param(
            {"Value": 1.0, "Timestamp": 1},
            "InvalidParameterValue",
            "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks and no more than two "
            "hours in the future.",
            id="old",
        ),
        pytest.param(
            {"Value": 1.0, "Dimensions": [{"Name": "A", "Value": "1"}] * 2},
            "InvalidParameterValue",
            "The names of a metric's dimensions must differ",
            id="dimension-twice",
        ),
    ],
)
def test_data_that_cannot_be_is_refused(cloudwatch: Loose, datum: Loose, code: str, text: str) -> None:
    data = [{"MetricName": "depth", **datum}, {"MetricName": "good", "Value": 1.0}]
    assert fault(cloudwatch.put_metric_data, Namespace="mine", MetricData=data) == (code, text)
    assert cloudwatch.list_metrics()["Metrics"] == []


def test_namespaces_of_the_platform_and_bulk_are_refused(cloudwatch: Loose) -> None:
    call = cloudwatch.put_metric_data
    one = {"MetricName": "depth", "Value": 1.0}
    for namespace in ("AWS/SageMaker", "AWS/"):
        assert fault(call, Namespace=namespace, MetricData=[one]) == (
            "InvalidParameterValue",
            "The value AWS/ for parameter Namespace is invalid.",
        )
    text = "The collection MetricData must not have a size greater than 1000."
    assert fault(call, Namespace="mine", MetricData=[one] * 1001) == ("InvalidParameterValue", text)
    assert fault(call, Namespace="mine") == ("MissingParameter", "The parameter MetricData is required.")
    text = "Stoker does not serve EntityMetricData; use MetricData."
    assert fault(call, Namespace="mine", EntityMetricData=[{"MetricData": [one]}]) == ("InvalidParameterValue", text)
    assert fault(call, Namespace=":mine", MetricData=[one])[0] == "ValidationError"
    call(Namespace="mine", MetricData=[one] * 1000)


def query(name: str, stat: str = "Maximum", **changes: Loose) -> Loose:
    metric = {"Namespace": "mine", "MetricName": "depth"}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}, **changes}


def test_data_of_several_metrics_come_at_once(cloudwatch: Loose, minute: int) -> None:
    put(cloudwatch, *({"Value": float(n), "Timestamp": when(minute - 60 * n)} for n in range(3)))
    asked = {"StartTime": minute - 3600, "EndTime": minute + 60}
    queries = [query("a"), query("b", "SampleCount", Label="count"), query("c", ReturnData=False)]
    reply = plain(cloudwatch.get_metric_data(**asked, MetricDataQueries=queries))
    stamps = [when(minute), when(minute - 60), when(minute - 120)]
    assert reply == {
        "Messages": [],
        "MetricDataResults": [
            {"Id": "a", "Label": "depth", "Timestamps": stamps, "Values": [0.0, 1.0, 2.0], "StatusCode": "Complete"},
            {"Id": "b", "Label": "count", "Timestamps": stamps, "Values": [1.0, 1.0, 1.0], "StatusCode": "Complete"},
        ],
    }
    ascending = cloudwatch.get_metric_data(**asked, MetricDataQueries=[query("a")], ScanBy="TimestampAscending")
    assert ascending["MetricDataResults"][0]["Values"] == [2.0, 1.0, 0.0]


@pytest.mark.parametrize("scan", ["TimestampDescending", "TimestampAscending"])
def test_data_come_in_pages_without_gaps(cloudwatch: Loose, minute: int, scan: str) -> None:
    put(cloudwatch, *({"Value": float(n), "Timestamp": when(minute - 60 * n)} for n in range(5)))
    asked = {
        "StartTime": minute - 3600,
        "EndTime": minute + 60,
        "MetricDataQueries": [query("a"), query("none", MetricStat={**query("x")["MetricStat"], "Unit": "Bytes"}), query("b")],
        "ScanBy": scan,
    }
    whole = {each["Id"]: each["Values"] for each in cloudwatch.get_metric_data(**asked)["MetricDataResults"]}
    found: dict[str, list[float]] = {}
    sizes, last = [], {}
    token: Loose = {}
    while True:
        page = cloudwatch.get_metric_data(**asked, MaxDatapoints=3, **token)
        sizes.append(sum(len(each["Values"]) for each in page["MetricDataResults"]))
        for each in page["MetricDataResults"]:
            found.setdefault(each["Id"], []).extend(each["Values"])
            last[each["Id"]] = each["StatusCode"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert (found, sizes) == (whole, [3, 3, 3, 1])
    assert set(last.values()) == {"Complete"}
    with pytest.raises(cloudwatch.exceptions.InvalidNextToken):
        cloudwatch.get_metric_data(**{**asked, "StartTime": minute - 60}, **token)


@pytest.mark.parametrize(
    ("queries", "text"),
    [
        pytest.param([query("a"), query("a")], "The values for parameter id in MetricDataQueries are not unique.", id="twice"),
        pytest.param(
            [query("A")],
            "The value A for parameter MetricDataQueries.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
            id="id",
        ),
        pytest.param(
            [{"Id": "a"}],
            "One of the parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat "
            "must be specified.",
            id="nothing",
        ),
        pytest.param(
            [query("a", "p101")],
            "The value p101 for parameter MetricDataQueries.member.1.MetricStat.Stat is not supported.",
            id="p101",
        ),
        pytest.param(
            [query("a", AccountId="999999999999")],
            "Stoker knows no account 999999999999 (MetricDataQueries.member.1.AccountId).",
            id="account",
        ),
        pytest.param(
            [query("a", MetricStat={"Metric": {"MetricName": "m"}, "Period": 60, "Stat": "Sum"})],
            "The parameters Namespace and MetricName are required in MetricDataQueries.member.1.MetricStat.Metric.",
            id="half-a-metric",
        ),
        pytest.param([], "The collection MetricDataQueries must have a size of 1 to 500.", id="none"),
        pytest.param(
            [query(f"q{n}") for n in range(501)], "The collection MetricDataQueries must have a size of 1 to 500.", id="many"
        ),
    ],
)
def test_queries_that_cannot_be_are_refused(cloudwatch: Loose, queries: Loose, text: str) -> None:
    found = fault(cloudwatch.get_metric_data, StartTime=0, EndTime=60, MetricDataQueries=queries)
    assert found == ("ValidationError", text)


def test_the_time_and_the_size_of_a_page_are_checked(cloudwatch: Loose) -> None:
    call = cloudwatch.get_metric_data
    text = "The parameter StartTime must be less than the parameter EndTime."
    assert fault(call, StartTime=60, EndTime=60, MetricDataQueries=[query("a")]) == ("ValidationError", text)
    for most in (0, 100_801):
        found = fault(call, StartTime=0, EndTime=60, MetricDataQueries=[query("a")], MaxDatapoints=most)
        assert found == ("ValidationError", "MaxDatapoints must be between 1 and 100800")


def test_metrics_are_listed_by_filter_and_in_pages_of_500(cloudwatch: Loose, stage: Stage) -> None:
    put(cloudwatch, {"Value": 1.0, "Dimensions": [{"Name": "B", "Value": "2"}, {"Name": "A", "Value": "1"}]})
    put(cloudwatch, {"Value": 1.0, "Timestamp": when(stage.desk.now() / 1e9 - 4 * 3600)}, namespace="yours")
    mine = {
        "Namespace": "mine",
        "MetricName": "depth",
        "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}],
    }
    yours = {"Namespace": "yours", "MetricName": "depth", "Dimensions": []}

    def listed(**filters: Loose) -> Loose:
        return cloudwatch.list_metrics(**filters)["Metrics"]

    assert listed() == [mine, yours]
    assert listed(RecentlyActive="PT3H") == listed(Namespace="mine") == [mine]
    assert listed(Dimensions=[{"Name": "B"}]) == listed(Dimensions=[{"Name": "A", "Value": "1"}]) == [mine]
    assert listed(MetricName="other") == listed(OwningAccount="999999999999") == []
    samples = tuple(
        SampleSet(
            key=MetricKey(namespace="many", name=f"m{n:04}"),
            at=stage.desk.now(),
            count=1.0,
            total=1.0,
            least=1.0,
            most=1.0,
            resolution=MINUTE,
        )
        for n in range(1001)
    )
    stage.run(stage.desk.submit(MetricsPut(samples=samples)))
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace="many"))
    assert [len(page["Metrics"]) for page in pages] == [500, 500, 1]
    assert [each["MetricName"] for page in pages for each in page["Metrics"]] == [f"m{n:04}" for n in range(1001)]
    with pytest.raises(cloudwatch.exceptions.InvalidNextToken):
        listed(Namespace="mine", NextToken=pages[0]["NextToken"])


def test_an_old_client_speaks_in_forms_and_is_answered_in_xml(stage: Stage) -> None:
    """CloudWatch's query protocol, as clients before AWS JSON send it."""

    def call(**fields: str) -> str:
        body = urllib.parse.urlencode({"Version": "2010-08-01", **fields})
        signed = AWSRequest("POST", stage.address + "/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        SigV4Auth(Credentials(KEY, SECRET), "monitoring", "us-east-1").add_auth(signed)
        request = Request(stage.address + "/", data=body.encode(), headers=dict(signed.headers.items()), method="POST")  # noqa: S310
        with urlopen(request, timeout=20) as reply:  # noqa: S310 - our own address
            text: str = reply.read().decode()
            return text

    alarm = {name: str(value) for name, value in ALARM.items()}
    call(Action="PutMetricAlarm", **alarm)
    found = call(Action="DescribeAlarms")
    assert "<AlarmName>a</AlarmName>" in found
    assert "<Threshold>1.5</Threshold>" in found
    datum = {"MetricData.member.1.MetricName": "depth", "MetricData.member.1.Value": "2"}
    call(Action="PutMetricData", Namespace="mine", **datum)
    assert "<MetricName>depth</MetricName>" in call(Action="ListMetrics")
