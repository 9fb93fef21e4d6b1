"""S3's ways to sign a body, with botocore as the signer and AWS's published example of a chunked upload."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from stoker.units import SECOND
from stoker.wire.aws.identity import MISMATCH, AuthError, AuthProblem
from stoker.wire.aws.payloads import PayloadError, payload_of
from stoker.wire.aws.signature_forms import Signed
from stoker.wire.aws.sigv4 import (
    STREAMED,
    STREAMED_TRAILER,
    STREAMED_UNSIGNED,
    UNSIGNED,
    Proof,
    SigningKey,
    Verifier,
)

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = 1_369_353_600 * SECOND
HOST = "s3.amazonaws.com"
SCOPE = "20130524/us-east-1/s3/aws4_request"
EMPTY = hashlib.sha256(b"").hexdigest()
VERIFIER = Verifier({KEY: SECRET})

# AWS, "Example calculations" of "Transferring payload in multiple chunks": 66560 letters `a` in two chunks.
EXAMPLE_HEADERS = (
    ("Host", HOST),
    ("x-amz-date", "20130524T000000Z"),
    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    (
        "Authorization",
        (
            f"AWS4-HMAC-SHA256 Credential={KEY}/{SCOPE},SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;"
            "x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,"
            "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
        ),
    ),
    ("x-amz-content-sha256", STREAMED),
    ("Content-Encoding", "aws-chunked"),
    ("x-amz-decoded-content-length", "66560"),
    ("Content-Length", "66824"),
)
EXAMPLE_CHUNKS = (
    (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
)


def example_body(chunks: tuple[tuple[int, str], ...] = EXAMPLE_CHUNKS) -> bytes:
    return b"".join(b"%x;chunk-signature=%s\r\n%s\r\n" % (size, given.encode(), b"a" * size) for size, given in chunks)


def example() -> Proof:
    return VERIFIER.examine(
        method="PUT",
        path="/examplebucket/chunkObject.txt",
        query="",
        headers=EXAMPLE_HEADERS,
        body_sha256=None,
        service="s3",
        now=NOW,
    )


def torn(body: bytes, step: int) -> Iterator[bytes]:
    return (body[start : start + step] for start in range(0, len(body), step))


def signed(
    path: str = "/bucket/key", body: bytes = b"", *, unsigned: bool = False, presigned: bool = False, query: str = ""
) -> dict[str, Any]:
    """Give the arguments of `examine` for a request that botocore signed for S3."""
    request = AWSRequest(method="PUT", url=f"http://{HOST}{path}{'?' + query if query else ''}", data=body)
    request.context["client_config"] = mock.Mock(s3={"payload_signing_enabled": not unsigned})
    keys = Credentials(KEY, SECRET)
    moment = datetime.fromtimestamp(NOW // SECOND, UTC).replace(tzinfo=None)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):
        auth = S3SigV4QueryAuth(keys, "s3", "us-east-1") if presigned else S3SigV4Auth(keys, "s3", "us-east-1")
        auth.add_auth(request)
    return {
        "method": "PUT",
        "path": path,
        "query": request.url.partition("?")[2],
        "headers": (("Host", HOST), *((name, str(value)) for name, value in request.headers.items())),
        "body_sha256": None,
        "service": "s3",
        "now": NOW,
    }


@pytest.mark.parametrize("path", ["/bucket/a//b/./c/../d", "/bucket/a%20b", "/bucket/%C3%A9", "/bucket/a+b~(c)", "/", "/bucket/"])
@pytest.mark.parametrize("presigned", [False, True])
def test_s3_paths_are_signed_as_they_come(path: str, presigned: bool) -> None:
    assert VERIFIER.examine(**signed(path, presigned=presigned)).principal.access_key == KEY


def test_other_paths_are_other_requests() -> None:
    with pytest.raises(AuthError, match="does not match"):
        VERIFIER.examine(**{**signed("/bucket/a/b"), "path": "/bucket//a/b"})


def test_a_whole_body_is_held_against_its_digest() -> None:
    proof = VERIFIER.examine(**signed(body=b"hello"))
    payload = payload_of(proof)
    assert (payload.feed(b"hel"), payload.feed(b"lo"), payload.finish()) == (b"hel", b"lo", {})
    other = payload_of(proof)
    other.feed(b"hullo")
    with pytest.raises(PayloadError, match="does not match what was computed") as caught:
        other.finish()
    assert caught.value.code == "XAmzContentSHA256Mismatch"
    with pytest.raises(AuthError, match="does not match"):
        VERIFIER.examine(**{**signed(body=b"hello"), "body_sha256": hashlib.sha256(b"hullo").hexdigest()})


@pytest.mark.parametrize("how", [{"unsigned": True}, {"presigned": True}])
def test_an_unsigned_body_is_any(how: dict[str, Any]) -> None:
    proof = VERIFIER.examine(**signed(body=b"", **how))
    assert proof.payload == UNSIGNED
    payload = payload_of(proof)
    assert (payload.feed(b"what you will"), payload.finish()) == (b"what you will", {})


def test_only_s3_takes_unsigned_bodies() -> None:
    for said in (UNSIGNED, STREAMED, STREAMED_UNSIGNED):
        given = signed()
        headers = [*given["headers"], ("x-amz-content-sha256", said)]
        with pytest.raises(AuthError):
            VERIFIER.verify(**{**given, "headers": headers, "service": "sagemaker", "body_sha256": EMPTY})


def test_the_body_must_be_spoken_of() -> None:
    given = signed()
    for headers, text in (
        ([pair for pair in given["headers"] if pair[0].lower() != "x-amz-content-sha256"], "Missing required header"),
        ([(name, "mine" if "SHA256" in name else value) for name, value in given["headers"]], "or a valid sha256 value"),
    ):
        with pytest.raises(AuthError, match=text) as caught:
            VERIFIER.examine(**{**given, "headers": headers})
        assert caught.value.problem is AuthProblem.INCOMPLETE


@pytest.mark.parametrize("step", [1, 7, 4096, 100_000])
def test_the_published_example_of_chunks(step: int) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html."""
    payload = payload_of(example(), decoded_length=66_560)
    assert b"".join([payload.feed(piece) for piece in torn(example_body(), step)]) == b"a" * 66_560
    assert payload.finish() == {}


@pytest.mark.parametrize("number", range(3))
def test_each_chunk_is_signed(number: int) -> None:
    chunks = [*EXAMPLE_CHUNKS]
    chunks[number] = (chunks[number][0], "0" * 64)
    with pytest.raises(AuthError) as caught:
        payload_of(example()).feed(example_body(tuple(chunks)))
    assert (caught.value.problem, caught.value.message) == (AuthProblem.SIGNATURE, MISMATCH)
    with pytest.raises(AuthError):
        payload_of(example()).feed(example_body().replace(b"aaa", b"aba", 1))


def trailing(signature: str | None = None) -> tuple[Proof, bytes]:
    """Give a body of two letters in one chunk, with a trailer, and the proof it goes on from."""
    key = SigningKey(b"k" * 32)
    first = Signed(access_key=KEY, scope=("d", "r", "s3", "aws4_request"), names=("host",), signature="0" * 64, date="now")
    proof = Proof(principal=example().principal, payload=STREAMED_TRAILER, key=key, signed=first)
    scope, previous = "d/r/s3/aws4_request", "0" * 64
    lines = []
    for data in (b"hi", b""):
        text = f"AWS4-HMAC-SHA256-PAYLOAD\nnow\n{scope}\n{previous}\n{EMPTY}\n{hashlib.sha256(data).hexdigest()}"
        previous = key.sign(text.encode()).decode()
        lines.append(b"%x;chunk-signature=%s\r\n%s" % (len(data), previous.encode(), data + b"\r\n" if data else b""))
    digest = hashlib.sha256(b"x-amz-checksum-crc32:AAAAAA==\n").hexdigest()
    last = key.sign(f"AWS4-HMAC-SHA256-TRAILER\nnow\n{scope}\n{previous}\n{digest}".encode()).decode()
    lines.append(b"x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:%s\r\n\r\n" % (signature or last).encode())
    return proof, b"".join(lines)


def test_a_signed_trailer() -> None:
    proof, body = trailing()
    payload = payload_of(proof)
    assert (payload.feed(body), payload.finish()) == (b"hi", {"x-amz-checksum-crc32": "AAAAAA=="})
    for wrong in (trailing("0" * 64)[1], body.replace(b"AAAAAA==", b"AAAAAB==")):
        with pytest.raises(AuthError, match="does not match"):
            payload_of(proof).feed(wrong)


def unsigned() -> Proof:
    return Proof(principal=example().principal, payload=STREAMED_UNSIGNED)


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_unsigned_chunks_with_a_trailer(step: int) -> None:
    body = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
    payload = payload_of(unsigned(), decoded_length=11)
    assert b"".join([payload.feed(piece) for piece in torn(body, step)]) == b"hello world"
    assert payload.finish() == {"x-amz-checksum-crc32": "DUoRhQ=="}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5\r\nhel",
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0\r\n",
        b"4\r\nhell\r\n0\r\n\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"-5\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"6\r\nhello!\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFF\r\n",
        b"5\r\nhello\r\n0\r\n\r\nmore",
        b"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        b"5\r\nhello\r\n0\r\na:1\r\na:2\r\n\r\n",
        b"5\r\nhello\r\n0\r\n" + b"".join(b"h%d:1\r\n" % number for number in range(17)) + b"\r\n",
        b"5\r\nhello\r\n0\r\n" + b"a" * 2000,
        b"5;" + b"a" * 2000,
    ],
)
def test_what_is_no_chunked_body_of_five_bytes_is_refused(body: bytes) -> None:
    def read() -> None:
        payload = payload_of(unsigned(), decoded_length=5)
        payload.feed(body)
        payload.finish()

    with pytest.raises(PayloadError):
        read()


def test_signed_chunks_must_be() -> None:
    for body in (b"5\r\nhello\r\n", b"5;chunk-signature=0\r\nhello\r\n"):
        with pytest.raises(PayloadError):
            payload_of(example()).feed(body)
