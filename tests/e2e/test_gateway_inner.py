"""A gateway's inner door: nobody is asked who they are there, and nothing is held; doors of killed gateways are cleared away."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from stoker.config.settings import Gateway
from stoker.control.inner_call import Answer, NotReachedError, call
from stoker.domain.ids import Partition
from stoker.domain.states import AtZero
from stoker.gateway.core import Core
from stoker.gateway.face import Denied
from stoker.gateway.head import Head
from stoker.gateway.inner import InnerDoor
from stoker.link.messages import ClockRate, Keyring, RoutingTable, Welcome
from stoker.units import Instant
from stoker.wire.aws.inner_face import InnerFace


class Nobody:
    """Lets nobody in."""

    def __call__(self, head: Head, *, body_sha256: str, now: Instant) -> Denied:  # noqa: ARG002 - an authenticator's
        return Denied(kind="AccessDenied", message="Nobody is let in.")

    def recurring(self, head: Head, names: Sequence[bytes], leads: Sequence[bytes]) -> None:
        """Check nothing sooner."""

    def permits(self, name: str, endpoint: str, now: Instant) -> Denied:  # noqa: ARG002 - an authenticator's
        """Allow nothing."""
        return Denied(kind="AccessDenied", message="Nobody may.")


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Give the door of a gateway that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    door = tmp_path / f"g{ended.pid}.sock"
    door.touch()
    return door


async def sent(door: Path, body: bytes) -> Answer:
    """Send an invocation as soon as the door is open."""
    async with asyncio.timeout(5):
        while True:
            try:
                return await call(door, "nobody", {"x-stoker-timeout-seconds": "1"}, body, len(body), lambda _: None)
            except NotReachedError:
                await asyncio.sleep(0.005)


async def test_it_asks_nobody_and_says_why_it_refuses(tmp_path: Path, left: Path) -> None:
    mine = tmp_path / "g1.sock"
    async with asyncio.TaskGroup() as group:
        core = Core(
            gateway="g",
            settings=Gateway(),
            at_zero=AtZero.HOLD,
            authenticator_factory=lambda _: Nobody(),
            loop=asyncio.get_running_loop(),
            spawn=group.create_task,
        )
        core.welcomed(Welcome(clock=ClockRate(monotonic_ns=0, started=0), keys=Keyring()))
        core.replace(RoutingTable(version=1))
        door = InnerDoor(core, Gateway(), [InnerFace(Partition())], mine, most_bytes=100)
        task = group.create_task(door.run())
        answer = await sent(mine, b"x")
        assert answer.reason == "unknown endpoint"
        assert b"not found" in answer.told
        assert (await sent(mine, b"x" * 101)).reason == "body too large"
        assert not left.exists()  # noqa: ASYNC240 - it takes no time
        task.cancel()
    core.close()
    assert not mine.exists()
