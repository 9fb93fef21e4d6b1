"""Quotas: calls beyond one are refused with AWS's code and words, by boto3."""

from collections.abc import Callable

import pytest

from stoker.config.settings import Quotas as Section
from stoker.domain.quotas import Quotas
from tests.conformance.sagemaker_stage import Loose, Stage, component, make_endpoint, make_model, variant

TYPE = "ml.g5.12xlarge"


def sentence(name: str, counts: tuple[int, int, int], unit: str, setting: str) -> str:
    """Give the message. The pattern is AWS's, up to its pointer to Service Quotas; the last sentence is Stoker's."""
    most, used, more = counts
    return (
        f"The account-level service limit '{name}' is {most} {unit}, with current utilization of {used} {unit} and a request "
        f"delta of {more} {unit}. Please use AWS Service Quotas to request an increase for this quota. On Stoker, it is the "
        f"setting {setting}."
    )


def limited(client: Loose, call: Callable[[], Loose]) -> str:
    with pytest.raises(client.exceptions.ResourceLimitExceeded) as caught:
        call()
    message: str = caught.value.response["Error"]["Message"]
    return message


def test_models_configs_endpoints_and_components_are_counted(served: Stage) -> None:
    served.reset(quotas=Quotas(models=1, endpoint_configs=1, endpoints=1, inference_components=1))
    client = served.client()
    make_model(client, "m")
    make_endpoint(client, "e")
    client.create_inference_component(**component())
    told = [
        limited(client, lambda: make_model(client, "other")),
        limited(client, lambda: make_endpoint(client, "other")),
        limited(client, lambda: client.create_endpoint(EndpointName="other", EndpointConfigName="e-config")),
        limited(client, lambda: client.create_inference_component(**component(InferenceComponentName="other"))),
    ]
    assert told == [
        sentence("Number of models", (1, 1, 1), "Models", "quotas.models"),
        sentence("Number of endpoint configurations", (1, 1, 1), "Endpoint configurations", "quotas.endpoint_configs"),
        sentence("Number of endpoints", (1, 1, 1), "Endpoints", "quotas.endpoints"),
        sentence("Number of inference components", (1, 1, 1), "Inference components", "quotas.inference_components"),
    ]
    assert [m["ModelName"] for m in client.list_models()["Models"]] == ["m"]
    client.delete_model(ModelName="m")
    make_model(client, "other")


def test_instances_are_counted_by_endpoint_and_by_type(served: Stage) -> None:
    served.reset(quotas=Quotas(instances_of_endpoint=3, instances_of_type=4))
    client = served.client()
    make_endpoint(client, "e", InitialInstanceCount=3, ManagedInstanceScaling=None)
    grown = {"EndpointName": "e", "DesiredWeightsAndCapacities": [{"VariantName": "AllTraffic", "DesiredInstanceCount": 4}]}
    name, setting = "Number of instances for an endpoint", "quotas.instances_of_endpoint"
    told = limited(client, lambda: client.update_endpoint_weights_and_capacities(**grown))
    assert told == sentence(name, (3, 3, 1), "Instances", setting)
    pair = [variant(VariantName=v, InitialInstanceCount=1, ManagedInstanceScaling=None) for v in ("a", "b")]
    client.create_endpoint_config(EndpointConfigName="pair", ProductionVariants=pair)
    told = limited(client, lambda: client.create_endpoint(EndpointName="two", EndpointConfigName="pair"))
    assert told == sentence(f"{TYPE} for endpoint usage", (4, 3, 2), "Instances", "quotas.instances_of_type")
    assert [e["EndpointName"] for e in client.list_endpoints()["Endpoints"]] == ["e"]


def test_the_settings_are_the_quotas() -> None:
    assert {f: getattr(Section(), f) for f in Section.__struct_fields__} == {
        f: getattr(Quotas(), f) for f in Quotas.__struct_fields__
    }
