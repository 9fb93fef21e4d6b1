"""The constraint walk and AWS's words for what it finds."""

import msgspec
import pytest

from stoker.wire.aws import constraints
from stoker.wire.aws.generated import application_autoscaling as aas
from stoker.wire.aws.generated import cloudwatch as cw
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.generated import sagemaker_runtime as rt
from stoker.wire.aws.schema import Service


def found(service: Service, operation: str, value: object) -> list[str]:
    checks = service.operations[operation].checks
    kind = service.operations[operation].input
    assert isinstance(value, kind)
    return list(constraints.violations(checks, value))


def test_a_good_request_has_none() -> None:
    assert found(sm.SERVICE, "CreateEndpoint", sm.CreateEndpointInput(endpoint_name="e", endpoint_config_name="c")) == []


def test_absent_members_are_all_named() -> None:
    missing = found(sm.SERVICE, "CreateEndpoint", sm.CreateEndpointInput())
    assert constraints.message(missing) == (
        "2 validation errors detected: "
        "Value null at 'endpointName' failed to satisfy constraint: Member must not be null; "
        "Value null at 'endpointConfigName' failed to satisfy constraint: Member must not be null"
    )


def test_length_and_pattern_are_two_violations() -> None:
    name = "a" * 64
    pattern = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    assert found(sm.SERVICE, "DeleteEndpoint", sm.DeleteEndpointInput(endpoint_name=name)) == [
        f"Value '{name}' at 'endpointName' failed to satisfy constraint: Member must have length less than or equal to 63",
        (
            f"Value '{name}' at 'endpointName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {pattern}"
        ),
    ]


def test_members_of_structures_in_lists_are_numbered() -> None:
    tags = [sm.Tag(key="ok", value=""), sm.Tag(key="bad!"), sm.Tag(value="é ü")]
    given = sm.CreateEndpointInput(endpoint_name="e", endpoint_config_name="c", tags=tags)
    assert found(sm.SERVICE, "CreateEndpoint", given) == [
        (
            "Value 'bad!' at 'tags.2.member.key' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"
        ),
        "Value null at 'tags.2.member.value' failed to satisfy constraint: Member must not be null",
        "Value null at 'tags.3.member.key' failed to satisfy constraint: Member must not be null",
    ]


def test_plain_lists_are_named_as_a_whole() -> None:
    given = cw.DeleteAlarmsInput(alarm_names=["good", ""])
    assert found(cw.SERVICE, "DeleteAlarms", given) == [
        (
            "Value '[good, ]' at 'alarmNames' failed to satisfy constraint: Member must satisfy constraint: "
            "[Member must have length less than or equal to 255, Member must have length greater than or equal to 1]"
        )
    ]


def test_maps_name_their_keys_and_values() -> None:
    container = sm.ContainerDefinition(environment={"1BAD": "x", "GOOD": "y" * 2000})
    given = sm.CreateModelInput(model_name="m", primary_container=container)
    keys, values = found(sm.SERVICE, "CreateModel", given)
    assert keys.startswith("Value '{1BAD=x, GOOD=yyy")
    assert "at 'primaryContainer.environment' failed to satisfy constraint: Map keys must satisfy constraint: [Member" in keys
    assert "Map value must satisfy constraint: [Member must have length less than or equal to 1024" in values


@pytest.mark.parametrize(
    ("count", "tail"),
    [(0, "greater than or equal to 1"), (101, "less than or equal to 100"), (1, ""), (100, "")],
)
def test_ranges(count: int, tail: str) -> None:
    texts = found(sm.SERVICE, "ListEndpoints", sm.ListEndpointsInput(max_results=count))
    expected = f"Value '{count}' at 'maxResults' failed to satisfy constraint: Member must have value {tail}"
    assert texts == ([expected] if tail else [])


def test_list_lengths() -> None:
    given = sm.CreateEndpointConfigInput(endpoint_config_name="c", production_variants=[])
    assert found(sm.SERVICE, "CreateEndpointConfig", given) == [
        "Value '[]' at 'productionVariants' failed to satisfy constraint: Member must have length greater than or equal to 1"
    ]


def test_unions_have_one_member() -> None:
    window = cw.EvaluationWindow()
    texts = found(cw.SERVICE, "PutMetricAlarm", cw.PutMetricAlarmInput(alarm_name="a", evaluation_window=window))
    assert any("at 'evaluationWindow' failed to satisfy constraint: Member must have exactly one" in text for text in texts)


def test_sensitive_values_are_not_shown() -> None:
    given = rt.InvokeEndpointInput(endpoint_name="e", body=b"", custom_attributes="secret" * 200)
    assert found(rt.SERVICE, "InvokeEndpoint", given) == [
        "Value at 'customAttributes' failed to satisfy constraint: Member must have length less than or equal to 1024"
    ]


def test_bodies_may_be_as_large_as_documented() -> None:
    assert found(rt.SERVICE, "InvokeEndpoint", rt.InvokeEndpointInput(endpoint_name="e", body=bytes(25 * 1024 * 1024))) == []
    (text,) = found(rt.SERVICE, "InvokeEndpoint", rt.InvokeEndpointInput(endpoint_name="e", body=bytes(25 * 1024 * 1024 + 1)))
    assert text == "Value at 'body' failed to satisfy constraint: Member must have length less than or equal to 26214400"


def test_java_patterns_mean_the_same_here() -> None:
    def policy(name: str) -> list[str]:
        given = aas.PutScalingPolicyRequest(
            policy_name=name,
            service_namespace="sagemaker",
            resource_id="r",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        )
        return found(aas.SERVICE, "PutScalingPolicy", given)

    assert policy("a policy ~") == []
    assert policy("tab\there") == [
        (
            "Value 'tab\there' at 'policyName' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: \p{Print}+"
        )
    ]

    def target(model: str) -> list[str]:
        return found(rt.SERVICE, "InvokeEndpoint", rt.InvokeEndpointInput(endpoint_name="e", body=b"", target_model=model))

    assert target("model.tar.gz") == []
    assert len(target(" starts-blank")) == 1
    assert len(target("ends\n")) == 1
    ids = aas.DescribeScalableTargetsRequest(service_namespace="sagemaker", resource_ids=["\U0001f600\r\n"])
    assert found(aas.SERVICE, "DescribeScalableTargets", ids) == []
    assert len(found(aas.SERVICE, "DescribeScalableTargets", msgspec.structs.replace(ids, resource_ids=["\0"]))) == 1


def test_messages_are_bounded() -> None:
    data = [cw.MetricDatum(metric_name="") for _ in range(1000)]
    texts = found(cw.SERVICE, "PutMetricData", cw.PutMetricDataInput(namespace="x" * 100_000, metric_data=data))
    message = constraints.message(texts)
    assert message.startswith("1001 validation errors detected: ")
    assert len(message) < 64 * 1024
