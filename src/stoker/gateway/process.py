"""The gateway as a process: listens, keeps the link, drains when told to stop, and leaves nothing running."""

import asyncio
import gc
import os
import resource
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from stoker.config.settings import Gateway as GatewaySettings
from stoker.config.settings import Recording
from stoker.domain.quotas import Quotas
from stoker.domain.states import AtZero
from stoker.gateway.control_link import ControlLink
from stoker.gateway.core import Core
from stoker.gateway.face import AuthenticatorFactory, Face
from stoker.gateway.front import Front
from stoker.gateway.inner import InnerDoor
from stoker.gateway.invocation import Run
from stoker.gateway.locks import Locks
from stoker.gateway.phases import HELD, PARKED
from stoker.gateway.places import Places
from stoker.gateway.reasons import Reason, Refusal
from stoker.link.messages import Address

if TYPE_CHECKING:
    from stoker.gateway.recording import Recorder

log = structlog.get_logger(__name__)

BACKLOG: Final = 4096
_SWEEP_S: Final = 0.25
_DRAIN_STEP_S: Final = 0.05
_FAREWELL_S: Final = 0.5


class GatewayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How one gateway process is run.

    `link_path` and `control_path` are the control plane's unix sockets. It listens on `listen_fd`, an already bound socket, or
    else on `host` and `port` with SO_REUSEPORT, so that several gateways share one port. `parent_fd` is the reading end of a
    pipe whose end of file tells that the supervisor is gone. `link_name` is what the control plane knows this process by (empty:
    `gateway`); one that takes over from another of the same `gateway` needs its own. When it leaves its port to another, requests
    on connections that it has are served until none came for `quiet_s`; 0 closes idle connections at once. `public` says that
    others than this machine can connect.
    `inner_path` is a unix socket, in a directory of the server's own, on which the control plane sends what waited in its queue:
    nobody else can, and so nobody is asked. Bodies may have `inner_body_bytes` there.
    `recordings` is the directory that traffic is recorded to when `recording` says so.
    `places_path` is the file by which gateways share the places of serverless endpoints: `serverless_concurrency` in all.
    Names ending in `_s` are real seconds.
    """

    gateway: str
    link_name: str = ""
    link_path: str
    control_path: str
    host: str = "127.0.0.1"
    port: int = 0
    listen_fd: int | None = None
    parent_fd: int | None = None
    at_zero: AtZero = AtZero.HOLD
    public: bool = False
    drain_s: float = 30.0
    quiet_s: float = 0.0
    sweep_s: float = _SWEEP_S
    settings: GatewaySettings = GatewaySettings()
    recording: Recording = Recording()
    recordings: str = ""
    inner_path: str = ""
    inner_body_bytes: int = 1 << 30
    places_path: str = ""
    serverless_concurrency: int = Quotas().serverless_concurrency


def main(
    options: GatewayOptions,
    faces: Sequence[Face],
    authenticator_factory: AuthenticatorFactory | None = None,
    *,
    inner_faces: Sequence[Face] = (),
    started: Callable[[str, int], None] | None = None,
    ready: Callable[[], None] | None = None,
    leaving: Callable[[], None] | None = None,
) -> int:
    """Run a gateway process until SIGTERM, SIGINT or the supervisor's end; give its exit status.

    SIGTERM: another takes over the port. SIGINT and the supervisor's end: nobody does, so that idle connections are not kept.
    `started` is called with host and port once it listens, `ready` once it has a routing table, `leaving` when it accepts no
    connection any more and has yet to finish what it has. Without a factory every request is authentic.
    """
    import uvloop  # noqa: PLC0415 - heavy, and not needed to import this module

    _allow_files()

    async def run() -> None:
        stop = Stop()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGINT, stop.hurry)
        gc.collect()
        gc.freeze()
        await serve(
            options,
            faces,
            authenticator_factory,
            inner_faces=inner_faces,
            stop=stop,
            started=started,
            ready=ready,
            leaving=leaving,
        )

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
    return 0


class Stop(asyncio.Event):
    """Tells a gateway to stop. `hurried` once nobody takes its port over."""

    def __init__(self) -> None:
        super().__init__()
        self.hurried = False

    def hurry(self) -> None:
        """Have it stop, and keep no idle connection."""
        self.hurried = True
        self.set()


async def serve(
    options: GatewayOptions,
    faces: Sequence[Face],
    authenticator_factory: AuthenticatorFactory | None = None,
    *,
    inner_faces: Sequence[Face] = (),
    stop: Stop,
    started: Callable[[str, int], None] | None = None,
    ready: Callable[[], None] | None = None,
    leaving: Callable[[], None] | None = None,
) -> None:
    """Serve until `stop` is set, then drain: invocations in flight and held ones get `drain_s` to finish.

    Raises `OSError` when the address cannot be listened on.
    """
    loop = asyncio.get_running_loop()
    listening = _listening_socket(options)
    try:
        async with asyncio.TaskGroup() as group:

            def spawn(work: Coroutine[Any, Any, None]) -> object:
                return group.create_task(work)

            core = Core(
                gateway=options.link_name or options.gateway,
                settings=options.settings,
                at_zero=options.at_zero,
                authenticator_factory=authenticator_factory,
                loop=loop,
                spawn=spawn,
                on_ready=ready,
                places=_places(options),
            )
            recorder = core.recorder = _recorder(options, core)
            front = Front(core, options.settings, faces, Address(socket=options.control_path), public=options.public)
            standing = [
                group.create_task((link := ControlLink(core, options.link_path)).run(), name="link"),
                group.create_task(link.report(), name="report"),
                group.create_task(_sweep(core, front, options.sweep_s), name="sweep"),
            ]
            if options.inner_path:
                path, most = Path(options.inner_path), options.inner_body_bytes
                inner = InnerDoor(core, options.settings, inner_faces, path, most_bytes=most)
                standing.append(group.create_task(inner.run(), name="inner door"))
            if recorder is not None:
                standing.append(group.create_task(recorder.run(), name="recorder"))
            try:
                await _listen(loop, options, listening, front, stop=stop, started=started)
                if leaving is not None:
                    leaving()
                await _drain(core, front, options, stop)
            finally:
                core.close()
                front.close()
                for task in standing:
                    task.cancel()
    finally:
        if options.parent_fd is not None:
            loop.remove_reader(options.parent_fd)
        listening.close()


def _places(options: GatewayOptions) -> Places:
    return Places(Locks(options.places_path), options.serverless_concurrency)


def _recorder(options: GatewayOptions, core: Core) -> "Recorder | None":
    if not options.recording.enabled:
        return None
    from stoker.gateway.recording import Recorder  # noqa: PLC0415 - only where there is something to record

    return Recorder(Path(options.recordings), options.gateway, options.recording, lambda: core.rate)


async def _listen(
    loop: asyncio.AbstractEventLoop,
    options: GatewayOptions,
    listening: socket.socket,
    front: Front,
    *,
    stop: Stop,
    started: Callable[[str, int], None] | None,
) -> None:
    """Accept connections until told to stop."""
    server = await loop.create_server(front.protocol, sock=listening, backlog=BACKLOG)
    parent = options.parent_fd
    if parent is not None:
        loop.add_reader(parent, _parent_spoke, parent, stop)
    try:
        host, port = listening.getsockname()[:2]
        log.info("gateway_started", gateway=options.gateway, host=host, port=port)
        if started is not None:
            started(host, port)
        await stop.wait()
    finally:
        server.close()


def _parent_spoke(parent: int, stop: Stop) -> None:
    if not os.read(parent, 4096):
        asyncio.get_running_loop().remove_reader(parent)
        stop.hurry()


async def _drain(core: Core, front: Front, options: GatewayOptions, stop: Stop) -> None:
    log.info("gateway_draining", gateway=options.gateway, in_flight=core.tracker.in_flight, held=core.holding.held)
    end = core.now() + options.drain_s
    if options.quiet_s and not stop.hurried:
        # A client cannot know that a connection is about to close, so those it keeps are closed after a reply that says so.
        front.drain(options.quiet_s)
        while not (front.empty or stop.hurried) and core.now() < end:  # noqa: ASYNC110 - as below
            await asyncio.sleep(_DRAIN_STEP_S)
    front.drain()
    while not front.idle and core.now() < end:  # noqa: ASYNC110 - the hot path raises no event for each end of work
        await asyncio.sleep(_DRAIN_STEP_S)
    late = [run for run in core.runs if isinstance(run, Run)]
    for run in late:
        if run.phase in (HELD, PARKED):
            # Another one may have its port already.
            run.answer(Refusal(reason=Reason.DRAINING, message="The gateway is shutting down.", retry_after_s=1))
    core.report()
    if late:
        await asyncio.sleep(min(_FAREWELL_S, options.drain_s))
    log.info("gateway_stopped", gateway=options.gateway)


async def _sweep(core: Core, front: Front, sweep_s: float) -> None:
    while True:
        await asyncio.sleep(sweep_s)
        core.sweep()
        front.sweep()


def _allow_files() -> None:
    """Let the process open as many sockets as the machine allows: the usual soft limit, 1024, is below `max_connections`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # macOS has a further limit, which it does not tell
            log.info("file_limit_kept", soft=soft, hard=hard)


def _listening_socket(options: GatewayOptions) -> socket.socket:
    """Give the bound socket. Raises `OSError`."""
    if options.listen_fd is not None:
        return _prepared(socket.socket(fileno=options.listen_fd))
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((options.host, options.port))
    except OSError:
        listening.close()
        raise
    return _prepared(listening)


def _prepared(listening: socket.socket) -> socket.socket:
    """Set what accepted sockets inherit: clients that vanish without a word are noticed while their invocation is held."""
    listening.settimeout(0)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return listening
