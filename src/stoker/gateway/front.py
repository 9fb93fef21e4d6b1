"""The gateway's public side: its connections, and which requests are invocations, which are relayed."""

import asyncio
import os
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import msgspec

from stoker.config.settings import Gateway as GatewaySettings
from stoker.gateway.connection import Connection
from stoker.gateway.core import Core
from stoker.gateway.express import Express
from stoker.gateway.face import Face, Subject
from stoker.gateway.head import Head
from stoker.gateway.invocation import Run
from stoker.gateway.patience import RETRY_AFTER_S
from stoker.gateway.reading import Request
from stoker.gateway.reasons import Reason, Refusal
from stoker.gateway.relay import Relay, relay_failure
from stoker.gateway.server import ClientConnection
from stoker.link.messages import Address

STATUS_PATH: Final = "/stoker/gateway"
PRIVATE_PATHS: Final = frozenset({STATUS_PATH, "/stoker/status", "/stoker/requests"})
"""Pages that tell more than a stranger should know: they quote models' logs, and they are not signed for."""


class Front:
    """All client connections of one gateway; a `Host` for each. Those of a `trusted` front are not asked who they are."""

    def __init__(
        self,
        core: Core,
        settings: GatewaySettings,
        faces: Sequence[Face],
        control: Address,
        *,
        public: bool = False,
        trusted: bool = False,
    ) -> None:
        self._core = core
        self._faces = tuple(faces)
        for face in faces:
            face.know(core.names)
        self._control = control
        self._connections: set[Connection] = set()
        self.express = Express(
            core,
            () if trusted else faces,  # the short way asks who sent a request
            max_body=settings.max_body_bytes,
            max_head=settings.max_head_bytes,
            wait_s=settings.head_timeout_s,
        ).take
        self._max_connections = settings.max_connections
        self._max_body = settings.max_body_bytes
        self._max_relayed = settings.max_relayed_bytes
        self.max_head_bytes = settings.max_head_bytes
        self.head_timeout_s = settings.head_timeout_s
        self.idle_timeout_s = settings.idle_timeout_s
        self.next_timeout_s = settings.idle_timeout_s
        self.min_body_rate = settings.min_body_rate
        self.draining = False
        self._public = public
        self._trusted = trusted
        self.reading_bytes = 0
        self.reading_limit = max(settings.max_held_bytes, 4 * settings.max_body_bytes)

    def protocol(self) -> ClientConnection:
        """Make the protocol of a new connection."""
        return ClientConnection(self, asyncio.get_running_loop())

    def opened(self, connection: Connection) -> bool:
        """Count a new connection; False when there are too many."""
        self._connections.add(connection)
        return len(self._connections) <= self._max_connections

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    def face_for(self, head: Head) -> Face | None:
        """Give the face that claims a request, None for one to relay."""
        for face in self._faces:
            if face.claims(head):
                return face
        return None

    def body_limit(self, face: Face | None) -> int:
        """Give the largest body in bytes."""
        return self._max_relayed if face is None else self._max_body

    def begin(self, connection: Connection, request: Request) -> None:
        """Begin to serve a request."""
        face = request.face
        if face is not None:
            connection.handler = run = Run(self._core, connection, face, request.take(), request.started_ns)
            run.trusted = self._trusted
            run.head = request.head
            run.begin()
        elif self._public and unquote(request.head.path) in PRIVATE_PATHS:
            reply = relay_failure(403, "AccessDeniedException", "This page is for the server's own machine: `stoker status`.")
            connection.writer.whole(reply.status, reply.headers + self._core.date_line, reply.body)
        elif request.head.path == STATUS_PATH and request.head.method == "GET" and request.complete:
            connection.writer.whole(200, b"content-type: application/json\r\n", self._status())
        else:
            relay = Relay(self._core, connection, request, self._control)
            connection.handler = relay
            relay.begin()

    def refuse_size(self, connection: Connection, request: Request, *, overloaded: bool) -> None:
        """Answer a request whose body is too large, or finds no room."""
        if request.face is None:
            reply = relay_failure(413, "RequestEntityTooLargeException", f"A request has at most {request.limit} bytes.")
        else:
            reason = Reason.OVERLOADED if overloaded else Reason.BODY_TOO_LARGE
            refusal = Refusal(reason=reason, limit=request.limit, retry_after_s=RETRY_AFTER_S if overloaded else 0)
            reply = request.face.refusal(refusal, Subject(request_id=self._core.request_id().decode()))
        connection.writer.whole(reply.status, reply.headers + self._core.date_line, reply.body)

    def sweep(self) -> None:
        """Close, answer or cut the connections whose deadline has passed."""
        now = self._core.now()
        for connection in [one for one in self._connections if one.deadline <= now]:
            connection.expire()

    def drain(self, quiet_s: float = 0.0) -> None:
        """Let every connection end with its next reply; one on which no request comes for `quiet_s` closes without."""
        self.draining = self._core.draining = True
        self.next_timeout_s = min(quiet_s, self.idle_timeout_s)
        for connection in list(self._connections):
            connection.close_if_idle(after_s=self.next_timeout_s)

    @property
    def idle(self) -> bool:
        """Whether no request is under way."""
        return not self._core.runs and not any(one.request is not None for one in self._connections)

    @property
    def empty(self) -> bool:
        """Whether no request is under way, and no client is connected that may send one."""
        return self.idle and not self._connections

    def close(self) -> None:
        """Cut every connection."""
        for connection in list(self._connections):
            connection.abort()

    def _status(self) -> bytes:
        core = self._core
        return msgspec.json.encode(
            {
                "pid": os.getpid(),
                "gateway": core.gateway,
                "table_version": core.routes.version,
                "link": "up" if core.linked else "down",
                "in_flight": core.tracker.in_flight,
                "held": core.holding.held,
                "held_bytes": core.holding.bytes,
                "reading_bytes": self.reading_bytes,
                "connections": len(self._connections),
                "draining": self.draining,
            }
        )
