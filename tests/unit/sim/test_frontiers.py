"""The benchmark's arithmetic: what a policy costs at another's wait."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def frontiers() -> ModuleType:
    path = Path(__file__).resolve().parents[3] / "bench" / "_frontiers.py"
    spec = importlib.util.spec_from_file_location("_frontiers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["_frontiers"] = module
    spec.loader.exec_module(module)
    return module


def test_what_is_beaten_in_both_is_no_frontier(frontiers: ModuleType) -> None:
    point = frontiers.Point
    points = [point(10, 5.0), point(20, 1.0), point(25, 2.0), point(12, 6.0)]
    assert frontiers.frontier(points) == [point(20, 1.0), point(10, 5.0)]


def test_cost_is_interpolated_between_logarithms(frontiers: ModuleType) -> None:
    points = [frontiers.Point(100, 1.0), frontiers.Point(25, 4.0)]
    assert frontiers.cost_at(points, 2.0) == pytest.approx(50)
    assert frontiers.cost_at(points, 4.0) == 25
    assert frontiers.cost_at(points, 9.0) == 25
    assert frontiers.cost_at(points, 0.9) is None
    assert frontiers.ratio_at_equal_wait(points, frontiers.Point(80, 2.0)) == pytest.approx(50 / 80)
    assert frontiers.ratio_at_equal_wait([], frontiers.Point(80, 2.0)) is None
