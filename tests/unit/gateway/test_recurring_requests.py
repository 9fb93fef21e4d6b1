"""The short way of requests on relayed paths: what is remembered of a head, and what is asked each time."""

import asyncio

import pytest

from stoker.link.messages import RoutingChange
from stoker.units import HOUR
from stoker.wire.relaying import MAX_KNOWN
from tests.unit.gateway.recurring import (
    BOUND,
    NOW,
    OTHERS,
    RING,
    TABLES,
    TOKENS,
    Relaying,
    endpoint,
    relayed_request,
)

OPENAI = "/endpoints/one/openai/v1/chat/completions"


@pytest.fixture
def stage(loop: asyncio.AbstractEventLoop) -> Relaying:
    return Relaying(loop)


def status(sent: tuple[dict[str, bytes], bytes]) -> int:
    """Give the status of a reply; a good one is a model's that was asked, no other is."""
    asked, told = sent
    found = int(told[9:12])
    assert (found == 200) is (len(asked) == 1)
    return found


def goes(stage: Relaying, request: bytes, model: str, *, by: int = 0) -> None:
    """Tell that a request comes to a model."""
    asked, _ = stage.sent(request, by=by)
    assert list(asked) == [model]
    assert b"authorization" not in asked[model].lower()


@pytest.mark.parametrize("keys", [RING, None])
@pytest.mark.parametrize(
    ("path", "model", "found"),
    [
        ("/v1/chat/completions", "llama", "llama"),
        ("/v1/chat/completions?x=%20", "m", "llama"),
        (OPENAI, "any", "llama"),
        ("/endpoints/two/inference-components/vicuna/openai/v1/x", "alpaca", "vicuna"),
        ("/ep/home/hub/v1/embeddings", None, "gpt"),
        ("/ep/home/hub/generate", "llama", "gpt"),
        ("/ep/home/hub", "llama", "gpt"),
    ],
)
def test_what_recurs_is_understood_once(
    loop: asyncio.AbstractEventLoop, keys: object, path: str, model: str | None, found: str
) -> None:
    stage = Relaying(loop, keys=RING if keys else None)
    for number in range(5):
        goes(stage, relayed_request(path, model=model, stream=bool(number % 2)), found)
    assert stage.long == 1, "the first, whose form is not made before it comes again"


def test_a_head_is_no_models_own(stage: Relaying) -> None:
    for _ in range(3):
        for model, found in (("llama", "llama"), ("alpaca", "alpaca"), ("m", "llama"), ("gpt", "gpt")):
            goes(stage, relayed_request(model=model), found)
        assert status(stage.sent(relayed_request(model="none"))) == 404
        assert status(stage.sent(relayed_request(body=b'{"model": 7}'))) == 400
    for _ in range(3):
        several = "/endpoints/two/openai/v1/chat/completions"
        assert status(stage.sent(relayed_request(several, model=None))) == 400
        goes(stage, relayed_request(several, model="alpaca"), "alpaca")
        goes(stage, relayed_request(several, model="vicuna"), "vicuna")


def test_names_that_change_hands_take_their_requests_along(stage: Relaying) -> None:
    requests = [relayed_request(model="m"), relayed_request(OPENAI, model="m"), relayed_request("/ep/home/hub/x", model="m")]
    for name, found in (
        ("as it was", ["llama", "llama", "gpt"]),
        ("the alias changes hands", ["gpt", "llama", "gpt"]),
        ("as it was", ["llama", "llama", "gpt"]),
        ("the models move", [None, "gpt", "alpaca"]),
        ("an endpoint is gone", [None, None, None]),
        ("as it was", ["llama", "llama", "gpt"]),
        ("paused", ["llama", "llama", None]),
    ):
        stage.ground.route(TABLES[name])
        for _ in range(3):
            for request, model in zip(requests, found, strict=True):
                asked, told = stage.sent(request)
                assert list(asked) == ([model] if model else [])
                assert model is not None or told.startswith(b"HTTP/1.1 4")


def test_a_change_of_one_endpoint_is_heeded_as_a_table_is(stage: Relaying) -> None:
    for _ in range(3):
        goes(stage, relayed_request(model="m"), "llama")
    one, two = endpoint("one", "llama"), endpoint("two", "alpaca", aliases=("m",))
    stage.ground.core.change(RoutingChange(since=1, version=1, endpoints=(one[0], two[0])))
    for _ in range(2):
        goes(stage, relayed_request(model="m"), "alpaca")


def test_models_are_called_by_the_name_that_they_know(stage: Relaying) -> None:
    stage.ground.route(TABLES["another name is served"])
    for number in range(3):
        asked, _ = stage.sent(relayed_request(body=b'{"x":%d,"model":"m"}' % 10**number))
        body = b'{"x":%d,"model":"own"}' % 10**number
        assert asked["llama"].endswith(b"\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        asked, _ = stage.sent(relayed_request(body=b'{"x":1,"model":"own"}'))
        assert not asked
    assert stage.long > 0


@pytest.mark.parametrize("member", [b'"\xff":1', b'"x":' + b"[" * 990 + b"]" * 990])
def test_a_body_that_cannot_name_the_model_otherwise_is_refused_as_any(stage: Relaying, member: bytes) -> None:
    stage.ground.route(TABLES["another name is served"])
    goes(stage, relayed_request(model="m"), "llama")
    for _ in range(3):
        asked, told = stage.sent(relayed_request(body=b'{%s,"model":"m"}' % member))
        assert asked or told.startswith(b"HTTP/1.1 400 ")
    asked, told = stage.sent(relayed_request(body=b'{"\xff":1,"model":"m"}'))
    assert (asked, told[:13]) == ({}, b"HTTP/1.1 400 ")
    goes(stage, relayed_request(model="m"), "llama")


def test_headers_that_vary_are_each_requests_own(stage: Relaying) -> None:
    for number in range(4):
        asked, _ = stage.sent(relayed_request("/v1/x", f"traceparent: 00-{number}", "X-Y: 100%", f"X-Request-Id: %s{number}"))
        assert (
            b"\r\ntraceparent: 00-%d\r\nx-y: 100%%\r\nx-request-id: %%s%d\r\ncontent-length" % (number, number) in asked["llama"]
        )
    assert stage.long == 1


@pytest.mark.parametrize("credentials", ["x=", "=", "Bearer", "Bearer t", "Bearer  t", "Bearer t=", "Basic a=b", "x"])
@pytest.mark.parametrize("first", [True, False])
def test_a_head_as_long_as_the_one_before_is_not_taken_for_it(
    loop: asyncio.AbstractEventLoop, credentials: str, first: bool
) -> None:
    stage = Relaying(loop, keys=None)
    given = [f"Authorization: {credentials}"]
    for word in ("one", "one", "one", "two", "one", "two", "two"):
        lines = [*given, f"X-Y: {word}"] if first else [f"X-Y: {word}", *given]
        for body in (b"abc", b"xyz"):
            asked, _ = stage.sent(relayed_request("/ep/home/one/x", *lines, token="", body=body))
            assert b"\r\nx-y: %s\r\n" % word.encode() in asked["llama"]
            assert asked["llama"].endswith(b"\r\n\r\n" + body)


def test_more_models_than_are_remembered_are_served_too(stage: Relaying) -> None:
    for _ in range(2):
        for number in range(MAX_KNOWN + 2):
            goes(stage, relayed_request(OPENAI, model=f"m{number:03}"), "llama")
    assert stage.long == 1


@pytest.mark.parametrize("path", ["/v1/chat/completions", OPENAI, "/ep/home/one/v1/x", "/ep/home/one/x"])
def test_tokens_are_told_apart(stage: Relaying, path: str) -> None:
    for _ in range(3):
        for name, expected in (
            ("root", 200),
            ("forged", 401),
            ("bound", 200),
            ("foreign", 401),
            ("root", 200),
            ("other", 401),
            ("short", 200),
        ):
            for by in (0, 1):
                assert status(stage.sent(relayed_request(path, token=TOKENS[name]), by=by)) == expected
        assert status(stage.sent(relayed_request(path, token=""))) == 401


@pytest.mark.parametrize("path", ["/v1/chat/completions", OPENAI, "/ep/home/one/x"])
def test_a_key_that_ends_lets_in_nobody(stage: Relaying, path: str) -> None:
    request = relayed_request(path, token=TOKENS["short"])
    for now, expected in ((NOW, 200), (NOW + HOUR - 1, 200), (NOW + HOUR, 401), (NOW, 200)):
        stage.at(now)
        for _ in range(3):
            assert status(stage.sent(request)) == expected


def test_other_keys_are_heeded_at_once(stage: Relaying) -> None:
    for ring, mine, others in ((RING, 200, 401), (OTHERS, 401, 200), (RING, 200, 401)):
        stage.ground.welcome(ring)
        for _ in range(3):
            for path in ("/v1/chat/completions", OPENAI):
                assert status(stage.sent(relayed_request(path, token=TOKENS["root"]))) == mine
                assert status(stage.sent(relayed_request(path, token=TOKENS["other"]))) == others


def test_each_key_has_its_own_rights(stage: Relaying) -> None:
    for _ in range(3):
        for model, bound in (("llama", 200), ("gpt", 403), ("alpaca", 403)):
            assert status(stage.sent(relayed_request(model=model, token=TOKENS["root"]))) == 200
            assert status(stage.sent(relayed_request(model=model, token=TOKENS["bound"]))) == bound
        for path, bound in (
            (OPENAI, 200),
            ("/endpoints/two/inference-components/vicuna/openai/v1/x", 403),
            ("/ep/home/one/x", 200),
            ("/ep/home/hub/x", 403),
        ):
            assert status(stage.sent(relayed_request(path, token=TOKENS["root"]))) == 200
            assert status(stage.sent(relayed_request(path, token=TOKENS["bound"]))) == bound
    stage.ground.route(TABLES["the models move"])  # the name is another endpoint's now
    for _ in range(3):
        assert status(stage.sent(relayed_request(model="llama", token=TOKENS["bound"]))) == 403
        assert status(stage.sent(relayed_request(model="gpt", token=TOKENS["bound"]))) == 200


def test_open_endpoints_let_in_everybody_as_long_as_they_are(stage: Relaying) -> None:
    for name, stranger in (("as it was", 401), ("open", 200), ("as it was", 401), ("open", 200)):
        stage.ground.route(TABLES[name])
        for _ in range(3):
            for path in ("/v1/chat/completions", "/ep/home/one/x"):
                for token in ("", TOKENS["foreign"], TOKENS["forged"]):
                    assert status(stage.sent(relayed_request(path, token=token))) == stranger
                assert status(stage.sent(relayed_request(path, token=TOKENS["root"]))) == 200
            assert status(stage.sent(relayed_request(model="gpt", token=""))) == 401


def test_calls_with_a_key_are_their_senders(stage: Relaying) -> None:
    """A retry is joined to the call that it repeats, but never to another's."""
    stage.ground.route(TABLES["open"])
    request, clients = relayed_request("/v1/x", "Idempotency-Key: k", token=TOKENS["root"]), stage.clients
    for _ in range(3):
        stage.sent(request)
    clients[0].data_received(request)
    assert stage.ground.asked("llama")
    clients[1].data_received(relayed_request("/v1/x", "Idempotency-Key: k", token=TOKENS["bound"]))
    assert stage.ground.connects == 1, "the other's is work of its own"
    assert BOUND.invokes("one")
