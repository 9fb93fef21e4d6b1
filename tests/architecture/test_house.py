"""The house keeps its own rules. (The import contracts are checked by `lint-imports`, in `./run check`.)"""

from collections.abc import Callable, Iterator

import pytest

from tests.architecture import rules
from tests.architecture.sources import ROOT, Module, modules

CODE = ("src", "tools", "demo", "bench")
SOURCE_LINES = 400
TEST_LINES = 600

# Rooms that are given the time, and never ask for it.
TIMELESS = {"units", "errors", "domain", "decisions", "engine", "link", "ports", "config", "service"}

# Modules and folders that may catch everything besides supervisors, and why.
MAY_CATCH_ALL: dict[str, str] = {
    "src/stoker/wire/aws/asgi.py": "a bug of ours becomes an InternalFailure with a request id, not a broken connection",
    "src/stoker/wire/aws/s3/app.py": "a bug of ours, or a broken disk, becomes an InternalError with a request id",
    "src/stoker/wire/huggingface/asgi.py": "a bug of ours becomes an error with a request id",
    "src/stoker/wire/aws/targets.py": "a bug in the call that a schedule makes fails that invocation, not the platform",
    "src/stoker/modelserver/": "a handler is somebody else's code and may raise anything: that is one failed request",
}
# Modules that may read the environment besides the rooms config, cli and modelserver, and why.
MAY_READ_ENVIRONMENT: dict[str, str] = {
    "src/stoker/hf.py": "what it points at a server takes its token from there",
}
ENVIRONMENT_ROOMS = {"config", "cli", "modelserver"}


def found(folders: tuple[str, ...], rule: Callable[[Module], Iterator[str]]) -> list[str]:
    return [offence for module in modules(*folders) for offence in rule(module)]


def test_there_is_something_to_check() -> None:
    assert any(module.path == "src/stoker/__init__.py" for module in modules("src"))


@pytest.mark.parametrize(
    ("folders", "limit"),
    [
        pytest.param(("src", "tools", "demo", "bench"), SOURCE_LINES, id="sources"),
        pytest.param(("tests",), TEST_LINES, id="tests"),
    ],
)
def test_modules_are_short(folders: tuple[str, ...], limit: int) -> None:
    assert found(folders, lambda module: rules.long_modules(module, limit)) == []


@pytest.mark.parametrize(
    "rule", [rules.long_functions, rules.wide_classes, rules.nameless_modules, rules.left_undone], ids=lambda rule: rule.__name__
)
def test_sources_keep_the_budgets(rule: Callable[[Module], Iterator[str]]) -> None:
    assert found(CODE, rule) == []


def test_time_is_handed_in() -> None:
    inside = [module for module in modules("src") if module.room in TIMELESS]
    assert [offence for module in inside for offence in rules.references(module, rules.CLOCKS)] == []


def test_every_task_has_an_owner() -> None:
    assert found(("src", "demo"), rules.loose_tasks) == []


def test_only_supervisors_catch_everything() -> None:
    assert found(("src",), lambda module: rules.swallowed_exceptions(module, MAY_CATCH_ALL)) == []


def test_settings_come_from_config() -> None:
    outside = [
        module for module in modules("src") if module.room not in ENVIRONMENT_ROOMS and module.path not in MAY_READ_ENVIRONMENT
    ]
    assert [offence for module in outside for offence in rules.references(module, rules.ENVIRONMENT)] == []


def test_ratios_are_rounded_in_one_place() -> None:
    # math.ceil(0.1 * 3 / 0.1) is 4: only decisions/rounding.py knows how to round a ratio up.
    outside = [module for module in modules("src") if module.path != "src/stoker/decisions/rounding.py"]
    assert [offence for module in outside for offence in rules.references(module, {"math.ceil"})] == []


def test_only_the_command_line_prints() -> None:
    outside = [module for module in modules("src") if module.room != "cli"]
    assert [offence for module in outside for offence in rules.references(module, {"print"})] == []


def test_the_model_server_stands_alone() -> None:
    inside = [module for module in modules("src") if module.room == "modelserver"]
    assert [offence for module in inside for offence in rules.foreign_imports(module, "stoker.modelserver")] == []


def test_tests_run_and_can_fail() -> None:
    assert found(("tests",), rules.empty_assurances) == []


@pytest.mark.parametrize("path", sorted(MAY_CATCH_ALL | MAY_READ_ENVIRONMENT))
def test_no_exception_outlives_its_module(path: str) -> None:
    assert (ROOT / path).exists()
