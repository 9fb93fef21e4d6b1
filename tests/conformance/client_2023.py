"""What a boto3 of 2023 sees: run by `test_older_clients` in a process of its own, with that boto3 on its path.

Takes the server's address, a key and its secret, and the server's time; prints one JSON object, a member for each step.
"""

import json
import sys
from typing import Any, TypeAlias

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

Loose: TypeAlias = Any  # boto3 makes its clients, and their replies, at run time

ALARM = {
    "AlarmName": "depth <&> é",
    "MetricName": "depth",
    "Namespace": "mine",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 1.5,
    "ComparisonOperator": "LessThanThreshold",
    "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}],
    "OKActions": [],
    "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:topic"],
}


def fault(call: Loose, **arguments: Loose) -> Loose:
    """Give code, status and message of a call that is refused."""
    try:
        call(**arguments)
    except ClientError as error:
        reply: Loose = error.response
        return [reply["Error"]["Code"], reply["ResponseMetadata"]["HTTPStatusCode"], reply["Error"]["Message"]]
    return None


def metrics(watch: Loose, minute: int) -> Loose:
    datum = {"MetricName": "depth", "Timestamp": minute, "Dimensions": ALARM["Dimensions"]}
    watch.put_metric_data(Namespace="mine", MetricData=[{**datum, "Values": [1.0, 3.5], "Counts": [2.0, 1.0]}])
    many = [{"MetricName": f"m{number:04}", "Value": float(number), "Timestamp": minute} for number in range(600)]
    watch.put_metric_data(Namespace="many", MetricData=many)  # large enough to be compressed
    asked = {"StartTime": minute - 60, "EndTime": minute + 60}
    metric = {"Namespace": "mine", "MetricName": "depth", "Dimensions": ALARM["Dimensions"]}
    (point,) = watch.get_metric_statistics(**metric, **asked, Period=60, Statistics=["Sum", "Maximum"])["Datapoints"]
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "SampleCount"}}
    (series,) = watch.get_metric_data(MetricDataQueries=[query], **asked)["MetricDataResults"]
    pages = list(watch.get_paginator("list_metrics").paginate(Namespace="many"))
    return {
        "point": [point["Sum"], point["Maximum"], point["Unit"], point["Timestamp"].timestamp() - minute],
        "series": [series["Values"], [at.timestamp() - minute for at in series["Timestamps"]], series["StatusCode"]],
        "pages": [len(page["Metrics"]) for page in pages],
    }


def alarms(watch: Loose, minute: int) -> Loose:
    watch.put_metric_alarm(**ALARM)
    (alarm,) = watch.describe_alarms(AlarmNames=[ALARM["AlarmName"]])["MetricAlarms"]
    found = {name: alarm[name] for name in ALARM}
    age = alarm["StateUpdatedTimestamp"].timestamp() - minute
    faults = [
        fault(watch.describe_alarms, StateValue="BAD"),
        fault(watch.put_metric_alarm, **{**ALARM, "AlarmName": "b", "Period": 15}),
        fault(watch.delete_alarms, AlarmNames=["nobody"]),
        fault(watch.get_dashboard, DashboardName="d"),
        fault(watch.put_metric_data, Namespace="AWS/SageMaker", MetricData=[{"MetricName": "m", "Value": 1.0}]),
    ]
    watch.delete_alarms(AlarmNames=[ALARM["AlarmName"]])
    return {"same": found == ALARM, "fresh": 0 <= age < 60, "faults": faults, "left": watch.describe_alarms()["MetricAlarms"]}


def main(address: str, key: str, secret: str, begun: str) -> None:
    """Do the walk; `begun` is the server's running minute, in epoch seconds."""

    def client(service: str) -> Loose:
        config = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=20)
        keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}
        return boto3.client(service, endpoint_url=address, region_name="us-east-1", config=config, **keys)

    watch, sagemaker = client("cloudwatch"), client("sagemaker")
    seen = {
        "version": botocore.__version__,
        "protocol": watch.meta.service_model.metadata["protocol"],
        "metrics": metrics(watch, int(begun)),
        "alarms": alarms(watch, int(begun)),
        "account": client("sts").get_caller_identity()["Account"],
        "endpoints": sagemaker.list_endpoints()["Endpoints"],
        "missing": fault(sagemaker.describe_endpoint, EndpointName="nobody"),
        "targets": client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"],
    }
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
