"""SageMaker's endpoints: CreateEndpoint, DescribeEndpoint, ListEndpoints, UpdateEndpointWeightsAndCapacities, DeleteEndpoint."""

from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import EndpointName, Partition, VariantName
from stoker.engine.events import VariantChange
from stoker.errors import InvalidParameterError
from stoker.service.endpoints import Endpoints
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.documents import reason, refuse, tag_map, unserved, when
from stoker.wire.aws.services.paging import Row, page
from stoker.wire.aws.services.sagemaker_configs import described_routing, described_scaling


class EndpointCalls:
    """The operations on endpoints."""

    __slots__ = ("_endpoints", "_partition")

    def __init__(self, endpoints: Endpoints, partition: Partition) -> None:
        self._endpoints = endpoints
        self._partition = partition

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            ("sagemaker", "CreateEndpoint"): self.create,
            ("sagemaker", "DescribeEndpoint"): self.describe,
            ("sagemaker", "ListEndpoints"): self.list,
            ("sagemaker", "UpdateEndpointWeightsAndCapacities"): self.set_weights_and_capacities,
            ("sagemaker", "DeleteEndpoint"): self.delete,
        }

    async def create(self, given: sm.CreateEndpointInput, _: Context) -> sm.CreateEndpointOutput:
        """Begin to make an endpoint."""
        refuse(unserved("", DeploymentConfig=given.deployment_config))
        endpoint = await self._endpoints.create(
            EndpointName(given.endpoint_name), given.endpoint_config_name, tag_map(given.tags)
        )
        return sm.CreateEndpointOutput(endpoint_arn=self._arn(endpoint))

    async def describe(self, given: sm.DescribeEndpointInput, _: Context) -> sm.DescribeEndpointOutput:
        """Give an endpoint as it is now."""
        endpoint = self._endpoints.get(given.endpoint_name)
        return sm.DescribeEndpointOutput(
            endpoint_name=endpoint.name,
            endpoint_arn=self._arn(endpoint),
            endpoint_config_name=endpoint.config,
            endpoint_status=endpoint.status.value,
            failure_reason=reason(endpoint.failure),
            creation_time=when(endpoint.created),
            last_modified_time=when(endpoint.modified),
            production_variants=[self._variant(endpoint, state) for state in endpoint.variants],
        )

    async def list(self, given: sm.ListEndpointsInput, _: Context) -> sm.ListEndpointsOutput:
        """Give a page of endpoints."""
        rows = (Row(e, e.name, e.created, e.modified, e.status.value) for e in self._endpoints.all())
        found = page(given, rows)
        endpoints = [
            sm.EndpointSummary(
                endpoint_name=e.name,
                endpoint_arn=self._arn(e),
                creation_time=when(e.created),
                last_modified_time=when(e.modified),
                endpoint_status=e.status.value,
            )
            for e in found.items
        ]
        return sm.ListEndpointsOutput(endpoints=endpoints, next_token=found.next_token)

    async def set_weights_and_capacities(
        self, given: sm.UpdateEndpointWeightsAndCapacitiesInput, _: Context
    ) -> sm.UpdateEndpointWeightsAndCapacitiesOutput:
        """Set weights and instance counts of variants."""
        wanted = given.desired_weights_and_capacities
        names = [w.variant_name for w in wanted]
        if len(set(names)) != len(names):
            raise InvalidParameterError(
                "Each variant may be named once in DesiredWeightsAndCapacities.", field="DesiredWeightsAndCapacities"
            )
        refuse(
            name
            for number, w in enumerate(wanted, 1)
            for name in unserved(f"DesiredWeightsAndCapacities.{number}.", ServerlessUpdateConfig=w.serverless_update_config)
        )
        changes = [
            VariantChange(variant=VariantName(w.variant_name), weight=w.desired_weight, instances=w.desired_instance_count)
            for w in wanted
        ]
        endpoint = await self._endpoints.set_weights_and_capacities(given.endpoint_name, changes)
        return sm.UpdateEndpointWeightsAndCapacitiesOutput(endpoint_arn=self._arn(endpoint))

    async def delete(self, given: sm.DeleteEndpointInput, _: Context) -> None:
        """Begin to delete an endpoint."""
        await self._endpoints.delete(given.endpoint_name)

    def _variant(self, endpoint: Endpoint, state: VariantState) -> sm.ProductionVariantSummary:
        return sm.ProductionVariantSummary(
            variant_name=state.spec.name,
            deployed_images=_images(endpoint, state),
            current_weight=state.weight,
            desired_weight=state.weight,
            current_instance_count=self._endpoints.instances_in_service(endpoint, state.spec.name),
            desired_instance_count=state.desired_instances,
            managed_instance_scaling=described_scaling(state.spec),
            routing_config=described_routing(state.spec),
        )

    def _arn(self, endpoint: Endpoint) -> str:
        return self._partition.sagemaker("endpoint", endpoint.name)


def _images(endpoint: Endpoint, state: VariantState) -> list[sm.DeployedImage] | None:
    """Give the image of a variant's own model; an image is resolved by this installation's table, when the endpoint is made."""
    if state.container is None:
        return None
    image = state.container.image
    return [sm.DeployedImage(specified_image=image, resolved_image=image, resolution_time=when(endpoint.created))]
