"""What a gateway asks of each invocation: who sent it, and whether they may."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from unittest import mock

import botocore.auth
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from stoker.domain.ids import Partition
from stoker.domain.keys import AccessKey, Keyring, KeyRole
from stoker.gateway.face import Denied, Principal
from stoker.gateway.head import Head
from stoker.gateway.plain_heads import VARYING
from stoker.units import HOUR, MINUTE, SECOND
from stoker.wire.aws.authenticator import gateway_checks
from stoker.wire.aws.identity import INVALID_TOKEN
from stoker.wire.aws.sessions import seal_session
from stoker.wire.tokens import token_of

NOW = 1_732_838_400 * SECOND
ROOT = AccessKey(access_key_id="AKIAROOT", secret="root-secret")
BOUND = AccessKey(access_key_id="AKIABOUND", secret="bound-secret", name="ci", role=KeyRole.INVOKE, endpoints=("chat-*",))
WIDE = AccessKey(access_key_id="AKIAWIDE", secret="wide-secret", name="app", role=KeyRole.INVOKE, endpoints=("*",))
SHORT = AccessKey(access_key_id="AKIASHORT", secret="short-secret", name="old", expires=NOW + MINUTE)
CHECK = gateway_checks(Partition())(Keyring(keys=(BOUND, WIDE, SHORT, ROOT), seal=b"seal"))
PATH = "/endpoints/chat-a/invocations"
OPENAI = "/endpoints/chat-a/openai/v1/chat/completions"
BODY = b"body"
INVALID = ("UnrecognizedClientException", INVALID_TOKEN)


def moment() -> datetime:
    return datetime.fromtimestamp(NOW // SECOND, UTC).replace(tzinfo=None)


def signed(credentials: Credentials, path: str = PATH) -> Head:
    request = AWSRequest("POST", f"http://host{path}", data=BODY, headers={"Content-Type": "text/csv"})
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment()):
        SigV4Auth(credentials, "sagemaker", "us-east-1").add_auth(request)
    return head(path, Host="host", **{name.replace("-", "_"): str(value) for name, value in request.headers.items()})


def head(path: str, **headers: str) -> Head:
    lines = [(name.lower().replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Head(method="POST", target=path.encode(), version="1.1", headers=lines, keep_alive=True)


def key_credentials(key: AccessKey) -> Credentials:
    return Credentials(key.access_key_id, key.secret)


def bearing(token: str, path: str = OPENAI) -> Head:
    return head(path, Host="host", Authorization=f"Bearer {token}")


def api_key(
    credentials: Credentials, *, expires: int = 43_200, host: str = "sagemaker.amazonaws.com", action: str = "CallWithBearerToken"
) -> str:
    """Give a token as AWS's generator for SageMaker makes it."""
    request = AWSRequest("POST", f"https://{host}/", headers={"host": host}, params={"Action": action})
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment()):
        SigV4QueryAuth(credentials, "sagemaker", "us-east-1", expires=expires).add_auth(request)
    return "sagemaker-api-key-" + base64.b64encode(request.url.replace("https://", "").encode() + b"&Version=1").decode()


def lead_of(credentials: bytes) -> bytes:
    return credentials[:7] if credentials.startswith(b"Bearer ") else credentials.rpartition(b"=")[0] + b"="


def sooner(given: Head, now: int = NOW) -> str | None:
    """Give what the check of heads that recur says, with all that varies taken off the head it is made from."""
    names = [name for name in given.first if name in VARYING]
    leads = [lead_of(given.first[name]) if name == b"authorization" else b"" for name in names]
    bare = [(name, b"" if name in names else value) for name, value in given.headers]
    form = Head(method="POST", target=given.target, version="1.1", headers=bare, keep_alive=True)
    check = CHECK.recurring(form, names, leads)
    values = [given.first[name].removeprefix(lead) for name, lead in zip(names, leads, strict=True)]
    found = None if check is None else check(values, BODY, now)
    return None if found is None else found[0]


def ask(given: Head, now: int = NOW) -> Principal | Denied:
    verdict = CHECK(given, body_sha256=hashlib.sha256(BODY).hexdigest(), now=now)
    usual = "Bearer sk-stoker-" if "/openai/" in given.path else ("AWS4", "Bearer sk-stoker-")
    known = given.text(b"authorization").startswith(usual)
    assert sooner(given, now) == (verdict.name if isinstance(verdict, Principal) and known else None)
    return verdict


def denied(given: Head, now: int = NOW) -> tuple[str, str, int]:
    verdict = ask(given, now)
    assert isinstance(verdict, Denied)
    return verdict.kind, verdict.message, verdict.status


def test_keys_and_the_endpoints_they_may_invoke() -> None:
    for key, path in ((ROOT, PATH), (ROOT, "/endpoints/any/invocations"), (BOUND, PATH), (WIDE, PATH), (SHORT, PATH)):
        for _ in range(2):  # the second time it goes the short way
            assert ask(signed(key_credentials(key), path)) == Principal(name=key.access_key_id)
    for operation, action in (
        ("invocations", "InvokeEndpoint"),
        ("invocations-response-stream", "InvokeEndpointWithResponseStream"),
        ("async-invocations", "InvokeEndpointAsync"),
    ):
        for _ in range(2):
            kind, message, status = denied(signed(key_credentials(BOUND), f"/endpoints/other/{operation}"))
            assert (kind, status) == ("AccessDeniedException", 403)
            assert (
                f"is not authorized to perform: sagemaker:{action} on resource: arn:aws:sagemaker:us-east-1:123456789012:"
                in message
            )
    assert denied(signed(key_credentials(BOUND), "/endpoints/chat%2Fa/invocations"))[0] == "AccessDeniedException"


def test_keys_end() -> None:
    given = signed(key_credentials(SHORT))
    assert ask(given) == Principal(name="AKIASHORT")
    assert denied(given, NOW + MINUTE) == (*INVALID, 403)


def test_sessions_are_checked_without_asking_anybody() -> None:
    session, token = seal_session(b"seal", access_key="ASIA1", parent="AKIABOUND", expires=NOW + MINUTE)
    given = signed(Credentials("ASIA1", session.secret, token))
    for _ in range(2):
        assert ask(given) == Principal(name="ASIA1")
    assert denied(given, NOW + MINUTE) == (
        "ExpiredTokenException",
        "The security token included in the request is expired",
        403,
    )
    assert (
        denied(signed(Credentials("ASIA1", session.secret, token), "/endpoints/other/invocations"))[0] == "AccessDeniedException"
    )
    assert denied(signed(Credentials("ASIA1", session.secret, token[:-4]))) == (*INVALID, 403)
    orphan, token = seal_session(b"seal", access_key="ASIA2", parent="AKIAGONE", expires=NOW + MINUTE)
    assert denied(signed(Credentials("ASIA2", orphan.secret, token))) == (*INVALID, 403)


@pytest.mark.parametrize("path", [OPENAI, "/endpoints/chat-a/inference-components/llama/openai/v1/chat/completions"])
def test_openai_paths_take_bearer_tokens(path: str) -> None:
    session, token = seal_session(b"seal", access_key="ASIA1", parent="AKIAROOT", expires=NOW + HOUR)
    for key in (ROOT, BOUND, WIDE):
        assert ask(bearing(token_of(key), path)) == Principal(name=key.access_key_id)
        assert ask(bearing(api_key(key_credentials(key)), path)) == Principal(name=key.access_key_id)
    assert ask(bearing(api_key(Credentials("ASIA1", session.secret, token)), path)) == Principal(name="ASIA1")
    kind, message, status = denied(signed(key_credentials(ROOT), path))
    assert (kind, status) == ("AccessDeniedException", 403)
    assert "takes a bearer token" in message
    assert denied(head(path, Host="host")) == ("MissingAuthenticationTokenException", "Missing Authentication Token", 401)
    other = path.replace("chat-a", "other")
    assert denied(bearing(token_of(BOUND), other))[::2] == ("AccessDeniedException", 403)
    assert denied(bearing(api_key(key_credentials(BOUND)), other))[::2] == ("AccessDeniedException", 403)


def test_a_session_may_what_its_key_may() -> None:
    session, token = seal_session(b"seal", access_key="ASIA9", parent="AKIABOUND", expires=NOW + HOUR)
    assert ask(signed(Credentials("ASIA9", session.secret, token), "/v1/chat/completions")) == Principal(name="ASIA9")
    assert CHECK.permits("ASIA9", "chat-a", NOW) is None
    refused = CHECK.permits("ASIA9", "other", NOW)
    assert refused is not None
    assert refused.kind == "AccessDeniedException"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="none"),
        pytest.param("hf_abcdefgh", id="another's"),
        pytest.param("sk-stoker-AKIAROOT-wrong", id="wrong"),
        pytest.param("sk-stoker-AKIAGONE-x", id="unknown key"),
        pytest.param("sagemaker-api-key-", id="empty"),
        pytest.param("sagemaker-api-key-%%%", id="no base64"),
        pytest.param("sagemaker-api-key-" + "A" * 9000, id="long"),
        pytest.param("sagemaker-api-key-" + base64.b64encode("é".encode()).decode(), id="no ascii"),
        pytest.param("sagemaker-api-key-" + base64.b64encode(b"sagemaker.amazonaws.com/?" + b"a=1&" * 99).decode(), id="many"),
        pytest.param(api_key(key_credentials(ROOT), expires=43_201), id="13 hours"),
        pytest.param(api_key(key_credentials(ROOT), host="bedrock.amazonaws.com"), id="host"),
        pytest.param(api_key(key_credentials(ROOT), action="GetCallerIdentity"), id="action"),
        pytest.param(api_key(Credentials("AKIAGONE", "x")), id="unknown signer"),
    ],
)
def test_tokens_that_are_not_good(token: str) -> None:
    assert denied(bearing(token)) == (*INVALID, 401)


def test_a_token_that_is_over_or_forged() -> None:
    token = api_key(key_credentials(ROOT), expires=60)
    assert ask(bearing(token), NOW + MINUTE) == Principal(name="AKIAROOT")
    assert denied(bearing(token), NOW + MINUTE + 1)[::2] == ("InvalidSignatureException", 401)
    url = base64.b64decode(token.removeprefix("sagemaker-api-key-"))
    forged = "sagemaker-api-key-" + base64.b64encode(url.replace(b"Expires=60", b"Expires=6000")).decode()
    assert denied(bearing(forged))[::2] == ("InvalidSignatureException", 401)


def test_awss_own_paths_are_signed_for() -> None:
    assert denied(bearing(token_of(ROOT), PATH))[0] == "IncompleteSignatureException"


def test_other_faces_paths_take_either_and_who_may_what_is_asked_later() -> None:
    path = "/v1/chat/completions"
    for key in (ROOT, WIDE, BOUND):
        assert ask(bearing(token_of(key), path)) == Principal(name=key.access_key_id)
        assert ask(signed(key_credentials(key), path)) == Principal(name=key.access_key_id)
        assert CHECK.permits(key.access_key_id, "chat-a", NOW) is None
    assert CHECK.permits(ROOT.access_key_id, "other", NOW) is None
    for now, over in ((NOW, False), (NOW + MINUTE, True), (NOW + MINUTE - 1, False)):
        for _ in range(2):
            assert (CHECK.permits(SHORT.access_key_id, "other", now) is not None) is over
    for name, kind in (
        (BOUND.access_key_id, "AccessDeniedException"),
        ("AKIAGONE", "UnrecognizedClientException"),
    ):
        refused = CHECK.permits(name, "other", NOW)
        assert refused is not None
        assert (refused.kind, refused.status) == (kind, 403)
    assert denied(head(path, Host="host"))[::2] == ("MissingAuthenticationTokenException", 401)
    assert denied(bearing("hf_abc", path)) == (*INVALID, 401)
    assert denied(signed(Credentials("AKIAGONE", "x"), path)) == (*INVALID, 403)


@pytest.mark.parametrize(
    ("more", "served"),
    [
        pytest.param({"X-Amz-Content-SHA256": hashlib.sha256(BODY).hexdigest()}, True, id="the body's digest"),
        pytest.param({"X-Amz-Content-SHA256": hashlib.sha256(b"").hexdigest()}, False, id="another body's digest"),
        pytest.param({"amz-sdk-invocation-id": "k-1", "traceparent": "00-1"}, True, id="what varies"),
        pytest.param({"amz-sdk-request": "ttl=1;  attempt=1"}, True, id="two blanks in what varies"),
        pytest.param({"Custom": "a  b"}, True, id="two blanks"),
        pytest.param({"Custom": "50%s"}, True, id="a percent sign"),
        pytest.param({"Cus%tom": "a"}, True, id="a percent sign in a name"),
        pytest.param({"X-Amz-Custom": "a"}, True, id="a header of AWS's"),
    ],
)
def test_what_clients_sign_besides(more: dict[str, str], served: bool) -> None:
    request = AWSRequest("POST", f"http://host{PATH}", data=BODY, headers=more)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment()):
        SigV4Auth(key_credentials(BOUND), "sagemaker", "us-east-1").add_auth(request)
    lines = [(name.lower().encode(), str(value).encode()) for name, value in (*request.headers.items(), ("Host", "host"))]
    given = Head(method="POST", target=PATH.encode(), version="1.1", headers=lines, keep_alive=True)
    verdict = CHECK(given, body_sha256=hashlib.sha256(BODY).hexdigest(), now=NOW)
    assert isinstance(verdict, Principal) is served
    unusual = any("  " in value or "%" in name for name, value in more.items())
    assert sooner(given) == ("AKIABOUND" if served and not unusual else None)
    unsigned = Head(method="POST", target=PATH.encode(), version="1.1", headers=[*lines, (b"x-amz-more", b"1")], keep_alive=True)
    assert isinstance(ask(unsigned), Denied)


def by_hand(day: str, **headers: str) -> Head:
    """Give a request whose sender has the key and signs what it likes, just as it sends it, with the right digest of the body."""
    sent = {name.lower().replace("_", "-"): value for name, value in headers.items()}
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent))
    text = f"POST\n{PATH}\n\n{lines}\n{names}\n{hashlib.sha256(BODY).hexdigest()}"
    scope = f"{day}/us-east-1/sagemaker/aws4_request"
    key = f"AWS4{ROOT.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    told = f"AWS4-HMAC-SHA256\n{sent['x-amz-date']}\n{scope}\n{hashlib.sha256(text.encode()).hexdigest()}"
    signature = hmac.digest(key, told.encode(), "sha256").hex()
    given = f"AWS4-HMAC-SHA256 Credential={ROOT.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return head(PATH, **headers, Authorization=given)


@pytest.mark.parametrize(
    ("day", "more", "late", "served"),
    [
        pytest.param("20241129", {}, 0, True, id="as usual"),
        pytest.param("20241129", {}, 300, True, id="five minutes late"),
        pytest.param("20241129", {}, 301, False, id="later"),
        pytest.param("20241129", {}, -300, True, id="five minutes early"),
        pytest.param("20241129", {}, -301, False, id="earlier"),
        pytest.param("20241128", {}, 0, False, id="another day's key"),
        pytest.param("20241129", {"X_Amz_Content_Sha256": hashlib.sha256(BODY).hexdigest()}, 0, True, id="the body's digest"),
        pytest.param("20241129", {"X_Amz_Content_Sha256": "0" * 64}, 0, False, id="another digest"),
        pytest.param("20241129", {"traceparent": "a b"}, 0, True, id="a blank"),
        pytest.param("20241129", {"traceparent": "a  b"}, 0, False, id="two blanks that are signed"),
        pytest.param("20241129", {"X_Amz_Date": "20241129"}, 0, False, id="half a date"),
    ],
)
def test_who_has_the_key_keeps_to_the_rules(day: str, more: dict[str, str], late: int, served: bool) -> None:
    given = by_hand(day, **{"Host": "host", "X_Amz_Date": "20241129T000000Z"} | more)
    assert ask(given, NOW + late * SECOND) == (Principal(name="AKIAROOT") if served else mock.ANY)
    assert sooner(given, NOW + late * SECOND) == ("AKIAROOT" if served else None)


@pytest.mark.parametrize("path", ["/endpoints/chat-a%20b/invocations", "/endpoints/chat-a/./invocations"])
def test_paths_are_signed_in_their_own_form(path: str) -> None:
    assert ask(signed(key_credentials(ROOT), path)) == Principal(name="AKIAROOT")
    assert sooner(signed(key_credentials(ROOT), path)) == "AKIAROOT"
