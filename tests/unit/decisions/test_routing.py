import random
import zlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoker.decisions.routing import choose_by_name, choose_copy, choose_weighted, concurrency
from stoker.domain.models import Container
from stoker.domain.states import RoutingStrategy

LEAST = RoutingStrategy.LEAST_OUTSTANDING_REQUESTS
RANDOM = RoutingStrategy.RANDOM


def test_weights_share_the_traffic() -> None:
    rng = random.Random(1)
    seen = Counter(choose_weighted([3.0, 1.0, 0.0], rng) for _ in range(4000))
    assert set(seen) == {0, 1}
    assert 2850 < seen[0] < 3150


def test_all_weights_zero_share_alike() -> None:
    rng = random.Random(1)
    seen = Counter(choose_weighted([0.0, 0.0], rng) for _ in range(1000))
    assert min(seen.values()) > 400


class Almost:
    """Draws the largest number there is."""

    def random(self) -> float:
        return 1.0 - 2**-53

    def randrange(self, stop: int, /) -> int:
        return stop - 1


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.integers())
def test_a_choice_never_falls_on_no_weight(weights: list[float], seed: int) -> None:
    for rng in (random.Random(seed), Almost()):
        chosen = choose_weighted(weights, rng)
        assert weights[chosen] > 0 or sum(weights) == 0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers())
def test_least_outstanding_takes_one_of_the_least(outstanding: list[int], seed: int) -> None:
    assert outstanding[choose_copy(LEAST, outstanding, random.Random(seed))] == min(outstanding)


@pytest.mark.parametrize(
    ("strategy", "outstanding", "reached"),
    [
        pytest.param(LEAST, [1, 0, 2, 0, 0], {1, 3, 4}, id="ties by lot"),
        pytest.param(RANDOM, [9, 0, 9], {0, 1, 2}, id="random looks at no load"),
    ],
)
def test_every_candidate_is_reached(strategy: RoutingStrategy, outstanding: list[int], reached: set[int]) -> None:
    rng = random.Random(2)
    assert {choose_copy(strategy, outstanding, rng) for _ in range(200)} == reached


def test_nothing_to_choose_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="weights"):
        choose_weighted([], random.Random(0))
    with pytest.raises(ValueError, match="outstanding"):
        choose_copy(RANDOM, [], random.Random(0))


@pytest.mark.parametrize(
    ("image", "environment", "slots"),
    [
        pytest.param("stoker/python", {}, 1, id="the built-in server has one worker"),
        pytest.param("stoker/python:1", {"SAGEMAKER_MODEL_SERVER_WORKERS": "4"}, 4, id="or says how many"),
        pytest.param("vllm", {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}, 0, id="others may do more than their workers"),
        pytest.param("vllm", {"STOKER_COPY_CONCURRENCY": "32"}, 32, id="and say so in their own way"),
        pytest.param("stoker/python", {"STOKER_COPY_CONCURRENCY": "0"}, 0, id="no bound"),
        pytest.param("vllm", {"STOKER_COPY_CONCURRENCY": "9999"}, 1024, id="at most"),
        pytest.param("vllm", {"STOKER_COPY_CONCURRENCY": "many"}, 0, id="no number"),
    ],
)
def test_how_many_invocations_a_copy_works_on(image: str, environment: dict[str, str], slots: int) -> None:
    assert concurrency(Container(image=image, environment=environment)) == slots


def test_names_are_spread_over_copies_and_each_keeps_its_own() -> None:
    seeds = [zlib.crc32(f"copy-{number}".encode()) for number in range(5)]
    names = [f"model-{number}.tar.gz".encode() for number in range(1000)]
    chosen = [choose_by_name(name, seeds, [0] * 5) for name in names]
    assert min(Counter(chosen).values()) > 120
    fewer = [choose_by_name(name, seeds[:4], [0] * 4) for name in names]
    assert all(before in {after, 4} for before, after in zip(chosen, fewer, strict=True)), "only those of the lost copy move"


def test_a_busy_copy_has_its_models_served_by_the_next() -> None:
    seeds = [1, 2, 3]
    first = choose_by_name(b"m", seeds, [0, 0, 0])
    others = [0, 0, 0]
    others[first] = 4
    assert choose_by_name(b"m", seeds, others) == first
    others[first] = 20
    second = choose_by_name(b"m", seeds, others)
    assert second != first
    assert choose_by_name(b"m", seeds, [20, 20, 20]) == first
    with pytest.raises(ValueError, match="seeds"):
        choose_by_name(b"m", [], [])
