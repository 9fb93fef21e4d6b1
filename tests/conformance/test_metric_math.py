"""Metric math by boto3: in GetMetricData, in alarms and in target tracking, as put and as described again."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from stoker.units import MINUTE, SECOND
from tests.conformance.sagemaker_stage import Loose, Stage, component, make_endpoint, make_model, plain

KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/c",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
ALARM = {
    "AlarmName": "rate",
    "EvaluationPeriods": 1,
    "Threshold": 0.5,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}


@pytest.fixture
def cloudwatch(stage: Stage) -> Loose:
    return stage.client("cloudwatch")


def minute(stage: Stage) -> int:
    """Give the start of the running minute, in epoch seconds."""
    return (stage.desk.now() - stage.desk.now() % MINUTE) // SECOND


def put(cloudwatch: Loose, name: str, second: int, value: float) -> None:
    datum = {"MetricName": name, "Value": value, "Timestamp": datetime.fromtimestamp(second, UTC)}
    cloudwatch.put_metric_data(Namespace="mine", MetricData=[datum])


def query(name: str, period: int = 60, **changes: Loose) -> Loose:
    metric = {"Namespace": "mine", "MetricName": name, "Dimensions": []}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}, **changes}


def test_expressions_come_with_what_they_are_made_of(stage: Stage, cloudwatch: Loose) -> None:
    now = minute(stage)
    for place, (errors, calls) in enumerate([(1.0, 4.0), (0.0, 5.0), (3.0, None)]):
        put(cloudwatch, "errors", now - 60 * place, errors)
        if calls is not None:
            put(cloudwatch, "calls", now - 60 * place, calls)
    queries = [
        query("errors", ReturnData=False),
        query("calls"),
        {"Id": "rate", "Expression": "IF(calls, 100 * errors / calls)", "Label": "Errors in percent"},
        {"Id": "all", "Expression": "FILL(METRICS(), 0)"},
    ]
    asked = {"StartTime": now - 120, "EndTime": now + 60, "ScanBy": "TimestampAscending", "MetricDataQueries": queries}
    results = plain(cloudwatch.get_metric_data(**asked))["MetricDataResults"]
    assert [(each["Id"], each["Label"], each["Values"]) for each in results] == [
        ("calls", "calls", [5.0, 4.0]),
        ("rate", "Errors in percent", [0.0, 25.0]),
        ("all", "all errors", [3.0, 0.0, 1.0]),
        ("all", "all calls", [0.0, 5.0, 4.0]),
    ]
    assert {each["StatusCode"] for each in results} == {"Complete"}


@pytest.mark.parametrize("scan", ["TimestampDescending", "TimestampAscending"])
def test_an_array_of_series_comes_in_pages_without_gaps(stage: Stage, cloudwatch: Loose, scan: str) -> None:
    now = minute(stage)
    for place in range(4):
        put(cloudwatch, "a", now - 60 * place, float(place))
        put(cloudwatch, "b", now - 60 * place, 10.0 + place)
    queries = [query("a", ReturnData=False), query("b"), {"Id": "e", "Expression": "METRICS() * 2"}]
    asked = {"StartTime": now - 600, "EndTime": now + 60, "MetricDataQueries": queries, "ScanBy": scan}

    def gathered(**options: Loose) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for page in cloudwatch.get_paginator("get_metric_data").paginate(**asked, **options):
            for each in page["MetricDataResults"]:
                found.setdefault(each["Label"], []).extend(each["Values"])
        return {label: values for label, values in found.items() if values}

    whole = gathered()
    assert {label: sorted(values) for label, values in whole.items()} == {
        "b": [10.0, 11.0, 12.0, 13.0],
        "e a": [0.0, 2.0, 4.0, 6.0],
        "e b": [20.0, 22.0, 24.0, 26.0],
    }
    for size in (1, 3, 5):
        assert gathered(MaxDatapoints=size) == whole


@pytest.mark.parametrize(
    ("queries", "text"),
    [
        ([{"Id": "e", "Expression": "m1 * 2"}], "Error in expression 'e': there is no query with the id 'm1'."),
        (
            [query("a"), {"Id": "e", "Expression": "SERVICE_QUOTA(a)"}],
            "Error in expression 'e': Stoker does not serve the function SERVICE_QUOTA.",
        ),
        (
            [query("a"), query("b", 300), {"Id": "e", "Expression": "a + b"}],
            "Error in expression 'e': its metrics must have one period, and have 2.",
        ),
        (
            [{"Id": "e", "Expression": "TIME_SERIES(1)", "Period": 7}],
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ),
        (
            [{**query("a"), "Expression": "b"}],
            (
                "The parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat are mutually "
                "exclusive and you have specified both."
            ),
        ),
    ],
)
def test_queries_that_make_no_sense_are_refused(cloudwatch: Loose, queries: Loose, text: str) -> None:
    assert fault(cloudwatch.get_metric_data, StartTime=0, EndTime=600, MetricDataQueries=queries) == text


def fault(call: Loose, **arguments: Loose) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Loose = caught.value.response
    assert reply["Error"]["Code"] in {"ValidationError", "ValidationException"}
    text: str = reply["Error"]["Message"]
    return text


def test_too_much_at_once_is_refused(cloudwatch: Loose) -> None:
    queries = [{"Id": "e", "Expression": "TIME_SERIES(1)", "Period": 1}]
    with pytest.raises(ClientError, match="pass through more than 500000 datapoints"):
        cloudwatch.get_metric_data(StartTime=0, EndTime=600_000, MetricDataQueries=queries)


def test_an_alarm_watches_an_expression_and_is_described_as_it_was_put(stage: Stage, cloudwatch: Loose) -> None:
    rate = {"Id": "e", "Expression": "errors / calls", "Label": "rate", "ReturnData": True}
    metrics = [query("errors", ReturnData=False), query("calls", ReturnData=False), rate]
    cloudwatch.put_metric_alarm(**ALARM, Metrics=metrics)
    (found,) = plain(cloudwatch.describe_alarms())["MetricAlarms"]
    assert found["Metrics"] == metrics
    assert not found.keys() & {"MetricName", "Namespace", "Statistic", "Period"}
    now = minute(stage)
    put(cloudwatch, "errors", now, 3.0)
    put(cloudwatch, "calls", now, 4.0)
    stage.run(stage.desk.advance(2 * MINUTE))
    (found,) = plain(cloudwatch.describe_alarms())["MetricAlarms"]
    assert found["StateValue"] == "ALARM"
    assert found["StateReason"].startswith("Threshold Crossed: 1 datapoint [0.75 ")
    stage.run(stage.desk.restore())
    assert plain(cloudwatch.describe_alarms())["MetricAlarms"] == [found]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Metrics": [query("a"), query("b")]}, "Exactly one element of the metrics list should return data, not 2."),
        ({"Metrics": [{"Id": "e", "Expression": "SEARCH('x', 'Sum')"}]}, "SEARCH is not supported on Metric Alarms."),
        (
            {"Metrics": [query("a", ReturnData=False), {"Id": "e", "Expression": "[a]"}]},
            "Error in expression 'e': its result must be a time series, and is an array of time series.",
        ),
        (
            {"Metrics": [{"Id": "e", "Expression": "TIME_SERIES(1)"}]},
            "All metrics of the list must have the same period, and there must be one.",
        ),
        (
            {"Metrics": [query("a")], "MetricName": "a", "Period": 60},
            "MetricName, Period cannot be specified for an alarm on Metrics, whose members have their own",
        ),
        (
            {"Metrics": [query(f"m{n}", ReturnData=n == 0) for n in range(11)]},
            "The metrics list may have 10 metrics and 20 elements in all.",
        ),
        ({"Metrics": [query("a", 15)]}, "Period must be 10, 20, 30 or a multiple of 60"),
        (
            {
                "Metrics": [query("a", 10, ReturnData=False), {"Id": "e", "Expression": "+".join(["a"] * 1000)}],
                "EvaluationPeriods": 8640,
            },
            "Expressions of 1002 parts over 1 metrics cannot be evaluated over 8646 periods.",
        ),
    ],
)
def test_alarms_on_what_cannot_be_watched_are_refused(cloudwatch: Loose, changes: Loose, text: str) -> None:
    assert fault(cloudwatch.put_metric_alarm, **{**ALARM, **changes}) == text


def test_target_tracking_follows_an_expression(stage: Stage) -> None:
    sagemaker = stage.client()
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component(RuntimeConfig={"CopyCount": 1}))
    scaling, cloudwatch = stage.client("application-autoscaling"), stage.client("cloudwatch")
    scaling.register_scalable_target(**KEYS, MinCapacity=0, MaxCapacity=3)
    metric = {"Namespace": "mine", "MetricName": "depth", "Dimensions": [{"Name": "q", "Value": "1"}]}
    metrics = [
        {"Id": "depth", "MetricStat": {"Metric": metric, "Stat": "Maximum", "Unit": "Count"}, "ReturnData": False},
        {"Id": "each", "Expression": "depth / 2", "Label": "backlog of each", "ReturnData": True},
    ]
    tracking = {"TargetValue": 5.0, "CustomizedMetricSpecification": {"Metrics": metrics}}
    policy = {"PolicyName": "t", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": tracking}
    scaling.put_scaling_policy(**KEYS, **policy)
    (found,) = plain(scaling.describe_scaling_policies(ServiceNamespace="sagemaker"))["ScalingPolicies"]
    assert found["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"] == {"Metrics": metrics}
    for _ in range(4):
        now = datetime.fromtimestamp(stage.desk.now() / SECOND, UTC)
        datum = {"MetricName": "depth", "Dimensions": metric["Dimensions"], "Value": 24.0, "Unit": "Count", "Timestamp": now}
        cloudwatch.put_metric_data(Namespace="mine", MetricData=[datum])
        stage.run(stage.desk.advance(MINUTE))
    described = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert described["RuntimeConfig"]["DesiredCopyCount"] == 3  # ceil(1 x 12 / 5)
    again = {**policy, "PolicyName": "u"}
    text = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    assert fault(scaling.put_scaling_policy, **KEYS, **again) == text
