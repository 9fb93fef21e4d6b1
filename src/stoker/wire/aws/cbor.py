"""CBOR (RFC 8949) as rpc-v2-cbor uses it: one item in, plain Python values out; wire structs in, bytes out.

Read are integers of 64 bits, byte and text strings, arrays and maps of known and of unknown length, floats of all three sizes,
true, false, null, undefined, and tag 1 (a time). Everything else is refused, as are bytes after the item, a map with a key
twice, a text that is not UTF-8, and what is over a bound: a length that the body cannot hold is known before it is read.
"""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec

from stoker.wire.aws import times

MAX_DEPTH: Final = 32
MAX_ITEMS: Final = 500_000
"""Items of one body, keys included: the largest PutMetricData (1,000 metrics with 150 values and counts each) has 400,000."""

BREAK: Final = object()
"""What the end of an array, a map or a string of unknown length decodes to."""

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_ONE_BYTE: Final = 24
_RESERVED: Final = 28
_INDEFINITE: Final = 31
_BREAK_BYTE: Final = 0xFF
_EPOCH_TAG: Final = 1
_SIMPLE_VALUES: Final = {20: False, 21: True, 22: None, 23: None, 31: BREAK}
_FLOATS: Final = {25: struct.Struct(">e"), 26: struct.Struct(">f"), 27: struct.Struct(">d")}
_DOUBLE: Final = struct.Struct(">Bd")


class CborError(ValueError):
    """The bytes are not CBOR of the kind that is read here; the message may be shown to the client."""


class _Reader:
    """Reads one item and all below it, from the front of `data`."""

    __slots__ = ("_data", "_items", "at")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._items = 0
        self.at = 0

    def item(self, depth: int = 0) -> object:
        """Read the item at hand."""
        self._items += 1
        if self._items > MAX_ITEMS:
            raise CborError(f"more than {MAX_ITEMS} items")
        if depth > MAX_DEPTH:
            raise CborError(f"nested more than {MAX_DEPTH} deep")
        first = self._take(1)[0]
        major, short = first >> 5, first & 31
        if major == _SIMPLE:
            return self._simple(short)
        argument = self._argument(short, major)
        match major:
            case 0:
                return argument
            case 1:
                return -1 - self._definite(argument)
            case 2 | 3:
                return self._string(major, argument)
            case 4:
                return self._array(argument, depth)
            case 5:
                return self._map(argument, depth)
            case _:
                return self._tagged(argument, depth)

    def _take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self._data):
            raise CborError(f"it ends at byte {len(self._data)}, in the middle of an item")
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def _argument(self, short: int, major: int) -> int | None:
        """Give the number in an item's head; None for an unknown length."""
        if short < _ONE_BYTE:
            return short
        if short < _RESERVED:
            return int.from_bytes(self._take(1 << (short - _ONE_BYTE)))
        if short == _INDEFINITE and major in {_BYTES, _TEXT, _ARRAY, _MAP}:
            return None
        raise CborError(f"the head of the item before byte {self.at} is reserved")

    def _definite(self, argument: int | None) -> int:
        if argument is None:
            raise CborError(f"the item before byte {self.at} has no length")
        return argument

    def _simple(self, short: int) -> object:
        form = _FLOATS.get(short)
        if form is not None:
            value: float = form.unpack(self._take(form.size))[0]
            return value
        if short not in _SIMPLE_VALUES:
            raise CborError(f"the simple value before byte {self.at} is unknown")
        return _SIMPLE_VALUES[short]

    def _string(self, major: int, length: int | None) -> bytes | str:
        if length is not None:
            raw = self._take(length)
        else:
            chunks = []
            while (first := self._take(1)[0]) != _BREAK_BYTE:
                if first >> 5 != major:
                    raise CborError(f"the chunk before byte {self.at} is not of its string's kind")
                chunks.append(self._take(self._definite(self._argument(first & 31, major))))
            raw = b"".join(chunks)
        if major == _BYTES:
            return raw
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise CborError(f"the text before byte {self.at} is not UTF-8") from error

    def _array(self, length: int | None, depth: int) -> list[object]:
        out: list[object] = []
        if length is None:
            while (item := self.item(depth + 1)) is not BREAK:
                out.append(item)
            return out
        self._check(length)
        out.extend(self._value(depth) for _ in range(length))
        return out

    def _map(self, length: int | None, depth: int) -> dict[str, object]:
        out: dict[str, object] = {}
        if length is None:
            while (key := self.item(depth + 1)) is not BREAK:
                self._put(out, key, depth)
            return out
        self._check(length)
        for _ in range(length):
            self._put(out, self.item(depth + 1), depth)
        return out

    def _put(self, out: dict[str, object], key: object, depth: int) -> None:
        if not isinstance(key, str):
            raise CborError(f"the map's key before byte {self.at} is not a text")
        if key in out:
            raise CborError(f"the map's key before byte {self.at} is there twice")
        out[key] = self._value(depth)

    def _value(self, depth: int) -> object:
        value = self.item(depth + 1)
        if value is BREAK:
            raise CborError(f"the break before byte {self.at} ends nothing")
        return value

    def _check(self, length: int) -> None:
        """Refuse a length that the rest cannot hold."""
        if length > len(self._data) - self.at:
            raise CborError(f"the length before byte {self.at} is more than there are bytes")

    def _tagged(self, tag: int | None, depth: int) -> times.Timestamp:
        if tag != _EPOCH_TAG:
            raise CborError(f"the tag {tag} before byte {self.at} is not read")
        value = self._value(depth)
        if isinstance(value, times.Timestamp) or not isinstance(value, int | float):
            raise CborError(f"the time before byte {self.at} is not a number")
        try:
            return times.parse(value)
        except ValueError as error:
            raise CborError(f"the time before byte {self.at} is not one: {error}") from error


def decode(data: bytes) -> object:
    """Give the one item that `data` holds. Raises CborError, which names the byte and what is wrong there."""
    reader = _Reader(data)
    value = reader.item()
    if value is BREAK:
        raise CborError("the break before byte 1 ends nothing")
    if reader.at != len(data):
        raise CborError(f"there is more after the item that ends at byte {reader.at}")
    return value


def _head(major: int, argument: int) -> bytes:
    if argument < _ONE_BYTE:
        return bytes((major << 5 | argument,))
    for power in range(4):
        if argument < 1 << (8 << power):
            return bytes((major << 5 | _ONE_BYTE + power,)) + argument.to_bytes(1 << power)
    raise OverflowError(f"{argument} has more than 64 bits")


def encode(value: object) -> bytes:
    """Give the CBOR of a wire value; times become tag 1 with a double, members that are None are left out of structs."""
    out: list[bytes] = []
    _write(value, out.append)
    return b"".join(out)


@lru_cache(maxsize=1024)
def _members(kind: type[msgspec.Struct]) -> tuple[tuple[str, bytes], ...]:
    """Give the attributes of a struct, each with its encoded name."""
    return tuple((field.name, _text(field.encode_name)) for field in msgspec.structs.fields(kind))


def _text(text: str) -> bytes:
    raw = text.encode()
    return _head(_TEXT, len(raw)) + raw


def _write(value: object, write: Callable[[bytes], None]) -> None:
    match value:
        case str():
            write(_text(value))
        case float():
            write(_DOUBLE.pack(0xFB, value))
        case None | bool():
            write(b"\xf6" if value is None else b"\xf5" if value else b"\xf4")
        case times.Timestamp():
            write(b"\xc1")
            write(_DOUBLE.pack(0xFB, times.epoch_seconds(value)))
        case int():
            write(_head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value))
        case _:
            _write_holder(value, write)


def _write_holder(value: object, write: Callable[[bytes], None]) -> None:
    match value:
        case msgspec.Struct():
            members = ((name, getattr(value, attribute)) for attribute, name in _members(type(value)))
            pairs = [(name, member) for name, member in members if member is not None]
            write(_head(_MAP, len(pairs)))
            for name, member in pairs:
                write(name)
                _write(member, write)
        case list() | tuple():
            write(_head(_ARRAY, len(value)))
            for item in value:
                _write(item, write)
        case dict():
            write(_head(_MAP, len(value)))
            for key, item in value.items():
                write(_text(key))
                _write(item, write)
        case bytes() | bytearray() | memoryview():
            write(_head(_BYTES, len(value)) + bytes(value))
        case _:
            raise TypeError(f"no CBOR form for {type(value).__name__}")
