"""Things that another API made, described by SageMaker's; and how what is not served is named."""

import pytest

from stoker.domain.components import ComputeRequirements
from stoker.domain.endpoints import ProductionVariant
from stoker.domain.ids import ComponentName, ConfigName, EndpointName, ModelName, Partition, VariantName
from stoker.domain.models import Container
from stoker.errors import InvalidParameterError
from stoker.service.components import ComponentRequest, Components
from stoker.service.endpoints import Endpoints
from stoker.service.models import Models
from stoker.testing.desk import KnownImages, LocalDesk
from stoker.wire.aws.asgi import Context
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.documents import echoed, kept, refuse, unserved
from stoker.wire.aws.services.sagemaker import handlers
from stoker.wire.aws.sigv4 import Principal

CONTAINER = Container(image="stoker/python", model_data="file:///m", environment={"A": "1"})
FOREIGN = b'{"Task": "text-classification"}'


async def called(desk: LocalDesk, operation: str, given: object) -> object:
    context = Context(request_id="r", service="sagemaker", operation=operation, principal=Principal())
    return await handlers(desk, KnownImages(), Partition())["sagemaker", operation](given, context)


@pytest.fixture
async def desk() -> LocalDesk:
    """A desk with a model, an endpoint and a component whose documents are not SageMaker's."""
    desk = LocalDesk()
    await Models(desk, KnownImages()).create(ModelName("m"), CONTAINER, echo=FOREIGN)
    endpoints = Endpoints(desk)
    variant = ProductionVariant(name=VariantName("v"), instance_type="local")
    await endpoints.create_config(ConfigName("k"), [variant], echo=FOREIGN)
    await endpoints.create(EndpointName("e"), "k", {})
    request = ComponentRequest(
        name=ComponentName("c"),
        endpoint=EndpointName("e"),
        requirements=ComputeRequirements(cpus=0.5, least_memory_mb=256),
        copies=1,
        container=CONTAINER,
        echo=b"",
    )
    await Components(desk, KnownImages()).create(request)
    return desk


async def test_a_foreign_model_is_described(desk: LocalDesk) -> None:
    found = await called(desk, "DescribeModel", sm.DescribeModelInput(model_name="m"))
    assert isinstance(found, sm.DescribeModelOutput)
    assert found.primary_container == sm.ContainerDefinition(
        image="stoker/python", model_data_url="file:///m", environment={"A": "1"}
    )
    assert found.model_name == "m"


async def test_a_foreign_configuration_is_described(desk: LocalDesk) -> None:
    found = await called(desk, "DescribeEndpointConfig", sm.DescribeEndpointConfigInput(endpoint_config_name="k"))
    assert isinstance(found, sm.DescribeEndpointConfigOutput)
    assert found.production_variants == [
        sm.ProductionVariant(
            variant_name="v",
            instance_type="local",
            initial_instance_count=1,
            initial_variant_weight=1.0,
            routing_config=sm.ProductionVariantRoutingConfig(routing_strategy="RANDOM"),
        )
    ]


async def test_a_foreign_component_is_described(desk: LocalDesk) -> None:
    asked = sm.DescribeInferenceComponentInput(inference_component_name="c")
    found = await called(desk, "DescribeInferenceComponent", asked)
    assert isinstance(found, sm.DescribeInferenceComponentOutput)
    assert found.specification is not None
    assert found.specification.container is not None
    assert found.specification.container.artifact_url == "file:///m"
    assert found.specification.compute_resource_requirements == sm.InferenceComponentComputeResourceRequirements(
        number_of_cpu_cores_required=0.5, min_memory_required_in_mb=256
    )


def test_a_document_comes_back_as_it_went() -> None:
    given = sm.CreateModelInput(model_name="m", primary_container=sm.ContainerDefinition(image="i"))
    assert echoed(sm.CreateModelInput, kept(given)) == given
    assert echoed(sm.CreateModelInput, b"\xff") == sm.CreateModelInput()


def test_only_what_is_given_is_refused() -> None:
    assert list(unserved("A.", One=None, Two=False, Three=[1], Four="x")) == ["A.Three", "A.Four"]
    refuse([])
    with pytest.raises(InvalidParameterError, match=r"^Stoker does not serve this yet: A\.B=C, D\.$") as caught:
        refuse(["A.B=C", "D"])
    assert caught.value.field == "A.B"
