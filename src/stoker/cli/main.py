"""The `stoker` command: it finds the subcommand and imports that one alone, so that `--help` and completion stay quick."""

import sys

_INTERNAL = "internal"


def main() -> None:
    """Run the command line of this process; never returns."""
    arguments = sys.argv[1:]
    if arguments[:1] == [_INTERNAL]:
        # A child of `stoker up`: not for people, so it needs none of what makes a command line pleasant.
        from stoker.cli.internal import run_child  # noqa: PLC0415

        sys.exit(run_child(arguments[1:]))
    from stoker.cli.commands import run_command  # noqa: PLC0415

    sys.exit(run_command(arguments))


if __name__ == "__main__":
    main()
