"""Botocore's protocol vectors, for every protocol that is spoken: requests are read as they mean, replies as they were."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

from stoker.domain.ids import Partition
from stoker.wire.aws import errors
from stoker.wire.aws.exchange import Reply, Request
from stoker.wire.aws.protocols.json import BodyReader, JsonProtocol
from stoker.wire.aws.protocols.query import QueryProtocol
from stoker.wire.aws.protocols.restjson import RestJsonProtocol
from stoker.wire.aws.protocols.rpccbor import CborProtocol
from stoker.wire.aws.routing import Router
from tests.conformance.protocol_vectors import Case, as_params, as_result, as_wire, cases

Loose: TypeAlias = Any  # botocore's values

READER = BodyReader()
CODECS: dict[str, Loose] = {
    "json": JsonProtocol("1.1", READER),
    "rest-json": RestJsonProtocol(READER),
    "query": QueryProtocol(),
    "smithy-rpc-v2-cbor": CborProtocol(),
}
NOT_OURS = {
    "QueryXmlLists": "botocore reads other names of renamed lists than the vector has",
    "RestJsonComplexErrorWithNoMessage": "no error that is served has members in headers",
    "RestJsonHttpPayloadTraitsWithNoBlobBody": "botocore reads an empty body as an empty blob",
    "RestJsonHttpPayloadWithUnsetUnion": "botocore refuses an empty body where a union is",
    "RestJsonInputAndOutputWithQuotedStringHeaders": "botocore reads no quoted texts in a header's list",
    "RestJsonInputAndOutputWithTimestampHeaders": "botocore reads no times in a header's list",
    "MediaTypeHeaderInputBase64": "no member that is served is JSON in a header",
    "MediaTypeHeaderOutputBase64": "as above",
    "RestJsonHostWithPath": "the server is at the root of its host",
}
"""Vectors that say nothing here, and why; but those of headers' lists hold for requests."""

READ_ALL_THE_SAME = {"RestJsonInputAndOutputWithQuotedStringHeaders", "RestJsonInputAndOutputWithTimestampHeaders"}

FILLED = "00000000-0000-4000-8000-000000000000"
SEEN: dict[str, Loose] = {
    # What the client fills in.
    "QueryProtocolIdempotencyTokenAutoFill": {"token": FILLED},
    "RestJsonQueryIdempotencyTokenAutoFill": {"token": FILLED},
    # What no byte of the request tells.
    "QueryEmptyQueryMaps": {},
    "RestJsonOmitsEmptyListQueryValues": {},
    # An empty body is an empty blob, and `{}` an empty structure.
    "RestJsonHttpWithEmptyBlobPayload": {"data": ""},
    "RestJsonHttpWithEmptyStructurePayload": {"payloadConfig": {}},
    "RestJsonHttpWithHeadersButNoPayload": {"testId": "t-12345", "payloadConfig": {}},
    # A map of the query string has the members that are named, too.
    "RestJsonQueryParamsStringListMap": {"qux": "named", "foo": {"baz": ["bar", "qux"], "corge": ["named"]}},
    "RestJsonQueryPrecedence": {"foo": "named", "baz": {"bar": "named", "qux": "alsoFromMap"}},
}
"""What the server sees where it cannot be what the client meant."""

OLD_STATUS = {"QueryCompatibleAwsJson10CustomCodeError", "QueryCompatibleRpcV2CborCustomCodeError"}
"""Recorded without the modelled status; CloudWatch is known to give it in query mode."""


def chosen(side: str) -> Iterator[Loose]:
    for file, suite, case in cases(side):
        name = case["id"]
        if side == "input" and "body" not in case["serialized"]:
            continue  # compressed requests, of which the vectors have only a header
        if name not in NOT_OURS or (side == "input" and name in READ_ALL_THE_SAME):
            yield pytest.param(file, suite, case, id=f"{file}-{name}")


@pytest.mark.parametrize(("file", "suite", "case"), list(chosen("input")))
def test_a_request_is_read_as_it_means(file: str, suite: Loose, case: Loose) -> None:
    vector = Case(file, suite, case)
    request = vector.request()
    route = Router([vector.service]).choose(request)
    assert route.served() == (vector.service, vector.operation)
    value = CODECS[route.protocol].decode(vector.operation, request, dict(route.labels))
    expected = {name: member for name, member in case["params"].items() if member is not None}
    found = as_params(vector.botocore.input_shape, value) if vector.botocore.input_shape is not None else {}
    assert found == SEEN.get(case["id"], expected)


def read(vector: Case, reply: Reply, shape: Loose) -> Loose:
    """Give what a client reads."""
    received = {"headers": HeadersDict(reply.headers), "status_code": reply.status, "body": reply.body, "context": {}}
    received["context"]["operation_name"] = vector.operation.name
    if vector.protocol == "query" and shape is vector.botocore.output_shape and shape is not None:
        shape.serialization["resultWrapper"] = f"{vector.operation.name}Result"
    parsed = create_parser(vector.protocol).parse(received, shape)
    parsed.pop("ResponseMetadata", None)
    return as_result(parsed)


@pytest.mark.parametrize(("file", "suite", "case"), list(chosen("output")))
def test_a_reply_is_read_as_it_was(file: str, suite: Loose, case: Loose) -> None:
    vector = Case(file, suite, case)
    if "error" in case:
        check_fault(vector)
        return
    reply = CODECS[vector.protocol].encode(vector.service, vector.operation, vector.output(), "id-1")
    assert reply.status == case["response"].get("status_code", 200)
    found = read(vector, reply, vector.botocore.output_shape)
    for members in found.values():
        if isinstance(members, dict):  # all headers, where a map has those with no prefix
            members.pop("x-amzn-RequestId", None)
            members.pop("content-type", None)
    assert found == case["result"]


def check_fault(vector: Case) -> None:
    case = vector.case
    code = case["errorCode"]
    model = vector.botocore.service_model
    shape = model.shape_for_error_code(code) if code in vector.service.errors else None
    members = dict(case["error"])
    message = members.pop("Message", members.pop("message", case.get("errorMessage", "")))
    fault = errors.fault(
        errors.FaultError(code, message, members=as_wire(shape, members) if shape is not None else members),
        vector.service,
        vector.protocol,
        Partition(),
    )
    pairs = (("x-amzn-query-mode", "true"),)
    request = Request(method="POST", path="/", query="", pairs=pairs, headers=dict(pairs), body=b"", signed_body=b"")
    reply = CODECS[vector.protocol].encode_fault(vector.service, fault, request, "id-1")
    assert reply.status == (402 if case["id"] in OLD_STATUS else case["response"]["status_code"])
    parsed = read(vector, reply, None)
    assert (parsed["Error"]["Code"], parsed["Error"]["Message"] or "") == (code, message)
    if shape is not None:
        found = read(vector, reply, shape)
        assert {name: found.get(name) for name in members} == members
