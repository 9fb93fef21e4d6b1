"""What goes back: a handler's result made into bytes or a stream of chunks, and errors made into JSON."""

from __future__ import annotations

from stoker.modelserver.exchange import checked_text
from stoker.modelserver.protocol import JSON, HttpError, concrete, reply_head
from stoker.modelserver.report import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from stoker.modelserver.exchange import Context


TARGET_MODEL = "TargetModel"
"""What the kinds of errors begin with that are about one model of many."""


class Reply:
    """A whole reply in `body`, or a stream in `chunks` (then `body` is empty and the type may be left to the first)."""

    __slots__ = ("body", "chunks", "content_type")

    def __init__(self, body: bytes, content_type: str, chunks: Iterator[object] | None = None) -> None:
        """Give the content and its type."""
        self.body = body
        self.content_type = content_type
        self.chunks = chunks


def make_reply(result: object, accept: str, context: Context) -> Reply:
    """Turn what a handler gave into a reply.

    Bytes and text go as they are, an iterator (a generator) becomes a stream, `(content, content type)` says its type,
    everything else becomes JSON. The type is the one given with the content, else the context's, else the accepted one.
    """
    content_type = context.content_type
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], str):
        content_type = checked_text("Content-Type", result[1])
        result = result[0]
    if isinstance(result, (bytes, bytearray, memoryview)):
        return Reply(bytes(result), content_type or concrete(accept) or "application/octet-stream")
    if isinstance(result, str):
        return Reply(result.encode(), content_type or concrete(accept) or JSON)
    if is_stream(result):
        return Reply(b"", content_type or concrete(accept), result)
    return Reply(_json(result), content_type or JSON)


def is_stream(result: object) -> TypeGuard[Iterator[object]]:
    """Say whether a result is an iterator, such as a generator; a list is not one."""
    return hasattr(result, "__next__")


def chunk_of(item: object) -> tuple[bytes, str]:
    """Give the bytes of one streamed item and the type it suggests; what is neither bytes nor text is a line of JSON."""
    if isinstance(item, (bytes, bytearray, memoryview)):
        return bytes(item), "application/octet-stream"
    if isinstance(item, str):
        return item.encode(), "text/plain; charset=utf-8"
    return _json(item) + b"\n", "application/jsonlines"


def _json(value: object) -> bytes:
    from stoker.modelserver.formats import encode_json  # noqa: PLC0415 - json costs 5 ms, which many handlers never need

    return encode_json(value)


def error_of(error: BaseException) -> HttpError:
    """Make a handler's error into an answer: 500, or the status that the SageMaker toolkit's errors carry."""
    if isinstance(error, HttpError):
        return error
    status = getattr(error, "status_code", 500)
    if not (hasattr(error, "phrase") and type(status) is int and 400 <= status <= 599):
        status = 500  # only a class that names both follows the toolkit's form; a client library's error does not
    return HttpError(status, describe(error), type(error).__name__)


def error_reply(error: HttpError, *, keep_alive: bool = False, minor: int = 1) -> tuple[bytes, bytes]:
    """Give head and JSON body: code, type and message, never a traceback."""
    body = _json({"code": error.status, "type": error.kind, "message": error.message})
    headers = {"Allow": "GET, HEAD, POST"} if error.status == 405 else None
    if error.kind.startswith(TARGET_MODEL):  # the gateway words these as the platform's own
        headers = {"X-Stoker-Refusal": error.kind}
    return reply_head(error.status, JSON, len(body), headers, keep_alive=keep_alive, minor=minor), body
