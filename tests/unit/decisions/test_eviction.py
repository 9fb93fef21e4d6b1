"""Who makes way: what is worth least, and nobody for nothing."""

import pytest

from stoker.decisions.eviction import (
    LEAST_TURN,
    EvictionOptions,
    Place,
    Resident,
    Use,
    Valuation,
    choose,
    worth,
)
from stoker.domain.instances import InstanceShape
from stoker.units import MINUTE, SECOND

NOW = 1_000_000 * SECOND


def shape(memory_mb: int, accelerators: float = 0.0) -> InstanceShape:
    return InstanceShape(cpus=0.0, memory_mb=memory_mb, accelerators=accelerators)


def resident(name: str, memory_mb: int, value: float = 1.0, *, busy: bool = False, goes_in: float | None = 0.0) -> Resident:
    goes_at = None if goes_in is None else NOW + round(goes_in * SECOND)
    return Resident(name=name, frees=shape(memory_mb), value=value, busy=busy, goes_at=goes_at)


def went(need: int, *places: Place) -> tuple[str | None, list[str]]:
    choice = choose(shape(need), places, NOW)
    return choice.place, [v.name for v in choice.victims]


def test_the_one_worth_least_goes() -> None:
    place = Place(
        name="i", free=shape(100), residents=(resident("a", 500, 3.0), resident("b", 500, 1.0), resident("c", 500, 2.0))
    )
    assert went(600, place) == ("i", ["b"])
    assert went(1100, place) == ("i", ["b", "c"])
    assert went(100, place) == ("i", [])


def test_nobody_goes_who_need_not() -> None:
    place = Place(name="i", free=shape(0), residents=(resident("small", 100, 1.0), resident("large", 900, 2.0)))
    assert went(900, place) == ("i", ["large"])
    assert went(1000, place) == ("i", ["small", "large"])


def test_idle_ones_go_before_busy_ones_and_the_cheaper_place_is_taken() -> None:
    busy = Place(name="1", free=shape(0), residents=(resident("a", 500, 0.1, busy=True),))
    dear = Place(name="2", free=shape(0), residents=(resident("b", 500, 9.0),))
    cheap = Place(name="3", free=shape(0), residents=(resident("c", 500, 8.0), resident("d", 500, 7.0)))
    assert went(500, busy, dear, cheap) == ("3", ["d"])
    assert went(500, busy, dear) == ("2", ["b"])
    assert went(500, busy) == ("1", ["a"])


def test_when_to_choose_again_is_when_enough_may_go() -> None:
    place = Place(
        name="i",
        free=shape(0),
        residents=(resident("a", 500, goes_in=3), resident("b", 500, goes_in=7), resident("c", 500, goes_in=None)),
    )
    assert choose(shape(500), [place], NOW).again == NOW + 3 * SECOND
    assert choose(shape(1000), [place], NOW).again == NOW + 7 * SECOND
    never = choose(shape(1001), [place], NOW)
    assert (never.place, never.again) == (None, None)


def test_every_resource_has_to_fit() -> None:
    device = Resident(name="gpu", frees=shape(100, 1.0), value=5.0, goes_at=NOW)
    memory = Resident(name="ram", frees=shape(900), value=1.0, goes_at=NOW)
    place = Place(name="i", free=shape(100), residents=(device, memory))
    assert [v.name for v in choose(shape(200, 1.0), [place], NOW).victims] == ["gpu"]
    assert choose(shape(200, 2.0), [place], NOW).place is None


def test_worth_is_uses_times_loading_by_size_on_an_ageing_clock() -> None:
    use = Use().again(8, NOW, 0.0, MINUTE)
    told = worth(use, start_time=6 * SECOND, memory_mb=2048, copies=2, now=NOW)
    assert told.value == 8 / 2 * 6 / 2
    assert told.words == "worth 12: 4 uses of late x 6 s to load / 2 GB"
    assert worth(use, start_time=6 * SECOND, memory_mb=2048, copies=1, now=NOW + MINUTE * 15).value == pytest.approx(12)
    aged = Use().again(1, NOW, 20.0, MINUTE)
    assert worth(aged, start_time=SECOND, memory_mb=1024, copies=1, now=NOW).words.endswith("1 GB + 20 for its age")
    assert worth(aged, start_time=SECOND, memory_mb=1024, copies=1, now=NOW).value > told.value


def test_lru_goes_by_the_last_use_alone() -> None:
    options = EvictionOptions(valuation=Valuation.LRU)
    early, late = Use().again(99, NOW, 0.0, MINUTE), Use().again(1, NOW + SECOND, 0.0, MINUTE)
    values = [worth(u, start_time=SECOND, memory_mb=1, copies=1, now=NOW + SECOND, options=options) for u in (early, late)]
    assert values[0].value < values[1].value
    assert [v.words for v in values] == ["last used 1 s ago", "last used 0 s ago"]


@pytest.mark.parametrize(
    ("busy", "used_s", "waits_s", "goes_s"),
    [
        pytest.param(False, None, 0, 5, id="idle: its residence from when it was ready"),
        pytest.param(False, 0, 100, 5, id="idle, though the other came late"),
        pytest.param(False, 20, 0, 22, id="used of late: a pause from then"),
        pytest.param(False, 39, 0, 40, id="used of late, until its turn is over"),
        pytest.param(True, 0, -50, 40, id="busy: its turn from when it was ready"),
        pytest.param(True, 0, 100, 140, id="busy: its turn from when the other came"),
    ],
)
def test_how_long_a_copy_stays(*, busy: bool, used_s: int | None, waits_s: int, goes_s: int) -> None:
    options = EvictionOptions(residence=0.5, pause=0.2, turn=4)
    used = 0 if used_s is None else NOW + used_s * SECOND
    at = options.goes_at(ready=NOW, used=used, start_time=10 * SECOND, waits_since=NOW + waits_s * SECOND, busy=busy)
    assert at == NOW + goes_s * SECOND


def test_no_turn_is_longer_than_the_longest_and_none_so_short_that_nobody_is_served() -> None:
    options = EvictionOptions(residence=9, turn=4, longest_turn=60 * SECOND)
    assert options.turn_of(MINUTE) == options.residence_of(MINUTE) == MINUTE
    none = EvictionOptions(residence=0, turn=0)
    assert none.goes_at(ready=NOW, used=0, start_time=MINUTE, waits_since=NOW, busy=True) == NOW + LEAST_TURN
    assert none.goes_at(ready=NOW, used=0, start_time=MINUTE, waits_since=NOW, busy=False) == NOW
