"""Percentiles and trimmed statistics by boto3: of what was published, in queries, and watched by alarms."""

import json
from datetime import UTC, datetime

import pytest

from stoker.domain.ids import EndpointName, VariantName, WorkloadId
from stoker.engine.events import TrafficSeen
from stoker.gateway.tracker import Tracker
from stoker.units import MINUTE
from tests.conformance.sagemaker_stage import Loose, Stage


@pytest.fixture
def cloudwatch(stage: Stage) -> Loose:
    client = stage.client("cloudwatch")
    hundred = {"MetricName": "latency", "Values": [float(value) for value in range(1, 101)], "Unit": "Milliseconds"}
    client.put_metric_data(Namespace="mine", MetricData=[hundred])
    return client


def span(stage: Stage) -> Loose:
    """Give the minute of now."""
    start = stage.desk.now() // MINUTE * 60
    return {"StartTime": datetime.fromtimestamp(start, UTC), "EndTime": datetime.fromtimestamp(start + 60, UTC)}


def test_extended_statistics_of_a_metric(cloudwatch: Loose, stage: Stage) -> None:
    asked = {"Namespace": "mine", "MetricName": "latency", "Period": 60, **span(stage)}
    (found,) = cloudwatch.get_metric_statistics(**asked, ExtendedStatistics=["p50", "p99.5", "tm90", "PR(:25)"])["Datapoints"]
    assert found["Unit"] == "Milliseconds"
    # Of a hundred values some stand for others: each is within a percent or two.
    assert found["ExtendedStatistics"] == pytest.approx({"p50": 50, "p99.5": 100, "tm90": 45.5, "PR(:25)": 25}, rel=0.05)


def test_queries_take_them_and_metric_math_works_on_them(cloudwatch: Loose, stage: Stage) -> None:
    metric = {"Namespace": "mine", "MetricName": "latency"}
    queries = [
        {"Id": "p", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p90"}},
        {"Id": "twice", "Expression": "p * 2"},
    ]
    found = cloudwatch.get_metric_data(MetricDataQueries=queries, **span(stage))["MetricDataResults"]
    assert [each["Values"] for each in found] == [[pytest.approx(90, rel=0.03)], [pytest.approx(180, rel=0.03)]]


def test_an_alarm_watches_one(cloudwatch: Loose, stage: Stage) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName="slow",
        Namespace="mine",
        MetricName="latency",
        ExtendedStatistic="p90",
        Period=60,
        EvaluationPeriods=1,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
    )
    stage.run(stage.desk.advance(2 * MINUTE))
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (alarm["StateValue"], alarm["ExtendedStatistic"], "Statistic" in alarm) == ("ALARM", "p90", False)
    data = json.loads(alarm["StateReasonData"])
    assert data["statistic"] == "p90"
    assert data["recentDatapoints"] == [pytest.approx(90, rel=0.03)]
    of_metric = cloudwatch.describe_alarms_for_metric(MetricName="latency", Namespace="mine", ExtendedStatistic="p90")
    assert [each["AlarmName"] for each in of_metric["MetricAlarms"]] == ["slow"]
    other = cloudwatch.describe_alarms_for_metric(MetricName="latency", Namespace="mine", Statistic="Average")
    assert other["MetricAlarms"] == []


def test_sums_told_by_the_caller_have_none(cloudwatch: Loose, stage: Stage) -> None:
    told = {"SampleCount": 3, "Sum": 6, "Minimum": 1, "Maximum": 3}
    cloudwatch.put_metric_data(Namespace="mine", MetricData=[{"MetricName": "sums", "StatisticValues": told}])
    asked = {"Namespace": "mine", "MetricName": "sums", "Period": 60, **span(stage)}
    assert cloudwatch.get_metric_statistics(**asked, ExtendedStatistics=["p50"])["Datapoints"] == []


def test_the_latencies_that_gateways_see_have_percentiles(stage: Stage) -> None:
    name, variant = EndpointName("e"), VariantName("AllTraffic")
    sagemaker = stage.client()
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "stoker/python"})
    one = {"VariantName": variant, "ModelName": "m", "InstanceType": "ml.c5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="e", ProductionVariants=[one])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="e")
    gateway = Tracker()
    for millisecond in range(1, 1001):
        counts = gateway.stats(WorkloadId("variant/e/AllTraffic"), name, variant)
        counts.invocations += 1
        counts.replied(millisecond * 1_000_000, 20_000)
        if not millisecond % 100:  # ten reports, as if they were of ten seconds
            report = TrafficSeen(gateway="g", at=stage.desk.now(), counts=gateway.report({}))
            stage.run(stage.desk.submit(report))
    asked = {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Period": 60, **span(stage)}
    asked["Dimensions"] = [{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": variant}]
    client = stage.client("cloudwatch")
    (found,) = client.get_metric_statistics(**asked, ExtendedStatistics=["p50", "p99", "tm99"])["Datapoints"]
    assert found["Unit"] == "Microseconds"
    assert found["ExtendedStatistics"] == pytest.approx({"p50": 500_000, "p99": 990_000, "tm99": 495_000}, rel=0.05)
