"""The listening socket: a unix socket's path or a TCP address."""

from __future__ import annotations

import _socket
import os
from stat import S_ISSOCK

from stoker.modelserver.settings import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stoker.modelserver.settings import Settings

BACKLOG = 1024


class Listener:
    """A listening, non-blocking socket and where it listens, in words."""

    __slots__ = ("_inode", "path", "sock", "tcp", "where")

    def __init__(self, settings: Settings) -> None:
        """Bind and listen; raises `SettingsError` that says where it was not possible."""
        self.path = settings.socket
        self.tcp = not self.path
        self._inode = 0
        self.where = self.path or f"{settings.host}:{settings.port}"
        family = _socket.AF_UNIX
        if self.tcp:
            family = _socket.AF_INET6 if ":" in settings.host else _socket.AF_INET
        self.sock = _socket.socket(family, _socket.SOCK_STREAM)
        try:
            if self.tcp:
                self.sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
                self.sock.bind((settings.host, settings.port))
                self.where = f"{settings.host}:{self.sock.getsockname()[1]}"
            else:
                _remove_stale(self.path)
                umask = os.umask(0o177)  # no other thread runs yet, so nobody else is surprised by it
                try:
                    self.sock.bind(self.path)
                finally:
                    os.umask(umask)
                self._inode = os.stat(self.path).st_ino
            self.sock.listen(BACKLOG)
        except OSError as error:
            self.sock.close()
            message = f"cannot listen on {self.where}: {error.strerror or error}"
            raise SettingsError(message) from None
        self.sock.setblocking(False)  # noqa: FBT003 - the socket API

    def accept(self) -> int:
        """Give the descriptor of the next connection; raises OSError, BlockingIOError if there is none."""
        fd, _address = self.sock._accept()  # type: ignore[attr-defined] # noqa: SLF001 - what `socket.accept` is made of
        return int(fd)

    def close(self) -> None:
        """Stop listening and remove the unix socket's file, unless somebody else's has taken its place."""
        self.sock.close()
        self.remove()

    def remove(self) -> None:
        """Remove the unix socket's file only, so that nobody new comes; safe from any thread."""
        if self._inode:
            try:
                if os.stat(self.path).st_ino == self._inode:
                    os.unlink(self.path)
            except OSError:
                return


def _remove_stale(path: str) -> None:
    """Remove a socket file on which nobody listens any more; one in use stays and makes `bind` fail."""
    try:
        if not S_ISSOCK(os.stat(path).st_mode):
            return
    except OSError:
        return
    probe = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        probe.connect(path)
    except ConnectionRefusedError:
        os.unlink(path)
    except OSError:
        return
    finally:
        probe.close()
