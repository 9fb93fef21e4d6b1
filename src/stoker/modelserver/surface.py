"""The paths a server has and the words its errors come in, by the contract it serves: here SageMaker's.

Hugging Face's and OpenAI's stand in `stoker.modelserver.hub` and `stoker.modelserver.llama`. A surface is asked by the server's
loop, so it only looks and words; what takes time is the model's.
"""

from __future__ import annotations

from stoker.modelserver.protocol import HttpError
from stoker.modelserver.replies import error_of, error_reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from stoker.modelserver.protocol import Request

    class Surface(Protocol):
        """What a contract has to say of requests before a model sees them, and of errors after."""

        def page(self, request: Request, *, healthy: bool) -> tuple[int, str, bytes] | None:
            """Answer by status, content type and body what needs no model, such as a health check; None for all else."""
            ...

        def unserved(self, request: Request) -> HttpError | None:
            """Say why nothing is served at the request's path, or by its method."""
            ...

        def error_of(self, error: BaseException) -> HttpError:
            """Make what a model raised into an answer."""
            ...

        def error_reply(self, error: HttpError, *, keep_alive: bool = False, minor: int = 1) -> tuple[bytes, bytes]:
            """Give an error's head and body."""
            ...


class InvocationSurface:
    """SageMaker's: GET /ping and POST /invocations; `many` models have paths of their own besides."""

    __slots__ = ("_many",)

    def __init__(self, *, many: bool) -> None:
        """Serve one model, or many."""
        self._many = many

    @staticmethod
    def page(request: Request, *, healthy: bool) -> tuple[int, str, bytes] | None:
        """Answer a ping."""
        if request.path == "/ping" and request.method in {"GET", "HEAD"}:
            return 200 if healthy else 503, "", b""
        return None

    def unserved(self, request: Request) -> HttpError | None:
        """Say why the server has nothing for a request, by its path and its method."""
        path = request.path
        if self._many and (path == "/models" or path.startswith("/models/")):
            return None
        if path not in {"/ping", "/invocations"}:
            return HttpError(404, "The paths served are /ping and /invocations.")
        if path == "/ping" or request.method != "POST":
            return HttpError(405, "The requests served are GET /ping and POST /invocations.")
        return None

    error_of = staticmethod(error_of)
    error_reply = staticmethod(error_reply)
