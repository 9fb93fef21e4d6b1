"""Who sent an invocation, and whether they may: what a gateway asks, signatures and bearer tokens alike.

AWS's own paths are signed for. The OpenAI-compatible ones under an endpoint take bearer tokens alone, as AWS has it; paths of
other faces take either, and which endpoint they are about is for those faces to say.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl, unquote

from stoker.domain.ids import Partition
from stoker.domain.keys import Keyring
from stoker.gateway.face import Denied, Principal, Recurring
from stoker.gateway.head import Head
from stoker.units import Instant
from stoker.wire.aws import identity
from stoker.wire.aws.access import DEFAULT_ROLE, Access
from stoker.wire.aws.errors import AUTH_PROBLEMS, PROBLEMS
from stoker.wire.aws.identity import INVALID_TOKEN, STRANGERS, AuthError, AuthProblem
from stoker.wire.aws.recurring import recurring_signature
from stoker.wire.aws.signature_forms import ALGORITHM
from stoker.wire.aws.sigv4 import EMPTY_SHA256, Verifier
from stoker.wire.tokens import PREFIX as TOKEN_PREFIX
from stoker.wire.tokens import RecurringBearer, bearer_of

SIGNING_NAME: Final = "sagemaker"
PREFIX: Final = "/endpoints/"
SIGNED_URL: Final = "sagemaker-api-key-"
"""Begins a bearer token that is a presigned URL, as AWS's token generator makes them."""
MAX_TOKEN: Final = 8192
MAX_EXPIRES_S: Final = 43_200
"""The longest life of a presigned bearer token (AWS: 12 hours)."""
UNAUTHORIZED: Final = 401

_OPENAI: Final = re.compile(r"/endpoints/[^/]+/(?:inference-components/[^/]+/)?openai/.*")
_BEARS: Final = re.compile(rb"bearer ", re.IGNORECASE)
_HOST: Final = "sagemaker.amazonaws.com/"
_VERSION: Final = "&Version=1"
_ACTIONS: Final = {
    "invocations-response-stream": "sagemaker:InvokeEndpointWithResponseStream",
    "async-invocations": "sagemaker:InvokeEndpointAsync",
    "invocations-bidirectional-stream": "sagemaker:InvokeEndpointWithBidirectionalStream",
}
_OTHER: Final = "sagemaker:InvokeEndpoint"
_IDENTITY: Final = "sts:GetCallerIdentity"
_MAX_EXPIRES_DIGITS: Final = 6


class GatewayCheck:
    """A `stoker.gateway.face.Authenticator` over one key ring."""

    __slots__ = ("_access", "_trusted", "_verifier")

    def __init__(self, access: Access) -> None:
        self._access = access
        self._trusted = {key_id: Principal(name=key_id) for key_id in access.trusted()}
        self._verifier = Verifier(access.secrets, sessions=access, regions=frozenset({access.partition.region}))

    def __call__(self, head: Head, *, body_sha256: str, now: Instant) -> Principal | Denied:
        """Give who sent the request and may, or AWS's code and words for why it is not let in."""
        first = head.first
        try:
            if not head.query and len(first) == len(head.headers) and not _BEARS.match(first.get(b"authorization", b"")):
                known = self._verifier.accepts(
                    method=head.method, path=head.path, headers=first, body_sha256=body_sha256, service=SIGNING_NAME, now=now
                )
                if known is not None and "/openai/" not in head.path:
                    trusted = self._trusted.get(known.access_key)
                    if trusted is not None:
                        return trusted
                    self._permit(known, head.path, now)
                    return Principal(name=known.access_key)
            principal = self._sender(head, body_sha256, now)
            self._permit(principal, head.path, now)
        except AuthError as error:
            if self._access.lenient and error.problem in STRANGERS:
                return Principal(name="anonymous")
            code, _, status = PROBLEMS[AUTH_PROBLEMS[error.problem]]
            if error.problem is not AuthProblem.DENIED and (_bearer_only(head) or _unsigned(head)):
                status = UNAUTHORIZED
            return Denied(kind=code, message=error.message, status=status)
        return Principal(name=principal.access_key)

    def permits(self, name: str, endpoint: str, now: Instant) -> Denied | None:
        """Give why the holder of a key may not invoke an endpoint. Implements `Authenticator`."""
        if name in self._trusted:
            return None
        try:
            self._access.permit(self._access.sender(name), _OTHER, now, endpoint=endpoint)
        except AuthError as error:
            code, _, status = PROBLEMS[AUTH_PROBLEMS[error.problem]]
            return Denied(kind=code, message=error.message, status=status)
        return None

    def recurring(self, head: Head, names: Sequence[bytes], leads: Sequence[bytes]) -> Recurring | None:
        """Give what checks heads like this one, but for the values of the headers named. Implements `Authenticator`."""
        if b"authorization" in names and _BEARS.fullmatch(leads[names.index(b"authorization")]):
            if head.path.startswith(PREFIX) and not _bearer_only(head):
                return None
            return RecurringBearer(lambda token, now: self._admitted(head.path, token, now), names.index(b"authorization"))
        if head.query or len(head.first) != len(head.headers) or "/openai/" in head.path:
            return None
        signature = recurring_signature(
            self._verifier,
            method=head.method,
            path=head.path,
            headers=head.first,
            names=names,
            leads=leads,
            service=SIGNING_NAME,
        )
        if signature is None:
            return None
        trusted = self._trusted
        path = head.path

        def check(values: Sequence[bytes], body: bytes, now: Instant) -> tuple[str, Instant] | None:
            sender = signature(values, sha256(body).hexdigest().encode(), now)
            if sender is None:
                return None
            if sender.access_key not in trusted:
                try:
                    self._permit(sender, path, now)
                except AuthError:
                    return None
            return sender.access_key, 0

        return check

    def _admitted(self, path: str, token: str, now: Instant) -> tuple[str, Instant] | None:
        """Give who bears one of our own tokens, and until when that may ask for the path; None for others."""
        if not token.startswith(TOKEN_PREFIX):
            return None
        try:
            principal = self._access.bearer(token)
            self._permit(principal, path, now)
        except AuthError:
            return None
        return principal.access_key, self._access.lasts(principal.access_key)

    def _sender(self, head: Head, body_sha256: str, now: Instant) -> identity.Principal:
        given = head.text(b"authorization")
        bearer_only = _bearer_only(head)
        token = bearer_of(given)
        if token is not None and (bearer_only or not head.path.startswith(PREFIX)):
            return self._bearer(token, now)
        if bearer_only:
            if given:
                raise AuthError(
                    AuthProblem.DENIED, "This path takes a bearer token (Authorization: Bearer ...), not a signature."
                )
            raise AuthError(AuthProblem.MISSING, "Missing Authentication Token")
        return self._verifier.verify(
            method=head.method,
            path=head.path,
            query=head.query,
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers],
            body_sha256=body_sha256,
            service=SIGNING_NAME,
            now=now,
        )

    def _permit(self, principal: identity.Principal, path: str, now: Instant) -> None:
        """Raise AuthError unless the sender may invoke the path's endpoint; of other paths that is asked with `permits`."""
        if not path.startswith(PREFIX):
            self._access.permit(principal, _IDENTITY, now)  # the key is good still
            return
        endpoint, _, rest = path.removeprefix(PREFIX).partition("/")
        self._access.permit(principal, _ACTIONS.get(rest, _OTHER), now, endpoint=unquote(endpoint))

    def _bearer(self, token: str, now: Instant) -> identity.Principal:
        if token.startswith(TOKEN_PREFIX):
            return self._access.bearer(token)
        if not token.startswith(SIGNED_URL) or len(token) > MAX_TOKEN:
            raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN)
        try:
            url = base64.b64decode(_padded(token.removeprefix(SIGNED_URL)), altchars=b"-_", validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN) from error
        place, _, query = url.partition("?")
        query = query.removesuffix(_VERSION)
        fields = dict(parse_qsl(query, max_num_fields=32)) if query.count("&") < 32 else {}  # noqa: PLR2004 - it has eight
        expires = fields.get("X-Amz-Expires", "")
        if place != _HOST or fields.get("Action") != "CallWithBearerToken" or not _short(expires):
            raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN)
        return self._verifier.verify(
            method="POST",
            path="/",
            query=query,
            headers=[("host", _HOST[:-1])],
            body_sha256=EMPTY_SHA256,
            service=SIGNING_NAME,
            now=now,
        )


def gateway_checks(partition: Partition, *, role: str = DEFAULT_ROLE, lenient: bool = False) -> Callable[[Keyring], GatewayCheck]:
    """Give what makes the check of a key ring: a `stoker.gateway.face.AuthenticatorFactory`."""
    return lambda ring: GatewayCheck(Access(ring, partition, role=role, lenient=lenient))


def _bearer_only(head: Head) -> bool:
    return _OPENAI.fullmatch(head.path) is not None


def _unsigned(head: Head) -> bool:
    """Tell whether another face's path was asked for without a signature."""
    return not head.path.startswith(PREFIX) and not head.text(b"authorization").startswith(ALGORITHM)


def _padded(text: str) -> str:
    """Give base64 of either alphabet, padded or not, in the one that is decoded."""
    bare = text.rstrip("=").replace("+", "-").replace("/", "_")
    return bare + "=" * (-len(bare) % 4)


def _short(expires: str) -> bool:
    return expires.isdecimal() and len(expires) <= _MAX_EXPIRES_DIGITS and 0 < int(expires) <= MAX_EXPIRES_S
