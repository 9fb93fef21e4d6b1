"""What owns copies: components, and variants that serve a model themselves; in two versions while an update is on its way."""

from typing import NamedTuple, TypeAlias

import msgspec

from stoker.decisions.rollout import Shares, last_step, shares
from stoker.domain.components import ComponentBuild, ComputeRequirements, InferenceComponent
from stoker.domain.deployments import Stage
from stoker.domain.endpoints import Endpoint, EndpointUpdate, VariantState
from stoker.domain.ids import CopyId, EndpointName, InstanceId, VariantName, WorkloadId, component_workload, variant_workload
from stoker.domain.models import Container
from stoker.domain.serverless import MEMORY_SIZES_MB, NICENESS, SCRATCH_MB
from stoker.domain.states import ComponentStatus, EndpointStatus, PlacementStrategy
from stoker.engine.observations import CopySpec
from stoker.units import Span

VersionKey: TypeAlias = tuple[WorkloadId, int]
"""One version of a workload: its id and the revision of its copies."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What owns copies: a component, or a variant with a model (`requirements` None: each copy has an instance).

    It is one version of it: the copies of its `revision` are its own. Those of a serverless variant
    are environments of `environment_mb`.
    """

    id: WorkloadId
    endpoint: EndpointName
    variant: VariantName
    container: Container
    requirements: ComputeRequirements | None
    desired: int
    startup_timeout: Span
    download_timeout: Span
    ever_ready: bool
    failed: bool = False
    placement: PlacementStrategy = PlacementStrategy.SPREAD
    revision: int = 0
    environment_mb: int = 0

    @property
    def key(self) -> VersionKey:
        """Its id and its revision."""
        return self.id, self.revision


class Version(NamedTuple):
    """One version of a workload that is being updated: what it is to have, and how many of those may be in traffic."""

    revision: int
    desired: int
    traffic: int


def states_of(endpoint: Endpoint) -> tuple[VariantState, ...]:
    """Give the variants and the shadow variants of the version in force."""
    return (*endpoint.variants, *endpoint.shadows) if endpoint.shadows else endpoint.variants


def others_of(update: EndpointUpdate) -> tuple[VariantState, ...]:
    """Give the variants and the shadow variants of the other version."""
    return (*update.variants, *update.shadows)


def sides(endpoint: Endpoint) -> tuple[VariantState, ...]:
    """Give every variant in every version, each with the number of instances that it is to have at this point of an update."""
    update = endpoint.update
    if update is None:
        return states_of(endpoint)
    out: list[VariantState] = []
    for state in (*states_of(endpoint), *others_of(update)):
        found = next(v for v in versions_of_variant(endpoint, state.spec.name) if v.revision == state.revision)
        out.append(msgspec.structs.replace(state, desired_instances=found.desired))
    out.extend(msgspec.structs.replace(state, desired_instances=0) for state in update.leaving)
    return tuple(out)


def last_of(update: EndpointUpdate) -> int:
    """Give the number of the last step of an endpoint's update."""
    return max((last_step(update.rollout.plan, s.desired_instances) for s in others_of(update)), default=0)


def variant_shares(endpoint: Endpoint, update: EndpointUpdate, name: VariantName) -> Shares:
    """Give what the versions of a variant are to have; a version that has no variant of the name counts as one of none."""
    current = _named(states_of(endpoint), name)
    other = _named(others_of(update), name)
    return shares(
        update.rollout,
        0 if current is None else current.desired_instances,
        0 if other is None else other.desired_instances,
        last_of(update),
    )


def versions_of_variant(endpoint: Endpoint, name: VariantName) -> list[Version]:
    """Give the versions of a variant of an endpoint that is being updated: the one in force first."""
    update = endpoint.update
    if update is None:
        return []
    told = variant_shares(endpoint, update, name)
    current, other = _named(states_of(endpoint), name), _named(others_of(update), name)
    found: list[Version] = []
    if current is not None:
        found.append(Version(current.revision, told.current, told.current_traffic))
    if other is not None:
        found.append(Version(other.revision, told.other, told.other_traffic))
    return found


def component_shares(component: InferenceComponent) -> Shares | None:
    """Give what the versions of a component are to have; None while it is not being updated."""
    update = component.update
    if update is None:
        return None
    count = component.desired_copies
    return shares(update.rollout, count, count, last_step(update.rollout.plan, count))


def versions_of_component(component: InferenceComponent) -> list[Version]:
    """Give the versions of a component that is being updated: the one in force first."""
    told = component_shares(component)
    if told is None or component.update is None:
        return []
    return [
        Version(component.revision, told.current, told.current_traffic),
        Version(component.update.build.revision, told.other, told.other_traffic),
    ]


def traffic_goes_to_other(endpoint: Endpoint) -> bool:
    """Whether an update has come so far that the other version's variants and weights are the ones to route by."""
    update = endpoint.update
    if update is None or update.rollout.stage not in {Stage.BAKING, Stage.WAITING}:
        return False
    return update.rollout.step >= last_of(update)


def component_workloads(component: InferenceComponent, *, leaving: bool) -> list[Workload]:
    """Give a component in each of its versions, wanting none when its endpoint is being deleted."""
    if component.update is None:
        return [_component(component, component.build, component.desired_copies, leaving=leaving)]
    current, other = versions_of_component(component)
    return [
        _component(component, component.build, current.desired, leaving=leaving),
        _component(component, component.update.build, other.desired, leaving=leaving),
    ]


def _component(component: InferenceComponent, build: ComponentBuild, desired: int, *, leaving: bool) -> Workload:
    failed = component.status is ComponentStatus.FAILED
    gone = leaving or failed or component.status is ComponentStatus.DELETING or component.base is not None
    return Workload(
        id=component_workload(component.name),
        endpoint=component.endpoint,
        variant=component.variant,
        container=build.container,
        requirements=build.requirements,
        desired=0 if gone else desired,
        startup_timeout=build.startup_timeout,
        download_timeout=build.download_timeout,
        ever_ready=build.ever_ready,
        failed=failed,
        placement=build.placement,
        revision=build.revision,
    )


def model_workload(endpoint: Endpoint, state: VariantState, container: Container) -> Workload:
    """Give a variant that serves a model itself, wanting as many copies as instances."""
    failed = endpoint.status is EndpointStatus.FAILED
    leaving = endpoint.status is EndpointStatus.DELETING
    return Workload(
        id=variant_workload(endpoint.name, state.spec.name),
        endpoint=endpoint.name,
        variant=state.spec.name,
        container=container,
        requirements=None,
        desired=0 if leaving or failed else state.desired_instances,
        startup_timeout=state.spec.startup_timeout,
        download_timeout=state.spec.download_timeout,
        ever_ready=endpoint.status is not EndpointStatus.CREATING,
        failed=failed,
        revision=state.revision,
        environment_mb=0 if state.serverless is None else state.serverless.memory_mb,
    )


def _named(states: tuple[VariantState, ...], name: VariantName) -> VariantState | None:
    return next((s for s in states if s.spec.name == name), None)


def copy_spec(workload: Workload, copy_id: CopyId, instance_id: InstanceId) -> CopySpec:
    """Give what a runtime needs to start a copy of a workload."""
    requirements = workload.requirements
    return CopySpec(
        copy_id=copy_id,
        workload=workload.id,
        instance_id=instance_id,
        image=workload.container.image,
        model_data=workload.container.model_data,
        environment=workload.container.environment,
        cpus=requirements.cpus if requirements else workload.environment_mb / MEMORY_SIZES_MB[0],
        accelerators=int(requirements.accelerators) if requirements else 0,
        memory_limit_mb=requirements.most_memory_mb if requirements else workload.environment_mb,
        scratch_mb=SCRATCH_MB if workload.environment_mb else 0,
        nice=NICENESS.get(workload.environment_mb, 0),
        download_timeout=workload.download_timeout,
        startup_timeout=workload.startup_timeout,
        multi_model=workload.container.multi_model,
        cache_models=workload.container.cache_models,
    )
