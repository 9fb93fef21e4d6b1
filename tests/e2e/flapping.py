"""Copies, gateways and the control plane come and go under load, and every invocation is accounted for."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tests.e2e.counting_model import Worked, counting_handler, read_log
from tests.e2e.fault_stage import Stage, child, until
from tests.e2e.raw_clients import CUT, REFUSED, Call, RawLoad

NAME = "flapping"
MOST = 4
MODEL_ERROR = 424
_AROUND_KILL_S = 5.0


class Flapping:
    """One run: `events` counts what was done to the platform, `killed` has the copies' processes that were killed and when."""

    def __init__(self, stage: Stage, log: Path, *, seed: int = 1) -> None:
        self.stage = stage
        self.log = log
        self.chance = random.Random(seed)
        self.events: Counter[str] = Counter()
        self.killed: dict[int, float] = {}
        self.calls: list[Call] = []

    def open(self) -> None:
        """Make the endpoint and a component at zero, which demand may wake."""
        self.stage.open()
        self.stage.deploy(NAME, copies=0, handler=counting_handler(self.log, load_s=0.1))
        self.stage.allow_zero(NAME, most=MOST)

    async def run(self, seconds: float, *, clients: int = 10) -> None:
        """Do all kinds of harm, again and again for so long, then let everything come to rest at zero."""
        address = self.stage.server.address
        quick = RawLoad(address, NAME, clients=clients, seconds=0.02, pause_s=0.02, name="quick")
        slow = RawLoad(address, NAME, clients=2, seconds=0.6, name="slow")
        end = time.monotonic() + seconds
        async with quick.running(), slow.running():
            while True:
                for harm in self._round():
                    await asyncio.to_thread(harm)
                    if time.monotonic() > end and self.killed:
                        break
                    await quick.more(self.chance.randrange(5, 40))
                else:
                    continue
                break
            await quick.more(20)
        self.calls = quick.calls + slow.calls
        await asyncio.to_thread(self.set_copies, 0)
        await asyncio.to_thread(until, lambda: not self.stage.pids(NAME))

    def _round(self) -> list[Callable[[], None]]:
        """Give each kind of harm, between ups and downs from 0 to the most and back."""
        counts = [*range(1, MOST + 1), 2, 0, 3, 1]
        harms = [self.kill_copy, self.end_gateway, self.kill_control, self.kill_copy, self.end_gateway, self.kill_control]
        self.chance.shuffle(harms)
        steps: list[Callable[[], None]] = [lambda count=count: self.set_copies(count) for count in counts]  # type: ignore[misc]
        for harm in harms:
            steps.insert(self.chance.randrange(1, len(steps) + 1), harm)
        return steps

    # The harms.

    def set_copies(self, count: int) -> None:
        """Ask for another copy count, again when the control plane was killed meanwhile."""
        self.events[f"to {count} copies"] += 1

        def done() -> bool:
            try:
                self.stage.set_copies(NAME, count)
            except (ClientError, BotoCoreError):
                return False
            return True

        until(done, limit_s=60)
        if count == MOST:
            until(self._full, limit_s=60)
            self.events[f"{MOST} copies served"] += 1

    def _full(self) -> bool:
        with contextlib.suppress(OSError):  # a gateway that leaves, or no control plane
            return len(self.stage.in_service(NAME)) == MOST
        return False

    def kill_copy(self) -> None:
        """SIGKILL of a copy."""
        pids = sorted(self.stage.pids(NAME).values())
        if pids:
            victim = self.chance.choice(pids)
            with contextlib.suppress(ProcessLookupError):
                self.killed[victim] = time.monotonic()
                os.kill(victim, signal.SIGKILL)
                self.events["copy killed"] += 1

    def end_gateway(self) -> None:
        """SIGTERM of a gateway."""
        self._signal(f"gateway-{self.chance.randint(1, 2)}", signal.SIGTERM, "gateway ended")

    def kill_control(self) -> None:
        """SIGKILL of the control plane."""
        self._signal("control", signal.SIGKILL, "control plane killed")

    def _signal(self, name: str, number: int, event: str) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(until(lambda: child(self.stage.server.data, name)), number)
            self.events[event] += 1

    # The account.

    def account(self) -> "Account":
        """Say what became of every call."""
        return Account(self.calls, read_log(self.log), self.killed)


class Account:
    """What became of all calls. `wrong` has those that nothing excuses, each with the reason."""

    def __init__(self, calls: list[Call], worked: Worked, killed: dict[int, float]) -> None:
        self.worked = worked
        self.killed = killed
        self.counts: Counter[str] = Counter()
        self.wrong: list[tuple[str, Call]] = []
        for call in calls:
            fault = self._judge(call)
            if fault:
                self.wrong.append((fault, call))
        self.twice = [identity for identity, count in worked.begun.items() if count > 1]

    def _judge(self, call: Call) -> str:
        """Count a call; gives what is wrong with it."""
        if call.status == 200:
            self.counts["answered"] += 1
            right = call.answer == {"pid": self.worked.by.get(call.id), "id": call.id}
            return "" if right and self.worked.ended[call.id] == 1 else "a wrong answer"
        if call.status == MODEL_ERROR:
            self.counts["failed with its copy, which was killed"] += 1
            return "" if self._died_with_copy(call) else "a model error without a killed copy"
        kind = {CUT: "cut", REFUSED: "no connection"}.get(call.status, f"status {call.status}")
        self.counts[kind] += 1
        return kind

    def _died_with_copy(self, call: Call) -> bool:
        """Whether the copy that worked on it was killed, or, if none had begun it, some copy was while it was under way."""
        pid = self.worked.by.get(call.id)
        if pid is not None:
            return pid in self.killed
        return any(call.sent <= at <= call.answered <= at + _AROUND_KILL_S for at in self.killed.values())
