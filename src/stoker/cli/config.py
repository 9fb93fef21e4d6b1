"""`stoker config`: the settings in force."""

import json

import click
import msgspec

from stoker.cli.locating import load_settings
from stoker.config.tree import LEAVES, TABLES


@click.group("config")
def command() -> None:
    """Show the settings in force, and where each comes from."""


@command.command("show")
@click.option("--config", metavar="FILE", help="Settings file (TOML).")
@click.option("--sources", is_flag=True, help="Say where each value comes from.")
def show(config: str | None, *, sources: bool) -> None:
    """Print every setting, in the form of a settings file."""
    loaded = load_settings({}, config)
    tree = msgspec.to_builtins(loaded.settings)
    section = ""
    for key, leaf in sorted(LEAVES.items(), key=lambda item: bool(item[1].section)):  # stable: the top of the tree comes first
        if leaf.section != section:
            section = leaf.section
            print(f"\n[{section}]")
        value = (tree[section] if section else tree)[leaf.name]
        print(_line(leaf.name, value, loaded.sources[key] if sources else ""))
    for key in TABLES:
        section, _, name = key.rpartition(".")
        for entry in (tree[section] if section else tree)[name]:
            print(f"\n[[{key}]]" + (f"  # {loaded.sources[key]}" if sources else ""))
            for member, value in entry.items():
                # Variables may be secrets; that they are set is all that is told.
                print(_line(member, dict.fromkeys(value, "...") if member == "env" else value, ""))


def _line(name: str, value: object, source: str) -> str:
    # JSON's strings, numbers, truth values and lists are TOML's too; tables are written inline.
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{json.dumps(key)} = {json.dumps(inner)}" for key, inner in value.items()) + "}"
    else:
        text = json.dumps(value, ensure_ascii=False)
    return f"{name} = {text}" + (f"  # {source}" if source else "")
