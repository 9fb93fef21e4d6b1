"""What a request asks of S3: bucket and key, from the path or the host's name, and the query."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

import msgspec

from stoker.wire.aws.exchange import HeaderPairs, by_name
from stoker.wire.aws.s3.faults import S3Error

MAX_FIELDS: Final = 64
_LOCAL: Final = ".localhost"
_SERVICE: Final = "/s3/aws4_request"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `path` and `query` are as they came, `fields` the query decoded; `bucket` and `key` may be empty."""

    method: str
    path: str
    query: str
    pairs: HeaderPairs
    headers: Mapping[str, str]
    bucket: str
    key: str
    fields: Mapping[str, str]

    @property
    def resource(self) -> str:
        """What errors name."""
        return f"/{self.bucket}" + (f"/{self.key}" if self.key else "")


def claims(headers: Mapping[str, str], query: str) -> bool:
    """Tell whether a request is signed for S3, in its header or its query."""
    if _SERVICE in headers.get("authorization", "").partition(",")[0]:
        return True
    return "X-Amz-Credential=" in query and _SERVICE in unquote(query.partition("X-Amz-Credential=")[2].partition("&")[0])


def asked(scope: Mapping[str, Any]) -> Asked:
    """Read a request's head. Raises S3Error InvalidURI for a key that is not UTF-8."""
    pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    headers = by_name(pairs)
    path = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    try:
        whole = unquote_to_bytes(path.encode("latin-1")).decode("utf-8")
        fields = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError as error:
        raise S3Error("InvalidURI", "Couldn't parse the specified URI.") from error
    bucket, key = bucket_of_host(headers.get("host", "")), whole[1:]
    if not bucket:
        bucket, _, key = key.partition("/")
    return Asked(
        method=scope["method"], path=path, query=query, pairs=pairs, headers=headers, bucket=bucket, key=key, fields=fields
    )


def bucket_of_host(host: str) -> str:
    """Give the bucket that a host's name begins with: `BUCKET.localhost` or `BUCKET.s3[.REGION].localhost`; else nothing."""
    name = host.partition(":")[0].lower()
    if not name.endswith(_LOCAL):
        return ""
    front = name.removesuffix(_LOCAL)
    if front == "s3" or front.startswith("s3."):
        return ""
    return front.partition(".s3.")[0].removesuffix(".s3")
