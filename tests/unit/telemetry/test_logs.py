import io
import json
import logging
import os
import pty
from collections.abc import Iterator

import pytest
import structlog

from stoker.telemetry.logs import LEVELS, configure_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_off_a_terminal_each_line_is_one_json_object() -> None:
    out = io.StringIO()
    configure_logs("info", stream=out, cache=False)
    structlog.get_logger().info("copy_started", copy_id="c-1", port=8080, odd={1, 2}, text="a\nb")
    (line,) = lines(out)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {"event": "copy_started", "level": "info", "copy_id": "c-1", "port": 8080, "odd": [1, 2], "text": "a\nb"}


@pytest.mark.parametrize("level", list(LEVELS))
def test_lines_below_the_level_are_left_out(level: str) -> None:
    out = io.StringIO()
    configure_logs(level, stream=out, cache=False)
    logger = structlog.get_logger()
    for name in LEVELS:
        getattr(logger, name)("said")
    assert [line["level"] for line in lines(out)] == list(LEVELS)[list(LEVELS).index(level) :]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        configure_logs("loud", stream=io.StringIO())


def test_what_a_task_is_bound_to_is_on_its_lines() -> None:
    out = io.StringIO()
    configure_logs(stream=out, cache=False)
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger().info("call_served")
    assert lines(out)[0]["request_id"] == "r-1"


def test_a_traceback_is_one_value_of_the_line() -> None:
    out = io.StringIO()
    configure_logs(stream=out, cache=False)
    try:
        int("the cause")
    except ValueError:
        structlog.get_logger().exception("call_failed")
    (line,) = lines(out)
    assert "ValueError: invalid literal" in str(line["exception"])


def test_a_value_that_is_no_json_is_shown_as_python_does() -> None:
    out = io.StringIO()
    configure_logs(stream=out, cache=False)
    structlog.get_logger().info("seen", what=ValueError("x"))
    assert lines(out)[0]["what"] == "ValueError('x')"


@pytest.mark.parametrize("key", ["secret", "secret_access_key", "Authorization", "session_token", "x-amz-security-token"])
def test_secrets_are_blanked(key: str) -> None:
    out = io.StringIO()
    configure_logs(stream=out, cache=False)
    structlog.get_logger().warning("signed", **{key: "hunter2"})
    assert "hunter2" not in out.getvalue()
    assert lines(out)[0][key] == "***"


def test_counts_of_tokens_are_no_secret() -> None:
    out = io.StringIO()
    configure_logs(stream=out, cache=False)
    structlog.get_logger().info("replied", tokens=5, tokens_per_second=7)
    assert (lines(out)[0]["tokens"], lines(out)[0]["tokens_per_second"]) == (5, 7)


def test_lines_of_libraries_come_out_the_same_way() -> None:
    out = io.StringIO()
    configure_logs(stream=out, cache=False)
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("lost %s", "a thing")
    (line,) = lines(out)
    assert (line["event"], line["logger"], line["level"]) == ("lost a thing", "some.library", "warning")


def test_on_a_terminal_lines_are_for_people() -> None:
    ours, theirs = pty.openpty()
    with open(theirs, "w", encoding="utf-8") as terminal:  # noqa: PTH123 - a descriptor
        configure_logs(stream=terminal, cache=False)
        structlog.get_logger().info("copy_started", copy_id="c-1")
        terminal.flush()
        text = os.read(ours, 4096).decode()
    os.close(ours)
    assert "copy_started" in text
    assert not text.startswith("{")


def test_a_second_call_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure_logs(stream=first, cache=False)
    configure_logs(stream=second, cache=False)
    structlog.get_logger().info("said")
    logging.getLogger("x").error("said")
    assert first.getvalue() == ""
    assert len(lines(second)) == 2


def test_a_log_that_nobody_reads_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1) as stream:
        configure_logs(stream=stream, cache=False)
        structlog.get_logger().info("copy_started")
        logging.getLogger("library").warning("something is wrong")
        with pytest.raises(BrokenPipeError):  # so the pipe really was broken
            stream.write("x\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
