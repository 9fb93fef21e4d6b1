"""Every generated shape against botocore: what it writes is read here, what is written here it reads.

Each served operation is filled with every member its model knows, so a wrong name, type or place anywhere shows.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

import botocore.session
import msgspec
import pytest
from botocore.awsrequest import AWSRequest, HeadersDict
from botocore.model import OperationModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from stoker.wire.aws import routing, times
from stoker.wire.aws.exchange import Request, by_name
from stoker.wire.aws.generated import application_autoscaling, cloudwatch, sagemaker, sagemaker_runtime, sts
from stoker.wire.aws.protocols.json import BodyReader, JsonProtocol
from stoker.wire.aws.protocols.query import QueryProtocol
from stoker.wire.aws.protocols.restjson import RestJsonProtocol
from stoker.wire.aws.protocols.rpccbor import CborProtocol
from stoker.wire.aws.schema import Operation, Service

Loose: TypeAlias = Any  # botocore's shapes and values are untyped

SERVICES = (sagemaker.SERVICE, sagemaker_runtime.SERVICE, application_autoscaling.SERVICE, cloudwatch.SERVICE, sts.SERVICE)
READER = BodyReader()
CODECS: dict[str, Loose] = {
    "json": JsonProtocol("1.1", READER),
    "rest-json": RestJsonProtocol(READER),
    "query": QueryProtocol(),
    "smithy-rpc-v2-cbor": CborProtocol(),
}
WHEN = datetime(2024, 11, 29, 1, 2, 3, 250_000, tzinfo=UTC)
SCALARS: dict[str, Loose] = {
    "boolean": True,
    "integer": 7,
    "long": 2**40,
    "float": 1.5,
    "double": -2.25,
    "timestamp": WHEN,
    "blob": b"\x00\xffbytes",
}
SESSION = botocore.session.Session()


def cases(*, streams: bool) -> Iterator[Loose]:
    for service in SERVICES:
        for protocol in service.protocols:
            if protocol in CODECS:
                for operation in service.operations.values():
                    if operation.streams and not streams:
                        continue  # boto3 reads frames in the tests of the protocols
                    yield pytest.param(service, operation, protocol, id=f"{service.name}-{operation.name}-{protocol}")


def model_of(service: Service, operation: Operation) -> OperationModel:
    return SESSION.get_service_model(service.name, api_version=service.version).operation_model(operation.name)


def filled(shape: Loose) -> Loose:
    """Give a value that has every member, two of each list."""
    match shape.type_name:
        case "structure":
            members = list(shape.members.items())
            chosen = members[:1] if getattr(shape, "is_tagged_union", False) else members
            return {name: filled(member) for name, member in chosen}
        case "list":
            return [filled(shape.member), filled(shape.member)]
        case "map":
            return {"first": filled(shape.value), "second": filled(shape.value)}
        case "string":
            return (getattr(shape, "enum", None) or ["té<x>&t"])[0]
        case kind:
            return SCALARS[kind]


def plain(value: Loose) -> Loose:
    """Give a generated struct as botocore's callers would write it."""
    if isinstance(value, msgspec.Struct):
        members = {field.encode_name: getattr(value, field.name) for field in msgspec.structs.fields(value)}
        return {name: plain(member) for name, member in members.items() if member is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, times.Timestamp):
        return times.EPOCH + (datetime.fromtimestamp(value / 1e9, UTC) - times.EPOCH)
    return value


def numbered(value: Loose) -> Loose:
    """Give botocore's value with times as epoch seconds, as the structs are made from."""
    if isinstance(value, dict):
        return {key: numbered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numbered(item) for item in value]
    return value.timestamp() if isinstance(value, datetime) else value


def without_fraction(value: Loose) -> Loose:
    """Give the value as botocore sends it: some of its forms of a time carry whole seconds only."""
    if isinstance(value, dict):
        return {key: without_fraction(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_fraction(item) for item in value]
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def written_by_botocore(model: OperationModel, protocol: str, params: Loose) -> Request:
    sent = create_serializer(protocol, include_validation=False).serialize_to_request(params, model)
    body = sent["body"]
    if isinstance(body, dict):
        signed = AWSRequest(method="POST", url="http://localhost/", data=body)
        body = signed.prepare().body
    pairs = tuple((name, str(value)) for name, value in sent["headers"].items())
    body = body.encode() if isinstance(body, str) else body
    path = sent["url_path"].partition("?")[0]
    return Request(method=sent["method"], path=path, query="", pairs=pairs, headers=by_name(pairs), body=body, signed_body=body)


@pytest.mark.parametrize(("service", "operation", "protocol"), list(cases(streams=True)))
def test_what_botocore_writes_is_read(service: Service, operation: Operation, protocol: str) -> None:
    model = model_of(service, operation)
    params = without_fraction(filled(model.input_shape))
    if operation.uri != "/":
        params = {name: "name" if isinstance(value, str) else value for name, value in params.items()}
    request = written_by_botocore(model, protocol, params)
    if protocol == "query":
        request = msgspec.structs.replace(request, headers={"content-type": "application/x-www-form-urlencoded"})
    route = routing.Router(SERVICES).choose(request)
    assert route.served() == (service, operation)
    assert route.protocol == protocol
    assert plain(CODECS[protocol].decode(operation, request, dict(route.labels))) == params


@pytest.mark.parametrize(("service", "operation", "protocol"), list(cases(streams=False)))
def test_what_is_written_is_read_by_botocore(service: Service, operation: Operation, protocol: str) -> None:
    model = model_of(service, operation)
    output = None
    expected: Loose = {}
    if operation.output is not None:
        expected = filled(model.output_shape)
        if operation.bound_out:
            expected = {name: "text" if isinstance(value, str) else value for name, value in expected.items()}
        output = msgspec.convert(numbered(expected), operation.output, dec_hook=times.decode_hook, builtin_types=(bytes,))
    reply = CODECS[protocol].encode(service, operation, output, "id-1")
    headers = HeadersDict(reply.headers)
    body: Loose = io.BytesIO(reply.body) if model.has_streaming_output else reply.body
    received = {"headers": headers, "status_code": reply.status, "body": body, "context": {}}
    parsed = create_parser(protocol).parse(received, model.output_shape)
    if model.has_streaming_output:
        parsed[model.output_shape.serialization["payload"]] = body.read()
    meta = parsed.pop("ResponseMetadata", None)
    if (
        operation.output is not None or protocol != "smithy-rpc-v2-cbor"
    ):  # of which botocore reads nothing where there is no output
        assert meta["RequestId"] == "id-1"
    assert parsed == expected
