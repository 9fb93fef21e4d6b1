"""The control plane whole: it restores the engine from the store, adopts what runs, serves the link and the API."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import structlog
import uvicorn

from stoker.config.settings import Settings
from stoker.control.capacity import LocalCapacity, machine_shape
from stoker.control.clock import RandomIds, RateClock
from stoker.control.driver import Driver
from stoker.control.effects import Effects
from stoker.control.hub import Hub
from stoker.domain.ids import CopyId, Partition
from stoker.domain.instance_types import LOCAL, SHAPES
from stoker.engine.autoscaler import ScalingOptions
from stoker.engine.events import RuntimeObserved, RuntimeRestored
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.link.messages import ClockRate
from stoker.ports.runtime import Runtime
from stoker.ports.store import Store
from stoker.service.routing import routing_table
from stoker.telemetry.prometheus import Exposition
from stoker.units import DAY, HOUR, Instant, seconds, to_seconds

log = structlog.get_logger(__name__)

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

TRIM_EVERY_S = 600.0
"""Real seconds between two trimmings of the histories."""

KEPT_ACTIVITIES = 10_000
"""Scaling activities kept for one target, whatever their age."""


class Plane:
    """The parts of a running control plane that its API needs."""

    __slots__ = ("clock", "driver", "exposition", "hub", "platform", "settings")

    def __init__(
        self, *, settings: Settings, clock: RateClock, platform: Platform, driver: Driver, hub: Hub, exposition: Exposition
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.platform = platform
        self.driver = driver
        self.hub = hub
        self.exposition = exposition


class PlaneOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a control plane is told at its start: `sockets` is where its unix sockets go, `keys` access key ids to secrets."""

    settings: Settings
    clock: ClockRate
    keys: dict[str, str]
    sockets: Path


def platform_options(settings: Settings) -> PlatformOptions:
    """Give the engine's options of the settings."""
    return PlatformOptions(
        partition=Partition(account=settings.server.account, region=settings.server.region),
        fleet=FleetOptions(
            shapes={**SHAPES, LOCAL: machine_shape()},
            idle_release=seconds(settings.instances.idle_release_s),
            max_instances=settings.instances.max_total,
        ),
        scaling=ScalingOptions(
            alarm_high_periods=settings.scaling.alarm_high_periods, alarm_low_periods=settings.scaling.alarm_low_periods
        ),
    )


async def serve_control_plane(
    options: PlaneOptions,
    *,
    store: Store,
    runtime: Runtime,
    clock: RateClock,
    api: Callable[[Plane], AsgiApp],
    ready: Callable[[], None],
    stop: asyncio.Event,
) -> None:
    """Run a control plane until `stop` is set; then all copies are stopped and the store is closed.

    `ready` is called once gateways may connect and the API answers. Whatever fails inside ends the whole (crash-only); copies
    are then left running, for the next control plane to adopt.
    """
    ids = RandomIds()
    settings = options.settings
    platform = Platform(ids=ids, options=platform_options(settings))
    platform.restore((r.kind, r.document) for r in await store.load())
    exposition = Exposition(platform)
    machine = None if settings.instances.virtual else machine_shape()
    capacity = LocalCapacity(clock=clock, machine=machine, provision=seconds(settings.instances.provision_s))
    capacity.adopt(list(platform.fleet.instances.values()))

    broken: asyncio.Queue[CopyId] = asyncio.Queue(maxsize=1024)
    hub = Hub(
        clock=options.clock,
        keys=options.keys,
        broken=lambda copy_id: None if broken.full() else broken.put_nowait(copy_id),
        cold=exposition.cold_start,
    )
    drain_limit_s = settings.gateway.stream_timeout_s + settings.gateway.model_timeout_s
    effects = Effects(runtime=runtime, hub=hub, capacity=capacity, drain_limit_s=drain_limit_s)
    driver = Driver(platform, store=store, clock=clock, ids=ids, effects=effects)
    plane = Plane(settings=settings, clock=clock, platform=platform, driver=driver, hub=hub, exposition=exposition)

    def publish() -> None:
        hub.publish(routing_table(platform, max(hub.version + 1, clock.now())))

    stopped = False
    try:
        async with asyncio.TaskGroup() as group:
            effects.connect(group, driver.post, publish)
            running = [
                group.create_task(driver.run(), name="driver"),
                group.create_task(_observe(runtime, driver), name="observer"),
                group.create_task(_check(runtime, broken), name="checker"),
            ]
            await driver.submit(RuntimeRestored(held=tuple(await runtime.held())))
            running.append(group.create_task(hub.serve(options.sockets / "link.sock", driver.post), name="link"))
            running.append(group.create_task(_trim(store, clock, settings), name="trimmer"))
            server = await _start_api(api(plane), options.sockets / "control.sock")
            running.append(group.create_task(_serve_api(server), name="api"))
            ready()
            log.info("control_plane_ready", endpoints=len(platform.fleet.endpoints), copies=len(platform.fleet.copies))
            await stop.wait()
            log.info("control_plane_stopping")
            await server.shutdown()
            for task in running:
                task.cancel()
            effects.abandon()
            stopped = True
    finally:
        await runtime.close(stop_copies=stopped)
        await store.close()


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
        if gone:
            log.info("history_trimmed", entries=gone)
        await asyncio.sleep(min(TRIM_EVERY_S, to_seconds(HOUR)))


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


async def _serve_api(server: uvicorn.Server) -> None:
    await server.main_loop()
