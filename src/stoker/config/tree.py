"""The settings' tree seen as a flat list of dotted keys."""

import difflib
from enum import Enum

import msgspec

from stoker.config.ranges import CHOICES, NUMBERS, PATTERNS
from stoker.config.settings import Image, Recipe, Settings

PREFIX = "STOKER__"
"""What the names of environment variables that set something begin with."""

IMAGES = "images"
CATALOG = "hub.catalog"
TABLES: dict[str, type[msgspec.Struct]] = {IMAGES: Image, CATALOG: Recipe}
"""The keys that are lists of tables, and only come from the file, with what each entry is."""


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """One setting: `section` is `""` at the top of the tree."""

    section: str
    name: str
    type: type
    default: object

    @property
    def key(self) -> str:
        """The dotted key, such as `server.port`."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.key.replace(".", "__").upper()

    @property
    def expected(self) -> str:
        """What its value must be, as words after `must be`."""
        if self.key in NUMBERS:
            least, most = NUMBERS[self.key]
            return f"a {'whole number' if self.type is int else 'number'} from {least} to {most}"
        if self.key in PATTERNS:
            return PATTERNS[self.key][1]
        choices = self.choices
        if choices:
            return " or ".join((", ".join(choices[:-1]), choices[-1]))
        return "true or false" if self.type is bool else "text"

    @property
    def choices(self) -> tuple[str, ...]:
        """The words it may be, when it is one of a few."""
        if issubclass(self.type, Enum):
            return tuple(str(member.value) for member in self.type)
        return CHOICES.get(self.key, ())

    def allows(self, value: object) -> bool:
        """Tell whether a value of the right type is in its range."""
        if self.key in NUMBERS:
            least, most = NUMBERS[self.key]
            return isinstance(value, int | float) and least <= value <= most  # false for NaN too
        if self.key in PATTERNS:
            return PATTERNS[self.key][0].fullmatch(str(value)) is not None
        return not self.choices or isinstance(value, Enum) or value in self.choices


def _leaves(struct: type[msgspec.Struct], section: str = "") -> list[Leaf]:
    found: list[Leaf] = []
    for field in msgspec.structs.fields(struct):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            found += _leaves(field.type, field.name)
        elif (f"{section}.{field.name}" if section else field.name) not in TABLES:
            found.append(Leaf(section=section, name=field.name, type=field.type, default=field.default))
    return found


LEAVES: dict[str, Leaf] = {leaf.key: leaf for leaf in _leaves(Settings)}
"""All settings but the lists of tables, by dotted key."""

SECTIONS: dict[str, type[msgspec.Struct]] = {
    field.name: field.type
    for field in msgspec.structs.fields(Settings)
    if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
}
"""The sections' types by name."""


def nearest(key: str) -> str:
    """Give ` Did you mean KEY?` for the known key closest to an unknown one, or nothing when none is close."""
    section, _, name = key.rpartition(".")
    found = [other for other in LEAVES if other.rpartition(".")[2] == name]
    if not found and section in SECTIONS:
        # Within a section all keys share its name, which must not make them look alike.
        names = [leaf.name for leaf in LEAVES.values() if leaf.section == section]
        found = [f"{section}.{other}" for other in difflib.get_close_matches(name, names, n=1)]
    elif not found:
        found = difflib.get_close_matches(key, [*LEAVES, *SECTIONS, *TABLES], n=1)
    return f" Did you mean {found[0]}?" if found else ""
