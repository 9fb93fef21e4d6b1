"""Use cases of the model registry."""

import msgspec

from stoker.domain.ids import MODEL_PACKAGE, MODEL_PACKAGE_GROUP, name_in_arn
from stoker.domain.registry import Approval, ModelPackage, PackageGroup, PackageKey
from stoker.engine.registry import Registry
from stoker.engine.registry_events import PackageGroupPut, PackageGroupRemoved, PackagePut, PackageRemoved
from stoker.errors import ConflictError, InvalidParameterError, NotFoundError
from stoker.service.desk import Desk
from stoker.service.quotas import check_quota

MAX_VERSION = 999_999_999
"""The greatest version number that an ARN has room for."""

_IN_ARN = ":model-package/"


class PackageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asks for: exactly one of `name`, and `group` to make its next version. `token` may be empty."""

    name: str = ""
    group: str = ""
    approval: Approval | None = None
    token: str = ""
    tags: dict[str, str] = {}
    echo: bytes


class Packages:
    """Makes, shows, changes and deletes model packages and their groups."""

    __slots__ = ("_desk",)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def _registry(self) -> Registry:
        return self._desk.platform.calls.registry

    async def create_group(self, name: str, description: str, tags: dict[str, str], echo: bytes) -> PackageGroup:
        """Make an empty group."""
        groups = self._registry.groups
        if name in groups:
            raise ConflictError(MODEL_PACKAGE_GROUP, name, exists=True)
        most, setting = self._desk.platform.options.quotas.model_package_groups, "quotas.model_package_groups"
        check_quota("Number of model package groups", most, len(groups), unit="Model package groups", setting=setting)
        group = PackageGroup(name=name, description=description, tags=tags, echo=echo, created=self._desk.now())
        await self._desk.submit(PackageGroupPut(group=group))
        return group

    def group(self, name: str) -> PackageGroup:
        """Give a group by name or ARN."""
        group = self._registry.groups.get(name_in_arn(name))
        if group is None:
            raise NotFoundError(MODEL_PACKAGE_GROUP, name)
        return group

    def groups(self) -> list[PackageGroup]:
        """Give all groups."""
        return list(self._registry.groups.values())

    async def delete_group(self, name: str) -> None:
        """Delete a group that no version is left in."""
        group = self.group(name)
        left = len(self._registry.versions(group.name))
        if left:
            raise ConflictError(
                MODEL_PACKAGE_GROUP,
                group.name,
                f"The model package group {group.name} cannot be deleted: model packages are in it ({left}).",
            )
        await self._desk.submit(PackageGroupRemoved(name=group.name))

    async def create(self, request: PackageRequest) -> ModelPackage:
        """Make a package, or a group's next version; the same call of the same token again gives what it made the first time."""
        if request.group:
            group = self.group(request.group)
            made = self._made(request, self._registry.versions(group.name))
            version, key = group.newest + 1, PackageKey(f"{group.name}/{group.newest + 1}")
            if version > MAX_VERSION:
                raise ConflictError(MODEL_PACKAGE_GROUP, group.name, f"There are {MAX_VERSION} versions in the group already.")
        else:
            version, key = 0, PackageKey(request.name)
            made = self._made(request, [p for p in (self._registry.packages.get(key),) if p is not None])
            if made is None and key in self._registry.packages:
                raise ConflictError(MODEL_PACKAGE, key, exists=True)
        if made is not None:
            return made
        most, used = self._desk.platform.options.quotas.model_packages, len(self._registry.packages)
        check_quota("Number of model packages", most, used, unit="Model packages", setting="quotas.model_packages")
        now = self._desk.now()
        package = ModelPackage(
            key=key,
            group=key.partition("/")[0] if version else "",
            version=version,
            approval=(request.approval or Approval.PENDING) if version else None,
            token=request.token,
            tags=request.tags,
            echo=request.echo,
            created=now,
            modified=now,
        )
        await self._desk.submit(PackagePut(package=package))
        return package

    def get(self, name: str) -> ModelPackage:
        """Give a package by ARN, or by name, or by group and version with a slash between."""
        package = self._registry.packages.get(PackageKey(name.rpartition(_IN_ARN)[2] if name.startswith("arn:") else name))
        if package is None:
            raise NotFoundError(MODEL_PACKAGE, name)
        return package

    def all(self) -> list[ModelPackage]:
        """Give all packages."""
        return list(self._registry.packages.values())

    def versions(self, group: str) -> list[ModelPackage]:
        """Give the packages of a group, named or by ARN."""
        return self._registry.versions(self.group(group).name)

    def deployable(self, name: str) -> ModelPackage:
        """Give a package that a model may be made of: a version must have been approved."""
        package = self.get(name)
        if package.approval not in {None, Approval.APPROVED}:
            raise InvalidParameterError(
                f"Cannot create a model from the model package {name}: its ModelApprovalStatus is {package.approval}, "
                "and must be Approved.",
                field="ModelPackageName",
            )
        return package

    async def change(
        self, name: str, *, echo: bytes, approval: Approval | None = None, approval_description: str | None = None
    ) -> ModelPackage:
        """Change a package's document and its approval; None leaves as it is."""
        package = self.get(name)
        if approval is not None and not package.version:
            raise InvalidParameterError(
                "ModelApprovalStatus does not apply to a model package without versions.", field="ModelApprovalStatus"
            )
        changed = msgspec.structs.replace(
            package,
            echo=echo,
            approval=approval or package.approval,
            approval_description=package.approval_description if approval_description is None else approval_description,
            modified=self._desk.now(),
        )
        await self._desk.submit(PackagePut(package=changed))
        return changed

    async def delete(self, name: str) -> None:
        """Delete a package; models made of it live on, and its number is not given again."""
        await self._desk.submit(PackageRemoved(key=self.get(name).key))

    @staticmethod
    def _made(request: PackageRequest, among: list[ModelPackage]) -> ModelPackage | None:
        """Give what the same call made before."""
        found = next((p for p in among if p.token == request.token), None) if request.token else None
        if found is not None and found.modified == found.created and found.echo != request.echo:
            message = f"The client token {request.token} was used for another request already."
            raise ConflictError(MODEL_PACKAGE, found.key, message)
        return found
