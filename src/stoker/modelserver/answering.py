"""What a worker does with an exchange: run the model, send the reply or the stream, and make an error of what fails."""

from __future__ import annotations

from stoker.modelserver.exchange import Context
from stoker.modelserver.protocol import HttpError, reply_head
from stoker.modelserver.replies import chunk_of
from stoker.modelserver.report import log, log_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stoker.modelserver.connection import Connection, Exchange
    from stoker.modelserver.loading import Model, WholeModel
    from stoker.modelserver.protocol import Request
    from stoker.modelserver.replies import Reply
    from stoker.modelserver.server import Server
    from stoker.modelserver.surface import Surface


class Answering:
    """Answers exchanges with one model. Called by any worker, several at once."""

    __slots__ = ("_ask", "_model_dir", "_server", "_surface")

    def __init__(self, server: Server, model: Model | WholeModel, model_dir: str, surface: Surface) -> None:
        """Take the loaded model; the server gets its connections back by `settle`.

        A model with a method `answer` is given whole requests, whatever their path; any other what is for `/invocations`, and, by
        its method `manage` if it has one, what is not.
        """
        self._server = server
        self._ask = _way_to_ask(model)
        self._model_dir = model_dir
        self._surface = surface

    def __call__(self, exchange: Exchange) -> None:
        """Answer, whatever the handler does; a client that has gone before is not computed for."""
        connection, request = exchange.connection, exchange.request
        try:
            if not connection.gone:
                self._answer(connection, request)
        except HttpError as error:
            if error.__cause__ is None:
                log(f"a request was refused with {error.status}: {error.message}")
            else:
                log_failure(f"a request was refused with {error.status}", error.__cause__)
            self._send_error(connection, request, error)
        except BaseException as error:  # noqa: BLE001 - this supervises foreign code: a worker must outlive its SystemExit too
            log_failure("a request failed", error)
            self._send_error(connection, request, self._surface.error_of(error))
        finally:
            self._server.settle(connection)

    def _answer(self, connection: Connection, request: Request) -> None:
        context = Context(self._model_dir, request.headers, connection)
        reply = self._ask(request, context)
        if reply.chunks is not None:
            self._stream(connection, request, reply, context)
            return
        keep_alive = self._keep_alive(connection, request)
        head = reply_head(
            context.status,
            reply.content_type,
            len(reply.body),
            context.reply_headers,
            keep_alive=keep_alive,
            minor=request.minor,
        )
        connection.write(head, reply.body)

    def _send_error(self, connection: Connection, request: Request, error: HttpError) -> None:
        keep_alive = self._keep_alive(connection, request)
        connection.write(*self._surface.error_reply(error, keep_alive=keep_alive, minor=request.minor))

    def _keep_alive(self, connection: Connection, request: Request) -> bool:
        connection.closing = not request.keep_alive or self._server.draining
        return not connection.closing

    def _stream(self, connection: Connection, request: Request, reply: Reply, context: Context) -> None:
        """Send chunks as they are made.

        The first is awaited before the head goes out, so that a generator that fails at once still gets its status.
        """
        chunks: Iterator[object] = reply.chunks or iter(())
        try:
            data, suggested = b"", "application/octet-stream"
            for item in chunks:
                data, suggested = chunk_of(item)
                if data:
                    break
            keep_alive = self._keep_alive(connection, request) and request.minor > 0
            connection.closing = not keep_alive  # HTTP/1.0 knows no chunks: the end of the connection ends the stream
            head = reply_head(
                context.status,
                reply.content_type or context.content_type or suggested,
                None,
                context.reply_headers,
                keep_alive=keep_alive,
                minor=request.minor,
            )
            try:
                self._send_chunks(connection, head, data, chunks, framed=request.minor > 0)
            except BaseException as error:  # noqa: BLE001 - the head is out: to cut the connection is all that is left to say
                log_failure("a stream failed after its head was sent; the connection is cut", error)
                connection.gone = True
        finally:
            _close(chunks)

    @staticmethod
    def _send_chunks(connection: Connection, head: bytes, data: bytes, chunks: Iterator[object], *, framed: bool) -> None:
        if not connection.write_all(head + _frame(data, framed=framed)):
            return
        for item in chunks:
            if connection.gone:
                return
            data, _type = chunk_of(item)
            if data and not connection.write_all(_frame(data, framed=framed)):
                return
        if framed:
            connection.write(b"0\r\n\r\n")


def _way_to_ask(model: Model | WholeModel) -> Callable[[Request, Context], Reply]:
    answer: Callable[[Request, Context], Reply] | None = getattr(model, "answer", None)
    if answer is not None:
        return answer
    invoke: Callable[[bytes, dict[str, str], Context], Reply] = getattr(model, "invoke")  # noqa: B009 - the other half of the union
    manage: Callable[[Request, Context], Reply] | None = getattr(model, "manage", None)

    def by_path(request: Request, context: Context) -> Reply:
        if request.path == "/invocations" or manage is None:
            return invoke(request.body, request.headers, context)
        return manage(request, context)

    return by_path


def _frame(data: bytes, *, framed: bool) -> bytes:
    """Make a chunk of data; an empty one would end the stream, so it stays nothing."""
    return b"%x\r\n%b\r\n" % (len(data), data) if framed and data else data


def _close(chunks: Iterator[object]) -> None:
    """Let a generator run its `finally` now, not when memory is looked through."""
    close = getattr(chunks, "close", None)
    if close is None:
        return
    try:
        close()
    except BaseException as error:  # noqa: BLE001 - foreign code; the reply is out already
        log_failure("a stream's generator failed while being closed", error)
        log("the reply before it was sent")
