"""An answer as it is written: pieces of bytes to text, up to a stop; whole, or as server-sent events."""

from __future__ import annotations

import codecs
import json

from stoker.modelserver.llama.surface import OpenAISurface, error_object
from stoker.modelserver.report import log_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from stoker.modelserver.llama.asked import Asked

    Piece: TypeAlias = tuple[int, bytes]

DONE = b"data: [DONE]\n\n"
STOP, LENGTH = "stop", "length"


class Answer:
    """The text of one generation as it comes; `reason` says why it ended, `count` how many tokens it had, `token` the last."""

    __slots__ = ("_most", "_pieces", "_stops", "count", "reason", "token")

    def __init__(self, pieces: Iterator[Piece], stops: list[str], most: int) -> None:
        """Take the generation's pieces, one a token."""
        self._pieces = pieces
        self._stops = stops
        self._most = most
        self.count = self.token = 0
        self.reason = STOP

    def __iter__(self) -> Iterator[str]:
        """Give parts of the text, whole characters each; what may be the beginning of a stop waits until that is known."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        held = ""
        try:
            for token, piece in self._pieces:
                self.token = token
                self.count += 1
                held += decoder.decode(piece)
                cut = min((at for stop in self._stops if (at := held.find(stop)) >= 0), default=-1)
                if cut >= 0:
                    if cut:
                        yield held[:cut]
                    return
                sure = len(held) - self._doubtful(held)
                if sure:
                    yield held[:sure]
                held = held[sure:]
        finally:
            self._pieces.close()  # type: ignore[attr-defined]  # a generator, which lets the next one begin
        if self.count >= self._most:
            self.reason = LENGTH
        held += decoder.decode(b"", final=True)
        if held:
            yield held

    def _doubtful(self, text: str) -> int:
        """Give how many of the last characters may begin a stop."""
        return max((size for stop in self._stops for size in range(1, len(stop)) if text.endswith(stop[:size])), default=0)


class Form:
    """How chats, or completions, are worded."""

    __slots__ = ("chat", "created", "id", "model")

    def __init__(self, *, chat: bool, model: str, created: int, request_id: str) -> None:
        """Name the answer."""
        self.chat = chat
        self.model = model
        self.created = created
        self.id = f"{'chatcmpl' if chat else 'cmpl'}-{request_id}"

    def whole(self, text: str, reason: str, usage: dict[str, int]) -> dict[str, object]:
        """Give an answer in one piece."""
        said: dict[str, object] = {"message": {"role": "assistant", "content": text}} if self.chat else {"text": text}
        choice = {"index": 0, **said, "logprobs": None, "finish_reason": reason}
        kind = "chat.completion" if self.chat else "text_completion"
        return {**self._head(kind), "choices": [choice], "usage": usage}

    def chunk(self, said: dict[str, str], reason: str | None) -> dict[str, object]:
        """Give one part of an answer."""
        words: dict[str, object] = {"delta": said} if self.chat else {"text": said.get("content", "")}
        choice = {"index": 0, **words, "logprobs": None, "finish_reason": reason}
        return {**self._head(self._part), "choices": [choice]}

    def counts(self, usage: dict[str, int]) -> dict[str, object]:
        """Give the last chunk of a stream that asked for it."""
        return {**self._head(self._part), "choices": [], "usage": usage}

    @property
    def _part(self) -> str:
        return "chat.completion.chunk" if self.chat else "text_completion"

    def _head(self, kind: str) -> dict[str, object]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def events(answer: Answer, form: Form, asked: Asked, prompt: int) -> Iterator[bytes]:
    """Give the stream. What fails before the first text is raised, what fails later is told in the stream."""
    extra: dict[str, object] = {"usage": None} if asked.usage else {}

    def event(value: dict[str, object]) -> bytes:
        return b"data: " + json.dumps(value | extra, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"

    texts = iter(answer)
    try:
        first = next(texts, "")  # so that a failure still gets its status
        if form.chat:
            yield event(form.chunk({"role": "assistant", "content": ""}, None))
        try:
            if first:
                yield event(form.chunk({"content": first}, None))
            for text in texts:
                yield event(form.chunk({"content": text}, None))
            yield event(form.chunk({}, answer.reason))
            if asked.usage:
                extra = {}
                yield event(form.counts(usage_of(prompt, answer.count)))
            yield DONE
        except Exception as error:  # noqa: BLE001 - the head is out: that is all that is left to say
            log_failure("a stream failed after its first text", error)
            yield event(error_object(OpenAISurface.error_of(error)))
    finally:
        texts.close()  # type: ignore[attr-defined]  # a generator, which lets the next one begin


def task_events(answer: Answer, inputs: str) -> Iterator[bytes]:
    """Give the stream of Hugging Face's task, as text-generation-inference has it; `inputs` begins the whole text at its end."""

    def event(value: dict[str, object]) -> bytes:
        return b"data:" + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"

    def part(place: int, token: int, text: str, **end: object) -> bytes:
        said = {"id": token, "text": text, "logprob": None, "special": False}
        return event({"index": place, "token": said, "generated_text": None, "details": None, **end})

    texts, whole, place = iter(answer), "", 1
    try:
        text, token = next(texts, ""), answer.token
        try:
            for following in texts:  # one behind, for the last one tells of the end
                yield part(place, token, text)
                whole, text, token, place = whole + text, following, answer.token, place + 1
            reason = {STOP: "eos_token", LENGTH: "length"}[answer.reason]
            details = {"finish_reason": reason, "generated_tokens": answer.count, "seed": None}
            yield part(place, token, text, generated_text=inputs + whole + text, details=details)
        except Exception as error:  # noqa: BLE001 - the head is out: that is all that is left to say
            log_failure("a stream failed after its first text", error)
            yield event({"error": str(error), "error_type": "generation"})
    finally:
        texts.close()  # type: ignore[attr-defined]  # a generator, which lets the next one begin


def usage_of(prompt: int, completion: int) -> dict[str, int]:
    """Give the counts of tokens."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
