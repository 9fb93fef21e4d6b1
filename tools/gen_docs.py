"""Writes the reference pages that are made from the source; with --check, only tells whether they are up to date."""

import sys
from itertools import groupby
from pathlib import Path

from stoker.config.describe import Described, described

ROOT = Path(__file__).resolve().parent.parent

HEAD = """\
# Settings

<!-- Made by tools/gen_docs.py from src/stoker/config: change the docstrings there. -->

A setting's value comes from the first of these that gives one: a flag of the command, an environment variable, the
TOML file, the default. An unknown key, a wrong type and a value out of range are errors. In text taken from the
environment or a flag, truth values are `true` and `false`.

The file is named by `stoker up --config FILE`; none is looked for. It is read at the start. `stoker config show --config FILE
--sources` tells what would be in force, and why. The other commands read no file: they find the server by `--data DIR` or
`STOKER__DATA`.
"""


def settings_page() -> str:
    """Give the page of all settings, one table for each section."""
    parts = [HEAD]
    for section, settings in groupby(described(), key=lambda setting: setting.section):
        if section == "images":
            parts.append(
                "## `[[images]]`\n\nHow a container image's name becomes a command; `{port}` and `{model_dir}` are filled in.\n"
            )
        else:
            parts.append(f"## `[{section}]`\n" if section else "## At the top of the file\n")
        parts.append("| key | default | allowed | meaning |\n|---|---|---|---|\n" + "\n".join(map(_row, settings)) + "\n")
    return "\n".join(parts)


def _row(setting: Described) -> str:
    name = f"`{setting.key}`" + (f"<br>`{setting.variable}`" if setting.variable else "")
    default = f"`{setting.default}`" if setting.default else "required"
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (name, default, setting.allowed, setting.text)) + " |"


PAGES = {"docs/reference/settings.md": settings_page}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` list those that are out of date; the exit status is 1 when any is."""
    status = 0
    for name, page in PAGES.items():
        path, text = ROOT / name, page()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            print(f"{name} is out of date: run tools/gen_docs.py")
            status = 1
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
