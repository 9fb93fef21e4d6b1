from stoker.engine.clockwork import Clockwork


def test_what_is_due_comes_out_in_order_of_time() -> None:
    clockwork = Clockwork()
    clockwork.set("a", "x", 30)
    clockwork.set("a", "y", 10)
    clockwork.set("b", "x", 20)
    assert clockwork.next() == 10
    assert clockwork.due(20) == [("a", "y"), ("b", "x")]
    assert clockwork.due(20) == []
    assert clockwork.next() == 30


def test_setting_again_moves_a_deadline_either_way() -> None:
    clockwork = Clockwork()
    clockwork.set("a", "x", 10)
    clockwork.set("a", "x", 30)
    assert (clockwork.due(20), clockwork.next()) == ([], 30)
    clockwork.set("a", "x", 5)
    assert clockwork.due(40) == [("a", "x")]
    assert clockwork.next() is None


def test_hastening_keeps_the_earlier_of_two_deadlines() -> None:
    clockwork = Clockwork()
    clockwork.hasten("a", "x", 10)
    clockwork.hasten("a", "x", 30)
    assert clockwork.next() == 10
    clockwork.hasten("a", "x", 5)
    assert clockwork.due(5) == [("a", "x")]


def test_a_cancelled_deadline_never_comes() -> None:
    clockwork = Clockwork()
    clockwork.set("a", "x", 10)
    clockwork.cancel("a", "x")
    clockwork.cancel("a", "never set")
    assert (clockwork.next(), clockwork.due(100)) == (None, [])
    clockwork.set("a", "x", 10)
    assert clockwork.due(100) == [("a", "x")]


def test_a_deadline_moved_a_million_times_takes_no_memory() -> None:
    clockwork = Clockwork()
    for at in range(100_000):
        clockwork.set("woken", "ic/a", at)
    assert len(clockwork._heap) < 1000  # noqa: SLF001 - memory is what this is about
    assert clockwork.due(99_999) == [("woken", "ic/a")]
