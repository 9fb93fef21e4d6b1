"""`stoker dead-letters`: the invocations of schedules that were given up."""

import json

import click

from stoker.cli.locating import data_option, run_dir
from stoker.cli.status import ask
from stoker.control.rundir import StartError


@click.command("dead-letters")
@data_option
@click.option("--queue", metavar="ARN", help="Only those for this queue.")
def command(data: str | None, queue: str | None) -> None:
    """Print what schedules could not deliver, newest first, one JSON object a line.

    Each is the message that AWS would have sent to the queue of the schedule's DeadLetterConfig. They are kept for 14 days.
    """
    run = run_dir(data)
    if not run.in_use():
        raise StartError(f"No server runs on {run.data}.")
    for letter in json.loads(ask(run, "/stoker/dead-letters")):
        if queue is None or letter["Queue"] == queue:
            print(json.dumps(letter))
