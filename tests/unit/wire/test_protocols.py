"""The codecs on bytes: what they refuse, and the corners that boto3 does not reach."""

import json
from typing import Annotated, Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from stoker.units import SECOND
from stoker.wire.aws import schema
from stoker.wire.aws.errors import Problem, RejectedError, WireFault
from stoker.wire.aws.exchange import Request, by_name
from stoker.wire.aws.generated import cloudwatch as cw
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.generated import sagemaker_runtime as rt
from stoker.wire.aws.protocols.json import BodyReader, JsonProtocol
from stoker.wire.aws.protocols.query import MAX_DEPTH, QueryProtocol
from stoker.wire.aws.protocols.restjson import RestJsonProtocol
from stoker.wire.aws.times import Timestamp

READER = BodyReader()
JSON = JsonProtocol("1.1", READER)
QUERY = QueryProtocol()
REST = RestJsonProtocol(READER)
FAULT = WireFault(
    code="ValidationError",
    shape="ValidationException",
    namespace="com.amazon.coral.validate#",
    message="no",
    status=404,
    sender=True,
)


def request(body: bytes = b"", *, method: str = "POST", query: str = "", headers: dict[str, str] | None = None) -> Request:
    pairs = tuple((headers or {}).items())
    return Request(method=method, path="/", query=query, pairs=pairs, headers=by_name(pairs), body=body, signed_body=body)


def refused(codec: Any, operation: schema.Operation, given: Request) -> str:
    with pytest.raises(RejectedError) as caught:
        codec.decode(operation, given, {})
    assert caught.value.problem is Problem.MALFORMED
    return caught.value.message


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "The request body is not valid JSON: Input data was truncated"),
        (b"{}x", "The request body is not valid JSON: JSON is malformed"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"EndpointConfigName": 5}', "Expected `str`, got `int` - at `$.EndpointConfigName`"),
        (
            b'{"ProductionVariants": [{"InitialInstanceCount": "1"}]}',
            "got `str` - at `$.ProductionVariants[0].InitialInstanceCount`",
        ),
        (b'{"ProductionVariants": [{"InitialInstanceCount": 1.5}]}', "got `float` - at `$.ProductionVariants[0]"),
        (b'{"ProductionVariants": [{"InitialInstanceCount": 4294967296}]}', "at `$.ProductionVariants[0].InitialInstanceCount`"),
        (b'{"EndpointConfigName": "\xff"}', "The request body is not valid UTF-8."),
        (b'{"Unknown": ' + b"[" * 5000 + b"]" * 5000 + b"}", "The request body is nested too deeply."),
        (b'{"EnableNetworkIsolation": "yes"}', "Expected `bool`, got `str` - at `$.EnableNetworkIsolation`"),
    ],
)
def test_json_bodies_that_cannot_be_read(body: bytes, text: str) -> None:
    assert text in refused(JSON, sm.OPERATIONS["CreateEndpointConfig"], request(body))


@pytest.mark.parametrize("time", ["true", '"soon"', "{}", "1e300"])
def test_json_times_that_are_none(time: str) -> None:
    message = refused(JSON, sm.OPERATIONS["ListEndpoints"], request(b'{"CreationTimeAfter": %s}' % time.encode()))
    assert message.startswith("Expected a timestamp")
    assert message.endswith("- at `$.CreationTimeAfter`")


def test_unknown_members_and_nulls_are_as_if_absent() -> None:
    operation = sm.OPERATIONS["CreateEndpoint"]
    given = JSON.decode(operation, request(b'{"EndpointName": null, "Future": [{"a": 1}], "Tags": null}'))
    assert given == sm.CreateEndpointInput()
    assert JSON.decode(operation, request(b"")) == given


def test_a_compatible_service_uses_modelled_status_only_when_asked() -> None:
    plain = JSON.encode_fault(cw.SERVICE, FAULT, request(), "id")
    asked = JSON.encode_fault(cw.SERVICE, FAULT, request(headers={"x-amzn-query-mode": "true"}), "id")
    assert (plain.status, asked.status) == (400, 404)
    assert dict(asked.headers)["x-amzn-query-error"] == "ValidationError;Sender"
    assert "x-amzn-query-error" not in dict(plain.headers)
    assert json.loads(asked.body) == {"__type": "com.amazon.coral.validate#ValidationException", "message": "no"}
    assert dict(asked.headers)["x-amzn-ErrorType"] == "ValidationException"


def test_a_null_message_stays_null() -> None:
    reply = REST.encode_fault(rt.SERVICE, msgspec.structs.replace(FAULT, message=None), None, "id")
    assert json.loads(reply.body) == {"Message": None}


def xml(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 - our own output


def test_query_replies_hold_lists_times_and_flags() -> None:
    alarm = cw.MetricAlarm(
        alarm_name="<a&\x01>",
        actions_enabled=True,
        alarm_actions=["one", "two"],
        threshold=1.5,
        state_updated_timestamp=Timestamp(1_732_838_400 * SECOND),
    )
    output = cw.DescribeAlarmsOutput(metric_alarms=[alarm], composite_alarms=[])
    reply = QUERY.encode(cw.SERVICE, cw.OPERATIONS["DescribeAlarms"], output, "id-1")
    space = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"
    root = xml(reply.body)
    assert root.tag == f"{space}DescribeAlarmsResponse"
    item = root.find(f"{space}DescribeAlarmsResult/{space}MetricAlarms/{space}member")
    assert item is not None
    assert item.findtext(f"{space}AlarmName") == "<a&\ufffd>"
    assert item.findtext(f"{space}ActionsEnabled") == "true"
    assert item.findtext(f"{space}StateUpdatedTimestamp") == "2024-11-29T00:00:00Z"
    assert [member.text for member in item.findall(f"{space}AlarmActions/{space}member")] == ["one", "two"]
    assert root.findtext(f"{space}ResponseMetadata/{space}RequestId") == "id-1"


def test_query_errors_are_told_apart() -> None:
    reply = QUERY.encode_fault(cw.SERVICE, FAULT, None, "id-1")
    space = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"
    error = xml(reply.body).find(f"{space}Error")
    assert error is not None
    assert [part.text for part in error] == ["Sender", "ValidationError", "no"]
    assert QUERY.encode_fault(None, FAULT, None, "id-1").status == 404


def test_query_forms_become_structs() -> None:
    body = (
        b"Action=GetMetricStatistics&Version=2010-08-01&Namespace=AWS%2FSageMaker&Period=60&StartTime=2024-11-29T00:00:00Z"
        b"&Statistics.member.10=Sum&Statistics.member.9=Average&Dimensions.member.1.Name=d&Dimensions.member.1.Value=v"
    )
    assert QUERY.decode(cw.OPERATIONS["GetMetricStatistics"], request(body)) == cw.GetMetricStatisticsInput(
        namespace="AWS/SageMaker",
        period=60,
        start_time=Timestamp(1_732_838_400 * SECOND),
        statistics=["Average", "Sum"],
        dimensions=[cw.Dimension(name="d", value="v")],
    )


def test_query_clients_write_an_empty_list_as_an_empty_text() -> None:
    body = b"Action=DescribeAlarms&AlarmNames=&AlarmNamePrefix="
    assert QUERY.decode(cw.OPERATIONS["DescribeAlarms"], request(body)) == cw.DescribeAlarmsInput(
        alarm_names=[], alarm_name_prefix=""
    )


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    m: dict[str, list[str]] | None = msgspec.field(name="M", default=None)
    flat: Annotated[dict[str, str], msgspec.Meta(extra={"flat": True, "key": "K", "value": "V"})] | None = None
    items: Annotated[list[int], msgspec.Meta(extra={"flat": True, "item": "Item"})] | None = None
    named: Annotated[list[str], msgspec.Meta(extra={"item": "thing"})] | None = None


def test_query_lists_and_maps_are_told_by_the_types() -> None:
    body = (
        b"M.entry.2.key=l&M.entry.2.value=&M.entry.1.key=k&M.entry.1.value.member.1=x&flat.1.K=a&flat.1.V=b"
        b"&Item.2=6&Item.1=5&named.thing.1=t&Unknown.member.1=1"
    )
    value = Mapping(m={"k": ["x"], "l": []}, flat={"a": "b"}, items=[5, 6], named=["t"])
    operation = schema.Operation(name="Map", input=Mapping, output=Mapping, checks=sm.OPERATIONS["DeleteModel"].checks)
    assert QUERY.decode(operation, request(body)) == value
    assert QUERY.encode(cw.SERVICE, operation, value, "id").body == (
        b'<MapResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><MapResult><M><entry><key>k</key><value>'
        b"<member>x</member></value></entry><entry><key>l</key><value></value></entry></M><flat><K>a</K><V>b</V></flat>"
        b"<Item>5</Item><Item>6</Item><named><thing>t</thing></named></MapResult>"
        b"<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></MapResponse>"
    )
    assert "Expected `array" in refused(QUERY, operation, request(b"named.other.1=t"))
    assert refused(QUERY, operation, request(b"M.x=t")) == "A map is not written as numbered entries."
    assert "An entry of a map has no key." in refused(QUERY, operation, request(b"M.entry.1.value=1"))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"Period=often", "Expected `int`, got `str` - at `$.Period`"),
        (b"Period=1&Period.member.1=2", "The field Period.member.1 contradicts another one."),
        (b"A.B=1&A=2", "The field A contradicts another one."),
        (b"A" + b".B" * (MAX_DEPTH + 1) + b"=1", "is nested too deeply."),
        (b"\xff=1", "The request is not a form, or has too many fields."),
        (b"&".join(b"a%d=1" % number for number in range(50_001)), "The request is not a form, or has too many fields."),
        (b"StartTime=soon", "Expected a timestamp, got 'soon' - at `$.StartTime`"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_query_forms_that_cannot_be_read(body: bytes, text: str) -> None:
    assert text in refused(QUERY, cw.OPERATIONS["GetMetricStatistics"], request(body))


class Thing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | None = msgspec.field(name="Name", default=None)
    size: int | None = msgspec.field(name="Size", default=None)
    since: Timestamp | None = msgspec.field(name="Since", default=None)
    tags: list[str] | None = msgspec.field(name="Tags", default=None)


BINDINGS = (
    schema.Binding(attribute="name", location="uri", name="Name"),
    schema.Binding(attribute="size", location="querystring", name="size", kind=int),
    schema.Binding(attribute="since", location="header", name="x-since", kind=Timestamp),
)


def rest_operation() -> schema.Operation:
    """An operation of a kind that today's services do not have: text, number and time outside a JSON body."""
    checks = sm.OPERATIONS["DeleteModel"].checks
    return schema.Operation(
        name="PutThing", input=Thing, output=Thing, checks=checks, method="PUT", uri="/things/{Name}", bound_in=BINDINGS
    )


def test_rest_members_come_from_everywhere() -> None:
    given = request(b'{"Tags": ["a"], "Name": "not this"}', query="size=5&other=1", headers={"X-Since": "1732838400"})
    value = REST.decode(rest_operation(), given, {"Name": "n"})
    assert value == Thing(name="n", size=5, since=Timestamp(1_732_838_400 * SECOND), tags=["a"])


@pytest.mark.parametrize(
    ("query", "headers", "text"),
    [("size=big", {}, "size: Expected `int`, got `str`"), ("", {"x-since": "soon"}, "x-since: Expected a timestamp, got 'soon'")],
)
def test_rest_members_of_a_wrong_type_are_named(query: str, headers: dict[str, str], text: str) -> None:
    assert text in refused(REST, rest_operation(), request(b"{}", query=query, headers=headers))


def test_rest_replies() -> None:
    operation = msgspec.structs.replace(rest_operation(), bound_out=(msgspec.structs.replace(BINDINGS[2], attribute="size"),))
    reply = REST.encode(sm.SERVICE, operation, Thing(name="n", size=7), "id")
    assert json.loads(reply.body) == {"Name": "n"}
    assert dict(reply.headers) == {"content-type": "application/json", "x-since": "7", "x-amzn-RequestId": "id"}
    assert REST.encode(sm.SERVICE, operation, None, "id").body == b"{}"
