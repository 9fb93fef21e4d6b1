"""Finds every setting's value, and where it came from.

A value comes from the first of these that gives one: flags, environment variables (`STOKER__SECTION__KEY`), the TOML
file, the default. Nothing is guessed: an unknown key, a wrong type and a value out of range are errors, all of them
told at once, and also in places that another place overrides.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from stoker.config.errors import ConfigError
from stoker.config.hosts import is_loopback
from stoker.config.ranges import MAX_FILE_BYTES, MAX_TABLES
from stoker.config.settings import Image, Recipe, Settings
from stoker.config.tree import CATALOG, IMAGES, LEAVES, PREFIX, SECTIONS, TABLES, nearest
from stoker.errors import InvalidParameterError

DEFAULT = "default"
"""The source of a value that nobody set."""

_MAX_SHOWN = 80
_RECIPE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """The settings and, by dotted key, where each came from: `default`, `file PATH`, `environment NAME` or `flag KEY`.

    `data_dir` is `settings.data` as an absolute path with `~` replaced.
    """

    settings: Settings
    sources: dict[str, str]
    data_dir: Path


class _Found:
    """Gathers values by dotted key, later ones over earlier ones, and what is wrong with any of them."""

    __slots__ = ("problems", "sources", "tables", "values")

    def __init__(self) -> None:
        self.values: dict[str, object] = {key: leaf.default for key, leaf in LEAVES.items()}
        self.sources: dict[str, str] = dict.fromkeys([*LEAVES, *TABLES], DEFAULT)
        self.tables: dict[str, list[msgspec.Struct]] = {key: [] for key in TABLES}
        self.problems: list[str] = []

    def take(self, key: str, value: object, source: str, *, text: bool) -> None:
        """Take one value; `text` says that it may be text that stands for a number or a truth value."""
        leaf = LEAVES.get(key)
        if leaf is None:
            self.problems.append(_unknown(key, source))
            return
        try:
            typed: object = msgspec.convert(value, leaf.type, strict=not text)
        except msgspec.ValidationError:
            typed = None
        if typed is None or not leaf.allows(typed):
            self.problems.append(f"{key} must be {leaf.expected}, not {_shown(value)} (from {source}).")
            return
        self.values[key] = typed
        self.sources[key] = source


def load(file: Path | None, environ: Mapping[str, str], flags: Mapping[str, object]) -> Loaded:
    """Load the settings of a TOML `file` (None: no file), of environment variables and of `flags`.

    `flags` maps dotted keys (`server.port`) to values or their text; None means that the flag was not given.
    Raises `ConfigError` with every problem found: key, value, source and what is allowed.
    """
    found = _Found()
    if file is not None:
        _take_file(found, file)
    for name, text in sorted(environ.items()):
        if name.startswith(PREFIX):
            found.take(name.removeprefix(PREFIX).lower().replace("__", "."), text, f"environment {name}", text=True)
    for key, value in flags.items():
        if value is not None:
            found.take(key, value, _flag(key), text=isinstance(value, str))
    if not found.problems:
        found.problems.extend(_cross(found))
    if found.problems:
        raise ConfigError(found.problems)
    settings = _built(found)
    return Loaded(settings=settings, sources=found.sources, data_dir=_directory(settings.data, environ))


def _flag(key: str) -> str:
    """Name a flag as the command line has it: `--clock-speed` for `server.clock_speed`."""
    return f"flag --{key.rpartition('.')[2].replace('_', '-')}"


def _take_file(found: _Found, file: Path) -> None:
    source = f"file {file}"
    for name, value in _table(file).items():
        if name in TABLES:
            _take_tables(found, name, value, source)
        elif name in SECTIONS:
            if isinstance(value, dict):
                for key, inner in value.items():
                    if f"{name}.{key}" in TABLES:
                        _take_tables(found, f"{name}.{key}", inner, source)
                    else:
                        found.take(f"{name}.{key}", inner, source, text=False)
            else:
                found.problems.append(f"{name} must be a table, written as [{name}], not {_shown(value)} (from {source}).")
        else:
            found.take(name, value, source, text=False)


def _table(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError([f"There is no settings file {file}."]) from error
    except OSError as error:
        raise ConfigError([f"The settings file {file} cannot be read: {error.strerror}."]) from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigError([f"The settings file {file} is larger than {MAX_FILE_BYTES} bytes."])
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise ConfigError([f"The settings file {file} is not UTF-8 text: {error.reason} at byte {error.start}."]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"The settings file {file} is not TOML: {error}."]) from error
    except RecursionError as error:
        raise ConfigError([f"The settings file {file} is nested too deeply."]) from error


def _take_tables(found: _Found, key: str, value: object, source: str) -> None:
    found.sources[key] = source
    if not isinstance(value, list) or len(value) > MAX_TABLES:
        found.problems.append(f"{key} must be a list of at most {MAX_TABLES} tables, each written as [[{key}]] (from {source}).")
        return
    for place, given in enumerate(value):
        try:
            entry = msgspec.convert(given, TABLES[key])
        except msgspec.ValidationError as error:
            found.problems.append(f"{key}[{place}]: {_plain(error)} (from {source}).")
            continue
        found.tables[key].append(entry)
        wrong = _image_problems(entry) if isinstance(entry, Image) else _recipe_problems(entry)
        found.problems.extend(f"{key}[{place}].{text} (from {source})." for text in wrong)


def _plain(error: msgspec.ValidationError) -> str:
    """Tell msgspec's words (``Expected `str`, got `int` - at `$.pattern` ``) with the path as this file writes paths."""
    text, _, path = str(error).partition(" - at ")
    where = path.strip("`").removeprefix("$").removeprefix(".")
    return f"{where}: {text}" if where else text


def _image_problems(image: Image) -> Iterator[str]:
    if not image.pattern:
        yield "pattern must not be empty"
    if not image.command or not image.command[0]:
        yield "command must name a program"
    if any("\0" in text for text in (*image.command, *image.env, *image.env.values())) or any(
        not name or "=" in name for name in image.env
    ):
        yield "command and env must be free of NUL, and env's names free of ="
    for name, path in (("ping", image.ping or "/"), ("invocations", image.invocations), ("metrics", image.metrics or "/")):
        if not path.startswith("/") or any(not "!" <= letter <= "~" for letter in path):
            yield f"{name} must be a path that begins with /, not {_shown(path)}"


def _recipe_problems(entry: msgspec.Struct) -> Iterator[str]:
    if not isinstance(entry, Recipe):  # pragma: no cover - there are two kinds of tables
        return
    if not _RECIPE.fullmatch(entry.id):
        yield f"id must be 1 to 64 letters, digits, dots, underscores and hyphens, not {_shown(entry.id)}"
    if not entry.repository or not entry.engine:
        yield "repository and engine must not be empty"
    if not 0 <= entry.min_replica <= entry.max_replica or not 1 <= entry.max_replica <= MAX_TABLES:
        yield f"min_replica must be from 0 to max_replica, and that from 1 to {MAX_TABLES}"


def _cross(found: _Found) -> Iterator[str]:
    host = str(found.values["server.host"])
    auth = found.values["server.auth"]
    if auth != "on" and not is_loopback(host):
        yield (
            f"server.auth may be {auth} on a loopback address only, but server.host is {_shown(host)} "
            f"(auth from {found.sources['server.auth']}, host from {found.sources['server.host']})."
        )
    from stoker.decisions.policies.rule import read_policy  # noqa: PLC0415 - only needed where settings are read

    try:
        read_policy(str(found.values["scaling.default_policy"]), "", "")
    except InvalidParameterError as error:
        yield f"scaling.default_policy: {error.message.rstrip('.')} (from {found.sources['scaling.default_policy']})."


def _built(found: _Found) -> Settings:
    sections = {
        name: kind(**{leaf.name: found.values[key] for key, leaf in LEAVES.items() if leaf.section == name})
        for name, kind in SECTIONS.items()
    }
    top = {leaf.name: found.values[key] for key, leaf in LEAVES.items() if not leaf.section}
    sections["hub"] = msgspec.structs.replace(sections["hub"], catalog=found.tables[CATALOG])
    return msgspec.structs.replace(Settings(), **sections, **top, images=found.tables[IMAGES])


def _directory(data: str, environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME", "")
    if home and (data == "~" or data.startswith("~/")):
        data = home + data[1:]
    # os.path, for Path.expanduser() raises for an unknown user and Path.absolute() keeps `..`. Symbolic links stay as they are.
    return Path(os.path.abspath(os.path.expanduser(data)))  # noqa: PTH100, PTH111


def _unknown(key: str, source: str) -> str:
    if key in TABLES:
        return f"{key} can only be set in the settings file, as [[{key}]] (from {source})."
    if key in SECTIONS:
        example = next(known for known in LEAVES if known.startswith(f"{key}."))
        return f"{key} is a section; name one key of it, such as {example} (from {source})."
    return f"There is no setting {_shown(key)} (from {source}).{nearest(key)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
