"""`stoker usage`: what endpoints used, what that cost, and what it would have cost without scaling."""

import csv
import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click
import msgspec

from stoker.cli.locating import data_option, run_dir
from stoker.cli.status import ask
from stoker.control.rundir import StartError

if TYPE_CHECKING:
    from stoker.service.usage import UsageLine, UsageView

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_WIDE = 1000


@click.command("usage")
@data_option
@click.option("--since", type=_DAY, metavar="DAY", help="The first day (UTC on the server's clock), such as 2026-11-01.")
@click.option("--until", type=_DAY, metavar="DAY", help="The last day.")
@click.option("--endpoint", metavar="NAME", help="Only this endpoint.")
@click.option(
    "--by", type=click.Choice(["endpoint", "day"]), default="endpoint", help="One line for each part, or for each of its days."
)
@click.option("--json", "form", flag_value="json", help="Print the answer of the server as it is.")
@click.option("--csv", "form", flag_value="csv", help="Print comma-separated values.")
def command(
    *, data: str | None, since: datetime | None, until: datetime | None, endpoint: str | None, by: str, form: str | None
) -> None:
    """Show what endpoints used and saved.

    USED is what was paid for, ALWAYS ON what the most that was configured would have cost all the time, SAVED the difference.
    The prices are settings.
    """
    run = run_dir(data)
    if not run.in_use():
        raise StartError(f"No server runs on {run.data}.")
    query = {"by": by}
    query |= {name: f"{day:%Y-%m-%d}" for name, day in (("since", since), ("until", until)) if day is not None}
    if endpoint:
        query["endpoint"] = endpoint
    body = ask(run, f"/stoker/usage?{urlencode(query)}")
    if form == "json":
        print(json.dumps(json.loads(body), indent=2))
        return
    from stoker.service.usage import UsageView  # noqa: PLC0415 - slow to import, and not for `--json`

    try:
        report = msgspec.json.decode(body, type=UsageView)
    except msgspec.MsgspecError as error:
        raise StartError(f"The server's answer is not of this version: {error}.") from error
    if form == "csv":
        _write_csv(report)
    else:
        _show(report, by_day=by == "day")


def _write_csv(report: "UsageView") -> None:
    """Print all lines, seconds and money as exact as they are."""
    from stoker.service.usage import UsageLine  # noqa: PLC0415 - slow to import

    names = UsageLine.__struct_fields__
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow((*names, "currency"))
    for line in report.lines:
        out.writerow((*(getattr(line, name) for name in names), report.currency))


def _show(report: "UsageView", *, by_day: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    # Into a pipe or a file the table goes at its full width; rich would take 80 columns.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    if not report.lines:
        console.print("Nothing was used.")
        return
    table = Table(box=None, pad_edge=False)
    titles = ["ENDPOINT", "PART", *(["DAY"] if by_day else []), "INVOCATIONS", "COPY S", "INSTANCE S", "GB S"]
    money = [f"{title} {report.currency}" for title in ("USED", "ALWAYS ON", "SAVED")]
    for title in (*titles, *money):
        table.add_column(title, justify="left" if title in {"ENDPOINT", "PART", "DAY"} else "right")
    for line in report.lines:
        table.add_row(*_cells(line, by_day=by_day))
    table.add_row(*_cells(report.total, by_day=by_day, name="all"))
    console.print(table)


def _cells(line: "UsageLine", *, by_day: bool, name: str = "") -> tuple[str, ...]:
    counts = (str(line.invocations), *(f"{value:.0f}" for value in (line.copy_s, line.instance_s, line.gb_s)))
    money = (f"{value:.4f}" for value in (line.used, line.always_on, line.saved))
    return (name or line.endpoint, line.part, *([line.day] if by_day else []), *counts, *money)
