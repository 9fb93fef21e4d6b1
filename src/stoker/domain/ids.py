"""Names, identities and Amazon resource names (ARNs).

ARN forms are those of the AWS service models; comparison of ARNs ignores case because SageMaker itself gives
the same endpoint's ARN in two cases.
"""

from typing import NewType, Protocol

import msgspec

ModelName = NewType("ModelName", str)
ConfigName = NewType("ConfigName", str)
EndpointName = NewType("EndpointName", str)
VariantName = NewType("VariantName", str)
ComponentName = NewType("ComponentName", str)
InstanceId = NewType("InstanceId", str)
CopyId = NewType("CopyId", str)
AlarmName = NewType("AlarmName", str)

WorkloadId = NewType("WorkloadId", str)
"""What owns copies: `ic/NAME` for an inference component, `variant/ENDPOINT/VARIANT` for a variant that serves a model."""

# Resource kinds, as errors and the store name them.
MODEL = "model"
ENDPOINT_CONFIG = "endpoint configuration"
ENDPOINT = "endpoint"
VARIANT = "variant"
COMPONENT = "inference component"
SCALABLE_TARGET = "scalable target"
SCALING_POLICY = "scaling policy"
SCHEDULED_ACTION = "scheduled action"
ALARM = "alarm"
MODEL_PACKAGE_GROUP = "model package group"
MODEL_PACKAGE = "model package"
SCHEDULE = "schedule"
SCHEDULE_GROUP = "schedule group"


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """The account and the region that all names here live in."""

    account: str = "123456789012"
    region: str = "us-east-1"

    def sagemaker(self, kind: str, name: str) -> str:
        """Give the ARN of a SageMaker resource; `kind` is the ARN's own word, such as `endpoint-config`."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name}"

    def alarm(self, name: str) -> str:
        """Give the ARN of a CloudWatch alarm."""
        return f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{name}"

    def scalable_target(self, token: str) -> str:
        """Give the ARN of a scalable target; `token` is its 36-character id."""
        return f"arn:aws:application-autoscaling:{self.region}:{self.account}:scalable-target/{token}"

    def scaling_policy(self, token: str, resource_id: str, name: str) -> str:
        """Give the ARN of a scaling policy (its service part is `autoscaling`, not `application-autoscaling`)."""
        return (
            f"arn:aws:autoscaling:{self.region}:{self.account}:scalingPolicy:{token}"
            f":resource/sagemaker/{resource_id}:policyName/{name}"
        )

    def schedule(self, group: str, name: str) -> str:
        """Give the ARN of a schedule of EventBridge Scheduler."""
        return f"arn:aws:scheduler:{self.region}:{self.account}:schedule/{group}/{name}"

    def schedule_group(self, name: str) -> str:
        """Give the ARN of a group of such schedules."""
        return f"arn:aws:scheduler:{self.region}:{self.account}:schedule-group/{name}"

    def scheduled_action(self, token: str, resource_id: str, name: str) -> str:
        """Give the ARN of a scheduled action."""
        return (
            f"arn:aws:autoscaling:{self.region}:{self.account}:scheduledAction:{token}"
            f":resource/sagemaker/{resource_id}:scheduledActionName/{name}"
        )


def component_workload(name: ComponentName) -> WorkloadId:
    """Give the workload of an inference component."""
    return WorkloadId(f"ic/{name}")


def variant_workload(endpoint: EndpointName, variant: VariantName) -> WorkloadId:
    """Give the workload of a variant that serves a model itself."""
    return WorkloadId(f"variant/{endpoint}/{variant}")


def name_in_arn(text: str) -> str:
    """Give the name at the end of `text` when it is an ARN, else `text` itself."""
    return text.rsplit("/", 1)[-1] if text.startswith("arn:") else text


class IdSource(Protocol):
    """Gives identities that have not been given before."""

    def uuid(self) -> str:
        """Give a new id of 36 characters in UUID form."""
        ...

    def token(self) -> str:
        """Give a new short id: 17 lower-case hexadecimal digits, as in AWS's instance ids."""
        ...
