"""The calls of S3 that are served, each by its own name in permissions, logs and refusals."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias
from urllib.parse import unquote

import msgspec

from stoker.artifacts.buckets import Buckets
from stoker.artifacts.objects import Incoming, Object
from stoker.artifacts.uploads import MAX_PARTS, Part, Uploads
from stoker.errors import DomainError
from stoker.wire.aws.s3 import listings
from stoker.wire.aws.s3.asked import Asked
from stoker.wire.aws.s3.bodies import SUM_PREFIX, Receive, document_body, length_of, sums_of, take
from stoker.wire.aws.s3.documents import Content, iso, read, texts
from stoker.wire.aws.s3.faults import S3Error, as_s3, not_served
from stoker.wire.aws.s3.replies import S3Reply, kept_headers, served, told
from stoker.wire.aws.sigv4 import Proof

MAX_DELETED: Final = 1000
"""Keys of one DeleteObjects."""
PRIVATE: Final = frozenset({"private", "bucket-owner-full-control"})
CLASSIC: Final = "us-east-1"
"""The region that has no name of its own in S3, and where making a bucket twice is no error."""

SUBRESOURCES: Final = frozenset(
    {
        "accelerate",
        "acl",
        "analytics",
        "attributes",
        "cors",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "logging",
        "metadataTable",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "session",
        "tagging",
        "torrent",
        "versions",
        "website",
    }
)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call on its way in: what is asked, what was proved, and where the body comes from."""

    asked: Asked
    proof: Proof
    receive: Receive


Operation: TypeAlias = Callable[[Call], Awaitable[S3Reply]]


def name_of(asked: Asked) -> str:
    """Give the operation that is asked for. Raises S3Error for what is not served."""
    for field in asked.fields:
        if field in SUBRESOURCES:
            raise not_served(f"s3's ?{field}")
    names = _BUCKETS if not asked.bucket else _KEYS if asked.key else _BUCKET
    for (method, field), name in names.items():
        if method == asked.method and (not field or field in asked.fields):
            return name
    raise S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.")


_BUCKETS: Final = {("GET", ""): "ListBuckets"}
_BUCKET: Final = {
    ("PUT", ""): "CreateBucket",
    ("HEAD", ""): "HeadBucket",
    ("DELETE", ""): "DeleteBucket",
    ("GET", "location"): "GetBucketLocation",
    ("GET", "versioning"): "GetBucketVersioning",
    ("GET", "uploads"): "ListMultipartUploads",
    ("GET", "list-type"): "ListObjectsV2",
    ("GET", ""): "ListObjects",
    ("POST", "delete"): "DeleteObjects",
}
_KEYS: Final = {
    ("PUT", "uploadId"): "UploadPart",
    ("PUT", ""): "PutObject",
    ("GET", "uploadId"): "ListParts",
    ("GET", ""): "GetObject",
    ("HEAD", ""): "HeadObject",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("DELETE", ""): "DeleteObject",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("POST", "uploadId"): "CompleteMultipartUpload",
}


SERVED: Final = frozenset({"CopyObject", *_BUCKETS.values(), *_BUCKET.values(), *_KEYS.values()})
"""The operations that are served; `CopyObject` is a PutObject that names a source."""


class Calls:
    """The operations over the buckets of one region."""

    __slots__ = ("_buckets", "_region", "_uploads", "table")

    def __init__(self, buckets: Buckets, region: str) -> None:
        self._buckets = buckets
        self._uploads = Uploads(buckets)
        self._region = region
        self.table: Mapping[str, Operation] = {
            "ListBuckets": self._list_buckets,
            "CreateBucket": self._create_bucket,
            "HeadBucket": self._head_bucket,
            "DeleteBucket": self._delete_bucket,
            "GetBucketLocation": self._location,
            "GetBucketVersioning": self._versioning,
            "ListMultipartUploads": self._list_uploads,
            "ListObjectsV2": self._list_objects,
            "ListObjects": self._list_objects,
            "DeleteObjects": self._delete_objects,
            "PutObject": self._put,
            "GetObject": self._get,
            "HeadObject": self._get,
            "DeleteObject": self._delete,
            "CreateMultipartUpload": self._begin_upload,
            "UploadPart": self._upload_part,
            "CompleteMultipartUpload": self._complete_upload,
            "AbortMultipartUpload": self._abort_upload,
            "ListParts": self._list_parts,
        }

    async def _list_buckets(self, _: Call) -> S3Reply:
        return await asyncio.to_thread(listings.buckets, self._buckets)

    async def _create_bucket(self, call: Call) -> S3Reply:
        body = await document_body(call.asked, call.proof, call.receive)
        if body:
            wanted = [text.strip() for text in texts(read(body, "CreateBucketConfiguration"), "LocationConstraint")]
            if wanted and wanted != [self._region]:
                text = f"The specified location-constraint is not valid: there is only {self._region} here."
                raise S3Error("InvalidLocationConstraint", text)
        made = await asyncio.to_thread(self._buckets.create, call.asked.bucket)
        if not made and self._region != CLASSIC:
            text = "Your previous request to create the named bucket succeeded and you already own it."
            raise S3Error("BucketAlreadyOwnedByYou", text)
        return S3Reply(headers={"location": f"/{call.asked.bucket}"})

    async def _head_bucket(self, call: Call) -> S3Reply:
        self._buckets.folder(call.asked.bucket)
        return S3Reply(headers={"x-amz-bucket-region": self._region})

    async def _delete_bucket(self, call: Call) -> S3Reply:
        await asyncio.to_thread(self._buckets.delete, call.asked.bucket)
        return S3Reply(status=204)

    async def _location(self, call: Call) -> S3Reply:
        self._buckets.folder(call.asked.bucket)
        return told("LocationConstraint", ()) if self._region == CLASSIC else _location_of(self._region)

    async def _versioning(self, call: Call) -> S3Reply:
        self._buckets.folder(call.asked.bucket)
        return told("VersioningConfiguration", ())

    async def _list_uploads(self, call: Call) -> S3Reply:
        return await asyncio.to_thread(listings.uploads, self._uploads, call.asked)

    async def _list_objects(self, call: Call) -> S3Reply:
        return await asyncio.to_thread(listings.objects, self._buckets, call.asked)

    async def _list_parts(self, call: Call) -> S3Reply:
        return await asyncio.to_thread(listings.parts, self._uploads, call.asked)

    async def _delete_objects(self, call: Call) -> S3Reply:
        root = read(await document_body(call.asked, call.proof, call.receive), "Delete")
        keys = list(texts(root, "Key"))
        if not 1 <= len(keys) <= MAX_DELETED:
            raise S3Error("MalformedXML", f"Between 1 and {MAX_DELETED} keys can be deleted at once.")
        quiet = [text.strip() for text in texts(root, "Quiet")] == ["true"]
        return told("DeleteResult", await asyncio.to_thread(self._delete_keys, call.asked.bucket, keys, quiet))

    def _delete_keys(self, bucket: str, keys: list[str], quiet: bool) -> list[tuple[str, Content]]:  # noqa: FBT001 - for a thread
        self._buckets.folder(bucket)
        lines: list[tuple[str, Content]] = []
        for key in keys:
            try:
                self._buckets.remove(bucket, key)
            except DomainError as error:
                said = as_s3(error)
                code = said.code if said is not None else "InternalError"
                lines.append(("Error", (("Key", key), ("Code", code), ("Message", error.message))))
            else:
                lines += [] if quiet else [("Deleted", (("Key", key),))]
        return lines

    async def _put(self, call: Call) -> S3Reply:
        asked = call.asked
        _check_headers(asked)
        if "if-match" in asked.headers or asked.headers.get("if-none-match", "*").strip() != "*":
            raise not_served("conditions of PutObject other than If-None-Match: *")
        fresh = "if-none-match" in asked.headers
        headers = kept_headers(asked)
        if "x-amz-copy-source" in asked.headers:
            return await self._copy(asked, headers, fresh=fresh)
        came = await self._begin(asked)
        try:
            await take(asked, call.proof, call.receive, came)
            made = await asyncio.to_thread(self._buckets.put, asked.bucket, asked.key, came, headers=headers, fresh=fresh)
        finally:
            came.drop()
        sums = {SUM_PREFIX + name: value for name, value in made.sums.items()}
        return S3Reply(headers={"etag": f'"{made.etag}"', **sums})

    async def _copy(self, asked: Asked, headers: Mapping[str, str], *, fresh: bool) -> S3Reply:
        bucket, _, key = unquote(asked.headers["x-amz-copy-source"]).removeprefix("/").partition("/")
        if "?" in asked.headers["x-amz-copy-source"] or any(name.startswith("x-amz-copy-source-") for name in asked.headers):
            raise not_served("versions, ranges and conditions of what is copied")
        replaced = asked.headers.get("x-amz-metadata-directive", "COPY") == "REPLACE"

        def work() -> Object:
            found = self._buckets.get(bucket, key)
            came = self._buckets.incoming(asked.bucket, most_bytes=max(found.size, 1))
            try:
                with found.path.open("rb") as file:
                    while block := file.read(1 << 20):
                        came.write(block)
                kept = headers if replaced else found.headers
                return self._buckets.put(asked.bucket, asked.key, came, headers=kept, fresh=fresh)
            finally:
                came.drop()

        made = await asyncio.to_thread(work)
        return told("CopyObjectResult", (("LastModified", iso(made.changed)), ("ETag", f'"{made.etag}"')))

    async def _begin(self, asked: Asked) -> Incoming:
        length = length_of(asked)
        limit = self._buckets.limits.object_bytes
        if length is not None and length > limit:
            members = {"ProposedSize": str(length), "MaxSizeAllowed": str(limit)}
            raise S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.", members)
        return await asyncio.to_thread(self._buckets.incoming, asked.bucket, most_bytes=length or None, sums=sums_of(asked))

    async def _get(self, call: Call) -> S3Reply:
        return served(call.asked, await asyncio.to_thread(self._buckets.get, call.asked.bucket, call.asked.key))

    async def _delete(self, call: Call) -> S3Reply:
        await asyncio.to_thread(self._buckets.remove, call.asked.bucket, call.asked.key)
        return S3Reply(status=204)

    async def _begin_upload(self, call: Call) -> S3Reply:
        asked = call.asked
        _check_headers(asked)
        upload_id = await asyncio.to_thread(self._uploads.begin, asked.bucket, asked.key, kept_headers(asked))
        members = (("Bucket", asked.bucket), ("Key", asked.key), ("UploadId", upload_id))
        return told("InitiateMultipartUploadResult", members)

    async def _upload_part(self, call: Call) -> S3Reply:
        asked = call.asked
        number, upload_id = asked.fields.get("partNumber", ""), asked.fields["uploadId"]
        if not number.isdecimal() or len(number) > len(str(MAX_PARTS)) or not 1 <= int(number) <= MAX_PARTS:
            raise S3Error("InvalidArgument", f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive")
        if "x-amz-copy-source" in asked.headers:
            raise not_served("s3:UploadPartCopy")
        await asyncio.to_thread(self._uploads.parts, asked.bucket, asked.key, upload_id)
        came = await self._begin(asked)
        try:
            await take(asked, call.proof, call.receive, came)
            etag = await asyncio.to_thread(self._uploads.take, asked.bucket, asked.key, upload_id, int(number), came)
        finally:
            came.drop()
        return S3Reply(headers={"etag": f'"{etag}"', **{SUM_PREFIX + name: value for name, value in came.sums.items()}})

    async def _complete_upload(self, call: Call) -> S3Reply:
        asked = call.asked
        root = read(await document_body(asked, call.proof, call.receive), "CompleteMultipartUpload")
        parts = []
        for each in root.iter("Part"):
            number = (each.findtext("PartNumber") or "").strip()
            if not number.isdecimal() or len(number) > len(str(MAX_PARTS)):
                raise S3Error("MalformedXML", "A part has no number.")
            sums = {name: each.findtext(f"Checksum{name.upper()}") for name in ("crc32", "sha1", "sha256")}
            told_sums = {name: text for name, text in sums.items() if text}
            parts.append(Part(number=int(number), etag=(each.findtext("ETag") or "").strip(), sums=told_sums))
        made = await asyncio.to_thread(self._uploads.complete, asked.bucket, asked.key, asked.fields["uploadId"], parts)
        location = f"/{asked.bucket}/{asked.key}"
        members = (("Location", location), ("Bucket", asked.bucket), ("Key", asked.key), ("ETag", f'"{made.etag}"'))
        return told("CompleteMultipartUploadResult", members)

    async def _abort_upload(self, call: Call) -> S3Reply:
        asked = call.asked
        await asyncio.to_thread(self._uploads.abort, asked.bucket, asked.key, asked.fields["uploadId"])
        return S3Reply(status=204)


def _location_of(region: str) -> S3Reply:
    reply = told("LocationConstraint", ())
    return msgspec.structs.replace(reply, body=reply.body.replace(b"></", f">{region}</".encode(), 1))


def _check_headers(asked: Asked) -> None:
    """Refuse what an object would have to be kept otherwise for."""
    headers = asked.headers
    for name in headers:
        kind = name.removeprefix("x-amz-")
        if kind.startswith(("server-side-encryption", "object-lock", "tagging", "website-redirect", "grant-")):
            raise not_served(f"the header {name}")
    if headers.get("x-amz-acl", "private") not in PRIVATE or headers.get("x-amz-storage-class", "STANDARD") != "STANDARD":
        raise not_served("access lists and storage classes of objects")
