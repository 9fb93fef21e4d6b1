"""Adapters: inference components on a base component, by boto3."""

import asyncio
from pathlib import Path

import pytest

from stoker.domain.ids import ComponentName, component_workload
from stoker.link.messages import ComponentRoute
from stoker.service.routing import routing_table
from stoker.testing.desk import LocalDesk
from tests.conformance.sagemaker_stage import PARTITION, Loose, Stage, arn, component, make_endpoint, make_model, refused

FILES = "file:///adapters/pirate 1.tar.gz"


@pytest.fixture
def sagemaker(served: Stage) -> Loose:
    served.reset()
    client = served.client()
    make_model(client, "m")
    make_endpoint(client, "e")
    client.create_inference_component(**component())
    return client


def adapter(name: str = "pirate", **changes: Loose) -> Loose:
    """Give the arguments that make an adapter of the component `c`."""
    specification = {"BaseInferenceComponentName": "c", "Container": {"ArtifactUrl": FILES}, **changes.pop("specification", {})}
    return {"InferenceComponentName": name, "EndpointName": "e", "Specification": specification, **changes}


def routes(desk: LocalDesk) -> dict[str, ComponentRoute]:
    (endpoint,) = routing_table(desk.platform, 1).endpoints
    return {route.name: route for route in endpoint.components}


def test_an_adapter_is_in_service_on_its_base_without_copies(served: Stage, sagemaker: Loose) -> None:
    """Specification.BaseInferenceComponentName: "Use this parameter only when you specify an adapter inference component"."""
    made = sagemaker.create_inference_component(**adapter())
    assert made["InferenceComponentArn"] == arn("inference-component", "pirate")
    shown = sagemaker.describe_inference_component(InferenceComponentName="pirate")
    assert (shown["InferenceComponentStatus"], shown["VariantName"]) == ("InService", "AllTraffic")
    assert shown["Specification"] == {"BaseInferenceComponentName": "c", "Container": {"ArtifactUrl": FILES}}
    assert "RuntimeConfig" not in shown
    assert len(served.desk.started) == 1
    found = routes(served.desk)
    assert found["pirate"].workload == found["c"].workload == component_workload(ComponentName("c"))
    assert (found["pirate"].adapter, found["c"].adapter) == (Path("/adapters/pirate 1.tar.gz").as_uri(), "")
    assert {w.workload for w in routing_table(served.desk.platform, 1).workloads} == {found["c"].workload}
    names = sagemaker.list_inference_components(EndpointNameEquals="e", SortBy="Name", SortOrder="Ascending")
    assert [c["InferenceComponentName"] for c in names["InferenceComponents"]] == ["c", "pirate"]


def test_a_base_is_not_deleted_under_its_adapters(served: Stage, sagemaker: Loose) -> None:
    sagemaker.create_inference_component(**adapter())
    told = refused(sagemaker.delete_inference_component, InferenceComponentName="c")
    assert told == (
        f'Cannot delete inference component "{arn("inference-component", "c")}": it is a base inference component for one or '
        "more associated adapter inference components."
    )
    sagemaker.delete_inference_component(InferenceComponentName="pirate")
    assert "Could not find" in refused(sagemaker.describe_inference_component, InferenceComponentName="pirate")
    assert list(routes(served.desk)) == ["c"]
    sagemaker.delete_inference_component(InferenceComponentName="c")
    assert "Could not find" in refused(sagemaker.describe_inference_component, InferenceComponentName="c")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"RuntimeConfig": {"CopyCount": 1}}, "RuntimeConfig cannot be given with"),
        ({"specification": {"ModelName": "m"}}, "Specification.ModelName cannot be given with"),
        ({"specification": {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}}}, "Requirements cannot be given with"),
        ({"specification": {"Container": {"Image": "stoker/python", "ArtifactUrl": FILES}}}, "Container.Image cannot be given"),
        ({"specification": {"Container": {}}}, "Specification.Container.ArtifactUrl is required for an adapter"),
        ({"specification": {"Container": {"ArtifactUrl": "https://h/x"}}}, "https://"),
        ({"specification": {"BaseInferenceComponentName": "nobody"}}, 'Could not find inference component "nobody"'),
        ({"specification": {"BaseInferenceComponentName": "pirate"}}, "is an adapter itself"),
        ({"VariantName": "other"}, "an adapter is where its base is"),
        ({"EndpointName": "f"}, "an adapter is where its base is"),
        ({"InferenceComponentName": "c"}, "already existing"),
    ],
)
def test_what_an_adapter_cannot_be_is_refused(sagemaker: Loose, changes: Loose, words: str) -> None:
    make_endpoint(sagemaker, "f")
    sagemaker.create_inference_component(**adapter())
    assert words in refused(sagemaker.create_inference_component, **adapter("new", **changes))
    assert len(sagemaker.list_inference_components()["InferenceComponents"]) == 2


def test_an_adapter_is_neither_scaled_nor_updated(served: Stage, sagemaker: Loose) -> None:
    sagemaker.create_inference_component(**adapter())
    counted = {"InferenceComponentName": "pirate", "DesiredRuntimeConfig": {"CopyCount": 1}}
    assert "has no copies of its own" in refused(sagemaker.update_inference_component_runtime_config, **counted)
    new = {"Container": {"Image": "stoker/python"}}
    told = refused(sagemaker.update_inference_component, InferenceComponentName="pirate", Specification=new)
    assert "does not update adapters" in told
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "inference-component/pirate",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    }
    scaling = served.client("application-autoscaling")
    with pytest.raises(scaling.exceptions.ValidationException):
        scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    assert len(served.desk.started) == 1


def test_adapters_are_on_disk(served: Stage, sagemaker: Loose) -> None:
    sagemaker.create_inference_component(**adapter())

    async def again() -> LocalDesk:
        desk = LocalDesk(partition=PARTITION, store=served.desk.store)
        await desk.restore()
        return desk

    assert routes(asyncio.run(again()))["pirate"] == routes(served.desk)["pirate"]
