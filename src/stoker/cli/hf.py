"""`stoker hf`: Hugging Face's own command line, for the endpoints of this server."""

import click

from stoker.cli.locating import data_option, run_dir
from stoker.control.rundir import StartError
from stoker.hf import find, run

_HELP = """Run `hf` for the endpoints of this server.

\b
stoker hf endpoints ls
stoker hf endpoints describe NAME
stoker hf endpoints deploy --help
"""


@click.command(
    "hf",
    help=_HELP,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@data_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [ARGS]...")
def command(data: str | None, arguments: tuple[str, ...]) -> int:
    """Run Hugging Face's command line. Raises `StartError` when no server runs: the library would only show a traceback."""
    directory = run_dir(data)
    if not directory.in_use():
        raise StartError(f"No server runs on {directory.data}.")
    return run(arguments or ("--help",), find(data))
