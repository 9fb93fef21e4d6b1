"""The pins in requirements/ are those of pyproject.toml, each with its hashes, and agree with each other."""

import re
import tomllib

import pytest

from tests.architecture.sources import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WANTED = {
    "runtime": PROJECT["project"]["dependencies"],
    "demo": PROJECT["dependency-groups"]["demo"],
    "dev": PROJECT["dependency-groups"]["dev"],
    "uv": PROJECT["dependency-groups"]["bootstrap"],
}
ALONE = {f"bench/{name}": PROJECT["dependency-groups"][f"bench-{name}"] for name in ("envoy", "litellm", "ray")}
ALONE |= {f"clients/{name}": PROJECT["dependency-groups"][f"clients-{name}"] for name in ("2023", "hub", "sagemaker")}
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<where>[^\\]+?))?(?P<more> \\)?$", re.MULTILINE)


def text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", WANTED | ALONE)
def test_what_is_wanted_is_pinned(name: str) -> None:
    pinned = {match["name"] for match in PIN.finditer(text(name))}
    wanted = {re.split(r"[<>=~!; \[]", requirement, maxsplit=1)[0] for requirement in (WANTED | ALONE)[name]}
    assert wanted <= pinned


@pytest.mark.parametrize("name", WANTED | ALONE)
def test_every_pin_has_hashes(name: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", text(name), flags=re.MULTILINE)[1:]
    assert [block.splitlines()[0] for block in blocks if not PIN.match(block) or "--hash=sha256:" not in block] == []


def test_the_files_agree() -> None:
    versions: dict[tuple[str, str | None], set[str]] = {}
    for name in WANTED:
        for match in PIN.finditer(text(name)):
            versions.setdefault((match["name"], match["where"]), set()).add(match["version"])
    assert {pin: found for pin, found in versions.items() if len(found) > 1} == {}
