"""Lenient authentication: strangers are let in, and known keys are no more than they are."""

import hashlib

import pytest
from botocore.credentials import Credentials

from stoker.domain.ids import Partition
from stoker.domain.keys import Keyring
from stoker.gateway.face import Denied, Principal
from stoker.wire.aws.access import Access
from stoker.wire.aws.authenticator import gateway_checks
from stoker.wire.aws.identity import AuthError
from stoker.wire.aws.sigv4 import Verifier
from tests.unit.wire.test_authenticator import BODY, BOUND, NOW, PATH, ROOT, bearing, head, key_credentials, signed

RING = Keyring(keys=(BOUND, ROOT), seal=b"seal")
ACCESS = Access(RING, Partition(), lenient=True)
VERIFIER = Verifier(ACCESS.secrets, sessions=ACCESS, regions=frozenset({"us-east-1"}), mode="lenient")
STRANGER = Credentials("test", "test", "a token from elsewhere")


def whose(credentials: Credentials) -> str:
    given = signed(credentials)
    headers = [(name.decode(), value.decode()) for name, value in given.headers]
    digest = hashlib.sha256(BODY).hexdigest()
    principal = VERIFIER.verify(
        method="POST", path=PATH, query="", headers=headers, body_sha256=digest, service="sagemaker", now=NOW
    )
    ACCESS.permit(principal, "sagemaker:CreateEndpoint", NOW)
    return principal.access_key


def test_strangers_may_everything_and_known_keys_what_they_may() -> None:
    assert whose(STRANGER) == "test"
    assert whose(key_credentials(ROOT)) == ROOT.access_key_id
    with pytest.raises(AuthError, match="does not match the signature"):
        whose(Credentials(ROOT.access_key_id, "wrong"))
    with pytest.raises(AuthError, match="not authorized to perform: sagemaker:CreateEndpoint"):
        whose(key_credentials(BOUND))


def test_gateways_do_the_same() -> None:
    check = gateway_checks(Partition(), lenient=True)(RING)
    digest = hashlib.sha256(BODY).hexdigest()
    for given in (signed(STRANGER), head(PATH, Host="host"), bearing("whatever")):
        assert check(given, body_sha256=digest, now=NOW) == Principal(name="anonymous")
    assert check(signed(key_credentials(BOUND)), body_sha256=digest, now=NOW) == Principal(name=BOUND.access_key_id)
    for given in (
        signed(Credentials(ROOT.access_key_id, "wrong")),
        signed(key_credentials(BOUND), "/endpoints/other/invocations"),
    ):
        assert isinstance(check(given, body_sha256=digest, now=NOW), Denied)


def test_what_is_strict_stays_so() -> None:
    check = gateway_checks(Partition())(RING)
    for given in (signed(STRANGER), head(PATH, Host="host")):
        assert isinstance(check(given, body_sha256=hashlib.sha256(BODY).hexdigest(), now=NOW), Denied)
