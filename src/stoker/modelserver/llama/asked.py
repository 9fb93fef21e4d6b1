"""What a request of OpenAI's API asks for, checked: each value that cannot be is named."""

from __future__ import annotations

import json

from stoker.modelserver.llama.sampling import Sampling
from stoker.modelserver.llama.surface import FieldError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_MESSAGES = 10_000
MOST_STOPS = 16
COMPLETION_TOKENS = 16
"""What a completion without `max_tokens` gets, as OpenAI has it; chats get what there is room for."""
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_REFUSED = ("tools", "functions", "logprobs", "top_logprobs", "echo", "suffix", "audio")


class Asked:
    """One generation: `most` None lets it fill the context; `usage` adds the stream's last chunk with the counts."""

    __slots__ = ("model", "most", "sampling", "stops", "stream", "usage")

    def __init__(self, body: Mapping[str, object]) -> None:
        """Read what chats and completions have in common; raises `FieldError`."""
        self.model = _text(body, "model")
        for name in _REFUSED:
            if body.get(name) not in (None, False, [], 0, ""):
                raise FieldError(name, f"{name} is not served by this model server.", "unsupported_parameter")
        if _whole(body, "n", 1, 1, 128) != 1 or _whole(body, "best_of", 1, 1, 128) != 1:
            raise FieldError("n", "n must be 1: one answer is made at a time.", "unsupported_parameter")
        form = body.get("response_format")
        if form is not None and not (isinstance(form, dict) and form.get("type", "text") == "text"):
            raise FieldError("response_format", "response_format must be text.", "unsupported_parameter")
        self.stream = _truth(body, "stream")
        options = body.get("stream_options")
        if options is not None and not isinstance(options, dict):
            raise FieldError("stream_options", "stream_options must be an object.")
        if options and not self.stream:
            raise FieldError("stream_options", "stream_options is for stream=true only.")
        self.usage = _truth(options or {}, "include_usage")
        self.most = _whole(body, "max_completion_tokens", None, 1, 1 << 20) or _whole(body, "max_tokens", None, 1, 1 << 20)
        self.stops = _stops(body.get("stop"))
        self.sampling = Sampling(
            temperature=_number(body, "temperature", 0.8, 0, 100),
            top_p=_number(body, "top_p", 0.95, 0, 1),
            top_k=_whole(body, "top_k", 40, 0, 1 << 20) or 0,
            seed=_whole(body, "seed", None, 0, (1 << 63) - 1),
            presence=_number(body, "presence_penalty", 0, -2, 2),
            frequency=_number(body, "frequency_penalty", 0, -2, 2),
        )


def read_object(body: bytes) -> dict[str, object]:
    """Give the body's JSON object; raises `FieldError`."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FieldError("", f"The body is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise FieldError("", "The body must be a JSON object.")
    return values


def messages_of(body: Mapping[str, object]) -> list[dict[str, str]]:
    """Give a chat's messages with plain texts."""
    given = body.get("messages")
    if not isinstance(given, list) or not given or len(given) > MOST_MESSAGES:
        raise FieldError("messages", f"messages must be a list of 1 to {MOST_MESSAGES} messages.")
    return [_message(each, f"messages[{place}]") for place, each in enumerate(given)]


def _message(given: object, where: str) -> dict[str, str]:
    if not isinstance(given, dict):
        raise FieldError(where, f"{where} must be an object.")
    role, content = given.get("role"), given.get("content")
    if role not in _ROLES:
        raise FieldError(f"{where}.role", f"{where}.role must be one of {', '.join(sorted(_ROLES))}.")
    if isinstance(content, list):
        content = "".join(_part(part, f"{where}.content[{place}]") for place, part in enumerate(content))
    if content is None and role == "assistant":
        content = ""
    if not isinstance(content, str):
        raise FieldError(f"{where}.content", f"{where}.content must be a text, or a list of parts with texts.")
    return {"role": "system" if role == "developer" else role, "content": content}


def _part(given: object, where: str) -> str:
    text = given.get("text") if isinstance(given, dict) and given.get("type", "text") == "text" else None
    if not isinstance(text, str):
        raise FieldError(where, f'{where} must be {{"type": "text", "text": ...}}: this model reads nothing else.')
    return text


def prompt_of(body: Mapping[str, object]) -> str | list[int]:
    """Give a completion's prompt: a text, or tokens."""
    given = body.get("prompt")
    if isinstance(given, list) and len(given) == 1:
        given = given[0] if not isinstance(given[0], int) else given
    if isinstance(given, str):
        return given
    if isinstance(given, list) and given and all(type(token) is int and token >= 0 for token in given):
        return given
    raise FieldError("prompt", "prompt must be one text, or one list of tokens.")


def _stops(given: object) -> list[str]:
    stops = [given] if isinstance(given, str) else (given or [])
    if not isinstance(stops, list) or len(stops) > MOST_STOPS or not all(isinstance(stop, str) and stop for stop in stops):
        raise FieldError("stop", f"stop must be a text, or a list of at most {MOST_STOPS} texts, none of them empty.")
    return stops


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise FieldError(name, f"{name} must be a text.")
    return value or ""


def _truth(body: Mapping[str, object], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise FieldError(name, f"{name} must be true or false.")
    return bool(value)


def _number(body: Mapping[str, object], name: str, default: float, low: float, high: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
        raise FieldError(name, f"{name} must be a number from {low} to {high}.")
    return value


def _whole(body: Mapping[str, object], name: str, default: int | None, low: int, high: int) -> int | None:
    value = body.get(name)
    if value is None:
        return default
    if type(value) is not int or not low <= value <= high:
        raise FieldError(name, f"{name} must be a whole number from {low} to {high}.")
    return value
