"""Times on the wire."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoker.units import SECOND
from stoker.wire.aws import times

AT = 1_732_838_400 * SECOND


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        (1_732_838_400, AT),
        (1_732_838_400.25, AT + SECOND // 4),
        (0, 0),
        (-1, -SECOND),
        ("1732838400", AT),
        ("1732838400.5", AT + SECOND // 2),
        ("2024-11-29T00:00:00Z", AT),
        ("2024-11-29T00:00:00", AT),
        ("2024-11-29T01:00:00.001+01:00", AT + SECOND // 1000),
        ("2024-11-29", AT),
    ],
)
def test_accepted_forms(raw: object, instant: int) -> None:
    assert times.parse(raw) == instant
    assert isinstance(times.parse(raw), times.Timestamp)


@pytest.mark.parametrize(
    "raw", [None, True, [], {}, "", "soon", "nan", "1e999", 1e30, float("inf"), float("nan"), 10**40, "9" * 5000]
)
def test_refused_forms(raw: object) -> None:
    with pytest.raises(ValueError, match=r"timestamp"):
        times.parse(raw)


@given(st.integers(times.EARLIEST_S * 1000, times.LATEST_S * 1000))
def test_milliseconds_survive_both_reply_forms(milliseconds: int) -> None:
    instant = times.Timestamp(milliseconds * 1_000_000)
    assert times.parse(times.iso_text(instant)) == instant
    assert abs(times.parse(times.epoch_seconds(instant)) - instant) < 100_000


def test_hooks_refuse_other_types() -> None:
    with pytest.raises(TypeError, match="no wire form for object"):
        msgspec.json.encode(object(), enc_hook=times.encode_hook)
    with pytest.raises(TypeError, match="no wire form for Path"):
        times.decode_hook(type("Path", (), {}), "x")
