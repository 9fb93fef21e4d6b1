"""The engine under random calls, faults and restarts: what must always hold holds, and it always comes to rest."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stoker.domain.endpoints import Consolidation
from stoker.domain.ids import ComponentName, EndpointName, WorkloadId
from stoker.domain.instances import Copy, InstanceShape
from stoker.domain.states import CopyState, EndpointStatus, PlacementStrategy
from stoker.engine.events import DemandSeen, InstanceGone
from stoker.engine.observations import CopyReady
from stoker.units import SECOND
from tests.unit.engine.world import TYPE, WIDE, World, check_restored, check_settled

ENDPOINTS = ("e0", "e1")
COMPONENTS = ("c0", "c1", "c2")
picks = st.integers(0, 11)


class EngineMachine(RuleBasedStateMachine):
    budget: InstanceShape | None = None

    @initialize()
    def begin(self) -> None:
        self.world = World(idle_release=60 * SECOND, max_instances=5, budget=self.budget)
        self.world.provision, self.world.load, self.world.stop = 3 * SECOND, 2 * SECOND, SECOND
        self.world.endpoint("e0", managed=(0, 3), consolidation=Consolidation(cooldown=15 * SECOND))
        self.world.component("c0", endpoint="e0", copies=5)
        self.world.endpoint("e1", managed=None, instances=1, model=True)
        self.world.seconds(6)

    # Calls, as the services let them through.

    @rule(
        name=st.sampled_from(ENDPOINTS),
        bounds=st.sampled_from([(0, 0), (0, 1), (0, 3), (1, 2), (2, 3), None]),
        instances=st.integers(0, 2),
        model=st.booleans(),
        step=st.integers(0, 2),
    )
    def create_endpoint(self, name: str, bounds: tuple[int, int] | None, instances: int, step: int, *, model: bool) -> None:
        if EndpointName(name) in self.world.platform.fleet.endpoints:
            return
        if model:
            self.world.endpoint(name, managed=None, instances=max(1, instances), model=True)
        else:
            count = instances if bounds is None else min(instances, bounds[1])
            consolidation = Consolidation(step=step, cooldown=15 * SECOND) if step else None
            self.world.endpoint(name, managed=bounds, instances=count, consolidation=consolidation)

    @rule(name=st.sampled_from(ENDPOINTS))
    def delete_endpoint(self, name: str) -> None:
        endpoint = self.world.platform.fleet.endpoints.get(EndpointName(name))
        if endpoint is not None and endpoint.status is not EndpointStatus.DELETING:
            self.world.delete_endpoint(name)

    @rule(name=st.sampled_from(ENDPOINTS), kind=st.sampled_from([TYPE, WIDE]))
    def retype(self, name: str, kind: str) -> None:
        endpoint = self.world.platform.fleet.endpoints.get(EndpointName(name))
        if endpoint is None or endpoint.status is not EndpointStatus.IN_SERVICE or endpoint.variants[0].container is not None:
            return
        room = self.world.options.fleet.shapes[kind].cpus
        if all(c.requirements.cpus <= room for c in self.world.platform.fleet.components_on(endpoint.name)):
            self.world.retype(kind, name)

    @rule(name=st.sampled_from(ENDPOINTS), count=st.integers(0, 3))
    def set_capacity(self, name: str, count: int) -> None:
        self.world.capacity(count, name)

    @rule(
        name=st.sampled_from(COMPONENTS),
        endpoint=st.sampled_from(ENDPOINTS),
        copies=st.integers(0, 5),
        cpus=st.sampled_from([0.6, 1.0, 3.0, 4.0, 5.0]),
        placement=st.sampled_from(PlacementStrategy),
    )
    def create_component(self, name: str, endpoint: str, copies: int, cpus: float, placement: PlacementStrategy) -> None:
        fleet = self.world.platform.fleet
        home = fleet.endpoints.get(EndpointName(endpoint))
        if home is None or home.variants[0].container is not None or ComponentName(name) in fleet.components:
            return
        self.world.component(name, endpoint=endpoint, copies=copies, cpus=cpus, placement=placement)

    @rule(name=st.sampled_from(COMPONENTS), least=st.integers(0, 1))
    def register(self, name: str, least: int) -> None:
        if ComponentName(name) in self.world.platform.fleet.components:
            self.world.target(name, least=least, most=3)

    @rule(name=st.sampled_from(COMPONENTS), count=st.integers(0, 6))
    def set_copies(self, name: str, count: int) -> None:
        self.world.count(count, name)

    @rule(name=st.sampled_from(COMPONENTS))
    def delete_component(self, name: str) -> None:
        self.world.delete_component(name)

    @rule(name=st.sampled_from(COMPONENTS))
    def demand(self, name: str) -> None:
        self.world.handle(DemandSeen(workload=WorkloadId(f"ic/{name}"), waiting=2, at=self.world.now))

    @rule(busy=st.sets(st.sampled_from(COMPONENTS)))
    def traffic(self, busy: set[str]) -> None:
        """A gateway tells what copies work on; what it does not name is idle."""
        self.world.used({name: 1 for name in sorted(busy) if ComponentName(name) in self.world.platform.fleet.components})

    # What the world does.

    @rule(value=st.sampled_from([0.5, 2.0, 10.0, 31.0, 100.0]))
    def wait(self, value: float) -> None:
        self.world.seconds(value)

    @rule(refused=st.booleans())
    def refuse(self, *, refused: bool) -> None:
        self.world.refusal = "no room" if refused else ""

    @rule(name=st.sampled_from([*(f"ic/{c}" for c in COMPONENTS), *(f"variant/{e}/v" for e in ENDPOINTS)]), broken=st.booleans())
    def break_model(self, name: str, *, broken: bool) -> None:
        self.world.faults[WorkloadId(name)] = "It exited with code 1." if broken else ""

    @rule(pick=picks)
    def crash(self, pick: int) -> None:
        copy = self._copy(pick)
        if copy is not None:
            self.world.crash(copy)

    @rule(pick=picks)
    def sicken(self, pick: int) -> None:
        copy = self._copy(pick)
        if copy is not None:
            self.world.sicken(copy)

    @rule(pick=picks)
    def heal(self, pick: int) -> None:
        copy = self._copy(pick)
        if copy is not None and copy.copy_id in self.world.ready:
            self.world.observe(CopyReady(copy_id=copy.copy_id, at=self.world.now, port=1))

    @rule(pick=picks)
    def lose_instance(self, pick: int) -> None:
        instances = list(self.world.platform.fleet.instances.values())
        if instances:
            instance = instances[pick % len(instances)]
            self.world.machines.discard(instance.instance_id)
            self.world.handle(InstanceGone(instance_id=instance.instance_id, reason="lost"))

    @rule(lose=st.booleans())
    def restart(self, *, lose: bool) -> None:
        ready = sorted(self.world.ready)
        self.world.restart(lost=ready[:1] if lose else [])

    def _copy(self, pick: int) -> Copy | None:
        copies = [c for c in self.world.platform.fleet.copies.values() if c.copy_id in self.world.held]
        return copies[pick % len(copies)] if copies else None

    # What holds.

    @invariant()
    def the_disk_tells_all(self) -> None:
        check_restored(self.world)

    @invariant()
    def what_runs_is_known(self) -> None:
        known = self.world.platform.fleet.copies
        assert all(c in known or c in self.world.stopping for c in self.world.held)
        assert all(c.copy_id in self.world.held for c in known.values() if c.state is not CopyState.PENDING)

    def teardown(self) -> None:
        """Once the world is well and nobody calls, all that is wanted is there or told why not; then all can be deleted."""
        if not hasattr(self, "world"):
            return
        world = self.world
        world.refusal = ""
        world.faults.clear()
        world.seconds(600)
        check_settled(world.platform)
        for component in list(world.platform.fleet.components):
            world.delete_component(component)
        for endpoint in list(world.platform.fleet.endpoints):
            world.delete_endpoint(endpoint)
        world.seconds(600)
        assert (world.held, world.machines) == ({}, set())
        assert all(kind in {"target", "scaling-state"} for kind, _ in world.disk)
        platform = world.platform
        reconciler = platform.reconciler
        remembered = (reconciler.blocked, reconciler.restarts, reconciler.relaunch_after, reconciler.mover.rested)
        assert remembered == ({}, {}, {}, {})
        assert reconciler.evicted == set()
        assert (reconciler.pool.awaited, reconciler.pool.short) == ({}, {})
        assert platform.next_deadline() is None


EngineMachine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TestEngine = EngineMachine.TestCase


class PressedMachine(EngineMachine):
    """The same with room for three instances of the five."""

    budget = InstanceShape(cpus=1e6, memory_mb=3 * 8192, accelerators=1e6)


PressedMachine.TestCase.settings = EngineMachine.TestCase.settings
TestPressed = PressedMachine.TestCase
