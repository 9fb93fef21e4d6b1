import pytest

from stoker.units import SECOND
from stoker.wire.patience import BOTO3_PATIENCE, said_patience, usual_patience

BOTO3 = {b"user-agent": b"Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({b"x-scale-up-timeout": b"300"}, 300, id="wish"),
        pytest.param({b"x-stainless-read-timeout": b"600"}, 598, id="read timeout"),
        pytest.param({b"x-stainless-read-timeout": b"5.0"}, 4.5, id="short read timeout"),
        pytest.param({b"x-scale-up-timeout": b"10", b"x-stainless-read-timeout": b"600"}, 10, id="smallest"),
        pytest.param({b"x-scale-up-timeout": b"soon"}, None, id="no number"),
        pytest.param({b"x-scale-up-timeout": b"-1"}, None, id="negative"),
        pytest.param({b"x-scale-up-timeout": b"0"}, None, id="zero"),
        pytest.param({b"x-scale-up-timeout": b"9" * 40}, None, id="endless"),
        pytest.param({b"x-scale-up-timeout": b"nan"}, None, id="not a number"),
    ],
)
def test_what_clients_say(headers: dict[bytes, bytes], seconds: float | None) -> None:
    assert said_patience(headers) == (None if seconds is None else round(seconds * SECOND))


def test_boto3_is_known_to_wait_a_minute() -> None:
    assert usual_patience(BOTO3) == BOTO3_PATIENCE == 55 * SECOND
    assert usual_patience({b"user-agent": b"curl/8"}) is None
    assert usual_patience(BOTO3 | {b"x-scale-up-timeout": b"300"}) is None
