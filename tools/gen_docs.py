"""Writes the reference pages that are made from the source; with --check, only tells whether they are up to date."""

import sys
import textwrap
from itertools import groupby
from pathlib import Path

from stoker.config.describe import Described, described
from stoker.domain.ids import Partition
from stoker.domain.keys import Keyring
from stoker.testing.desk import KnownImages, LocalDesk
from stoker.wire.aws.access import Access
from stoker.wire.aws.apis import BY_GATEWAY, QUEUED, SERVICES, served
from stoker.wire.aws.coverage import IN_PART, REFUSED
from stoker.wire.aws.s3.calls import SERVED

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


TABLES = {
    "images": "How a container image's name becomes a command; `{port}` and `{model_dir}` are filled in.",
    "hub.catalog": "Ways of serving models that Hugging Face's clients list and take by name.",
}


def settings_page() -> str:
    """Give the page of all settings, one table for each section."""
    parts = [HEAD]
    for section, settings in groupby(described(), key=lambda setting: setting.section):
        if section in TABLES:
            parts.append(f"## `[[{section}]]`\n\n{TABLES[section]}\n")
        else:
            parts.append(f"## `[{section}]`\n" if section else "## At the top of the file\n")
        parts.append("| key | default | allowed | meaning |\n|---|---|---|---|\n" + "\n".join(map(_row, settings)) + "\n")
    return "\n".join(parts)


def _row(setting: Described) -> str:
    name = f"`{setting.key}`" + (f"<br>`{setting.variable}`" if setting.variable else "")
    default = f"`{setting.default}`" if setting.default else "required"
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (name, default, setting.allowed, setting.text)) + " |"


COVERAGE_HEAD = """\
# Coverage of the AWS APIs

<!-- Made by tools/gen_docs.py from the handlers and src/stoker/wire/aws/coverage.py. -->

**full**: every member that AWS documents is acted on, or kept and described. **partial**: what is named is refused with an error
that names it; nothing is accepted and then ignored. **none**: answered by `NotImplementedException`, HTTP 501, which clients do
not retry. `[]` stands for any item of a list.
"""


def coverage_page() -> str:
    """Give the page of all operations, one table for each service."""
    partition = Partition()
    handlers, _ = served(LocalDesk(), KnownImages(), partition, Access(Keyring(seal=b"-"), partition))
    there = handlers.keys() | BY_GATEWAY | QUEUED
    parts = [COVERAGE_HEAD]
    for service in SERVICES:
        names = sorted(service.known_operations)
        mine = [name for name in names if (service.name, name) in there]
        rows = [f"| {name} | {_extent(f'{service.name}:{name}')} |" for name in mine]
        parts.append(f"## {service.name}\n\n{len(mine)} of {len(names)} operations; protocols: {', '.join(service.protocols)}.\n")
        parts.append("| operation | |\n|---|---|\n" + "\n".join(rows) + "\n")
        none = [name for name in names if name not in mine]
        if none:
            parts.append(textwrap.fill(f"None: {', '.join(none)}.", 130, break_long_words=False, break_on_hyphens=False) + "\n")
    return "\n".join([*parts, _s3()])


def _s3() -> str:
    """Give the part about S3, which has no generated model: what is not in the table is refused by name."""
    rows = [f"| {name} | {_extent(f's3:{name}')} |" for name in sorted(SERVED)]
    said = f"{len(rows)} operations, for model files; protocols: rest-xml. All others are answered by `NotImplemented`, HTTP 501."
    return f"## s3\n\n{said}\n\n| operation | |\n|---|---|\n" + "\n".join(rows) + "\n"


def _extent(name: str) -> str:
    """Give how far an operation is served."""
    refused = [f"`{member}`" for member in REFUSED.get(name, ())]
    missing = [*([f"refused: {', '.join(refused)}"] if refused else []), *([IN_PART[name]] if name in IN_PART else [])]
    return f"partial; {'; '.join(missing)}" if missing else "full"


PAGES = {"docs/reference/settings.md": settings_page, "docs/reference/coverage.md": coverage_page}


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
