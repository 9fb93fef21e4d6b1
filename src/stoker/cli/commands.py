"""The table of subcommands, and how their failures are told: one sentence, no traceback."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from stoker.errors import StokerError

COMMANDS: Final = {
    "up": ("stoker.cli.up", "Start the server and run it until it is told to stop."),
    "down": ("stoker.cli.down", "Stop the server, and whatever is left of one that was killed."),
    "restart": ("stoker.cli.restart", "Replace the processes of the running server one by one, without losing an invocation."),
    "env": ("stoker.cli.env", "Print what points AWS clients at the server, for eval."),
    "hf": ("stoker.cli.hf", "Run Hugging Face's `hf` for the endpoints of this server."),
    "keys": ("stoker.cli.keys", "Make, list, rotate and revoke access keys."),
    "status": ("stoker.cli.status", "Show endpoints, copies and instances."),
    "usage": ("stoker.cli.usage", "Show what endpoints used, what it cost and what scaling saved."),
    "dead-letters": ("stoker.cli.dead_letters", "Print what schedules could not deliver."),
    "async": ("stoker.cli.asynchronous", "List asynchronous requests, or show one with its attempts."),
    "logs": ("stoker.cli.logs", "Print what copies of a model have printed."),
    "simulate": ("stoker.cli.simulate", "Show what scaling policies would have done with a trace, and at what cost."),
    "replay": ("stoker.cli.replay", "Run a recorded engine again and compare what it commands."),
    "config": ("stoker.cli.config", "Show the settings in force, and where each comes from."),
    "version": ("stoker.cli.version", "Print the version."),
}
"""Command: the module that holds it as `command`, and what `--help` says of it."""

FAILED: Final = 1
"""Exit status when what was asked for could not be done."""
USAGE: Final = 2
"""Exit status for wrong arguments or settings."""
INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; their summaries come from the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):  # pragma: no cover - a slip in the table
            raise TypeError(cmd_name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which ones there are."""
        if args and args[0] not in COMMANDS:
            ctx.fail(f"There is no command {args[0]!r}; there are {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def stoker() -> None:
    """Serve models on your own machines, and keep nothing running while nobody asks."""


def run_command(arguments: Sequence[str]) -> int:
    """Run a command line and give the exit status: 0, 1 for what failed, 2 for wrong arguments or settings."""
    try:
        result = stoker.main(list(arguments), prog_name="stoker", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return USAGE
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "stoker"
        return told(f"{error.format_message()} (Try: {path} --help)", USAGE)
    except click.ClickException as error:
        return told(error.format_message(), error.exit_code)
    except click.Abort:
        return INTERRUPTED
    except StokerError as error:
        from stoker.config.errors import ConfigError  # noqa: PLC0415 - only to tell its kind

        return told(str(error), USAGE if isinstance(error, ConfigError) else FAILED)
    except BrokenPipeError:
        # Whoever read our output is gone (`stoker logs | head`); Python must not complain about it at its end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return told(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.", FAILED)
    return result if isinstance(result, int) else 0


def told(message: str, status: int) -> int:
    """Print an error for a person and give the exit status."""
    print(f"stoker: {message}", file=sys.stderr)
    return status
