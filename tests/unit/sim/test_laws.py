import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoker.errors import InvalidParameterError
from stoker.sim.laws import Empirical, Fixed, Normal, parse_law
from stoker.units import SECOND


@pytest.mark.parametrize(
    ("text", "law"),
    [
        pytest.param("60", Fixed(value_s=60), id="bare"),
        pytest.param("fixed:0.5", Fixed(value_s=0.5), id="fixed"),
        pytest.param("normal:mean=60,sd=5", Normal(center_s=60, sd_s=5), id="normal"),
        pytest.param(
            "empirical:p50=20,p100=60",
            Empirical(shares=(0.0, 0.5, 1.0), values_s=(20, 20, 60)),
            id="least-stands-for-what-is-below",
        ),
    ],
)
def test_laws_are_read(text: str, law: object) -> None:
    assert parse_law(text, "--cold-start") == law


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("soon", "is no law and no file", id="word"),
        pytest.param("-1", "not between 0", id="below-zero"),
        pytest.param("fixed:x", "is not a number", id="fixed-word"),
        pytest.param("fixed:nan", "not between 0", id="nan"),
        pytest.param("normal:mean=60", "normal:mean=60,sd=5", id="no-sd"),
        pytest.param("normal:mean=1,mean=2", "of its own", id="twice"),
        pytest.param("empirical:q5=1", "is no quantile", id="no-quantile"),
        pytest.param("empirical:p5=9,p50=2", "do not ascend", id="descending"),
        pytest.param("file:/nowhere/at/all", "No such file", id="no-file"),
    ],
)
def test_what_is_no_law_is_told(text: str, told: str) -> None:
    with pytest.raises((InvalidParameterError, FileNotFoundError), match=told):
        parse_law(text, "--cold-start")


def test_a_file_of_samples(tmp_path: Path) -> None:
    path = tmp_path / "starts"
    path.write_text("# seconds\n1.5\n\n2.5\n")
    for text in (str(path), f"file:{path}"):
        law = parse_law(text, "--cold-start")
        assert law.mean_s() == 2.0
        assert {law.draw(random.Random(seed)) for seed in range(20)} == {1_500_000_000, 2_500_000_000}
    path.write_text("1.5\nlong\n")
    with pytest.raises(InvalidParameterError, match="'long' is not a number"):
        parse_law(str(path), "--cold-start")


@given(st.lists(st.floats(0, 1000), min_size=2, max_size=6), st.integers(0, 10))
def test_quantiles_are_kept(values: list[float], seed: int) -> None:
    ordered = sorted(values)
    shares = [index / (len(ordered) - 1) for index in range(len(ordered))]
    law = Empirical(shares=tuple(shares), values_s=tuple(ordered))
    chance = random.Random(seed)
    drawn = [law.draw(chance) / SECOND for _ in range(50)]
    assert all(ordered[0] - 1e-6 <= value <= ordered[-1] + 1e-6 for value in drawn)
    assert ordered[0] <= law.mean_s() + 1e-9
    assert law.mean_s() <= ordered[-1] + 1e-9


def test_a_normal_law_has_its_mean_and_nothing_below_zero() -> None:
    chance = random.Random(1)
    law = parse_law("normal:mean=10,sd=5", "--cold-start")
    drawn = [law.draw(chance) / SECOND for _ in range(5000)]
    assert min(drawn) >= 0
    assert 9.8 < sum(drawn) / len(drawn) < 10.6  # a little above: what is below zero is drawn again


@pytest.mark.parametrize(("center", "sd"), [(10, 5), (1, 60), (0, 3), (7, 0)])
def test_a_normal_laws_mean_is_that_of_what_is_drawn(center: float, sd: float) -> None:
    chance = random.Random(1)
    law = parse_law(f"normal:mean={center},sd={sd}", "--cold-start")
    drawn = [law.draw(chance) / SECOND for _ in range(5000)]
    assert law.mean_s() == pytest.approx(sum(drawn) / len(drawn), rel=0.03)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "starts"
    path.write_bytes(b"\x1f\x8b\x08\xff")
    with pytest.raises(InvalidParameterError, match=r"--cold-start: .*starts cannot be read"):
        parse_law(f"file:{path}", "--cold-start")
