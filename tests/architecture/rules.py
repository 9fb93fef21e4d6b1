"""Rules that no linter has. Each takes one module and yields a line, `path:line what is wrong`, for each offence."""

import ast
from collections.abc import Iterator, Mapping

from typing_extensions import TypeIs

from tests.architecture.sources import Module

MAX_FUNCTION_LINES = 60
MAX_PUBLIC_METHODS = 15
NAMELESS = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}

CLOCKS = {
    *(f"time.{name}{ns}" for name in ("time", "monotonic", "perf_counter", "process_time") for ns in ("", "_ns")),
    "time.sleep",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
}
LOOSE_TASKS = {"asyncio.create_task", "asyncio.ensure_future", "asyncio.gather"}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.putenv"}
CATCH_ALL = {"Exception", "BaseException"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _at(module: Module, node: ast.stmt | ast.expr | ast.ExceptHandler, what: str) -> str:
    return f"{module.path}:{node.lineno} {what}"


def long_modules(module: Module, limit: int) -> Iterator[str]:
    if module.lines > limit:
        yield f"{module.path}:1 has {module.lines} lines, more than {limit}: is it two rooms?"


def long_functions(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, Function) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield _at(module, node, f"{node.name} has {length} lines, more than {MAX_FUNCTION_LINES}")


def wide_classes(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.ClassDef):
            public = {child.name for child in node.body if isinstance(child, Function) and not child.name.startswith("_")}
            if len(public) > MAX_PUBLIC_METHODS:
                yield _at(module, node, f"{node.name} has {len(public)} public methods, more than {MAX_PUBLIC_METHODS}")


def nameless_modules(module: Module) -> Iterator[str]:
    for part in module.path.removesuffix(".py").split("/"):
        if part in NAMELESS:
            yield f"{module.path}:1 '{part}' says nothing of what is in it"


def references(module: Module, names: set[str]) -> Iterator[str]:
    """Any mention of one of the full dotted names, called or handed on."""
    for node in module.nodes:
        if isinstance(node, ast.Name | ast.Attribute):
            dotted = module.dotted(node)
            if dotted in names:
                yield _at(module, node, f"uses {dotted}")


def loose_tasks(module: Module) -> Iterator[str]:
    """Tasks that no TaskGroup owns: their failure is seen by nobody, and nobody ends them."""
    yield from references(module, LOOSE_TASKS)
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr == "create_task":
            owner = node.value.func if isinstance(node.value, ast.Call) else node.value
            name = module.dotted(owner).rpartition(".")[2]
            if name.endswith("loop"):
                yield _at(module, node, "makes a task on the loop, outside a TaskGroup")


def swallowed_exceptions(module: Module, allowed: Mapping[str, str]) -> Iterator[str]:
    """`except Exception` and its like, unless the handler ends by raising again. `allowed`: files and folders/."""
    if module.path.startswith(tuple(allowed)) or module.path.endswith("supervisor.py"):
        return
    for node in module.nodes:
        if isinstance(node, ast.ExceptHandler):
            types = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            broad = any(kind is None or module.dotted(kind) in CATCH_ALL for kind in types)
            if broad and not _raises_again(node):
                yield _at(module, node, "catches everything")
        elif _calls(node, module, "contextlib.suppress") and any(module.dotted(kind) in CATCH_ALL for kind in node.args):
            yield _at(module, node, "suppresses everything")


def _calls(node: ast.AST, module: Module, name: str) -> TypeIs[ast.Call]:
    return isinstance(node, ast.Call) and module.dotted(node.func) == name


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise)


def foreign_imports(module: Module, own: str) -> Iterator[str]:
    """Imports of `stoker` from outside the package `own`."""
    for node in module.nodes:
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            targets = [f"{'.' * node.level}{node.module or ''}"]
        for target in targets:
            outside = target == "stoker" or (target.startswith("stoker.") and not f"{target}.".startswith(f"{own}."))
            if outside or target.startswith(".."):
                yield f"{module.path} imports {target}"


def left_undone(module: Module) -> Iterator[str]:
    """Code that says it is not there yet."""
    for node in module.nodes:
        if isinstance(node, ast.Raise) and node.exc:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if module.dotted(raised) == "NotImplementedError":
                yield _at(module, node, "is not implemented")


def empty_assurances(module: Module) -> Iterator[str]:
    """Tests that do not run, and assertions that cannot fail."""
    for node in module.nodes:
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant) and node.test.value:
            yield _at(module, node, "asserts a constant")
        elif isinstance(node, ast.Attribute) and module.dotted(node) in {
            "pytest.skip",
            "pytest.xfail",
            "pytest.mark.skip",
            "pytest.mark.skipif",
            "pytest.mark.xfail",
        }:
            yield _at(module, node, f"uses {module.dotted(node)}")
