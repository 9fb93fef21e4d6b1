"""The model registry as it stands, and the record of it."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from stoker.domain.registry import ModelPackage, PackageGroup, PackageKey
from stoker.engine.commands import Command, Put, Remove
from stoker.engine.registry_events import PackageGroupPut, PackageGroupRemoved, PackagePut, PackageRemoved, RegistryEvent

GROUP_KIND = "model-package-group"
PACKAGE_KIND = "model-package"
"""What records are kept as."""


class Registry:
    """All model packages and their groups."""

    __slots__ = ("_groups", "_of_group", "_packages")

    def __init__(self) -> None:
        self._groups: dict[str, PackageGroup] = {}
        self._packages: dict[PackageKey, ModelPackage] = {}
        self._of_group: dict[str, dict[PackageKey, None]] = {}

    @property
    def groups(self) -> Mapping[str, PackageGroup]:
        """The groups, by name."""
        return self._groups

    @property
    def packages(self) -> Mapping[PackageKey, ModelPackage]:
        """The packages, those of groups and the others."""
        return self._packages

    def versions(self, group: str) -> list[ModelPackage]:
        """Give the packages of a group."""
        return [self._packages[key] for key in self._of_group.get(group, ())]

    def restore(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Take up what was kept: (kind, document) of every record, of other kinds too."""
        for kind, document in records:
            if kind == GROUP_KIND:
                group = msgspec.msgpack.decode(document, type=PackageGroup)
                self._groups[group.name] = group
            elif kind == PACKAGE_KIND:
                self._keep(msgspec.msgpack.decode(document, type=ModelPackage))

    def handle(self, event: RegistryEvent) -> Iterator[Command]:
        """Take in a change."""
        match event:
            case PackageGroupPut(group=group):
                yield self._put_group(group)
            case PackageGroupRemoved(name=name):
                if self._groups.pop(name, None) is not None:
                    yield Remove(kind=GROUP_KIND, key=name)
            case PackagePut(package=package):
                self._keep(package)
                owner = self._groups.get(package.group)
                if owner is not None and owner.newest < package.version:
                    yield self._put_group(msgspec.structs.replace(owner, newest=package.version))
                yield Put(kind=PACKAGE_KIND, key=package.key, document=msgspec.msgpack.encode(package))
            case PackageRemoved(key=key):
                yield from self._remove(key)

    def _put_group(self, group: PackageGroup) -> Command:
        self._groups[group.name] = group
        return Put(kind=GROUP_KIND, key=group.name, document=msgspec.msgpack.encode(group))

    def _keep(self, package: ModelPackage) -> None:
        self._packages[package.key] = package
        if package.group:
            self._of_group.setdefault(package.group, {})[package.key] = None

    def _remove(self, key: PackageKey) -> Iterator[Command]:
        package = self._packages.pop(key, None)
        if package is None:
            return
        if package.group:
            siblings = self._of_group[package.group]
            del siblings[key]
            if not siblings:
                del self._of_group[package.group]
        yield Remove(kind=PACKAGE_KIND, key=key)
