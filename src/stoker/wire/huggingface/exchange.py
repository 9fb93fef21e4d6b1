"""One call and its answer, as the handlers of Hugging Face's management API see them."""

from collections.abc import Mapping

import msgspec

from stoker.errors import StokerError

JSON = "application/json"


class HubRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A call whose body has been read: `base` is the URL that its client reached this server by, `caller` who it is."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    body: bytes = b""
    base: str = ""
    caller: str = ""


class HubReply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = JSON
    headers: Mapping[str, str] = {}


class HubError(StokerError):
    """An answer with an error: its status, and what clients show of it."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


def told(document: object, status: int = 200) -> HubReply:
    """Give an answer that is a JSON document."""
    return HubReply(status=status, body=msgspec.json.encode(document))


def failed(error: HubError) -> HubReply:
    """Give the answer of an error, in the form that clients read."""
    return HubReply(status=error.status, body=msgspec.json.encode({"error": error.message}), headers=error.headers)
