"""What holds for every test: generated examples are the same in each run, so that a run that was green stays green.

`HYPOTHESIS_PROFILE=search` draws new ones, to look for more. And how tests are spread over processes: many of them only wait for
other processes, so there are more workers than cores, and those that take long begin first, so that none is left at the end.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_xdist_auto_num_workers() -> int:
    """Give half as many workers again as there are cores; half of the suite's time is spent waiting."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what says itself that it takes long, by a time limit of its own; the rest stays as it is."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)
