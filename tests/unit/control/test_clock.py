from stoker.control.clock import RandomIds, RateClock
from stoker.link.messages import ClockRate
from stoker.units import SECOND


def test_a_fast_clock_runs_ahead_and_tells_real_seconds() -> None:
    clock = RateClock(ClockRate(monotonic_ns=0, started=5 * SECOND, speed=60.0))
    first = clock.now()
    assert clock.now() >= first > 5 * SECOND
    assert clock.wall_s(60 * SECOND) == 1.0
    assert clock.rate.at(2 * SECOND) == 125 * SECOND


def test_ids_have_the_documented_forms_and_differ() -> None:
    ids = RandomIds()
    assert (len(ids.uuid()), len(ids.token())) == (36, 17)
    assert int(ids.token(), 16) >= 0
    assert len({ids.token() for _ in range(100)}) == 100
