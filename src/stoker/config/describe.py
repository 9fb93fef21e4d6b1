"""The settings as a person reads them: name, type, default and the words of their docstrings, taken from the source."""

import ast
import inspect
import json

import msgspec

from stoker.config import settings
from stoker.config.tree import IMAGES, LEAVES, TABLES


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. `section` is its table's name (`""` at the top), `allowed` what it may be, `text` its docstring.

    `default` is written as in TOML, and empty when a value must be given; `variable` is empty when there is none.
    """

    section: str
    key: str
    variable: str
    default: str
    allowed: str
    text: str


def described() -> list[Described]:
    """Give every setting in the order of the file, the lists of tables and the keys of one (`images[].KEY`) last."""
    found: list[Described] = []
    tables: list[Described] = []
    names = {kind.__name__.lower(): key for key, kind in TABLES.items()}
    for node in ast.parse(inspect.getsource(settings)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        section = "" if node.name == "Settings" else node.name.lower()
        for name, default, text in _attributes(node):
            table = names.get(section, f"{section}.{name}" if section else name)
            if table in TABLES:
                key = f"{table}[].{name}" if section in names else table
                tables.append(Described(section=table, key=key, variable="", default=default, allowed="", text=text))
            elif text:
                leaf = LEAVES[f"{section}.{name}" if section else name]
                found.append(
                    Described(
                        section=section,
                        key=leaf.key,
                        variable=leaf.variable,
                        default=_toml(leaf.default),
                        allowed=leaf.expected,
                        text=text,
                    )
                )
    found.sort(key=lambda setting: bool(setting.section))  # stable: the top of the tree comes first
    tables.sort(key=lambda setting: (setting.section != IMAGES, setting.key))
    return found + tables


def _attributes(node: ast.ClassDef) -> list[tuple[str, str, str]]:
    """Give name, default as source and docstring (empty when there is none) of a class's attributes."""
    found: list[tuple[str, str, str]] = []
    for statement, following in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            text = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                text = inspect.cleandoc(str(following.value.value))
            # Only the images' defaults are taken from here, which are texts and empty collections.
            default = ast.unparse(statement.value).replace("'", '"') if statement.value is not None else ""
            found.append((statement.target.id, default, text))
    return found


def _toml(value: object) -> str:
    plain = getattr(value, "value", value)
    return str(plain).lower() if isinstance(plain, bool) else json.dumps(plain)
