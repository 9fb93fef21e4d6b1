"""A platform on a fast clock with a small real model server, set up as AWS's scale-to-zero walkthrough sets one up."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.server import Server

ENDPOINT = "walk"
COMPONENT = "walk-model"
RESOURCE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"inference-component/{COMPONENT}",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
NO_CAPACITY = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress (if configured) or "
    "try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)
ROLE = "arn:aws:iam::123456789012:role/anything"
HANDLER = """
import os
import time


def model_fn(model_dir):
    return os.getpid()


def predict_fn(data, model):
    time.sleep(float(data.get("seconds", 0)))
    return {"pid": model, "echo": data}
"""


class Walker:
    """Does what the walkthrough does, with plain boto3."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.sagemaker = server.client("sagemaker")
        self.runtime = server.client("sagemaker-runtime", read_timeout=60)
        self.scaling = server.client("application-autoscaling")
        self.cloudwatch = server.client("cloudwatch")

    def deploy(self, model: Path, *, copies: int, most_instances: int = 2, policy: str | None = "none") -> None:
        """Make model, configuration, endpoint and component, and wait until they are in service.

        `policy` is the component's tag: `none`, so that AWS's policies alone scale it; None for no tag.
        """
        (model / "inference.py").write_text(HANDLER)
        self.sagemaker.create_model(
            ModelName=COMPONENT,
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": "stoker/python", "ModelDataUrl": model.as_uri()},
        )
        scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": most_instances}
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=ENDPOINT,
            ExecutionRoleArn=ROLE,
            ProductionVariants=[
                {
                    "VariantName": "AllTraffic",
                    "InstanceType": "ml.g5.12xlarge",
                    "InitialInstanceCount": 1,
                    "ManagedInstanceScaling": scaling,
                    "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
                }
            ],
        )
        self.sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
        until(lambda: self.endpoint()["EndpointStatus"] == "InService")
        self.sagemaker.create_inference_component(
            InferenceComponentName=COMPONENT,
            EndpointName=ENDPOINT,
            VariantName="AllTraffic",
            Specification={
                "ModelName": COMPONENT,
                "ComputeResourceRequirements": {
                    "NumberOfAcceleratorDevicesRequired": 2,
                    "MinMemoryRequiredInMb": 4096,
                },
            },
            RuntimeConfig={"CopyCount": copies},
            Tags=[] if policy is None else [{"Key": "stoker:policy", "Value": policy}],
        )
        until(lambda: self.component()["InferenceComponentStatus"] == "InService")

    def add_policies(self, *, most: int) -> str:
        """Register the target, put both policies and the alarm; gives the step policy's ARN."""
        self.scaling.register_scalable_target(**RESOURCE, MinCapacity=0, MaxCapacity=most)
        self.scaling.put_scaling_policy(
            **RESOURCE,
            PolicyName="tracking",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
                },
                "TargetValue": 5,
                "ScaleInCooldown": 300,
                "ScaleOutCooldown": 300,
            },
        )
        step = self.scaling.put_scaling_policy(
            **RESOURCE,
            PolicyName="from-zero",
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "MetricAggregationType": "Maximum",
                "Cooldown": 60,
                "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
            },
        )
        arn: str = step["PolicyARN"]
        self.cloudwatch.put_metric_alarm(
            AlarmName="walk-no-capacity",
            Namespace="AWS/SageMaker",
            MetricName="NoCapacityInvocationFailures",
            Dimensions=[{"Name": "InferenceComponentName", "Value": COMPONENT}],
            Statistic="Maximum",
            Period=30,
            EvaluationPeriods=1,
            DatapointsToAlarm=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="missing",
            AlarmActions=[arn],
        )
        return arn

    def invoke(self, body: bytes = b"{}", *, at_zero: str | None = None) -> Any:
        """Invoke the component; `at_zero` goes along as Stoker's own header."""
        client = self.runtime if at_zero is None else self.server.client("sagemaker-runtime", read_timeout=60)
        if at_zero is not None:
            client.meta.events.register(
                "before-sign.sagemaker-runtime.InvokeEndpoint",
                lambda request, **_: request.headers.add_header("X-Stoker-At-Zero", at_zero),
            )
        return client.invoke_endpoint(
            EndpointName=ENDPOINT, InferenceComponentName=COMPONENT, ContentType="application/json", Body=body
        )

    def endpoint(self) -> Any:
        """Give DescribeEndpoint's reply."""
        return self.sagemaker.describe_endpoint(EndpointName=ENDPOINT)

    def instances(self) -> int:
        """Give the current instance count."""
        return int(self.endpoint()["ProductionVariants"][0]["CurrentInstanceCount"])

    def component(self) -> Any:
        """Give DescribeInferenceComponent's reply."""
        return self.sagemaker.describe_inference_component(InferenceComponentName=COMPONENT)

    def copies(self) -> int:
        """Give the current copy count."""
        return int(self.component()["RuntimeConfig"]["CurrentCopyCount"])

    def activities(self) -> list[Any]:
        """Give the scaling activities, oldest first."""
        found = self.scaling.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId=RESOURCE["ResourceId"])
        return list(reversed(found["ScalingActivities"]))


def until(happened: Callable[[], Any], *, limit_s: float = 30.0) -> Any:
    """Look until it happened; gives what was seen, fails when it does not in time."""
    deadline = time.monotonic() + limit_s
    while not (seen := happened()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return seen
