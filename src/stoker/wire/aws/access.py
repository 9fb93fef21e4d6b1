"""The keys in force as the wire asks them: their secrets, their holders' sessions, who each holder is and what each may do."""

from typing import Final

from stoker.domain.ids import Partition
from stoker.domain.keys import AccessKey, Keyring, KeyRole
from stoker.gateway.face import FOREVER
from stoker.units import Instant
from stoker.wire.aws.identity import INVALID_TOKEN, AuthError, AuthProblem, Principal, Session
from stoker.wire.aws.sessions import check_session, open_session
from stoker.wire.tokens import holder_of

DEFAULT_ROLE: Final = "AmazonSageMaker-ExecutionRole-stoker"
"""Holds what the SageMaker SDK looks for in the role that a caller has assumed."""

FREE: Final = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})
"""What AWS lets everybody do who has credentials at all."""

MAX_SESSIONS: Final = 1024
"""Open sessions that are remembered; beyond, their tokens are opened anew."""
_MAX_SHOWN: Final = 256


class Access:
    """A key ring with what the wire makes of it. The ring may be replaced at any time; `secrets` is always that in force.

    `role` is the name of the role that holders of keys are seen to have assumed. A `lenient` one lets those do everything whose
    keys it does not know.
    """

    __slots__ = ("_keys", "_opened", "_parents", "_seal", "lenient", "partition", "role", "secrets")

    def __init__(self, ring: Keyring, partition: Partition, *, role: str = DEFAULT_ROLE, lenient: bool = False) -> None:
        self.partition = partition
        self.role = role
        self.lenient = lenient
        self._keys: dict[str, AccessKey] = {}
        self._opened: dict[str, Session] = {}
        self._parents: dict[str, str] = {}
        self._seal = b""
        self.secrets: dict[str, str] = {}
        self.replace(ring)

    @property
    def seal(self) -> bytes:
        """The secret that session tokens are sealed with."""
        return self._seal

    def replace(self, ring: Keyring) -> None:
        """Put another ring in force."""
        self._keys = ring.by_id
        self._seal = ring.seal
        self._opened.clear()
        self._parents.clear()
        self.secrets.clear()
        self.secrets.update(ring.secrets)

    def open(self, access_key: str, token: str, now: Instant) -> Session:
        """Give the session of a token, or raise AuthError. Implements `stoker.wire.aws.identity.Sessions`."""
        session = self._opened.get(token)
        if session is None:
            session = open_session(self._seal, token)
            if len(self._opened) >= MAX_SESSIONS:
                self._opened.clear()
                self._parents.clear()
            self._opened[token] = session
            self._parents[session.access_key] = session.parent
        check_session(session, access_key, now)
        return session

    def bearer(self, token: str) -> Principal:
        """Give the holder of a bearer token, or raise AuthError."""
        key = holder_of(self._keys, token)
        if key is None:
            raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN)
        return Principal(access_key=key.access_key_id, region=self.partition.region)

    def trusted(self) -> list[str]:
        """Give the ids of the keys whose holders may everything, for ever."""
        return [key.access_key_id for key in self._keys.values() if key.role is KeyRole.ADMIN and key.expires is None]

    def sender(self, name: str) -> Principal:
        """Give who has this access key: a key's holder, or that of the session it was opened for."""
        return Principal(access_key=self._parents.get(name, name), region=self.partition.region)

    def permit(self, principal: Principal, action: str, now: Instant, *, endpoint: str | None = None) -> None:
        """Raise AuthError when the key is no longer good (UNKNOWN_KEY), or its holder may not do this (DENIED).

        `action` is AWS's word for it, such as `sagemaker:InvokeEndpoint`; `endpoint` names the one that is to be invoked.
        """
        key = self._keys.get(principal.key)
        if key is None and self.lenient:
            return
        if key is None or not (key.expires is None or now < key.expires):
            raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN)
        if key.role is KeyRole.ADMIN or action in FREE or (endpoint is not None and key.invokes(endpoint)):
            return
        resource = "*" if endpoint is None else self.partition.sagemaker("endpoint", endpoint[:_MAX_SHOWN])
        text = f"User: {self.arn(principal)} is not authorized to perform: {action} on resource: {resource}"
        raise AuthError(AuthProblem.DENIED, f"{text} because no identity-based policy allows the {action} action")

    def ends(self, principal: Principal) -> Instant | None:
        """Give when the sender's key, and with it all of its sessions, will be over; None: never."""
        key = self._keys.get(principal.key)
        return None if key is None else key.expires

    def lasts(self, name: str) -> Instant:
        """Give until when what the holder of a key may do stays as it is: the key's end. 0 for a name that is no key's."""
        key = self._keys.get(name)
        if key is None:
            return 0
        return FOREVER if key.expires is None else key.expires

    def arn(self, principal: Principal) -> str:
        """Give who the sender is, in the form of an assumed role: that is where SDKs look for the role's name."""
        return f"arn:aws:sts::{self.partition.account}:assumed-role/{self.role_of(principal)}/{self.name_of(principal)}"

    def role_of(self, principal: Principal) -> str:
        """Give the name of the role that the sender has assumed."""
        session = principal.session
        return session.role if session is not None and session.role else self.role

    def name_of(self, principal: Principal) -> str:
        """Give the name of the sender's session: the one that was given to it, else that of the key."""
        session = principal.session
        if session is not None and session.name:
            return session.name
        key = self._keys.get(principal.key)
        return "anonymous" if key is None else key.name
