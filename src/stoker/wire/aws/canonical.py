"""The forms in which requests are signed: path, query and headers, each in one canonical text.

Texts of a request are its bytes, decoded as latin-1, still percent-encoded.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote_to_bytes

UNRESERVED: Final = "-_.~"


def canonical_header(name: str, values: Iterable[str]) -> str:
    """Give a header's signed line: blanks at the ends cut, runs of blanks made one, repeated values joined."""
    return f"{name}:{','.join([' '.join(value.split()) for value in values])}"


@lru_cache(maxsize=512)
def canonical_path(path: str) -> str:
    """Give the path that is signed: dot segments and doubled slashes removed, then percent-encoded once more."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    trailing = "/" if kept and path.endswith("/") else ""
    return quote(f"/{'/'.join(kept)}{trailing}".encode("latin-1", "replace"), safe="/~")


def canonical_s3_paths(path: str) -> Iterable[str]:
    """Give the path's signed forms for S3: as it came, and, where that differs, encoded by the standard's rule."""
    yield path
    encoded = quote(_decoded(path), safe=f"/{UNRESERVED}")
    if encoded != path:
        yield encoded


def canonical_queries(query: str) -> Iterable[str]:
    """Give the query's signed form: as it came, and, where that differs, with each part re-encoded by the standard's rule.

    Some clients sign the text they send, some the encoding the standard asks for; both say the same thing.
    """
    pairs = [item.partition("=")[::2] for item in query.split("&")] if query else []
    pairs = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
    plain = _joined(pairs)
    yield plain
    encoded = _joined([(_encoded(name), _encoded(value)) for name, value in pairs])
    if encoded != plain:
        yield encoded


def _encoded(text: str) -> str:
    return quote(_decoded(text), safe=UNRESERVED)


def _decoded(text: str) -> bytes:
    return unquote_to_bytes(text.encode("latin-1", "replace"))


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))
