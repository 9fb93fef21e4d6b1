"""The walkthroughs of AWS, step by step, as one client of `walk_clients` does them: run by `test_walks` in a process of its own.

Takes the walk (`zero`, `fast`), the client's name, and the archive of a model; prints what it saw, a JSON object with a member
for each step. It judges nothing that it need not know to go on.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from walk_clients import CLIENTS, Boto, Loose, RefusedError

DIMENSION = "sagemaker:inference-component:DesiredCopyCount"
METRIC = "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
CLIENTS_AT_ONCE = 13  # makes 3 copies of a target of 5 each
MOST_S = 100.0
LOOK_S = 0.1


def until(happened: Callable[[], Loose]) -> Loose:
    """Look until it happened; give what was seen."""
    deadline = time.monotonic() + MOST_S
    while not (seen := happened()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(LOOK_S)
    return seen


def seconds(at: Loose) -> float:
    """Give a time as a client tells it, in epoch seconds."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return float(at.timestamp() if isinstance(at, datetime) else at)


class Walk:
    """One client's endpoint and component, both named after it, and what is asked of them."""

    def __init__(self, client: Boto, name: str) -> None:
        self.client = client
        self.name = name
        self.target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"inference-component/{name}",
            "ScalableDimension": DIMENSION,
        }
        self.dimensions = [{"Name": "InferenceComponentName", "Value": name}]

    def call(self, service: str, operation: str, **given: Loose) -> Loose:
        """Call an operation."""
        return self.client.call(service, operation, **given)

    def scaling(self, operation: str, **given: Loose) -> Loose:
        """Call Application Auto Scaling for the component's target."""
        return self.call("application-autoscaling", operation, **self.target, **given)

    def fault(self, service: str, operation: str, **given: Loose) -> str:
        """Give the code that a call is refused with."""
        try:
            self.call(service, operation, **given)
        except RefusedError as error:
            return error.code
        return "none"

    def make_endpoint(self, role: str, *, least: int) -> None:
        """Make the endpoint of the walkthroughs, which is without a model, and wait until it is in service."""
        variant = {
            "VariantName": "AllTraffic",
            "InstanceType": "ml.g5.12xlarge",
            "InitialInstanceCount": 1,
            "ModelDataDownloadTimeoutInSeconds": 3600,
            "ContainerStartupHealthCheckTimeoutInSeconds": 3600,
            "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": least, "MaxInstanceCount": 3},
            "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        }
        config = {"EndpointConfigName": self.name, "ExecutionRoleArn": role, "ProductionVariants": [variant]}
        self.call("sagemaker", "CreateEndpointConfig", **config)
        self.call("sagemaker", "CreateEndpoint", EndpointName=self.name, EndpointConfigName=self.name)
        until(lambda: self.endpoint()["EndpointStatus"] == "InService")

    def endpoint(self) -> Loose:
        """Give DescribeEndpoint's reply."""
        return self.call("sagemaker", "DescribeEndpoint", EndpointName=self.name)

    def instances(self) -> int:
        """Give the current instance count."""
        return int(self.endpoint()["ProductionVariants"][0]["CurrentInstanceCount"])

    def component(self) -> Loose:
        """Give DescribeInferenceComponent's reply."""
        return self.call("sagemaker", "DescribeInferenceComponent", InferenceComponentName=self.name)

    def serves(self) -> bool:
        """Tell whether the component is in service."""
        return bool(self.component()["InferenceComponentStatus"] == "InService")

    def copies(self) -> int:
        """Give the current copy count."""
        return int(self.component()["RuntimeConfig"]["CurrentCopyCount"])

    def track(self, cooldown_s: int) -> Loose:
        """Put the walkthroughs' target tracking; give the names of its alarms, the high one first."""
        tracking = {
            "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC},
            "TargetValue": 5,
            "ScaleInCooldown": cooldown_s,
            "ScaleOutCooldown": cooldown_s,
        }
        put = self.scaling(
            "PutScalingPolicy",
            PolicyName=f"{self.name}-track",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
        )
        return [alarm["AlarmName"] for alarm in put["Alarms"]]

    def activities(self) -> Loose:
        """Give what DescribeScalingActivities tells of each activity, oldest first."""
        found = self.scaling("DescribeScalingActivities")["ScalingActivities"]
        told = ("Description", "Cause", "StatusCode", "StatusMessage")
        return [{**{name: each[name] for name in told}, "at": seconds(each["StartTime"])} for each in reversed(found)]

    def points(self, begun: float) -> Loose:
        """Give the concurrency of a copy, the greatest of each ten seconds, as [epoch seconds, value]."""
        asked = {"Namespace": "AWS/SageMaker", "MetricName": "ConcurrentRequestsPerCopy", "Dimensions": self.dimensions}
        span = {"StartTime": stamp(begun), "EndTime": stamp(begun + 7200)}
        found = self.call("cloudwatch", "GetMetricStatistics", **asked, **span, Period=10, Statistics=["Maximum"])["Datapoints"]
        return sorted([seconds(point["Timestamp"]), point["Maximum"]] for point in found)

    def alarm(self, name: str) -> Loose:
        """Give what DescribeAlarms tells of an alarm."""
        (found,) = self.call("cloudwatch", "DescribeAlarms", AlarmNames=[name])["MetricAlarms"]
        told = ("MetricName", "Statistic", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator")
        more = {"actions": found["AlarmActions"], "state": found["StateValue"], "at": seconds(found["StateUpdatedTimestamp"])}
        return {"watches": [found[name] for name in told], **more}

    def alarms(self, prefix: str) -> Loose:
        """Give the alarms whose names begin so."""
        return self.call("cloudwatch", "DescribeAlarms", AlarmNamePrefix=prefix)["MetricAlarms"]

    def answer(self, text: str) -> Loose:
        """Invoke until it is answered, as AWS's walkthrough does: gateways learn of a copy a moment after the API tells of it."""
        answers: list[Loose] = []

        def asked() -> bool:
            try:
                answers.append(self.client.invoke(self.name, {"text": text}))
            except RefusedError as error:
                if error.code != "ValidationError":
                    raise
            return bool(answers)

        until(asked)
        return answers[0]

    @contextmanager
    def load(self) -> Iterator[None]:
        """Keep so many invocations in flight."""
        stop = threading.Event()
        self.client.client("sagemaker-runtime")  # which is not made in many threads at once

        def client() -> None:
            while not stop.is_set():
                self.client.load(self.name, {"seconds": 1.0})

        with ThreadPoolExecutor(CLIENTS_AT_ONCE) as pool:
            clients = [pool.submit(client) for _ in range(CLIENTS_AT_ONCE)]
            try:
                yield
            finally:
                stop.set()
            for each in clients:
                each.result()

    def clean(self) -> Loose:
        """Clean up as the walkthroughs do, one of whose calls names the wrong dimension; give its fault, and what is left."""
        wrong = {**self.target, "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
        fault = self.fault("application-autoscaling", "DeregisterScalableTarget", **wrong)
        self.scaling("DeregisterScalableTarget")
        policies = self.call("application-autoscaling", "DescribeScalingPolicies", ServiceNamespace="sagemaker")
        mine = [each for each in policies["ScalingPolicies"] if each["ResourceId"] == self.target["ResourceId"]]
        self.call("cloudwatch", "DeleteAlarms", AlarmNames=[alarm["AlarmName"] for alarm in self.alarms(self.name)])
        self.client.remove(self.name, lambda: until(self.is_gone))
        until(lambda: self.fault("sagemaker", "DescribeEndpoint", EndpointName=self.name) == "ValidationException")
        left = [
            self.call("sagemaker", "ListInferenceComponents", NameContains=self.name)["InferenceComponents"],
            self.call("sagemaker", "ListEndpoints", NameContains=self.name)["Endpoints"],
            self.call("sagemaker", "ListModels", NameContains=self.name)["Models"],
            self.alarms(self.name),
            self.alarms(f"TargetTracking-{self.target['ResourceId']}"),
            mine,
        ]
        left = [[str(each) for each in found] for found in left]
        return {"wrong_dimension": fault, "left": left}

    def is_gone(self) -> bool:
        """Tell whether the component is deleted."""
        return self.fault("sagemaker", "DescribeInferenceComponent", InferenceComponentName=self.name) == "ValidationException"


def stamp(at: float) -> str:
    """Give a time as every client takes it."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def zero(walk: Walk, archive: Path) -> Iterator[tuple[str, Loose]]:
    """Scale to zero and back.

    Source: AWS, "Unlock cost savings with the new scale down to zero feature in SageMaker Inference", and its notebook.
    """
    client, name = walk.client, walk.name
    role = client.role()
    yield "role", role
    data = client.upload(archive, name)
    yield "data", data
    walk.make_endpoint(role, least=0)
    client.deploy(name, data, role, {"SAGEMAKER_MODEL_SERVER_WORKERS": "16"}, accelerators=4)
    until(walk.serves)
    yield "first", walk.answer("hello")

    walk.scaling("RegisterScalableTarget", MinCapacity=0, MaxCapacity=3)
    (target,) = walk.call(
        "application-autoscaling",
        "DescribeScalableTargets",
        ServiceNamespace="sagemaker",
        ResourceIds=[walk.target["ResourceId"]],
    )["ScalableTargets"]
    yield "target", [target["MinCapacity"], target["MaxCapacity"], target["ScalableDimension"]]
    yield "tracking", [walk.alarm(alarm) for alarm in walk.track(cooldown_s=300)]
    yield from _from_zero(walk)

    until(lambda: walk.copies() == 0)
    until(lambda: walk.instances() == 0 and walk.endpoint()["EndpointStatus"] == "InService")
    yield "at_zero", [walk.endpoint()["EndpointStatus"], walk.component()["RuntimeConfig"]]
    yield "points", walk.points(seconds(target["CreationTime"]) - 3600)
    try:
        yield "refused", client.invoke(name, {"text": "hello"})
    except RefusedError as error:
        yield "refused", [error.code, error.message]
    until(lambda: walk.copies() == 1 and walk.serves())
    yield "again", walk.answer("again")
    with walk.load():
        until(lambda: walk.copies() == 3)
        yield "instances", walk.instances()
    yield "activities", walk.activities()
    yield "cleaned", walk.clean()


def _from_zero(walk: Walk) -> Iterator[tuple[str, Loose]]:
    """Put the step policy and its alarm, which lead away from zero."""
    step = {
        "AdjustmentType": "ChangeInCapacity",
        "MetricAggregationType": "Maximum",
        "Cooldown": 60,
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }
    names = {"PolicyName": f"{walk.name}-step", "PolicyType": "StepScaling"}
    walk.scaling("PutScalingPolicy", **names, StepScalingPolicyConfiguration=step)
    found = walk.scaling("DescribeScalingPolicies", PolicyNames=[names["PolicyName"]])["ScalingPolicies"]
    yield "step", [found[0]["StepScalingPolicyConfiguration"] == step, len(found)]
    walk.call(
        "cloudwatch",
        "PutMetricAlarm",
        AlarmName=f"{walk.name}-from-zero",
        AlarmActions=[found[0]["PolicyARN"]],
        ActionsEnabled=True,
        MetricName="NoCapacityInvocationFailures",
        Namespace="AWS/SageMaker",
        Statistic="Maximum",
        Dimensions=walk.dimensions,
        Period=30,
        EvaluationPeriods=1,
        DatapointsToAlarm=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="missing",
    )
    yield "step_alarm", {**walk.alarm(f"{walk.name}-from-zero"), "step": found[0]["PolicyARN"]}


def fast(walk: Walk, archive: Path) -> Iterator[tuple[str, Loose]]:
    """Scale out sooner.

    Source: AWS, "Amazon SageMaker inference launches faster auto scaling for generative AI models", and its notebooks.
    """
    client, name = walk.client, walk.name
    role = client.role()
    data = client.upload(archive, name)
    walk.make_endpoint(role, least=1)
    client.deploy(name, data, role, {"SAGEMAKER_MODEL_SERVER_WORKERS": "16"}, accelerators=4)
    until(walk.serves)
    yield "first", walk.answer("hello")
    yield "streamed", client.streamed(name, {"words": ["a", "b", "c"]})
    created = seconds(walk.component()["CreationTime"])
    walk.scaling("RegisterScalableTarget", MinCapacity=1, MaxCapacity=3)
    high, low = walk.track(cooldown_s=180)
    yield "tracking", [walk.alarm(high), walk.alarm(low)]
    yield from _besides(walk)

    until(lambda: len(walk.points(created)) >= 3)
    yield "before", walk.points(created)
    with walk.load():
        until(lambda: walk.alarm(high)["state"] == "ALARM")
        yield "alarmed", walk.alarm(high)
        until(lambda: walk.copies() == 3 and walk.serves())
        until(lambda: walk.alarm(high)["state"] == "OK")
        yield "points", walk.points(created)
        yield "instances", walk.instances()
    yield "activities", walk.activities()
    history = walk.call("cloudwatch", "DescribeAlarmHistory", AlarmName=high, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    yield "history", [item["HistorySummary"] for item in reversed(history)]
    yield "cleaned", walk.clean()


def _besides(walk: Walk) -> Iterator[tuple[str, Loose]]:
    """Put a second tracking, of invocations, and step scaling by an alarm on the same concurrency."""
    invocations = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"},
        "TargetValue": 10000,
    }
    put = walk.scaling(
        "PutScalingPolicy",
        PolicyName=f"{walk.name}-invocations",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=invocations,
    )
    yield "slower", walk.alarm(put["Alarms"][0]["AlarmName"])
    step = {
        "AdjustmentType": "ChangeInCapacity",
        "Cooldown": 300,
        "StepAdjustments": [
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2},
        ],
    }
    arn = walk.scaling(
        "PutScalingPolicy", PolicyName=f"{walk.name}-out", PolicyType="StepScaling", StepScalingPolicyConfiguration=step
    )["PolicyARN"]
    walk.call(
        "cloudwatch",
        "PutMetricAlarm",
        AlarmName=f"{walk.name}-out",
        AlarmActions=[arn],
        MetricName="ConcurrentRequestsPerCopy",
        Namespace="AWS/SageMaker",
        Statistic="Maximum",
        Dimensions=walk.dimensions,
        Period=60,
        EvaluationPeriods=3,
        Threshold=20,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",
    )
    found = walk.scaling("DescribeScalingPolicies")["ScalingPolicies"]
    yield "policies", sorted([policy["PolicyName"], len(policy["Alarms"])] for policy in found)


def main(story: str, client: str, archive: str) -> None:
    """Walk, and print what was seen."""
    begun = time.monotonic()
    walker = CLIENTS[client]()
    walk = Walk(walker, f"{story}-{client}")
    seen: dict[str, Loose] = {"client": walker.version, "protocol": walker.protocol()}
    for step, found in {"zero": zero, "fast": fast}[story](walk, Path(archive)):
        seen[step] = found
        sys.stderr.write(f"{time.monotonic() - begun:.1f} s, {time.process_time():.1f} s of CPU: {step}\n")
    sys.stdout.write("\n" + json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
