"""`stoker keys`: who may call the server, and what each may do. They need no running server; one that runs learns at once."""

import json
import re
import shlex
import time
from datetime import UTC, datetime

import click

from stoker.cli.locating import data_option, run_dir
from stoker.config.key_file import KeyFiles
from stoker.control.rundir import StartError
from stoker.domain.keys import ROOT, AccessKey, KeyRole
from stoker.errors import InvalidParameterError
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant, Span

_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_SPAN = re.compile(r"([0-9]{1,6})([smhd])")
_COLUMNS = ("KEY", "NAME", "ROLE", "ENDPOINTS", "CREATED", "EXPIRES")


@click.group("keys")
def command() -> None:
    """Make, list, rotate and revoke access keys.

    A running server goes by them within a second, and so do its gateways.
    """


@command.command("create")
@click.argument("name")
@data_option
@click.option("--role", type=click.Choice([role.value for role in KeyRole]), default=KeyRole.INVOKE.value, show_default=True)
@click.option("--endpoint", "endpoints", multiple=True, metavar="NAME", help="An endpoint that the key may invoke (* for any).")
@click.option("--expires", metavar="SPAN", help="How long it is good, such as 90d or 12h (default: for ever).")
@click.option("--format", "form", type=click.Choice(["sh", "json"]), default="sh", help="For a shell, or as JSON.")
def create(name: str, data: str | None, *, role: str, endpoints: tuple[str, ...], expires: str | None, form: str) -> None:
    """Make a key and print it: its id, its secret, and a bearer token for clients that take one.

    NAME tells whose it is. An `admin` key may do everything, an `invoke` key nothing but invoke its endpoints.
    """
    now = time.time_ns()
    until = None if expires is None else now + _span(expires)
    _show(_files(data).create(name, KeyRole(role), endpoints=endpoints, now=now, expires=until), form)


@command.command("list")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_keys(data: str | None, *, as_json: bool) -> None:
    """List the keys, without their secrets."""
    keys = [key for key in _files(data).read().keys if key.alive(time.time_ns())]
    if as_json:
        print(json.dumps([_told(key) for key in keys], indent=2))
        return
    rows = [
        (
            key.access_key_id,
            key.name,
            key.role.value,
            ",".join(key.endpoints) or "*",
            _date(key.created) or "-",
            _date(key.expires) or "never",
        )
        for key in keys
    ]
    widths = [max(len(row[column]) for row in (_COLUMNS, *rows)) for column in range(len(_COLUMNS))]
    for row in (_COLUMNS, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@command.command("rotate")
@click.argument("key")
@data_option
@click.option("--keep", metavar="SPAN", default="0s", show_default=True, help="How long the old key stays good.")
@click.option("--format", "form", type=click.Choice(["sh", "json"]), default="sh", help="For a shell, or as JSON.")
def rotate(key: str, data: str | None, *, keep: str, form: str) -> None:
    """Make a new key of the same name and rights in place of KEY (an id, or a name), and print it.

    `stoker keys rotate root` replaces the key that `stoker env` prints.
    """
    _show(_files(data).rotate(key, now=time.time_ns(), keep=_span(keep)), form)


@command.command("revoke")
@click.argument("key")
@data_option
def revoke(key: str, data: str | None) -> None:
    """Take KEY away (an id, or a name: then all keys of that name), and the sessions that its holder has begun."""
    for gone in _files(data).revoke(key, now=time.time_ns()):
        print(f"{gone.access_key_id} ({gone.name}) is revoked.")


@command.command("token")
@click.argument("key", default=ROOT)
@data_option
def token(key: str, data: str | None) -> None:
    """Print the bearer token of KEY (an id, or a name; the root's by default), for clients that take an API key."""
    found = [one for one in _files(data).read().keys if key in {one.access_key_id, one.name} and one.alive(time.time_ns())]
    if not found:
        raise StartError(f"There is no key {key}; `stoker keys list` shows those there are.")
    print(_bearer(found[-1]))


def _files(data: str | None) -> KeyFiles:
    """Give the data directory's keys. One that is not there yet is made, as the server would."""
    return KeyFiles(run_dir(data).data)


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise InvalidParameterError(f"A span is a number with s, m, h or d, such as 90d; {text!r} is none.", field="span")
    return int(found[1]) * _UNITS[found[2]]


def _show(key: AccessKey, form: str) -> None:
    variables = {
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "STOKER_API_KEY": _bearer(key),
    }
    if form == "json":
        print(json.dumps(variables, indent=2))
    else:
        print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items()))


def _bearer(key: AccessKey) -> str:
    from stoker.wire.tokens import token_of  # noqa: PLC0415 - slow to import, and not for a list

    return token_of(key)


def _told(key: AccessKey) -> dict[str, object]:
    return {
        "access_key_id": key.access_key_id,
        "name": key.name,
        "role": key.role.value,
        "endpoints": list(key.endpoints),
        "created": _date(key.created),
        "expires": _date(key.expires),
    }


def _date(instant: Instant | None) -> str | None:
    return datetime.fromtimestamp(instant // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None
