"""A multi-model container in front of which this server stands: a command that loads, unloads and asks models by HTTP.

The platform's side of the contract is in `stoker.modelserver.many`; here it is spoken to the command. The command is a child in
this process's own group, so that whoever stops the copy stops both.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import threading
from time import monotonic, sleep

from stoker.modelserver.exchange import checked_text
from stoker.modelserver.many import GoneError, ManyModels
from stoker.modelserver.protocol import JSON, HttpError
from stoker.modelserver.replies import Reply
from stoker.modelserver.report import log
from stoker.modelserver.shelf import LOAD_FAILED, NoRoomError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stoker.modelserver.exchange import Context
    from stoker.modelserver.loading import Model
    from stoker.modelserver.server import Server
    from stoker.modelserver.settings import Settings

LOAD_S = 360.0
"""Seconds a model may take to be loaded (the guide: "for up to 360 seconds")."""
MOST_REPLY = 1 << 28
PING_S, FIRST_PING_S, PING_EVERY_S = 2.0, 0.02, 5.0
_OK, _NOT_FOUND, _CONFLICT, _NO_ROOM, _ERROR = 200, 404, 409, 507, 400
_PASSED = frozenset({"content-type", "accept", "traceparent", "tracestate"})
_OWN = "x-amzn-"


class Container:
    """The command, by its port; a backend of `stoker.modelserver.shelf.Shelf`."""

    def __init__(self, port: int, ping: str) -> None:
        """Speak to 127.0.0.1 at the port."""
        self._port = port
        self._ping = ping

    def load(self, name: str, directory: str) -> Model:
        """Have a model loaded."""
        body = _encoded({"model_name": _name(name), "url": directory})
        status, _, said = self._exchange("POST", "/models", body, {"Content-Type": JSON}, LOAD_S)
        if status == _NO_ROOM:
            raise NoRoomError(_text(said))
        if status >= _ERROR and status != _CONFLICT:
            message = f"The container could not load the model {name}: status {status}, {_text(said)}"
            raise HttpError(500, message, LOAD_FAILED)
        return _Remote(self, name)

    def unload(self, name: str) -> None:
        """Have a model unloaded; one that is gone already is no error."""
        status, _, said = self._exchange("DELETE", f"/models/{_name(name)}", b"", {}, LOAD_S)
        if status >= _ERROR and status != _NOT_FOUND:
            log(f"the container answered {status} when told to unload {name}: {_text(said)}")

    def invoke(self, name: str, body: bytes, headers: dict[str, str], context: Context) -> Reply:
        """Ask a model; its own reply is given back, with the status and the headers that a copy's reply may have."""
        passed = {key: value for key, value in headers.items() if key in _PASSED or key.startswith(_OWN)}
        status, reply, said = self._exchange("POST", f"/models/{_name(name)}/invoke", body, passed, LOAD_S)
        if status == _NOT_FOUND and not self._has(name):
            raise GoneError
        for key, value in reply.getheaders():
            if key.lower().startswith(_OWN):
                context.reply_headers[key] = checked_text(key, value)
        context.status = status if 200 <= status <= 599 and status not in {204, 205, 304} else 502
        return Reply(said, reply.getheader("Content-Type") or "application/octet-stream")

    def healthy(self) -> bool:
        """Ask the command how it does."""
        try:
            return self._exchange("GET", self._ping, b"", {}, PING_S)[0] == _OK
        except (HttpError, OSError):
            return False

    def _has(self, name: str) -> bool:
        return self._exchange("GET", f"/models/{_name(name)}", b"", {}, PING_S)[0] == _OK

    def _exchange(
        self, method: str, path: str, body: bytes, headers: dict[str, str], timeout_s: float
    ) -> tuple[int, http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout_s)
        try:
            connection.request(method, path, body or None, headers)
            reply = connection.getresponse()
            said = reply.read(MOST_REPLY)
        except (OSError, http.client.HTTPException) as error:
            message = f"The container's answer to {method} {path} was not to be had: {error!r}"
            raise HttpError(502, message, "ContainerLost") from error
        finally:
            connection.close()
        return reply.status, reply, said


class _Remote:
    """One model of the container."""

    __slots__ = ("_container", "_name")

    def __init__(self, container: Container, name: str) -> None:
        self._container = container
        self._name = name

    def invoke(self, body: bytes, headers: dict[str, str], context: Context) -> Reply:
        return self._container.invoke(self._name, body, headers, context)


def start(settings: Settings, server: Server, arguments: list[str]) -> ManyModels:
    """Start the command (`PORT PING -- COMMAND...`), wait until it is well, and be ready to have it load models."""
    port, ping, _, *command = arguments
    environment = {name: value for name, value in os.environ.items() if name != "STOKER_SOCKET"}
    environment["SAGEMAKER_BIND_TO_PORT"] = port
    child = subprocess.Popen(command, env=environment)
    container = Container(int(port), ping)
    threading.Thread(target=_bury, args=(child, server), name="child", daemon=True).start()
    began = monotonic()
    while not container.healthy():
        sleep(min(1.0, FIRST_PING_S + (monotonic() - began) / 10))
    threading.Thread(target=_watch, args=(container, server), name="health", daemon=True).start()
    return ManyModels(container, settings)


def _bury(child: subprocess.Popen[bytes], server: Server) -> None:
    """Go with the command when it ends by itself."""
    code = child.wait()
    if not server.draining:
        log(f"the container's command ended with {code}")
        os._exit(code if 0 < code < 256 else 1)


def _watch(container: Container, server: Server) -> None:
    """Be as well as the command is."""
    while not server.draining:
        sleep(PING_EVERY_S)
        server.ready = container.healthy()


def _name(target: str) -> str:
    """Give the name that the container knows a model by: one that may stand in a path, whatever the model's own is."""
    from hashlib import sha256  # noqa: PLC0415 - costs 2 ms, which only this needs

    return sha256(target.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _encoded(value: object) -> bytes:
    from stoker.modelserver.formats import encode_json  # noqa: PLC0415 - as above

    return encode_json(value)


def _text(said: bytes) -> str:
    return said[:1024].decode("utf-8", "replace").strip()
