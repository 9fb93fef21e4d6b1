"""SageMaker's model packages: Create, Describe, BatchDescribe, List, Update, DeleteModelPackage.

Whether a package's image and files are to be had here is looked at when a model is made of it: a registry may know more models
than one installation can run.
"""

from collections.abc import Iterator, Sequence

import msgspec

from stoker.domain.ids import Partition
from stoker.domain.registry import Approval, ModelPackage
from stoker.errors import ConflictError, InvalidParameterError, NotFoundError
from stoker.service.models import Models
from stoker.service.registry import PackageRequest, Packages
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import FaultError
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.documents import echoed, kept, refuse, tag_map, unserved, when
from stoker.wire.aws.services.paging import Row, page
from stoker.wire.aws.services.sagemaker_models import made_containers
from stoker.wire.aws.services.sagemaker_package_groups import COMPLETED, OLDEST_FIRST

MAX_ADDITIONAL = 15
MAX_METADATA = 50
"""Additional inference specifications and metadata properties of one package (API reference, UpdateModelPackage)."""

_STATUS = sm.ModelPackageStatusDetails(validation_statuses=[], image_scan_statuses=[])


class PackageCalls:
    """The operations on packages."""

    __slots__ = ("_models", "_packages", "_partition")

    def __init__(self, packages: Packages, models: Models, partition: Partition) -> None:
        self._packages = packages
        self._models = models
        self._partition = partition

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            ("sagemaker", "CreateModelPackage"): self.create,
            ("sagemaker", "DescribeModelPackage"): self.describe,
            ("sagemaker", "BatchDescribeModelPackage"): self.describe_many,
            ("sagemaker", "ListModelPackages"): self.list,
            ("sagemaker", "UpdateModelPackage"): self.update,
            ("sagemaker", "DeleteModelPackage"): self.delete,
        }

    async def create(self, given: sm.CreateModelPackageInput, _: Context) -> sm.CreateModelPackageOutput:
        """Make a package, or the next version of a group."""
        _check(given)
        if given.inference_specification is None and given.source_uri is not None:
            given = msgspec.structs.replace(given, inference_specification=self._source(given.source_uri))
        _check_specifications(given.additional_inference_specifications or ())
        status = given.model_approval_status
        request = PackageRequest(
            name=given.model_package_name or "",
            group=given.model_package_group_name or "",
            approval=None if status is None else Approval(status),
            token=given.client_token or "",
            tags=tag_map(given.tags),
            echo=kept(msgspec.structs.replace(given, client_token=None, tags=None)),
        )
        try:
            package = await self._packages.create(request)
        except ConflictError as error:
            if error.exists:
                raise
            raise FaultError("ConflictException", error.message) from error
        return sm.CreateModelPackageOutput(model_package_arn=self._arn(package))

    async def describe(self, given: sm.DescribeModelPackageInput, _: Context) -> sm.DescribeModelPackageOutput:
        """Give a package as it was made and changed since."""
        package = self._packages.get(given.model_package_name)
        sent = _sent(package)
        card = sent.model_card
        if card is not None and given.included_data == "MetadataOnly":
            card = msgspec.structs.replace(card, model_card_content="{}")
        return sm.DescribeModelPackageOutput(
            model_package_name=package.group or package.key,
            model_package_group_name=package.group or None,
            model_package_version=package.version or None,
            model_package_registration_type=sent.model_package_registration_type,
            model_package_arn=self._arn(package),
            model_package_description=sent.model_package_description,
            creation_time=when(package.created),
            inference_specification=sent.inference_specification,
            model_package_status=COMPLETED,
            model_package_status_details=_STATUS,
            certify_for_marketplace=sent.certify_for_marketplace,
            model_approval_status=package.approval,
            metadata_properties=sent.metadata_properties,
            model_metrics=sent.model_metrics,
            last_modified_time=when(package.modified),
            approval_description=package.approval_description or None,
            domain=sent.domain,
            task=sent.task,
            sample_payload_url=sent.sample_payload_url,
            customer_metadata_properties=sent.customer_metadata_properties or None,
            drift_check_baselines=sent.drift_check_baselines,
            additional_inference_specifications=sent.additional_inference_specifications or None,
            skip_model_validation=sent.skip_model_validation,
            source_uri=sent.source_uri,
            security_config=sent.security_config,
            model_card=card,
            model_life_cycle=sent.model_life_cycle,
            managed_storage_type=sent.managed_storage_type,
        )

    async def describe_many(self, given: sm.BatchDescribeModelPackageInput, _: Context) -> sm.BatchDescribeModelPackageOutput:
        """Give several versions; one that is not there is told beside the others."""
        found: dict[str, sm.BatchDescribeModelPackageSummary] = {}
        missing: dict[str, sm.BatchDescribeModelPackageError] = {}
        for arn in given.model_package_arn_list:
            try:
                found[arn] = self._brief(self._packages.get(arn))
            except NotFoundError:
                told = f"ModelPackage {arn} does not exist."
                missing[arn] = sm.BatchDescribeModelPackageError(error_code="ValidationException", error_response=told)
        return sm.BatchDescribeModelPackageOutput(
            model_package_summaries=found or None, batch_describe_model_package_error_map=missing or None
        )

    async def list(self, given: sm.ListModelPackagesInput, _: Context) -> sm.ListModelPackagesOutput:
        """Give a page of packages: those of a group, or those of one kind, which is the unversioned unless it is told."""
        found = page(given, self._rows(given), order=OLDEST_FIRST)
        summaries = [self._summary(package) for package in found.items]
        return sm.ListModelPackagesOutput(model_package_summary_list=summaries, next_token=found.next_token)

    async def update(self, given: sm.UpdateModelPackageInput, _: Context) -> sm.UpdateModelPackageOutput:
        """Approve a version or reject it, or change what is told of it."""
        package = self._packages.get(given.model_package_arn)
        status = given.model_approval_status
        changed = await self._packages.change(
            given.model_package_arn,
            echo=kept(_changed(_sent(package), given)),
            approval=None if status is None else Approval(status),
            approval_description=given.approval_description,
        )
        return sm.UpdateModelPackageOutput(model_package_arn=self._arn(changed))

    async def delete(self, given: sm.DeleteModelPackageInput, _: Context) -> None:
        """Delete a package."""
        await self._packages.delete(given.model_package_name)

    def _rows(self, given: sm.ListModelPackagesInput) -> Iterator[Row[ModelPackage]]:
        group = given.model_package_group_name
        kind = given.model_package_type or ("Unversioned" if group is None else "Versioned")
        named = given.name_contains or ""
        for package in self._packages.all() if group is None else self._packages.versions(group):
            right = kind == "Both" or (kind == "Versioned") == bool(package.version)
            if given.model_approval_status not in {None, package.approval} or named not in (package.group or package.key):
                continue
            if right:
                # So that versions are in their order, and NameContains finds nothing in their numbers.
                name = f"{package.group}/{package.version:09}" if package.version else package.key
                yield Row(package, name, package.created)

    def _summary(self, package: ModelPackage) -> sm.ModelPackageSummary:
        sent = _sent(package)
        return sm.ModelPackageSummary(
            model_package_name=None if package.version else package.key,
            model_package_group_name=package.group or None,
            model_package_version=package.version or None,
            model_package_arn=self._arn(package),
            model_package_description=sent.model_package_description,
            creation_time=when(package.created),
            model_package_status=COMPLETED,
            model_approval_status=package.approval,
            model_life_cycle=sent.model_life_cycle,
            model_package_registration_type=sent.model_package_registration_type,
        )

    def _brief(self, package: ModelPackage) -> sm.BatchDescribeModelPackageSummary:
        sent = _sent(package)
        return sm.BatchDescribeModelPackageSummary(
            model_package_group_name=package.group,
            model_package_version=package.version or None,
            model_package_arn=self._arn(package),
            model_package_description=sent.model_package_description,
            creation_time=when(package.created),
            inference_specification=sent.inference_specification or sm.InferenceSpecification(containers=[]),
            model_package_status=COMPLETED,
            model_approval_status=package.approval,
            model_package_registration_type=sent.model_package_registration_type,
        )

    def _source(self, uri: str) -> sm.InferenceSpecification | None:
        """Give what the package or the model at a SourceUri runs; one that is elsewhere is kept as what it is, a pointer."""
        if ":model-package/" in uri:
            return _sent(self._packages.get(uri)).inference_specification
        if uri.startswith("arn:") and ":model/" in uri:
            return sm.InferenceSpecification(containers=made_containers(self._models.get(uri)))
        return None

    def _arn(self, package: ModelPackage) -> str:
        return self._partition.sagemaker("model-package", package.key)


def _sent(package: ModelPackage) -> sm.CreateModelPackageInput:
    return echoed(sm.CreateModelPackageInput, package.echo)


def _check(given: sm.CreateModelPackageInput) -> None:
    """Refuse what does not go together, and what Stoker does not do."""
    if (given.model_package_name is None) == (given.model_package_group_name is None):
        message = "Specify exactly one of ModelPackageName and ModelPackageGroupName."
        raise InvalidParameterError(message, field="ModelPackageName")
    refuse(
        unserved(
            "",
            ValidationSpecification=given.validation_specification,
            SourceAlgorithmSpecification=given.source_algorithm_specification,
            CertifyForMarketplace=given.certify_for_marketplace,
        )
    )
    if given.model_package_group_name is not None and given.tags:
        message = "Tags cannot be given to a version: the tags of its model package group are its own."
        raise InvalidParameterError(message, field="Tags")
    if given.model_package_name is None:
        return
    if given.model_approval_status is not None:
        message = "ModelApprovalStatus does not apply to a model package without versions."
        raise InvalidParameterError(message, field="ModelApprovalStatus")
    if given.inference_specification is None and given.source_uri is None:
        message = "InferenceSpecification is required for a model package without versions."
        raise InvalidParameterError(message, field="InferenceSpecification")


def _check_specifications(given: Sequence[sm.AdditionalInferenceSpecificationDefinition]) -> None:
    names = [each.name for each in given]
    if len(set(names)) != len(names):
        message = "The names of the additional inference specifications must differ."
        raise InvalidParameterError(message, field="AdditionalInferenceSpecifications")
    if len(names) > MAX_ADDITIONAL:
        message = f"A model package has at most {MAX_ADDITIONAL} additional inference specifications, not {len(names)}."
        raise InvalidParameterError(message, field="AdditionalInferenceSpecifications")


def _changed(sent: sm.CreateModelPackageInput, given: sm.UpdateModelPackageInput) -> sm.CreateModelPackageInput:
    """Give a package's document as it is after an update."""
    taken = set(given.customer_metadata_properties_to_remove or ())
    left = {key: value for key, value in (sent.customer_metadata_properties or {}).items() if key not in taken}
    metadata = left | (given.customer_metadata_properties or {})
    if len(metadata) > MAX_METADATA:
        message = f"A model package has at most {MAX_METADATA} metadata properties, not {len(metadata)}."
        raise InvalidParameterError(message, field="CustomerMetadataProperties")
    additional = [
        *(sent.additional_inference_specifications or ()),
        *(given.additional_inference_specifications_to_add or ()),
    ]
    _check_specifications(additional)
    plain = {
        "inference_specification": given.inference_specification,
        "source_uri": given.source_uri,
        "model_card": given.model_card,
        "model_life_cycle": given.model_life_cycle,
        "model_package_registration_type": given.model_package_registration_type,
    }
    return msgspec.structs.replace(
        sent,
        customer_metadata_properties=metadata or None,
        additional_inference_specifications=additional or None,
        **{name: value for name, value in plain.items() if value is not None},
    )
