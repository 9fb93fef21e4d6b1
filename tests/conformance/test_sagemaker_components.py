"""Inference components, by boto3: their life, what is refused, and bodies that no client should send."""

import pytest

from stoker.domain.ids import ComponentName, component_workload
from stoker.domain.states import AtZero
from stoker.testing.desk import Outcome
from stoker.units import MINUTE, SECOND
from tests.conformance.sagemaker_stage import (
    MODEL_DATA,
    Loose,
    Stage,
    arn,
    component,
    make_endpoint,
    make_model,
    plain,
    refused,
)

MEMORY = {"MinMemoryRequiredInMb": 1024}
WORKLOAD = component_workload(ComponentName("c"))


@pytest.fixture
def stage(served: Stage) -> Stage:
    """A platform with a model `m` and an endpoint `e` for components."""
    served.reset()
    make_model(served.client())
    make_endpoint(served.client())
    return served


@pytest.fixture
def sagemaker(stage: Stage) -> Loose:
    return stage.client()


def status(sagemaker: Loose) -> tuple[str, int, int]:
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    counts = found["RuntimeConfig"]
    return found["InferenceComponentStatus"], counts["DesiredCopyCount"], counts["CurrentCopyCount"]


def set_copies(sagemaker: Loose, count: int) -> Loose:
    return sagemaker.update_inference_component_runtime_config(
        InferenceComponentName="c", DesiredRuntimeConfig={"CopyCount": count}
    )


def test_a_component_of_a_model(sagemaker: Loose) -> None:
    made = sagemaker.create_inference_component(**component())
    assert made["InferenceComponentArn"] == arn("inference-component", "c")
    found = plain(sagemaker.describe_inference_component(InferenceComponentName="c"))
    assert found.pop("CreationTime") == found.pop("LastModifiedTime")
    assert found == {
        "InferenceComponentName": "c",
        "InferenceComponentArn": arn("inference-component", "c"),
        "EndpointName": "e",
        "EndpointArn": arn("endpoint", "e"),
        "VariantName": "AllTraffic",
        "InferenceComponentStatus": "InService",
        "Specification": {
            "ModelName": "m",
            "ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": 1.0, "MinMemoryRequiredInMb": 1024},
        },
        "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
    }
    accelerators = found["Specification"]["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"]
    assert isinstance(accelerators, float)


def test_a_component_of_a_container_with_all_that_is_kept(stage: Stage, sagemaker: Loose) -> None:
    container = {"Image": "stoker/python:3", "ArtifactUrl": MODEL_DATA, "Environment": {"A": "1"}}
    rest = {
        "StartupParameters": {
            "ModelDataDownloadTimeoutInSeconds": 60,
            "ContainerStartupHealthCheckTimeoutInSeconds": 61,
        },
        "ComputeResourceRequirements": {
            "NumberOfCpuCoresRequired": 0.5,
            "MinMemoryRequiredInMb": 512,
            "MaxMemoryRequiredInMb": 2048,
        },
        "DataCacheConfig": {"EnableCaching": True},
        "SchedulingConfig": {
            "PlacementStrategy": "SPREAD",
            "AvailabilityZoneBalance": {"EnforcementMode": "PERMISSIVE", "MaxImbalance": 0},
        },
    }
    tags = [{"Key": "stoker:at-zero", "Value": "hold"}]
    specification = {"Container": container, **rest}
    sagemaker.create_inference_component(**component(VariantName=None, Specification=specification, Tags=tags))
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    image = {
        "SpecifiedImage": "stoker/python:3",
        "ResolvedImage": "stoker/python:3",
        "ResolutionTime": found["CreationTime"],
    }
    assert found["Specification"] == {
        "Container": {"DeployedImage": image, "ArtifactUrl": MODEL_DATA, "Environment": {"A": "1"}},
        **rest,
    }
    (kept,) = stage.desk.platform.fleet.components.values()
    assert (kept.variant, kept.at_zero, kept.startup_timeout) == ("AllTraffic", AtZero.HOLD, 61 * SECOND)
    (started,) = stage.desk.started
    assert (started.image, started.model_data, started.cpus, started.memory_limit_mb) == (
        "stoker/python:3",
        MODEL_DATA,
        0.5,
        2048,
    )
    assert (started.environment["A"], started.download_timeout) == ("1", 60 * SECOND)


def test_copies_follow_what_is_asked(stage: Stage, sagemaker: Loose) -> None:
    sagemaker.create_inference_component(**component(RuntimeConfig={"CopyCount": 0}))
    assert status(sagemaker) == ("InService", 0, 0)
    assert set_copies(sagemaker, 3)["InferenceComponentArn"] == arn("inference-component", "c")
    assert status(sagemaker) == ("InService", 3, 3)
    stage.desk.play(WORKLOAD, Outcome(stuck=True))
    set_copies(sagemaker, 4)
    assert status(sagemaker) == ("Updating", 4, 3)
    stage.run(stage.desk.serve(stage.desk.started[-1].copy_id))
    assert status(sagemaker) == ("InService", 4, 4)
    set_copies(sagemaker, 0)
    assert status(sagemaker) == ("InService", 0, 0)


def test_copies_that_find_no_room_say_so(sagemaker: Loose) -> None:
    sagemaker.create_inference_component(**component(RuntimeConfig={"CopyCount": 9}))
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert found["InferenceComponentStatus"] == "Creating"
    assert found["FailureReason"].startswith("There is not enough hardware resources on the instances for this endpoint")
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 9, "CurrentCopyCount": 8}


def test_a_model_that_never_comes_up_fails_with_its_last_words(stage: Stage, sagemaker: Loose) -> None:
    log = "\n".join(["x" * 3000, "ImportError: no module named onnx"])
    stage.desk.play(WORKLOAD, Outcome(failure="The model server exited with code 1.", log_tail=log))
    sagemaker.create_inference_component(**component())
    stage.run(stage.desk.advance(30 * MINUTE))
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert found["InferenceComponentStatus"] == "Failed"
    assert "ImportError: no module named onnx" in found["FailureReason"]
    assert len(found["FailureReason"]) <= 1024


def test_a_deleted_component_is_gone(stage: Stage, sagemaker: Loose) -> None:
    named = {"InferenceComponentName": "c"}
    gone = 'Could not find inference component "c".'
    assert refused(sagemaker.describe_inference_component, **named) == gone
    assert refused(set_copies, sagemaker=sagemaker, count=1) == gone
    sagemaker.create_inference_component(**component())
    message = refused(sagemaker.create_inference_component, **component())
    assert message == f'Cannot create already existing inference component "{arn("inference-component", "c")}".'
    assert plain(sagemaker.delete_inference_component(**named)) == {}
    assert refused(sagemaker.delete_inference_component, **named) == gone
    assert stage.desk.stopped == [spec.copy_id for spec in stage.desk.started]


def test_a_component_outlives_its_endpoint(sagemaker: Loose) -> None:
    sagemaker.create_inference_component(**component())
    sagemaker.delete_endpoint(EndpointName="e")
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert found["RuntimeConfig"]["CurrentCopyCount"] == 0
    sagemaker.delete_inference_component(InferenceComponentName="c")
    assert sagemaker.list_inference_components()["InferenceComponents"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"Specification": None}, ["exactly one of Specification and Specifications"], id="no-specification"),
        pytest.param(
            {"Specification": None, "Specifications": [{"ModelName": "m"}]},
            ["does not serve", "Specifications (one"],
            id="specifications",
        ),
        pytest.param({"Specifications": [{"ModelName": "m"}]}, ["exactly one of Specification"], id="both-forms"),
        pytest.param(
            {"Specification": {"ModelName": "m"}}, ["Specification.ComputeResourceRequirements is required"], id="no-needs"
        ),
        pytest.param({"RuntimeConfig": None}, ["RuntimeConfig is required"], id="no-copies"),
        pytest.param({"RuntimeConfig": {"CopyCount": 1001}}, ["CopyCount must be between 0 and 1000"], id="copies"),
        pytest.param({"EndpointName": "x"}, [f'Could not find endpoint "{arn("endpoint", "x")}".'], id="endpoint"),
        pytest.param({"VariantName": "x"}, ['The endpoint "e" has no variant "x".'], id="variant"),
        pytest.param(
            {"Specification": {"ModelName": "x", "ComputeResourceRequirements": MEMORY}},
            [f'Could not find model "{arn("model", "x")}".'],
            id="model",
        ),
        pytest.param(
            {"Specification": {"ComputeResourceRequirements": MEMORY}}, ["exactly one of ModelName and Container"], id="nothing"
        ),
        pytest.param(
            {"Specification": {"ModelName": "m", "Container": {"Image": "stoker/python"}, "ComputeResourceRequirements": MEMORY}},
            ["exactly one of ModelName and Container"],
            id="model-and-container",
        ),
        pytest.param(
            {"Specification": {"Container": {"ArtifactUrl": MODEL_DATA}, "ComputeResourceRequirements": MEMORY}},
            ["Specification.Container.Image is required"],
            id="no-image",
        ),
        pytest.param(
            {
                "Specification": {
                    "Container": {"Image": "stoker/python", "ArtifactUrl": "s3://b/k"},
                    "ComputeResourceRequirements": MEMORY,
                }
            },
            ["Specification.Container.ArtifactUrl 's3://b/k'", "file://"],
            id="s3",
        ),
        pytest.param(
            {
                "Specification": {
                    "InstanceType": "local",
                    "ComputeResourceRequirements": {**MEMORY, "AcceleratorPartitionType": "mig-1g.10gb"},
                }
            },
            [
                "Stoker does not serve this yet: Specification.InstanceType, ",
                "Specification.ComputeResourceRequirements.AcceleratorPartitionType.",
            ],
            id="not-served",
        ),
        pytest.param(
            {
                "Specification": {
                    "ModelName": "m",
                    "ComputeResourceRequirements": {**MEMORY, "NumberOfAcceleratorDevicesRequired": 1.5},
                }
            },
            ["NumberOfAcceleratorDevicesRequired must be a whole number, not 1.5"],
            id="half-an-accelerator",
        ),
        pytest.param(
            {"Specification": {"ModelName": "m", "ComputeResourceRequirements": {**MEMORY, "MaxMemoryRequiredInMb": 512}}},
            ["MaxMemoryRequiredInMb (512) cannot be less than MinMemoryRequiredInMb (1024)"],
            id="memory",
        ),
        pytest.param(
            {"Tags": [{"Key": "stoker:at-zero", "Value": "never"}]}, ["must be 'hold' or 'refuse', not 'never'"], id="at-zero"
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(stage: Stage, sagemaker: Loose, changes: Loose, words: list[str]) -> None:
    message = refused(sagemaker.create_inference_component, **component(**changes))
    assert [word for word in words if word not in message] == []
    assert stage.desk.platform.fleet.components == {}


def test_an_endpoint_with_a_model_hosts_no_components(sagemaker: Loose) -> None:
    make_endpoint(sagemaker, "f", ModelName="m", ManagedInstanceScaling=None)
    message = refused(sagemaker.create_inference_component, **component(EndpointName="f"))
    assert 'The endpoint "f" serves models of its own variants' in message


def test_all_violations_are_listed(stage: Stage) -> None:
    needs = {"NumberOfCpuCoresRequired": 0.1, "NumberOfAcceleratorDevicesRequired": 0, "MinMemoryRequiredInMb": 1}
    arguments = component(
        InferenceComponentName="c_c",
        Specification={"ModelName": "m", "ComputeResourceRequirements": needs},
        RuntimeConfig={"CopyCount": -1},
        Tags=[{"Key": "", "Value": "v"}],
    )
    message = refused(stage.client(checks=False).create_inference_component, **arguments)
    assert message.startswith("6 validation errors detected: Value 'c_c' at 'inferenceComponentName' failed to satisfy")
    where = "specification.computeResourceRequirements"
    for violation in (
        f"Value '0.1' at '{where}.numberOfCpuCoresRequired' failed to satisfy constraint: Member must have value greater than ",
        f"at '{where}.numberOfAcceleratorDevicesRequired'",
        f"at '{where}.minMemoryRequiredInMb'",
        "Value '-1' at 'runtimeConfig.copyCount'",
        "at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ):
        assert violation in message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b'{"InferenceComponentName": "c"', "not valid JSON", id="cut-off"),
        pytest.param(b"[]", "Expected `object`, got `array`", id="no-object"),
        pytest.param(b'{"RuntimeConfig": {"CopyCount": "1"}}', "$.RuntimeConfig.CopyCount", id="text-for-number"),
        pytest.param(b'{"RuntimeConfig": {"CopyCount": 1e99}}', "$.RuntimeConfig.CopyCount", id="number-too-large"),
        pytest.param(b'{"Tags": {"Key": "k"}}', "Expected `array`, got `object` - at `$.Tags`", id="object-for-list"),
        pytest.param(b'{"InferenceComponentName": "\xff"}', "not valid UTF-8", id="no-text"),
    ],
)
def test_bodies_that_cannot_be_read_say_where(stage: Stage, body: bytes, words: str) -> None:
    status_code, reply = stage.send("CreateInferenceComponent", body)
    assert (status_code, reply["__type"]) == (400, "SerializationException")
    assert words in reply["message"]


def test_members_nobody_knows_are_passed_over(stage: Stage) -> None:
    assert stage.send("DescribeEndpoint", b'{"EndpointName": "e", "Futuristic": [1]}')[0] == 200
