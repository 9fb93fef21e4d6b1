"""The toolkit's paths and errors.

Source: huggingface-inference-toolkit, `webservice_starlette.py`. There every error is a 400 with `{"error": text}`; here what
never reached the handler keeps its own status (404, 405, 413, 503), in the same form.
"""

from __future__ import annotations

from stoker.modelserver.protocol import JSON, HttpError, reply_head
from stoker.modelserver.report import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from stoker.modelserver.protocol import Request

PREDICTED = frozenset({"/", "/predict", "/invocations"})
_HEALTH = frozenset({"/", "/health", "/ping"})
_METRICS = "/metrics"
_LOOKED_AT = _HEALTH | {_METRICS}
_TEXT = "text/plain; charset=utf-8"
_READ = frozenset({"GET", "HEAD"})


class ToolkitSurface:
    """GET / and /health, POST / and /predict, GET /metrics; and SageMaker's /ping and /invocations."""

    __slots__ = ("_counts",)

    def __init__(self, counts: Callable[[], tuple[int, int]]) -> None:
        """`counts` gives how many requests run and how many wait."""
        self._counts = counts

    def page(self, request: Request, *, healthy: bool) -> tuple[int, str, bytes] | None:
        """Answer health checks and metrics."""
        if request.method not in _READ:
            return None
        if request.path in _HEALTH:
            return (200, _TEXT, b"Ok") if healthy else (503, _TEXT, b"The model is still being loaded, or the server stops.")
        if request.path == _METRICS:
            running, waiting = self._counts()
            return 200, _TEXT, b"inf_batch_current_size %d\ninf_queue_size %d\n" % (running, waiting)
        return None

    @staticmethod
    def unserved(request: Request) -> HttpError | None:
        """Say why there is nothing."""
        path = request.path.rstrip("/") or "/"
        if path in PREDICTED:
            return None if request.method == "POST" else HttpError(405, f"{path} is asked with POST.")
        if path in _LOOKED_AT:
            return HttpError(405, f"{path} is asked with GET.")
        return HttpError(404, "The paths served are /, /predict, /health, /metrics, /ping and /invocations.")

    @staticmethod
    def error_of(error: BaseException) -> HttpError:
        """Make any exception of a handler a 400 with its text, or its class's name when it has none."""
        return error if isinstance(error, HttpError) else HttpError(400, describe(error) or type(error).__name__)

    @staticmethod
    def error_reply(error: HttpError, *, keep_alive: bool = False, minor: int = 1) -> tuple[bytes, bytes]:
        """Give head and body `{"error": text}`."""
        from stoker.modelserver.formats import encode_json  # noqa: PLC0415 - json costs 5 ms, which a good start need not wait for

        body = encode_json({"error": error.message})
        headers = {"Allow": "GET, HEAD, POST"} if error.status == 405 else None
        return reply_head(error.status, JSON, len(body), headers, keep_alive=keep_alive, minor=minor), body
