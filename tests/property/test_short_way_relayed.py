"""Whatever was remembered: what is relayed goes to the model, and gets the reply, that it would if nothing were remembered."""

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from stoker.domain.keys import Keyring
from stoker.units import HOUR
from tests.unit.gateway.recurring import NOW, OTHERS, RING, TABLES, TOKENS, Relaying, relayed_request

PATHS = st.sampled_from(
    [
        "/v1/chat/completions",
        "/v1/completions?a=%41",
        "/endpoints/one/openai/v1/chat/completions",
        "/endpoints/two/openai/v1/chat/completions",
        "/endpoints/two/inference-components/vicuna/openai/v1/completions",
        "/endpoints/one/invocations",
        "/ep/home/hub/v1/chat/completions",
        "/ep/home/hub",
        "/ep/home/one/generate?x=1",
        "/ep/home/one/v1/embeddings",
    ]
)
LINES = st.sampled_from(
    [
        "traceparent: 00-1",
        "traceparent: 50%s",
        "X-Request-Id: r1",
        "X-Y: 100%",
        "Idempotency-Key: k",
        "Accept: text/event-stream",
        "X-Stoker-At-Zero: refuse",
        "X-Stoker-At-Zero: no",
        "x-amz-date: 20260101T000000Z",
        "X-Amzn-SageMaker-Inference-Component: llama",
    ]
)
MODELS = st.sampled_from(["llama", "m", "one", "two", "alpaca", "gpt", "none", "", "x" * 600, None, 7])
BODIES = st.one_of(
    st.none(),
    st.sampled_from(
        [
            b"",
            b"{",
            b'{"model": "llama", "model": "gpt"}',
            b'{"model": "\\u006dx", "stream": false, "x": "\\"model\\""}',
            b'{"mod\\u0065l": "m", "x": {"model": "a"}}',
            b"\xff" * 9,
            b"[" * 3000,
        ]
    ),
)
KINDS = st.sampled_from(["application/json", "application/json; charset=utf-8", "text/plain", "multipart/form-data; boundary=b"])
REQUESTS = st.builds(
    lambda path, lines, model, stream, token, body, kind: relayed_request(
        path,
        *{line.partition(":")[0]: line for line in lines}.values(),
        model=model,
        stream=stream,
        token=token,
        body=body,
        kind=kind,
    ),
    PATHS,
    st.lists(LINES, max_size=2),
    MODELS,
    st.sampled_from([None, None, True, False, "yes"]),
    st.sampled_from([*TOKENS.values(), TOKENS["root"], TOKENS["bound"], "", "=", "x y"]),
    BODIES,
    KINDS.filter(bool) | st.just("application/json"),
)
SENT = st.tuples(REQUESTS, st.integers(0, 1))
CHANGES = st.one_of(
    st.sampled_from(list(TABLES)), st.sampled_from([RING, OTHERS]), st.sampled_from([NOW, NOW + HOUR - 1, NOW + HOUR])
)


def played(steps: list[object], keys: Keyring | None, *, short: bool, pieces: int) -> list[object]:
    """Give what models were asked and clients told, step by step."""
    loop = asyncio.new_event_loop()
    try:
        stage = Relaying(loop, keys=keys, short=short)
        seen: list[object] = []
        for step in steps:
            match step:
                case (bytes(request), int(by)):
                    size = len(request) // pieces + 1
                    seen.append(stage.sent(*[request[at : at + size] for at in range(0, len(request), size)], by=by))
                case str(name):
                    stage.ground.route(TABLES[name])
                case int(now):
                    stage.at(now)
                case Keyring() as ring if keys is not None:
                    stage.ground.welcome(ring)
        return seen
    finally:
        loop.close()


def again(steps: list[object]) -> list[object]:
    """Have each request come several times, as forms are made of heads that do; and all of them again after each change."""
    requests = [step for step in steps if isinstance(step, tuple)]
    return [one for step in steps for one in ([step] * 3 if isinstance(step, tuple) else [step, *requests, *requests])]


@given(st.lists(SENT | CHANGES, min_size=1, max_size=6), st.sampled_from([RING, RING, None]))
@example([(relayed_request(model="m"), 0), (relayed_request(model="m"), 1), "the alias changes hands"], RING)
@example([(relayed_request(model="m", token=TOKENS["bound"]), 0), "the alias changes hands", "as it was"], RING)
@example([(relayed_request(model="llama", token=""), 0), "open", "as it was"], RING)
@example([(relayed_request("/ep/home/hub/v1/x", model="gpt"), 0), "another name is served"], None)
@example([(relayed_request(token=TOKENS["short"]), 0), NOW + HOUR, NOW, OTHERS], RING)
@example([(relayed_request(token=TOKENS["root"]), 0), (relayed_request(token=TOKENS["other"]), 1), OTHERS, RING], RING)
@example([(relayed_request(token=TOKENS["root"]), 0), (relayed_request(token=TOKENS["forged"]), 0)], RING)
@settings(max_examples=60, deadline=None)
def test_the_short_way_does_what_the_long_one_does(steps: list[object], keys: Keyring | None) -> None:
    told = again(steps)
    right = played(told, keys, short=False, pieces=1)
    assert played(told, keys, short=True, pieces=1) == right
    assert played(told, keys, short=True, pieces=3) == right
