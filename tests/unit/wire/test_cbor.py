"""CBOR: what is read and written, and everything that is refused before it costs anything."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.units import SECOND
from stoker.wire.aws import cbor
from stoker.wire.aws.errors import Problem, RejectedError, WireFault
from stoker.wire.aws.exchange import Request, by_name
from stoker.wire.aws.generated import cloudwatch as cw
from stoker.wire.aws.protocols.rpccbor import CborProtocol
from stoker.wire.aws.times import Timestamp

CBOR = CborProtocol()
LIST_METRICS = cw.OPERATIONS["ListMetrics"]
WHEN = Timestamp(1_732_838_400 * SECOND + 250_000_000)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # RFC 8949, appendix A.
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("1903e8", 1000),
        ("1bffffffffffffffff", 2**64 - 1),
        ("20", -1),
        ("3bffffffffffffffff", -(2**64)),
        ("f90001", 5.960464477539063e-08),
        ("fa47c35000", 100000.0),
        ("fb3ff199999999999a", 1.1),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("f7", None),
        ("c11a514b67b0", Timestamp(1_363_896_240 * SECOND)),
        ("c1fb41d452d9ec200000", Timestamp(1_363_896_240 * SECOND + SECOND // 2)),
        ("4401020304", b"\x01\x02\x03\x04"),
        ("62c3bc", "ü"),
        ("83010203", [1, 2, 3]),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ],
)
def test_what_is_read(text: str, value: object) -> None:
    assert cbor.decode(bytes.fromhex(text)) == value


@pytest.mark.parametrize("text", ["f97e00", "f97c00", "f9fc00"])
def test_floats_that_are_no_numbers(text: str) -> None:
    value = cbor.decode(bytes.fromhex(text))
    assert isinstance(value, float)
    assert not math.isfinite(value)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"", "it ends at byte 0, in the middle of an item", id="nothing"),
        pytest.param(b"\x19\x01", "it ends at byte 2", id="cut head"),
        pytest.param(b"\x63ab", "it ends at byte 3", id="cut text"),
        pytest.param(b"\x9f\x01", "it ends at byte 2", id="no end"),
        pytest.param(b"\x9b" + b"\xff" * 8, "the length before byte 9 is more than there are bytes", id="huge array"),
        pytest.param(b"\xbb\x00\x00\x00\x00\xff\xff\xff\xff", "is more than there are bytes", id="huge map"),
        pytest.param(b"\x5b" + b"\xff" * 8, "it ends at byte 9", id="huge string"),
        pytest.param(b"\x81" * 40 + b"\x00", "nested more than 32 deep", id="deep"),
        pytest.param(b"\x9f" * 100_000, "nested more than 32 deep", id="deeper"),
        pytest.param(b"\xc1" * 100_000, "nested more than 32 deep", id="tags of tags"),
        pytest.param(b"\x00\x00", "there is more after the item that ends at byte 1", id="two"),
        pytest.param(b"\xff", "the break before byte 1 ends nothing", id="break"),
        pytest.param(b"\x81\xff", "the break before byte 2 ends nothing", id="break in an array"),
        pytest.param(b"\xbf\x61a\xff", "the break before byte 4 ends nothing", id="break for a value"),
        pytest.param(b"\xa1\x01\x02", "the map's key before byte 2 is not a text", id="key"),
        pytest.param(b"\xa2\x61a\x01\x61a\x02", "the map's key before byte 6 is there twice", id="twice"),
        pytest.param(b"\x61\xff", "the text before byte 2 is not UTF-8", id="utf-8"),
        pytest.param(b"\x7f\x41a\xff", "the chunk before byte 2 is not of its string's kind", id="chunk"),
        pytest.param(b"\x7f\x7f\xff\xff", "has no length", id="endless chunk"),
        pytest.param(b"\x1c", "is reserved", id="reserved"),
        pytest.param(b"\x1f", "is reserved", id="endless number"),
        pytest.param(b"\xf0", "the simple value before byte 1 is unknown", id="simple"),
        pytest.param(b"\xc2\x41\x01", "the tag 2 before byte 1 is not read", id="big number"),
        pytest.param(b"\xc1\x61a", "the time before byte 3 is not a number", id="time"),
        pytest.param(b"\xc1\xf9\x7e\x00", "is not one: Expected a timestamp", id="no time"),
        pytest.param(b"\xc1\x1b" + b"\xff" * 8, "is not one: Expected a timestamp", id="late"),
    ],
)
def test_what_is_refused(data: bytes, text: str) -> None:
    with pytest.raises(cbor.CborError, match=text):
        cbor.decode(data)


def test_the_number_of_items_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbor, "MAX_ITEMS", 10)
    assert cbor.decode(b"\x89" + b"\x00" * 9) == [0] * 9
    with pytest.raises(cbor.CborError, match="more than 10 items"):
        cbor.decode(b"\x9f" + b"\x00" * 10 + b"\xff")


@settings(max_examples=50)
@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except cbor.CborError:
        return
    assert repr(cbor.decode(cbor.encode(value))) == repr(value)


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(2**64), 2**64 - 1), st.floats(allow_nan=False), st.text(), st.binary())


@settings(max_examples=50)
@given(st.lists(st.dictionaries(st.text(max_size=3), LEAVES, max_size=3) | LEAVES, max_size=5))
def test_what_is_written_is_read_again(value: object) -> None:
    assert cbor.decode(cbor.encode(value)) == value


def request(body: bytes, **headers: str) -> Request:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request(method="POST", path="/", query="", pairs=pairs, headers=by_name(pairs), body=body, signed_body=body)


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        (b"\x81\x01", {}, "Expected `object`, got `array`"),
        (cbor.encode({"Namespace": 5}), {}, "Expected `str`, got `int` - at `$.Namespace`"),
        (cbor.encode({"Namespace": b"n"}), {}, "Expected `str`, got `bytes` - at `$.Namespace`"),
        (b"\xff", {}, "The request body is not valid CBOR: the break before byte 1 ends nothing."),
        (b"\xa0", {"content_type": "application/json"}, "The content type 'application/json' is not application/cbor."),
        (b"\xa0", {"smithy_protocol": "rpc-v2-json"}, "The protocol 'rpc-v2-json' is not spoken here; rpc-v2-cbor is."),
    ],
)
def test_bodies_that_cannot_be_read(body: bytes, headers: dict[str, str], text: str) -> None:
    with pytest.raises(RejectedError) as caught:
        CBOR.decode(LIST_METRICS, request(body, **headers))
    assert (caught.value.problem, caught.value.message) == (Problem.MALFORMED, text)


def test_an_empty_body_is_an_empty_map_and_unknown_members_are_left_out() -> None:
    assert CBOR.decode(LIST_METRICS, request(b"")) == cw.ListMetricsInput()
    body = cbor.encode({"Future": {"a": [1]}, "Namespace": "n", "MetricName": None})
    assert CBOR.decode(LIST_METRICS, request(body)) == cw.ListMetricsInput(namespace="n")


def test_a_reply_is_a_map_with_tagged_times() -> None:
    output = cw.DescribeAlarmsOutput(metric_alarms=[cw.MetricAlarm(alarm_name="a", state_updated_timestamp=WHEN, threshold=1.0)])
    reply = CBOR.encode(cw.SERVICE, cw.OPERATIONS["DescribeAlarms"], output, "id-1")
    alarm = {"AlarmName": "a", "StateUpdatedTimestamp": WHEN, "Threshold": 1.0}
    assert cbor.decode(reply.body) == {"MetricAlarms": [alarm]}
    assert b"\xc1\xfb" in reply.body
    assert dict(reply.headers) == {
        "content-type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "x-amzn-RequestId": "id-1",
    }
    empty = CBOR.encode(cw.SERVICE, cw.OPERATIONS["PutMetricAlarm"], None, "id-1")
    assert (empty.status, empty.body, "content-type" in dict(empty.headers)) == (200, b"", False)


@pytest.mark.parametrize(("asked", "header"), [("true", "ResourceNotFound;Sender"), ("", None)])
def test_a_failure_keeps_its_status_and_its_old_code(asked: str, header: str | None) -> None:
    fault = WireFault(code="ResourceNotFound", shape="ResourceNotFound", namespace="x#", message="no", status=404, sender=True)
    reply = CBOR.encode_fault(cw.SERVICE, fault, request(b"", x_amzn_query_mode=asked), "id")
    assert (reply.status, cbor.decode(reply.body)) == (404, {"__type": "x#ResourceNotFound", "message": "no"})
    assert dict(reply.headers).get("x-amzn-query-error") == header
    assert "x-amzn-ErrorType" not in dict(reply.headers)


def test_a_value_without_a_form_is_a_bug() -> None:
    things: list[Any] = [object(), {1}, 2**64]
    for thing in things:
        with pytest.raises((TypeError, OverflowError)):
            cbor.encode(thing)
    assert cbor.encode(msgspec.structs.replace(cw.ListMetricsInput(), namespace="n")) == cbor.encode({"Namespace": "n"})
