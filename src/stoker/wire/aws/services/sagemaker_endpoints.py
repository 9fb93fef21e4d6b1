"""SageMaker's endpoints: Create, Describe, List, UpdateEndpoint, UpdateEndpointWeightsAndCapacities, Delete."""

from typing import TypedDict

from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import EndpointName, Partition, VariantName
from stoker.engine.events import VariantChange
from stoker.errors import InvalidParameterError
from stoker.service.endpoints import Endpoints
from stoker.service.updates import Retained, Updates
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.asynchronous import described_async
from stoker.wire.aws.services.documents import echoed, kept, reason, tag_map, when
from stoker.wire.aws.services.paging import Row, page_of
from stoker.wire.aws.services.sagemaker_configs import described_routing, described_scaling
from stoker.wire.aws.services.sagemaker_deployments import endpoint_policy, images, is_pending, variant_status
from stoker.wire.aws.services.serverless import changed_serverless, current_serverless, described_serverless


class Capacity(TypedDict, total=False):
    """What a describing call shows of that which a variant runs on."""

    current_instance_count: int
    desired_instance_count: int
    managed_instance_scaling: sm.ProductionVariantManagedInstanceScaling | None
    routing_config: sm.ProductionVariantRoutingConfig
    current_serverless_config: sm.ProductionVariantServerlessConfig | None
    desired_serverless_config: sm.ProductionVariantServerlessConfig | None


class EndpointCalls:
    """The operations on endpoints."""

    __slots__ = ("_endpoints", "_partition", "_updates")

    def __init__(self, endpoints: Endpoints, updates: Updates, partition: Partition) -> None:
        self._endpoints = endpoints
        self._updates = updates
        self._partition = partition

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            ("sagemaker", "CreateEndpoint"): self.create,
            ("sagemaker", "DescribeEndpoint"): self.describe,
            ("sagemaker", "ListEndpoints"): self.list,
            ("sagemaker", "UpdateEndpoint"): self.update,
            ("sagemaker", "UpdateEndpointWeightsAndCapacities"): self.set_weights_and_capacities,
            ("sagemaker", "DeleteEndpoint"): self.delete,
        }

    async def create(self, given: sm.CreateEndpointInput, _: Context) -> sm.CreateEndpointOutput:
        """Begin to make an endpoint."""
        endpoint_policy(given.deployment_config)  # kept for updates that reuse it, and so it has to be one
        endpoint = await self._endpoints.create(
            EndpointName(given.endpoint_name),
            given.endpoint_config_name,
            tag_map(given.tags),
            deployment=b"" if given.deployment_config is None else kept(given.deployment_config),
        )
        return sm.CreateEndpointOutput(endpoint_arn=self._arn(endpoint))

    async def update(self, given: sm.UpdateEndpointInput, _: Context) -> sm.UpdateEndpointOutput:
        """Begin to make an endpoint what another configuration says."""
        deployment = b"" if given.deployment_config is None else kept(given.deployment_config)
        config = given.deployment_config
        if given.retain_deployment_config:
            if config is not None:
                message = "Specify at most one of DeploymentConfig and RetainDeploymentConfig."
                raise InvalidParameterError(message, field="RetainDeploymentConfig")
            deployment = self._endpoints.get(given.endpoint_name).deployment
            config = echoed(sm.DeploymentConfig, deployment) if deployment else None
        endpoint = await self._updates.endpoint(
            given.endpoint_name,
            given.endpoint_config_name,
            policy=endpoint_policy(config),
            retained=_retained(given),
            deployment=deployment,
        )
        return sm.UpdateEndpointOutput(endpoint_arn=self._arn(endpoint))

    async def describe(self, given: sm.DescribeEndpointInput, _: Context) -> sm.DescribeEndpointOutput:
        """Give an endpoint as it is now."""
        endpoint = self._endpoints.get(given.endpoint_name)
        return sm.DescribeEndpointOutput(
            endpoint_name=endpoint.name,
            endpoint_arn=self._arn(endpoint),
            endpoint_config_name=endpoint.config,
            endpoint_status=endpoint.status.value,
            failure_reason=reason(endpoint.failure or endpoint.undone),
            creation_time=when(endpoint.created),
            last_modified_time=when(endpoint.modified),
            production_variants=[self._variant(endpoint, state) for state in endpoint.variants],
            shadow_production_variants=[self._variant(endpoint, state) for state in endpoint.shadows] or None,
            async_inference_config=described_async(endpoint.variants[0].spec),
            last_deployment_config=echoed(sm.DeploymentConfig, endpoint.deployment) if endpoint.deployment else None,
            pending_deployment_summary=self._pending(endpoint),
        )

    async def list(self, given: sm.ListEndpointsInput, _: Context) -> sm.ListEndpointsOutput:
        """Give a page of endpoints."""
        found = page_of(given, self._endpoints.all(), lambda e: Row(e, e.name, e.created, e.modified, e.status))
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
        """Set weights, instance counts and serverless configurations of variants."""
        wanted = given.desired_weights_and_capacities
        names = [w.variant_name for w in wanted]
        if len(set(names)) != len(names):
            raise InvalidParameterError(
                "Each variant may be named once in DesiredWeightsAndCapacities.", field="DesiredWeightsAndCapacities"
            )
        endpoint = self._endpoints.get(given.endpoint_name)
        changes = [
            VariantChange(
                variant=VariantName(w.variant_name),
                weight=w.desired_weight,
                instances=w.desired_instance_count,
                serverless=changed_serverless(endpoint.variant(VariantName(w.variant_name)), w.serverless_update_config),
            )
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
            deployed_images=images(endpoint, state),
            variant_status=variant_status(endpoint, pending=False),
            current_weight=state.weight,
            desired_weight=state.weight,
            **self._capacity(endpoint, state),
        )

    def _capacity(self, endpoint: Endpoint, state: VariantState) -> Capacity:
        """Give what a variant runs on: instances, or the environments that a serverless one may have."""
        up = self._endpoints.instances_in_service(endpoint, state)
        if state.serverless is not None:
            return Capacity(
                current_serverless_config=current_serverless(state, up),
                desired_serverless_config=described_serverless(state.serverless),
            )
        return Capacity(
            current_instance_count=up,
            desired_instance_count=state.desired_instances,
            managed_instance_scaling=described_scaling(state.spec),
            routing_config=described_routing(state.spec),
        )

    def _pending(self, endpoint: Endpoint) -> sm.PendingDeploymentSummary | None:
        update = endpoint.update
        if update is None or not is_pending(endpoint):
            return None
        return sm.PendingDeploymentSummary(
            endpoint_config_name=update.config,
            production_variants=[self._pending_variant(endpoint, state) for state in update.variants],
            shadow_production_variants=[self._pending_variant(endpoint, state) for state in update.shadows] or None,
            start_time=when(update.rollout.begun),
        )

    def _pending_variant(self, endpoint: Endpoint, state: VariantState) -> sm.PendingProductionVariantSummary:
        return sm.PendingProductionVariantSummary(
            variant_name=state.spec.name,
            deployed_images=images(endpoint, state),
            variant_status=variant_status(endpoint, pending=True),
            current_weight=state.weight,
            desired_weight=state.weight,
            instance_type=None if state.serverless else state.spec.instance_type,
            **self._capacity(endpoint, state),
        )

    def _arn(self, endpoint: Endpoint) -> str:
        return self._partition.sagemaker("endpoint", endpoint.name)


def _retained(given: sm.UpdateEndpointInput) -> Retained:
    """Give what an update keeps of its variants. No data is captured here, and so that property has nothing to keep."""
    if not given.retain_all_variant_properties:
        return Retained()
    excluded = {each.variant_property_type for each in given.exclude_retained_variant_properties or ()}
    return Retained(instances="DesiredInstanceCount" not in excluded, weights="DesiredWeight" not in excluded)
