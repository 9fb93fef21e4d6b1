"""SageMaker's models: CreateModel, DescribeModel, ListModels, DeleteModel."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from stoker.artifacts.local import local_path
from stoker.domain.ids import ModelName, Partition
from stoker.domain.models import Container, Model
from stoker.errors import InvalidParameterError
from stoker.service.models import Models
from stoker.service.registry import Packages
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.documents import echoed, kept, not_served, refuse, required, tag_map, unserved, when
from stoker.wire.aws.services.paging import Row, page_of

CheckUrl = Callable[[str, str], object]
"""Raises InvalidParameterError for a model's URL (with its field's name) that cannot be fetched here."""


class ModelCalls:
    """The operations on models."""

    __slots__ = ("_check_url", "_models", "_packages", "_partition")

    def __init__(self, models: Models, packages: Packages, partition: Partition, check_url: CheckUrl = local_path) -> None:
        self._models = models
        self._packages = packages
        self._partition = partition
        self._check_url = check_url

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            ("sagemaker", "CreateModel"): self.create,
            ("sagemaker", "DescribeModel"): self.describe,
            ("sagemaker", "ListModels"): self.list,
            ("sagemaker", "DeleteModel"): self.delete,
        }

    async def create(self, given: sm.CreateModelInput, _: Context) -> sm.CreateModelOutput:
        """Make a model of one container."""
        tags = tag_map(given.tags)
        container = _container(given, self._packages, self._check_url)
        model = await self._models.create(ModelName(given.model_name), container, echo=kept(given), tags=tags)
        return sm.CreateModelOutput(model_arn=self._arn(model))

    async def describe(self, given: sm.DescribeModelInput, _: Context) -> sm.DescribeModelOutput:
        """Give a model as it was made."""
        model = self._models.get(given.model_name)
        sent = echoed(sm.CreateModelInput, model.echo)
        primary = _primary(model, sent)
        return sm.DescribeModelOutput(
            model_name=model.name,
            model_arn=self._arn(model),
            creation_time=when(model.created),
            primary_container=primary,
            containers=sent.containers,
            inference_execution_config=sent.inference_execution_config,
            execution_role_arn=sent.execution_role_arn,
            vpc_config=sent.vpc_config,
            enable_network_isolation=bool(sent.enable_network_isolation),
        )

    async def list(self, given: sm.ListModelsInput, _: Context) -> sm.ListModelsOutput:
        """Give a page of models."""
        found = page_of(given, self._models.all(), lambda m: Row(m, m.name, m.created))
        models = [sm.ModelSummary(model_name=m.name, model_arn=self._arn(m), creation_time=when(m.created)) for m in found.items]
        return sm.ListModelsOutput(models=models, next_token=found.next_token)

    async def delete(self, given: sm.DeleteModelInput, _: Context) -> None:
        """Delete a model."""
        await self._models.delete(given.model_name)

    def _arn(self, model: Model) -> str:
        return self._partition.sagemaker("model", model.name)


def _container(given: sm.CreateModelInput, packages: Packages, check_url: CheckUrl) -> Container:
    """Give what a model of the request runs."""
    if (given.primary_container is None) == (not given.containers):
        raise InvalidParameterError("Specify exactly one of PrimaryContainer and Containers.", field="PrimaryContainer")
    if given.containers is not None and len(given.containers) > 1:
        raise not_served(["Containers with more than one container (inference pipelines and multi-container endpoints)"])
    path, definition = ("PrimaryContainer.", given.primary_container)
    if definition is None:
        path, definition = ("Containers.1.", (given.containers or [])[0])
    if definition.model_package_name is not None:
        definition = _packaged(path, definition, packages)
    elif definition.inference_specification_name is not None:
        message = f"{path}InferenceSpecificationName needs {path}ModelPackageName."
        raise InvalidParameterError(message, field=f"{path}InferenceSpecificationName")
    refuse(_unserved(path, definition))
    required(definition.image, f"{path}Image")
    field, url = _model_data(path, definition)
    if url:
        check_url(url, field)
    many = definition.mode == "MultiModel"
    _check_models(path, definition, many=many)
    cache = definition.multi_model_config.model_cache_setting if definition.multi_model_config else None
    return Container(
        image=definition.image or "",
        model_data=url,
        environment=definition.environment or {},
        multi_model=many,
        cache_models=cache != "Disabled",
    )


def _check_models(path: str, definition: sm.ContainerDefinition, *, many: bool) -> None:
    """Refuse what does not go with many models, or without."""
    if many:
        required(definition.model_data_url, f"{path}ModelDataUrl", " for a multi-model container, as the prefix of its models")
    elif definition.multi_model_config is not None:
        field = f"{path}MultiModelConfig"
        raise InvalidParameterError(f"{field} needs {path}Mode=MultiModel.", field=field)


def _packaged(path: str, given: sm.ContainerDefinition, packages: Packages) -> sm.ContainerDefinition:
    """Give the container that a model package tells of, with the environment of both: the model's own goes before."""
    if given.image is not None or given.model_data_url is not None or given.model_data_source is not None:
        message = f"Specify either {path}ModelPackageName, or {path}Image with its model data, not both."
        raise InvalidParameterError(message, field=f"{path}ModelPackageName")
    name = given.model_package_name or ""
    package = echoed(sm.CreateModelPackageInput, packages.deployable(name).echo)
    wanted = given.inference_specification_name
    main = package.inference_specification
    containers: Sequence[sm.ModelPackageContainerDefinition] | None = None if main is None else main.containers
    if wanted is not None:
        more = {each.name: each.containers for each in package.additional_inference_specifications or ()}
        containers = more.get(wanted)
    if not containers:
        which = "inference specification" if wanted is None else f"inference specification {wanted}"
        raise InvalidParameterError(f"The model package {name} has no {which}.", field=f"{path}ModelPackageName")
    if len(containers) > 1:
        raise not_served([f"{path}ModelPackageName of a package with more than one container"])
    return msgspec.structs.replace(
        given,
        image=containers[0].image,
        model_data_url=containers[0].model_data_url,
        model_data_source=containers[0].model_data_source,
        additional_model_data_sources=containers[0].additional_model_data_sources,
        environment=(containers[0].environment or {}) | (given.environment or {}),
    )


def made_containers(model: Model) -> list[sm.ModelPackageContainerDefinition]:
    """Give what a model runs, as a model package tells it."""
    sent = echoed(sm.CreateModelInput, model.echo)
    primary = _primary(model, sent) or (sent.containers or [sm.ContainerDefinition()])[0]
    return [
        sm.ModelPackageContainerDefinition(
            image=model.container.image,
            model_data_url=None if primary.model_data_source is not None else model.container.model_data or None,
            model_data_source=primary.model_data_source,
            environment=model.container.environment or None,
        )
    ]


def _primary(model: Model, sent: sm.CreateModelInput) -> sm.ContainerDefinition | None:
    if sent.primary_container is None and sent.containers is None:
        return _definition(model.container)
    return sent.primary_container


def _unserved(path: str, definition: sm.ContainerDefinition) -> Iterator[str]:
    yield from unserved(
        path,
        AdditionalModelDataSources=definition.additional_model_data_sources or None,
    )
    source = _source(definition)
    if source is not None:
        yield from unserved(f"{path}ModelDataSource.S3DataSource.", ManifestS3Uri=source.manifest_s3_uri)
        if source.s3_data_type == "S3Object" and source.compression_type == "None":
            yield f"{path}ModelDataSource.S3DataSource.S3DataType=S3Object with CompressionType=None (a single plain file)"


def _source(definition: sm.ContainerDefinition) -> sm.S3ModelDataSource | None:
    return None if definition.model_data_source is None else definition.model_data_source.s3_data_source


def _model_data(path: str, definition: sm.ContainerDefinition) -> tuple[str, str]:
    """Give the URL of the model's files, empty when there are none, behind its member's name."""
    source = _source(definition)
    if source is None:
        return f"{path}ModelDataUrl", definition.model_data_url or ""
    if definition.model_data_url is not None:
        message = f"Specify at most one of {path}ModelDataUrl and {path}ModelDataSource."
        raise InvalidParameterError(message, field=f"{path}ModelDataSource")
    return f"{path}ModelDataSource.S3DataSource.S3Uri", source.s3_uri


def _definition(container: Container) -> sm.ContainerDefinition:
    """Give the container of a model that was made by another API."""
    return sm.ContainerDefinition(
        image=container.image, model_data_url=container.model_data or None, environment=container.environment or None
    )
