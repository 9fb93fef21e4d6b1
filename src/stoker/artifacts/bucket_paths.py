"""Names of buckets and keys, and the paths they have on disk: no key leaves its bucket's directory.

A key's parts between slashes are directories and a file, as they are written, so that `s3://bucket/prefix` is a directory that
a model can be loaded from. Only what a file system could misread is spelled otherwise: `%` as `%25`, a part that is `.` or `..`
as `%2E` or `%2E%2E`, an empty one as `%`.
"""

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from stoker.errors import InvalidParameterError

MAX_KEY_BYTES: Final = 1024
"""Source: AWS, "Naming Amazon S3 objects"."""
MAX_PART_BYTES: Final = 255
"""What file systems let one name have."""
_BUCKET: Final = re.compile(r"(?!xn--|\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]")
RESERVED: Final = frozenset({"endpoints", "metrics", "stoker"})
"""Begin paths of the server that are no bucket's."""
_EMPTY: Final = "%"
_DOTS: Final = {".": "%2E", "..": "%2E%2E", "": _EMPTY}


def check_bucket(name: str, field: str = "Bucket") -> str:
    """Give a bucket's name back, or raise InvalidParameterError."""
    if not _BUCKET.fullmatch(name) or name in RESERVED:
        message = f"{field}: '{name[:80]}' is no bucket's name: 3 to 63 small letters, digits, hyphens and dots."
        raise InvalidParameterError(message, field=field)
    return name


def key_path(root: Path, key: str, field: str = "Key") -> Path:
    """Give where a key's bytes are below `root`. Raises InvalidParameterError for a key that there cannot be."""
    if not key or "\0" in key or len(key.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES:
        message = f"{field}: a key has 1 to {MAX_KEY_BYTES} bytes, none of them zero."
        raise InvalidParameterError(message, field=field)
    parts = [_DOTS.get(part) or part.replace("%", "%25") for part in key.split("/")]
    if any(len(part.encode()) > MAX_PART_BYTES for part in parts):
        raise InvalidParameterError(f"{field}: between slashes a key has at most {MAX_PART_BYTES} bytes here.", field=field)
    return root.joinpath(*parts)


def part_of_key(name: str) -> str:
    """Give the part of a key that a name on disk stands for."""
    return "" if name == _EMPTY else unquote(name) if "%" in name else name
