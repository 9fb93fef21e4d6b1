"""Runs a logged engine again and compares what it commands with what it commanded then."""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from stoker.control.engine_log import FORMAT, Ended, Frame, Kept, Opened, Step, decode_commands, encode_commands
from stoker.decisions.startup import StartTimes
from stoker.domain.alarms import Alarm, CompositeAlarm, HistoryItem
from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import Endpoint, EndpointConfig
from stoker.domain.instances import Copy, Instance
from stoker.domain.models import Model
from stoker.domain.queues import Message, Queue
from stoker.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy
from stoker.domain.schedule import ScheduledAction
from stoker.domain.timetable import DeadLetter, Invocation, Schedule, ScheduleGroup
from stoker.engine.alarm_board import ALARM_KIND, COMPOSITE_KIND, HISTORY_KIND
from stoker.engine.autoscaler import POLICY_KIND
from stoker.engine.commands import (
    Append,
    Command,
    Explained,
    LaunchInstance,
    Put,
    Remove,
    RoutesChanged,
    SetCapacity,
    StartCopy,
    StopCopy,
    TerminateInstance,
)
from stoker.engine.platform import Platform
from stoker.engine.queues import MESSAGE_KIND, QUEUE_KIND
from stoker.engine.scaling_ledger import ACTIVITY_KIND, STATE_KIND, ScalingState
from stoker.engine.scaling_policies import TARGET_KIND
from stoker.engine.scheduling import ACTION_KIND
from stoker.engine.starts import START_KIND
from stoker.engine.timetable import DEAD_LETTER_KIND, GROUP_KIND, INVOCATION_KIND, SCHEDULE_KIND
from stoker.errors import InvalidParameterError, StokerError
from stoker.link.framing import FrameDecoder, LinkError
from stoker.units import Instant

_BLOCK: Final = 65_536
_GZIP: Final = 31
"""What zlib calls the format of gzip, checksum included."""
_MAX_PIECE: Final = 1 << 30
_COMMANDS: Final[dict[str, type[Command]]] = {
    kind.__name__: kind
    for kind in (
        Append,
        Explained,
        LaunchInstance,
        Put,
        Remove,
        RoutesChanged,
        SetCapacity,
        StartCopy,
        StopCopy,
        TerminateInstance,
    )
}
_DOCUMENTS: Final[dict[str, type]] = {
    "model": Model,
    "config": EndpointConfig,
    "endpoint": Endpoint,
    "component": InferenceComponent,
    "instance": Instance,
    "copy": Copy,
    TARGET_KIND: ScalableTarget,
    POLICY_KIND: ScalingPolicy,
    ACTION_KIND: ScheduledAction,
    ALARM_KIND: Alarm,
    STATE_KIND: ScalingState,
    ACTIVITY_KIND: ScalingActivity,
    START_KIND: StartTimes,
    COMPOSITE_KIND: CompositeAlarm,
    HISTORY_KIND: HistoryItem,
    SCHEDULE_KIND: Schedule,
    GROUP_KIND: ScheduleGroup,
    INVOCATION_KIND: Invocation,
    DEAD_LETTER_KIND: DeadLetter,
    QUEUE_KIND: Queue,
    MESSAGE_KIND: Message,
}
"""What the documents of each kind of record and history hold."""

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError)
"""What msgspec raises for bytes that are not what they should be."""

_frames: Final[msgspec.msgpack.Decoder[Frame]] = msgspec.msgpack.Decoder(Frame)

Shown: TypeAlias = tuple[str, dict[str, object]]
"""A command's name and its fields, a document in them decoded."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first step that went otherwise: `then` was logged, `now` came out of the replay. Both begin where they differ."""

    step: Step
    number: int
    then: list[Shown]
    now: list[Shown]
    why: str


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a replay. `ended` is why the log ends, empty when it was cut off; `begin` and `end` are of its steps."""

    steps: int
    commands: int
    version: str
    begin: Instant
    end: Instant
    ended: str
    difference: Difference | None = None


class _EngineFailedError(StokerError):
    """The engine raised; the text says what."""


class _OtherIdsError(StokerError):
    """The engine drew more ids than it did then."""


class _GivenIds:
    """Gives the ids of the log again. Implements `stoker.domain.ids.IdSource`."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left: list[str] = []

    def uuid(self) -> str:
        """Give the next id."""
        return self.token()

    def token(self) -> str:
        """Give the next id."""
        if not self.left:
            raise _OtherIdsError("The engine drew more ids than it did then.")
        return self.left.pop(0)


def replay(path: Path, tell: Callable[[Step, list[Shown]], None] | None = None) -> Replayed:
    """Run a log to its end or to the first difference; `tell` gets every step with the commands that came out of it.

    Raises `InvalidParameterError` for a file that is no log, or none of this version.
    """
    frames = read_frames(path)
    opened = next(frames, None)
    if isinstance(opened, Ended):
        raise InvalidParameterError(f"{path} holds no step: {opened.reason}.", field="FILE")
    if not isinstance(opened, Opened):
        raise InvalidParameterError(f"{path} is no log of an engine.", field="FILE")
    if opened.format != FORMAT:
        raise InvalidParameterError(f"{path} was written by Stoker {opened.version}, whose logs differ.", field="FILE")
    try:
        again = _Again(opened, _records(path, frames, opened.records))
    except _UNREADABLE as error:
        raise InvalidParameterError(f"{path} begins with records that are not of this version: {error}", field="FILE") from error
    count = commands = 0
    begin = end = 0
    ended = ""
    for frame in frames:
        if isinstance(frame, Ended):
            ended = frame.reason
        if not isinstance(frame, Step):
            continue
        count += 1
        begin, end = begin or frame.now, frame.now
        difference, came = again.step(frame, count)
        commands += len(came)
        if tell is not None:
            tell(frame, shown(encode_commands(came)))
        if difference is not None:
            break
    else:
        difference = None
    return Replayed(
        steps=count, commands=commands, version=opened.version, begin=begin, end=end, ended=ended, difference=difference
    )


def read_frames(path: Path) -> Iterator[Frame]:
    """Give the frames of a log; one that was cut off ends with its last whole frame. Raises `InvalidParameterError`."""
    decoder = FrameDecoder()
    try:
        for piece in _pieces(path):
            for body in decoder.feed(piece):
                yield _frames.decode(body)
    except (LinkError, zlib.error, *_UNREADABLE) as error:
        raise InvalidParameterError(f"{path} is no log of an engine, or damaged: {error}", field="FILE") from error


def _pieces(path: Path) -> Iterator[bytes]:
    """Give what was written at once, piece by piece, its checksum checked; a last one that was cut off is left out."""
    with path.open("rb") as file:
        rest = b""
        while data := rest or file.read(_BLOCK):
            unpacker = zlib.decompressobj(wbits=_GZIP)
            piece = bytearray(unpacker.decompress(data))
            while not unpacker.eof:
                data = file.read(_BLOCK)
                if not data:
                    return
                piece += unpacker.decompress(data)
                if len(piece) > _MAX_PIECE:
                    raise InvalidParameterError(f"{path} holds a piece of more than {_MAX_PIECE} bytes.", field="FILE")
            rest = unpacker.unused_data
            yield bytes(piece)


def shown(commands: bytes) -> list[Shown]:
    """Give encoded commands as what they say: fields that have been added since have their defaults."""
    return [(name, _fields(name, raw)) for name, raw in decode_commands(commands)]


def _fields(name: str, raw: msgspec.Raw) -> dict[str, object]:
    try:
        kind = _COMMANDS[name]
        command = msgspec.msgpack.decode(raw, type=kind)
        fields = msgspec.structs.asdict(command)
        if isinstance(command, Put | Append):
            fields["document"] = msgspec.msgpack.decode(command.document, type=_DOCUMENTS.get(command.kind, object))
    except (KeyError, *_UNREADABLE):  # of another version, or damaged
        return {"unknown": bytes(raw)}
    return fields


def _records(path: Path, frames: Iterator[Frame], count: int) -> Iterator[tuple[str, bytes]]:
    for _ in range(count):
        frame = next(frames, None)
        if not isinstance(frame, Kept):
            raise InvalidParameterError(f"{path} was cut off before its first step.", field="FILE")
        yield frame.kind, frame.document


class _Again:
    """The engine, run again."""

    __slots__ = ("_ids", "_platform")

    def __init__(self, opened: Opened, records: Iterator[tuple[str, bytes]]) -> None:
        self._ids = _GivenIds()
        self._platform = Platform(ids=self._ids, options=opened.options)
        self._platform.restore(records)

    def step(self, step: Step, number: int) -> tuple[Difference | None, list[Command]]:
        """Take a step; gives how it differs from the one in the log, and the commands."""
        self._ids.left = list(step.ids)
        came: list[Command] = []
        error = ""
        try:
            came = self._run(step)
        except _EngineFailedError as failed:
            error = str(failed)
        then, now = bytes(step.commands), encode_commands(came)
        why = _why(step, error, unused=len(self._ids.left))
        if not why and then == now:
            return None, came
        before, after = shown(then), shown(now)
        same = _alike(before, after)
        if not why and same == len(before) == len(after):
            return None, came
        why = why or "the commands differ"
        return Difference(step=step, number=number, then=before[same:], now=after[same:], why=why), came

    def _run(self, step: Step) -> list[Command]:
        platform = self._platform
        try:
            came = platform.tick(step.now) if step.event is None else platform.handle(step.event, step.now)
            platform.next_deadline()  # as the driver asks after each step
        except Exception as error:
            raise _EngineFailedError(repr(error)) from error
        return came


def _why(step: Step, error: str, *, unused: int) -> str:
    if error != step.error:
        return f"the engine failed: {error}" if error else f"the engine failed then, and does not now: {step.error}"
    return f"{unused} of the ids drawn then were not drawn" if unused and not error else ""


def _alike(before: list[Shown], after: list[Shown]) -> int:
    """Give how many commands are the same from the beginning on."""
    for place, (one, other) in enumerate(zip(before, after, strict=False)):
        if one != other:
            return place
    return min(len(before), len(after))
