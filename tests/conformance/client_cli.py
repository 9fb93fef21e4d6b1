"""The AWS CLI's version 1, several commands in one process: run by `test_older_clients` with the CLI on its path.

Reads a JSON list of commands, each a list of words; prints a JSON list of their exit status, output and errors.
"""

import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver


def run(words: list[str]) -> tuple[int, str, str]:
    """Run one command as the `aws` program would."""
    raw_out, raw_err = io.BytesIO(), io.BytesIO()
    out, err = io.TextIOWrapper(raw_out, "utf-8"), io.TextIOWrapper(raw_err, "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = int(create_clidriver().main(words) or 0)
        except SystemExit as error:
            status = int(error.code or 0)
    out.flush()
    err.flush()
    return status, raw_out.getvalue().decode(), raw_err.getvalue().decode()


if __name__ == "__main__":
    sys.stdout.write(json.dumps([run(words) for words in json.load(sys.stdin)]))
