"""What a request of OpenAI's asks for, how an answer is cut and worded, and which token comes next; without a model."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

from stoker.modelserver.llama.answers import Answer, Form, events, task_events, usage_of
from stoker.modelserver.llama.asked import Asked, messages_of, prompt_of, read_object
from stoker.modelserver.llama.chat import ChatTemplate
from stoker.modelserver.llama.sampling import Sampler, Sampling
from stoker.modelserver.llama.surface import FieldError, OpenAISurface, model_file, model_name
from stoker.modelserver.protocol import HttpError, Request

LOGITS = np.array([0.0, 3.0, 2.0, -1.0], dtype=np.float32)


def pieces(*parts: bytes, closed: list[bool] | None = None) -> Iterator[tuple[int, bytes]]:
    try:
        yield from enumerate(parts)
    finally:
        if closed is not None:
            closed.append(True)


def test_a_request_is_read_with_llama_cpps_defaults() -> None:
    asked = Asked(
        {"stream": True, "stream_options": {"include_usage": True}, "stop": "x", "max_completion_tokens": 5, "user": "u"}
    )
    assert (asked.stream, asked.usage, asked.stops, asked.most) == (True, True, ["x"], 5)
    sampling = asked.sampling
    assert (sampling.temperature, sampling.top_k, sampling.top_p, sampling.seed) == (0.8, 40, 0.95, None)
    assert Asked({"max_tokens": 3, "tools": [], "logprobs": False, "n": 1}).most == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"temperature": "hot"}, "temperature", id="text"),
        pytest.param({"temperature": True}, "temperature", id="truth"),
        pytest.param({"top_p": 1.5}, "top_p", id="too much"),
        pytest.param({"max_tokens": 0}, "max_tokens", id="none"),
        pytest.param({"seed": 1.5}, "seed", id="half"),
        pytest.param({"stop": [""]}, "stop", id="empty stop"),
        pytest.param({"stop": ["a"] * 17}, "stop", id="many stops"),
        pytest.param({"stream": "yes"}, "stream", id="stream"),
        pytest.param({"stream_options": {"include_usage": True}}, "stream_options", id="options without a stream"),
        pytest.param({"tools": [{}]}, "tools", id="tools"),
        pytest.param({"response_format": {"type": "json_object"}}, "response_format", id="form"),
        pytest.param({"model": 1}, "model", id="model"),
    ],
)
def test_what_cannot_be_is_named(body: dict[str, object], field: str) -> None:
    with pytest.raises(FieldError) as caught:
        Asked(body)
    assert (caught.value.field, caught.value.status) == (field, 400)


def test_messages_have_texts_or_parts_with_texts() -> None:
    parts = [{"type": "text", "text": "a"}, {"text": "b"}]
    given = {"messages": [{"role": "developer", "content": "be"}, {"role": "user", "content": parts}, {"role": "assistant"}]}
    assert messages_of(given) == [
        {"role": "system", "content": "be"},
        {"role": "user", "content": "ab"},
        {"role": "assistant", "content": ""},
    ]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        pytest.param("hello", "messages[0]", id="no object"),
        pytest.param({"role": "robot", "content": ""}, "messages[0].role", id="role"),
        pytest.param({"role": "user"}, "messages[0].content", id="nothing said"),
        pytest.param({"role": "user", "content": [{"type": "image_url"}]}, "messages[0].content[0]", id="picture"),
    ],
)
def test_a_message_that_cannot_be_is_named_by_its_place(message: object, field: str) -> None:
    with pytest.raises(FieldError) as caught:
        messages_of({"messages": [message]})
    assert caught.value.field == field


def test_prompts_are_texts_or_tokens() -> None:
    assert prompt_of({"prompt": "a"}) == prompt_of({"prompt": ["a"]}) == "a"
    assert prompt_of({"prompt": [1, 2]}) == prompt_of({"prompt": [[1, 2]]}) == [1, 2]
    for wrong in (None, [], ["a", "b"], [[1], [2]], [-1], 3):
        with pytest.raises(FieldError):
            prompt_of({"prompt": wrong})
    for body in (b"[]", b"{", b"[" * 100_000):
        with pytest.raises(FieldError):
            read_object(body)


@pytest.mark.parametrize(
    ("parts", "stops", "texts", "count"),
    [
        pytest.param([b"a", b"b"], [], ["a", "b"], 2, id="plain"),
        pytest.param(["ü".encode()[:1], "ü".encode()[1:], b"!"], [], ["ü", "!"], 3, id="half a character"),
        pytest.param([b"one ", b"two"], ["wo"], ["one ", "t"], 2, id="stop within a piece"),
        pytest.param([b"one<", b"|end", b"|>two"], ["<|end|>"], ["one"], 3, id="stop over pieces"),
        pytest.param([b"a<", b"b"], ["<|end|>"], ["a", "<b"], 2, id="what began like a stop"),
        pytest.param([b"a<"], ["<|"], ["a", "<"], 1, id="what ends like the beginning of one"),
        pytest.param([b"x1y2"], ["2", "1"], ["x"], 1, id="the first of several"),
    ],
)
def test_an_answer_is_whole_characters_up_to_a_stop(parts: list[bytes], stops: list[str], texts: list[str], count: int) -> None:
    closed: list[bool] = []
    answer = Answer(pieces(*parts, closed=closed), stops, 100)
    assert [*answer] == texts
    assert (answer.count, answer.reason, closed) == (count, "stop", [True])


def test_an_answer_that_was_cut_for_its_length_says_so() -> None:
    answer = Answer(pieces(b"a", b"b"), [], 2)
    assert [*answer] == ["a", "b"]
    assert answer.reason == "length"


def form(*, chat: bool = True) -> Form:
    return Form(chat=chat, model="m", created=1, request_id="1")


def told(stream: Iterator[bytes]) -> list[object]:
    lines = [event.removeprefix(b"data: ").removesuffix(b"\n\n") for event in stream]
    return [line if line == b"[DONE]" else json.loads(line) for line in lines]


def test_a_stream_ends_with_its_reason_and_the_counts_if_asked() -> None:
    asked = Asked({"stream": True, "stream_options": {"include_usage": True}})
    *texts, reason, counts, done = told(events(Answer(pieces(b"a", b"b"), [], 9), form(), asked, 7))
    deltas = [text["choices"][0]["delta"] for text in texts]  # type: ignore[index] # JSON
    assert deltas == [{"role": "assistant", "content": ""}, {"content": "a"}, {"content": "b"}]
    assert reason["choices"][0]["finish_reason"] == "stop"  # type: ignore[index] # JSON
    assert reason["usage"] is None  # type: ignore[index] # JSON
    assert counts["usage"] == usage_of(7, 2)  # type: ignore[index] # JSON
    assert counts["choices"] == []  # type: ignore[index] # JSON
    assert done == b"[DONE]"
    *texts, _reason, done = told(events(Answer(pieces(b"a"), [], 9), form(chat=False), Asked({"stream": True}), 7))
    assert [text["choices"][0]["text"] for text in texts] == ["a"]  # type: ignore[index] # JSON


def test_a_tasks_stream_is_worded_as_text_generation_inferences() -> None:
    lines = [json.loads(line.removeprefix(b"data:")) for line in task_events(Answer(pieces(b"a", b"b", b"c"), [], 3), "so: ")]
    assert [line["token"]["text"] for line in lines] == ["a", "b", "c"]
    assert [(line["index"], line["token"]["id"]) for line in lines] == [(1, 0), (2, 1), (3, 2)]
    assert [line["generated_text"] for line in lines] == [None, None, "so: abc"]
    assert lines[-1]["details"] == {"finish_reason": "length", "generated_tokens": 3, "seed": None}


def test_what_fails_late_is_told_in_the_stream_and_what_fails_first_is_raised() -> None:
    def failing(*before: bytes) -> Iterator[tuple[int, bytes]]:
        yield from enumerate(before)
        raise RuntimeError("no more")

    stream = told(events(Answer(failing(b"a"), [], 9), form(), Asked({"stream": True}), 7))
    assert stream[-1] == {"error": {"message": "no more", "type": "server_error", "param": None, "code": "server_error"}}
    with pytest.raises(RuntimeError, match="no more"):
        next(events(Answer(failing(), [], 9), form(), Asked({"stream": True}), 7))


def test_a_template_writes_the_prompt_and_may_refuse() -> None:
    source = "{{ bos_token }}{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}"
    assert ChatTemplate(source, {"bos_token": "<s>"}).prompt([{"role": "user", "content": "{{ 1 }}"}]) == "<s>user:{{ 1 }};"
    assert (
        ChatTemplate("", {}).prompt([{"role": "user", "content": "a"}])
        == "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n"
    )
    with pytest.raises(FieldError, match="only users speak here"):
        ChatTemplate("{{ raise_exception('only users speak here') }}", {}).prompt([{"role": "system", "content": "a"}])
    with pytest.raises(FieldError, match="does not take these messages"):
        ChatTemplate("{{ messages.__class__.__mro__ }}", {}).prompt([{"role": "user", "content": "a"}])


def test_the_next_token() -> None:
    def picked(**asked: float) -> list[int]:
        sampler = Sampler(Sampling(**{"seed": 1, **asked}))  # type: ignore[arg-type] # rows
        return [sampler.pick(LOGITS) for _ in range(200)]

    assert set(picked(temperature=0)) == {1}
    assert set(picked(temperature=1, top_k=1)) == {1}
    assert set(picked(temperature=1, top_k=2, top_p=1)) == {1, 2}
    assert set(picked(temperature=1, top_k=0, top_p=0.5)) == {1}
    assert set(picked(temperature=100, top_k=0, top_p=1)) == {0, 1, 2, 3}
    assert picked(temperature=1) == picked(temperature=1)
    assert picked(temperature=1, seed=2) != picked(temperature=1)
    assert picked(temperature=0, presence=2)[:3] == [1, 2, 1]
    assert LOGITS.tolist() == [0.0, 3.0, 2.0, -1.0], "the model's own numbers stay"


def test_errors_have_openais_words() -> None:
    surface = OpenAISurface(lambda: (1, 0), "m", 1)
    _, body = surface.error_reply(FieldError("n", "no"))
    assert json.loads(body) == {
        "error": {"message": "no", "type": "invalid_request_error", "param": "n", "code": "invalid_value"}
    }
    assert surface.error_of(ValueError("x")).status == 500
    unserved = surface.unserved(Request("POST", "/v1/audio", 1, {}))
    assert isinstance(unserved, HttpError)
    assert (unserved.status, json.loads(surface.error_reply(unserved)[1])["error"]["type"]) == (404, "not_found_error")
    loading = surface.page(Request("GET", "/health", 1, {}), healthy=False)
    assert loading is not None
    assert loading[0] == 503
    listed = surface.page(Request("GET", "/v1/models", 1, {}), healthy=True)
    assert listed is not None
    assert json.loads(listed[2])["data"][0]["id"] == "m"


def test_the_file_to_serve(tmp_path: object) -> None:
    folder = str(tmp_path)
    assert model_file(folder, {}) == ""
    for name in ("mmproj-a.gguf", "z-00001-of-00002.gguf", "z-00002-of-00002.gguf", "config.json"):
        with open(f"{folder}/{name}", "w", encoding="ascii"):  # noqa: PTH123 - a name in a folder
            pass
    assert model_file(folder, {}) == f"{folder}/z-00001-of-00002.gguf"
    assert model_file(folder, {"LLAMA_ARG_MODEL": "other.gguf"}) == f"{folder}/other.gguf"
    assert model_file(folder, {"LLAMA_ARG_MODEL": "/x/other.gguf"}) == "/x/other.gguf"
    assert model_name("/x/other.gguf", {}) == "other"
    assert model_name("/x/other.gguf", {"HF_MODEL_ID": "org/name"}) == "org/name"
