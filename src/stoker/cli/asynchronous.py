"""`stoker async`: the asynchronous requests that wait, run or are over."""

import json
from typing import Any
from urllib.parse import urlencode

import click

from stoker.cli.locating import data_option, run_dir
from stoker.cli.status import ask
from stoker.control.rundir import StartError


@click.group("async")
def command() -> None:
    """Look at asynchronous requests."""


@command.command("list")
@data_option
@click.option("--endpoint", metavar="NAME", default="", help="Only those of this endpoint.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(0, 1000), help="Requests to print at most.")
@click.option("--counts", is_flag=True, help="Print how many there are in each state instead.")
def list_requests(data: str | None, endpoint: str, limit: int, *, counts: bool) -> None:
    """Print requests, the newest first, one JSON object a line. Instants are in seconds of the platform's clock."""
    found = _asked(data, endpoint=endpoint, limit=limit)
    for each in found["counts" if counts else "requests"]:
        if not endpoint or each["endpoint"] == endpoint:
            print(json.dumps(each))


@command.command("show")
@data_option
@click.argument("request_id")
def show(data: str | None, request_id: str) -> None:
    """Print one request with its attempts. REQUEST_ID is what `list` tells; without an InferenceId of one's own that is it."""
    found = _asked(data, id=request_id)["requests"]
    if not found:
        raise StartError(f"There is no request {request_id}.")
    print(json.dumps(found[0], indent=2))


def _asked(data: str | None, **query: object) -> Any:  # noqa: ANN401 - JSON
    run = run_dir(data)
    if not run.in_use():
        raise StartError(f"No server runs on {run.data}.")
    return json.loads(ask(run, f"/stoker/requests?{urlencode(query)}"))
