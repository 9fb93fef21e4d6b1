"""`stoker status`: what the running server holds and does."""

import http.client
import json
import socket
import sys
import time
from typing import TYPE_CHECKING

import click
import msgspec

from stoker.cli.locating import data_option, run_dir
from stoker.control.handover import read_handover
from stoker.control.rundir import RunDir, StartError

if TYPE_CHECKING:
    from stoker.service.status import EndpointView, PlatformView

_TIMEOUT_S = 5.0
_RETRY_S = 0.1
_MOST_BYTES = 64 * 1024 * 1024
_OK = 200
_WIDE = 1000


@click.command("status")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the server as it is.")
def command(data: str | None, *, as_json: bool) -> None:
    """Show endpoints, copies and instances of the running server."""
    run = run_dir(data)
    if not run.in_use():
        raise StartError(f"No server runs on {run.data}.")
    body = ask(run, "/stoker/status")
    if as_json:
        print(json.dumps(json.loads(body), indent=2))
        return
    from stoker.service.status import PlatformView  # noqa: PLC0415 - slow to import, and not for `--json`

    try:
        _show(run, msgspec.json.decode(body, type=PlatformView))
    except msgspec.MsgspecError as error:
        raise StartError(f"The server's answer is not of this version: {error}.") from error


def ask(run: RunDir, path: str) -> bytes:
    """Give the body of a page of the control plane, waiting a little for one that is being restarted. Raises `StartError`."""
    address = str(read_handover(run.handover).control_socket)
    until = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            return _get(address, path)
        except (FileNotFoundError, ConnectionRefusedError) as error:
            if time.monotonic() > until:
                raise StartError("The server's control plane does not answer; it may be starting again.") from error
            time.sleep(_RETRY_S)
        except (OSError, http.client.HTTPException) as error:
            raise StartError(f"The server's control plane gave no answer: {error}.") from error


def _get(address: str, path: str) -> bytes:
    connection = http.client.HTTPConnection("localhost", timeout=_TIMEOUT_S)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.settimeout(_TIMEOUT_S)
        connection.sock.connect(address)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read(_MOST_BYTES)
    finally:
        connection.close()
    if response.status != _OK:
        raise StartError(f"The server answered {path} with status {response.status}.")
    return body


def _show(run: RunDir, picture: "PlatformView") -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    note = run.note()
    # Into a pipe or a file the table goes at its full width; rich would take 80 columns.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    gateways = len(picture.gateways)
    console.print(f"{note.url if note else run.data}, {gateways} gateway{'' if gateways == 1 else 's'}", markup=False)
    if not picture.endpoints:
        console.print("There are no endpoints.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("ENDPOINT", "STATUS", "INSTANCES", "SERVES", "STATUS", "COPIES", "IN FLIGHT", "HELD"):
        table.add_column(title, justify="right" if title in {"INSTANCES", "COPIES", "IN FLIGHT", "HELD"} else "left")
    for endpoint in picture.endpoints:
        for row in _rows(endpoint):
            table.add_row(*row)
    console.print(table)
    for endpoint in picture.endpoints:
        failures = [(endpoint.name, endpoint.failure), *((w.name, w.failure) for w in endpoint.workloads)]
        for name, failure in dict.fromkeys(failures):  # Hugging Face's endpoints and their components share name and failure
            if failure:
                console.print(f"{name}: {failure}", markup=False, soft_wrap=True)  # paths and tracebacks stay whole
        for workload in endpoint.workloads:
            if workload.room:
                console.print(f"{workload.name}: {workload.room}", markup=False, soft_wrap=True)


def _rows(endpoint: "EndpointView") -> list[tuple[str, ...]]:
    """Give the table's rows for one endpoint: counts read `current/desired`."""
    head = (endpoint.name, endpoint.status, f"{endpoint.current_instances}/{endpoint.desired_instances}")
    if not endpoint.workloads:
        return [(*head, "", "", "", "", "")]
    return [
        (*(head if first else ("", "", "")), w.name, w.status, f"{w.current}/{w.desired}", str(w.in_flight), str(w.held))
        for first, w in zip([True, *[False] * len(endpoint.workloads)], endpoint.workloads, strict=False)
    ]
