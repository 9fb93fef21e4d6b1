"""The composition root: the only place that picks implementations.

Each function imports what its process needs and nothing else, because a gateway must not pay for the database.
"""

import asyncio
import os
from collections.abc import Mapping
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from stoker.control.handover import Handover, inner_socket
from stoker.control.lifeline import Lifeline

if TYPE_CHECKING:
    from pathlib import Path

    from stoker.artifacts.buckets import Buckets
    from stoker.artifacts.local import LocalArtifacts
    from stoker.control.driver import Driver
    from stoker.control.plane import AsgiApp, Plane
    from stoker.domain.keys import Keyring
    from stoker.gateway.face import AuthenticatorFactory
    from stoker.ports.requests import RequestStore
    from stoker.runtimes.process.images import ImageTable
    from stoker.service.asynchronous import AsyncDesk
    from stoker.wire.aws.access import Access
    from stoker.wire.aws.sigv4 import Mode, Verifier

QUIET_S = 3.0
"""Seconds for which a gateway that leaves its port to another still serves what comes on connections that it has."""
ORPHAN_MARGIN_S = 3.0
"""Seconds that gateways without a supervisor get beyond their drain before the control plane stops the copies."""


def run_gateway(handover: Handover, lifeline: Lifeline, name: str) -> None:
    """Run one gateway until SIGTERM or the supervisor's end."""
    from stoker.config.hosts import is_loopback  # noqa: PLC0415
    from stoker.domain.ids import Partition  # noqa: PLC0415
    from stoker.gateway.process import GatewayOptions, main  # noqa: PLC0415
    from stoker.telemetry.logs import configure_logs  # noqa: PLC0415
    from stoker.wire.aws.authenticator import gateway_checks  # noqa: PLC0415
    from stoker.wire.aws.inner_face import InnerFace  # noqa: PLC0415
    from stoker.wire.aws.invocations import AwsRuntimeFace  # noqa: PLC0415
    from stoker.wire.faces import relaying_faces  # noqa: PLC0415

    settings = handover.settings
    server = settings.server
    configure_logs(settings.logs.level)
    options = GatewayOptions(
        gateway=name,
        link_name=f"{name}.{os.getpid()}",
        link_path=str(handover.link_socket),
        control_path=str(handover.control_socket),
        listen_fd=lifeline.listen,
        parent_fd=lifeline.parent,
        at_zero=server.at_zero,
        public=not is_loopback(server.host),
        drain_s=server.drain_s,
        quiet_s=QUIET_S,
        settings=settings.gateway,
        recording=settings.recording,
        recordings=str(handover.recordings_dir),
        inner_path=str(handover.inner_socket(os.getpid())),
        inner_body_bytes=settings.inference.max_input_bytes,
        places_path=str(handover.sockets_dir / "places"),
        serverless_concurrency=settings.quotas.serverless_concurrency,
    )
    partition = Partition(account=server.account, region=server.region)
    aws = AwsRuntimeFace(partition)
    faces = [aws, *relaying_faces(aws, home=settings.hub.namespace)]
    authenticators: AuthenticatorFactory | None = None
    if server.auth != "off":
        authenticators = gateway_checks(partition, role=server.role, lenient=server.auth == "lenient")
    inner = [InnerFace(partition)]
    main(options, faces, authenticators, inner_faces=inner, ready=lifeline.tell_ready, leaving=lifeline.tell_leaving)


def run_control(handover: Handover, lifeline: Lifeline, *, inherited: Mapping[str, str]) -> None:
    """Run the control plane until SIGTERM, or until supervisor and gateways are gone; then its copies are stopped.

    `inherited` is the environment that copies get a harmless part of.
    """
    import uvloop  # noqa: PLC0415

    from stoker.telemetry.logs import configure_logs  # noqa: PLC0415

    configure_logs(handover.settings.logs.level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_control(handover, lifeline, inherited))


async def _control(handover: Handover, lifeline: Lifeline, inherited: Mapping[str, str]) -> None:
    from stoker.artifacts.buckets import BucketLimits, Buckets  # noqa: PLC0415
    from stoker.config.key_file import KeyFiles  # noqa: PLC0415
    from stoker.control.clock import RateClock  # noqa: PLC0415
    from stoker.control.plane import PlaneOptions, serve_control_plane  # noqa: PLC0415
    from stoker.runtimes.process.runtime import ProcessRuntime  # noqa: PLC0415
    from stoker.store.requests import FILE_NAME, SqliteRequests  # noqa: PLC0415
    from stoker.store.sqlite import SqliteStore  # noqa: PLC0415

    settings = handover.settings
    stop, leave = asyncio.Event(), asyncio.Event()
    lifeline.arm(stop, drain_s=settings.server.drain_s + ORPHAN_MARGIN_S, leave=leave)
    keys = KeyFiles(handover.data)
    ring = keys.read()
    clock = RateClock(handover.clock)
    bounds = BucketLimits(object_bytes=settings.artifacts.max_object_bytes, total_bytes=settings.artifacts.max_bucket_bytes)
    buckets = Buckets(handover.data, bounds)
    store = await SqliteStore.open(handover.data / "stoker.db", patience_s=5.0)
    requests: SqliteRequests | None = None
    try:
        requests = await SqliteRequests.open_file(handover.data / FILE_NAME)  # held off by the lock of the other
        runtime = ProcessRuntime(
            handover.data,
            settings.images,
            settings.process,
            clock,
            _artifacts(handover, buckets, inherited),
            inherited=inherited,
            region=settings.server.region,
            hub=_hub_variables(handover),
        )
        async with runtime:
            options = PlaneOptions(
                settings=settings,
                clock=handover.clock,
                keys=keys,
                sockets=handover.sockets_dir,
                recordings=handover.recordings_dir,
                former=handover.former,
            )
            await serve_control_plane(
                options,
                store=store,
                runtime=runtime,
                clock=clock,
                api=partial(_api, handover, ring, buckets, requests),
                ready=lifeline.tell_ready,
                stop=stop,
                leave=leave,
            )
    finally:
        if requests is not None:
            await requests.close()
        await store.close()


def _artifacts(handover: Handover, buckets: "Buckets", inherited: Mapping[str, str]) -> "LocalArtifacts":
    """Give where models' files come from; downloads get what `inherited` says of how the network is reached."""
    from stoker.artifacts.local import LocalArtifacts  # noqa: PLC0415

    hub = handover.settings.hub
    token = _place(hub.token_file)
    return LocalArtifacts(handover.data, buckets=buckets, hub=hub.endpoint, token_file=token, environment=inherited)


def _asynchronous(
    handover: Handover, buckets: "Buckets", requests: "RequestStore", plane: "Plane", driver: "Driver"
) -> "AsyncDesk":
    """Give the desk of asynchronous inference, and have its requests sent on."""
    from stoker.artifacts.inference_files import InferenceFiles  # noqa: PLC0415
    from stoker.config.hosts import is_loopback  # noqa: PLC0415
    from stoker.control.dispatching import Dispatcher, DispatchOptions  # noqa: PLC0415
    from stoker.control.notices import Notices  # noqa: PLC0415
    from stoker.domain.ids import Partition  # noqa: PLC0415
    from stoker.engine.backlog import Backlog, BacklogLimits  # noqa: PLC0415
    from stoker.service.asynchronous import AsyncDesk  # noqa: PLC0415
    from stoker.service.queues import QueueDesk  # noqa: PLC0415

    server, settings = plane.settings.server, plane.settings.inference
    partition = Partition(account=server.account, region=server.region)
    machine = settings.file_inputs == "on" or (settings.file_inputs == "local" and is_loopback(server.host))
    files = InferenceFiles(handover.data, buckets, most_bytes=settings.max_input_bytes, machine=machine)
    limits = BacklogLimits(
        requests=settings.max_requests, of_endpoint=settings.max_requests_of_endpoint, bytes=settings.max_queued_bytes
    )
    desk = AsyncDesk(driver, partition, store=requests, backlog=Backlog(limits), places=files)
    turns = count()

    def door() -> "Path | None":
        gateways = plane.hub.gateways
        if not gateways:
            return None
        return inner_socket(handover.sockets_dir, gateways[next(turns) % len(gateways)].rpartition(".")[2])

    options = DispatchOptions(attempts=settings.attempts, running=settings.max_running, kept=settings.kept_requests)
    notices = Notices(QueueDesk(driver, partition), partition)
    plane.workers.append(Dispatcher(desk, driver, plane.clock, files=files, door=door, notices=notices, options=options))
    return desk


def _api(  # noqa: PLR0917 - what was opened, then what is served with it
    handover: Handover, keys: "Keyring", buckets: "Buckets", requests: "RequestStore", plane: "Plane", desk: "Driver"
) -> "AsgiApp":
    """Give everything the control plane answers: its own pages, and the AWS APIs."""
    from stoker.artifacts.local import check_url  # noqa: PLC0415
    from stoker.control.pages import with_pages  # noqa: PLC0415
    from stoker.domain.ids import Partition  # noqa: PLC0415
    from stoker.runtimes.process.images import ImageTable  # noqa: PLC0415
    from stoker.wire.aws.access import Access  # noqa: PLC0415
    from stoker.wire.aws.apis import SERVICES, served  # noqa: PLC0415
    from stoker.wire.aws.asgi import aws_app  # noqa: PLC0415
    from stoker.wire.aws.s3.app import S3App  # noqa: PLC0415

    server = plane.settings.server
    partition = Partition(account=server.account, region=server.region)
    access = Access(keys, partition, role=server.role, lenient=server.auth == "lenient")
    plane.rekeyed.append(access.replace)
    check = partial(check_url, buckets=buckets)
    waits = _asynchronous(handover, buckets, requests, plane, desk)
    images = ImageTable(plane.settings.images)
    handlers, targets = served(desk, images, partition, access, check_url=check, requests=waits)
    plane.invoke = targets.invoke
    off = server.auth == "off"
    wire = aws_app(
        handlers,
        _verifier(access, server.auth, frozenset({server.region})),
        services=SERVICES,
        partition=partition,
        request_id=desk.ids.uuid,
        access=None if off else access,
    )
    # Before the server's own pages: a bucket may have any name, and what is signed for S3 is not for them.
    return S3App(
        with_pages(plane, _hub(handover, plane, desk, images, None if off else access, wire), desk, waits),
        buckets,
        _verifier(access, server.auth, None),
        partition=partition,
        request_id=desk.ids.uuid,
        access=None if off else access,
    )


def _hub(  # noqa: PLR0917 - what is open already, and what it stands before
    handover: Handover, plane: "Plane", desk: "Driver", images: "ImageTable", access: "Access | None", rest: "AsgiApp"
) -> "AsgiApp":
    """Give Hugging Face's management API before the rest."""
    from stoker.artifacts.repositories import Repositories  # noqa: PLC0415
    from stoker.runtimes.process.copy_logs import CopyLogs  # noqa: PLC0415
    from stoker.service.hub import Hubs  # noqa: PLC0415
    from stoker.service.hub_parts import HubOptions  # noqa: PLC0415
    from stoker.units import seconds  # noqa: PLC0415
    from stoker.wire.huggingface.asgi import HubApp  # noqa: PLC0415
    from stoker.wire.huggingface.catalog import Catalog  # noqa: PLC0415
    from stoker.wire.huggingface.guard import Guard  # noqa: PLC0415
    from stoker.wire.huggingface.management import Management  # noqa: PLC0415

    settings, server = plane.settings.hub, plane.settings.server
    options = HubOptions(
        home=settings.namespace, preset=settings.preset, idle=seconds(settings.scale_to_zero_s), strict=settings.strict
    )
    management = Management(
        Hubs(desk, images, Repositories(_place(settings.repositories), downloads=settings.downloads), options),
        desk,
        region=server.region,
        usage=plane.settings.usage,
        organizations=[name.strip() for name in settings.organizations.split(",") if name.strip()],
        logs=CopyLogs(handover.data),
    )
    catalog = Catalog(settings.catalog, management.create, since=plane.clock.now())
    base = f"http://{server.host}:{server.port}"
    return HubApp(rest, [*management.routes, *catalog.routes], Guard(access), base=base, request_id=desk.ids.uuid)


def _place(path: str) -> "Path | None":
    """Give the path that a setting names; None when it names none."""
    from pathlib import Path  # noqa: PLC0415

    return Path(path).expanduser().resolve() if path else None


def _hub_variables(handover: Handover) -> dict[str, str]:
    """Give what copies that serve repositories are told of the hub, and where they may install requirements."""
    hub = handover.settings.hub
    place = {"STOKER_REQUIREMENTS_DIR": str(handover.data / "requirements")} if hub.install_requirements else {}
    return {"HF_ENDPOINT": hub.endpoint, **place}


def _verifier(access: "Access", auth: str, regions: frozenset[str] | None) -> "Verifier":
    """Give what checks signatures as the setting says: all, none, or those of keys that are known."""
    from stoker.wire.aws.sigv4 import Verifier  # noqa: PLC0415

    modes: dict[str, Mode] = {"on": "strict", "lenient": "lenient", "off": "off"}
    return Verifier(access.secrets, sessions=access, regions=regions, mode=modes[auth])
