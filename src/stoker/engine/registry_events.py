"""What changes the model registry by a call."""

from typing import TypeAlias

import msgspec

from stoker.domain.registry import ModelPackage, PackageGroup, PackageKey


class PackageGroupPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A group of model packages was made or changed."""

    group: PackageGroup


class PackageGroupRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A group of model packages, an empty one, was deleted."""

    name: str


class PackagePut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A model package was made or changed."""

    package: ModelPackage


class PackageRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A model package was deleted; models made of it live on."""

    key: PackageKey


RegistryEvent: TypeAlias = PackageGroupPut | PackageGroupRemoved | PackagePut | PackageRemoved
"""What the model registry handles."""
