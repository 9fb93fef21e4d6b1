"""The demo's model, deployed with an unmodified boto3."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.server import Server

ENDPOINT = "file-types"
COMPONENT = "magika"
MAX_COPIES = 4
TARGET_CONCURRENCY = 5
ROLE = "arn:aws:iam::123456789012:role/anything"


class Deployment:
    """An endpoint that scales to zero instances, with one component on it."""

    def __init__(self, server: Server, model: Path) -> None:
        self.server = server
        self.model = model
        self.sagemaker = server.client("sagemaker")
        self.runtime = server.client("sagemaker-runtime", read_timeout=120)
        self.scaling = server.client("application-autoscaling")
        self.cloudwatch = server.client("cloudwatch")

    def create(self, until: Callable[[str, Callable[[], Any]], Any]) -> None:
        """Make model, configuration, endpoint and component at zero copies, and what scales it."""
        self.sagemaker.create_model(
            ModelName="magika",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": "stoker/python", "ModelDataUrl": self.model.as_uri()},
        )
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=ENDPOINT,
            ExecutionRoleArn=ROLE,
            ProductionVariants=[
                {
                    "VariantName": "AllTraffic",
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 1,
                    "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
                    "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
                }
            ],
        )
        self.sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
        until("the endpoint in service", lambda: self.endpoint()["EndpointStatus"] == "InService")
        self.sagemaker.create_inference_component(
            InferenceComponentName=COMPONENT,
            EndpointName=ENDPOINT,
            VariantName="AllTraffic",
            Specification={
                "ModelName": "magika",
                "ComputeResourceRequirements": {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 1024},
            },
            RuntimeConfig={"CopyCount": 0},
        )
        self.policies()

    def policies(self) -> None:
        """Set up scaling as AWS's own examples do: target tracking, a step from zero, and its alarm."""
        target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"inference-component/{COMPONENT}",
            "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
        }
        self.scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=MAX_COPIES)
        self.scaling.put_scaling_policy(
            **target,
            PolicyName="concurrency",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
                },
                "TargetValue": TARGET_CONCURRENCY,
                "ScaleInCooldown": 300,
                "ScaleOutCooldown": 300,
            },
        )
        step = self.scaling.put_scaling_policy(
            **target,
            PolicyName="from-zero",
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "MetricAggregationType": "Maximum",
                "Cooldown": 60,
                "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
            },
        )
        self.cloudwatch.put_metric_alarm(
            AlarmName="no-capacity",
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
            AlarmActions=[step["PolicyARN"]],
        )

    def invoke(self, body: bytes) -> Any:
        """Send one file to the model."""
        return self.runtime.invoke_endpoint(
            EndpointName=ENDPOINT, InferenceComponentName=COMPONENT, ContentType="application/octet-stream", Body=body
        )

    def endpoint(self) -> Any:
        """Give DescribeEndpoint's reply."""
        return self.sagemaker.describe_endpoint(EndpointName=ENDPOINT)

    def instances(self) -> int:
        """Give how many instances the endpoint has."""
        return int(self.endpoint()["ProductionVariants"][0]["CurrentInstanceCount"])

    def workload(self) -> dict[str, Any]:
        """Give the component's part of the platform's picture of itself."""
        endpoint = next(e for e in self.server.status()["endpoints"] if e["name"] == ENDPOINT)
        found: dict[str, Any] = next(w for w in endpoint["workloads"] if w["name"] == COMPONENT)
        return found

    def is_at_zero(self) -> bool:
        """Tell whether no copy is wanted and none serves."""
        workload = self.workload()
        return bool(workload["desired"] == 0 == workload["current"])
