"""Listings: of buckets, of keys in both of their versions, of uploads and their parts."""

import base64
import binascii
from itertools import islice
from typing import Final

from stoker.artifacts.buckets import Buckets, Listed
from stoker.artifacts.uploads import Uploads
from stoker.wire.aws.s3.asked import Asked
from stoker.wire.aws.s3.documents import Content, iso, url_encoded
from stoker.wire.aws.s3.faults import S3Error, not_served
from stoker.wire.aws.s3.replies import S3Reply, told

MAX_KEYS: Final = 1000
_DIGITS: Final = 9
OWNER: Final[tuple[tuple[str, Content], ...]] = (("ID", "stoker"), ("DisplayName", "stoker"))


def buckets(every: Buckets) -> S3Reply:
    """ListBuckets."""
    lines: list[tuple[str, Content]] = [("Bucket", (("Name", name), ("CreationDate", iso(made)))) for name, made in every.names()]
    return told("ListAllMyBucketsResult", [("Owner", OWNER), ("Buckets", lines)])


def objects(every: Buckets, asked: Asked) -> S3Reply:
    """ListObjects and ListObjectsV2."""
    fields = asked.fields
    newer = fields.get("list-type") == "2"
    delimiter = fields.get("delimiter", "")
    if delimiter not in {"", "/"}:
        raise not_served("the delimiter of listings other than /")
    most = _number(asked, "max-keys", MAX_KEYS)
    prefix = fields.get("prefix", "")
    token = fields.get("continuation-token", "")
    after = (_untold(token) if token else fields.get("start-after", "")) if newer else fields.get("marker", "")
    found = every.keys(asked.bucket, prefix=prefix, after=after, folded=bool(delimiter))
    lines = list(islice(found, most + 1)) if most else []
    truncated = len(lines) > most
    lines = lines[:most]
    urls = fields.get("encoding-type") == "url"
    shown = url_encoded if urls else str
    members: list[tuple[str, Content]] = [("Name", asked.bucket), ("Prefix", shown(prefix)), ("MaxKeys", str(most))]
    members += [("Delimiter", shown(delimiter))] if delimiter else []
    members += [("EncodingType", "url")] if urls else []
    members.append(("IsTruncated", "true" if truncated else "false"))
    last = lines[-1].name if truncated else ""
    if newer:
        members.append(("KeyCount", str(len(lines))))
        members += [("ContinuationToken", token)] if token else []
        members += [("StartAfter", shown(fields["start-after"]))] if fields.get("start-after") else []
        members += [("NextContinuationToken", _token(last))] if truncated else []
    else:
        members.append(("Marker", shown(after)))
        members += [("NextMarker", shown(last))] if truncated else []
    for line in lines:
        members += _line(every, asked, line, shown(line.name), owned=not newer or fields.get("fetch-owner") == "true")
    return told("ListBucketResult", members)


def _line(every: Buckets, asked: Asked, line: Listed, name: str, *, owned: bool) -> list[tuple[str, Content]]:
    if line.common:
        return [("CommonPrefixes", (("Prefix", name),))]
    found = every.look(asked.bucket, line.name)
    if found is None:
        return []
    members: list[tuple[str, Content]] = [
        ("Key", name),
        ("LastModified", iso(found.changed)),
        ("ETag", f'"{found.etag}"'),
        ("Size", str(found.size)),
        ("StorageClass", "STANDARD"),
    ]
    return [("Contents", [*members, *([("Owner", OWNER)] if owned else [])])]


def uploads(every: Uploads, asked: Asked) -> S3Reply:
    """ListMultipartUploads: all of them, as there are never more than a page."""
    lines: list[tuple[str, Content]] = [
        ("Upload", (("Key", key), ("UploadId", upload_id), ("Initiated", iso(begun)), ("StorageClass", "STANDARD")))
        for key, upload_id, begun in every.under_way(asked.bucket, asked.fields.get("prefix", ""))
    ]
    head: list[tuple[str, Content]] = [("Bucket", asked.bucket), ("MaxUploads", str(MAX_KEYS)), ("IsTruncated", "false")]
    return told("ListMultipartUploadsResult", head + lines)


def parts(every: Uploads, asked: Asked) -> S3Reply:
    """ListParts."""
    upload_id = asked.fields["uploadId"]
    after = _number(asked, "part-number-marker", 0)
    most = _number(asked, "max-parts", MAX_KEYS)
    found = [part for part in every.parts(asked.bucket, asked.key, upload_id) if part[0] > after]
    shown = found[:most]
    members: list[tuple[str, Content]] = [
        ("Bucket", asked.bucket),
        ("Key", asked.key),
        ("UploadId", upload_id),
        ("PartNumberMarker", str(after)),
        ("NextPartNumberMarker", str(shown[-1][0] if shown else after)),
        ("MaxParts", str(most)),
        ("IsTruncated", "true" if len(found) > len(shown) else "false"),
    ]
    for number, note in shown:
        line = (
            ("PartNumber", str(number)),
            ("LastModified", iso(note.changed)),
            ("ETag", f'"{note.etag}"'),
            ("Size", str(note.size)),
        )
        members.append(("Part", line))
    return told("ListPartsResult", members)


def _number(asked: Asked, name: str, default: int) -> int:
    text = asked.fields.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > _DIGITS:
        raise S3Error("InvalidArgument", f"Provided {name} not an integer or within integer range")
    return min(int(text), MAX_KEYS) if name.startswith("max-") else int(text)


def _token(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _untold(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise S3Error("InvalidArgument", "The continuation token provided is incorrect") from error
