"""UpdateEndpoint and UpdateInferenceComponent, by boto3."""

import pytest

from stoker.domain.ids import ComponentName, WorkloadId, component_workload
from stoker.service.routing import routing_table
from stoker.testing.desk import Outcome
from stoker.units import MINUTE, SECOND
from tests.conformance.sagemaker_stage import (
    Loose,
    Stage,
    arn,
    component,
    make_endpoint,
    make_model,
    refused,
    variant,
)

MODEL_VARIANT: Loose = {"ModelName": "m", "ManagedInstanceScaling": None, "RoutingConfig": None, "InstanceType": "local"}
OWN = WorkloadId("variant/e/AllTraffic")
CANARY: Loose = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": 60,
            "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
        },
        "TerminationWaitInSeconds": 120,
        "MaximumExecutionTimeoutInSeconds": 3600,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}
ROLLING: Loose = {"RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1}, "WaitIntervalInSeconds": 60}}


@pytest.fixture
def sagemaker(stage: Stage) -> Loose:
    client = stage.client()
    make_model(client)
    make_model(client, "m2", Image="stoker/python:2")
    return client


def two_configs(sagemaker: Loose, instances: int = 2, **changes: Loose) -> None:
    make_endpoint(sagemaker, **{**MODEL_VARIANT, "InitialInstanceCount": instances})
    members = {**MODEL_VARIANT, "ModelName": "m2", "InitialInstanceCount": instances, **changes}
    sagemaker.create_endpoint_config(EndpointConfigName="second", ProductionVariants=[variant(**members)])


def alarm(stage: Stage) -> Loose:
    cloudwatch = stage.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    return cloudwatch


def described(sagemaker: Loose) -> Loose:
    return sagemaker.describe_endpoint(EndpointName="e")


def test_an_update_without_a_word_about_how_flips_to_a_new_fleet(stage: Stage, sagemaker: Loose) -> None:
    two_configs(sagemaker)
    made = sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="second")
    assert made["EndpointArn"] == arn("endpoint", "e")
    found = described(sagemaker)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "second")
    assert found["ProductionVariants"][0]["DeployedImages"][0]["ResolvedImage"] == "stoker/python:2"
    assert "LastDeploymentConfig" not in found
    assert len(stage.desk.started) == 4
    assert len(stage.desk.stopped) == 2


def test_a_canary_is_described_on_its_way_and_watched_by_its_alarm(stage: Stage, sagemaker: Loose) -> None:
    two_configs(sagemaker)
    alarm(stage)
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="second", DeploymentConfig=CANARY)
    found = described(sagemaker)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("Updating", "e-config")
    assert found["LastDeploymentConfig"] == CANARY
    pending = found["PendingDeploymentSummary"]
    assert (pending["EndpointConfigName"], pending["StartTime"]) == ("second", found["LastModifiedTime"])
    (new,) = pending["ProductionVariants"]
    assert new["DeployedImages"][0]["SpecifiedImage"] == "stoker/python:2"
    assert (new["VariantStatus"][0]["Status"], new["CurrentInstanceCount"], new["DesiredInstanceCount"]) == ("Baking", 2, 2)
    busy = refused(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="second")
    assert busy == f'Cannot update in-progress endpoint "{arn("endpoint", "e")}".'
    stage.run(stage.desk.advance(60 * SECOND))
    assert described(sagemaker)["EndpointStatus"] == "Updating"
    stage.run(stage.desk.advance(4 * MINUTE))
    found = described(sagemaker)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "second")
    assert (found["LastDeploymentConfig"], "PendingDeploymentSummary" in found) == (CANARY, False)


def test_an_alarm_rolls_back(stage: Stage, sagemaker: Loose) -> None:
    two_configs(sagemaker)
    cloudwatch = alarm(stage)
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="second", DeploymentConfig=CANARY)
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")
    found = described(sagemaker)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "e-config")
    assert "rolled back. The alarm errors went into the state ALARM" in found["FailureReason"]
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="a test")
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="second", RetainDeploymentConfig=True)
    found = described(sagemaker)
    assert (found["EndpointStatus"], found["LastDeploymentConfig"]) == ("Updating", CANARY)
    assert "FailureReason" not in found


def test_a_model_that_does_not_come_up_rolls_back(stage: Stage, sagemaker: Loose) -> None:
    two_configs(sagemaker)
    stage.desk.play(OWN, Outcome(failure="The model server exited with code 3.", log_tail="no such file"))
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="second")
    stage.run(stage.desk.advance(MINUTE))
    found = described(sagemaker)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "e-config")
    assert "no such file" in found["FailureReason"]


@pytest.mark.parametrize(
    ("arguments", "counts"),
    [
        pytest.param({}, (1, 2.0), id="nothing-retained"),
        pytest.param({"RetainAllVariantProperties": True}, (3, 0.5), id="all"),
        pytest.param(
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
            },
            (1, 0.5),
            id="weights",
        ),
        pytest.param(
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [
                    {"VariantPropertyType": "DesiredWeight"},
                    {"VariantPropertyType": "DataCaptureConfig"},
                ],
            },
            (3, 2.0),
            id="counts",
        ),
    ],
)
def test_properties_of_variants_are_retained_when_asked(sagemaker: Loose, arguments: Loose, counts: Loose) -> None:
    two_configs(sagemaker, instances=1, InitialVariantWeight=2.0)
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredWeight": 0.5, "DesiredInstanceCount": 3}],
    )
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="second", **arguments)
    (found,) = described(sagemaker)["ProductionVariants"]
    assert (found["DesiredInstanceCount"], found["CurrentWeight"]) == counts


def routing(**members: Loose) -> Loose:
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"WaitIntervalInSeconds": 0, **members}}}


def rolling(value: int, kind: str = "CAPACITY_PERCENT", **more: Loose) -> Loose:
    return {"RollingUpdatePolicy": {"MaximumBatchSize": {"Type": kind, "Value": value}, "WaitIntervalInSeconds": 0, **more}}


HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param({**CANARY, **rolling(50)}, "at most one of BlueGreenUpdatePolicy and RollingUpdatePolicy", id="both"),
        pytest.param(routing(Type="CANARY"), "CanarySize is required with the type CANARY", id="no-canary-size"),
        pytest.param(routing(Type="LINEAR"), "LinearStepSize is required", id="no-step-size"),
        pytest.param(routing(Type="ALL_AT_ONCE", CanarySize=HALF), "CanarySize has no meaning", id="needless-size"),
        pytest.param(
            routing(Type="CANARY", CanarySize={"Type": "CAPACITY_PERCENT", "Value": 51}),
            "must be 1 to 50 percent",
            id="canary",
        ),
        pytest.param(
            routing(Type="LINEAR", LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 9}), "must be 10 to 50", id="linear"
        ),
        pytest.param(rolling(4), "MaximumBatchSize must be 5 to 50 percent", id="small-batch"),
        pytest.param(rolling(2, "INSTANCE_COUNT"), "MaximumBatchSize (2) must be at most 50 percent", id="large-batch"),
        pytest.param(
            rolling(50, WaitIntervalInSeconds=900, MaximumExecutionTimeoutInSeconds=600), "must be greater than", id="time-out"
        ),
        pytest.param(CANARY, "names alarms that do not exist: errors", id="no-alarm"),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(stage: Stage, sagemaker: Loose, config: Loose, words: str) -> None:
    two_configs(sagemaker)
    before = stage.desk.platform.fleet.endpoints
    assert words in refused(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="second", DeploymentConfig=config)
    assert stage.desk.platform.fleet.endpoints == before
    assert described(sagemaker)["EndpointStatus"] == "InService"


def test_other_variants_need_an_update_all_at_once(stage: Stage, sagemaker: Loose) -> None:
    two_configs(sagemaker, VariantName="Other")
    words = refused(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="second", DeploymentConfig=rolling(50))
    assert "must have the same variant names" in words
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="second")
    found = described(sagemaker)
    assert ([v["VariantName"] for v in found["ProductionVariants"]], found["EndpointStatus"]) == (["Other"], "InService")
    assert set(stage.desk.platform.fleet.serving_counts) == {"variant/e/Other"}


def test_an_update_that_nobody_has_room_for_is_refused(stage: Stage) -> None:
    stage.reset(max_instances=3)
    client = stage.client()
    make_model(client)
    make_model(client, "m2")
    two_configs(client)
    with pytest.raises(client.exceptions.ResourceLimitExceeded, match="request delta of 2 Instances"):
        client.update_endpoint(EndpointName="e", EndpointConfigName="second")
    client.update_endpoint(EndpointName="e", EndpointConfigName="second", DeploymentConfig=rolling(50))


def test_variants_of_components_change_their_settings_in_place(stage: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component())
    wider = variant(ManagedInstanceScaling={"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 4})
    sagemaker.create_endpoint_config(EndpointConfigName="second", ProductionVariants=[wider])
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="second")
    found = described(sagemaker)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "second")
    assert found["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"] == 4
    assert (len(stage.desk.started), stage.desk.stopped) == (1, [])
    moved = variant(VariantName="Other")
    sagemaker.create_endpoint_config(EndpointConfigName="third", ProductionVariants=[moved])
    assert "which the new configuration does not have" in refused(
        sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="third"
    )
    sagemaker.create_endpoint_config(EndpointConfigName="fourth", ProductionVariants=[variant(**MODEL_VARIANT)])
    assert "cannot become one that serves models" in refused(
        sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="fourth"
    )


def test_variants_of_components_get_instances_of_another_type_under_their_copies(stage: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component(RuntimeConfig={"CopyCount": 2}))
    stage.run(stage.desk.advance(2 * MINUTE))
    before = {i.instance_type for i in stage.desk.platform.fleet.instances.values()}
    sagemaker.create_endpoint_config(EndpointConfigName="small", ProductionVariants=[variant(InstanceType="ml.t2.medium")])
    message = refused(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="small")
    assert "No instance of type ml.t2.medium can hold a copy: it asks for" in message
    sagemaker.create_endpoint_config(EndpointConfigName="other", ProductionVariants=[variant(InstanceType="ml.g5.48xlarge")])
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="other")
    for _ in range(12):
        assert stage.desk.platform.fleet.serving(component_workload(ComponentName("c"))) >= 2
        stage.run(stage.desk.advance(10 * SECOND))
    assert described(sagemaker)["EndpointStatus"] == "InService"
    after = {i.instance_type for i in stage.desk.platform.fleet.instances.values()}
    assert (before, after) == ({"ml.g5.12xlarge"}, {"ml.g5.48xlarge"})


def test_a_component_is_updated_copy_by_copy(stage: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component(RuntimeConfig={"CopyCount": 2}))
    made = sagemaker.update_inference_component(
        InferenceComponentName="c", Specification={"ModelName": "m2"}, DeploymentConfig=ROLLING
    )
    assert made["InferenceComponentArn"] == arn("inference-component", "c")
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert (found["InferenceComponentStatus"], found["LastDeploymentConfig"]) == ("Updating", ROLLING)
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    message = refused(sagemaker.update_inference_component, InferenceComponentName="c", Specification={"ModelName": "m2"})
    assert message == f'Cannot update in-progress inference component "{arn("inference-component", "c")}".'
    stage.run(stage.desk.advance(3 * MINUTE))
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert found["InferenceComponentStatus"] == "InService"
    assert found["Specification"] == {
        "ModelName": "m2",
        "ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": 1.0, "MinMemoryRequiredInMb": 1024},
    }
    assert [spec.image for spec in stage.desk.started] == ["stoker/python"] * 2 + ["stoker/python:2"] * 2


def test_a_components_count_may_come_with_its_specification_or_alone(stage: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component())
    sagemaker.update_inference_component(InferenceComponentName="c", RuntimeConfig={"CopyCount": 2})
    assert len(stage.desk.started) == 2
    sagemaker.update_inference_component(
        InferenceComponentName="c", Specification={"ModelName": "m2"}, RuntimeConfig={"CopyCount": 3}
    )
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 3, "CurrentCopyCount": 3}
    assert found["InferenceComponentStatus"] == "InService"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({}, "Specify Specification, RuntimeConfig or both.", id="nothing"),
        pytest.param({"Specification": {"ModelName": "none"}}, "Could not find model", id="no-model"),
        pytest.param({"Specification": {"ModelName": "m2", "Container": {"Image": "x"}}}, "exactly one of", id="two-models"),
        pytest.param(
            {"Specification": {"ModelName": "m2"}, "DeploymentConfig": rolling(2, "COPY_COUNT")},
            "MaximumBatchSize (2) must be at most 50 percent of the copy count (2)",
            id="batch",
        ),
        pytest.param(
            {
                "Specification": {"ModelName": "m2"},
                "DeploymentConfig": {**ROLLING, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "none"}]}},
            },
            "names alarms that do not exist: none",
            id="no-alarm",
        ),
    ],
)
def test_an_update_of_a_component_that_cannot_be_is_refused(stage: Stage, sagemaker: Loose, arguments: Loose, words: str) -> None:
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component(RuntimeConfig={"CopyCount": 2}))
    assert words in refused(sagemaker.update_inference_component, InferenceComponentName="c", **arguments)
    assert stage.desk.platform.fleet.components[ComponentName("c")].update is None


def test_a_deployment_configuration_of_a_new_endpoint_is_kept_for_later(stage: Stage, sagemaker: Loose) -> None:
    two_configs(sagemaker)
    alarm(stage)
    sagemaker.create_endpoint(EndpointName="f", EndpointConfigName="e-config", DeploymentConfig=CANARY)
    assert sagemaker.describe_endpoint(EndpointName="f")["LastDeploymentConfig"] == CANARY
    sagemaker.update_endpoint(EndpointName="f", EndpointConfigName="second", RetainDeploymentConfig=True)
    found = sagemaker.describe_endpoint(EndpointName="f")
    assert found["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Baking"


def test_a_shadow_variant_is_described_and_gets_its_share(stage: Stage, sagemaker: Loose) -> None:
    members = {**MODEL_VARIANT, "InitialInstanceCount": 1}
    shadow = variant(**{**members, "ModelName": "m2"}, VariantName="Shadow", InitialVariantWeight=0.5)
    sagemaker.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[variant(**members)], ShadowProductionVariants=[shadow]
    )
    assert sagemaker.describe_endpoint_config(EndpointConfigName="c")["ShadowProductionVariants"] == [shadow]
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    found = described(sagemaker)
    assert found["EndpointStatus"] == "InService"
    assert [v["VariantName"] for v in found["ProductionVariants"]] == ["AllTraffic"]
    assert [v["VariantName"] for v in found["ShadowProductionVariants"]] == ["Shadow"]
    assert found["ShadowProductionVariants"][0]["CurrentInstanceCount"] == 1
    (route,) = routing_table(stage.desk.platform, 1).endpoints
    assert [(s.name, s.share, s.workload) for s in route.shadows] == [("Shadow", 0.5, "variant/e/Shadow")]
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "Shadow", "DesiredWeight": 3.0, "DesiredInstanceCount": 2}],
    )
    (route,) = routing_table(stage.desk.platform, 2).endpoints
    assert route.shadows[0].share == 1.0
    sagemaker.create_endpoint_config(EndpointConfigName="plain", ProductionVariants=[variant(**members)])
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="plain")
    found = described(sagemaker)
    assert (found["EndpointStatus"], "ShadowProductionVariants" in found) == ("InService", False)
    assert stage.desk.platform.fleet.serving_counts == {OWN: 1}


@pytest.mark.parametrize(
    ("production", "shadows"),
    [
        pytest.param(["a", "b"], ["s"], id="two-variants"),
        pytest.param(["a"], ["s", "t"], id="two-shadows"),
    ],
)
def test_shadows_stand_beside_one_variant_each(sagemaker: Loose, production: list[str], shadows: list[str]) -> None:
    message = refused(
        sagemaker.create_endpoint_config,
        EndpointConfigName="c",
        ProductionVariants=[variant(**MODEL_VARIANT, VariantName=name) for name in production],
        ShadowProductionVariants=[variant(**MODEL_VARIANT, VariantName=name) for name in shadows],
    )
    assert "exactly one production variant and one shadow variant" in message


def test_shadows_of_components_are_refused(sagemaker: Loose) -> None:
    message = refused(
        sagemaker.create_endpoint_config,
        EndpointConfigName="c",
        ProductionVariants=[variant()],
        ShadowProductionVariants=[variant(VariantName="s")],
    )
    assert "each with a model" in message
