"""What the handler may know of an invocation: its `Context`."""

from __future__ import annotations

from stoker.modelserver.protocol import TOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stoker.modelserver.connection import Connection

_OURS = frozenset({"connection", "content-length", "content-type", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})


_ADAPTER = "x-stoker-adapter"  # the gateway tells where the files are; clients cannot


class Context:
    """What handler functions get as their trailing argument: the request's headers, and a say in the reply's.

    The methods that read or set headers also take the batch index that TorchServe and MMS put first; there are no
    batches here, so it is passed over.
    """

    __slots__ = ("_connection", "_headers", "content_type", "reply_headers", "status", "system_properties")

    def __init__(self, model_dir: str, headers: dict[str, str], connection: Connection | None = None) -> None:
        """Take the request's headers, names in lower case; none while the model is being loaded."""
        self._connection = connection
        self._headers = headers
        self.system_properties = {"model_dir": model_dir, "gpu_id": None}
        self.reply_headers: dict[str, str] = {}
        self.content_type = ""
        self.status = 200

    def get_request_header(self, *name: int | str, default: str | None = None) -> str | None:
        """Give a request header by its name in any case, or the default."""
        return self._headers.get(str(name[-1]).lower(), default) if name else default

    def get_all_request_header(self, _index: int = 0) -> dict[str, str]:
        """Give all request headers, names in lower case."""
        return dict(self._headers)

    @property
    def caller_gone(self) -> bool:
        """Whether the caller has left meanwhile, so that nobody will see the reply; what takes long may look at it and end."""
        return self._connection is not None and self._connection.gone

    @property
    def adapter(self) -> str | None:
        """The name of the adapter that the request is for; None for the model itself."""
        return self._headers.get("x-amzn-sagemaker-inference-component") if _ADAPTER in self._headers else None

    def adapter_dir(self) -> str | None:
        """Give the directory with the adapter's files, None without an adapter; raises `AdapterError` if they are not there."""
        url = self._headers.get(_ADAPTER)
        if url is None:
            return None
        from stoker.modelserver.adapters import directory  # noqa: PLC0415 - most models never need it

        return directory(url)

    def set_response_header(self, *name_and_value: int | str) -> None:
        """Set a header of the reply; raises ValueError for a malformed one or one that frames the message."""
        name, value = (str(part) for part in name_and_value[-2:])
        if name.lower() in _OURS or not name or name.encode("utf-8").translate(None, TOKEN):
            message = f"the response header {name!r} may not be set"
            raise ValueError(message)
        self.reply_headers[name] = checked_text(name, value)

    def set_response_content_type(self, *content_type: int | str) -> None:
        """Set the reply's content type; raises ValueError for a malformed one."""
        self.content_type = checked_text("Content-Type", str(content_type[-1]))

    def set_response_status(self, code: int = 200, phrase: str = "", _index: int = 0) -> None:  # noqa: ARG002 - MMS's signature; the phrase is ours
        """Set the reply's status code, 200 to 599; raises ValueError for others."""
        if not 200 <= code <= 599 or code in {204, 205, 304}:
            message = f"the response status {code!r} may not be set"
            raise ValueError(message)
        self.status = int(code)


def checked_text(name: str, value: str) -> str:
    """Give a header's value back if it may stand in a head, else raise ValueError."""
    if not (value.isascii() and value.isprintable()):
        message = f"the value of the response header {name!r} holds characters that may not stand there"
        raise ValueError(message)
    return value
