"""Serverless endpoints by boto3: what may be asked for, what is shown, what is refused.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html tells sizes, quotas and excluded features.
"""

import pytest
from botocore.exceptions import ClientError

from stoker.domain.quotas import Quotas
from tests.conformance.sagemaker_stage import MODEL_DATA, ROLE, Loose, Stage, make_model, refused

SIZES = [1024, 2048, 3072, 4096, 5120, 6144]


@pytest.fixture
def sagemaker(stage: Stage) -> Loose:
    make_model(stage.client())
    return stage.client(checks=False)


def serverless(**changes: Loose) -> Loose:
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": 5, **changes.pop("config", {})}
    members = {"VariantName": "AllTraffic", "ModelName": "m", "ServerlessConfig": config, **changes}
    return {key: value for key, value in members.items() if value is not None}


def make(sagemaker: Loose, name: str = "e", **changes: Loose) -> Loose:
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-c", ProductionVariants=[serverless(**changes)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-c")
    return sagemaker.describe_endpoint(EndpointName=name)


def test_an_endpoint_shows_its_serverless_configuration_and_no_instances(sagemaker: Loose) -> None:
    shown = make(sagemaker, config={"ProvisionedConcurrency": 2})
    (variant,) = shown["ProductionVariants"]
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": 5, "ProvisionedConcurrency": 2}
    assert shown["EndpointStatus"] == "InService"
    assert variant["CurrentServerlessConfig"] == variant["DesiredServerlessConfig"] == config
    assert not {"CurrentInstanceCount", "DesiredInstanceCount", "RoutingConfig"} & set(variant)
    kept = sagemaker.describe_endpoint_config(EndpointConfigName="e-c")["ProductionVariants"]
    assert kept == [serverless(config={"ProvisionedConcurrency": 2})]


@pytest.mark.parametrize("size", SIZES)
def test_six_sizes_of_memory(stage: Stage, sagemaker: Loose, size: int) -> None:
    make(sagemaker, config={"MemorySizeInMB": size})
    assert stage.desk.started[-1].memory_limit_mb == size


@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param({"MemorySizeInMB": 1023}, "greater than or equal to 1024", id="too-small"),
        pytest.param({"MemorySizeInMB": 1500}, "MemorySizeInMB must be one of 1024, 2048", id="between"),
        pytest.param({"MemorySizeInMB": 7168}, "less than or equal to 6144", id="too-large"),
        pytest.param({"MaxConcurrency": 0}, "greater than or equal to 1", id="none-at-once"),
        pytest.param({"MaxConcurrency": 201}, "less than or equal to 200", id="too-many-at-once"),
        pytest.param(
            {"ProvisionedConcurrency": 6}, "ProvisionedConcurrency must be at most MaxConcurrency (5)", id="provisioned"
        ),
        pytest.param({"ProvisionedConcurrency": 0}, "greater than or equal to 1", id="provisioned-zero"),
    ],
)
def test_a_configuration_out_of_its_bounds_is_refused(sagemaker: Loose, config: Loose, words: str) -> None:
    variants = [serverless(config=config)]
    assert words in refused(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=variants)


CAPTURE = {"InitialSamplingPercentage": 1, "DestinationS3Uri": "s3://b/c", "CaptureOptions": [{"CaptureMode": "Input"}]}


@pytest.mark.parametrize(
    ("beside", "name"),
    [
        ({"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}, "VpcConfig"),
        ({"EnableNetworkIsolation": True}, "EnableNetworkIsolation"),
        ({"DataCaptureConfig": CAPTURE}, "DataCaptureConfig"),
        ({"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/o"}}}, "AsyncInferenceConfig"),
        ({"ExplainerConfig": {"ClarifyExplainerConfig": {"ShapConfig": {"ShapBaselineConfig": {}}}}}, "ExplainerConfig"),
        ({"ShadowProductionVariants": [serverless(VariantName="b")]}, "ShadowProductionVariants"),
    ],
)
def test_features_that_serverless_endpoints_exclude(sagemaker: Loose, beside: Loose, name: str) -> None:
    message = refused(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[serverless()], **beside)
    assert message == f"{name} is not supported for serverless endpoints."


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"InitialInstanceCount": 1}, "InitialInstanceCount"),
        ({"AcceleratorType": "ml.eia1.medium"}, "AcceleratorType"),
        ({"ManagedInstanceScaling": {"Status": "ENABLED"}}, "ManagedInstanceScaling"),
        ({"RoutingConfig": {"RoutingStrategy": "RANDOM"}}, "RoutingConfig"),
        ({"VolumeSizeInGB": 5}, "VolumeSizeInGB"),
        ({"CoreDumpConfig": {"DestinationS3Uri": "s3://b"}}, "CoreDumpConfig"),
        ({"EnableSSMAccess": True}, "EnableSSMAccess"),
        ({"InferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-2"}, "InferenceAmiVersion"),
    ],
)
def test_what_says_something_of_instances_is_refused(sagemaker: Loose, changes: Loose, name: str) -> None:
    message = refused(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[serverless(**changes)])
    assert message == f"ProductionVariants.1.{name} is not supported for serverless endpoints."


def test_one_variant_with_a_model_of_its_own(sagemaker: Loose) -> None:
    two = [serverless(), serverless(VariantName="b")]
    message = refused(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=two)
    assert message == "More than one production variant is not supported for serverless endpoints."
    message = refused(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[serverless(ModelName=None)])
    assert "ModelName is required" in message


def test_many_models_are_refused(sagemaker: Loose) -> None:
    make_model(sagemaker, "many", Mode="MultiModel")
    variants = [serverless(ModelName="many")]
    message = refused(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=variants)
    assert message.startswith("A multi-model endpoint")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}, "VpcConfig"),
        ({"EnableNetworkIsolation": True}, "EnableNetworkIsolation"),
    ],
)
def test_models_that_ask_for_what_there_is_not(sagemaker: Loose, asked: Loose, name: str) -> None:
    primary = {"Image": "stoker/python", "ModelDataUrl": MODEL_DATA}
    sagemaker.create_model(ModelName="apart", PrimaryContainer=primary, ExecutionRoleArn=ROLE, **asked)
    variants = [serverless(ModelName="apart")]
    message = refused(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=variants)
    assert message == f"A model with {name} is not supported for serverless endpoints."


def test_an_environment_is_no_instance_type_to_ask_for(sagemaker: Loose) -> None:
    plain = {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "serverless.1024", "InitialInstanceCount": 1}
    message = refused(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[plain])
    assert "serverless." not in message.partition("It knows:")[2]


def test_only_serverless_endpoints_become_others(sagemaker: Loose) -> None:
    make(sagemaker)
    plain = {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "local", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="real", ProductionVariants=[plain])
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="real")
    (variant,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant.get("CurrentServerlessConfig")) == (1, None)
    message = refused(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="e-c")
    assert message == "An endpoint with instances cannot become serverless. Create a serverless endpoint instead."


def test_another_size_by_an_update(stage: Stage, sagemaker: Loose) -> None:
    make(sagemaker)
    sagemaker.create_endpoint_config(EndpointConfigName="c2", ProductionVariants=[serverless(config={"MemorySizeInMB": 4096})])
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="c2")
    shown = sagemaker.describe_endpoint(EndpointName="e")
    (variant,) = shown["ProductionVariants"]
    assert (shown["EndpointStatus"], variant["CurrentServerlessConfig"]["MemorySizeInMB"]) == ("InService", 4096)
    assert stage.desk.started[-1].memory_limit_mb == 4096


def update(config: Loose, **more: Loose) -> Loose:
    change = {"VariantName": "AllTraffic", "ServerlessUpdateConfig": config, **more}
    return {"EndpointName": "e", "DesiredWeightsAndCapacities": [change]}


def test_concurrency_is_changed_in_place(sagemaker: Loose) -> None:
    make(sagemaker)
    sagemaker.update_endpoint_weights_and_capacities(**update({"MaxConcurrency": 7, "ProvisionedConcurrency": 3}))
    (variant,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    wanted = {"MemorySizeInMB": 2048, "MaxConcurrency": 7, "ProvisionedConcurrency": 3}
    assert variant["CurrentServerlessConfig"] == variant["DesiredServerlessConfig"] == wanted


@pytest.mark.parametrize(
    ("config", "more", "words"),
    [
        pytest.param({}, {}, "Specify MaxConcurrency, ProvisionedConcurrency or both.", id="nothing"),
        pytest.param({"ProvisionedConcurrency": 6}, {}, "at most MaxConcurrency (5)", id="provisioned"),
        pytest.param({"MaxConcurrency": 300}, {}, "less than or equal to 200", id="bounds"),
        pytest.param(None, {"DesiredInstanceCount": 2}, "set ServerlessUpdateConfig instead", id="instances"),
    ],
)
def test_changes_that_cannot_be(sagemaker: Loose, config: Loose, more: Loose, words: str) -> None:
    make(sagemaker)
    call = update(config, **more)
    if config is None:
        del call["DesiredWeightsAndCapacities"][0]["ServerlessUpdateConfig"]
    assert words in refused(sagemaker.update_endpoint_weights_and_capacities, **call)


def test_quotas_of_endpoints_and_of_what_is_provisioned(stage: Stage) -> None:
    stage.reset(quotas=Quotas(serverless_endpoints=2, serverless_concurrency=5))
    sagemaker = stage.client()
    make_model(sagemaker)
    make(sagemaker, "a", config={"ProvisionedConcurrency": 3})
    with pytest.raises(ClientError, match="allocated across all serverless endpoints' is 5 Concurrent invocations") as caught:
        make(sagemaker, "b", config={"ProvisionedConcurrency": 3})
    assert caught.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    make(sagemaker, "c")
    with pytest.raises(ClientError, match="serverless inference endpoints' is 2 Endpoints"):
        make(sagemaker, "d")
