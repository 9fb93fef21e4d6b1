from stoker.domain.ids import CopyId
from stoker.gateway.copies import Copy
from stoker.gateway.outliers import COOL_S, FAILURES, MOST_COOL_S, failed
from stoker.link.messages import Address, CopyRoute


def copies(count: int) -> list[Copy]:
    return [Copy(CopyRoute(copy_id=CopyId(f"c{number}"), address=Address(socket="/s"))) for number in range(count)]


def fail(bad: Copy, all_: list[Copy], now: float, times: int = FAILURES) -> bool:
    """Let one fail so often, while the others answer."""
    told = []
    for _ in range(times):
        told.append(failed(bad, all_, now, 1))
        for one in all_:
            if not one.failures:
                one.good_ns = 2
    return True in told


def test_one_that_fails_alone_is_put_aside_and_tried_again() -> None:
    every = copies(3)
    assert not fail(every[0], every, 0.0, FAILURES - 1)
    assert fail(every[0], every, 0.0, 1)
    assert [one.usable(0.0) for one in every] == [False, True, True]
    assert every[0].usable(COOL_S)


def test_what_fails_again_rests_longer_up_to_a_bound() -> None:
    every = copies(3)
    now, rests = 0.0, []
    for _ in range(6):
        assert fail(every[0], every, now)
        rests.append(every[0].broken_until - now)
        now = every[0].broken_until
    assert rests == [5.0, 10.0, 20.0, 40.0, MOST_COOL_S, MOST_COOL_S]


def test_copies_that_all_fail_all_stay() -> None:
    every = copies(3)
    for _ in range(2 * FAILURES):
        assert not any(failed(one, every, 0.0, 1) for one in every)


def test_neighbours_that_were_not_asked_meanwhile_say_nothing() -> None:
    every = copies(3)
    assert not any(failed(every[0], every, 0.0, 1) for _ in range(2 * FAILURES))
    every[1].good_ns = 2
    assert failed(every[0], every, 0.0, 1)


def test_the_last_copy_stays() -> None:
    every = copies(1)
    assert not fail(every[0], every, 0.0, 3 * FAILURES)


def test_at_most_half_are_aside() -> None:
    every = copies(5)
    assert [fail(one, every, 0.0) for one in every[:4]] == [True, True, False, False]
