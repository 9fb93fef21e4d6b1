"""The table of ranges and the settings' docstrings say the same."""

import re

import pytest

from stoker.config.describe import described
from stoker.config.ranges import CHOICES, NUMBERS, PATTERNS
from stoker.config.settings import Settings
from stoker.config.tree import LEAVES

UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
RANGE = re.compile(r"(?:^|[ ,])(\d+(?:\.\d+)?) ?([KMG]iB)? to (\d+(?:\.\d+)?) ?([KMG]iB)?(?=[.;,]|$)")
DOCUMENTED = {setting.key: setting.text for setting in described()}


def test_every_number_has_a_range_and_every_range_a_number() -> None:
    assert {key for key, leaf in LEAVES.items() if leaf.type in {int, float}} == set(NUMBERS)


def test_every_text_has_a_form() -> None:
    assert {key for key, leaf in LEAVES.items() if leaf.type is str} == set(CHOICES) | set(PATTERNS)


def test_every_setting_is_described() -> None:
    assert set(DOCUMENTED) >= {*LEAVES, "images"}
    assert all(text.endswith(".") for text in DOCUMENTED.values())


@pytest.mark.parametrize("key", sorted(NUMBERS))
def test_the_docstring_gives_the_range_of_the_table(key: str) -> None:
    found = RANGE.search(DOCUMENTED[key])
    assert found is not None, DOCUMENTED[key]
    least, least_unit, most, most_unit = found.groups(default="")
    assert (float(least) * UNITS[least_unit], float(most) * UNITS[most_unit]) == NUMBERS[key]


@pytest.mark.parametrize("key", sorted(CHOICES))
def test_the_docstring_names_every_choice(key: str) -> None:
    assert all(f"`{choice}`" in DOCUMENTED[key] for choice in CHOICES[key])


def test_every_default_is_allowed() -> None:
    assert [key for key, leaf in LEAVES.items() if not leaf.allows(leaf.default)] == []
    assert Settings().images == []
