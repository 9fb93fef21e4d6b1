"""A small world with one of everything, called in this process over bytes; and a good request for each operation."""

import copy
import json
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import msgspec

from stoker.domain.keys import Keyring
from stoker.service.metrics import MetricFilter, Metrics
from stoker.testing.desk import KnownImages, LocalDesk
from stoker.wire.aws import asgi, cbor
from stoker.wire.aws.access import Access
from stoker.wire.aws.apis import SERVICES, served
from stoker.wire.aws.schema import Operation, Service
from stoker.wire.aws.sigv4 import Verifier
from tests.conformance.sagemaker_stage import MODEL_DATA, PARTITION, ROLE

Loose: TypeAlias = Any  # requests of every shape, right and wrong

SERVICE_BY_NAME = {service.name: service for service in SERVICES}
COMPONENT_TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/c",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
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
VARIANT = {
    "VariantName": "AllTraffic",
    "InstanceType": "ml.g5.12xlarge",
    "InitialInstanceCount": 1,
    "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
    "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
}
SPECIFICATION = {
    "ModelName": "m",
    "ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024},
}
TRACKING = {
    "TargetValue": 5.0,
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
    },
}
SCHEDULE = {
    "ScheduleExpression": "rate(1 day)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {
        "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:updateInferenceComponentRuntimeConfig",
        "RoleArn": ROLE,
        "Input": '{"InferenceComponentName": "c", "DesiredRuntimeConfig": {"CopyCount": 1}}',
    },
}
TAGS = [{"Key": "k", "Value": "v"}]
GROUP_ARN = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/g"
ALARM_ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"
ENDPOINT_ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e"
SCALABLE_ARN = "<the target's>"
PACKAGE_ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/g/1"

SAGEMAKER: Loose = {
    "CreateModel": {
        "ModelName": "new",
        "PrimaryContainer": {"Image": "stoker/python", "ModelDataUrl": MODEL_DATA},
        "ExecutionRoleArn": ROLE,
    },
    "CreateEndpointConfig": {"EndpointConfigName": "new", "ProductionVariants": [VARIANT], "ExecutionRoleArn": ROLE},
    "CreateEndpoint": {"EndpointName": "new", "EndpointConfigName": "config"},
    "CreateInferenceComponent": {
        "InferenceComponentName": "new",
        "EndpointName": "e",
        "VariantName": "AllTraffic",
        "Specification": SPECIFICATION,
        "RuntimeConfig": {"CopyCount": 1},
    },
    "DeleteModel": {"ModelName": "m"},
    "DescribeModel": {"ModelName": "m"},
    "DeleteEndpointConfig": {"EndpointConfigName": "config"},
    "DescribeEndpointConfig": {"EndpointConfigName": "config"},
    "DeleteEndpoint": {"EndpointName": "idle"},
    "DescribeEndpoint": {"EndpointName": "e"},
    "DeleteInferenceComponent": {"InferenceComponentName": "c"},
    "DescribeInferenceComponent": {"InferenceComponentName": "c"},
    "UpdateEndpointWeightsAndCapacities": {
        "EndpointName": "e",
        "DesiredWeightsAndCapacities": [{"VariantName": "AllTraffic", "DesiredWeight": 1.0}],
    },
    "UpdateEndpoint": {"EndpointName": "e", "EndpointConfigName": "config"},
    "UpdateInferenceComponent": {"InferenceComponentName": "c", "Specification": SPECIFICATION},
    "UpdateInferenceComponentRuntimeConfig": {"InferenceComponentName": "c", "DesiredRuntimeConfig": {"CopyCount": 2}},
    "CreateModelPackageGroup": {"ModelPackageGroupName": "new"},
    "DescribeModelPackageGroup": {"ModelPackageGroupName": "g"},
    "DeleteModelPackageGroup": {"ModelPackageGroupName": "empty"},
    "ListModelPackageGroups": {},
    "CreateModelPackage": {
        "ModelPackageGroupName": "g",
        "InferenceSpecification": {"Containers": [{"Image": "stoker/python", "ModelDataUrl": MODEL_DATA}]},
    },
    "DescribeModelPackage": {"ModelPackageName": PACKAGE_ARN},
    "BatchDescribeModelPackage": {"ModelPackageArnList": [PACKAGE_ARN]},
    "UpdateModelPackage": {"ModelPackageArn": PACKAGE_ARN, "ModelApprovalStatus": "Approved"},
    "DeleteModelPackage": {"ModelPackageName": PACKAGE_ARN},
    "ListModelPackages": {},
    "AddTags": {"ResourceArn": ENDPOINT_ARN, "Tags": TAGS},
    "DeleteTags": {"ResourceArn": ENDPOINT_ARN, "TagKeys": ["k"]},
    "ListTags": {"ResourceArn": ENDPOINT_ARN},
    "ListModels": {},
    "ListEndpoints": {},
    "ListEndpointConfigs": {},
    "ListInferenceComponents": {},
}
SCALING: Loose = {
    "RegisterScalableTarget": {**COMPONENT_TARGET, "MinCapacity": 0, "MaxCapacity": 3},
    "DeregisterScalableTarget": COMPONENT_TARGET,
    "DescribeScalableTargets": {"ServiceNamespace": "sagemaker"},
    "DescribeScalingActivities": {"ServiceNamespace": "sagemaker"},
    "DescribeScalingPolicies": {"ServiceNamespace": "sagemaker"},
    "DescribeScheduledActions": {"ServiceNamespace": "sagemaker"},
    "PutScalingPolicy": {
        **COMPONENT_TARGET,
        "PolicyName": "p",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": TRACKING,
    },
    "DeleteScalingPolicy": {**COMPONENT_TARGET, "PolicyName": "p"},
    "PutScheduledAction": {
        **COMPONENT_TARGET,
        "ScheduledActionName": "new",
        "Schedule": "rate(1 day)",
        "ScalableTargetAction": {"MinCapacity": 1},
    },
    "DeleteScheduledAction": {**COMPONENT_TARGET, "ScheduledActionName": "act"},
    "ListTagsForResource": {"ResourceARN": SCALABLE_ARN},
    "TagResource": {"ResourceARN": SCALABLE_ARN, "Tags": {"k": "v"}},
    "UntagResource": {"ResourceARN": SCALABLE_ARN, "TagKeys": ["k"]},
}
CLOUDWATCH: Loose = {
    "PutMetricAlarm": {**ALARM, "AlarmName": "new"},
    "DescribeAlarms": {},
    "DeleteAlarms": {"AlarmNames": ["a"]},
    "PutMetricData": {"Namespace": "mine", "MetricData": [{"MetricName": "depth", "Value": 1.0}]},
    "GetMetricStatistics": {
        "Namespace": "mine",
        "MetricName": "depth",
        "StartTime": 1_700_000_000,
        "EndTime": 1_700_003_600,
        "Period": 60,
        "Statistics": ["Sum"],
    },
    "GetMetricData": {
        "MetricDataQueries": [
            {
                "Id": "q",
                "MetricStat": {"Metric": {"Namespace": "mine", "MetricName": "depth"}, "Period": 60, "Stat": "Sum"},
            }
        ],
        "StartTime": 1_700_000_000,
        "EndTime": 1_700_003_600,
    },
    "ListMetrics": {},
    "DescribeAlarmHistory": {},
    "DescribeAlarmsForMetric": {"MetricName": "depth", "Namespace": "mine"},
    "DisableAlarmActions": {"AlarmNames": ["a"]},
    "EnableAlarmActions": {"AlarmNames": ["a"]},
    "ListTagsForResource": {"ResourceARN": ALARM_ARN},
    "PutCompositeAlarm": {"AlarmName": "both", "AlarmRule": 'ALARM("a")'},
    "SetAlarmState": {"AlarmName": "a", "StateValue": "OK", "StateReason": "said so"},
    "TagResource": {"ResourceARN": ALARM_ARN, "Tags": TAGS},
    "UntagResource": {"ResourceARN": ALARM_ARN, "TagKeys": ["k"]},
}
SCHEDULER: Loose = {
    "CreateSchedule": {"Name": "new", **SCHEDULE},
    "UpdateSchedule": {"Name": "s", **SCHEDULE},
    "GetSchedule": {"Name": "s"},
    "DeleteSchedule": {"Name": "s"},
    "ListSchedules": {},
    "CreateScheduleGroup": {"Name": "new"},
    "GetScheduleGroup": {"Name": "g"},
    "DeleteScheduleGroup": {"Name": "g"},
    "ListScheduleGroups": {},
    "ListTagsForResource": {"ResourceArn": GROUP_ARN},
    "TagResource": {"ResourceArn": GROUP_ARN, "Tags": TAGS},
    "UntagResource": {"ResourceArn": GROUP_ARN, "TagKeys": ["k"]},
}
QUEUE = {"QueueUrl": "http://localhost/123456789012/q"}
RECEIPT = {"ReceiptHandle": "id-1#receipt"}
SQS: Loose = {
    "CreateQueue": {"QueueName": "new"},
    "DeleteQueue": QUEUE,
    "GetQueueUrl": {"QueueName": "q"},
    "ListQueues": {},
    "GetQueueAttributes": {**QUEUE, "AttributeNames": ["All"]},
    "SetQueueAttributes": {**QUEUE, "Attributes": {"DelaySeconds": "1"}},
    "ListQueueTags": QUEUE,
    "TagQueue": {**QUEUE, "Tags": {"k": "v"}},
    "UntagQueue": {**QUEUE, "TagKeys": ["k"]},
    "PurgeQueue": QUEUE,
    "SendMessage": {**QUEUE, "MessageBody": "m"},
    "SendMessageBatch": {**QUEUE, "Entries": [{"Id": "1", "MessageBody": "m"}]},
    "ReceiveMessage": QUEUE,
    "DeleteMessage": {**QUEUE, **RECEIPT},
    "DeleteMessageBatch": {**QUEUE, "Entries": [{"Id": "1", **RECEIPT}]},
    "ChangeMessageVisibility": {**QUEUE, **RECEIPT, "VisibilityTimeout": 1},
}
OTHERS: Loose = {
    ("iam", "GetRole"): {"RoleName": "r"},
    ("sts", "AssumeRole"): {"RoleArn": ROLE, "RoleSessionName": "session"},
    ("sts", "GetCallerIdentity"): {},
    ("sts", "GetSessionToken"): {},
}
GOOD: dict[tuple[str, str], Loose] = {
    **{("sagemaker", name): given for name, given in SAGEMAKER.items()},
    **{("application-autoscaling", name): given for name, given in SCALING.items()},
    **{("cloudwatch", name): given for name, given in CLOUDWATCH.items()},
    **{("scheduler", name): given for name, given in SCHEDULER.items()},
    **{("sqs", name): given for name, given in SQS.items()},
    **OTHERS,
}
"""A request of each operation that works in the world below; one that is not here begins empty."""

WORLD: Loose = [
    ("sagemaker", "CreateModel", {**SAGEMAKER["CreateModel"], "ModelName": "m"}),
    ("sagemaker", "CreateModelPackageGroup", {"ModelPackageGroupName": "g"}),
    ("sagemaker", "CreateModelPackageGroup", {"ModelPackageGroupName": "empty"}),
    ("sagemaker", "CreateModelPackage", SAGEMAKER["CreateModelPackage"]),
    ("sagemaker", "CreateEndpointConfig", {**SAGEMAKER["CreateEndpointConfig"], "EndpointConfigName": "config"}),
    ("sagemaker", "CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "config"}),
    ("sagemaker", "CreateEndpoint", {"EndpointName": "idle", "EndpointConfigName": "config"}),
    ("sagemaker", "CreateInferenceComponent", {**SAGEMAKER["CreateInferenceComponent"], "InferenceComponentName": "c"}),
    ("application-autoscaling", "RegisterScalableTarget", SCALING["RegisterScalableTarget"]),
    ("application-autoscaling", "PutScalingPolicy", SCALING["PutScalingPolicy"]),
    ("application-autoscaling", "PutScheduledAction", {**SCALING["PutScheduledAction"], "ScheduledActionName": "act"}),
    ("cloudwatch", "PutMetricAlarm", ALARM),
    ("scheduler", "CreateScheduleGroup", {"Name": "g"}),
    ("scheduler", "CreateSchedule", {"Name": "s", **SCHEDULE}),
    ("sqs", "CreateQueue", {"QueueName": "q"}),
    ("sqs", "SendMessage", SQS["SendMessage"]),
]


class Ground:
    """The world; `renew` lays it anew."""

    def __init__(self) -> None:
        self._access = Access(Keyring(seal=b"a seal"), PARTITION)
        self.desk = LocalDesk(partition=PARTITION)
        self.handlers: dict[tuple[str, str], asgi.Handler] = {}
        self._scalable_arn = ""
        self.app = asgi.aws_app(
            self.handlers, Verifier({}, mode="off"), services=SERVICES, partition=PARTITION, request_id=lambda: "id-1"
        )

    async def renew(self) -> Collection[tuple[str, str]]:
        """Make a new world; give the operations there are."""
        self.desk = LocalDesk(partition=PARTITION)
        served(self.desk, KnownImages(), PARTITION, self._access, self.handlers)
        for service, operation, given in WORLD:
            status, told = await self.call(service, operation, given)
            assert status == 200, (operation, told)
            if operation == "RegisterScalableTarget":
                self._scalable_arn = told["ScalableTargetARN"]
        return self.handlers.keys()

    def good(self, service: str, operation: str) -> Loose:
        """Give a request that works, to be changed at will."""
        given = copy.deepcopy(GOOD.get((service, operation), {}))
        if given.get("ResourceARN") == SCALABLE_ARN:
            given["ResourceARN"] = self._scalable_arn
        return given

    async def state(self) -> Loose:
        """Give all that there is."""
        records = {(record.kind, record.key): record.document for record in await self.desk.store.load()}
        metrics = Metrics(self.desk).find(MetricFilter())
        return records, len(list(metrics)), tuple(self.desk.started), tuple(self.desk.stopped)

    async def call(self, service: str, operation: str, given: Loose, protocol: str = "") -> tuple[int, Loose]:
        """Send a request of any shape; give the status and what the body says."""
        model = SERVICE_BY_NAME[service]
        protocol = protocol or next(each for each in ("json", "rest-json", "query") if each in model.protocols)
        method, path, headers, body = WRITERS[protocol](model, model.operations[operation], given)
        status, sent, code = await self.send(method, path, headers, body)
        if protocol == "smithy-rpc-v2-cbor":
            return status, cbor.decode(sent) if sent else {}
        if protocol == "query":
            return status, sent.decode()
        read = json.loads(sent or b"{}")
        return status, {"__type": code, **read} if code else read

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, str]:
        """Send any request; give the status, the body, and the code of an error that a header tells."""
        path, _, query = path.partition("?")
        waiting = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Loose] = []

        async def receive() -> Loose:
            return waiting.pop(0)

        async def send(message: Loose) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("utf-8", "replace")) for name, value in headers.items()],
        }
        await self.app(scope, receive, send)
        told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        body = b"".join(message["body"] for message in sent[1:])
        return sent[0]["status"], body, told.get("x-amzn-errortype", "")


Written: TypeAlias = tuple[str, str, dict[str, str], bytes]


def _dumped(given: Loose) -> bytes:
    return json.dumps(given, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _json(service: Service, operation: Operation, given: Loose) -> Written:
    headers = {
        "content-type": f"application/x-amz-json-{service.json_version}",
        "x-amz-target": f"{service.target_prefix}.{operation.name}",
        "x-amzn-query-mode": "true",
    }
    return "POST", "/", headers, _dumped(given)


def _cbor(service: Service, operation: Operation, given: Loose) -> Written:
    headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    return "POST", f"/service/{service.target_prefix}/operation/{operation.name}", headers, cbor.encode(_of_64_bits(given))


def _of_64_bits(value: Loose) -> Loose:
    """Give a value with integers that CBOR has no room for as floats."""
    match value:
        case dict():
            return {key: _of_64_bits(item) for key, item in value.items()}
        case list():
            return [_of_64_bits(item) for item in value]
        case int() if abs(value) >= 2**64:
            return float(value)
        case _:
            return value


def _text(value: Loose) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _rest(_: Service, operation: Operation, given: Loose) -> Written:
    bound = {each.attribute: each for each in operation.bound_in}
    names = {field.encode_name: field.name for field in _fields(operation)}
    rest = dict(given) if isinstance(given, dict) else given
    path = operation.uri.partition("?")[0]
    query: list[tuple[str, bytes]] = []
    if isinstance(rest, dict):
        for name in list(rest):
            binding = bound.get(names.get(name, ""))
            if binding is None:
                continue
            value = rest.pop(name)
            if binding.location == "uri":
                text = quote(_text(value).encode("utf-8", "replace"), safe="") or "%20"
                path = path.replace(f"{{{binding.name}}}", text)
            else:
                items = value if isinstance(value, list) else [value]
                query.extend((binding.name, _text(item).encode("utf-8", "replace")) for item in items)
    path = path.replace("{", "%7B").replace("}", "%7D")
    body = _dumped(rest) if operation.method in {"POST", "PUT"} else b""
    return operation.method, f"{path}?{urlencode(query)}", {"content-type": "application/json"}, body


def _fields(operation: Operation) -> Loose:
    return msgspec.structs.fields(operation.input)


def _flat(prefix: str, value: Loose, out: list[tuple[str, bytes]]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _flat(f"{prefix}.{key}" if prefix else str(key), item, out)
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            _flat(f"{prefix}.member.{number}", item, out)
        if not value:
            out.append((prefix, b""))
    elif value is not None:
        out.append((prefix, _text(value).encode("utf-8", "replace")))


def _query(service: Service, operation: Operation, given: Loose) -> Written:
    fields = [("Action", operation.name.encode()), ("Version", service.version.encode())]
    _flat("", given if isinstance(given, dict) else {"x": given}, fields)
    return "POST", "/", {"content-type": "application/x-www-form-urlencoded"}, urlencode(fields).encode()


WRITERS = {"json": _json, "rest-json": _rest, "query": _query, "smithy-rpc-v2-cbor": _cbor}
