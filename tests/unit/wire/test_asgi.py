"""The application around the codecs: limits, routes and errors, without a socket."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.domain.ids import Partition
from stoker.errors import (
    ConflictError,
    DomainError,
    InvalidParameterError,
    LimitError,
    NoCapacityError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
)
from stoker.units import MILLISECOND
from stoker.wire.aws import asgi, cbor, errors
from stoker.wire.aws.generated import application_autoscaling as aas
from stoker.wire.aws.generated import cloudwatch as cw
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.generated import sagemaker_runtime as rt
from stoker.wire.aws.generated import sts
from stoker.wire.aws.sigv4 import Verifier

SERVICES = (sm.SERVICE, rt.SERVICE, aas.SERVICE, cw.SERVICE, sts.SERVICE)
PARTITION = Partition(account="123456789012", region="us-east-1")
TARGET = ("x-amz-target", "SageMaker.ListModels")
Message = dict[str, Any]


async def list_models(given: sm.ListModelsInput, _: asgi.Context) -> sm.ListModelsOutput:
    return sm.ListModelsOutput(models=[], next_token=given.next_token)


class Wire:
    """Calls the application as a server would, and keeps what it sends."""

    def __init__(self, handler: asgi.Handler = list_models, *, mode: Any = "off", **limits: int) -> None:
        self.app = asgi.aws_app(
            {("sagemaker", "ListModels"): handler},
            Verifier({}, mode=mode),
            services=SERVICES,
            partition=PARTITION,
            request_id=lambda: "id-1",
            limits=asgi.Limits(**limits),
        )

    async def call(
        self,
        *chunks: bytes,
        path: str = "/",
        headers: tuple[tuple[str, str], ...] = (TARGET,),
        method: str = "POST",
        query: str = "",
        receive: Callable[[], Awaitable[Message]] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        sent: list[Message] = []
        waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks[:-1]]
        waiting.append({"type": "http.request", "body": chunks[-1] if chunks else b"", "more_body": False})

        async def next_chunk() -> Message:
            return waiting.pop(0)

        async def send(message: Any) -> None:
            sent.append(dict(message))

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        }
        await self.app(scope, receive or next_chunk, send)
        if not sent:
            return 0, {}, b""
        body = b"".join(message["body"] for message in sent[1:])
        return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, body

    async def error(self, *chunks: bytes, **more: Any) -> tuple[str, int, str]:
        status, headers, body = await self.call(*chunks, **more)
        assert headers["x-amzn-RequestId"] == "id-1"
        value = json.loads(body)
        assert headers["x-amzn-ErrorType"] == value.get("__type", headers["x-amzn-ErrorType"])
        return headers["x-amzn-ErrorType"], status, value.get("message") or value.get("Message")


async def test_a_call_in_pieces() -> None:
    status, headers, body = await Wire().call(b'{"Next', b'Token": "t"}')
    assert (status, json.loads(body)) == (200, {"Models": [], "NextToken": "t"})
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["content-length"] == str(len(body))


async def test_the_json_version_follows_the_request() -> None:
    headers = (TARGET, ("content-type", "application/x-amz-json-1.0"))
    assert (await Wire().call(b"{}", headers=headers))[1]["content-type"] == "application/x-amz-json-1.0"


@pytest.mark.parametrize(
    ("headers", "chunks"),
    [
        ((TARGET, ("content-length", "101")), (b"{}",)),
        ((TARGET, ("content-length", "9" * 5000)), (b"{}",)),
        ((TARGET,), (b" " * 60, b" " * 60)),
        ((TARGET, ("content-encoding", "gzip")), (gzip.compress(b" " * 100_000)[:90],)),
        ((TARGET, ("content-encoding", "gzip")), (gzip.compress(b" " * 4_000),)),
    ],
    ids=["announced", "absurd", "chunked", "cut bomb", "bomb"],
)
async def test_large_bodies_are_refused(headers: tuple[tuple[str, str], ...], chunks: tuple[bytes, ...]) -> None:
    assert await Wire(body=100).error(*chunks, headers=headers) == (
        "RequestEntityTooLargeException",
        413,
        "The request body is larger than 100 bytes.",
    )


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("gzip", b"not gzip", "The request body is not valid gzip."),
        ("gzip", gzip.compress(b'{"NextToken": "t"}')[:-9], "The gzip request body ends too early."),
        ("br", b"x", "The content encoding 'br' is not accepted; use gzip."),
    ],
    ids=["no gzip", "cut gzip", "another encoding"],
)
async def test_encodings_that_cannot_be_read(encoding: str, body: bytes, text: str) -> None:
    assert await Wire().error(body, headers=(TARGET, ("content-encoding", encoding))) == ("SerializationException", 400, text)


async def test_a_slow_body_ends() -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        return {}

    code, status, _ = await Wire(reading=20 * MILLISECOND).error(receive=never)
    assert (code, status) == ("RequestTimeoutException", 408)


async def test_a_slow_handler_ends() -> None:
    async def never(_: sm.ListModelsInput, __: asgi.Context) -> sm.ListModelsOutput:
        await asyncio.Event().wait()
        return sm.ListModelsOutput()

    code, status, _ = await Wire(never, calling=20 * MILLISECOND).error(b"{}")
    assert (code, status) == ("ServiceUnavailable", 503)


async def test_only_so_many_calls_run_at_once() -> None:
    release, entered = asyncio.Event(), asyncio.Event()

    async def held(_: sm.ListModelsInput, __: asgi.Context) -> sm.ListModelsOutput:
        entered.set()
        await release.wait()
        return sm.ListModelsOutput()

    wire = Wire(held, calls=1)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(wire.call(b"{}"))
        await entered.wait()
        assert await wire.error(b"{}") == ("ThrottlingException", 400, "Rate exceeded")
        release.set()
    assert first.result()[0] == 200
    assert (await wire.call(b"{}"))[0] == 200


async def test_a_client_that_leaves_gets_nothing() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    assert await Wire().call(receive=gone) == (0, {}, b"")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {"headers": (("x-amz-target", "SageMaker.CreateTrainingJob"),)},
            ("NotImplementedException", 501, "Stoker does not serve sagemaker:CreateTrainingJob."),
        ),
        (
            {"headers": (("x-amz-target", "SageMaker.ListEndpoints"),)},
            ("NotImplementedException", 501, "Stoker does not serve sagemaker:ListEndpoints."),
        ),
        (
            {"headers": (("x-amz-target", "SageMaker.MakeTea"),)},
            ("UnknownOperationException", 404, "The service sagemaker has no operation 'MakeTea'."),
        ),
        (
            {"headers": (("x-amz-target", "AWSEvents.PutRule"),)},
            ("UnknownOperationException", 404, "Stoker has no operation 'AWSEvents.PutRule'."),
        ),
        (
            {"headers": (), "path": "/endpoints/e/async-invocations"},
            ("NotImplementedException", 501, "Stoker does not serve sagemaker-runtime:InvokeEndpointAsync."),
        ),
        ({"headers": (), "path": "/nowhere"}, ("UnknownOperationException", 404, "Stoker has no operation 'POST /nowhere'.")),
    ],
    ids=lambda value: str(value)[-40:],
)
async def test_what_is_not_served_is_named(more: dict[str, Any], expected: tuple[str, int, str]) -> None:
    assert await Wire().error(b"{}", **more) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GraniteServiceVersion20100801/operation/GetDashboard", ("NotImplementedException", 501)),
        ("GraniteServiceVersion20100801/operation/MakeTea", ("UnknownOperationException", 404)),
        ("SageMaker/operation/ListModels", ("UnknownOperationException", 404)),  # its model lists no CBOR
    ],
)
async def test_what_is_not_served_is_named_in_cbor(name: str, expected: tuple[str, int]) -> None:
    status, headers, body = await Wire().call(b"", path=f"/service/{name}", headers=(("smithy-protocol", "rpc-v2-cbor"),))
    assert (headers["content-type"], headers["smithy-protocol"]) == ("application/cbor", "rpc-v2-cbor")
    fault: Any = cbor.decode(body)
    assert (fault["__type"], status) == expected
    assert name.rpartition("/")[2] in fault["message"]


@pytest.mark.parametrize("version", ["2011-06-15", "1999-01-01"])
async def test_an_unknown_action_of_a_form_is_named_in_xml(version: str) -> None:
    body = f"Action=MakeTea&Version={version}".encode()
    status, headers, reply = await Wire().call(body, headers=(("content-type", "application/x-www-form-urlencoded"),))
    assert (status, headers["content-type"], headers["x-amzn-ErrorType"]) == (404, "text/xml", "InvalidAction")
    assert b"MakeTea" in reply


async def test_strangers_learn_nothing_of_what_is_served() -> None:
    wire = Wire(mode="strict")
    expected = ("MissingAuthenticationTokenException", 403, "Missing Authentication Token")
    assert await wire.error(b"{}") == expected
    assert await wire.error(b"{}", headers=(("x-amz-target", "SageMaker.MakeTea"),)) == expected


async def test_a_bug_is_logged_with_its_traceback_and_hidden_from_the_client() -> None:
    async def bug(_: sm.ListModelsInput, __: asgi.Context) -> sm.ListModelsOutput:
        msg = "secret of the house"
        raise ZeroDivisionError(msg)

    with structlog.testing.capture_logs() as logs:
        assert await Wire(bug).error(b"{}") == ("InternalFailure", 500, errors.INTERNAL_MESSAGE)
    broke, called = logs
    assert broke["event"] == "api_call_broke"
    assert broke["request_id"] == called["request_id"] == "id-1"
    assert "ZeroDivisionError: secret of the house" in broke["traceback"]


async def test_every_call_leaves_one_line() -> None:
    with structlog.testing.capture_logs() as logs:
        await Wire().call(b"{}")
    (line,) = logs
    assert {key: line[key] for key in ("event", "log_level", "service", "operation", "status", "code", "request_id")} == {
        "event": "api_called",
        "log_level": "info",
        "service": "sagemaker",
        "operation": "ListModels",
        "status": 200,
        "code": "",
        "request_id": "id-1",
    }


RAISED = [
    InvalidParameterError("m", field="F"),
    NotFoundError("thing", "n", "m"),
    ConflictError("thing", "n", "m"),
    LimitError("m"),
    ThrottledError("m"),
    NoCapacityError("m"),
    UnavailableError("m"),
]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_every_domain_error_has_a_code_in_every_service(service: Any, error: DomainError) -> None:
    assert type(error) in errors.CODES[service.name]
    fault = errors.fault(error, service, "json", PARTITION)
    assert fault.message == "m"
    assert fault.status == errors.CODES[service.name][type(error)].status
    modelled = service.errors.get(fault.code)
    assert modelled is None or modelled.status in {fault.status, 400}


def test_all_domain_errors_are_in_the_tables() -> None:
    def below(kind: type[DomainError]) -> set[type[DomainError]]:
        return {kind, *(inner for child in kind.__subclasses__() for inner in below(child))}

    known = {kind for kind in below(DomainError) if kind.__module__ == "stoker.errors"} - {DomainError}
    for table in errors.CODES.values():
        assert set(table) == known


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NotFoundError("model", "m"), 'Could not find model "arn:aws:sagemaker:us-east-1:123456789012:model/m".'),
        (
            NotFoundError("endpoint configuration", "c"),
            'Could not find endpoint configuration "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/c".',
        ),
        (NotFoundError("inference component", "ic"), 'Could not find inference component "ic".'),
        (NotFoundError("endpoint", "arn:x"), 'Could not find endpoint "arn:x".'),
        (NotFoundError("variant", "v"), "There is no variant v."),
        (NotFoundError("model", "m", "own words"), "own words"),
        (
            ConflictError("endpoint", "e"),
            'Cannot update in-progress endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e".',
        ),
        (
            ConflictError("inference component", "ic", exists=True),
            (
                "Cannot create already existing inference component "
                '"arn:aws:sagemaker:us-east-1:123456789012:inference-component/ic".'
            ),
        ),
    ],
)
def test_sagemakers_sentences(error: DomainError, text: str) -> None:
    fault = errors.fault(error, sm.SERVICE, "json", PARTITION)
    assert (fault.code, fault.status, fault.message) == ("ValidationException", 400, text)


texts = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=20)
NAMES = ["x-amz-target", "content-type", "content-encoding", "content-length", "authorization", "x-amz-date", "host"]
VALUES = [
    "SageMaker.ListModels",
    "application/x-www-form-urlencoded",
    "gzip",
    "AWS4-HMAC-SHA256 Credential=a/20241129/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0",
]


@settings(max_examples=150, deadline=None)
@given(
    body=st.binary(max_size=60) | st.text('Action=&.member1%20{}[]":,', max_size=60).map(str.encode),
    path=st.text("/.%2Fab{}endpoints:invocations", max_size=30).map("/{}".format),
    headers=st.lists(st.tuples(st.sampled_from(NAMES), texts | st.sampled_from(VALUES)), max_size=4),
    query=st.text("X-Amz-Signature=Algorithm&%2 +", max_size=40),
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    mode=st.sampled_from(["off", "strict"]),
)
def test_no_bytes_make_it_break(mode: str, **more: Any) -> None:
    body = more.pop("body")
    more["headers"] = tuple(more["headers"])
    status, headers, reply = asyncio.run(Wire(mode=mode).call(body, **more))
    assert status == 200 or (400 <= status < 500) or status == 501
    assert headers["x-amzn-RequestId"] == "id-1"
    assert headers["content-type"] == "text/xml" or json.loads(reply) is not None


def test_a_handler_for_nothing_is_refused_at_once() -> None:
    verifier = Verifier({}, mode="off")
    with pytest.raises(ValueError, match="no such operations are generated: sagemaker:MakeTea"):
        asgi.aws_app(
            {("sagemaker", "MakeTea"): list_models},
            verifier,
            services=SERVICES,
            partition=PARTITION,
            request_id=str,
        )


async def test_lifespan_and_websockets_are_answered() -> None:
    wire = Wire()
    sent: list[Message] = []
    incoming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await wire.app({"type": "lifespan"}, receive, send)
    await wire.app({"type": "websocket"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]
