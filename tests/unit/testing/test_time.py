"""The clocks and the loop on virtual time."""

import asyncio
import time

import pytest

from stoker.errors import InvariantBrokenError
from stoker.testing.clock import EPOCH, LoopClock, ManualClock
from stoker.testing.loop import VirtualTimeLoop, run_virtually
from stoker.units import DAY, HOUR, MINUTE, SECOND


class TestManualClock:
    def test_it_stands_still_until_advanced(self) -> None:
        clock = ManualClock(speed=60.0)
        assert clock.now() == clock.now() == EPOCH
        assert clock.advance(MINUTE) == clock.now() == EPOCH + MINUTE
        assert clock.wall_s(MINUTE) == 1.0

    def test_it_never_goes_back(self) -> None:
        with pytest.raises(InvariantBrokenError):
            ManualClock().advance(-1)

    @pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
    def test_its_speed_is_positive(self, speed: float) -> None:
        with pytest.raises(InvariantBrokenError):
            ManualClock(speed=speed)


def test_hours_of_sleep_take_no_time() -> None:
    async def main() -> tuple[float, int]:
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop)
        await asyncio.sleep(clock.wall_s(3 * DAY))
        return loop.time(), clock.now()

    begun = time.monotonic()
    assert run_virtually(main()) == (3 * 86_400.0, EPOCH + 3 * DAY)
    assert time.monotonic() - begun < 5


def test_sleepers_wake_in_order_and_at_their_time() -> None:
    woken: list[tuple[str, int]] = []

    async def sleeper(clock: LoopClock, name: str, span: int, times: int) -> None:
        for _ in range(times):
            await asyncio.sleep(clock.wall_s(span))
            woken.append((name, (clock.now() - EPOCH) // SECOND))

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop())
        async with asyncio.TaskGroup() as group:
            group.create_task(sleeper(clock, "slow", HOUR, 1))
            group.create_task(sleeper(clock, "fast", 25 * MINUTE, 3))

    run_virtually(main())
    assert woken == [("fast", 1500), ("fast", 3000), ("slow", 3600), ("fast", 4500)]


def test_a_thousand_tenths_are_a_hundred() -> None:
    async def main() -> int:
        clock = LoopClock(asyncio.get_running_loop())
        for _ in range(1000):
            await asyncio.sleep(0.1)
        return clock.now() - EPOCH

    assert run_virtually(main()) == 100 * SECOND


def test_timeouts_expire_in_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(600):
                await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    assert run_virtually(main()) == 600.0


def test_threads_are_waited_for() -> None:
    async def main() -> int:
        return await asyncio.to_thread(sum, [1, 2, 3])

    assert run_virtually(main()) == 6


def test_a_wait_that_nothing_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stoker.testing.loop._THREADS_WAIT_S", 0.01)
    loop = VirtualTimeLoop()
    waiting = loop.create_future()
    try:
        with pytest.raises(InvariantBrokenError, match="no timer"):
            loop.run_until_complete(waiting)
    finally:
        loop.close()
