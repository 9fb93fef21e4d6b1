"""When policies look, and how long ago there was something to do."""

from stoker.decisions.policies.follower import Activity, Looks, Seen


def looks_at(looks: Looks, *nows: int) -> list[int]:
    """Ask at these instants, waiting for the next look each time; gives those at which one was due."""
    due = []
    for now in nows:
        if looks.due(now):
            due.append(now)
        looks.ask(now)
    return due


def test_the_first_look_is_a_period_after_the_beginning() -> None:
    looks = Looks(60)
    looks.begin(100)
    assert looks.ask(100) == 160
    assert looks_at(looks, 130, 160, 160, 161, 219, 220) == [160, 220]
    assert looks.ask(221) == 280


def test_a_late_look_puts_off_the_next() -> None:
    looks = Looks(60)
    assert looks_at(looks, 100, 165, 220, 225) == [165, 225], "it began when it was asked first"


def test_looks_that_nobody_waited_for_have_passed() -> None:
    looks = Looks(60)
    looks.begin(100)
    assert not looks.due(990)
    assert looks.ask(990) == 100 + 15 * 60
    looks = Looks(60)
    looks.begin(100)
    assert looks.due(100 + 15 * 60)
    assert not looks.due(100 + 15 * 60)


def test_after_an_end_it_begins_anew() -> None:
    looks = Looks(60)
    looks.begin(100)
    looks.end()
    assert not looks.due(160)
    assert looks.ask(160) == 220


def seen(now: int, demand: int, peak: int = 0) -> Seen:
    return Seen(now=now, in_flight=demand, peak=max(peak, demand))


def test_activity_ends_when_nothing_is_in_flight_any_more() -> None:
    activity = Activity()
    told = [activity.note(seen(now, demand)) for now, demand in ((5, 0), (6, 0), (9, 1), (12, 1), (15, 0), (20, 0))]
    assert told == [5, 5, 9, 12, 15, 15]


def test_what_came_and_went_unseen_ended_when_it_was_told_of() -> None:
    activity = Activity()
    assert [activity.note(each) for each in (seen(5, 0), seen(8, 0, peak=3), seen(50, 0))] == [5, 8, 8]
