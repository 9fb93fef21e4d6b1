"""A driver with all its parts on virtual time: the real engine, effects and hub, a store in memory, a runtime of scripts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from stoker.config.settings import Recording
from stoker.control.capacity import LocalCapacity
from stoker.control.driver import Driver
from stoker.control.effects import Effects
from stoker.control.engine_log import begin_log
from stoker.control.hub import Hub
from stoker.domain.components import ComputeRequirements, InferenceComponent
from stoker.domain.endpoints import Endpoint, ManagedInstanceScaling, ProductionVariant, VariantState
from stoker.domain.ids import ComponentName, ConfigName, EndpointName
from stoker.domain.instances import InstanceShape
from stoker.domain.keys import Keyring
from stoker.domain.models import Container
from stoker.domain.states import ComponentStatus, EndpointStatus
from stoker.engine.commands import Write
from stoker.engine.events import ComponentCreated, EndpointCreated, RuntimeObserved
from stoker.engine.observations import CopySpec
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.link.messages import ClockRate, RoutingTable
from stoker.service.routing import routing_table
from stoker.testing.clock import LoopClock
from stoker.testing.fake_runtime import FakeRuntime
from stoker.testing.memory_store import MemoryStore
from stoker.units import SECOND, Span
from tests.unit.engine.world import SHAPE, TYPE, VARIANT, Ids


class SlowStore(MemoryStore):
    """A store whose transactions take time, and are told in order among the effects."""

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self.told = told
        self.delay_s = 0.0
        self.groups: list[int] = []

    async def apply(self, writes: Sequence[Write]) -> None:
        await asyncio.sleep(self.delay_s)
        await super().apply(writes)
        self.groups.append(len(writes))
        self.told.append("disk")


class TellingRuntime(FakeRuntime):
    """A runtime that tells its starts and stops among the writes."""

    def __init__(self, clock: LoopClock, told: list[str]) -> None:
        super().__init__(clock)
        self.told = told
        self.failure: Exception | None = None

    async def start(self, spec: CopySpec) -> None:
        self.told.append("start")
        if self.failure is not None:
            raise self.failure
        await super().start(spec)


class Stage:
    """The parts, and what was told in which order: `disk`, `start`, `routes`."""

    def __init__(
        self, *, machine: InstanceShape | None = None, provision: Span = 5 * SECOND, recordings: Path | None = None
    ) -> None:
        self.told: list[str] = []
        self.clock = LoopClock(asyncio.get_running_loop())
        self.store = SlowStore(self.told)
        self.runtime = TellingRuntime(self.clock, self.told)
        self.ids = Ids()
        options = PlatformOptions(fleet=FleetOptions(shapes={TYPE: SHAPE}))
        self.log = None if recordings is None else begin_log(recordings, Recording(), ids=self.ids, options=options, records=[])
        self.platform = Platform(ids=self.log.ids if self.log else self.ids, options=options)
        self.hub = Hub(clock=ClockRate(monotonic_ns=0, started=0), keys=Keyring(), broken=lambda _: None, cold=lambda _: None)
        self.capacity = LocalCapacity(clock=self.clock, machine=machine, provision=provision)
        self.effects = Effects(runtime=self.runtime, hub=self.hub, capacity=self.capacity, drain_limit_s=30.0)
        self.driver = Driver(self.platform, store=self.store, clock=self.clock, ids=self.ids, effects=self.effects, log=self.log)
        self.tables: list[RoutingTable] = []

    def publish(self) -> None:
        self.told.append("routes")
        self.tables.append(routing_table(self.platform, len(self.tables) + 1))
        self.hub.publish(self.tables[-1])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it all while the block lasts."""
        async with asyncio.TaskGroup() as group:
            self.effects.connect(group, self.driver.post, self.publish)
            tasks = [group.create_task(self.driver.run()), group.create_task(self._observe())]
            yield
            for task in tasks:
                task.cancel()
            self.effects.abandon()

    async def _observe(self) -> None:
        async for observation in self.runtime.observe():
            self.driver.post(RuntimeObserved(observation=observation))


def endpoint(name: str = "e", now: int = 0) -> EndpointCreated:
    spec = ProductionVariant(name=VARIANT, instance_type=TYPE, managed=ManagedInstanceScaling(least=0, most=2))
    state = VariantState(spec=spec, weight=1.0, desired_instances=0)
    return EndpointCreated(
        endpoint=Endpoint(
            name=EndpointName(name),
            config=ConfigName("c"),
            status=EndpointStatus.CREATING,
            variants=(state,),
            created=now,
            modified=now,
        )
    )


def component(name: str = "ic", copies: int = 1, home: str = "e", now: int = 0) -> ComponentCreated:
    return ComponentCreated(
        component=InferenceComponent(
            name=ComponentName(name),
            endpoint=EndpointName(home),
            variant=VARIANT,
            container=Container(image="stoker/python"),
            requirements=ComputeRequirements(cpus=1.0, least_memory_mb=128),
            desired_copies=copies,
            status=ComponentStatus.CREATING,
            created=now,
            modified=now,
        )
    )
