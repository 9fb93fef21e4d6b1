"""Replies of the S3 face: documents, and objects' bytes with what is told of them."""

import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import msgspec

from stoker.artifacts.objects import Object
from stoker.wire.aws.s3.asked import Asked
from stoker.wire.aws.s3.bodies import SUM_PREFIX
from stoker.wire.aws.s3.documents import Content, document, http_date
from stoker.wire.aws.s3.faults import S3Error

XML: Final = "application/xml"
KEPT_HEADERS: Final = (
    "content-type",
    "content-encoding",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
)
META: Final = "x-amz-meta-"
MAX_META_BYTES: Final = 2048
"""Source: AWS, "Working with object metadata"."""
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class S3Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply: `length` bytes of `file` from `start`, or `body`."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    file: Path | None = None
    start: int = 0
    length: int = 0


def told(name: str, members: Sequence[tuple[str, Content]], headers: Mapping[str, str] | None = None) -> S3Reply:
    """Give a document as a reply."""
    return S3Reply(headers={"content-type": XML, **(headers or {})}, body=document(name, members))


def kept_headers(asked: Asked) -> dict[str, str]:
    """Give what is kept of a request's headers with its object."""
    meta = {name: value for name, value in asked.headers.items() if name.startswith(META)}
    if sum(len(name) - len(META) + len(value) for name, value in meta.items()) > MAX_META_BYTES:
        raise S3Error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.")
    kept = {name: asked.headers[name] for name in KEPT_HEADERS if name in asked.headers}
    # The frame that a body is sent in is no property of the object.
    encoding = ",".join(
        part.strip() for part in kept.pop("content-encoding", "").split(",") if part.strip() not in {"", "aws-chunked"}
    )
    return {**kept, **({"content-encoding": encoding} if encoding else {}), **meta}


def served(asked: Asked, found: Object) -> S3Reply:
    """Give an object, or the part of it that is asked for. Raises S3Error when its conditions do not hold."""
    _check_conditions(asked, found)
    headers = {
        "content-type": "binary/octet-stream",
        **found.headers,
        "etag": f'"{found.etag}"',
        "last-modified": http_date(found.changed),
        "accept-ranges": "bytes",
    }
    for name, value in asked.fields.items():  # a presigned URL may say what the reply calls itself
        if name.startswith("response-") and name.removeprefix("response-") in KEPT_HEADERS:
            headers[name.removeprefix("response-")] = _one_line(value)
    span = _span(asked.headers.get("range", ""), found.size)
    if span is None:
        if asked.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED":
            headers.update({SUM_PREFIX + name: value for name, value in found.sums.items()})
        return S3Reply(headers=headers, file=found.path, length=found.size)
    first, last = span
    headers["content-range"] = f"bytes {first}-{last}/{found.size}"
    return S3Reply(status=206, headers=headers, file=found.path, start=first, length=last - first + 1)


def _span(text: str, size: int) -> tuple[int, int] | None:
    """Give first and last byte of a range; None for all of it, which is also what an unreadable one means."""
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if match is None or (not match[1] and not match[2]):
        return None
    if not match[1]:
        first, last = max(0, size - int(match[2])), size - 1
        empty = int(match[2]) == 0 or size == 0
    else:
        first, last = int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)
        empty = first >= size
        if match[2] and int(match[2]) < first:
            return None
    if empty:
        members = {"RangeRequested": text, "ActualObjectSize": str(size)}
        raise S3Error("InvalidRange", "The requested range is not satisfiable", members)
    return first, last


def _check_conditions(asked: Asked, found: Object) -> None:
    headers = asked.headers
    match, unless = headers.get("if-match"), headers.get("if-none-match")
    if match is not None and not _names(match, found.etag):
        raise _unmet()
    if match is None and "if-unmodified-since" in headers and _since(headers["if-unmodified-since"], found):
        raise _unmet()
    if unless is not None:
        if _names(unless, found.etag):
            raise S3Error("NotModified", "Not Modified")
    elif "if-modified-since" in headers and _since(headers["if-modified-since"], found) is False:
        raise S3Error("NotModified", "Not Modified")


def _unmet() -> S3Error:
    return S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")


def _names(header: str, etag: str) -> bool:
    return header.strip() == "*" or etag in {part.strip().strip('"') for part in header.split(",")}


def _since(date: str, found: Object) -> bool | None:
    """Tell whether the object was changed after a date; None when the date cannot be read."""
    try:
        return found.changed // 1_000_000_000 > parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def _one_line(text: str) -> str:
    return "".join(char for char in text if char >= " " and char != "\x7f")
