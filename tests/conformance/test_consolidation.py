"""Consolidation and packing by boto3: as configured, as described again, and as it comes about."""

import pytest

from stoker.units import MINUTE
from tests.conformance.sagemaker_stage import Loose, Stage, component, make_endpoint, make_model


@pytest.fixture
def sagemaker(served: Stage) -> Loose:
    served.reset()
    client = served.client()
    make_model(client)
    return client


def managed(**scale_in: Loose) -> Loose:
    policy = {"Strategy": "CONSOLIDATION", **scale_in}
    return {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 4, "ScaleInPolicy": policy}


def needing(cpus: float, **changes: Loose) -> Loose:
    resources = {"NumberOfCpuCoresRequired": cpus, "MinMemoryRequiredInMb": 1024}
    return {"ModelName": "m", "ComputeResourceRequirements": resources, **changes}


def instances(sagemaker: Loose) -> int:
    (found,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    count: int = found["CurrentInstanceCount"]
    return count


def test_copies_are_moved_together_after_the_cooldown(served: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker, InstanceType="local", ManagedInstanceScaling=managed(MaximumStepSize=2, CooldownInMinutes=5))
    (found,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    assert found["ManagedInstanceScaling"] == managed(MaximumStepSize=2, CooldownInMinutes=5)
    large = component(InferenceComponentName="large", Specification=needing(3.0), RuntimeConfig={"CopyCount": 3})
    sagemaker.create_inference_component(**large)
    sagemaker.create_inference_component(**component(Specification=needing(1.0), RuntimeConfig={"CopyCount": 3}))
    sagemaker.delete_inference_component(InferenceComponentName="large")
    assert instances(sagemaker) == 3
    served.run(served.desk.advance(5 * MINUTE - 1))
    assert instances(sagemaker) == 3
    served.run(served.desk.advance(1))
    assert instances(sagemaker) == 1
    assert sagemaker.describe_inference_component(InferenceComponentName="c")["RuntimeConfig"]["CurrentCopyCount"] == 3


def test_step_and_cooldown_have_defaults(served: Stage, sagemaker: Loose) -> None:
    make_endpoint(sagemaker, ManagedInstanceScaling=managed())
    (found,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    assert found["ManagedInstanceScaling"] == managed(MaximumStepSize=1, CooldownInMinutes=20)
    served.run(served.desk.restore())
    (again,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    assert again["ManagedInstanceScaling"] == found["ManagedInstanceScaling"]


@pytest.mark.parametrize(("strategy", "used"), [("SPREAD", 2), ("BINPACK", 1)])
def test_copies_are_placed_by_the_strategy_of_their_component(served: Stage, sagemaker: Loose, strategy: str, used: int) -> None:
    make_endpoint(sagemaker, InstanceType="local", InitialInstanceCount=2, ManagedInstanceScaling=None)
    scheduling = {
        "PlacementStrategy": strategy,
        "AvailabilityZoneBalance": {"EnforcementMode": "PERMISSIVE", "MaxImbalance": 1},
    }
    specification = needing(1.0, SchedulingConfig=scheduling)
    sagemaker.create_inference_component(**component(Specification=specification, RuntimeConfig={"CopyCount": 2}))
    found = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert found["Specification"]["SchedulingConfig"] == scheduling
    assert found["RuntimeConfig"]["CurrentCopyCount"] == 2
    assert len({copy.instance_id for copy in served.desk.platform.fleet.copies.values()}) == used
