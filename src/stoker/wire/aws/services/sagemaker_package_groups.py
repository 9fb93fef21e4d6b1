"""SageMaker's model package groups: Create, Describe, List, DeleteModelPackageGroup."""

from stoker.domain.ids import Partition
from stoker.domain.registry import PackageGroup
from stoker.errors import ConflictError
from stoker.service.registry import Packages
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import FaultError
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.documents import echoed, kept, tag_map, when
from stoker.wire.aws.services.paging import Row, page

COMPLETED = "Completed"
"""The status of groups and packages: nothing here takes time."""

OLDEST_FIRST = "Ascending"
"""The order of lists in the registry (API reference, ListModelPackageGroups)."""


class PackageGroupCalls:
    """The operations on groups."""

    __slots__ = ("_packages", "_partition")

    def __init__(self, packages: Packages, partition: Partition) -> None:
        self._packages = packages
        self._partition = partition

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            ("sagemaker", "CreateModelPackageGroup"): self.create,
            ("sagemaker", "DescribeModelPackageGroup"): self.describe,
            ("sagemaker", "ListModelPackageGroups"): self.list,
            ("sagemaker", "DeleteModelPackageGroup"): self.delete,
        }

    async def create(self, given: sm.CreateModelPackageGroupInput, _: Context) -> sm.CreateModelPackageGroupOutput:
        """Make a group."""
        description = given.model_package_group_description or ""
        group = await self._packages.create_group(given.model_package_group_name, description, tag_map(given.tags), kept(given))
        return sm.CreateModelPackageGroupOutput(model_package_group_arn=self._arn(group))

    async def describe(self, given: sm.DescribeModelPackageGroupInput, _: Context) -> sm.DescribeModelPackageGroupOutput:
        """Give a group."""
        group = self._packages.group(given.model_package_group_name)
        return sm.DescribeModelPackageGroupOutput(
            model_package_group_name=group.name,
            model_package_group_arn=self._arn(group),
            model_package_group_description=group.description or None,
            creation_time=when(group.created),
            created_by=sm.UserContext(),
            model_package_group_status=COMPLETED,
            managed_configuration=echoed(sm.CreateModelPackageGroupInput, group.echo).managed_configuration,
        )

    async def list(self, given: sm.ListModelPackageGroupsInput, _: Context) -> sm.ListModelPackageGroupsOutput:
        """Give a page of groups; none are shared by other accounts."""
        groups = [] if given.cross_account_filter_option == "CrossAccount" else self._packages.groups()
        found = page(given, (Row(g, g.name, g.created) for g in groups), order=OLDEST_FIRST)
        summaries = [
            sm.ModelPackageGroupSummary(
                model_package_group_name=g.name,
                model_package_group_arn=self._arn(g),
                model_package_group_description=g.description or None,
                creation_time=when(g.created),
                model_package_group_status=COMPLETED,
            )
            for g in found.items
        ]
        return sm.ListModelPackageGroupsOutput(model_package_group_summary_list=summaries, next_token=found.next_token)

    async def delete(self, given: sm.DeleteModelPackageGroupInput, _: Context) -> None:
        """Delete an empty group."""
        try:
            await self._packages.delete_group(given.model_package_group_name)
        except ConflictError as error:
            raise FaultError("ConflictException", error.message) from error

    def _arn(self, group: PackageGroup) -> str:
        return self._partition.sagemaker("model-package-group", group.name)
