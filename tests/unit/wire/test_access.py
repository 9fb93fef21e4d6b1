"""Who may what."""

import pytest

from stoker.domain.ids import Partition
from stoker.domain.keys import AccessKey, Keyring, KeyRole
from stoker.units import HOUR, SECOND
from stoker.wire.aws.access import MAX_SESSIONS, Access
from stoker.wire.aws.identity import AuthError, AuthProblem, Principal
from stoker.wire.aws.sessions import seal_session
from stoker.wire.tokens import token_of

NOW = 1_732_838_400 * SECOND
ROOT = AccessKey(access_key_id="AKIAROOT", secret="root-secret")
BOUND = AccessKey(
    access_key_id="AKIABOUND",
    secret="bound-secret",
    name="ci",
    role=KeyRole.INVOKE,
    endpoints=("chat-*", "plain"),
    expires=NOW + HOUR,
)
RING = Keyring(keys=(BOUND, ROOT), seal=b"seal")


def access(ring: Keyring = RING) -> Access:
    return Access(ring, Partition())


def who(key: AccessKey = BOUND) -> Principal:
    return Principal(access_key=key.access_key_id)


def refused(
    principal: Principal, action: str = "sagemaker:ListEndpoints", *, now: int = NOW, endpoint: str | None = None
) -> AuthError:
    with pytest.raises(AuthError) as caught:
        access().permit(principal, action, now, endpoint=endpoint)
    return caught.value


def test_an_admin_may_everything() -> None:
    access().permit(who(ROOT), "sagemaker:DeleteEndpoint", NOW)
    access().permit(who(ROOT), "sagemaker:InvokeEndpoint", NOW, endpoint="any")


def test_a_bound_key_invokes_its_endpoints_and_nothing_else() -> None:
    for endpoint in ("chat-a", "chat-", "plain"):
        access().permit(who(), "sagemaker:InvokeEndpoint", NOW, endpoint=endpoint)
    for endpoint in ("chat", "plain2", "", "CHAT-a"):
        assert refused(who(), "sagemaker:InvokeEndpoint", endpoint=endpoint).problem is AuthProblem.DENIED
    assert refused(who(), "sagemaker:InvokeEndpoint", endpoint="other").message == (
        "User: arn:aws:sts::123456789012:assumed-role/AmazonSageMaker-ExecutionRole-stoker/ci is not authorized to perform: "
        "sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:us-east-1:123456789012:endpoint/other "
        "because no identity-based policy allows the sagemaker:InvokeEndpoint action"
    )
    assert "on resource: * because" in refused(who()).message
    assert refused(who(), "sts:AssumeRole").problem is AuthProblem.DENIED
    access().permit(who(), "sts:GetCallerIdentity", NOW)


def test_keys_that_are_over_or_gone_let_nobody_in() -> None:
    for error in (
        refused(who(), "sagemaker:InvokeEndpoint", now=NOW + HOUR, endpoint="plain"),
        refused(Principal(access_key="AKIAGONE")),
        refused(Principal()),
    ):
        assert (error.problem, error.message) == (
            AuthProblem.UNKNOWN_KEY,
            "The security token included in the request is invalid.",
        )


def test_a_session_has_its_keys_rights_for_as_long_as_that_lives() -> None:
    mine = access()
    session, token = seal_session(
        RING.seal, access_key="ASIA1", parent=BOUND.access_key_id, expires=NOW + HOUR, role="r", name="me"
    )
    assert mine.open("ASIA1", token, NOW) == session
    principal = Principal(access_key="ASIA1", session=session)
    mine.permit(principal, "sagemaker:InvokeEndpoint", NOW, endpoint="plain")
    assert refused(principal, endpoint="other").message.startswith("User: arn:aws:sts::123456789012:assumed-role/r/me is not")
    with pytest.raises(AuthError, match="is expired"):
        mine.open("ASIA1", token, NOW + HOUR)
    mine.replace(Keyring(keys=(ROOT,), seal=RING.seal))
    with pytest.raises(AuthError, match=r"is invalid\."):
        mine.permit(principal, "sagemaker:InvokeEndpoint", NOW, endpoint="plain")


def test_remembered_sessions_are_bounded() -> None:
    mine = access()
    for number in range(MAX_SESSIONS + 1):
        _, token = seal_session(RING.seal, access_key=f"ASIA{number}", parent="p", expires=NOW + HOUR)
        mine.open(f"ASIA{number}", token, NOW)
    assert len(mine._opened) <= MAX_SESSIONS  # noqa: SLF001 - the bound is the point


def test_another_ring_is_in_force_at_once() -> None:
    mine = access()
    secrets = mine.secrets
    assert secrets == {"AKIABOUND": "bound-secret", "AKIAROOT": "root-secret"}
    mine.replace(Keyring(keys=(ROOT,)))
    assert secrets == {"AKIAROOT": "root-secret"}


def test_bearer_tokens_name_their_key_and_do_not_tell_its_secret() -> None:
    token = token_of(BOUND)
    assert token.startswith("sk-stoker-AKIABOUND-")
    assert BOUND.secret not in token
    assert access().bearer(token).access_key == "AKIABOUND"
    for wrong in (
        "",
        "sk-stoker-",
        token[:-1],
        token + "A",
        token.replace("BOUND", "ROOT"),
        "é",
        f"x{token}",
        token_of(BOUND)[10:],
    ):
        with pytest.raises(AuthError, match=r"is invalid\."):
            access().bearer(wrong)
