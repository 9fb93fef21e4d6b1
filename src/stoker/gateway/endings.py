"""Finds out why an environment ended under an invocation: the control plane tells with the route that no longer has it."""

import asyncio
from typing import Final

from stoker.domain.ids import CopyId
from stoker.gateway.routes import Workload

PATIENCE_S: Final = 2.0
"""Seconds that a client waits for the reason, at most, once its invocation has failed."""
_LOOK_S: Final = 0.02
_EXITED: Final = "An error occurred while handling request as the model process exited."


async def reason(workload: Workload, copy_id: CopyId) -> bytes:
    """Give the sentence that the model's failure is told with; empty when nobody knows more than that it was lost."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                route = workload.route.serverless
                if route is None or route.ended_copy == copy_id:
                    break
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        return b""
    return b"" if route is None else f"{_EXITED} {route.ended_why}".encode()
