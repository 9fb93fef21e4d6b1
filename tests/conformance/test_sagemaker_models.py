"""Models and the caller's identity, by boto3."""

import pytest

from stoker.domain.ids import ModelName
from tests.conformance.sagemaker_stage import MODEL_DATA, ROLE, Loose, Stage, arn, make_model, plain, refused

ONE = {"Image": "stoker/python:2"}


@pytest.fixture
def sagemaker(stage: Stage) -> Loose:
    return stage.client()


def test_a_model_is_described_as_it_was_made(stage: Stage, sagemaker: Loose) -> None:
    container = {
        "Image": "stoker/python",
        "ModelDataUrl": MODEL_DATA,
        "Environment": {"A": "1"},
        "ContainerHostname": "one",
        "Mode": "SingleModel",
        "ImageConfig": {"RepositoryAccessMode": "Platform"},
        "ContainerMetricsConfig": {"MetricsEndpoints": [{"MetricsEndpointPath": "/metrics"}]},
    }
    inert = {
        "ExecutionRoleArn": ROLE,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        "InferenceExecutionConfig": {"Mode": "Direct"},
        "EnableNetworkIsolation": True,
    }
    made = sagemaker.create_model(ModelName="m", PrimaryContainer=container, Tags=[{"Key": "k", "Value": ""}], **inert)
    assert made["ModelArn"] == arn("model", "m")
    found = plain(sagemaker.describe_model(ModelName="m"))
    assert found.pop("CreationTime").timestamp() == stage.desk.now() / 1e9
    assert found == {"ModelName": "m", "ModelArn": arn("model", "m"), "PrimaryContainer": container, **inert}
    kept = stage.desk.platform.fleet.models
    assert [(m.container.image, m.container.model_data, m.container.environment) for m in kept.values()] == [
        ("stoker/python", MODEL_DATA, {"A": "1"})
    ]


def test_a_list_of_one_container_is_a_model(sagemaker: Loose) -> None:
    sagemaker.create_model(ModelName="m", Containers=[ONE])
    found = plain(sagemaker.describe_model(ModelName="m"))
    assert found["Containers"] == [ONE]
    assert "PrimaryContainer" not in found


def test_model_data_may_be_named_by_its_source(stage: Stage, sagemaker: Loose) -> None:
    source = {"S3DataSource": {"S3Uri": "file:///models/x/", "S3DataType": "S3Prefix", "CompressionType": "None"}}
    sagemaker.create_model(ModelName="m", PrimaryContainer={**ONE, "ModelDataSource": source})
    assert sagemaker.describe_model(ModelName="m")["PrimaryContainer"]["ModelDataSource"] == source
    assert [m.container.model_data for m in stage.desk.platform.fleet.models.values()] == ["file:///models/x/"]


def test_a_multi_model_container_is_kept_and_hosts_no_components(stage: Stage, sagemaker: Loose) -> None:
    container = {**ONE, "Mode": "MultiModel", "ModelDataUrl": MODEL_DATA, "MultiModelConfig": {"ModelCacheSetting": "Disabled"}}
    sagemaker.create_model(ModelName="m", PrimaryContainer=container)
    assert sagemaker.describe_model(ModelName="m")["PrimaryContainer"] == container
    kept = stage.desk.platform.fleet.models[ModelName("m")].container
    assert (kept.multi_model, kept.cache_models, kept.model_data) == (True, False, MODEL_DATA)
    variant = {"VariantName": "v", "InstanceType": "ml.c5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    specification = {"ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}}
    message = refused(
        sagemaker.create_inference_component,
        InferenceComponentName="i",
        EndpointName="e",
        VariantName="v",
        Specification=specification,
        RuntimeConfig={"CopyCount": 1},
    )
    assert message == "The model m is multi-model: inference components host single models."


def test_a_model_outlives_a_restart(stage: Stage, sagemaker: Loose) -> None:
    make_model(sagemaker)
    before = plain(sagemaker.describe_model(ModelName="m"))
    stage.reset(store=stage.desk.store)
    stage.run(stage.desk.restore())
    assert plain(sagemaker.describe_model(ModelName="m")) == before


def test_a_deleted_model_is_gone(sagemaker: Loose) -> None:
    make_model(sagemaker)
    assert plain(sagemaker.delete_model(ModelName="m")) == {}
    gone = f'Could not find model "{arn("model", "m")}".'
    assert refused(sagemaker.describe_model, ModelName="m") == gone
    assert refused(sagemaker.delete_model, ModelName="m") == gone
    make_model(sagemaker)


def test_a_name_is_given_once(sagemaker: Loose) -> None:
    make_model(sagemaker)
    message = refused(sagemaker.create_model, ModelName="m", PrimaryContainer=ONE)
    assert message == f'Cannot create already existing model "{arn("model", "m")}".'


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({}, ["exactly one of PrimaryContainer and Containers"], id="no-container"),
        pytest.param({"PrimaryContainer": ONE, "Containers": [ONE]}, ["exactly one of PrimaryContainer"], id="both"),
        pytest.param({"Containers": [ONE, ONE]}, ["does not serve", "Containers", "pipelines"], id="pipeline"),
        pytest.param({"PrimaryContainer": {"Environment": {}}}, ["PrimaryContainer.Image is required"], id="no-image"),
        pytest.param({"PrimaryContainer": {"Image": "nobody/knows"}}, ["image 'nobody/knows'"], id="unknown-image"),
        pytest.param(
            {"PrimaryContainer": {**ONE, "Mode": "MultiModel"}},
            ["PrimaryContainer.ModelDataUrl is required for a multi-model container"],
            id="multi-model-of-nothing",
        ),
        pytest.param(
            {"PrimaryContainer": {**ONE, "MultiModelConfig": {"ModelCacheSetting": "Disabled"}}},
            ["PrimaryContainer.MultiModelConfig needs PrimaryContainer.Mode=MultiModel"],
            id="multi-model-config-of-one",
        ),
        pytest.param(
            {"Containers": [{"ModelPackageName": "p", "InferenceSpecificationName": "s"}]},
            ["ModelPackage arn:aws:sagemaker:us-east-1:123456789012:model-package/p does not exist."],
            id="package",
        ),
        pytest.param(
            {"PrimaryContainer": {**ONE, "ModelDataUrl": "s3://bucket/key"}},
            ["PrimaryContainer.ModelDataUrl 's3://bucket/key'", "s3://", "file://"],
            id="s3",
        ),
        pytest.param(
            {"PrimaryContainer": {**ONE, "ModelDataUrl": "hf://org/repo"}}, ["hf://", "extra 'hf'", "file://"], id="hub"
        ),
        pytest.param({"PrimaryContainer": {**ONE, "ModelDataUrl": "https://h/x"}}, ["https://", "file://"], id="https"),
        pytest.param({"PrimaryContainer": {**ONE, "ModelDataUrl": "file://h/x"}}, ["names the host 'h'"], id="file-host"),
        pytest.param({"PrimaryContainer": {**ONE, "ModelDataUrl": "file://[h/x"}}, ["is not a URL"], id="broken-url"),
        pytest.param(
            {
                "PrimaryContainer": {
                    **ONE,
                    "ModelDataUrl": MODEL_DATA,
                    "ModelDataSource": {
                        "S3DataSource": {"S3Uri": MODEL_DATA, "S3DataType": "S3Prefix", "CompressionType": "None"}
                    },
                }
            },
            ["at most one of PrimaryContainer.ModelDataUrl and PrimaryContainer.ModelDataSource"],
            id="two-sources",
        ),
        pytest.param(
            {
                "PrimaryContainer": {
                    **ONE,
                    "ModelDataSource": {
                        "S3DataSource": {
                            "S3Uri": "file:///m.bin",
                            "S3DataType": "S3Object",
                            "CompressionType": "None",
                            "ManifestS3Uri": "s3://b/m",
                        }
                    },
                }
            },
            ["does not serve", "S3DataSource.ManifestS3Uri", "S3DataType=S3Object with CompressionType=None"],
            id="plain-file",
        ),
        pytest.param(
            {"PrimaryContainer": ONE, "Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]},
            ["tag key 'k'"],
            id="tag-twice",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(stage: Stage, sagemaker: Loose, arguments: Loose, words: list[str]) -> None:
    message = refused(sagemaker.create_model, ModelName="m", **arguments)
    assert [word for word in words if word not in message] == []
    assert stage.desk.platform.fleet.models == {}


def test_all_violations_are_listed(sagemaker: Loose) -> None:
    container = {"Image": "a b", "ModelDataUrl": "ftp://h/x", "Mode": "Both", "Environment": {"1A": "x" * 1025}}
    message = refused(sagemaker.create_model, ModelName="-", PrimaryContainer=container, ExecutionRoleArn="arn:aws:iam::1:role/r")
    assert message.startswith("7 validation errors detected: Value '-' at 'modelName' failed to satisfy constraint: ")
    for path in ("image", "mode", "modelDataUrl", "environment"):
        assert f"at 'primaryContainer.{path}'" in message
    assert "regular expression pattern: (https?|s3|gs|az|hf|file)://(.*)" in message
