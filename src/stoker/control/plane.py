"""The control plane whole: it restores the engine from the store, adopts what runs, serves the link and the API."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import msgspec
import structlog
import uvicorn

from stoker.config.errors import ConfigError
from stoker.config.key_file import KeyFiles
from stoker.config.settings import Settings
from stoker.control.capacity import LocalCapacity, machine_shape
from stoker.control.clock import RandomIds, RateClock
from stoker.control.driver import Driver
from stoker.control.effects import Effects, TargetInvoker
from stoker.control.engine_log import EngineLog, begin_log
from stoker.control.hub import RETURN_S, Hub
from stoker.control.sampling import disk_share, sample
from stoker.control.scraping import scrape
from stoker.decisions.eviction import EvictionOptions
from stoker.decisions.serverless import ServerlessOptions
from stoker.domain.hub_hardware import HUB_SHAPES
from stoker.domain.ids import CopyId, IdSource, Partition
from stoker.domain.instance_types import LOCAL, SHAPES
from stoker.domain.instances import InstanceShape
from stoker.domain.keys import Keyring
from stoker.domain.quotas import Quotas
from stoker.engine.accounting import USAGE_KIND, Accounting
from stoker.engine.alarm_board import HISTORY_KIND
from stoker.engine.autoscaler import ScalingOptions
from stoker.engine.events import RuntimeObserved, RuntimeRestored
from stoker.engine.following import FollowingOptions
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.engine.timetable import DEAD_LETTER_KIND
from stoker.link.messages import ClockRate
from stoker.ports.runtime import Runtime
from stoker.ports.store import Record, Store
from stoker.service.alarm_history import KEPT as ALARM_HISTORY_KEPT
from stoker.service.routing import Router
from stoker.telemetry.prometheus import Exposition
from stoker.units import DAY, Instant, seconds

log = structlog.get_logger(__name__)

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

TRIM_EVERY_S = 600.0
"""Real seconds between two trimmings of the histories."""

LINK_SOCKET = "link.sock"
CONTROL_SOCKET = "control.sock"
"""The control plane's unix sockets: for the gateways' link, and for relayed API calls."""

MAX_BROKEN = 1024
"""Copies found broken that may wait to be looked at."""

REST_S = 2.0
"""Real seconds that workers get for what is under way when the control plane ends."""

KEYS_EVERY_S = 0.2
"""Real seconds between two looks at the files of keys: one that is revoked must stop within a second."""

KEPT_DAYS = 100_000
"""Days of parts of one endpoint that usage is kept of, whatever their age."""

UNBOUNDED = 1e9
"""Processors and accelerators that virtual instances share."""

KEPT_ACTIVITIES = 10_000
"""Scaling activities kept for one target, whatever their age."""


DEAD_LETTERS_KEPT = 14 * DAY
"""How long what schedules could not deliver is kept: as long as a queue may keep a message (AWS's limit)."""


class Worker(Protocol):
    """Something that goes on beside the engine, as long as the control plane runs."""

    async def run(self) -> None:
        """Work until cancelled."""
        ...

    async def rest(self, most_s: float) -> None:
        """Begin nothing more, and give what is under way so many real seconds."""
        ...


class Plane:
    """What a running control plane's pages and APIs read, besides the driver that they hand events to."""

    __slots__ = ("_router", "accounting", "clock", "exposition", "hub", "invoke", "platform", "rekeyed", "settings", "workers")

    def __init__(
        self,
        *,
        settings: Settings,
        clock: RateClock,
        platform: Platform,
        hub: Hub,
        exposition: Exposition,
        accounting: Accounting,
    ) -> None:
        self.accounting = accounting
        self.settings = settings
        self.clock = clock
        self.platform = platform
        self.hub = hub
        self.exposition = exposition
        self._router = Router(platform)
        self.invoke: TargetInvoker | None = None
        self.rekeyed: list[Callable[[Keyring], None]] = []
        self.workers: list[Worker] = []

    def rekey(self, keys: Keyring) -> None:
        """Put the keys in force, here and at every gateway."""
        self.hub.rekey(keys)
        for told in self.rekeyed:
            told(keys)
        log.info("keys_changed", keys=len(keys.keys))

    def publish(self) -> None:
        """Give the gateways the routing table of now. Versions grow over restarts, too: they are instants."""
        version = max(self.hub.version + 1, self.clock.now())
        if not self.hub.version:
            self.hub.publish(self._router.table(version))
            return
        change = self._router.change(self.hub.version, version)
        if not change.empty:
            self.hub.publish(change)


class PlaneOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a control plane is told at its start.

    `sockets` is where its unix sockets go, `recordings` where its engine's log goes if there is to be one, `keys` are the
    files of access keys. `former` is how far the clock of the server before is known to have come.
    """

    settings: Settings
    clock: ClockRate
    keys: KeyFiles
    sockets: Path
    recordings: Path
    former: Instant = 0


def platform_options(settings: Settings, speed: float = 1.0) -> PlatformOptions:
    """Give the engine's options of the settings, for a clock of this speed."""
    return PlatformOptions(
        partition=Partition(account=settings.server.account, region=settings.server.region),
        fleet=FleetOptions(
            shapes={**SHAPES, **HUB_SHAPES, LOCAL: _machine(settings)},
            idle_release=seconds(settings.instances.idle_release_s),
            max_instances=settings.instances.max_total,
            budget=budget(settings),
        ),
        eviction=EvictionOptions(
            valuation=settings.memory.eviction,
            residence=settings.memory.residence,
            pause=settings.memory.pause,
            turn=settings.memory.turn,
            longest_turn=seconds(settings.memory.longest_turn_s),
            half_life=seconds(settings.memory.half_life_s),
        ),
        scaling=ScalingOptions(
            alarm_high_periods=settings.scaling.alarm_high_periods, alarm_low_periods=settings.scaling.alarm_low_periods
        ),
        following=FollowingOptions(default_policy=settings.scaling.default_policy, speed=speed),
        serverless=ServerlessOptions(
            total_concurrency=settings.quotas.serverless_concurrency,
            idle_release=seconds(settings.serverless.idle_release_s),
            longest_hold=seconds(settings.serverless.hold_s),
        ),
        linger=seconds(settings.scaling.linger_s),
        quotas=Quotas(**msgspec.structs.asdict(settings.quotas)),
    )


def _machine(settings: Settings) -> InstanceShape:
    """Give what the type that plays the machine itself has: no more memory than all instances together, or none could start."""
    shape = machine_shape()
    return msgspec.structs.replace(shape, memory_mb=min(shape.memory_mb, settings.memory.budget_mb or shape.memory_mb))


def budget(settings: Settings) -> InstanceShape | None:
    """Give what all instances together may book: of the machine, and of the memory that was set; None for no bound."""
    machine = None if settings.instances.virtual else machine_shape()
    memory_mb = settings.memory.budget_mb
    if not memory_mb:
        return machine
    if machine is None:
        return InstanceShape(cpus=UNBOUNDED, memory_mb=memory_mb, accelerators=UNBOUNDED)
    return msgspec.structs.replace(machine, memory_mb=min(memory_mb, machine.memory_mb))


async def serve_control_plane(
    options: PlaneOptions,
    *,
    store: Store,
    runtime: Runtime,
    clock: RateClock,
    api: Callable[[Plane, Driver], AsgiApp],
    ready: Callable[[], None],
    stop: asyncio.Event,
    leave: asyncio.Event | None = None,
) -> None:
    """Run a control plane until `stop` is set; then all copies are stopped and the store is closed.

    With `leave` set as well it answers the calls that it has and leaves the copies to the next control plane.
    `ready` is called once gateways may connect and the API answers. Whatever fails inside ends the whole (crash-only); copies
    are then left running, for the next control plane to adopt.
    """
    broken: asyncio.Queue[CopyId] = asyncio.Queue(maxsize=MAX_BROKEN)
    records = list(await store.load())
    engine_log = _engine_log(options, records)
    plane = _assemble(options, clock, records, broken, RandomIds() if engine_log is None else engine_log.ids)
    drain_limit_s = options.settings.gateway.stream_timeout_s + options.settings.gateway.model_timeout_s
    effects = Effects(runtime=runtime, hub=plane.hub, capacity=_capacity(plane), drain_limit_s=drain_limit_s)
    driver = _driver(plane, store, effects, engine_log)
    stopped = False
    try:
        async with asyncio.TaskGroup() as group:
            effects.connect(group, driver.post, plane.publish)
            running = [
                group.create_task(driver.run(), name="driver"),
                group.create_task(_observe(runtime, driver), name="observer"),
                group.create_task(_check(runtime, broken), name="checker"),
                group.create_task(_trim(store, clock, options.settings), name="trimmer"),
                group.create_task(_watch_keys(options.keys, plane), name="key watch"),
                group.create_task(sample(runtime, driver, clock, partial(disk_share, options.recordings.parent)), name="sampler"),
                group.create_task(scrape(runtime, driver, clock), name="scraper"),
            ]
            if engine_log is not None:
                running.append(group.create_task(engine_log.run(), name="engine log"))
            await driver.submit(RuntimeRestored(held=tuple(await runtime.held())))
            gc.freeze()  # what was restored lasts: no collection need walk through it while a call waits
            running.append(group.create_task(plane.hub.serve(options.sockets / LINK_SOCKET, driver.post), name="link"))
            app = api(plane, driver)
            effects.aim(plane.invoke)
            running.extend(group.create_task(worker.run(), name=type(worker).__name__) for worker in plane.workers)
            server = await _start_api(app, options.sockets / CONTROL_SOCKET)
            running.append(group.create_task(server.main_loop(), name="api"))
            ready()
            log.info("control_plane_ready", endpoints=len(plane.platform.fleet.endpoints))
            await stop.wait()
            log.info("control_plane_stopping")
            stopped = leave is None or not leave.is_set()
            await _wind_down(server, plane, driver, running)
            effects.abandon()
    finally:
        if engine_log is not None:
            engine_log.close()
        await runtime.close(stop_copies=stopped)
        await store.close()


async def _wind_down(server: uvicorn.Server, plane: Plane, driver: Driver, running: Iterable[asyncio.Task[None]]) -> None:
    """Answer the calls that there are, let workers finish what they can, and end all that runs."""
    await server.shutdown()
    for worker in plane.workers:
        await worker.rest(REST_S)
    await driver.flush()
    for task in running:
        task.cancel()


def _driver(plane: Plane, store: Store, effects: Effects, engine_log: EngineLog | None) -> Driver:
    ids, accounting = RandomIds(), plane.accounting
    return Driver(plane.platform, store=store, clock=plane.clock, ids=ids, effects=effects, log=engine_log, accounting=accounting)


def _engine_log(options: PlaneOptions, records: list[Record]) -> EngineLog | None:
    recording = options.settings.recording
    if not recording.engine:
        return None
    return begin_log(
        options.recordings,
        recording,
        ids=RandomIds(),
        options=platform_options(options.settings, options.clock.speed),
        records=records,
    )


def _assemble(
    options: PlaneOptions, clock: RateClock, records: Iterable[Record], broken: asyncio.Queue[CopyId], ids: IdSource
) -> Plane:
    """Make the engine as it was kept, and what looks at it."""
    platform = Platform(ids=ids, options=platform_options(options.settings, options.clock.speed))
    kept = [(r.kind, r.document) for r in records]
    platform.restore(kept)
    accounting = Accounting(
        platform.fleet,
        platform.autoscaler.targets,
        write_every=seconds(options.settings.usage.write_s * options.clock.speed),
        started=options.clock.started,
        former=options.former,
        speed=options.clock.speed,
    )
    accounting.restore(kept, clock.now())
    exposition = Exposition(platform, accounting)
    hub = Hub(
        clock=options.clock,
        keys=options.keys.read(),
        broken=lambda copy_id: None if broken.full() else broken.put_nowait(copy_id),
        cold=exposition.cold_start,
        return_s=RETURN_S,
    )
    return Plane(settings=options.settings, clock=clock, platform=platform, hub=hub, exposition=exposition, accounting=accounting)


def _capacity(plane: Plane) -> LocalCapacity:
    instances = plane.settings.instances
    machine = None if instances.virtual else machine_shape()
    capacity = LocalCapacity(clock=plane.clock, machine=machine, provision=seconds(instances.provision_s))
    capacity.adopt(list(plane.platform.fleet.instances.values()))
    return capacity


async def _watch_keys(files: KeyFiles, plane: Plane) -> None:
    """Put keys in force when their files change. Files that cannot be read change nothing: who was let in still is."""
    while True:
        await asyncio.sleep(KEYS_EVERY_S)
        if not files.changed():
            continue
        try:
            plane.rekey(files.read())
        except ConfigError as error:
            log.error("keys_not_read", error=str(error))  # noqa: TRY400 - a traceback would tell nothing more


async def _observe(runtime: Runtime, driver: Driver) -> None:
    async for observation in runtime.observe():
        log.info("copy_observed", **_told(observation))
        driver.post(RuntimeObserved(observation=observation))


def _told(observation: msgspec.Struct) -> dict[str, object]:
    fields = msgspec.structs.asdict(observation)
    told: dict[str, object] = {k: v for k, v in fields.items() if v not in ("", None) and k not in {"at", "log_tail"}}
    told["observation"] = type(observation).__name__
    return told


async def _check(runtime: Runtime, broken: asyncio.Queue[CopyId]) -> None:
    while True:
        await runtime.check(await broken.get())


async def _trim(store: Store, clock: RateClock, settings: Settings) -> None:
    keep: Instant = settings.scaling.history_days * DAY
    while True:
        gone = await store.trim("activity", before=clock.now() - keep, keep=KEPT_ACTIVITIES)
        gone += await store.trim(DEAD_LETTER_KIND, before=clock.now() - DEAD_LETTERS_KEPT, keep=KEPT_ACTIVITIES)
        gone += await store.trim(USAGE_KIND, before=clock.now() - settings.usage.days * DAY, keep=KEPT_DAYS)
        gone += await store.trim(HISTORY_KIND, before=clock.now() - ALARM_HISTORY_KEPT, keep=KEPT_ACTIVITIES)
        if gone:
            log.info("history_trimmed", entries=gone)
        await asyncio.sleep(TRIM_EVERY_S)


async def _start_api(app: AsgiApp, path: Path) -> uvicorn.Server:
    """Bind the API's unix socket at once, so that nothing connects to a path that is not there yet after `ready`."""
    config = uvicorn.Config(
        app,
        uds=str(path),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        server_header=False,
        date_header=False,
        h11_max_incomplete_event_size=65_536,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    return server
