"""The model registry: model packages, which are models that are not made yet, and the groups that their versions are in."""

from enum import StrEnum
from typing import NewType

import msgspec

from stoker.units import Instant

PackageKey = NewType("PackageKey", str)
"""What tells a package from all others, as its ARN ends: `GROUP/VERSION`, or the name of one that has no versions."""


class Approval(StrEnum):
    """Whether a version may be deployed."""

    APPROVED = "Approved"
    REJECTED = "Rejected"
    PENDING = "PendingManualApproval"


class PackageGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group of versions of a model. `newest` is the greatest version number that was ever given in it, 0 for none."""

    name: str
    created: Instant
    description: str = ""
    newest: int = 0
    tags: dict[str, str] = {}
    echo: bytes = b""


class ModelPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A model package: a version in a group, or one with a name of its own (`group` is empty then, `version` 0).

    `approval` is None for one without versions, which needs none. `echo` is the client's document, with all that was changed
    since, opaque here; `token` the client's word for the call that made it, which may come twice.
    """

    key: PackageKey
    created: Instant
    modified: Instant
    group: str = ""
    version: int = 0
    approval: Approval | None = None
    approval_description: str = ""
    token: str = ""
    tags: dict[str, str] = {}
    echo: bytes = b""
