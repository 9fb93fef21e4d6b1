"""Real boto3 keeps models' files in local buckets: whole, in parts, in streamed chunks, listed and read in ranges."""

import asyncio
import io
import random
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
import uvicorn
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from stoker.artifacts import LocalArtifacts
from stoker.artifacts.buckets import BucketLimits, Buckets
from stoker.errors import InvalidParameterError
from stoker.wire.aws.s3.app import S3App
from stoker.wire.aws.sigv4 import Verifier
from tests.conformance.sagemaker_stage import ACCESS, KEY, PARTITION, SECRET, Loose

MIB = 1 << 20
LIMITS = BucketLimits(object_bytes=16 * MIB, total_bytes=64 * MIB)


class Place:
    """The served buckets of one test module."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.buckets = Buckets(data, LIMITS)
        self.address = ""

    def client(self, region: str = "us-east-1", address: str = "", **config: Loose) -> Loose:
        keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
        settings: Any = Config(retries={"total_max_attempts": 1}, read_timeout=20, **config)  # type: ignore[typeddict-unknown-key,unused-ignore]
        return boto3.client("s3", endpoint_url=address or self.address, region_name=region, config=settings, **keys)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Send anything, signed as it should be."""
        request = AWSRequest(
            method, self.address + path, headers={name.replace("_", "-"): value for name, value in headers.items()}, data=body
        )
        S3SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1").add_auth(request)
        url = self.address + path
        try:
            with urlopen(Request(url, body or None, dict(request.headers), method=method), timeout=20) as reply:  # noqa: S310 - ours
                return reply.status, reply.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()


async def nothing_else(_: Loose, __: Loose, send: Loose) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("s3"))
    numbers = count()
    app = S3App(
        nothing_else,
        place.buckets,
        Verifier(ACCESS.secrets, sessions=ACCESS),
        partition=PARTITION,
        request_id=lambda: f"{next(numbers)}",
        access=ACCESS,
    )
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Loose = None) -> None:
            await super().startup(sockets)
            started.set()

    server = Server(uvicorn.Config(app, port=0, log_level="critical", access_log=False, loop="asyncio", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        assert started.wait(20)
        place.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield place
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def s3(place: Place) -> Loose:
    client = place.client()
    client.create_bucket(Bucket="models")
    return client


def code(call: Loose, **arguments: Loose) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Loose = caught.value.response
    return reply["Error"]["Code"], reply["ResponseMetadata"]["HTTPStatusCode"]


def test_an_object_comes_back_as_it_was_given(s3: Loose) -> None:
    put = s3.put_object(
        Bucket="models",
        Key="a b/é%2F+.txt",
        Body=b"hello",
        Metadata={"who": "me"},
        ContentType="text/plain",
        CacheControl="no-store",
    )
    assert (put["ETag"], put["ChecksumCRC32"]) == ('"5d41402abc4b2a76b9719d911017c592"', "NhCmhg==")
    got = s3.get_object(Bucket="models", Key="a b/é%2F+.txt")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (b"hello", {"who": "me"}, "text/plain")
    assert (got["CacheControl"], got["ChecksumCRC32"]) == ("no-store", "NhCmhg==")
    assert s3.head_object(Bucket="models", Key="a b/é%2F+.txt")["ContentLength"] == 5
    ranges = {"bytes=1-2": b"el", "bytes=3-": b"lo", "bytes=-2": b"lo", "bytes=4-99": b"o"}
    assert {text: s3.get_object(Bucket="models", Key="a b/é%2F+.txt", Range=text)["Body"].read() for text in ranges} == ranges
    assert code(s3.get_object, Bucket="models", Key="a b/é%2F+.txt", Range="bytes=5-") == ("InvalidRange", 416)
    assert code(s3.get_object, Bucket="models", Key="a b/é%2F+.txt", IfNoneMatch=put["ETag"]) == ("304", 304)
    assert code(s3.put_object, Bucket="models", Key="a b/é%2F+.txt", IfNoneMatch="*") == ("PreconditionFailed", 412)
    s3.copy_object(Bucket="models", Key="copy", CopySource={"Bucket": "models", "Key": "a b/é%2F+.txt"})
    assert s3.get_object(Bucket="models", Key="copy")["Metadata"] == {"who": "me"}
    s3.delete_object(Bucket="models", Key="a b/é%2F+.txt")
    assert code(s3.get_object, Bucket="models", Key="a b/é%2F+.txt") == ("NoSuchKey", 404)
    assert code(s3.head_object, Bucket="models", Key="a b/é%2F+.txt") == ("404", 404)


@pytest.mark.parametrize(
    "signing", [{}, {"s3": {"payload_signing_enabled": True}}, {"request_checksum_calculation": "when_required"}]
)
def test_large_files_come_in_parts(place: Place, s3: Loose, signing: Loose) -> None:
    body = random.Random(7).randbytes(11 * MIB)
    transfer = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=2)
    place.client(**signing).upload_fileobj(io.BytesIO(body), "models", "big", Config=transfer)
    assert s3.head_object(Bucket="models", Key="big")["ETag"].endswith('-3"')
    out = io.BytesIO()
    s3.download_fileobj("models", "big", out, Config=transfer)
    assert out.getvalue() == body
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="models")
    s3.delete_object(Bucket="models", Key="big")


def test_uploads_in_parts_are_what_their_end_says(s3: Loose) -> None:
    begun = {"Bucket": "models", "Key": "parts", "UploadId": s3.create_multipart_upload(Bucket="models", Key="parts")["UploadId"]}
    tags = [s3.upload_part(**begun, PartNumber=number, Body=b"x" * 10)["ETag"] for number in (1, 2)]
    assert [part["Size"] for part in s3.list_parts(**begun)["Parts"]] == [10, 10]
    end = s3.complete_multipart_upload

    def parts(*named: tuple[int, str]) -> Loose:
        return {"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in named]}

    assert code(end, **begun, MultipartUpload=parts((1, tags[0]), (2, tags[1]))) == ("EntityTooSmall", 400)
    assert code(end, **begun, MultipartUpload=parts((2, tags[1]), (1, tags[0]))) == ("InvalidPartOrder", 400)
    assert code(end, **begun, MultipartUpload=parts((3, tags[0]))) == ("InvalidPart", 400)
    assert code(end, **begun, MultipartUpload=parts((1, '"0"'))) == ("InvalidPart", 400)
    assert code(s3.upload_part, **{**begun, "UploadId": "../../x"}, PartNumber=1, Body=b"") == ("NoSuchUpload", 404)
    end(**begun, MultipartUpload=parts((2, tags[1])))
    assert s3.get_object(Bucket="models", Key="parts")["Body"].read() == b"x" * 10
    again = s3.create_multipart_upload(Bucket="models", Key="parts")["UploadId"]
    s3.abort_multipart_upload(Bucket="models", Key="parts", UploadId=again)
    assert code(s3.list_parts, Bucket="models", Key="parts", UploadId=again) == ("NoSuchUpload", 404)
    s3.delete_object(Bucket="models", Key="parts")


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_listings_are_in_order_page_by_page(s3: Loose, operation: str) -> None:
    s3.create_bucket(Bucket="listed")
    keys = ["a", "b-c", "b/", "b/1", "b/2/3", "b0", "é &<"]
    for key in keys:
        s3.put_object(Bucket="listed", Key=key, Body=key.encode())
    pages = s3.get_paginator(operation)
    found = list(pages.paginate(Bucket="listed", PaginationConfig={"PageSize": 2}))
    assert [item["Key"] for page in found for item in page.get("Contents", [])] == keys
    assert len(found) == 4
    folded = list(pages.paginate(Bucket="listed", Delimiter="/", PaginationConfig={"PageSize": 2}))
    assert [item["Key"] for page in folded for item in page.get("Contents", [])] == ["a", "b-c", "b0", "é &<"]
    assert [item["Prefix"] for page in folded for item in page.get("CommonPrefixes", [])] == ["b/"]
    below = getattr(s3, operation)(Bucket="listed", Prefix="b/", Delimiter="/")
    assert [item["Key"] for item in below["Contents"]] == ["b/", "b/1"]
    assert [item["Prefix"] for item in below["CommonPrefixes"]] == ["b/2/"]
    assert code(s3.delete_bucket, Bucket="listed") == ("BucketNotEmpty", 409)
    s3.delete_objects(Bucket="listed", Delete={"Objects": [{"Key": key} for key in [*keys, "nobody"]]})
    s3.delete_bucket(Bucket="listed")
    assert code(s3.head_bucket, Bucket="listed") == ("404", 404)


def test_no_key_leaves_its_bucket(place: Place, s3: Loose) -> None:
    before = {path for path in place.data.parent.rglob("*") if "models" not in path.parts}
    keys = ["../../outside", "/etc/passwd", "a/../../b", "./c", "x//y", "z/..", "%2e%2e/z"]
    for key in keys:
        s3.put_object(Bucket="models", Key=key, Body=key.encode())
    found = {item["Key"] for item in s3.list_objects_v2(Bucket="models")["Contents"]}
    assert set(keys) <= found
    assert all(s3.get_object(Bucket="models", Key=key)["Body"].read() == key.encode() for key in keys)
    assert {path for path in place.data.parent.rglob("*") if "models" not in path.parts} == before
    s3.delete_objects(Bucket="models", Delete={"Objects": [{"Key": key} for key in keys]})
    assert code(s3.put_object, Bucket="models", Key="k" * 1025) == ("InvalidArgument", 400)
    s3.put_object(Bucket="models", Key="file", Body=b"")
    assert code(s3.put_object, Bucket="models", Key="file/below", Body=b"") == ("InvalidRequest", 400)
    s3.delete_object(Bucket="models", Key="file")


def test_what_is_wrong_is_refused_and_changes_nothing(place: Place, s3: Loose) -> None:
    limits: list[tuple[Loose, Loose, tuple[str, int]]] = [
        (
            s3.put_object,
            {"Bucket": "models", "Key": "k", "Body": b"x", "ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="},
            ("BadDigest", 400),
        ),
        (s3.put_object, {"Bucket": "models", "Key": "k", "Body": b"x", "ChecksumSHA256": "AAAA"}, ("BadDigest", 400)),
        (s3.put_object, {"Bucket": "models", "Key": "k", "Body": bytes(16 * MIB + 1)}, ("EntityTooLarge", 400)),
        (s3.put_object, {"Bucket": "models", "Key": "k", "ServerSideEncryption": "aws:kms"}, ("NotImplemented", 501)),
        (s3.put_object, {"Bucket": "nowhere", "Key": "k", "Body": b"x"}, ("NoSuchBucket", 404)),
        (s3.create_bucket, {"Bucket": "endpoints"}, ("InvalidBucketName", 400)),
        (s3.head_bucket, {"Bucket": "models", "ExpectedBucketOwner": "000000000000"}, ("403", 403)),
        (s3.get_bucket_policy, {"Bucket": "models"}, ("NotImplemented", 501)),
    ]
    for call, arguments, answer in limits:
        assert code(call, **arguments) == answer, arguments
    status, said = place.send("POST", "/models?delete", b'<!DOCTYPE d [<!ENTITY e "e">]><Delete><Key>&e;</Key></Delete>')
    assert (status, b"<Code>MalformedXML</Code>" in said) == (400, True)
    status, said = place.send("PUT", "/models/k", b"x", x_amz_trailer="x-amz-checksum-crc32")
    assert (status, b"<Code>MalformedTrailerError</Code>" in said) == (400, True)
    assert s3.list_objects_v2(Bucket="models", Prefix="k")["KeyCount"] == 0
    assert not list(place.data.glob("buckets/*/incoming/*"))
    wrong = boto3.client(
        "s3", endpoint_url=place.address, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key="no"
    )
    assert code(wrong.list_buckets) == ("SignatureDoesNotMatch", 403)
    bound = boto3.client(
        "s3", endpoint_url=place.address, region_name="us-east-1", aws_access_key_id="AKIDBOUND", aws_secret_access_key="bound"
    )
    assert code(bound.list_buckets) == ("AccessDenied", 403)


def test_a_bucket_may_be_the_hosts_name_and_a_url_may_be_signed(place: Place, s3: Loose) -> None:
    s3.put_object(Bucket="models", Key="shared", Body=b"for you")
    url = place.client(signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": "models", "Key": "shared"}
    )
    with urlopen(url, timeout=20) as reply:  # noqa: S310 - ours
        assert reply.read() == b"for you"
    port = place.address.rpartition(":")[2]
    for host in (f"models.localhost:{port}", f"models.s3.localhost:{port}", f"models.s3.us-east-1.localhost:{port}"):
        request = AWSRequest("GET", f"http://{host}/shared", headers={"Host": host})
        S3SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1").add_auth(request)
        with urlopen(Request(f"{place.address}/shared", headers=dict(request.headers)), timeout=20) as reply:  # noqa: S310 - ours
            assert reply.read() == b"for you"


@pytest.mark.usefixtures("s3")
def test_clients_of_another_region_are_sent_to_this_one(place: Place) -> None:
    elsewhere = place.client("eu-west-1")
    assert elsewhere.head_bucket(Bucket="models")["BucketRegion"] == "us-east-1"
    body = b"AuthorizationHeaderMalformed"
    request = AWSRequest("GET", f"{place.address}/")
    S3SigV4Auth(Credentials(KEY, SECRET), "s3", "eu-west-1").add_auth(request)
    with pytest.raises(HTTPError) as caught:
        urlopen(Request(request.url, headers=dict(request.headers)), timeout=20)  # noqa: S310 - ours
    with caught.value as error:
        said = error.read()
    assert body in said
    assert b"<Region>us-east-1</Region>" in said


def test_models_are_loaded_from_buckets(place: Place, s3: Loose) -> None:
    s3.put_object(Bucket="models", Key="chat/v1/inference.py", Body=b"def predict_fn(data, model): ...\n")

    def fetched(url: str) -> Path:
        return asyncio.run(LocalArtifacts(place.data, buckets=place.buckets).fetch(url))

    for url in ("s3://models/chat/v1", "s3://models/chat/v1/"):
        assert [path.name for path in fetched(url).iterdir()] == ["inference.py"]
    with pytest.raises(InvalidParameterError, match="there is no bucket 'others' on this server"):
        fetched("s3://others/chat")
