import pytest

from stoker.domain.ids import CopyId
from stoker.gateway.copies import AHEAD, MAX_OUTSTANDING, MAX_PATH, MAX_STARTS, QUICK_NS, RAMP_FROM, RAMP_S, WINDOW, Copy, share
from stoker.link.messages import Address, CopyRoute


def copy(slots: int = 0) -> Copy:
    return Copy(CopyRoute(copy_id=CopyId("c"), address=Address(socket="/s"), slots=slots))


def room(one: Copy, now: float) -> int:
    """Give how many that waited it would get at once."""
    one.outstanding = 0
    while one.paced(now):
        one.outstanding += 1
    return one.outstanding


def test_a_copy_with_slots_gets_so_many() -> None:
    one = copy(3)
    assert (one.limit, room(one, 0.0)) == (3, 3)
    assert not one.usable(0.0)


def test_one_that_answers_quickly_may_have_some_ahead() -> None:
    one = copy(3)
    one.took(QUICK_NS - 1)
    assert one.limit == 3 + AHEAD
    one.took(QUICK_NS)
    assert one.limit == 3


def test_one_without_slots_is_bounded_by_connections_and_what_waited_comes_bit_by_bit() -> None:
    one = copy()
    one.took(1)
    assert one.limit == MAX_OUTSTANDING
    assert [room(one, step * RAMP_S) for step in range(4)] == [RAMP_FROM, 2 * RAMP_FROM, WINDOW, WINDOW]
    assert room(one, 1e6) == WINDOW


@pytest.mark.parametrize("slots", [0, 2])
def test_one_that_was_put_aside_gets_nothing(slots: int) -> None:
    one = copy(slots)
    one.broken_until = 5.0
    assert not one.paced(4.0)
    assert not one.usable(4.0)
    assert one.paced(5.0)


@pytest.mark.parametrize(
    ("slots", "gateways", "elsewhere", "left"),
    [
        pytest.param(4, 1, 0, 4, id="alone"),
        pytest.param(4, 2, 0, 4, id="the other is idle"),
        pytest.param(4, 2, 1, 3, id="the other uses one"),
        pytest.param(4, 2, 4, 2, id="the other uses all: an even part"),
        pytest.param(7, 2, 9, 3, id="an even part, rounded down"),
        pytest.param(1, 2, 1, 1, id="one at least"),
        pytest.param(2, 8, 2, 1, id="more gateways than slots"),
        pytest.param(0, 2, 5, 0, id="nobody knows"),
    ],
)
def test_gateways_share_a_copys_slots(slots: int, gateways: int, elsewhere: int, left: int) -> None:
    one = copy(slots)
    share(one, gateways, elsewhere)
    assert (one.slots, one.limit) == (left, left or MAX_OUTSTANDING)
    share(one, 1, 0)
    assert one.slots == slots


def test_what_quick_copies_may_have_ahead_is_shared_too() -> None:
    one = copy(4)
    one.took(QUICK_NS - 1)
    share(one, 2, 2)
    assert one.limit == 2 + AHEAD // 2
    share(one, 16, 4)
    assert one.limit == one.slots == 1
    one.took(QUICK_NS - 1)
    assert one.limit == 1


def test_few_beginnings_of_requests_are_remembered() -> None:
    one = Copy(CopyRoute(copy_id=CopyId("c"), address=Address(port=7)))
    for number in range(3 * MAX_STARTS):
        path = f"/v1/x?{number}"
        assert one.head_for(path) == f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:7\r\n".encode()
        assert one.starts[path] == one.head_for(path)
        assert len(one.starts) <= MAX_STARTS
    for path, method in (("/v1/x?0", "GET"), ("/" + "x" * MAX_PATH, "POST")):
        assert one.head_for(path, method).startswith(f"{method} {path} ".encode())
        assert path not in one.starts
