"""`stoker version`."""

import click

from stoker import __version__


@click.command("version")
def command() -> None:
    """Print the version."""
    print(f"stoker {__version__}")
