"""Tags: those that mean something to Stoker, and all the others."""

from collections.abc import Collection, Mapping
from typing import TypeAlias, TypeGuard

import msgspec

from stoker.decisions.policies.rule import LEAST, MOST, NONE, read_rule
from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import Endpoint, EndpointConfig
from stoker.domain.ids import (
    COMPONENT,
    ENDPOINT,
    ENDPOINT_CONFIG,
    MODEL,
    MODEL_PACKAGE,
    MODEL_PACKAGE_GROUP,
    ComponentName,
    ConfigName,
    EndpointName,
    ModelName,
)
from stoker.domain.models import Model
from stoker.domain.registry import ModelPackage, PackageGroup, PackageKey
from stoker.domain.states import AtZero
from stoker.engine.events import ResourceTagged
from stoker.engine.registry_events import PackageGroupPut, PackagePut
from stoker.errors import InvalidParameterError, LimitError, NotFoundError
from stoker.service.desk import Desk

AT_ZERO = "stoker:at-zero"
"""The tag of an endpoint or a component that says what its invocations do at zero capacity: `hold` or `refuse`."""


MAX_TAGS = 50
"""Tags of one resource (AWS's quota)."""

Tagged: TypeAlias = Model | EndpointConfig | Endpoint | InferenceComponent | PackageGroup | ModelPackage
"""What has tags."""


class Tagging:
    """Shows and changes tags; `kind` is the word for what has them in an ARN."""

    __slots__ = ("_desk",)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def tags(self, kind: str, name: str) -> Mapping[str, str]:
        """Give a resource's tags; those of a version in the model registry are its group's."""
        thing = self._find(kind, name)
        return self._find("model-package-group", thing.group).tags if _is_version(thing) else thing.tags

    async def change(self, kind: str, name: str, tags: Mapping[str, str], *, without: Collection[str] = ()) -> Mapping[str, str]:
        """Set tags, take others away, and give those that there are then.

        Tags that mean something to Stoker must do so here as when a resource is made.
        """
        thing = self._find(kind, name)
        left = {key: value for key, value in thing.tags.items() if key not in without} | dict(tags)
        if len(left) > MAX_TAGS:
            raise LimitError(f"A resource has at most {MAX_TAGS} tags, not {len(left)}.", limit="tags", maximum=MAX_TAGS)
        self._check(thing, left)
        if left != thing.tags:
            await self._desk.submit(_event(kind, thing, left))
        return left

    def _check(self, thing: Tagged, tags: Mapping[str, str]) -> None:
        if _is_version(thing):
            message = "The tags of a version are those of its model package group: change the group's."
            raise InvalidParameterError(message, field="ResourceArn")
        if isinstance(thing, Endpoint):
            at_zero(tags)
            check_policy(tags, {})
        elif isinstance(thing, InferenceComponent):
            at_zero(tags)
            endpoint = self._desk.platform.fleet.endpoints.get(thing.endpoint)
            check_policy(tags, {} if endpoint is None else endpoint.tags)

    def _find(self, kind: str, name: str) -> Tagged:
        fleet, registry = self._desk.platform.fleet, self._desk.platform.calls.registry
        found: Tagged | None = None
        match kind:
            case "model":
                found = fleet.models.get(ModelName(name))
            case "endpoint-config":
                found = fleet.configs.get(ConfigName(name))
            case "endpoint":
                found = fleet.endpoints.get(EndpointName(name))
            case "inference-component":
                found = fleet.components.get(ComponentName(name))
            case "model-package-group":
                found = registry.groups.get(name)
            case "model-package":
                found = registry.packages.get(PackageKey(name))
            case _:
                raise InvalidParameterError(f"There are no tags of a {kind} here.", field="ResourceArn")
        if found is None:
            raise NotFoundError(_KINDS[kind], name)
        return found


_KINDS = {
    "model": MODEL,
    "endpoint-config": ENDPOINT_CONFIG,
    "endpoint": ENDPOINT,
    "inference-component": COMPONENT,
    "model-package-group": MODEL_PACKAGE_GROUP,
    "model-package": MODEL_PACKAGE,
}


def _is_version(thing: Tagged) -> TypeGuard[ModelPackage]:
    return isinstance(thing, ModelPackage) and thing.version > 0


def _event(kind: str, thing: Tagged, tags: dict[str, str]) -> PackageGroupPut | PackagePut | ResourceTagged:
    match thing:
        case PackageGroup():
            return PackageGroupPut(group=msgspec.structs.replace(thing, tags=tags))
        case ModelPackage():
            return PackagePut(package=msgspec.structs.replace(thing, tags=tags))
        case _:
            means = at_zero(tags) if isinstance(thing, Endpoint | InferenceComponent) else None
            return ResourceTagged(kind=_KINDS[kind], name=thing.name, tags=tags, at_zero=means)


def at_zero(tags: Mapping[str, str]) -> AtZero | None:
    """Give what the tags say of invocations at zero capacity; None when they do not."""
    value = tags.get(AT_ZERO)
    if value is None:
        return None
    try:
        return AtZero(value)
    except ValueError:
        raise InvalidParameterError(
            f"The tag {AT_ZERO} must be 'hold' or 'refuse', not {value!r}.", field=f"Tags[{AT_ZERO}]"
        ) from None


def check_policy(tags: Mapping[str, str], endpoint_tags: Mapping[str, str], *, copies: int | None = None) -> None:
    """Raise `InvalidParameterError` for tags of a policy or its bounds that cannot be, or that `copies` is not within."""
    rule = read_rule(tags, endpoint_tags, NONE)
    if copies is None:
        return
    least, most = rule.bounds(copies)
    if not least <= copies <= most:
        raise InvalidParameterError(
            f"CopyCount ({copies}) must be within the tags {LEAST} and {MOST}: from {least} to {most}.",
            field="RuntimeConfig.CopyCount",
        )
