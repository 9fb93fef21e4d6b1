"""Failures as OpenAI's clients read them: an object `error` with a message, a type and a code."""

from typing import Final

import msgspec

from stoker.gateway.face import Directory, Reply, Subject
from stoker.gateway.reasons import Refusal
from stoker.wire.aws.invocations import AwsRuntimeFace
from stoker.wire.outcomes import Outcome, models_own, outcome_of, retry_headers

WRONG_KEY: Final = "Incorrect API key provided. `stoker keys token` prints one that is right."
_CLIENT_ERRORS: Final = range(400, 500)
_UNAUTHORIZED: Final = 401


class OpenAiWords:
    """`stoker.wire.relaying.Words` for `/v1/…` paths, on their own and below an endpoint's."""

    __slots__ = ("_directory",)

    def __init__(self) -> None:
        self._directory: Directory | None = None

    def know(self, directory: Directory) -> None:
        """Take what tells of endpoints."""
        self._directory = directory

    def refusal(self, refusal: Refusal, subject: Subject) -> Reply:
        """Give a reply with an error object."""
        outcome = outcome_of(refusal, subject, self._directory)
        return error_reply(outcome.status, error_of(outcome), subject.request_id, retry_headers(refusal, outcome))

    def event(self, refusal: Refusal, subject: Subject) -> bytes:
        """Give an event with an error object; its `error` member is what clients raise for."""
        own = models_own(refusal)
        if own is None:
            own = msgspec.json.encode({"error": error_of(outcome_of(refusal, subject, self._directory))})
        return b"data: %s\n\n" % own


class AwsOpenAiWords:
    """`Words` for the paths below SageMaker's endpoints: what AWS says, as an error object (spec: OpenAI-compatible paths)."""

    __slots__ = ("_aws",)

    def __init__(self, aws: AwsRuntimeFace) -> None:
        self._aws = aws

    def know(self, directory: Directory) -> None:
        """Need no names: AWS's words hang on none."""

    def refusal(self, refusal: Refusal, subject: Subject) -> Reply:
        """Give the reply that AWS gives, its body but for the words another."""
        told = self._aws.refusal(refusal, subject)
        lines = b"".join(
            [
                line + b"\r\n"
                for line in told.headers.split(b"\r\n")
                if line.lower().startswith((b"retry-after:", b"x-amz-retry-after:", b"x-amzn-errortype:"))
            ]
        )
        return error_reply(told.status, self._error(told), subject.request_id, lines)

    def event(self, refusal: Refusal, subject: Subject) -> bytes:
        """Give an event with such an error."""
        return b"data: %s\n\n" % msgspec.json.encode({"error": self._error(self._aws.refusal(refusal, subject))})

    def _error(self, told: Reply) -> dict[str, str | None]:
        code = next(line for line in told.headers.split(b"\r\n") if line.startswith(b"x-amzn-errortype:")).partition(b":")[2]
        name = _snake(code.strip().decode("latin-1").removesuffix("Exception"))
        message = msgspec.json.decode(told.body).get("Message") or name.replace("_", " ")
        return {"message": message, "type": _type(told.status if name != "model_error" else 500), "code": name, "param": None}


def error_of(outcome: Outcome) -> dict[str, str | None]:
    """Give the error object of a failure."""
    if outcome.status == _UNAUTHORIZED:
        return {"message": WRONG_KEY, "type": "invalid_request_error", "code": "invalid_api_key", "param": None}
    param = "model" if outcome.code in {"model_not_found", "model_required"} else None
    return {"message": outcome.message, "type": _type(outcome.status), "code": outcome.code, "param": param}


def error_reply(status: int, error: dict[str, str | None], request_id: str, lines: bytes = b"") -> Reply:
    """Give the reply with an error object; `lines` are further headers."""
    headers = b"content-type: application/json\r\nx-request-id: %s\r\n%s" % (request_id.encode(), lines)
    return Reply(status=status, headers=headers, body=msgspec.json.encode({"error": error}))


def _type(status: int) -> str:
    return "invalid_request_error" if status in _CLIENT_ERRORS else "server_error"


def _snake(name: str) -> str:
    return "".join([f"_{letter.lower()}" if letter.isupper() else letter for letter in name]).lstrip("_")
