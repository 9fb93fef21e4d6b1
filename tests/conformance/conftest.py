"""A served stage, made once for a file's tests and as new in each."""

import platform
from collections.abc import Iterator

import pytest

from tests.conformance.sagemaker_stage import Stage, serving

# llama.cpp comes as a wheel for this kind of machine only.
_LLAMA = ["test_language_model.py", "test_openai_language_model.py"]
collect_ignore = [] if (platform.system(), platform.machine()) == ("Linux", "x86_64") else _LLAMA


@pytest.fixture(scope="module")
def served() -> Iterator[Stage]:
    with serving() as stage:
        yield stage


@pytest.fixture
def stage(served: Stage) -> Stage:
    served.reset()
    return served
