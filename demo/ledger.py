"""Adds up instance time while the demo runs, from the platform's own picture of itself (sampled, on the platform's clock)."""

import contextlib
import http.client
import threading
from types import TracebackType
from typing import Self

from demo.server import Server

EVERY_S = 0.1


class Ledger:
    """Samples how many instances an endpoint has; a context manager that samples while it is open."""

    def __init__(self, server: Server, endpoint: str) -> None:
        self.server = server
        self.endpoint = endpoint
        self.used_s = 0.0
        self.most = 0
        self._first_s: float | None = None
        self._last_s = 0.0
        self._count = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def always_on_s(self) -> float:
        """What the largest number of instances seen would have cost over the same time."""
        return 0.0 if self._first_s is None else self.most * (self._last_s - self._first_s)

    def __enter__(self) -> Self:
        """Begin to sample."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take the last sample and stop."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            going = not self._stop.wait(EVERY_S)
            # One sample missed costs little accuracy; a server that is being stopped is no reason for a traceback.
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._sample()

    def _sample(self) -> None:
        status = self.server.status()
        endpoint = next((e for e in status["endpoints"] if e["name"] == self.endpoint), None)
        if endpoint is None:
            return
        now_s = status["now_s"]
        if self._first_s is None:
            self._first_s = now_s
        else:
            self.used_s += self._count * (now_s - self._last_s)
        self._last_s = now_s
        self._count = endpoint["current_instances"]
        self.most = max(self.most, self._count)
