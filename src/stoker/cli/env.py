"""`stoker env`: what points clients at the server: AWS's, OpenAI's and Hugging Face's."""

import json
import shlex
import sys

import click

from stoker.cli.locating import data_option, run_dir
from stoker.config.keys import FILE_NAME, load_or_create_keys
from stoker.control.rundir import StartError
from stoker.domain.keys import AccessKey

_HELP = """Print what points AWS, OpenAI and Hugging Face clients at the server.

\b
Use it as   eval "$(stoker env)"
or in fish  stoker env --format fish | source
"""
"""The `\b` (a backspace, click's sign) keeps its lines as they are."""


@click.command("env", help=_HELP)
@data_option
@click.option("--format", "form", type=click.Choice(["sh", "fish", "json"]), default="sh", help="For which shell (default: sh).")
def command(data: str | None, form: str) -> None:
    """Print what points clients at the server, for a shell to evaluate."""
    from stoker.wire.tokens import token_of  # noqa: PLC0415 - slow to import, and for this command only

    run = run_dir(data)
    note = run.note()
    if note is None or not (run.data / FILE_NAME).exists():
        raise StartError(f"No server has run on {run.data} yet: start one with `stoker up`.")
    if not run.in_use():
        print(f"stoker: no server runs on {run.data} now; these values are those of the last one.", file=sys.stderr)
    key = load_or_create_keys(run.data)
    token = token_of(AccessKey(access_key_id=key.access_key_id, secret=key.secret))
    variables = {
        "AWS_ENDPOINT_URL": note.url,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_DEFAULT_REGION": note.region,
        "AWS_REGION": note.region,
        "OPENAI_BASE_URL": f"{note.url}/v1",
        "OPENAI_API_KEY": token,
        "HF_TOKEN": token,
    }
    # A session token or a profile of the user's own would win over, or spoil, the key pair.
    unwanted = ("AWS_SESSION_TOKEN", "AWS_PROFILE")
    if form == "json":
        print(json.dumps(variables, indent=2))
    elif form == "fish":
        print("\n".join(f"set -gx {name} {shlex.quote(value)};" for name, value in variables.items()))
        print("\n".join(f"set -e {name};" for name in unwanted))
    else:
        print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items()))
        print(f"unset {' '.join(unwanted)}")
