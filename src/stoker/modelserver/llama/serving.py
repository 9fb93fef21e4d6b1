"""Answers the requests of OpenAI's API with one loaded language model, and Hugging Face's task of text generation."""

from __future__ import annotations

import os
import sys
from time import time

from stoker.modelserver.formats import encode_json
from stoker.modelserver.llama import surface
from stoker.modelserver.llama.answers import Answer, Form, events, task_events, usage_of
from stoker.modelserver.llama.asked import COMPLETION_TOKENS, Asked, messages_of, prompt_of, read_object
from stoker.modelserver.llama.surface import FieldError, model_file, model_name
from stoker.modelserver.protocol import JSON, HttpError
from stoker.modelserver.replies import Reply
from stoker.modelserver.report import log
from stoker.modelserver.script import LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from stoker.modelserver.exchange import Context
    from stoker.modelserver.llama.chat import ChatTemplate
    from stoker.modelserver.llama.runtime import LanguageModel
    from stoker.modelserver.protocol import Request
    from stoker.modelserver.settings import Settings

EVENTS = "text/event-stream; charset=utf-8"
CONTEXT_TOKENS = 4096
_TRUE = frozenset({"1", "true", "on", "yes", "enabled"})


class Served:
    """The loaded model behind its paths."""

    __slots__ = ("_made", "_model", "_name", "_template")

    def __init__(self, model: LanguageModel, template: ChatTemplate, name: str) -> None:
        """Take what was loaded."""
        self._model = model
        self._template = template
        self._name = name
        self._made = 0

    def answer(self, request: Request, context: Context) -> Reply:
        """Answer by the path; at `/` and `/invocations` by what the body holds."""
        body = read_object(request.body)
        path = request.path
        if path in surface.OTHERS and "inputs" in body:
            return self._task(body, context)
        if path in surface.EMBEDDINGS:
            raise HttpError(400, "This server gives no embeddings; the image hf/huggingface does.", "unsupported_operation")
        chat = path in surface.CHAT or (path in surface.OTHERS and "messages" in body)
        asked = Asked(body)
        if chat:
            prompt = self._model.tokens(self._template.prompt(messages_of(body)), special=True)
        else:
            given = prompt_of(body)
            prompt = self._model.tokens(given, special=False) if isinstance(given, str) else given
            asked.most = asked.most or COMPLETION_TOKENS
        return self._generated(asked, prompt, context, chat=chat)

    def _generated(self, asked: Asked, prompt: list[int], context: Context, *, chat: bool) -> Reply:
        answer = self._begun(asked, prompt, context, "messages" if chat else "prompt")
        self._made += 1
        form = Form(chat=chat, model=asked.model or self._name, created=int(time()), request_id=f"{os.getpid():x}-{self._made:x}")
        if asked.stream:
            context.reply_headers["Cache-Control"] = "no-cache"
            return Reply(b"", EVENTS, events(answer, form, asked, len(prompt)))
        text = "".join(answer)
        return _json(form.whole(text, answer.reason, usage_of(len(prompt), answer.count)))

    def _begun(self, asked: Asked, prompt: list[int], context: Context, field: str) -> Answer:
        room = self._model.context - len(prompt)
        if not prompt:
            raise FieldError(field, f"{field} is empty.")
        if room < 1:
            text = f"This model's context has {self._model.context} tokens, and {field} has {len(prompt)}."
            raise FieldError(field, text, "context_length_exceeded")
        most = min(asked.most or room, room)
        pieces = self._model.generate(prompt, asked.sampling, most, gone=lambda: context.caller_gone)
        return Answer(pieces, asked.stops, most)

    def _task(self, body: dict[str, object], context: Context) -> Reply:
        """Answer as Hugging Face's task `text-generation`."""
        inputs, parameters = body["inputs"], body.get("parameters") or {}
        if not isinstance(inputs, str) or not isinstance(parameters, dict):
            raise FieldError("inputs", "inputs must be a text, and parameters an object.")
        known = ("temperature", "top_k", "top_p", "seed", "stop", "frequency_penalty")
        asked = Asked({name: parameters.get(name) for name in known} | {"max_tokens": parameters.get("max_new_tokens")})
        if parameters.get("do_sample") is False:
            asked.sampling.temperature = 0
        asked.most = asked.most or 100
        answer = self._begun(asked, self._model.tokens(inputs, special=False), context, "inputs")
        before = inputs if parameters.get("return_full_text") else ""
        if body.get("stream"):
            context.reply_headers["Cache-Control"] = "no-cache"
            return Reply(b"", EVENTS, task_events(answer, before))
        return _json([{"generated_text": before + "".join(answer)}])


def _json(value: object) -> Reply:
    return Reply(encode_json(value), JSON)


def load_language_model(settings: Settings, environment: Mapping[str, str]) -> Served:
    """Load the GGUF file of the model directory; raises `LoadError` that says what is missing."""
    path = model_file(settings.model_dir, environment)
    if not path or not os.path.isfile(path):
        raise LoadError(f"{path or settings.model_dir} is no GGUF file" if path else f"{settings.model_dir} holds no .gguf file")
    try:
        from stoker.modelserver.llama.chat import ChatTemplate  # noqa: PLC0415 - needs jinja2
        from stoker.modelserver.llama.runtime import LanguageModel  # noqa: PLC0415 - needs ik-llama-cpp-python and numpy
    except ImportError as error:
        text = f"language models need the package {error.name}, which {sys.prefix} does not have: install Stoker's extra 'llama'"
        raise LoadError(text) from error
    context = _whole(environment, "LLAMA_ARG_CTX_SIZE", CONTEXT_TOKENS) or CONTEXT_TOKENS
    # Its threads spin while they wait for each other: with one for each processor, and others who want those too, an answer takes
    # ten times as long as with half as many.
    threads = _whole(environment, "LLAMA_ARG_THREADS", 0) or max(1, _whole(environment, "OMP_NUM_THREADS", 0) // 2)
    if environment.get("LLAMA_ARG_EMBEDDINGS", "").strip().lower() in _TRUE:
        raise LoadError("LLAMA_ARG_EMBEDDINGS: this server gives no embeddings; the image hf/huggingface does")
    try:
        model = LanguageModel(path, context=context, threads=threads)
    except (RuntimeError, OSError) as error:
        raise LoadError(f"llama.cpp cannot load {path}: {error}") from error
    marks = {name: _mark(model, f"tokenizer.ggml.{name}_id") for name in ("bos_token", "eos_token")}
    log(f"{path} is loaded, for {context} tokens on {threads} threads")
    return Served(model, ChatTemplate(model.said("tokenizer.chat_template"), marks), model_name(path, environment))


def _mark(model: LanguageModel, key: str) -> str:
    number = model.said(key)
    return model.piece(int(number), special=True).decode("utf-8", "replace") if number.isdecimal() else ""


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or len(text) > 9:
        raise LoadError(f"{name}: must be a whole number, is {text[:40]!r}")
    return int(text)
