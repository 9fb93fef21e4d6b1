"""Application Auto Scaling's calls by boto3: pages, partial updates, and everything that is refused, in AWS's words."""

import pytest
from botocore.exceptions import ClientError

from tests.conformance.sagemaker_stage import (
    Loose,
    Stage,
    component,
    make_endpoint,
    make_model,
    plain,
    refused,
    variant,
)

COPIES = "sagemaker:inference-component:DesiredCopyCount"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
KEYS = {"ServiceNamespace": "sagemaker", "ResourceId": "inference-component/c", "ScalableDimension": COPIES}
WHERE = f"for service namespace: sagemaker, resource ID: inference-component/c, scalable dimension: {COPIES}"
PREDEFINED = {"PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"}
TRACKING = {"TargetValue": 5.0, "PredefinedMetricSpecification": PREDEFINED}
OWN_METRIC = {
    "MetricName": "depth",
    "Namespace": "mine",
    "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}],
    "Statistic": "Average",
    "Unit": "Count",
}
STEPS: Loose = {
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
}


@pytest.fixture
def stage(served: Stage) -> Stage:
    """Give a stage with the component `c` at zero and, on `own`, a variant with a model of its own."""
    served.reset()
    sagemaker = served.client()
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component(RuntimeConfig={"CopyCount": 0}))
    owning = variant(ModelName="m", ManagedInstanceScaling=None, InstanceType="ml.m5.large")
    sagemaker.create_endpoint_config(EndpointConfigName="own", ProductionVariants=[owning])
    sagemaker.create_endpoint(EndpointName="own", EndpointConfigName="own")
    return served


@pytest.fixture
def scaling(stage: Stage) -> Loose:
    return stage.client("application-autoscaling")


@pytest.fixture
def registered(scaling: Loose) -> Loose:
    scaling.register_scalable_target(**KEYS, MinCapacity=0, MaxCapacity=8)
    return scaling


def track(scaling: Loose, name: str = "t", **changes: Loose) -> Loose:
    return scaling.put_scaling_policy(
        **KEYS,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={**TRACKING, **changes},
    )


def put_steps(scaling: Loose, name: str = "s", **changes: Loose) -> Loose:
    config = {**STEPS, **changes}
    return scaling.put_scaling_policy(**KEYS, PolicyName=name, PolicyType="StepScaling", StepScalingPolicyConfiguration=config)


def only(scaling: Loose) -> Loose:
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    return target


def test_an_update_keeps_what_it_does_not_name(registered: Loose) -> None:
    before = only(registered)
    made = registered.register_scalable_target(**KEYS, SuspendedState={"DynamicScalingInSuspended": True})
    assert made["ScalableTargetARN"] == before["ScalableTargetARN"]
    suspended = {**before["SuspendedState"], "DynamicScalingInSuspended": True}
    assert only(registered) == {**before, "SuspendedState": suspended}
    registered.register_scalable_target(**KEYS, MaxCapacity=9)
    assert only(registered) == {**before, "SuspendedState": suspended, "MaxCapacity": 9}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"MaxCapacity": 1}, "Minimum capacity must be specified", id="no-least"),
        pytest.param({"MinCapacity": 1}, "Maximum capacity must be specified", id="no-most"),
        pytest.param({"MinCapacity": 2, "MaxCapacity": 1}, "Maximum capacity cannot be less than minimum capacity", id="crossed"),
        pytest.param(
            {"MinCapacity": 0, "MaxCapacity": 1, "ResourceId": "inference-component/x"},
            "Resource Id [inference-component/x] is not scalable. Reason: Could not find inference component "
            '"arn:aws:sagemaker:us-east-1:123456789012:inference-component/x".',
            id="unknown",
        ),
        pytest.param(
            {"MinCapacity": 0, "MaxCapacity": 1, "ScalableDimension": INSTANCES},
            "Unsupported service namespace, resource type or scalable dimension",
            id="other-dimension",
        ),
        pytest.param(
            {"MinCapacity": 0, "MaxCapacity": 1, "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"},
            "Unsupported service namespace, resource type or scalable dimension",
            id="other-service",
        ),
        pytest.param(
            {"MinCapacity": 0, "MaxCapacity": 1, "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"},
            "Unsupported service namespace, resource type or scalable dimension",
            id="serverless",
        ),
        pytest.param(
            {"MinCapacity": 0, "MaxCapacity": 1, "ScalableDimension": INSTANCES, "ResourceId": "endpoint/own/variant/AllTraffic"},
            "Minimum capacity cannot be less than 1 for a variant with a model of its own",
            id="variant-at-zero",
        ),
    ],
)
def test_a_target_that_cannot_be_is_refused(scaling: Loose, changes: Loose, text: str) -> None:
    assert refused(scaling.register_scalable_target, **{**KEYS, **changes}) == text
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []


def test_all_violations_are_listed(scaling: Loose) -> None:
    text = refused(
        scaling.put_scaling_policy, ServiceNamespace="sage", ResourceId="\a", ScalableDimension="copies", PolicyName="n" * 257
    )
    assert text.startswith("4 validation errors detected: Value ")
    for path in ("serviceNamespace", "resourceId", "scalableDimension", "policyName"):
        assert f" at '{path}' failed to satisfy constraint: Member must " in text


def test_tags_are_for_new_targets(scaling: Loose) -> None:
    scaling.register_scalable_target(**KEYS, MinCapacity=0, MaxCapacity=1, Tags={"a": "b"})
    assert refused(scaling.register_scalable_target, **KEYS, Tags={"a": "c"}) == (
        "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, "
        "use the TagResource API."
    )


def test_targets_come_in_pages_bound_to_what_was_asked(registered: Loose) -> None:
    own = {**KEYS, "ResourceId": "endpoint/own/variant/AllTraffic", "ScalableDimension": INSTANCES}
    registered.register_scalable_target(**own, MinCapacity=1, MaxCapacity=2)
    pages = registered.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 1}
    )
    assert [[each["ResourceId"] for each in page["ScalableTargets"]] for page in pages] == [
        ["endpoint/own/variant/AllTraffic"],
        ["inference-component/c"],
    ]
    one = registered.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=["inference-component/c"], ScalableDimension=COPIES
    )
    assert [each["MaxCapacity"] for each in one["ScalableTargets"]] == [8]
    assert registered.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] == []
    token = registered.describe_scalable_targets(ServiceNamespace="sagemaker", MaxResults=1)["NextToken"]
    for bad in (token[:-4] + "AAAA", "?", "A" * 8_000):
        with pytest.raises(registered.exceptions.InvalidNextTokenException):
            registered.describe_scalable_targets(ServiceNamespace="sagemaker", NextToken=bad)
    with pytest.raises(registered.exceptions.InvalidNextTokenException):
        registered.describe_scalable_targets(ServiceNamespace="ecs", NextToken=token)


def test_describe_calls_check_their_filters(scaling: Loose) -> None:
    calls = (
        (scaling.describe_scalable_targets, "ResourceIds", 50),
        (scaling.describe_scaling_policies, "ResourceId", 10),
        (scaling.describe_scaling_activities, "ResourceId", 50),
    )
    for call, needed, most in calls:
        text = refused(call, ServiceNamespace="sagemaker", ScalableDimension=COPIES)
        assert text == f"{needed} must be specified when ScalableDimension is"
        text = refused(call, ServiceNamespace="sagemaker", MaxResults=most + 1)
        assert text == f"MaxResults must be between 1 and {most}, not {most + 1}"
        with pytest.raises(scaling.exceptions.InvalidNextTokenException):
            call(ServiceNamespace="sagemaker", NextToken="made-up")


def test_what_is_not_there_is_object_not_found(scaling: Loose) -> None:
    missing = scaling.exceptions.ObjectNotFoundException
    with pytest.raises(missing, match=f"No scalable target registered {WHERE}$"):
        track(scaling)
    with pytest.raises(missing, match=f"No scalable target found {WHERE}$"):
        scaling.deregister_scalable_target(**KEYS)
    with pytest.raises(missing, match=f"No scaling policy found {WHERE}, policy name: p$"):
        scaling.delete_scaling_policy(**KEYS, PolicyName="p")
    for changes in ({"ServiceNamespace": "ecs"}, {"ScalableDimension": "ecs:service:DesiredCount"}):
        other = {**KEYS, **changes}
        where = other["ServiceNamespace"]
        with pytest.raises(missing, match=f"found for service namespace: {where}, "):
            scaling.deregister_scalable_target(**other)
        with pytest.raises(missing, match=f"found for service namespace: {where}, "):
            scaling.delete_scaling_policy(**other, PolicyName="p")
        with pytest.raises(missing, match=f"registered for service namespace: {where}, "):
            scaling.put_scaling_policy(**other, PolicyName="p")


def test_an_updated_tracking_policy_has_new_alarms_and_the_old_name(registered: Loose) -> None:
    first = track(registered, ScaleInCooldown=60)
    (before,) = registered.describe_scaling_policies(**KEYS)["ScalingPolicies"]
    # The type needs not be given again.
    second = registered.put_scaling_policy(
        **KEYS,
        PolicyName="t",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 7.5,
            "CustomizedMetricSpecification": OWN_METRIC,
            "DisableScaleIn": True,
        },
    )
    assert second["PolicyARN"] == first["PolicyARN"]
    assert [len(each["Alarms"]) for each in (first, second)] == [2, 1]
    (after,) = registered.describe_scaling_policies(ServiceNamespace="sagemaker", PolicyNames=["t", "x"])["ScalingPolicies"]
    assert after == {
        **before,
        "Alarms": second["Alarms"],
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 7.5,
            "CustomizedMetricSpecification": OWN_METRIC,
            "DisableScaleIn": True,
        },
    }


def test_a_step_policy_is_described_as_it_was_put(registered: Loose) -> None:
    config: Loose = {
        "AdjustmentType": "PercentChangeInCapacity",
        "MinAdjustmentMagnitude": 2,
        "Cooldown": 0,
        "MetricAggregationType": "Minimum",
        "StepAdjustments": [
            {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 20.0, "ScalingAdjustment": 10},
            {"MetricIntervalLowerBound": 20.0, "ScalingAdjustment": 30},
        ],
    }
    made = put_steps(registered, **config)
    assert made["Alarms"] == []
    (found,) = registered.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert (found["StepScalingPolicyConfiguration"], found["Alarms"]) == (config, [])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param({}, "PolicyType must be specified to create a scaling policy", id="no-type"),
        pytest.param(
            {"PolicyType": "PredictiveScaling"}, "Stoker does not serve the policy type PredictiveScaling.", id="predictive"
        ),
        pytest.param(
            {"PolicyType": "StepScaling"},
            "StepScalingPolicyConfiguration must be specified for the policy type StepScaling",
            id="no-configuration",
        ),
        pytest.param(
            {"PolicyType": "TargetTrackingScaling", "StepScalingPolicyConfiguration": STEPS},
            "StepScalingPolicyConfiguration cannot be specified for the policy type TargetTrackingScaling",
            id="other-configuration",
        ),
    ],
)
def test_a_policy_needs_the_configuration_of_its_type(registered: Loose, arguments: Loose, text: str) -> None:
    assert refused(registered.put_scaling_policy, **KEYS, PolicyName="p", **arguments) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"TargetValue": 0}, "TargetValue must be greater than 0", id="zero"),
        pytest.param({"ScaleOutCooldown": -1}, "ScaleOutCooldown must be greater than or equal to 0", id="cooldown"),
        pytest.param(
            {"CustomizedMetricSpecification": OWN_METRIC},
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified",
            id="two-metrics",
        ),
        pytest.param(
            {"PredefinedMetricSpecification": {**PREDEFINED, "ResourceLabel": "x"}},
            "ResourceLabel cannot be specified for SageMakerInferenceComponentInvocationsPerCopy",
            id="label",
        ),
        pytest.param(
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}},
            "Predefined metric type SageMakerVariantInvocationsPerInstance is not supported for scalable dimension "
            "sagemaker:inference-component:DesiredCopyCount",
            id="other-dimension",
        ),
        pytest.param(
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}},
            "Stoker does not serve the predefined metric type ECSServiceAverageCPUUtilization. It serves: "
            "SageMakerVariantInvocationsPerInstance, SageMakerVariantConcurrentRequestsPerModelHighResolution, "
            "SageMakerVariantProvisionedConcurrencyUtilization, "
            "SageMakerInferenceComponentInvocationsPerCopy, "
            "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution.",
            id="other-service",
        ),
    ],
)
def test_target_tracking_that_cannot_be_is_refused(registered: Loose, changes: Loose, text: str) -> None:
    assert refused(track, scaling=registered, **changes) == text


@pytest.mark.parametrize(
    ("metric", "text"),
    [
        pytest.param(
            {"Metrics": [{"Id": "a", "Expression": "1"}]},
            "Error in expression 'a': its result must be a time series, and is a single number; use TIME_SERIES.",
            id="math",
        ),
        pytest.param(
            {"MetricName": "m"},
            "MetricName, Namespace and Statistic must be specified in CustomizedMetricSpecification",
            id="half-a-metric",
        ),
        pytest.param(
            {**OWN_METRIC, "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "A", "Value": "2"}]},
            "The names of a metric's dimensions must differ",
            id="dimension-twice",
        ),
        pytest.param(
            {**OWN_METRIC, "Dimensions": [{"Name": str(n), "Value": "1"} for n in range(31)]},
            "A metric has at most 30 dimensions, not 31",
            id="dimensions",
        ),
        pytest.param(
            {**OWN_METRIC, "MetricName": "m" * 256}, "MetricName must have 1 to 255 characters, not 256", id="long-name"
        ),
    ],
)
def test_a_metric_of_ones_own_that_cannot_be_is_refused(registered: Loose, metric: Loose, text: str) -> None:
    config = {"TargetValue": 1.0, "CustomizedMetricSpecification": metric}
    arguments = {**KEYS, "PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
    assert refused(registered.put_scaling_policy, **arguments, TargetTrackingScalingPolicyConfiguration=config) == text


def test_one_tracking_policy_for_a_metric_and_one_type_for_a_policy(registered: Loose) -> None:
    track(registered)
    text = refused(track, scaling=registered, name="u", TargetValue=1.0)
    assert text == "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    text = refused(put_steps, scaling=registered, name="t")
    assert text == "The type of the scaling policy t is TargetTrackingScaling and cannot be changed to StepScaling."


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"StepAdjustments": []}, "A step scaling policy must have 1 to 20 step adjustments", id="no-steps"),
        pytest.param({"Cooldown": -1}, "Cooldown must be greater than or equal to 0", id="cooldown"),
        pytest.param(
            {
                "StepAdjustments": [
                    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 5, "ScalingAdjustment": 1},
                    {"MetricIntervalLowerBound": 6, "ScalingAdjustment": 2},
                ]
            },
            "The step adjustments must not have a gap between them",
            id="gap",
        ),
    ],
)
def test_steps_that_cannot_be_are_refused(registered: Loose, changes: Loose, text: str) -> None:
    assert refused(put_steps, scaling=registered, **changes) == text


def test_an_adjustment_type_is_needed(registered: Loose) -> None:
    config = {"StepAdjustments": STEPS["StepAdjustments"]}
    arguments = {**KEYS, "PolicyName": "p", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": config}
    text = refused(registered.put_scaling_policy, **arguments)
    assert text == "AdjustmentType must be specified in StepScalingPolicyConfiguration"


def test_more_than_20_steps_are_a_limit(registered: Loose) -> None:
    steps = [{"MetricIntervalLowerBound": n, "MetricIntervalUpperBound": n + 1, "ScalingAdjustment": 1} for n in range(21)]
    with pytest.raises(registered.exceptions.LimitExceededException, match="at most 20 step adjustments, not 21"):
        put_steps(registered, StepAdjustments=steps)


def test_policies_come_in_pages_of_ten(registered: Loose) -> None:
    for number in range(12):
        put_steps(registered, f"s{number:02}")
    pages = list(registered.get_paginator("describe_scaling_policies").paginate(**KEYS))
    assert [[each["PolicyName"] for each in page["ScalingPolicies"]] for page in pages] == [
        [f"s{number:02}" for number in range(10)],
        ["s10", "s11"],
    ]
    assert "NextToken" not in plain(pages[-1])
    assert registered.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == []


def test_activities_come_newest_first_in_pages(registered: Loose, stage: Stage) -> None:
    for least in (1, 2, 3, 4, 5):
        stage.desk.clock.advance(1_000_000_000)
        registered.register_scalable_target(**KEYS, MinCapacity=least)
    pages = registered.get_paginator("describe_scaling_activities").paginate(
        ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 2}
    )
    causes = [[each["Cause"] for each in page["ScalingActivities"]] for page in pages]
    assert causes == [[f"minimum capacity was set to {n}" for n in page] for page in ((5, 4), (3, 2), (1,))]
    assert registered.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"] == []
    other = registered.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId="inference-component/d")
    assert other["ScalingActivities"] == []


def test_forecasts_are_honestly_not_served(scaling: Loose) -> None:
    with pytest.raises(ClientError, match="Stoker does not serve application-autoscaling:") as caught:
        scaling.get_predictive_scaling_forecast(**KEYS, PolicyName="p", StartTime=0, EndTime=3600)
    assert caught.value.response["Error"]["Code"] == "NotImplementedException"
