"""Endpoint configurations and endpoints, by boto3."""

import pytest
from botocore.exceptions import ClientError

from stoker.domain.ids import EndpointName, VariantName, variant_workload
from stoker.domain.states import AtZero, RoutingStrategy
from stoker.testing.desk import Outcome
from stoker.units import MINUTE, SECOND
from tests.conformance.sagemaker_stage import (
    ROLE,
    Loose,
    Stage,
    arn,
    make_endpoint,
    make_model,
    plain,
    refused,
    variant,
)

MODEL_VARIANT: Loose = {"ModelName": "m", "ManagedInstanceScaling": None, "RoutingConfig": None, "InstanceType": "local"}
SERVERLESS = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}


@pytest.fixture
def sagemaker(stage: Stage) -> Loose:
    return stage.client()


def variant_of(sagemaker: Loose, endpoint: str = "e") -> Loose:
    return sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"][0]


def test_a_configuration_is_described_as_it_was_made(stage: Stage, sagemaker: Loose) -> None:
    variants = [
        variant(
            InitialVariantWeight=2.0,
            VolumeSizeInGB=10,
            ModelDataDownloadTimeoutInSeconds=120,
            ContainerStartupHealthCheckTimeoutInSeconds=90,
            EnableSSMAccess=True,
            InferenceAmiVersion="al2-ami-sagemaker-inference-gpu-2",
            CoreDumpConfig={"DestinationS3Uri": "s3://b"},
            ManagedInstanceScaling={
                "Status": "ENABLED",
                "MinInstanceCount": 0,
                "MaxInstanceCount": 3,
                "ScaleInPolicy": {"Strategy": "IDLE_RELEASE", "CooldownInMinutes": 20},
            },
        ),
        {"VariantName": "second", "InstanceType": "local"},
    ]
    inert = {
        "ExecutionRoleArn": ROLE,
        "KmsKeyId": "alias/k",
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        "EnableNetworkIsolation": True,
        "MetricsConfig": {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10},
        "CrossRegionTrafficConfig": {"MaxInvocationsPerSecondPerInstance": 1, "MaxCrossRegionPercentPerEndpoint": 1},
        "DataCaptureConfig": {
            "EnableCapture": False,
            "InitialSamplingPercentage": 1,
            "DestinationS3Uri": "s3://b",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        },
    }
    made = sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=variants, **inert)
    assert made["EndpointConfigArn"] == arn("endpoint-config", "c")
    found = plain(sagemaker.describe_endpoint_config(EndpointConfigName="c"))
    assert found.pop("CreationTime").timestamp() == stage.desk.now() / 1e9
    assert found == {
        "EndpointConfigName": "c",
        "EndpointConfigArn": arn("endpoint-config", "c"),
        "ProductionVariants": variants,
        **inert,
    }
    (kept,) = stage.desk.platform.fleet.configs.values()
    first, second = kept.variants
    assert (first.startup_timeout, first.download_timeout) == (90 * SECOND, 120 * SECOND)
    assert (first.initial_weight, first.routing) == (2.0, RoutingStrategy.LEAST_OUTSTANDING_REQUESTS)
    assert (second.initial_instances, second.managed, second.routing) == (1, None, RoutingStrategy.RANDOM)


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        pytest.param({}, (True, 1, 1), id="nothing-said"),
        pytest.param({"MaxInstanceCount": 4}, (True, 1, 4), id="only-a-maximum"),
        pytest.param({"MinInstanceCount": 2}, (True, 2, 2), id="only-a-minimum"),
        pytest.param({"Status": "DISABLED", "MinInstanceCount": 0, "MaxInstanceCount": 1}, (False, 0, 1), id="disabled"),
    ],
)
def test_managed_scaling_has_defaults(stage: Stage, sagemaker: Loose, given: Loose, counts: Loose) -> None:
    changes = {"ManagedInstanceScaling": given, "InitialInstanceCount": None}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant(**changes)])
    (kept,) = stage.desk.platform.fleet.configs.values()
    managed = kept.variants[0].managed
    assert managed is not None
    assert (managed.enabled, managed.least, managed.most) == counts
    assert kept.variants[0].initial_instances == max(1, managed.least)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"InstanceType": None}, ["exactly one of ProductionVariants.1.InstanceType"], id="no-capacity"),
        pytest.param({"ServerlessConfig": SERVERLESS}, ["exactly one of", "ServerlessConfig"], id="two-capacities"),
        pytest.param(
            {"InstanceType": None, "InstancePools": [{"InstanceType": "local", "Priority": 1}]},
            ["does not serve", "ProductionVariants.1.InstancePools"],
            id="pools",
        ),
        pytest.param(
            {"RoutingConfig": {"RoutingStrategy": "PREFIX_AWARE"}},
            ["does not serve", "ProductionVariants.1.RoutingConfig.RoutingStrategy=PREFIX_AWARE"],
            id="prefix-aware",
        ),
        pytest.param({"RoutingConfig": {"RoutingStrategy": "KV_AWARE"}}, ["RoutingStrategy=KV_AWARE"], id="kv-aware"),
        pytest.param(
            {"ManagedInstanceScaling": {"MinInstanceCount": 3, "MaxInstanceCount": 2}},
            ["ProductionVariants.1.ManagedInstanceScaling.MinInstanceCount (3)", "MaxInstanceCount (2)"],
            id="minimum-over-maximum",
        ),
        pytest.param({"InitialInstanceCount": 3}, ["InitialInstanceCount (3)", "MaxInstanceCount (2)"], id="over-maximum"),
        pytest.param({"ModelName": "none"}, [f'Could not find model "{arn("model", "none")}".'], id="unknown-model"),
        pytest.param({"ModelName": "m"}, ["MinInstanceCount 0", "inference components"], id="zero-with-a-model"),
        pytest.param({"InstanceType": "ml.m4.xlarge"}, ["does not know the instance type 'ml.m4.xlarge'"], id="unknown-type"),
        pytest.param(
            {"InstanceType": "ml.x", "InitialInstanceCount": 0, "VariantName": "a_b"},
            ["3 validation errors", "productionVariants.1.member.instanceType", ".initialInstanceCount", ".variantName"],
            id="violations",
        ),
    ],
)
def test_a_variant_that_cannot_be_is_refused(stage: Stage, sagemaker: Loose, changes: Loose, words: list[str]) -> None:
    make_model(sagemaker)
    body = {"EndpointConfigName": "c", "ProductionVariants": [variant(**changes)]}
    message = refused(stage.client(checks=False).create_endpoint_config, **body)
    assert [word for word in words if word not in message] == []
    assert stage.desk.platform.fleet.configs == {}


def test_everything_that_is_not_served_is_named_at_once(sagemaker: Loose) -> None:
    message = refused(
        sagemaker.create_endpoint_config,
        EndpointConfigName="c",
        ProductionVariants=[variant(), variant(VariantName="b", RoutingConfig={"RoutingStrategy": "KV_AWARE"})],
        AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://b"}},
        ExplainerConfig={"ClarifyExplainerConfig": {"ShapConfig": {"ShapBaselineConfig": {"ShapBaseline": "1"}}}},
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 1,
            "DestinationS3Uri": "s3://b",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        },
    )
    assert message == (
        "Stoker does not serve this yet: ExplainerConfig, "
        "DataCaptureConfig.EnableCapture=true, ProductionVariants.2.RoutingConfig.RoutingStrategy=KV_AWARE."
    )


def test_configurations_are_found_by_name_and_made_once(sagemaker: Loose) -> None:
    named = {"EndpointConfigName": "c"}
    gone = f'Could not find endpoint configuration "{arn("endpoint-config", "c")}".'
    assert refused(sagemaker.describe_endpoint_config, **named) == gone
    assert refused(sagemaker.delete_endpoint_config, **named) == gone
    assert refused(sagemaker.create_endpoint, EndpointName="e", **named) == gone
    sagemaker.create_endpoint_config(ProductionVariants=[variant()], **named)
    message = refused(sagemaker.create_endpoint_config, ProductionVariants=[variant()], **named)
    assert message == f'Cannot create already existing endpoint configuration "{arn("endpoint-config", "c")}".'
    sagemaker.delete_endpoint_config(**named)
    assert refused(sagemaker.describe_endpoint_config, **named) == gone


def test_an_endpoint_for_components_comes_up_and_goes_idle(stage: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker)
    found = plain(sagemaker.describe_endpoint(EndpointName="e"))
    assert found.pop("CreationTime") == found.pop("LastModifiedTime")
    expected = {
        "VariantName": "AllTraffic",
        "CurrentWeight": 1.0,
        "DesiredWeight": 1.0,
        "CurrentInstanceCount": 1,
        "DesiredInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    }
    assert found == {
        "EndpointName": "e",
        "EndpointArn": arn("endpoint", "e"),
        "EndpointConfigName": "e-config",
        "EndpointStatus": "InService",
        "ProductionVariants": [expected],
    }
    stage.run(stage.desk.advance(10 * MINUTE))
    idle = sagemaker.describe_endpoint(EndpointName="e")
    assert (idle["EndpointStatus"], idle["LastModifiedTime"] > idle["CreationTime"]) == ("InService", True)
    assert idle["ProductionVariants"] == [{**expected, "CurrentInstanceCount": 0, "DesiredInstanceCount": 0}]
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e")


def test_an_endpoint_with_a_model_shows_its_image(stage: Stage, sagemaker: Loose) -> None:
    make_model(sagemaker, Image="stoker/python:1")
    make_endpoint(sagemaker, **MODEL_VARIANT)
    found = sagemaker.describe_endpoint(EndpointName="e")
    (image,) = found["ProductionVariants"][0]["DeployedImages"]
    assert (image["SpecifiedImage"], image["ResolvedImage"]) == ("stoker/python:1", "stoker/python:1")
    assert image["ResolutionTime"] == found["CreationTime"]
    assert [spec.workload for spec in stage.desk.started] == ["variant/e/AllTraffic"]


def test_an_endpoint_waits_for_its_instances(stage: Stage, sagemaker: Loose) -> None:
    stage.desk.launches = False
    make_endpoint(sagemaker)
    assert sagemaker.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Creating"
    desired = [{"VariantName": "AllTraffic", "DesiredWeight": 2.0}]
    message = refused(sagemaker.update_endpoint_weights_and_capacities, EndpointName="e", DesiredWeightsAndCapacities=desired)
    assert message == f'Cannot update in-progress endpoint "{arn("endpoint", "e")}".'


def test_a_model_that_never_comes_up_fails_its_endpoint(stage: Stage, sagemaker: Loose) -> None:
    make_model(sagemaker)
    workload = variant_workload(EndpointName("e"), VariantName("AllTraffic"))
    stage.desk.play(workload, Outcome(failure="The model server exited with code 3.", log_tail="no such file: x.onnx"))
    make_endpoint(sagemaker, **MODEL_VARIANT)
    stage.run(stage.desk.advance(30 * MINUTE))
    found = sagemaker.describe_endpoint(EndpointName="e")
    assert found["EndpointStatus"] == "Failed"
    assert "no such file: x.onnx" in found["FailureReason"]
    assert len(found["FailureReason"]) <= 1024


def test_endpoints_are_found_by_name_and_made_once(sagemaker: Loose) -> None:
    gone = f'Could not find endpoint "{arn("endpoint", "e")}".'
    assert refused(sagemaker.describe_endpoint, EndpointName="e") == gone
    assert refused(sagemaker.delete_endpoint, EndpointName="e") == gone
    make_endpoint(sagemaker)
    message = refused(sagemaker.create_endpoint, EndpointName="e", EndpointConfigName="e-config")
    assert message == f'Cannot create already existing endpoint "{arn("endpoint", "e")}".'
    assert plain(sagemaker.delete_endpoint(EndpointName="e")) == {}
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="e")


def test_weights_and_capacities_are_set(sagemaker: Loose) -> None:
    make_endpoint(sagemaker, ManagedInstanceScaling=None)
    made = sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredWeight": 0.5, "DesiredInstanceCount": 3}],
    )
    assert made["EndpointArn"] == arn("endpoint", "e")
    found = variant_of(sagemaker)
    assert (found["CurrentWeight"], found["DesiredWeight"]) == (0.5, 0.5)
    assert (found["CurrentInstanceCount"], found["DesiredInstanceCount"]) == (3, 3)


@pytest.mark.parametrize(
    ("desired", "words"),
    [
        pytest.param([{"VariantName": "b"}], 'Could not find variant "b" on the endpoint.', id="unknown"),
        pytest.param([{"VariantName": "AllTraffic"}] * 2, "named once in DesiredWeightsAndCapacities", id="twice"),
        pytest.param(
            [{"VariantName": "AllTraffic", "ServerlessUpdateConfig": {"MaxConcurrency": 2}}],
            "The variant AllTraffic is not serverless: set DesiredInstanceCount instead.",
            id="serverless",
        ),
        pytest.param([{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}], "MaxInstanceCount (2)", id="over-maximum"),
    ],
)
def test_weights_and_capacities_that_cannot_be(sagemaker: Loose, desired: Loose, words: str) -> None:
    make_endpoint(sagemaker)
    message = refused(sagemaker.update_endpoint_weights_and_capacities, EndpointName="e", DesiredWeightsAndCapacities=desired)
    assert words in message
    assert variant_of(sagemaker)["DesiredInstanceCount"] == 1


def test_more_instances_than_there_may_be_are_a_limit(stage: Stage, sagemaker: Loose) -> None:
    stage.reset(max_instances=2)
    make_endpoint(sagemaker, ManagedInstanceScaling=None)
    desired = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}]
    with pytest.raises(ClientError) as caught:
        sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=desired)
    error = caught.value.response["Error"]
    assert error["Code"] == "ResourceLimitExceeded"
    assert "is 2 Instances, with current utilization of 1 Instances and a request delta of 2 Instances" in error["Message"]
    with pytest.raises(ClientError, match="ResourceLimitExceeded"):
        make_endpoint(sagemaker, "f", InitialInstanceCount=2, ManagedInstanceScaling=None)


def test_tags_say_what_happens_at_zero(stage: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker, tags=[{"Key": "stoker:at-zero", "Value": "refuse"}, {"Key": "team", "Value": "a"}])
    (endpoint,) = stage.desk.platform.fleet.endpoints.values()
    assert (endpoint.at_zero, endpoint.tags["team"]) == (AtZero.REFUSE, "a")
    wrong = {"EndpointName": "f", "EndpointConfigName": "e-config"}
    message = refused(sagemaker.create_endpoint, Tags=[{"Key": "stoker:at-zero", "Value": "wait"}], **wrong)
    assert message == "The tag stoker:at-zero must be 'hold' or 'refuse', not 'wait'."
