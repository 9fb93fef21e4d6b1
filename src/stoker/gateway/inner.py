"""The gateway's inner door: a unix socket on which the control plane sends the invocations that waited in its queue.

They take the way of all others, through routes, slots and counters; only nobody asks who sent them, because the socket lies in a
directory that only the server's own user can enter.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from stoker.config.settings import Gateway as GatewaySettings
from stoker.gateway.core import Core
from stoker.gateway.face import Face
from stoker.gateway.front import Front
from stoker.link.messages import Address

SWEEP_S: Final = 0.25
BACKLOG: Final = 1024


_NAME: Final = re.compile(r"g([0-9]+)\.sock")


def _clear(path: Path) -> None:
    """Remove what is there already, and the doors of gateways that were killed."""
    path.unlink(missing_ok=True)
    for other in path.parent.glob("g*.sock"):
        named = _NAME.fullmatch(other.name)
        if named is not None:
            try:
                os.kill(int(named[1]), 0)
            except ProcessLookupError:
                other.unlink(missing_ok=True)
            except PermissionError:  # it lives, and is another user's
                continue


class InnerDoor:
    """Serves `faces` on the unix socket `path`, bodies of up to `most_bytes`."""

    __slots__ = ("_core", "_front", "_path")

    def __init__(self, core: Core, settings: GatewaySettings, faces: Sequence[Face], path: Path, *, most_bytes: int) -> None:
        self._core = core
        self._path = path
        own = msgspec.structs.replace(settings, max_body_bytes=most_bytes)
        self._front = Front(core, own, faces, Address(socket=""), trusted=True)

    async def run(self) -> None:
        """Serve until cancelled. Once the gateway drains nobody comes in any more, and those who are in are served."""
        loop = asyncio.get_running_loop()
        _clear(self._path)
        server = await loop.create_unix_server(self._front.protocol, str(self._path), backlog=BACKLOG)
        try:
            while True:
                await asyncio.sleep(SWEEP_S)
                self._front.sweep()
                if self._core.draining and server.is_serving():
                    server.close()
                    self._path.unlink(missing_ok=True)
        finally:
            server.close()
            self._front.close()
            with contextlib.suppress(OSError):
                self._path.unlink()
