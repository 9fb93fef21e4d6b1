"""Which data directory a command is about: `--data`, else `STOKER__DATA`, else the default."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from stoker.config.loading import Loaded, load
from stoker.control.rundir import RunDir

_F = TypeVar("_F", bound=Callable[..., Any])


def data_option(function: _F) -> _F:
    """Give a command the option `--data`."""
    option = click.option("--data", metavar="DIR", help="The server's data directory (default: ~/.stoker).")
    return option(function)


def load_settings(flags: dict[str, object], config: str | None = None) -> Loaded:
    """Load the settings with the process's environment. Raises `ConfigError`."""
    return load(None if config is None else Path(config), os.environ, flags)


def run_dir(data: str | None) -> RunDir:
    """Give the run directory that `--data` means. Raises `ConfigError`."""
    return RunDir(load_settings({"data": data}).data_dir)
