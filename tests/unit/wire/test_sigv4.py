"""Signatures, with botocore as the signer."""

import hashlib
import string
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.domain.ids import Partition
from stoker.domain.keys import Keyring, keyring
from stoker.units import MINUTE, SECOND
from stoker.wire.aws.access import Access
from stoker.wire.aws.sessions import seal_session
from stoker.wire.aws.sigv4 import (
    MAX_CACHED_KEYS,
    MISMATCH,
    AuthError,
    AuthProblem,
    Principal,
    Verifier,
    canonical_path,
)

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "localhost:8080"
NOW = 1_732_838_400 * SECOND
PRINCIPAL = Principal(access_key=KEY, region="us-east-1", service="sagemaker")


def signed(
    *,
    path: str = "/",
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    method: str = "POST",
    secret: str = SECRET,
    region: str = "us-east-1",
    presigned: int = 0,
    key: str = KEY,
    token: str | None = None,
) -> dict[str, Any]:
    """Give the arguments of `verify` for a request that botocore signed at NOW."""
    url = f"http://{HOST}{path}{'?' + query if query else ''}"
    request = AWSRequest(method=method, url=url, data=body)
    for name, value in headers:
        request.headers[name] = value
    keys = Credentials(key, secret, token)
    moment = datetime.fromtimestamp(NOW // SECOND, UTC).replace(tzinfo=None)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):
        if presigned:
            SigV4QueryAuth(keys, "sagemaker", region, expires=presigned).add_auth(request)
        else:
            SigV4Auth(keys, "sagemaker", region).add_auth(request)
    query = request.url.partition("?")[2]
    pairs = (("Host", HOST), *((name, str(value)) for name, value in request.headers.items()))
    return {
        "method": method,
        "path": path,
        "query": query,
        "headers": pairs,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "service": "sagemaker",
        "now": NOW,
    }


def verifier(**more: Any) -> Verifier:
    return Verifier({KEY: SECRET}, **more)


def refused(arguments: dict[str, Any], **more: Any) -> tuple[AuthProblem, str]:
    with pytest.raises(AuthError) as caught:
        verifier(**more).verify(**arguments)
    return caught.value.problem, caught.value.message


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/endpoints/e/invocations",
        "/endpoints/a%20b/invocations",
        "/endpoints/a%2Fb%25c/invocations",
        "/a/./b//c/../d/",
        "/~tilde/(paren)/a+b/é".encode().decode("latin-1").replace("Ã©", "%C3%A9"),
        "/x:y@z,w;v=u",
    ],
)
def test_paths(path: str) -> None:
    assert verifier().verify(**signed(path=path)) == PRINCIPAL


@pytest.mark.parametrize(
    "query",
    ["a=1", "b=2&a=1", "a=2&a=1", "flag", "flag=&x", "sp=a%20b&plus=a%2Bb", "slash=a%2Fb", "uni=%C3%A9", "A=1&a=2", "raw=a/b:c"],
)
def test_queries(query: str) -> None:
    assert verifier().verify(**signed(query=query)) == PRINCIPAL


def test_a_query_sent_plainly_but_signed_by_the_standard() -> None:
    arguments = signed(query="a=x%2Fy")
    assert verifier().verify(**{**arguments, "query": "a=x/y"}) == PRINCIPAL


def test_headers_with_blanks_and_repeats() -> None:
    headers = (("X-Amz-Target", "  SageMaker.ListEndpoints  "), ("X-Custom", "a   b"), ("X-Twice", "one"), ("X-Twice", " two "))
    assert verifier().verify(**signed(headers=headers, body=b"{}")) == PRINCIPAL


segments = st.text(string.ascii_letters + string.digits + " %/é~!*'()", min_size=0, max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(segments, max_size=4), st.lists(st.tuples(segments, segments), max_size=4), st.binary(max_size=32))
def test_whatever_botocore_signs_is_accepted(path: list[str], query: list[tuple[str, str]], body: bytes) -> None:
    encoded = "/" + "/".join(quote(part, safe="~") for part in path)
    text = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)
    assert verifier().verify(**signed(path=encoded, query=text, body=body)) == PRINCIPAL


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"path": "/endpoints/other/invocations"},
        {"path": "/endpoints/e%2Finvocations"},
        {"query": "a=2"},
        {"query": "a=1&b=2"},
        {"body_sha256": hashlib.sha256(b"other").hexdigest()},
    ],
    ids=lambda change: f"{change}"[:40],
)
def test_tampering_is_seen(change: dict[str, str]) -> None:
    arguments = signed(path="/endpoints/e/invocations", query="a=1", body=b"body")
    verifier().verify(**arguments)
    assert refused({**arguments, **change}) == (AuthProblem.SIGNATURE, MISMATCH)


@pytest.mark.parametrize("name", ["Host", "X-Amz-Target", "X-Amz-Date"])
def test_signed_headers_cannot_be_changed(name: str) -> None:
    arguments = signed(headers=(("X-Amz-Target", "SageMaker.ListEndpoints"),))
    changed = tuple((key, value[:-2] + "1Z" if key == name else value) for key, value in arguments["headers"])
    assert refused({**arguments, "headers": changed}) == (AuthProblem.SIGNATURE, MISMATCH)


def test_what_decides_the_request_must_be_signed() -> None:
    arguments = signed()
    added = (*arguments["headers"], ("X-Amz-Target", "SageMaker.DeleteEndpoint"))
    problem, message = refused({**arguments, "headers": added})
    assert (problem, message) == (AuthProblem.SIGNATURE, "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.")


def test_the_content_digest_header_must_tell_the_truth() -> None:
    claimed = hashlib.sha256(b"claimed").hexdigest()
    arguments = signed(headers=(("X-Amz-Content-SHA256", claimed),), body=b"sent")
    assert refused(arguments) == (AuthProblem.SIGNATURE, MISMATCH)


def test_presigned_requests_live_as_long_as_they_say() -> None:
    arguments = signed(method="GET", query="Action=GetCallerIdentity", presigned=600)
    assert verifier().verify(**{**arguments, "now": NOW + 600 * SECOND}) == PRINCIPAL
    problem, message = refused({**arguments, "now": NOW + 601 * SECOND})
    assert problem is AuthProblem.SIGNATURE
    assert message == "Signature expired: the request could be used until 20241129T001000Z < 20241129T001001Z"
    tampered = {**arguments, "query": arguments["query"].replace("Expires=600", "Expires=6000")}
    assert refused(tampered) == (AuthProblem.SIGNATURE, MISMATCH)


@pytest.mark.parametrize("expires", ["0", "604801", "-5", "1e3", "9999999"])
def test_presigned_lives_have_bounds(expires: str) -> None:
    arguments = signed(presigned=600)
    query = arguments["query"].replace("Expires=600", f"Expires={expires}")
    assert refused({**arguments, "query": query})[0] is AuthProblem.INCOMPLETE


@pytest.mark.parametrize("drop", ["X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders"])
def test_presigned_parts_are_named_when_missing(drop: str) -> None:
    arguments = signed(presigned=600)
    query = "&".join(item for item in arguments["query"].split("&") if not item.startswith(drop))
    assert refused({**arguments, "query": query}) == (
        AuthProblem.INCOMPLETE,
        f"AWS query-string parameters must include '{drop}'.",
    )


def test_time_may_differ_by_five_minutes() -> None:
    arguments = signed()
    for off in (5 * MINUTE, -5 * MINUTE):
        assert verifier().verify(**{**arguments, "now": NOW + off}) == PRINCIPAL
    assert refused({**arguments, "now": NOW + 5 * MINUTE + SECOND}) == (
        AuthProblem.SIGNATURE,
        "Signature expired: 20241129T000000Z is now earlier than 20241129T000001Z (20241129T000501Z - 5 min.)",
    )
    assert refused({**arguments, "now": NOW - 5 * MINUTE - SECOND}) == (
        AuthProblem.SIGNATURE,
        "Signature not yet current: 20241129T000000Z is still later than 20241128T235959Z (20241128T235459Z + 5 min.)",
    )


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Bearer x", "Unsupported signing algorithm: the Authorization header must begin with 'AWS4-HMAC-SHA256'."),
        (
            "AWS4-HMAC-SHA256 nothing",
            (
                "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "
                "Authorization header requires 'SignedHeaders' parameter."
            ),
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'.",
        ),
    ],
)
def test_malformed_headers_are_told(header: str, message: str) -> None:
    arguments = signed()
    headers = (("host", HOST), ("x-amz-date", "20241129T000000Z"), ("authorization", header))
    assert refused({**arguments, "headers": headers}) == (AuthProblem.INCOMPLETE, message)


@pytest.mark.parametrize("date", ["yesterday", "20241399T000000Z", "2024-11-29T00:00:00Z"])
def test_malformed_dates_are_told(date: str) -> None:
    arguments = signed()
    headers = tuple((name, date if name == "X-Amz-Date" else value) for name, value in arguments["headers"])
    assert refused({**arguments, "headers": headers})[0] in {AuthProblem.INCOMPLETE, AuthProblem.SIGNATURE}


def test_a_missing_date_is_told() -> None:
    arguments = signed()
    headers = tuple(pair for pair in arguments["headers"] if pair[0] != "X-Amz-Date")
    assert refused({**arguments, "headers": headers})[1].endswith("either a 'X-Amz-Date' or a 'Date' header.")


def test_no_signature_at_all() -> None:
    arguments = signed()
    assert refused({**arguments, "headers": (("host", HOST),)}) == (AuthProblem.MISSING, "Missing Authentication Token")


def test_scopes_are_checked() -> None:
    assert refused({**signed(), "service": "monitoring"})[1] == "Credential should be scoped to correct service: 'monitoring'."
    assert "valid region" in refused(signed(region="eu-west-1"), regions=frozenset({"us-east-1"}))[1]
    arguments = signed()
    for old, new, text in (("aws4_request", "aws4", "valid terminator"), ("/20241129/", "/20241128/", "does not match YYYYMMDD")):
        headers = tuple((name, value.replace(old, new)) for name, value in arguments["headers"])
        assert text in refused({**arguments, "headers": headers})[1]


def test_keys() -> None:
    assert refused(signed(secret="guess")) == (AuthProblem.SIGNATURE, MISMATCH)
    with pytest.raises(AuthError, match=r"The security token included in the request is invalid\."):
        Verifier({}).verify(**signed())


def test_new_keys_are_seen_at_once() -> None:
    keys = {KEY: "old"}
    check = Verifier(keys)
    with pytest.raises(AuthError):
        check.verify(**signed())
    keys[KEY] = SECRET
    assert check.verify(**signed()) == PRINCIPAL


def test_the_cache_of_keys_is_bounded() -> None:
    check = verifier()
    for number in range(MAX_CACHED_KEYS * 2):
        check.verify(**signed(region=f"region-{number}"))
    assert len(check._signing_keys) <= MAX_CACHED_KEYS  # noqa: SLF001 - the bound is the point


@pytest.mark.parametrize("presigned", [0, 600])
def test_sessions_sign_with_a_key_of_their_own(presigned: int) -> None:
    ring = Keyring(keys=keyring({KEY: SECRET}).keys, seal=b"seal")
    check = Verifier({KEY: SECRET}, sessions=Access(ring, Partition()))
    session, token = seal_session(b"seal", access_key="ASIA1", parent=KEY, expires=NOW + MINUTE)
    arguments = signed(key="ASIA1", secret=session.secret, token=token, presigned=presigned)
    found = check.verify(**arguments)
    assert (found.access_key, found.key, found.session) == ("ASIA1", KEY, session)
    for change, problem in (
        ({"now": NOW + MINUTE}, AuthProblem.EXPIRED),
        (signed(key="ASIA2", secret=session.secret, token=token, presigned=presigned), AuthProblem.UNKNOWN_KEY),
        (signed(key="ASIA1", secret=session.secret, presigned=presigned), AuthProblem.UNKNOWN_KEY),
        (signed(key="ASIA1", secret=SECRET, token=token, presigned=presigned), AuthProblem.SIGNATURE),
        (signed(key=KEY, secret=SECRET, token="token", presigned=presigned), AuthProblem.UNKNOWN_KEY),
    ):
        with pytest.raises(AuthError) as caught:
            check.verify(**{**arguments, **change})
        assert caught.value.problem is problem, change
    assert refused(arguments) == (AuthProblem.UNKNOWN_KEY, "The security token included in the request is invalid.")


def test_the_short_way_leaves_sessions_to_the_long_one() -> None:
    arguments = signed(key=KEY, secret=SECRET, token="token")
    headers = {name.lower().encode(): value.encode() for name, value in arguments["headers"]}
    check = verifier()
    arguments.pop("query")
    assert check.accepts(**{**arguments, "headers": headers}) is None
    headers.pop(b"x-amz-security-token")
    assert check.accepts(**{**arguments, "headers": headers}) is None


@pytest.mark.parametrize("date", ["Fri, 29 Nov 2024 00:00:00 GMT", "20241129T000000Z"])
def test_a_date_may_come_in_its_own_header(date: str) -> None:
    request = AWSRequest(method="GET", url=f"http://{HOST}/", headers={"Date": date})
    auth = SigV4Auth(Credentials(KEY, SECRET), "sagemaker", "us-east-1")
    request.context["timestamp"] = "20241129T000000Z"
    canonical = f"GET\n/\n\ndate:{date}\nhost:{HOST}\n\ndate;host\n{hashlib.sha256(b'').hexdigest()}"
    given = auth.signature(auth.string_to_sign(request, canonical), request)
    authorization = f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders=date;host, Signature={given}"
    headers = (("host", HOST), ("date", date), ("authorization", authorization))
    arguments = {**signed(method="GET"), "headers": headers}
    assert verifier().verify(**arguments) == PRINCIPAL
    unsigned = authorization.replace("date;host", "host")
    assert refused({**arguments, "headers": (*headers[:2], ("authorization", unsigned))}) == (
        AuthProblem.SIGNATURE,
        "'date' must be a 'SignedHeader' in the AWS Authorization.",
    )


def test_mode_off_lets_everything_in_and_reads_the_claim() -> None:
    off = verifier(mode="off")
    assert off.verify(**signed(secret="guess")) == PRINCIPAL
    assert off.verify(**{**signed(), "headers": ()}) == Principal()
    assert off.verify(**{**signed(), "headers": (("authorization", "Basic eA=="),)}) == Principal()


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("", "/"),
        ("/", "/"),
        ("//", "/"),
        ("/..", "/"),
        ("/a/", "/a/"),
        ("/a/..", "/"),
        ("/a%20b", "/a%2520b"),
        ("/a/./b", "/a/b"),
    ],
)
def test_canonical_paths(path: str, canonical: str) -> None:
    assert canonical_path(path) == canonical


def quickly(arguments: dict[str, Any], checked: Verifier) -> Principal | None:
    """Ask what the gateway asks first."""
    headers = {name.lower().encode(): value.encode() for name, value in arguments["headers"]}
    more = {name: arguments[name] for name in ("method", "path", "body_sha256", "service", "now")}
    return checked.accepts(headers=headers, **more)


@pytest.mark.parametrize("headers", [(), (("Content-Type", "a/b"), ("X-Amzn-SageMaker-Inference-Component", "llama"))])
def test_usual_signatures_are_accepted_at_once(headers: tuple[tuple[str, str], ...]) -> None:
    checked = verifier()
    for path in ("/", "/endpoints/e%20f/invocations", "/endpoints/e/invocations"):
        assert quickly(signed(path=path, headers=headers, body=b"x"), checked) == PRINCIPAL


WRONG: dict[str, dict[str, Any]] = {
    "other body": {"body_sha256": "0" * 64},
    "other path": {"path": "/other"},
    "other method": {"method": "GET"},
    "other service": {"service": "monitoring"},
    "too late": {"now": NOW + 5 * MINUTE + 2 * SECOND},
    "too early": {"now": NOW - 5 * MINUTE - 2 * SECOND},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_a_signature_for_something_else_is_not_accepted_at_once(changes: dict[str, Any]) -> None:
    checked = verifier()
    good = signed(body=b"x")
    assert quickly(good, checked) == PRINCIPAL
    assert quickly(good | changes, checked) is None


@given(st.data())
@settings(max_examples=200)
def test_what_is_accepted_at_once_is_what_a_full_check_lets_in(data: st.DataObject) -> None:
    checked = verifier()
    arguments = signed(headers=(("Content-Type", "a/b"), ("X-Amz-Target", "x.y")), body=b"x")
    headers = dict(arguments["headers"])
    name = data.draw(st.sampled_from([*headers, "X-Amz-Extra", "X-Other"]))
    value = headers.get(name, "")
    at = data.draw(st.integers(0, len(value)))
    headers[name] = value[:at] + data.draw(st.text(" \tab0=,/;%", max_size=3)) + value[at + data.draw(st.integers(0, 3)) :]
    arguments["headers"] = tuple(headers.items())
    try:
        full: Principal | None = checked.verify(**arguments)
    except AuthError:
        full = None
    assert quickly(arguments, checked) in (None, full)
