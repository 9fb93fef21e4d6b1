"""`stoker replay`: run a recorded engine again, and see that it commands the same."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from stoker.cli.commands import FAILED
from stoker.units import SECOND, Instant, to_seconds

if TYPE_CHECKING:
    from stoker.control.engine_log import Step
    from stoker.control.replaying import Replayed, Shown


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--show", is_flag=True, help="Print every step: what happened, and what the engine commanded.")
def command(file: Path, *, show: bool) -> int:
    """Run the engine's log FILE again and compare the commands with those of then.

    The exit status is 1 when they differ; the first difference is printed. `stoker up --record` writes such logs, as
    DATA/recordings/engine-*.log.gz.
    """
    from stoker.control.replaying import replay  # noqa: PLC0415 - slow to import

    replayed = replay(file, _show if show else None)
    difference = replayed.difference
    if difference is None:
        print(f"{file.name}: {_extent(replayed)}: identical.")
        return 0
    print(f"{file.name}: step {difference.number} went otherwise: {difference.why}.")
    print(f"{_moment(difference.step.now)} {_event(difference.step)}")
    for title, commands in (("then", difference.then), ("now", difference.now)):
        print(f"{title}: {_text(*commands[0]) if commands else '(no further command)'}")
    return FAILED


def _extent(replayed: "Replayed") -> str:
    steps, commands = replayed.steps, replayed.commands
    span = to_seconds(replayed.end - replayed.begin)
    ended = f"; it ends because {replayed.ended}" if replayed.ended else "; it was cut off"
    return f"{steps:,} step{'' if steps == 1 else 's'} with {commands:,} commands in {span:,.1f} s{ended}"


def _show(step: "Step", commands: "list[Shown]") -> None:
    print(f"{_moment(step.now)} {_event(step)}")
    for name, fields in commands:
        print(f"  -> {_text(name, fields)}")


def _event(step: "Step") -> str:
    if step.event is None:
        return "a deadline"
    return f"{type(step.event).__name__} {msgspec.json.encode(step.event).decode()}"


def _text(name: str, fields: dict[str, object]) -> str:
    return f"{name} {msgspec.json.encode(fields).decode()}" if fields else name


def _moment(at: Instant) -> str:
    whole, rest = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%d %H:%M:%S}.{rest // 1_000_000:03d}"
