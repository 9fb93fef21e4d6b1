"""Models that misbehave: they never come up, raise, refuse, die, break off. Nothing hangs, and everything is told."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EventStreamError

from tests.e2e.fault_stage import HANDLER, Stage, platform, until

LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/InferenceComponents/"
RAISES = "import sys\nprint('looking for the weights', flush=True)\nraise FileNotFoundError('no weights at /models/w.bin')\n"
SLOW_THEN_RAISES = """
import time


def model_fn(model_dir):
    time.sleep(0.5)
    raise ValueError("the weights are of another model")


def predict_fn(data, model):
    return data
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with platform(tmp_path_factory.mktemp("model")) as stage:
        stage.open()
        yield stage


def test_a_model_that_never_comes_up_fails_with_its_last_words_and_may_be_mended(stage: Stage) -> None:
    model = stage.deploy("never", handler=RAISES, wait=False)
    until(lambda: stage.component("never")["InferenceComponentStatus"] == "Failed")
    failed = stage.component("never")
    assert "exited with code 1 before it was ready" in failed["FailureReason"]
    assert "looking for the weights" in failed["FailureReason"]
    assert "modelserver" not in failed["FailureReason"].partition("Traceback")[2], "only its own frames"
    assert "FileNotFoundError: no weights at /models/w.bin" in failed["FailureReason"]
    assert failed["RuntimeConfig"]["CurrentCopyCount"] == 0
    before = time.monotonic()
    error = stage.refused("never")
    assert time.monotonic() - before < 2
    assert error["Error"]["Code"] == "ValidationError"
    assert "no weights at /models/w.bin" in error["Error"]["Message"]
    assert stage.pids("never") == {}

    (model / "inference.py").write_text(HANDLER)
    stage.set_copies("never", 1)
    until(lambda: stage.serving("never", 1))
    assert "FailureReason" not in stage.component("never")
    assert stage.invoke("never", a=1)["echo"] == {"a": 1}


def test_an_invocation_held_for_a_model_that_fails_is_told_at_once(stage: Stage) -> None:
    stage.deploy("held", handler=SLOW_THEN_RAISES, wait=False)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(stage.refused, "held")
        until(lambda: stage.component("held")["InferenceComponentStatus"] == "Failed")
        error = waiting.result(timeout=2)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"]["Code"] == "ValidationError"
    assert "the weights are of another model" in error["Error"]["Message"]


def test_demand_at_zero_for_a_model_that_fails_is_told_at_once(stage: Stage) -> None:
    stage.deploy("woken", handler=SLOW_THEN_RAISES, copies=0)
    stage.allow_zero("woken")
    error = stage.refused("woken")
    assert "the weights are of another model" in error["Error"]["Message"]
    assert stage.component("woken")["InferenceComponentStatus"] == "Failed"


def _answers(stage: Stage, name: str) -> bool:
    """Tell whether the component answers; gateways learn a moment after the API that it serves again."""
    try:
        return bool(stage.invoke(name, a=1)["echo"] == {"a": 1})
    except ClientError:
        return False


def test_nobody_waits_for_a_model_that_served_once_and_comes_up_no_more(stage: Stage) -> None:
    model = stage.deploy("rotten")
    stage.set_copies("rotten", 0)
    stage.allow_zero("rotten")
    until(lambda: stage.serving("rotten", 0) and not stage.pids("rotten"))
    (model / "inference.py").write_text(RAISES)
    error = stage.refused("rotten")
    assert error["Error"]["Code"] == "ValidationError"
    assert "no weights at /models/w.bin" in error["Error"]["Message"]
    described = stage.component("rotten")
    assert described["RuntimeConfig"] == {"DesiredCopyCount": 1, "CurrentCopyCount": 0}
    assert "no weights at /models/w.bin" in described["FailureReason"]
    # It is tried again, later and later: once its files are mended it comes up by itself.
    (model / "inference.py").write_text(HANDLER)
    until(lambda: stage.serving("rotten", 1))
    until(lambda: _answers(stage, "rotten"))
    assert "FailureReason" not in stage.component("rotten")


def test_a_model_that_raises_or_refuses_keeps_its_copy(stage: Stage) -> None:
    stage.deploy("raises")
    before = stage.pids("raises")
    raised = stage.refused("raises", **{"raise": "out of luck"})
    assert raised["Error"]["Code"] == "ModelError"
    assert raised["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert raised["OriginalStatusCode"] == 500
    assert "out of luck" in raised["OriginalMessage"]
    assert "Traceback" not in raised["OriginalMessage"]
    assert raised["LogStreamArn"] == LOG_GROUP + "raises"
    assert raised["Error"]["Message"].startswith('Received server error (500) from primary with message "')
    refused = stage.refused("raises", status=422)
    assert (refused["Error"]["Code"], refused["OriginalStatusCode"]) == ("ModelError", 422)
    assert refused["Error"]["Message"].startswith('Received client error (422) from primary with message "')
    assert stage.pids("raises") == before


def test_a_model_that_dies_of_a_request_is_told_and_started_again(stage: Stage) -> None:
    stage.deploy("dies")
    first = stage.invoke("dies")["pid"]
    error = stage.refused("dies", exit=3)
    assert error["Error"]["Code"] == "ModelError"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == 0
    assert "was lost" in error["OriginalMessage"]
    assert error["LogStreamArn"] == LOG_GROUP + "dies"
    assert error["Error"]["Message"].startswith('Received server error (0) from primary with message "')
    # The next one waits for the copy that takes its place.
    assert stage.invoke("dies")["pid"] != first
    until(lambda: stage.serving("dies", 1))
    assert stage.component("dies")["InferenceComponentStatus"] == "InService"


def test_a_model_that_dies_again_and_again_never_hangs_a_caller(stage: Stage) -> None:
    stage.deploy("again")
    for _ in range(3):
        assert stage.refused("again", exit=1)["Error"]["Code"] == "ModelError"
    assert stage.invoke("again", a=1)["echo"] == {"a": 1}


@pytest.mark.parametrize("fault", ["raise_at", "exit_at"])
def test_a_stream_that_breaks_says_so(stage: Stage, fault: str) -> None:
    name = fault.replace("_", "-")
    stage.deploy(name)
    assert b"".join(stage.stream(name, parts=3)) == b"part 0;part 1;part 2;"
    got: list[bytes] = []
    with pytest.raises(EventStreamError) as broken:
        got.extend(stage.stream(name, parts=5, every=0.05, **{fault: 2}))
    assert b"".join(got) == b"part 0;part 1;"
    assert broken.value.response["Error"]["Code"] == "ModelStreamError"
    assert "could not load the entire response body" in broken.value.response["Error"]["Message"]
    assert b"".join(stage.stream(name, parts=1)) == b"part 0;"
    until(lambda: stage.gateway()["in_flight"] == 0)


def test_a_stream_that_fails_before_its_first_part_is_an_ordinary_error(stage: Stage) -> None:
    stage.deploy("first")
    with pytest.raises(stage.runtime.exceptions.ModelError) as broken:
        list(stage.stream("first", parts=5, raise_at=0))
    assert broken.value.response["OriginalStatusCode"] == 500
    assert "the generator broke" in broken.value.response["OriginalMessage"]


def test_a_handler_that_cannot_be_read_is_named(stage: Stage) -> None:
    stage.deploy("broken", handler="def predict_fn(data, model:\n", wait=False)
    until(lambda: stage.component("broken")["InferenceComponentStatus"] == "Failed")
    assert "SyntaxError" in stage.component("broken")["FailureReason"]


def test_model_files_that_are_not_there_fail_the_component_with_their_place(stage: Stage, tmp_path: Path) -> None:
    gone = stage.deploy("gone", copies=0)
    gone.rename(tmp_path / "elsewhere")
    stage.set_copies("gone", 1)
    until(lambda: stage.component("gone")["InferenceComponentStatus"] == "Failed")
    assert str(gone) in stage.component("gone")["FailureReason"]
