"""SageMaker's inference components: Create, Describe, List, Update, UpdateInferenceComponentRuntimeConfig, Delete."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from stoker.artifacts.local import local_path
from stoker.domain.components import ComputeRequirements, InferenceComponent
from stoker.domain.ids import ComponentName, EndpointName, ModelName, Partition, VariantName
from stoker.domain.models import Container
from stoker.domain.states import PlacementStrategy
from stoker.errors import InvalidParameterError
from stoker.service.components import AdapterRequest, ComponentRequest, Components
from stoker.service.updates import BuildRequest, Updates
from stoker.units import SECOND, Span
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.documents import echoed, kept, not_served, reason, refuse, required, tag_map, unserved, when
from stoker.wire.aws.services.paging import Row, page_of
from stoker.wire.aws.services.sagemaker_deployments import component_policy
from stoker.wire.aws.services.sagemaker_models import CheckUrl

PATH = "Specification."


class ComponentCalls:
    """The operations on inference components."""

    __slots__ = ("_check_url", "_components", "_partition", "_updates")

    def __init__(self, components: Components, updates: Updates, partition: Partition, check_url: CheckUrl = local_path) -> None:
        self._components = components
        self._updates = updates
        self._partition = partition
        self._check_url = check_url

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            ("sagemaker", "CreateInferenceComponent"): self.create,
            ("sagemaker", "DescribeInferenceComponent"): self.describe,
            ("sagemaker", "ListInferenceComponents"): self.list,
            ("sagemaker", "UpdateInferenceComponent"): self.update,
            ("sagemaker", "UpdateInferenceComponentRuntimeConfig"): self.set_copies,
            ("sagemaker", "DeleteInferenceComponent"): self.delete,
        }

    async def create(self, given: sm.CreateInferenceComponentInput, _: Context) -> sm.CreateInferenceComponentOutput:
        """Begin to make a component."""
        specification = given.specification
        if specification is not None and specification.base_inference_component_name is not None:
            adapter = await self._components.create_adapter(_adapter(given, specification, self._check_url))
            return sm.CreateInferenceComponentOutput(inference_component_arn=self._arn(adapter))
        component = await self._components.create(_request(given, self._check_url))
        return sm.CreateInferenceComponentOutput(inference_component_arn=self._arn(component))

    async def describe(self, given: sm.DescribeInferenceComponentInput, _: Context) -> sm.DescribeInferenceComponentOutput:
        """Give a component as it is now."""
        component = self._components.get(given.inference_component_name)
        return sm.DescribeInferenceComponentOutput(
            inference_component_name=component.name,
            inference_component_arn=self._arn(component),
            endpoint_name=component.endpoint,
            endpoint_arn=self._endpoint_arn(component),
            variant_name=component.variant,
            inference_component_status=component.status.value,
            failure_reason=reason(component.failure or component.undone),
            creation_time=when(component.created),
            last_modified_time=when(component.modified),
            specification=_specification(component),
            runtime_config=None
            if component.base is not None
            else sm.InferenceComponentRuntimeConfigSummary(
                desired_copy_count=component.desired_copies,
                current_copy_count=self._components.serving(component),
            ),
            last_deployment_config=echoed(sm.InferenceComponentDeploymentConfig, component.deployment)
            if component.deployment
            else None,
        )

    async def list(self, given: sm.ListInferenceComponentsInput, _: Context) -> sm.ListInferenceComponentsOutput:
        """Give a page of components."""
        found = page_of(given, self._components.all(), _row)
        components = [self._summary(component) for component in found.items]
        return sm.ListInferenceComponentsOutput(inference_components=components, next_token=found.next_token)

    async def set_copies(
        self, given: sm.UpdateInferenceComponentRuntimeConfigInput, _: Context
    ) -> sm.UpdateInferenceComponentRuntimeConfigOutput:
        """Set how many copies a component is to have."""
        count = given.desired_runtime_config.copy_count
        component = await self._components.set_copies(given.inference_component_name, count)
        return sm.UpdateInferenceComponentRuntimeConfigOutput(inference_component_arn=self._arn(component))

    async def update(self, given: sm.UpdateInferenceComponentInput, _: Context) -> sm.UpdateInferenceComponentOutput:
        """Begin to make a component's copies of another specification."""
        request = None
        if given.specification is not None or given.specifications:
            component = self._components.get(given.inference_component_name)
            request = _build(_single(given.specification, given.specifications), component, self._check_url)
        component = await self._updates.component(
            given.inference_component_name,
            request=request,
            copies=None if given.runtime_config is None else given.runtime_config.copy_count,
            policy=component_policy(given.deployment_config),
            deployment=b"" if given.deployment_config is None else kept(given.deployment_config),
        )
        return sm.UpdateInferenceComponentOutput(inference_component_arn=self._arn(component))

    async def delete(self, given: sm.DeleteInferenceComponentInput, _: Context) -> None:
        """Begin to delete a component."""
        await self._components.delete(given.inference_component_name)

    def _summary(self, component: InferenceComponent) -> sm.InferenceComponentSummary:
        return sm.InferenceComponentSummary(
            inference_component_name=component.name,
            inference_component_arn=self._arn(component),
            endpoint_name=component.endpoint,
            endpoint_arn=self._endpoint_arn(component),
            variant_name=component.variant,
            inference_component_status=component.status.value,
            creation_time=when(component.created),
            last_modified_time=when(component.modified),
        )

    def _arn(self, component: InferenceComponent) -> str:
        return self._partition.sagemaker("inference-component", component.name)

    def _endpoint_arn(self, component: InferenceComponent) -> str:
        return self._partition.sagemaker("endpoint", component.endpoint)


def _row(component: InferenceComponent) -> Row[InferenceComponent]:
    c = component
    return Row(c, c.name, c.created, c.modified, c.status, c.endpoint, c.variant)


def _request(given: sm.CreateInferenceComponentInput, check_url: CheckUrl) -> ComponentRequest:
    specification = _single(given.specification, given.specifications)
    resources = specification.compute_resource_requirements
    if resources is None:
        raise InvalidParameterError(f"{PATH}ComputeResourceRequirements is required.", field="Specification")
    if given.runtime_config is None:
        raise InvalidParameterError("RuntimeConfig is required.", field="RuntimeConfig")
    startup = specification.startup_parameters or sm.InferenceComponentStartupParameters()
    scheduling = specification.scheduling_config
    return ComponentRequest(
        name=ComponentName(given.inference_component_name),
        endpoint=EndpointName(given.endpoint_name),
        variant=None if given.variant_name is None else VariantName(given.variant_name),
        model=None if specification.model_name is None else ModelName(specification.model_name),
        container=_container(specification, check_url),
        requirements=_requirements(resources),
        copies=given.runtime_config.copy_count,
        # A balance over availability zones is kept and shown: everything is in one.
        placement=PlacementStrategy.SPREAD if scheduling is None else PlacementStrategy(scheduling.placement_strategy),
        startup_timeout=_span(startup.container_startup_health_check_timeout_in_seconds),
        download_timeout=_span(startup.model_data_download_timeout_in_seconds),
        tags=tag_map(given.tags),
        echo=kept(given),
    )


def _single(
    one: sm.InferenceComponentSpecification | None, several: list[sm.InferenceComponentSpecification] | None
) -> sm.InferenceComponentSpecification:
    if one is None and several:
        raise not_served(["Specifications (one specification for each instance type)"])
    if one is None or several:
        raise InvalidParameterError("Specify exactly one of Specification and Specifications.", field="Specification")
    refuse(_unserved(one))
    return one


def _build(specification: sm.InferenceComponentSpecification, component: InferenceComponent, check_url: CheckUrl) -> BuildRequest:
    """Give what an update asks for; what it leaves out of requirements and timeouts stays, and is described so."""
    before = echoed(sm.CreateInferenceComponentInput, component.echo).specification
    resources = specification.compute_resource_requirements
    startup = specification.startup_parameters or sm.InferenceComponentStartupParameters()
    scheduling = specification.scheduling_config
    if before is not None:
        specification = msgspec.structs.replace(
            specification,
            compute_resource_requirements=resources or before.compute_resource_requirements,
            startup_parameters=specification.startup_parameters or before.startup_parameters,
            scheduling_config=scheduling or before.scheduling_config,
            data_cache_config=specification.data_cache_config or before.data_cache_config,
        )
    return BuildRequest(
        model=None if specification.model_name is None else ModelName(specification.model_name),
        container=_container(specification, check_url),
        requirements=None if resources is None else _requirements(resources),
        startup_timeout=_span(startup.container_startup_health_check_timeout_in_seconds),
        download_timeout=_span(startup.model_data_download_timeout_in_seconds),
        placement=None if scheduling is None else PlacementStrategy(scheduling.placement_strategy),
        echo=kept(sm.CreateInferenceComponentInput(specification=specification)),
    )


def _adapter(
    given: sm.CreateInferenceComponentInput, specification: sm.InferenceComponentSpecification, check_url: CheckUrl
) -> AdapterRequest:
    """Give the adapter of a request: it has files and a base, and nothing else of its own."""
    container = specification.container or sm.InferenceComponentContainerSpecification()
    odd = {
        "RuntimeConfig": given.runtime_config,
        "Specifications": given.specifications or None,
        f"{PATH}ModelName": specification.model_name,
        f"{PATH}ComputeResourceRequirements": specification.compute_resource_requirements,
        f"{PATH}SchedulingConfig": specification.scheduling_config,
        f"{PATH}StartupParameters": specification.startup_parameters,
        f"{PATH}Container.Image": container.image,
        f"{PATH}Container.Environment": container.environment,
    }
    for field, value in odd.items():
        if value is not None:
            message = f"{field} cannot be given with {PATH}BaseInferenceComponentName: an adapter has that of its base."
            raise InvalidParameterError(message, field=field)
    required(container.artifact_url, f"{PATH}Container.ArtifactUrl", " for an adapter")
    url = container.artifact_url or ""
    path = check_url(url, f"{PATH}Container.ArtifactUrl")
    return AdapterRequest(
        name=ComponentName(given.inference_component_name),
        endpoint=EndpointName(given.endpoint_name),
        base=specification.base_inference_component_name or "",
        # Copies are told where the files are on this machine, whatever the URL calls it.
        model_data=path.as_uri() if isinstance(path, Path) else url,
        variant=None if given.variant_name is None else VariantName(given.variant_name),
        tags=tag_map(given.tags),
        echo=kept(given),
    )


def _unserved(specification: sm.InferenceComponentSpecification) -> Iterator[str]:
    yield from unserved(
        PATH,
        BaseInferenceComponentName=specification.base_inference_component_name,
        InstanceType=specification.instance_type,
    )
    resources = specification.compute_resource_requirements
    if resources is not None:
        yield from unserved(f"{PATH}ComputeResourceRequirements.", AcceleratorPartitionType=resources.accelerator_partition_type)


def _container(specification: sm.InferenceComponentSpecification, check_url: CheckUrl) -> Container | None:
    given = specification.container
    if given is None:
        return None
    required(given.image, f"{PATH}Container.Image")
    if given.artifact_url:
        check_url(given.artifact_url, f"{PATH}Container.ArtifactUrl")
    return Container(image=given.image or "", model_data=given.artifact_url or "", environment=given.environment or {})


def _requirements(given: sm.InferenceComponentComputeResourceRequirements) -> ComputeRequirements:
    accelerators = given.number_of_accelerator_devices_required or 0.0
    if not accelerators.is_integer():
        field = "NumberOfAcceleratorDevicesRequired"
        raise InvalidParameterError(f"{field} must be a whole number, not {accelerators}.", field=field)
    return ComputeRequirements(
        cpus=given.number_of_cpu_cores_required or 0.0,
        accelerators=accelerators,
        least_memory_mb=given.min_memory_required_in_mb,
        most_memory_mb=given.max_memory_required_in_mb or 0,
    )


def _span(seconds: int | None) -> Span | None:
    return None if seconds is None else seconds * SECOND


def _specification(component: InferenceComponent) -> sm.InferenceComponentSpecificationSummary:
    """Give the specification as it was sent, with the image that it came to; or as the domain has it."""
    sent = echoed(sm.CreateInferenceComponentInput, component.echo).specification
    if sent is None:
        sent = sm.InferenceComponentSpecification(
            model_name=component.model,
            container=None if component.model else _definition(component.container),
            compute_resource_requirements=_resources(component.requirements),
        )
    cache = sent.data_cache_config
    return sm.InferenceComponentSpecificationSummary(
        base_inference_component_name=component.base,
        model_name=sent.model_name,
        container=None if sent.container is None else _deployed(component, sent.container),
        startup_parameters=sent.startup_parameters,
        compute_resource_requirements=sent.compute_resource_requirements,
        data_cache_config=None
        if cache is None
        else sm.InferenceComponentDataCacheConfigSummary(enable_caching=cache.enable_caching),
        scheduling_config=sent.scheduling_config,
    )


def _deployed(
    component: InferenceComponent, sent: sm.InferenceComponentContainerSpecification
) -> sm.InferenceComponentContainerSpecificationSummary:
    image = None
    if sent.image is not None:
        image = sm.DeployedImage(specified_image=sent.image, resolved_image=sent.image, resolution_time=when(component.created))
    return sm.InferenceComponentContainerSpecificationSummary(
        deployed_image=image,
        artifact_url=sent.artifact_url,
        environment=sent.environment,
        container_metrics_config=sent.container_metrics_config,
    )


def _definition(container: Container) -> sm.InferenceComponentContainerSpecification:
    shown = {name: value for name, value in container.environment.items() if name not in container.hidden}
    return sm.InferenceComponentContainerSpecification(
        image=container.image, artifact_url=container.model_data or None, environment=shown or None
    )


def _resources(booked: ComputeRequirements) -> sm.InferenceComponentComputeResourceRequirements:
    return sm.InferenceComponentComputeResourceRequirements(
        number_of_cpu_cores_required=booked.cpus or None,
        number_of_accelerator_devices_required=booked.accelerators or None,
        min_memory_required_in_mb=booked.least_memory_mb,
        max_memory_required_in_mb=booked.most_memory_mb or None,
    )
