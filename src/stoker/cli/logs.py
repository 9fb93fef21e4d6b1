"""`stoker logs`: what copies have printed."""

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

import click

from stoker.cli.locating import data_option, run_dir
from stoker.control.rundir import StartError
from stoker.domain.ids import CopyId
from stoker.runtimes.process.copy_logs import last_lines
from stoker.runtimes.process.places import CopyRecord, Places

_POLL_S = 0.2


@click.command("logs")
@click.argument("name", metavar="COMPONENT|COPY")
@data_option
@click.option("-f", "--follow", is_flag=True, help="Go on printing what comes, until Ctrl-C.")
@click.option("-p", "--previous", is_flag=True, help="Of the last copy that is gone, such as one that crashed.")
@click.option("-n", "--lines", type=click.IntRange(0, 1_000_000), default=100, help="Lines of each copy (default: 100).")
def command(name: str, data: str | None, lines: int, *, follow: bool, previous: bool) -> None:
    """Print what the copies of a component (or of a variant, as ENDPOINT/VARIANT), or one copy, have printed.

    Where no copy runs, it is what the last one left behind; the logs of the last 20 copies that are gone are kept.
    """
    places = Places(run_dir(data).data)
    found = {} if previous else _logs(places, name)
    if not found:
        found = _left_behind(places, name)
        if found and not previous:
            print(f"stoker: no copy of {name} runs; this is of the last one.", file=sys.stderr)
    if not found and previous:
        raise StartError(f"No log of a gone copy of {name!r} is kept.")
    if not found:
        known = sorted({_plain(record) for record in _records(places).values() if record is not None})
        there = f"; there are copies of {', '.join(known)}" if known else "; no copies run"
        raise StartError(f"There is no log of {name!r}{there}.")
    files: dict[CopyId, BinaryIO] = {}
    try:
        _open(files, found)
        for copy_id, file in files.items():
            _print(last_lines(file, lines), copy_id if len(files) > 1 else "")
        if follow:
            _follow(places, name, files)
    finally:
        for file in files.values():
            file.close()


def _open(files: dict[CopyId, BinaryIO], found: Mapping[CopyId, Path]) -> None:
    for copy_id, path in found.items():
        if copy_id not in files:
            with contextlib.suppress(FileNotFoundError):  # the copy has gone meanwhile
                files[copy_id] = path.open("rb")


def _records(places: Places) -> dict[CopyId, CopyRecord | None]:
    return places.load() if places.copies.exists() else {}


def _plain(record: CopyRecord) -> str:
    """Give what a copy serves as people name it: the component, or ENDPOINT/VARIANT."""
    return record.spec.workload.partition("/")[2]


def _logs(places: Places, name: str) -> dict[CopyId, Path]:
    """Give the logs that a name means, oldest copy first."""
    wanted = {
        copy_id: places.log(copy_id)
        for copy_id, record in _records(places).items()
        if copy_id == name or (record is not None and _plain(record) == name)
    }
    if not wanted and "/" not in name and (places.logs / f"{name}.log").exists():
        return {CopyId(name): places.logs / f"{name}.log"}
    return {copy_id: path for copy_id, path in sorted(wanted.items()) if path.exists()}


def _left_behind(places: Places, name: str) -> dict[CopyId, Path]:
    """Give the log of the copy of a component or a variant that went last."""
    for copy_id, workload in places.gone():
        if workload.partition("/")[2] == name:
            return {copy_id: places.logs / f"{copy_id}.log"}
    return {}


def _follow(places: Places, name: str, files: dict[CopyId, BinaryIO]) -> None:
    """Print what comes, also from copies that start meanwhile; a log that was rotated begins anew."""
    while True:
        time.sleep(_POLL_S)
        found = _logs(places, name)
        _open(files, found)
        several = len(files) > 1
        for copy_id, file in list(files.items()):
            if file.tell() > os.fstat(file.fileno()).st_size:
                file.seek(0)
            _print(file.read(), copy_id if several else "")
            if copy_id not in found:
                files.pop(copy_id).close()


def _print(content: bytes, title: str) -> None:
    if content:
        _write(_labelled(content.splitlines(keepends=True), title))


def _labelled(lines: Iterable[bytes], title: str) -> bytes:
    label = f"{title} | ".encode() if title else b""
    return b"".join(label + line for line in lines)


def _write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
