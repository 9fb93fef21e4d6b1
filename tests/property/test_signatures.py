"""Whatever a client says of itself, a gateway answers with who it is or why it is not let in."""

import hashlib
from datetime import UTC, datetime
from unittest import mock

import botocore.auth
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stoker.domain.ids import Partition
from stoker.domain.keys import Keyring, keyring
from stoker.gateway.face import Denied, Principal
from stoker.gateway.head import Head
from stoker.units import SECOND
from stoker.wire.aws.authenticator import gateway_checks
from stoker.wire.aws.identity import AuthError
from stoker.wire.aws.payloads import PayloadError, payload_of
from stoker.wire.aws.sessions import seal_session
from stoker.wire.aws.signature_forms import Signed
from stoker.wire.aws.sigv4 import STREAMED, STREAMED_TRAILER, STREAMED_UNSIGNED, Proof, SigningKey
from stoker.wire.tokens import token_of

NOW = 1_732_838_400 * SECOND
RING = Keyring(keys=keyring({"AKIA": "secret"}).keys, seal=b"seal")
CHECK = gateway_checks(Partition())(RING)
EMPTY = hashlib.sha256(b"").hexdigest()
SESSION, TOKEN = seal_session(RING.seal, access_key="ASIA", parent="AKIA", expires=NOW + SECOND)


def _signed() -> list[tuple[bytes, bytes]]:
    request = AWSRequest("POST", "http://h/endpoints/e/invocations")
    moment = datetime.fromtimestamp(NOW // SECOND, UTC).replace(tzinfo=None)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):
        SigV4Auth(Credentials("ASIA", SESSION.secret, TOKEN), "sagemaker", "us-east-1").add_auth(request)
    return [(b"host", b"h"), *((name.lower().encode(), str(value).encode()) for name, value in request.headers.items())]


def _other_digit(place: int) -> bytes:
    """Give the right signature with another digit at a place."""
    right = dict(SIGNED)[b"authorization"].rpartition(b"=")[2]
    return right[:place] + (b"1" if right[place : place + 1] == b"0" else b"0") + right[place + 1 :]


def of(first: dict[bytes, bytes]) -> Head:
    """Give a head with these headers."""
    target = b"/endpoints/e/invocations"
    return Head(method="POST", target=target, version="1.1", headers=list(first.items()), keep_alive=True)


SIGNED = _signed()
PIECES = (
    b"AWS4-HMAC-SHA256",
    b"Bearer",
    b"sagemaker-api-key-",
    token_of(RING.keys[0]).encode(),
    b"Credential=AKIA/20241129/us-east-1/sagemaker/aws4_request",
    b"SignedHeaders=host;x-amz-date",
    b"SignedHeaders=",
    b"Signature=",
    b", ",
    b";",
    b"=",
    b"/",
    b"%",
    b"\xff",
    b"20241129T000000Z",
    b"Fri, 29 Nov 2024 00:00:00 GMT",
    b"29 Nov 99999999999 12:00:00 GMT",
    b"UNSIGNED-PAYLOAD",
    TOKEN.encode(),
    EMPTY.encode(),
)
values = st.one_of(st.binary(max_size=40), st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join))
names = st.sampled_from(
    [b"authorization", b"x-amz-date", b"date", b"x-amz-security-token", b"x-amz-content-sha256", b"host", b"x-amz-target"]
)
queries = st.one_of(
    st.just(b""),
    st.binary(max_size=40).map(lambda text: text.replace(b" ", b"")),
    st.lists(
        st.tuples(
            st.sampled_from([b"X-Amz-" + name for name in (b"Algorithm", b"Credential", b"Date", b"Expires", b"Signature")]),
            values,
        )
    ).map(lambda pairs: b"&".join(name + b"=" + value for name, value in pairs)),
)
paths = st.sampled_from(
    [
        b"/endpoints/e/invocations",
        b"/endpoints/e/openai/v1/chat/completions",
        b"/v1/x",
        b"/endpoints/",
        b"/endpoints/%FF/invocations",
        b"",
    ]
)


def ask(path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]) -> Principal | Denied:
    target = path + (b"?" + query if query else b"")
    head = Head(method="POST", target=target, version="1.1", headers=headers, keep_alive=True)
    return CHECK(head, body_sha256=EMPTY, now=NOW)


def test_the_request_that_is_mutated_below_is_let_in() -> None:
    assert ask(b"/endpoints/e/invocations", b"", SIGNED) == Principal(name="ASIA")


@settings(max_examples=300, deadline=None)
@given(paths, queries, st.lists(st.tuples(names, values), max_size=6))
@example(
    b"/v1/x", b"", [(b"authorization", PIECES[0] + b" " + b", ".join(PIECES[4:6]) + b", Signature=0"), (b"date", PIECES[16])]
)
def test_any_words_get_an_answer(path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    verdict = ask(path, query, headers)
    assert isinstance(verdict, Principal | Denied)
    if isinstance(verdict, Principal):
        assert verdict.name == "AKIA"  # by its bearer token, which is among the pieces
        assert path != b"/endpoints/e/invocations"


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SIGNED) - 1), values, st.booleans())
def test_a_signed_request_may_not_be_changed(place: int, value: bytes, twice: bool) -> None:
    headers = list(SIGNED)
    name, before = headers[place]
    if twice:
        headers.append((name, value))
    else:
        headers[place] = (name, value)
    verdict = ask(b"/endpoints/e/invocations", b"", headers)
    if isinstance(verdict, Principal):  # only what means the same: a header of SigV4's that is read once, or blanks around it
        assert twice or value.split() == before.split()
        assert not (twice and name in {b"host", b"x-amz-date"})


NAMES = (b"x-amz-date", b"authorization", b"x-amz-content-sha256", b"amz-sdk-invocation-id")
LEAD = dict(SIGNED)[b"authorization"].rpartition(b"=")[0] + b"="
RIGHT = {b"x-amz-date": dict(SIGNED)[b"x-amz-date"], b"authorization": dict(SIGNED)[b"authorization"].removeprefix(LEAD)}
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20).map(str.encode)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            b"x-amz-date": st.one_of(printable, st.sampled_from([b"20241129T000459Z", b"20241129T000501Z", b"20241128T235959Z"])),
            b"authorization": st.one_of(printable, st.integers(0, 63).map(_other_digit)),
            b"amz-sdk-invocation-id": printable,
        },
    ),
    st.sampled_from([b"", b"x"]),
    st.integers(-2, 2),
    st.booleans(),
)
def test_what_is_checked_sooner_gets_the_verdict_of_the_long_way(
    changed: dict[bytes, bytes], body: bytes, late: int, known: bool
) -> None:
    """A form's check refuses nothing itself, accepts only what the long way does, and misses nothing that was signed as usual."""
    check = CHECK if known else gateway_checks(Partition())(Keyring(keys=keyring({"AKIB": "secret"}).keys, seal=b"seal"))
    names = [name for name in NAMES if name in RIGHT or name in changed]
    first = dict(SIGNED) | {name: b"v" for name in names if name not in RIGHT}
    first[b"authorization"] = LEAD
    recurring = check.recurring(of(first), names, [LEAD if name == b"authorization" else b"" for name in names])
    assert recurring is not None
    values = [(RIGHT | changed)[name] for name in names]
    now = NOW + late * SECOND // 2
    found = recurring(values, body, now)
    soon = None if found is None else found[0]
    assert found is None or found[1] == 0, "the time goes on"
    whole = first | dict(zip(names, values, strict=True))
    whole[b"authorization"] = LEAD + whole[b"authorization"]
    verdict = check(of(whole), body_sha256=hashlib.sha256(body).hexdigest(), now=now)
    assert soon == (verdict.name if isinstance(verdict, Principal) else None)
    if known and not (changed.keys() - {b"amz-sdk-invocation-id"}) and not body:
        assert (soon == "ASIA") is (now < NOW + SECOND)  # when the session ends


proofs = st.builds(
    Proof,
    principal=st.just(CHECK._access.bearer(token_of(RING.keys[0]))),  # noqa: SLF001 - any principal will do
    payload=st.sampled_from([STREAMED, STREAMED_TRAILER, STREAMED_UNSIGNED, EMPTY, ""]),
    key=st.just(SigningKey(b"k" * 32)),
    signed=st.just(Signed(access_key="AKIA", scope=("", "", "", ""), names=(), signature="0" * 64, date="")),
)
chunks = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from([b"5\r\nhello\r\n", b"0\r\n", b"\r\n", b"a:b\r\n", b"1;chunk-signature="]),
    )
)


@settings(max_examples=200, deadline=None)
@given(proofs, chunks)
def test_any_body_is_taken_or_refused_however_it_is_torn(proof: Proof, pieces: list[bytes]) -> None:
    def read(parts: list[bytes]) -> tuple[bytes, object]:
        payload = payload_of(proof)
        out = b""
        try:
            for part in parts:
                out += payload.feed(part)
            return out, payload.finish()
        except (PayloadError, AuthError) as error:
            return b"", type(error)

    body = b"".join(pieces)
    assert read(pieces) == read([body]) == read([bytes([one]) for one in body])
