"""Paths, health and errors as llama.cpp's own server and OpenAI's API have them."""

from __future__ import annotations

import json
import os

from stoker.modelserver.protocol import JSON, HttpError, reply_head
from stoker.modelserver.report import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stoker.modelserver.protocol import Request

CHAT = frozenset({"/v1/chat/completions", "/chat/completions"})
COMPLETIONS = frozenset({"/v1/completions", "/completions"})
EMBEDDINGS = frozenset({"/v1/embeddings", "/embeddings"})
OTHERS = frozenset({"/", "/invocations"})
MODELS = frozenset({"/v1/models", "/models"})
ASKED = CHAT | COMPLETIONS | EMBEDDINGS | OTHERS
_HEALTH = frozenset({"/", "/health", "/ping"})
_METRICS = "/metrics"
_READ = frozenset({"GET", "HEAD"})
_TEXT = "text/plain; charset=utf-8"
_ERRORS = {404: "not_found_error", 413: "invalid_request_error", 503: "unavailable_error"}


class FieldError(HttpError):
    """A request asks for what cannot be: `field` is its name in the body, `code` OpenAI's word for what is wrong."""

    def __init__(self, field: str, message: str, code: str = "") -> None:
        """Answer with 400."""
        super().__init__(400, message, code or "invalid_value")
        self.field = field


class OpenAISurface:
    """GET /health, /v1/models and /metrics, POST /v1/chat/completions and /v1/completions; and SageMaker's two."""

    __slots__ = ("_counts", "_models")

    def __init__(self, counts: Callable[[], tuple[int, int]], name: str, created: int) -> None:
        """`counts` gives how many requests run and how many wait; the model has a name, and came at `created` (Unix seconds)."""
        self._counts = counts
        told = {"id": name, "object": "model", "created": created, "owned_by": "llamacpp"}
        self._models = json.dumps({"object": "list", "data": [told]}).encode()

    def page(self, request: Request, *, healthy: bool) -> tuple[int, str, bytes] | None:
        """Answer health checks, the list of models and metrics; all of it beside a generation that runs."""
        path = request.path
        if request.method not in _READ:
            return None
        if path == _METRICS:
            running, waiting = self._counts()
            lines = "llamacpp:requests_processing %d\nllamacpp:requests_deferred %d\n"
            return 200, _TEXT, (lines % (running, waiting)).encode()
        if path not in _HEALTH | MODELS:
            return None
        if not healthy:
            return 503, JSON, _body(HttpError(503, "Loading model", "model_loading"))
        return 200, JSON, self._models if path in MODELS else b'{"status": "ok"}'

    @staticmethod
    def unserved(request: Request) -> HttpError | None:
        """Say why there is nothing."""
        path = request.path
        if path in ASKED:
            return None if request.method == "POST" else HttpError(405, f"{path} is asked with POST.")
        if path in _HEALTH | MODELS or path == _METRICS:
            return HttpError(405, f"{path} is asked with GET.")
        served = "/v1/chat/completions, /v1/completions, /v1/models, /health, /metrics, /ping and /invocations"
        return HttpError(404, f"There is nothing at {path[:200]}; the paths served are {served}.")

    @staticmethod
    def error_of(error: BaseException) -> HttpError:
        """Make a failure of the runtime a 500."""
        return error if isinstance(error, HttpError) else HttpError(500, describe(error) or type(error).__name__, "server_error")

    @staticmethod
    def error_reply(error: HttpError, *, keep_alive: bool = False, minor: int = 1) -> tuple[bytes, bytes]:
        """Give head and body `{"error": {"message", "type", "param", "code"}}`."""
        body = _body(error)
        headers = {"Allow": "GET, HEAD, POST"} if error.status == 405 else None
        return reply_head(error.status, JSON, len(body), headers, keep_alive=keep_alive, minor=minor), body


def error_object(error: HttpError) -> dict[str, object]:
    """Give OpenAI's error object."""
    kind = _ERRORS.get(error.status, "invalid_request_error" if error.status < 500 else "server_error")
    return {"error": {"message": error.message, "type": kind, "param": getattr(error, "field", None), "code": error.kind}}


def _body(error: HttpError) -> bytes:
    return json.dumps(error_object(error)).encode()


def model_file(model_dir: str, environment: Mapping[str, str]) -> str:
    """Give the path of the GGUF file to serve, empty when there is none: LLAMA_ARG_MODEL, or the first by name.

    Projectors are passed over. A model in several files is named by its first (`-00001-of-`), which sorts first.
    """
    given = environment.get("LLAMA_ARG_MODEL", "")
    if given:
        return os.path.join(model_dir, given)
    try:
        names = sorted(name for name in os.listdir(model_dir) if name.endswith(".gguf"))
    except OSError:
        return ""
    names = [name for name in names if not name.startswith("mmproj")] or names
    return os.path.join(model_dir, names[0]) if names else ""


def model_name(path: str, environment: Mapping[str, str]) -> str:
    """Give what the model is called: LLAMA_ARG_ALIAS, HF_MODEL_ID, or its file's name."""
    named = environment.get("LLAMA_ARG_ALIAS") or environment.get("HF_MODEL_ID")
    return named or os.path.basename(path).removesuffix(".gguf") or "model"
