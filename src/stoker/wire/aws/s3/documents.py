"""S3's XML documents: written from nested pairs, read with nothing in them that could grow."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Final, TypeAlias
from urllib.parse import quote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from stoker.units import Instant
from stoker.wire.aws.s3.faults import S3Error

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_CONTROLS: Final = {chr(code): f"&#x{code:x};" for code in (*range(9, 14), *range(127, 160))}

Content: TypeAlias = "str | Sequence[tuple[str, Content]]"


def document(name: str, members: Sequence[tuple[str, Content]], *, plain: bool = False) -> bytes:
    """Give a document; `plain` ones (errors) carry no namespace."""
    space = "" if plain else f' xmlns="{NAMESPACE}"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{space}>{_written(members)}</{name}>'.encode("utf-8", "replace")


def _written(members: Sequence[tuple[str, Content]]) -> str:
    return "".join([f"<{name}>{_text(of) if isinstance(of, str) else _written(of)}</{name}>" for name, of in members])


def _text(text: str) -> str:
    return escape(text, _CONTROLS)


def read(body: bytes, name: str) -> ET.Element:
    """Give the root of a document of this name. Raises S3Error MalformedXML for anything else, entities included."""
    try:
        text = body.decode("utf-8")
        if "<!" in text:
            raise _malformed()
        root = ET.fromstring(text)  # noqa: S314 - there are no entities in it, and its size is bounded
    except (ET.ParseError, ValueError, LookupError) as error:
        raise _malformed() from error
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    if root.tag != name:
        raise _malformed()
    return root


def texts(root: ET.Element, name: str) -> Iterable[str]:
    """Give the texts of the members of this name."""
    return [each.text or "" for each in root.iter(name)]


def _malformed() -> S3Error:
    return S3Error("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")


def iso(at: Instant) -> str:
    """Give an instant as documents have it."""
    return datetime.fromtimestamp(at // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def http_date(at: Instant) -> str:
    """Give an instant as headers have it."""
    return formatdate(at // 1_000_000_000, usegmt=True)


def url_encoded(text: str) -> str:
    """Give a key as it stands in listings with `encoding-type=url`."""
    return quote(text, safe="/-_.~*")
