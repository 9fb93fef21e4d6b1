"""The project's Python files, parsed once, for the rules to walk."""

import ast
import dataclasses
import functools
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = "src/stoker/wire/aws/generated/"


@dataclasses.dataclass(frozen=True)
class Module:
    """One file: its path from the repository's root with `/`, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def room(self) -> str:
        """The package or module right below `stoker`: `engine`, `units`, ...; `""` outside src."""
        parts = self.path.removesuffix(".py").split("/")
        return parts[2] if parts[:2] == ["src", "stoker"] else ""

    @functools.cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree, which every rule looks through."""
        return tuple(ast.walk(self.tree))

    @functools.cached_property
    def aliases(self) -> dict[str, str]:
        """Local name -> full dotted name of what this file imports."""
        names: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    names[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
        return names

    def dotted(self, node: ast.AST) -> str:
        """Full dotted name of a name or an attribute chain, imports resolved; `""` if it is neither."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            value = self.dotted(node.value)
            return f"{value}.{node.attr}" if value else ""
        return ""


def parse(path: str, text: str) -> Module:
    return Module(path=path, text=text, tree=ast.parse(text, filename=path))


def modules(*folders: str) -> tuple[Module, ...]:
    """All Python files below the folders, generated ones left out."""
    return tuple(module for folder in folders for module in _modules(folder))


@functools.cache
def _modules(folder: str) -> tuple[Module, ...]:
    named = ((file.relative_to(ROOT).as_posix(), file) for file in sorted((ROOT / folder).rglob("*.py")))
    return tuple(parse(name, file.read_text("utf-8")) for name, file in named if not name.startswith(GENERATED))
