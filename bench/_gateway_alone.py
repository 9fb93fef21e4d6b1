"""Stoker's gateway without the rest of the platform, and a stand-in for the control plane that gives it a routing table.

Usage: python _gateway_alone.py link FOLDER UPSTREAM_PORT
       python _gateway_alone.py gateway FOLDER NAME PORT on|off

The gateway is started as `stoker up` starts it. The table has the endpoint `chat` with two components: `llama`, with one copy
(the upstream), and `cold`, whose copy never comes, so that its invocations are held.
"""

import asyncio
import sys
import time

from stoker.config.settings import Gateway
from stoker.domain.ids import ComponentName, CopyId, EndpointName, Partition, VariantName, WorkloadId
from stoker.domain.keys import keyring
from stoker.gateway.process import GatewayOptions
from stoker.gateway.process import main as run_gateway
from stoker.link.framing import encode
from stoker.link.messages import (
    Address,
    ClockRate,
    ComponentRoute,
    CopyRoute,
    EndpointRoute,
    RoutingTable,
    VariantRoute,
    Welcome,
    WorkloadRoute,
)
from stoker.telemetry.logs import configure_logs
from stoker.wire.aws.authenticator import gateway_checks
from stoker.wire.aws.invocations import AwsRuntimeFace
from stoker.wire.faces import relaying_faces

KEY, SECRET = "AKIDBENCHMARK", "a secret of the benchmark"
RING = keyring({KEY: SECRET})
ROOMY = Gateway(max_connections=20_000, max_held=20_000, idle_timeout_s=3600)
"""The limits that the memory figures need; they cost nothing until they are used."""


def table(upstream_port: int) -> RoutingTable:
    """Give the routing table."""
    served, cold, variant = WorkloadId("ic/llama"), WorkloadId("ic/cold"), VariantName("main")
    components = (
        ComponentRoute(name=ComponentName("llama"), variant=variant, workload=served),
        ComponentRoute(name=ComponentName("cold"), variant=variant, workload=cold),
    )
    copy = CopyRoute(copy_id=CopyId("c1"), address=Address(port=upstream_port))
    return RoutingTable(
        version=1,
        endpoints=(EndpointRoute(name=EndpointName("chat"), variants=(VariantRoute(name=variant),), components=components),),
        workloads=(WorkloadRoute(workload=served, copies=(copy,), desired=1), WorkloadRoute(workload=cold, desired=1)),
    )


async def serve_link(folder: str, upstream_port: int) -> None:
    """Play the control plane's end of the link until killed."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock = ClockRate(monotonic_ns=time.monotonic_ns(), started=time.time_ns())
        writer.write(encode(Welcome(clock=clock, keys=RING)) + encode(table(upstream_port)))
        while await reader.read(65536):
            pass
        writer.close()

    server = await asyncio.start_unix_server(greet, f"{folder}/link.sock")
    async with server:
        await server.serve_forever()


def serve_gateway(folder: str, name: str, port: int, auth: str) -> None:
    """Run a gateway until SIGTERM."""
    configure_logs("info")
    options = GatewayOptions(
        gateway=name,
        link_path=f"{folder}/link.sock",
        control_path=f"{folder}/none.sock",
        port=port,
        drain_s=0.1,
        settings=ROOMY,
    )
    aws = AwsRuntimeFace(Partition())
    run_gateway(options, [aws, *relaying_faces(aws, home="stoker")], gateway_checks(Partition()) if auth == "on" else None)


if __name__ == "__main__":
    if sys.argv[1] == "link":
        asyncio.run(serve_link(sys.argv[2], int(sys.argv[3])))
    else:
        serve_gateway(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
