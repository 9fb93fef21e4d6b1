"""A served stage, made once for a file's tests and as new in each."""

from collections.abc import Iterator

import pytest

from tests.conformance.sagemaker_stage import Stage, serving


@pytest.fixture(scope="module")
def served() -> Iterator[Stage]:
    with serving() as stage:
        yield stage


@pytest.fixture
def stage(served: Stage) -> Stage:
    served.reset()
    return served
