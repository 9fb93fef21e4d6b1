"""Sends asynchronous requests on: as copies have room, attempt by attempt, until each is answered or has failed with a reason.

An attempt is on disk before it is made, and its result before the request is over: whatever is killed in between, no request is
lost, and none is run more often than its attempts say. A store that fails ends the control plane, as any does (crash-only).
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from stoker.artifacts.inference_files import InferenceFiles
from stoker.control import backlog_gauge as gauge
from stoker.control.attempts import Attempts, Fault, Result, Verdict
from stoker.control.backlog_gauge import Gauge, room
from stoker.control.notices import Notices
from stoker.control.sampling import Watched
from stoker.domain.asynchronous import MAX_IN_NOTICE, AsyncRequest, AsyncState, ended, never_ran, over
from stoker.errors import DomainError
from stoker.ports.clock import Clock
from stoker.service.asynchronous import AsyncDesk, deployed
from stoker.units import MINUTE, SECOND, Span

log = structlog.get_logger(__name__)

LOOK_S: Final = 0.1
"""Real seconds between two looks for room while requests wait."""
REST_S: Final = 1.0
LEAST_S: Final = 0.02
FIRST_WAIT: Span = SECOND
MOST_DOUBLINGS: Final = 5
ENDS_AT_ONCE: Final = 64
TRIM_EVERY: Span = 10 * MINUTE
INTERRUPTED: Final = "the server ended while it ran"
_FAULTS: Final = {Fault.INPUT: gauge.NOT_FETCHED, Fault.OUTPUT: gauge.NOT_UPLOADED, Fault.MODEL: gauge.FAILURES}


class DispatchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How often a request is tried at most, how many run at once in all, and how many that are over are remembered."""

    attempts: int = 3
    running: int = 256
    kept: int = 100_000


class Dispatcher:
    """Sends what `requests` takes in. `door` gives the inner door of a gateway, None while there is none."""

    __slots__ = (
        "_attempts",
        "_clock",
        "_driver",
        "_ending",
        "_files",
        "_gauge",
        "_group",
        "_idle",
        "_notices",
        "_options",
        "_requests",
        "_resting",
        "_running",
        "_store",
        "_trimmed",
    )

    def __init__(
        self,
        requests: AsyncDesk,
        driver: Watched,
        clock: Clock,
        *,
        files: InferenceFiles,
        door: Callable[[], Path | None],
        notices: Notices,
        options: DispatchOptions,
    ) -> None:
        self._requests = requests
        self._store = requests.store
        self._driver = driver
        self._clock = clock
        self._files = files
        self._notices = notices
        self._options = options
        self._attempts = Attempts(self._store, files, door)
        self._gauge = Gauge(driver, requests.backlog, clock.now())
        self._ending = asyncio.Semaphore(ENDS_AT_ONCE)
        self._running = 0
        self._resting = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._trimmed = clock.now()
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Send until cancelled; what runs then counts as an attempt that was interrupted."""
        backlog, added = self._requests.backlog, self._requests.added
        async with asyncio.TaskGroup() as group:
            self._group = group
            await self._restore(group)
            while True:
                added.clear()
                await self._step(group)
                rest_s = LOOK_S if backlog.waits else REST_S
                tick_s = self._clock.wall_s(self._gauge.next_tick() - self._clock.now())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(LEAST_S, min(rest_s, tick_s))):
                        await added.wait()

    async def rest(self, most_s: float) -> None:
        """Begin nothing more, and give what runs so many real seconds to end: the rest will have been interrupted."""
        self._resting = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await self._idle.wait()

    async def _restore(self, group: asyncio.TaskGroup) -> None:
        """Take up what was kept; an attempt that was under way has been one, unless its result is there already."""
        most = self._options.attempts
        for request in await self._store.open():
            if request.over:
                group.create_task(self._tell(request))
                continue
            self._requests.backlog.reserve(request.size)
            if request.state is AsyncState.RUNNING:
                written = await asyncio.to_thread(self._files.result_of, request.output) == request.request_id
                tried = ended(request, "done" if written else INTERRUPTED, self._clock.now())
                if written:
                    group.create_task(self._finish(tried, AsyncState.COMPLETED))
                elif len(tried.attempts) >= most:
                    group.create_task(self._finish(tried, AsyncState.FAILED, reason=_used_up(tried, INTERRUPTED)))
                else:
                    self._requests.backlog.add(msgspec.structs.replace(tried, state=AsyncState.WAITING))
            else:
                self._requests.backlog.add(request)

    async def _step(self, group: asyncio.TaskGroup) -> None:
        now, backlog, platform = self._clock.now(), self._requests.backlog, self._driver.platform
        for request in backlog.orphans(lambda name: deployed(platform, name)):
            reason = f"The endpoint {request.endpoint} was deleted before the request was answered."
            group.create_task(self._finish(request, AsyncState.FAILED, reason=reason))
        for request in backlog.expired(now):
            reason = "The request was not answered within its time to live (RequestTTLSeconds)."
            self._gauge.count(request.endpoint, gauge.EXPIRED)
            group.create_task(self._finish(request, AsyncState.EXPIRED, reason=reason))
        most = 0 if self._resting else self._options.running - self._running
        for request in backlog.take(lambda name: room(platform, name), now, most):
            self._running += 1
            self._idle.clear()
            group.create_task(self._attempt(request))
        self._gauge.tick(now)
        if now - self._trimmed >= TRIM_EVERY:
            self._trimmed = now
            await self._store.trim(self._options.kept)

    async def _attempt(self, request: AsyncRequest) -> None:
        try:
            await self._store.put(request)
            if len(request.attempts) == 1:
                self._gauge.span(request.endpoint, gauge.IN_BACKLOG, request.attempts[0].begun - request.received)
            result = await self._attempts.make(request)
            await self._settle(request, result)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
            self._requests.added.set()

    async def _settle(self, request: AsyncRequest, result: Result) -> None:
        """Do what the attempt's verdict says."""
        now, backlog = self._clock.now(), self._requests.backlog
        if result.verdict is Verdict.NEVER_RAN:
            back = msgspec.structs.replace(never_ran(request), due=now + result.wait)
            await self._store.put(back)
            backlog.back(back)
            return
        if result.verdict is Verdict.DONE:
            tried = ended(request, "done", now)
            self._gauge.span(request.endpoint, gauge.PROCESSING, now - request.attempts[-1].begun)
            await self._finish(tried, AsyncState.COMPLETED, reply_type=result.reply_type)
            return
        tried = ended(request, result.text, now)
        self._gauge.count(request.endpoint, _FAULTS.get(result.fault, gauge.FAILURES))
        spent = len(tried.attempts) >= self._options.attempts
        if result.verdict is Verdict.FINAL or spent:
            reason = _used_up(tried, result.text) if result.verdict is Verdict.AGAIN else result.text
            await self._finish(tried, AsyncState.FAILED, reason=reason, result=result)
            return
        wait = FIRST_WAIT << min(len(tried.attempts) - 1, MOST_DOUBLINGS)
        back = msgspec.structs.replace(tried, state=AsyncState.WAITING, due=now + wait, suspect=result.suspect)
        await self._store.put(back)
        backlog.back(back)

    async def _finish(
        self, request: AsyncRequest, state: AsyncState, *, reason: str = "", reply_type: str = "", result: Result | None = None
    ) -> None:
        """Bring a request to its end: the reason is in its place first, then it is over on disk, then whoever asked is told."""
        done = over(request, state, self._clock.now(), reason=reason, reply_type=reply_type)
        if state is not AsyncState.COMPLETED and done.failure:
            async with self._ending:
                await asyncio.to_thread(self._write_failure, done, result)
        await self._store.put(done)
        self._requests.backlog.finish(request)
        self._gauge.count(done.endpoint, gauge.PROCESSED)
        log.info(
            "async_request_ended",
            endpoint=done.endpoint,
            request=done.request_id,
            state=state.value,
            attempts=len(done.attempts),
            reason=reason,
        )
        if not done.told and self._group is not None:
            original = None if result is None else result.original.encode()
            self._group.create_task(self._tell(done, original))

    async def _tell(self, request: AsyncRequest, original: bytes | None = None) -> None:
        reply = None
        if request.state is AsyncState.COMPLETED and request.how.include_success:
            reply = await asyncio.to_thread(self._files.result, request.output, MAX_IN_NOTICE)
        elif request.state is not AsyncState.COMPLETED and request.how.include_error and original:
            reply = original[:MAX_IN_NOTICE]
        if not await self._notices.tell(request, reply):
            self._gauge.count(request.endpoint, gauge.NOT_TOLD)
        await self._store.put(msgspec.structs.replace(request, told=True))

    def _write_failure(self, request: AsyncRequest, result: Result | None) -> None:
        """Write why a request failed to the place that was given for it; that it cannot be written fails nothing more."""
        told = {
            "inferenceId": request.inference_id,
            "endpointName": request.endpoint,
            "invocationStatus": request.state.value,
            "failureReason": request.reason,
            "originalStatusCode": result.status or None if result is not None else None,
            "originalMessage": result.original if result is not None else "",
            "attempts": [attempt.outcome for attempt in request.attempts],
        }
        try:
            sink = self._files.open_output(request.failure, "OutputConfig.S3FailurePath")
            try:
                sink.write(msgspec.json.encode(told))
                sink.keep(request.request_id, "application/json")
            finally:
                sink.drop()
        except DomainError as error:
            log.warning("failure_not_written", endpoint=request.endpoint, request=request.request_id, why=error.message)


def _used_up(request: AsyncRequest, text: str) -> str:
    count = len(request.attempts)
    return f"{text} ({count} attempt{'' if count == 1 else 's'} made)"
