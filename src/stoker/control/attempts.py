"""One attempt at an asynchronous request: read its input, ask a gateway, put the result in its place, judge what came of it."""

import asyncio
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import IO, Final

import msgspec

from stoker.artifacts.inference_files import InferenceFiles, Sink
from stoker.control.inner_call import Answer, LostError, NotReachedError, call
from stoker.domain.asynchronous import AsyncRequest
from stoker.errors import DomainError, InvalidParameterError
from stoker.ports.requests import RequestStore
from stoker.units import SECOND, Span, to_seconds

LARGE: Final = 32 << 20
"""Bytes of an input beyond which it takes turns with others of its kind: a gateway holds the whole of it."""
LARGE_AT_ONCE: Final = 2
GRACE_S: Final = 5.0
"""Seconds beyond the model's own for the reading of an input and the way."""
SOON: Span = SECOND // 2
LATER: Span = 5 * SECOND
_SERVER_ERROR: Final = 500

_NOT_NOW: Final[Mapping[str, Span]] = {
    "no capacity": SOON,
    "hold timed out": SOON,
    "hold full": SOON,
    "overloaded": SOON,
    "draining": SOON,
    "control away": SOON,
    "unknown endpoint": SOON,
    "model not ready": SOON,
    "workload failed": LATER,
}
"""Reasons of the gateway for which no copy saw the request, with how long to wait."""
LOST: Final = "model lost"
_AGAIN: Final = frozenset({"model timeout", LOST})


class Verdict(Enum):
    """What is to become of a request after an attempt."""

    DONE = "done"
    NEVER_RAN = "never ran"
    AGAIN = "again"
    FINAL = "final"


class Fault(Enum):
    """Which part an attempt failed at, for the metrics."""

    NONE = "none"
    INPUT = "input"
    OUTPUT = "output"
    MODEL = "model"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an attempt. `status` and `original` are the model's own words of its failure.

    It is `suspect` when the copy ended while it ran.
    """

    verdict: Verdict
    text: str = ""
    wait: Span = 0
    reply_type: str = ""
    status: int = 0
    original: str = ""
    fault: Fault = Fault.NONE
    suspect: bool = False


class Attempts:
    """Makes attempts. `door` gives the inner door of a gateway, None while there is none."""

    __slots__ = ("_door", "_files", "_large", "_store")

    def __init__(self, store: RequestStore, files: InferenceFiles, door: Callable[[], Path | None]) -> None:
        self._store = store
        self._files = files
        self._door = door
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def make(self, request: AsyncRequest) -> Result:
        """Make an attempt."""
        door = self._door()
        if door is None:
            return Result(verdict=Verdict.NEVER_RAN, text="no gateway is there", wait=SOON)
        try:
            body, length = await self._input(request)
        except InvalidParameterError as error:
            return Result(verdict=Verdict.FINAL, text=error.message, fault=Fault.INPUT)
        except DomainError as error:
            return Result(verdict=Verdict.AGAIN, text=error.message, fault=Fault.INPUT)
        try:
            if length > LARGE:
                async with self._large:
                    return await self._sent(request, door, body, length)
            return await self._sent(request, door, body, length)
        finally:
            if not isinstance(body, bytes):
                body.close()

    async def _input(self, request: AsyncRequest) -> tuple[bytes | IO[bytes], int]:
        if not request.location:
            body = await self._store.body(request.request_id)
            return body, len(body)
        file = await asyncio.to_thread(self._files.open_input, request.location)
        length = file.seek(0, 2)
        file.seek(0)
        if length > self._files.most_bytes:
            file.close()
            text = f"The input {request.location} has {length} bytes; {self._files.most_bytes} are allowed."
            raise InvalidParameterError(text, field="InputLocation")
        return file, length

    async def _sent(self, request: AsyncRequest, door: Path, body: bytes | IO[bytes], length: int) -> Result:
        limit_s = to_seconds(request.timeout)
        try:
            sink = await asyncio.to_thread(self._files.open_output, request.output)
        except DomainError as error:
            return Result(verdict=Verdict.AGAIN, text=error.message, fault=Fault.OUTPUT)
        try:
            async with asyncio.timeout(limit_s + GRACE_S):
                answer = await call(door, request.endpoint, _headers(request), body, length, sink.write)
            return await self._kept(request, sink, answer)
        except NotReachedError as error:
            return Result(verdict=Verdict.NEVER_RAN, text=str(error), wait=SOON)
        except LostError as error:
            return Result(verdict=Verdict.AGAIN, text=str(error), fault=Fault.MODEL)
        except DomainError as error:
            return Result(verdict=Verdict.AGAIN, text=error.message, fault=Fault.OUTPUT)
        except TimeoutError:
            return Result(verdict=Verdict.AGAIN, text=f"It took longer than {limit_s:g} s.", fault=Fault.MODEL)
        finally:
            sink.drop()

    async def _kept(self, request: AsyncRequest, sink: Sink, answer: Answer) -> Result:
        if answer.reason:
            return judged(answer)
        reply_type = answer.headers.get("content-type", "")
        await asyncio.to_thread(sink.keep, request.request_id, reply_type)
        return Result(verdict=Verdict.DONE, text=answer.headers.get("x-stoker-copy", ""), reply_type=reply_type)


def judged(answer: Answer) -> Result:
    """Judge a failure by what the gateway says of it.

    What reached no copy was no attempt; what a model refuses (4xx) it will refuse again; what broke may go better next time.
    """
    reason = answer.reason
    if reason in _NOT_NOW:
        return Result(verdict=Verdict.NEVER_RAN, text=reason, wait=_NOT_NOW[reason])
    told = _told(answer.told)
    again = reason in _AGAIN or (reason == "model error" and told.status >= _SERVER_ERROR)
    return Result(
        verdict=Verdict.AGAIN if again else Verdict.FINAL,
        text=told.message or reason,
        status=told.status,
        original=told.original,
        fault=Fault.MODEL,
        suspect=reason == LOST,
    )


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway's words of a failure."""

    message: str = ""
    status: int = 0
    original: str = ""


def _told(text: bytes) -> _Told:
    try:
        return msgspec.json.decode(text, type=_Told)
    except msgspec.DecodeError:
        return _Told()


def _headers(request: AsyncRequest) -> dict[str, str]:
    return {
        "content-type": request.content_type,
        "accept": request.accept,
        "x-amzn-sagemaker-custom-attributes": request.custom_attributes,
        "x-amzn-sagemaker-inference-id": request.inference_id,
        "x-stoker-timeout-seconds": str(request.timeout // SECOND),
    }
