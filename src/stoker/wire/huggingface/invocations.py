"""The data plane of Hugging Face's endpoints: everything below `/ep/NAMESPACE/NAME` goes to the endpoint's replicas as it is.

Requests below `…/v1/` are OpenAI's, and so are the words for their failures; all others get Hugging Face's. Those that ask how a
replica is (its health route, `/metrics`) neither wake an endpoint nor keep it awake.
"""

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

import msgspec

from stoker.domain.hub import endpoint_name
from stoker.gateway.face import Answer, Directory, Invocation, Place, Reply, Subject
from stoker.gateway.head import Head
from stoker.gateway.reasons import Reason, Refusal
from stoker.wire.openai.bodies import Asked
from stoker.wire.openai.listing import listed
from stoker.wire.openai.readers import asks_for_models, heeds_leniently, lenient, passed, place_of
from stoker.wire.outcomes import Outcome, models_own, outcome_of, retry_headers
from stoker.wire.relaying import Heeds, accepts_events, relayed, target_below, waits

PREFIX: Final = "/ep/"
METRICS: Final = "/metrics"
HEALTH: Final = "/health"
_PATH: Final = re.compile(r"(/ep/([^/]+)/([^/]+))(/.*)?")
_OPENAI: Final = "/v1/"
_BARE: Final = frozenset({Reason.NO_CAPACITY, Reason.HOLD_TIMED_OUT, Reason.NOT_AUTHENTICATED, Reason.DRAINING})
"""Failures that Hugging Face tells by nothing but the status and its phrase."""


class HubReader:
    """A `stoker.wire.relaying.Reader` of endpoints' paths: of those below `/v1/` where `openai`, else of all the others.

    `home` is the namespace whose endpoints have their plain names.
    """

    __slots__ = ("_directory", "_home", "_openai")

    _directory: Directory

    def __init__(self, home: str, *, openai: bool) -> None:
        self._home = home
        self._openai = openai

    def know(self, directory: Directory) -> None:
        """Take what tells of endpoints."""
        self._directory = directory

    def claims(self, head: Head) -> bool:
        """Tell whether a request is for an endpoint."""
        if not head.path.startswith(PREFIX):
            return False
        parts = _PATH.fullmatch(head.path)
        return parts is not None and (parts[4] or "").startswith(_OPENAI) is self._openai

    def invocation(self, head: Head, body: bytes) -> Invocation | Refusal | Answer:
        """Find the endpoint, and what of the request is for its replicas."""
        parts = _PATH.fullmatch(head.path)
        if parts is None:
            return Refusal(reason=Reason.UNKNOWN_ENDPOINT)
        name = endpoint_name(unquote(parts[2]), unquote(parts[3]), home=self._home)
        path = target_below(head, parts[1])
        if self._openai:
            return self._of_openai(head, body, name, path)
        place = place_of(self._directory, name, None, Asked())
        return relayed(
            head,
            endpoint=place.endpoint,
            component=place.component,
            path=self._own_path(head, place, path),
            events=accepts_events(head.first),
            probe=self._asks_for_health(head, name, parts[4] or "/"),
        )

    def heeds(self, head: Head) -> Heeds:
        """Tell that the body matters below `/v1/` only."""
        return heeds_leniently(head) if self._openai else Heeds.NOTHING

    def _of_openai(self, head: Head, body: bytes, name: str, path: str) -> Invocation | Refusal | Answer:
        asked = lenient(head, body)
        if isinstance(asked, Refusal):
            return asked
        place = place_of(self._directory, name, None, asked)
        if asks_for_models(self._directory, head, path, place):
            return listed(self._directory, (place,))
        return passed(head, place, asked, body, path=path)

    def _own_path(self, head: Head, place: Place, path: str) -> str:
        """Give the path for a replica; one that was not made for Hugging Face's requests gets them where it takes invocations."""
        route = self._directory.endpoint(place.endpoint)
        return "" if route is not None and route.hub is None and path == "/" and head.method == "POST" else path

    def _asks_for_health(self, head: Head, name: str, path: str) -> bool:
        if head.method not in {"GET", "HEAD"} or waits(head.first):
            return False
        route = self._directory.endpoint(name)
        health = HEALTH if route is None or route.hub is None else route.hub.health_path or HEALTH
        return path in {METRICS, health} and path != "/"


class HubWords:
    """`stoker.wire.relaying.Words`: `{"error": text, "code": CODE}`."""

    __slots__ = ("_directory",)

    def __init__(self) -> None:
        self._directory: Directory | None = None

    def know(self, directory: Directory) -> None:
        """Take what tells of endpoints."""
        self._directory = directory

    def refusal(self, refusal: Refusal, subject: Subject) -> Reply:
        """Give the reply that tells of a failure."""
        outcome = outcome_of(refusal, subject, self._directory)
        headers = b"content-type: application/json\r\nx-request-id: %s\r\n%s" % (
            subject.request_id.encode(),
            retry_headers(refusal, outcome),
        )
        return Reply(status=outcome.status, headers=headers, body=msgspec.json.encode(_told(refusal, outcome)))

    def event(self, refusal: Refusal, subject: Subject) -> bytes:
        """Give the event that does; `error_type` is what clients of text generation look at."""
        own = models_own(refusal)
        if own is not None:
            return b"data: %s\n\n" % own
        told = _told(refusal, outcome_of(refusal, subject, self._directory))
        return b"data: %s\n\n" % msgspec.json.encode({"error_type": told["code"].lower(), **told})


def _told(refusal: Refusal, outcome: Outcome) -> dict[str, str]:
    text = f"{outcome.status} {_phrase(outcome.status)}" if refusal.reason in _BARE else outcome.message
    if outcome.status == HTTPStatus.FORBIDDEN:
        text = f"{text}: {outcome.message}"
    told = {"error": text, "code": outcome.code.upper()}
    if outcome.status == HTTPStatus.TOO_MANY_REQUESTS:  # by which clients of text generation know it
        told["error_type"] = "overloaded"
    return told


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
