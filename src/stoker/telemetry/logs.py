"""How log lines look and where they go: JSON, one object a line, or readable text on a terminal; to standard error.

Events are past-tense words (`copy_started`), everything else is keys. Lines of libraries that log by the standard
library come out the same way. Secrets are not logged; keys that sound like one are blanked all the same.
"""

import contextlib
import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO, cast

import msgspec
import structlog

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
"""The words of `logs.level`."""

# At a key's end, so that `tokens_per_second` and `tokens` stay readable.
_SECRET = re.compile(r"(?:^|[-_])(?:secret|password|authorization|token)(?:[-_](?:access[-_])?key)?$", re.IGNORECASE)
_BLANK = "***"

_Event = MutableMapping[str, Any]
_Processor = Callable[[Any, str, _Event], Any]


class _Steadfast:
    """A stream whose reader may go away, or whose disk may fill up, without that being an error of whoever logs."""

    __slots__ = ("__weakref__", "_stream")

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def configure_logs(level: str = "info", *, stream: TextIO | None = None, cache: bool = True) -> None:
    """Set up structlog and the standard library's root logger to write lines of `level` and above to `stream`.

    `level` is one of `LEVELS`; `stream` is standard error unless given. A later call replaces an earlier one, except for
    loggers already in use when `cache` is on: tests that capture logs turn it off.
    """
    out = sys.stderr if stream is None else stream
    number = LEVELS[level]
    shared: list[_Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    last = _renderers(out)
    steadfast = cast(TextIO, _Steadfast(out))
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=steadfast),
        cache_logger_on_first_use=cache,
    )
    handler = logging.StreamHandler(steadfast)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries speak when something is wrong; what they do is not our users' business unless they ask for it.
    root.setLevel(number if level == "debug" else max(number, logging.WARNING))


def _renderers(out: TextIO) -> list[_Processor]:
    if out.isatty():
        return [structlog.dev.ConsoleRenderer()]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]


def _json(event: _Event, **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


def _without_secrets(_logger: object, _method: str, event: _Event) -> _Event:
    for key in event:
        if _SECRET.search(key):
            event[key] = _BLANK
    return event
