"""The world around the engine on virtual time: machines come up, copies load, stop and break as a test says.

Every command is checked for sense as it comes out (nothing is done twice, or to what is not there), and after every event the
fleet is checked for what must always hold.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from stoker.decisions.eviction import EvictionOptions
from stoker.domain.components import ComponentBuild, ComputeRequirements, InferenceComponent
from stoker.domain.deployments import MAX_EXECUTION, BlueGreen, Plan, UpdatePolicy
from stoker.domain.endpoints import Consolidation, Endpoint, ManagedInstanceScaling, ProductionVariant, VariantState
from stoker.domain.ids import (
    AlarmName,
    ComponentName,
    ConfigName,
    CopyId,
    EndpointName,
    InstanceId,
    VariantName,
    WorkloadId,
    component_workload,
)
from stoker.domain.instances import Copy, Instance, InstanceShape
from stoker.domain.models import Container
from stoker.domain.scaling import Dimension, ScalableTarget, TargetKey
from stoker.domain.serverless import SHAPES as SERVERLESS_SHAPES
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus, InstanceState, PlacementStrategy
from stoker.engine.commands import Append, Command, LaunchInstance, Put, Remove, StartCopy, StopCopy, TerminateInstance
from stoker.engine.events import (
    ComponentCreated,
    ComponentDeleted,
    ComponentUpdated,
    CopyCountSet,
    EndpointCreated,
    EndpointDeleted,
    EndpointUpdated,
    Event,
    InstanceGone,
    InstanceReady,
    RuntimeObserved,
    RuntimeRestored,
    TargetPut,
    TrafficSeen,
    VariantChange,
    WeightsAndCapacitiesSet,
)
from stoker.engine.fleet import Fleet
from stoker.engine.observations import CopyGone, CopyReady, CopySpec, CopyUnhealthy, Observation
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.engine.traffic import CopyLoad, WorkloadCounts
from stoker.units import SECOND, Instant, Span
from tests.unit.engine.routed import Routed

BEGIN: Instant = 1_700_000_000 * SECOND
SHAPE = InstanceShape(cpus=4.0, memory_mb=8192, accelerators=1.0)
TYPE = "ml.test.large"
WIDE = "ml.test.wide"
VARIANT = VariantName("v")
MOST_STEPS = 20_000
CommandT = TypeVar("CommandT", bound=Command)


class Ids:
    """Ids that count up."""

    def __init__(self) -> None:
        self.last = 0

    def uuid(self) -> str:
        self.last += 1
        return f"{self.last:036d}"

    def token(self) -> str:
        self.last += 1
        return f"{self.last:017x}"


class World:
    """The platform, and what it commands: copies in `held`, instances in `machines`, records on `disk`."""

    def __init__(
        self,
        *,
        idle_release: Span = 600 * SECOND,
        max_instances: int = 1000,
        shape: InstanceShape = SHAPE,
        budget: InstanceShape | None = None,
        eviction: EvictionOptions = EvictionOptions(),  # noqa: B008 - frozen
    ) -> None:
        shapes = {
            TYPE: shape,
            "ml.test.small": InstanceShape(cpus=1.0, memory_mb=1024),
            **SERVERLESS_SHAPES,
            WIDE: InstanceShape(cpus=8.0, memory_mb=16_384, accelerators=1.0),
        }
        fleet = FleetOptions(shapes=shapes, idle_release=idle_release, max_instances=max_instances, budget=budget)
        self.options = PlatformOptions(fleet=fleet, eviction=eviction)
        self.ids = Ids()
        self.platform = Platform(ids=self.ids, options=self.options)
        self.now = BEGIN
        self.log: list[tuple[Instant, Command]] = []
        self.disk: dict[tuple[str, str], bytes] = {}
        self.held: dict[CopyId, CopySpec] = {}
        self.stopping: set[CopyId] = set()
        self.ready: set[CopyId] = set()
        self.machines: set[InstanceId] = set()
        self.to_come: list[tuple[Instant, int, Event]] = []
        self.provision: Span = 30 * SECOND
        self.load: Span = 20 * SECOND
        self.stop: Span = 2 * SECOND
        self.refusal = ""
        self.faults: dict[WorkloadId, str] = {}
        self.bad_images: dict[str, str] = {}
        self.log_tail = ""
        self.begun = 0
        self.routed = Routed(self.platform)

    # What happens.

    def handle(self, event: Event) -> list[Command]:
        return self._do(self.platform.handle(event, self.now))

    def run(self, span: Span) -> None:
        """Let time pass: deadlines are kept, and what was begun comes to its end."""
        until = self.now + span
        for _ in range(MOST_STEPS):
            deadline = self.platform.next_deadline()
            event_at = self.to_come[0][0] if self.to_come else None
            at = min((a for a in (deadline, event_at) if a is not None), default=until + 1)
            if at > until:
                self.now = until
                return
            self.now = max(self.now, at)
            if event_at is not None and event_at <= self.now:
                self._happen(heapq.heappop(self.to_come)[2])
            else:
                self._do(self.platform.tick(self.now))
        raise AssertionError("the engine never comes to rest")

    def seconds(self, value: float) -> None:
        self.run(round(value * SECOND))

    def observe(self, observation: Observation) -> list[Command]:
        if isinstance(observation, CopyGone):
            del self.held[observation.copy_id]
            self.stopping.discard(observation.copy_id)
            self.ready.discard(observation.copy_id)
        elif isinstance(observation, CopyReady):
            self.ready.add(observation.copy_id)
        return self.handle(RuntimeObserved(observation=observation))

    def crash(self, copy: Copy, reason: str = "was killed") -> list[Command]:
        return self.observe(CopyGone(copy_id=copy.copy_id, at=self.now, reason=reason, log_tail=self.log_tail))

    def sicken(self, copy: Copy, *, late: bool = False) -> list[Command]:
        return self.observe(CopyUnhealthy(copy_id=copy.copy_id, at=self.now, reason="no answer", late=late))

    def restart(self, lost: Sequence[CopyId] = (), strangers: Sequence[CopyId] = ()) -> list[Command]:
        """Start the control plane anew from what is on disk; copies that were ready run on, but for the lost."""
        self.platform = Platform(ids=self.ids, options=self.options)
        self.platform.restore([(kind, document) for (kind, _), document in reversed(self.disk.items())])
        spec = CopySpec(copy_id=CopyId(""), workload=WorkloadId("ic/gone"), instance_id=InstanceId(""), image="x")
        self.ready.difference_update(lost)
        self.held = {copy_id: self.held[copy_id] for copy_id in self.held if copy_id in self.ready}
        self.held.update({s: msgspec.structs.replace(spec, copy_id=s) for s in strangers})
        self.stopping.clear()
        self.to_come.clear()
        fleet = self.platform.fleet
        self.machines = {i.instance_id for i in fleet.instances.values() if i.state is not InstanceState.PENDING}
        return self.handle(RuntimeRestored(held=tuple(self.held)))

    # Calls.

    def endpoint(
        self,
        name: str = "e",
        *,
        managed: tuple[int, int] | None = (0, 2),
        instances: int = 0,
        model: bool = False,
        consolidation: Consolidation | None = None,
    ) -> EndpointName:
        spec = ProductionVariant(
            name=VARIANT,
            instance_type=TYPE,
            initial_instances=instances,
            managed=None
            if managed is None
            else ManagedInstanceScaling(least=managed[0], most=managed[1], consolidation=consolidation),
        )
        container = Container(image="stoker/python") if model else None
        state = VariantState(spec=spec, weight=1.0, desired_instances=instances, container=container)
        endpoint = Endpoint(
            name=EndpointName(name),
            config=ConfigName("c"),
            status=EndpointStatus.CREATING,
            variants=(state,),
            created=self.now,
            modified=self.now,
        )
        self.handle(EndpointCreated(endpoint=endpoint))
        return endpoint.name

    def component(
        self,
        name: str = "ic",
        *,
        endpoint: str = "e",
        copies: int = 0,
        cpus: float = 1.0,
        memory_mb: int = 1024,
        placement: PlacementStrategy = PlacementStrategy.SPREAD,
        tags: dict[str, str] | None = None,
    ) -> WorkloadId:
        component = InferenceComponent(
            name=ComponentName(name),
            endpoint=EndpointName(endpoint),
            variant=VARIANT,
            container=Container(image="stoker/python"),
            requirements=ComputeRequirements(cpus=cpus, least_memory_mb=memory_mb),
            desired_copies=copies,
            status=ComponentStatus.CREATING,
            created=self.now,
            modified=self.now,
            placement=placement,
            tags=tags or {},
        )
        self.handle(ComponentCreated(component=component))
        return WorkloadId(f"ic/{name}")

    def used(self, used: dict[str, int], busy: dict[str, int] | None = None) -> None:
        """Tell of components that were invoked since the last report; what is `busy` is in flight, and nothing else."""
        busy = used if busy is None else busy
        counts = [
            WorkloadCounts(
                workload=WorkloadId(f"ic/{name}"),
                endpoint=self.platform.fleet.components[ComponentName(name)].endpoint,
                variant=VARIANT,
                invocations=used.get(name, 0),
                in_flight=busy.get(name, 0),
            )
            for name in {**used, **busy}
        ]
        copies = [
            CopyLoad(copy_id=c.copy_id, in_flight=count)
            for name, count in busy.items()
            for c in self.copies(f"ic/{name}", CopyState.IN_SERVICE)
        ]
        self.handle(TrafficSeen(gateway="g", at=self.now, counts=tuple(counts), copies=tuple(copies)))

    def count(self, count: int, name: str = "ic") -> list[Command]:
        return self.handle(CopyCountSet(name=ComponentName(name), count=count))

    def capacity(self, instances: int, name: str = "e") -> list[Command]:
        change = VariantChange(variant=VARIANT, instances=instances)
        return self.handle(WeightsAndCapacitiesSet(name=EndpointName(name), changes=(change,)))

    def delete_component(self, name: str = "ic") -> list[Command]:
        return self.handle(ComponentDeleted(name=ComponentName(name)))

    def delete_endpoint(self, name: str = "e") -> list[Command]:
        return self.handle(EndpointDeleted(name=EndpointName(name)))

    def target(self, name: str = "ic", least: int = 0, most: int = 4) -> list[Command]:
        key = TargetKey(f"inference-component/{name}", Dimension.COPIES)
        return self.handle(TargetPut(target=ScalableTarget(key=key, arn="a", least=least, most=most, created=self.now)))

    def update(
        self,
        plan: Plan,
        *,
        instances: int = 1,
        image: str = "stoker/python:2",
        alarms: Sequence[str] = (),
        limit: Span = MAX_EXECUTION,
        name: str = "e",
    ) -> list[Command]:
        spec = ProductionVariant(name=VARIANT, instance_type=TYPE, initial_instances=instances)
        state = VariantState(spec=spec, weight=1.0, desired_instances=instances, container=Container(image=image))
        policy = UpdatePolicy(plan=plan, alarms=tuple(AlarmName(a) for a in alarms), limit=limit)
        return self.handle(EndpointUpdated(name=EndpointName(name), config=ConfigName("c2"), variants=(state,), policy=policy))

    def retype(self, kind: str, name: str = "e") -> list[Command]:
        """Update an endpoint to have instances of another type."""
        endpoint = self.platform.fleet.endpoints[EndpointName(name)]
        states = tuple(
            msgspec.structs.replace(s, spec=msgspec.structs.replace(s.spec, instance_type=kind)) for s in endpoint.variants
        )
        policy = UpdatePolicy(plan=BlueGreen())
        return self.handle(EndpointUpdated(name=endpoint.name, config=ConfigName("c2"), variants=states, policy=policy))

    def rebuild(
        self,
        plan: Plan,
        *,
        image: str = "stoker/python:2",
        alarms: Sequence[str] = (),
        limit: Span = MAX_EXECUTION,
        cpus: float = 1.0,
        name: str = "ic",
    ) -> list[Command]:
        build = ComponentBuild(
            revision=0, container=Container(image=image), requirements=ComputeRequirements(cpus=cpus, least_memory_mb=1024)
        )
        policy = UpdatePolicy(plan=plan, alarms=tuple(AlarmName(a) for a in alarms), limit=limit)
        return self.handle(ComponentUpdated(name=ComponentName(name), build=build, policy=policy))

    # What there is.

    def images(self, workload: str = "ic/ic") -> list[str]:
        """Give the images of the copies that invocations go to."""
        copies = self.platform.fleet.copies_of(WorkloadId(workload))
        return sorted(self.held[c.copy_id].image for c in self.platform.fleet.versions.routed(WorkloadId(workload), copies))

    def status(self, name: str = "ic") -> ComponentStatus:
        return self.platform.fleet.components[ComponentName(name)].status

    def failure(self, name: str = "ic") -> str:
        return self.platform.fleet.components[ComponentName(name)].failure

    def endpoint_status(self, name: str = "e") -> EndpointStatus:
        return self.platform.fleet.endpoints[EndpointName(name)].status

    def copies(self, workload: str = "ic/ic", state: CopyState | None = None) -> list[Copy]:
        return [c for c in self.platform.fleet.copies_of(WorkloadId(workload)) if state in {None, c.state}]

    def serving(self, workload: str = "ic/ic") -> int:
        return self.platform.fleet.serving(WorkloadId(workload))

    def instances(self) -> int:
        return len(self.platform.fleet.instances)

    def given(self, kind: type[CommandT], since: Instant = 0) -> list[CommandT]:
        """Give the commands of a kind that came out since."""
        return [command for at, command in self.log if isinstance(command, kind) and at >= since]

    # What the commands do.

    def _do(self, commands: list[Command]) -> list[Command]:
        writes = [isinstance(c, Put | Remove | Append) for c in commands]
        assert writes == sorted(writes, reverse=True), "a write comes after an effect"
        for command in commands:
            self.log.append((self.now, command))
            match command:
                case Put():
                    self.disk[command.kind, command.key] = command.document
                case Remove():
                    self.disk.pop((command.kind, command.key), None)
                case StartCopy():
                    self._start(command.spec)
                case StopCopy(copy_id=copy_id):
                    self._stop(copy_id)
                case LaunchInstance(instance=instance):
                    assert instance.instance_id not in self.machines
                    assert self.platform.fleet.instances[instance.instance_id].state is InstanceState.PENDING
                    check_budget(self.platform)
                    if self.refusal:
                        self.later(0, InstanceGone(instance_id=instance.instance_id, reason=self.refusal))
                    else:
                        self.machines.add(instance.instance_id)
                        self.later(self.provision, InstanceReady(instance_id=instance.instance_id))
                case TerminateInstance(instance_id=instance_id):
                    assert self.platform.fleet.instances[instance_id].state is InstanceState.TERMINATING
                    assert not any(spec.instance_id == instance_id for spec in self.held.values()), "copies run on it"
                    self.machines.discard(instance_id)
                    self.later(0, InstanceGone(instance_id=instance_id))
                case _:
                    pass
        check(self.platform)
        if self.routed.platform is not self.platform:
            self.routed = Routed(self.platform)
        self.routed.told(commands)
        return commands

    def _start(self, spec: CopySpec) -> None:
        assert spec.copy_id not in self.held, "started twice"
        assert self.platform.fleet.copies[spec.copy_id].state is not CopyState.PENDING
        assert self.platform.fleet.instances[spec.instance_id].state is not InstanceState.PENDING
        self.held[spec.copy_id] = spec
        fault = self.faults.get(spec.workload, "") or self.bad_images.get(spec.image, "")
        gone = CopyGone(copy_id=spec.copy_id, at=self.now + self.load, reason=fault, log_tail=self.log_tail)
        ready = CopyReady(copy_id=spec.copy_id, at=self.now + self.load, port=8080)
        self.later(self.load, RuntimeObserved(observation=gone if fault else ready))

    def _stop(self, copy_id: CopyId) -> None:
        known = copy_id in self.platform.fleet.copies  # what comes up unknown is stopped, even if it was told so before
        assert copy_id not in self.stopping or not known, "stopped twice"
        if copy_id in self.held and copy_id not in self.stopping:
            self.stopping.add(copy_id)
            self.later(self.stop, RuntimeObserved(observation=CopyGone(copy_id=copy_id, at=self.now + self.stop)))

    def later(self, span: Span, event: Event) -> None:
        self.begun += 1
        heapq.heappush(self.to_come, (self.now + span, self.begun, event))

    def _happen(self, event: Event) -> None:
        if not isinstance(event, RuntimeObserved):
            self.handle(event)
        elif event.observation.copy_id in self.held:  # else it broke before
            self.observe(event.observation)


def check(platform: Platform) -> None:
    """Assert what holds at any time."""
    fleet = platform.fleet
    assert len(fleet.instances) <= platform.options.fleet.max_instances
    for copy in fleet.copies.values():
        if copy.state is CopyState.IN_SERVICE:
            assert copy.instance_id is not None
            assert fleet.instances[copy.instance_id].state is InstanceState.IN_SERVICE
            assert copy.address is not None
        else:
            assert copy.address is None
    for instance in fleet.instances.values():
        _check_instance(platform, instance)
    for endpoint in fleet.endpoints.values():
        for state in endpoint.variants:
            living = [i for i in fleet.instances_of(endpoint.name, state.spec.name) if i.state is not InstanceState.TERMINATING]
            if state.spec.managed is not None:
                of_type = [i for i in living if i.instance_type == state.spec.instance_type]  # what is to go comes on top
                assert len(of_type) <= state.spec.managed.most
    serving = Counter(c.workload for c in fleet.copies.values() if c.state is CopyState.IN_SERVICE)
    assert fleet.serving_counts == serving


def check_budget(platform: Platform) -> None:
    """Assert that all instances that are up, coming up or not yet gone have room together."""
    budget = platform.options.fleet.budget
    if budget is None:
        return
    up = [i.shape for i in platform.fleet.instances.values() if i.instance_id not in platform.reconciler.pool.awaited]
    assert sum(s.memory_mb for s in up) <= budget.memory_mb
    assert sum(s.cpus for s in up) <= budget.cpus + 1e-6


def _check_instance(platform: Platform, instance: Instance) -> None:
    fleet = platform.fleet
    copies = fleet.copies_on(instance.instance_id)
    assert (instance.empty_since is None) == bool(copies) or instance.state is InstanceState.TERMINATING
    # A copy that has not been started may have the place of those that are on their way out.
    _check_room(platform, instance, [c for c in copies if c.state is not CopyState.PENDING])
    _check_room(platform, instance, [c for c in copies if c.state is not CopyState.STOPPING])


def _check_room(platform: Platform, instance: Instance, copies: Sequence[Copy]) -> None:
    owners = [platform.fleet.workload(c.workload, c.revision) for c in copies]
    needs = [w.requirements for w in owners if w is not None and w.requirements is not None]
    assert len(needs) == len(copies) or len(copies) == 1, "a variant's own model shares its instance"
    assert sum(n.cpus for n in needs) <= instance.shape.cpus + 1e-6
    assert sum(n.least_memory_mb for n in needs) <= instance.shape.memory_mb
    assert sum(n.accelerators for n in needs) <= instance.shape.accelerators + 1e-6


def check_restored(world: World) -> None:
    """Assert that the disk tells all of the fleet."""
    again = Platform(ids=Ids(), options=world.options)
    again.restore([(kind, document) for (kind, _), document in world.disk.items()])
    assert facts(again) == facts(world.platform)


def facts(platform: Platform) -> tuple[object, ...]:
    fleet = platform.fleet
    return (fleet.models, fleet.configs, fleet.endpoints, fleet.components, fleet.instances, fleet.copies, fleet.serving_counts)


def check_settled(platform: Platform) -> None:
    """Assert that nothing is left to do: all that is wanted is there, or something says why not."""
    fleet = platform.fleet
    for component in fleet.components.values():
        copies = fleet.copies_of(component_workload(component.name))
        assert component.status is not ComponentStatus.DELETING
        if component.status is ComponentStatus.FAILED or not fleet.houses(component):
            assert not copies
            continue
        if any(c.replaces is not None for c in copies):  # they wait for an instance of the type that their variant has now
            assert fleet.endpoints[component.endpoint].failure
        assert len([c for c in copies if c.replaces is None]) <= component.desired_copies
        serving = [c for c in copies if c.state is CopyState.IN_SERVICE]
        assert len(serving) == component.desired_copies or component.failure
        if len(serving) == component.desired_copies and len(serving) == len(copies):
            assert component.status is ComponentStatus.IN_SERVICE
    for endpoint in fleet.endpoints.values():
        assert endpoint.status is not EndpointStatus.DELETING
        if endpoint.status is EndpointStatus.FAILED:
            assert not any(fleet.instances_of(endpoint.name, v.spec.name) for v in endpoint.variants)
        elif not endpoint.failure:
            assert endpoint.status is EndpointStatus.IN_SERVICE
    assert not [i for i in fleet.instances.values() if i.state is not InstanceState.IN_SERVICE and not _waits(fleet, i)]


def _waits(fleet: Fleet, instance: Instance) -> bool:
    return bool(fleet.endpoints[instance.endpoint].failure)
