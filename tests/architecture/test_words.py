"""What is committed speaks of the project: not of somebody's machine, not of how the work was organised."""

import re
import subprocess

from tests.architecture.sources import ROOT

# The brackets keep this file from matching itself.
FOREIGN = {
    "a path of somebody's machine": re.compile(r"(?<![\w.~-])/(?:work)/|\.\./shared[/]"),
    "a package index": re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|[-]-(?:extra-)?index-url|[-]-find-links"),
    "a ticket's number": re.compile(r"\bissues? #?\d", re.IGNORECASE),
    "who did the work": re.compile(r"\bthis ses[s]ion\b|\bC[E]O\b|\b(?:sub)?agent's ta[s]k\b"),
}


ANY = re.compile("|".join(f"(?:{words.pattern})" for words in FOREIGN.values()), re.IGNORECASE)
"""Finds what any of them finds, and a little more."""


def committed_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is found on the PATH
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_files_speak_of_the_project_only() -> None:
    offences = []
    for name in committed_files():
        text = (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        if not ANY.search(text):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            offences += [f"{name}:{number} names {what}: {line.strip()}" for what, words in FOREIGN.items() if words.search(line)]
    assert offences == []
