"""How handler functions are called and what becomes of what they give."""

import functools
import json
import types
from collections.abc import Callable, Iterator

import pytest

from stoker.modelserver.exchange import Context
from stoker.modelserver.formats import decode, encode
from stoker.modelserver.protocol import HttpError
from stoker.modelserver.replies import chunk_of, error_of, make_reply
from stoker.modelserver.script import EndpointModel, Function, LoadError, ScriptModel


def context() -> Context:
    return Context("/model", {"x-a": "1"})


def script(**functions: object) -> ScriptModel:
    module = types.ModuleType("inference")
    vars(module).update(functions)
    return ScriptModel(module, "/model", "application/json")


def wrapped(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def inner(*arguments: object) -> object:
        return function(*arguments)

    return inner


class Handler:
    def plain(self, data: object, model: object) -> str:
        return f"{data}{model}"

    def with_context(self, data: object, model: object, context: Context) -> str:
        return f"{data}{model}{context.get_request_header('X-A')}"


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        pytest.param(lambda d, m: f"{d}{m}", "dm", id="plain"),
        pytest.param(lambda d, m, c: f"{d}{m}{type(c).__name__}", "dmContext", id="one more"),
        pytest.param(lambda d, m, ctx=None: f"{d}{m}{type(ctx).__name__}", "dmContext", id="one more with a default"),
        pytest.param(lambda d, m, context=None, k=5: f"{d}{m}{k}{type(context).__name__}", "dm5Context", id="by name"),
        pytest.param(lambda d, m, k=5, j=6: f"{d}{m}{k}{j}", "dm56", id="own defaults"),
        pytest.param(lambda *a: "".join(a), "dm", id="any number"),
        pytest.param(wrapped(lambda d, m, c: f"{d}{m}{type(c).__name__}"), "dmContext", id="decorated"),
        pytest.param(Handler().plain, "dm", id="method"),
        pytest.param(Handler().with_context, "dm1", id="method with context"),
        pytest.param(functools.partial(Handler.plain, Handler()), "dm", id="partial"),
    ],
)
def test_the_context_is_given_to_those_who_take_it(function: Callable[..., object], expected: str) -> None:
    assert Function(function, "predict_fn", 2)(context(), "d", "m") == expected


async def _asynchronous(_data: object, _model: object) -> None: ...


@pytest.mark.parametrize(
    ("function", "said"),
    [
        pytest.param(lambda d: d, "must take 2 arguments, or 3 with the context; it takes 1", id="too few"),
        pytest.param(lambda a, b, c, d: (a, b, c, d), "it takes 4", id="too many"),
        pytest.param(_asynchronous, "asynchronous", id="async"),
        pytest.param(3, "not a function", id="no function"),
    ],
)
def test_a_function_that_cannot_be_called_is_refused_at_once(function: Callable[..., object], said: str) -> None:
    with pytest.raises(LoadError, match=said):
        Function(function, "predict_fn", 2)


def test_the_model_itself_predicts_without_predict_fn() -> None:
    class Model:
        def predict(self, data: list[int]) -> int:
            return sum(data)

    for load in (lambda _dir: Model(), lambda _dir: sum):
        reply = script(model_fn=load).invoke(b"[1, 2]", {}, context())
        assert (reply.body, reply.content_type) == (b"3", "application/json")


@pytest.mark.parametrize(
    ("functions", "said"),
    [
        pytest.param({"model_fn": lambda _dir: 3}, "no predict method", id="dumb model"),
        pytest.param({"input_fn": lambda a, b: (a, b)}, "nothing could predict", id="nothing"),
        pytest.param({"transform_fn": lambda *a: a, "predict_fn": lambda *a: a}, "not both", id="both"),
    ],
)
def test_a_script_that_cannot_predict_is_refused(functions: dict[str, object], said: str) -> None:
    with pytest.raises(LoadError, match=said):
        script(**functions)


def test_hooks_run_around_the_load() -> None:
    calls: list[object] = []

    def load(path: str) -> str:
        calls.append(("load", path))
        return "m"

    script(
        pre_model_fn=lambda d: calls.append(("before", d)),
        model_fn=load,
        predict_fn=lambda d, m: (d, m),
        model_warmup_fn=lambda d, m: calls.append(("warm", d, m)),
    )
    assert calls == [("before", "/model"), ("load", "/model"), ("warm", "/model", "m")]


def test_only_the_input_is_the_callers_fault() -> None:
    def raises(_a: object, _b: object) -> None:
        raise ValueError("no good")

    with pytest.raises(HttpError, match="no good") as caught:
        script(input_fn=raises, predict_fn=lambda d, _m: d).invoke(b"1", {}, context())
    assert (caught.value.status, caught.value.kind) == (400, "ValueError")
    with pytest.raises(ValueError, match="no good"):
        script(predict_fn=raises).invoke(b"1", {}, context())


def test_a_toolkit_error_keeps_its_status_and_a_client_librarys_does_not() -> None:
    error = RuntimeError("too long")
    error.status_code = 422  # type: ignore[attr-defined]
    assert error_of(error).status == 500
    error.phrase = "Unprocessable"  # type: ignore[attr-defined]
    assert (error_of(error).status, error_of(error).kind) == (422, "RuntimeError")


def _stream() -> Iterator[bytes]:
    yield b"1"


@pytest.mark.parametrize(
    ("result", "accept", "body", "content_type"),
    [
        pytest.param(b"x", "image/png", b"x", "image/png", id="bytes as accepted"),
        pytest.param(b"x", "*/*", b"x", "application/octet-stream", id="bytes"),
        pytest.param("é", "", "é".encode(), "application/json", id="text"),
        pytest.param("x", "a/b, c/d", b"x", "application/json", id="no single accepted type"),
        pytest.param(("x", "text/plain"), "a/b", b"x", "text/plain", id="with type"),
        pytest.param({"a": 1}, "a/b", b'{"a": 1}', "application/json", id="json"),
        pytest.param((1, 2), "", b"[1, 2]", "application/json", id="a plain tuple"),
    ],
)
def test_results_become_replies(result: object, accept: str, body: bytes, content_type: str) -> None:
    reply = make_reply(result, accept, context())
    assert (reply.body, reply.content_type, reply.chunks) == (body, content_type, None)


def test_generators_become_streams() -> None:
    reply = make_reply((_stream(), "text/event-stream"), "", context())
    assert (list(reply.chunks or ()), reply.content_type) == ([b"1"], "text/event-stream")
    assert [chunk_of(item)[0] for item in (b"a", "b", {"c": 1}, 2)] == [b"a", b"b", b'{"c": 1}\n', b"2\n"]


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x", "é", "a\0"])
def test_a_header_cannot_smuggle(value: str) -> None:
    with pytest.raises(ValueError, match="may not stand there"):
        context().set_response_header("X-A", value)
    with pytest.raises(ValueError, match="may not stand there"):
        make_reply(("x", value), "", context())


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Connection", "a b", ""])
def test_headers_that_frame_the_reply_are_ours(name: str) -> None:
    with pytest.raises(ValueError, match="may not be set"):
        context().set_response_header(name, "1")


def test_the_context_takes_the_batch_index_of_older_servers() -> None:
    seen = context()
    assert (seen.get_request_header(0, "X-a"), seen.get_request_header("none", default="d")) == ("1", "d")
    seen.set_response_header(0, "X-B", "2")
    seen.set_response_content_type(0, "a/b")
    assert (seen.reply_headers, make_reply("x", "c/d", seen).content_type) == ({"X-B": "2"}, "a/b")
    with pytest.raises(ValueError, match="status"):
        seen.set_response_status(99)


class Array:
    """As a NumPy array is written, without NumPy."""

    def tolist(self) -> list[list[int]]:
        return [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("prediction", "accept", "body", "content_type"),
    [
        pytest.param([1], "*/*", b"[1]", "application/json", id="any"),
        pytest.param(Array(), "application/json", b"[[1, 2], [3, 4]]", "application/json", id="array"),
        pytest.param(Array(), "image/png, text/csv;q=0.1", b"1,2\n3,4\n", "text/csv", id="second choice"),
        pytest.param([1, "a"], "text/csv", b"1,a\n", "text/csv", id="one row"),
        pytest.param([[1], 2], "text/csv", b"1\n2\n", "text/csv", id="ragged"),
        pytest.param(b"x", "application/octet-stream", b"x", "application/octet-stream", id="bytes"),
    ],
)
def test_default_output(prediction: object, accept: str, body: bytes, content_type: str) -> None:
    assert encode(prediction, accept) == (body, content_type)


def test_npy_goes_both_ways_and_carries_no_pickle() -> None:
    raw, content_type = encode([[1.5, 2.5]], "application/x-npy")
    again = encode(decode(raw, content_type), "application/json")[0]
    assert json.loads(again) == [[1.5, 2.5]]
    with pytest.raises(ValueError, match=r"pickle|Object arrays"):
        encode([{1}], "application/x-npy")


def test_bytes_are_not_json() -> None:
    with pytest.raises(HttpError) as caught:
        encode(b"x", "application/json")
    assert caught.value.status == 406


def test_an_endpoint_handler_must_be_callable() -> None:
    with pytest.raises(LoadError, match="__call__"):
        EndpointModel(lambda _path: 3, "/model")
    with_context = EndpointModel(lambda _path: lambda data, ctx: [data, ctx.get_request_header("X-A")], "/model")
    assert json.loads(with_context.invoke(b'{"inputs": 1}', {}, context()).body) == [{"inputs": 1}, "1"]
