"""The real openai client talks to a real small language model: SmolLM2-135M, run by llama.cpp in a copy."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.conformance.small_models import packages, smollm
from tests.e2e.modelserver_copy import MAIN, Copy, answer, request, running

NAME = "SmolLM2-135M-Instruct.Q4_1"
ASKED: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Name three colours of the rainbow."},
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    environment = {
        "SM_MODEL_DIR": str(smollm(tmp_path_factory.mktemp("smollm"))),
        "PYTHONPATH": str(packages()),
        "LLAMA_ARG_CTX_SIZE": "512",
    }
    with running({}, environment, command=(str(MAIN), "llama")) as served:
        yield served


@pytest.fixture(scope="module")
def client(copy: Copy) -> Iterator[openai.OpenAI]:
    with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(copy.socket))) as http_client:
        yield openai.OpenAI(base_url="http://copy/v1", api_key="any", http_client=http_client, max_retries=0)


def read(copy: Copy, path: str) -> tuple[int, bytes]:
    with copy.connect() as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: copy\r\n\r\n".encode())
        reply, body = answer(sock, "GET")
        return reply.status, body


def post(copy: Copy, path: str, body: object) -> tuple[http.client.HTTPResponse, bytes]:
    with copy.connect() as sock:
        sock.sendall(request(json.dumps(body).encode(), path, Content_Type="application/json"))
        return answer(sock)


def running_now(copy: Copy) -> int:
    return int(read(copy, "/metrics")[1].split()[1])


def test_the_model_is_listed_by_its_files_name(client: openai.OpenAI) -> None:
    (model,) = client.models.list().data
    assert (model.id, model.object, model.owned_by) == (NAME, "model", "llamacpp")


def test_a_chat_is_answered_and_its_tokens_are_counted(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="any", messages=ASKED, temperature=0, max_tokens=24)
    (choice,) = reply.choices
    assert choice.message.role == "assistant"
    assert any(colour in (choice.message.content or "").lower() for colour in ("red", "blue", "green", "violet", "orange"))
    assert choice.finish_reason in {"stop", "length"}
    assert reply.model == "any"
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens
    assert 25 < reply.usage.prompt_tokens < 40


def test_a_stream_says_what_a_whole_answer_says(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model=NAME, messages=ASKED, temperature=0, max_tokens=12)
    stream = client.chat.completions.create(
        model=NAME, messages=ASKED, temperature=0, max_tokens=12, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(texts) == whole.choices[0].message.content
    assert sum(bool(text) for text in texts) > 5, "it came in pieces"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == whole.choices[0].finish_reason
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert {chunk.id for chunk in chunks} == {chunks[0].id}


def test_the_streams_bytes_are_as_clients_need_them(copy: Copy) -> None:
    body = {"messages": ASKED, "temperature": 0, "max_tokens": 3, "stream": True}
    reply, said = post(copy, "/v1/chat/completions", body)
    assert reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    events = said.split(b"\n\n")
    assert events[-2:] == [b"data: [DONE]", b""]
    assert all(event.startswith(b"data: {") for event in events[:-2])
    assert "usage" not in json.loads(events[0].removeprefix(b"data: ")), "nobody asked for it"


def test_chance_is_repeated_by_its_seed_and_a_stop_ends_an_answer(client: openai.OpenAI) -> None:
    def told(seed: int) -> str:
        return client.completions.create(model=NAME, prompt="Once upon a time", seed=seed, max_tokens=12).choices[0].text

    first = told(7)
    assert told(7) == first
    assert told(8) != first
    word = first.split()[2]
    cut = client.completions.create(model=NAME, prompt="Once upon a time", seed=7, max_tokens=12, stop=[word, "\0"])
    assert cut.choices[0].text == first[: first.index(word)]
    assert cut.choices[0].finish_reason == "stop"


def test_who_leaves_a_stream_ends_the_work_for_it(copy: Copy, client: openai.OpenAI) -> None:
    stream = client.completions.create(model=NAME, prompt="1 2 3 4 5 6 7", temperature=0, max_tokens=480, stream=True)
    for _ in range(3):
        next(stream)
    assert running_now(copy) == 1
    assert read(copy, "/health") == (200, b'{"status": "ok"}'), "it is well while it works"
    stream.close()
    until = time.monotonic() + 5
    while running_now(copy):
        assert time.monotonic() < until, "480 tokens take longer than that"
    assert client.completions.create(model=NAME, prompt="1 2 3", max_tokens=1).choices


def test_who_leaves_without_a_stream_ends_it_too(copy: Copy) -> None:
    body = json.dumps({"prompt": "1 2 3 4 5 6 7", "temperature": 0, "max_tokens": 480}).encode()
    with copy.connect() as sock:
        sock.sendall(request(body, "/v1/completions"))
        while not running_now(copy):
            pass
    until = time.monotonic() + 5
    while running_now(copy):
        assert time.monotonic() < until


@pytest.mark.parametrize(
    ("changed", "param", "code"),
    [
        pytest.param({"temperature": -1}, "temperature", "invalid_value", id="temperature"),
        pytest.param({"messages": []}, "messages", "invalid_value", id="messages"),
        pytest.param(
            {"messages": [{"role": "user", "content": "word " * 600}]}, "messages", "context_length_exceeded", id="long"
        ),
        pytest.param({"logprobs": True}, "logprobs", "unsupported_parameter", id="logprobs"),
        pytest.param({"n": 2}, "n", "unsupported_parameter", id="two answers"),
    ],
)
def test_what_cannot_be_is_named(client: openai.OpenAI, changed: dict[str, object], param: str, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**({"model": NAME, "messages": ASKED} | changed))  # type: ignore[call-overload] # rows
    assert (refused.value.param, refused.value.code, refused.value.type) == (param, code, "invalid_request_error")


def test_embeddings_are_refused_with_where_to_have_them(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="the image hf/huggingface does"):
        client.embeddings.create(model=NAME, input="text")


def test_other_clients_ask_in_their_own_ways(copy: Copy) -> None:
    body = {"inputs": "The sky is", "parameters": {"max_new_tokens": 4, "do_sample": False}}
    reply, said = post(copy, "/", body)
    (generated,) = json.loads(said)
    assert (reply.status, bool(generated["generated_text"].strip())) == (200, True)
    reply, said = post(copy, "/invocations", {"messages": ASKED, "max_tokens": 2, "temperature": 0})
    assert json.loads(said)["object"] == "chat.completion"
    assert read(copy, "/ping")[0] == 200


def test_a_long_prompt_is_understood(client: openai.OpenAI) -> None:
    """Prompts beyond 31 tokens are where the library's other kernels went wrong; see docs/adr/0182."""
    prompt = (
        "The Declaration of Independence of the United States says these words in its second paragraph: We hold these truths to "
        "be self-evident, that all men are created equal, that they are endowed by their Creator with certain"
    )
    said = client.completions.create(model=NAME, prompt=prompt, temperature=0, max_tokens=4).choices[0].text
    assert said.lower().startswith((" unalienable", " inalienable"))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({}, "holds no .gguf file", id="no file"),
        pytest.param({"a.gguf": "no model"}, "llama.cpp cannot load", id="no model"),
    ],
)
def test_what_is_no_model_ends_with_a_word_why(files: dict[str, str], said: str) -> None:
    with running(files, {"PYTHONPATH": str(packages())}, ready=False, command=(str(MAIN), "llama")) as copy:
        assert copy.exit_code() == 1
        assert said in copy.log


def test_without_the_extra_it_is_named(tmp_path: Path) -> None:
    environment = {"SM_MODEL_DIR": str(smollm(tmp_path / "model"))}
    with running({}, environment, ready=False, command=(str(MAIN), "llama")) as copy:
        assert copy.exit_code() == 1
        assert "install Stoker's extra 'llama'" in copy.log
