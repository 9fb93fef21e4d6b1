"""Which requests are OpenAI's, and which model each is for.

On `/v1/…` the body's `model` says it, among all there are. Below an endpoint of SageMaker's (`/endpoints/NAME/openai/v1/…`, with
or without `/inference-components/NAME`) the path does.
"""

import re
from typing import Final
from urllib.parse import unquote

from stoker.gateway.face import Answer, Directory, Invocation, Place
from stoker.gateway.head import Head
from stoker.gateway.reasons import Reason, Refusal
from stoker.wire.openai.bodies import UNREADABLE, Asked, is_form, read, renamed, unreadable
from stoker.wire.openai.listing import listed, shown
from stoker.wire.openai.words import error_reply
from stoker.wire.relaying import Heeds, relayed

ROOT: Final = "/v1"
MODELS: Final = "/v1/models"
ANY_MODEL: Final = frozenset({"tgi", "dummy"})
"""Names that clients of Hugging Face's send where the endpoint is meant, whatever its model."""
_MOST_SHOWN: Final = 10
_ENDPOINT: Final = re.compile(r"/endpoints/([^/]+)(?:/inference-components/([^/]+))?/openai(/v1/.+)")
_COMPONENT_HEADER: Final = b"x-amzn-sagemaker-inference-component"


class ModelsReader:
    """A `stoker.wire.relaying.Reader` of `/v1/…`."""

    __slots__ = ("_directory",)

    _directory: Directory

    def know(self, directory: Directory) -> None:
        """Take what tells of models."""
        self._directory = directory

    def claims(self, head: Head) -> bool:
        """Tell whether a request is on `/v1`."""
        return head.path.startswith(ROOT) and (len(head.path) == len(ROOT) or head.path[len(ROOT)] == "/")

    def invocation(self, head: Head, body: bytes) -> Invocation | Refusal | Answer:
        """Find the model that the body names."""
        if head.method in {"GET", "HEAD"}:
            return self._told(head)
        if head.method != "POST":
            return _no_such(head)
        asked = read(_kind(head), body)
        if isinstance(asked, Refusal):
            return asked
        if not asked.model:
            message = "The body names no `model`. GET /v1/models lists those there are."
            return Refusal(reason=Reason.MODEL_REQUIRED, message=message)
        place = self._place(asked.model)
        if isinstance(place, Refusal):
            return place
        return passed(head, place, asked, body)

    def heeds(self, head: Head) -> Heeds:
        """Tell that the body names the model."""
        return Heeds.WHOLE if is_form(_kind(head)) else Heeds.MEMBERS

    def _place(self, model: str) -> Place | Refusal:
        found = self._directory.find(model)
        if not found and model in ANY_MODEL:
            every = tuple(self._directory.every())
            found = every if len(every) == 1 else ()
        if len(found) == 1:
            return found[0]
        if not found:
            return _unknown(model)
        names = ", ".join(sorted(place.names[0] for place in found)[:_MOST_SHOWN])
        return Refusal(reason=Reason.INVALID, message=f"Several have the name `{model}`: ask for one of {names}.")

    def _told(self, head: Head) -> Refusal | Answer:
        directory = self._directory
        path = head.path.rstrip("/")
        if path == MODELS:
            return listed(directory, directory.every())
        if not path.startswith(MODELS + "/"):
            return _no_such(head)
        name = unquote(path[len(MODELS) + 1 :])
        found = directory.find(name)
        if len(found) != 1:
            return _unknown(name)
        return shown(directory, found[0], name, error_reply(404, _unknown_error(name), ""))


class EndpointReader:
    """A `Reader` of the paths below SageMaker's endpoints."""

    __slots__ = ("_directory",)

    _directory: Directory

    def know(self, directory: Directory) -> None:
        """Take what tells of models."""
        self._directory = directory

    def claims(self, head: Head) -> bool:
        """Tell whether a request is on such a path."""
        return head.path.startswith("/endpoints/") and _ENDPOINT.fullmatch(head.path) is not None

    def invocation(self, head: Head, body: bytes) -> Invocation | Refusal | Answer:
        """Find the model that the path names, or the body among an endpoint's several."""
        parts = _ENDPOINT.fullmatch(head.path)
        if parts is None:
            return _no_such(head)
        if _COMPONENT_HEADER in head.first:
            message = (
                "The header X-Amzn-SageMaker-Inference-Component is not allowed on this path; name the component in the path."
            )
            return Refusal(reason=Reason.INVALID, message=message)
        endpoint, component, path = unquote(parts[1]), parts[2] and unquote(parts[2]), parts[3]
        asked = lenient(head, body)
        if isinstance(asked, Refusal):
            return asked
        place = place_of(self._directory, endpoint, component, asked)
        if asks_for_models(self._directory, head, path, place):
            return listed(self._directory, (place,))
        query = f"?{head.query}" if head.query else ""
        return passed(head, place, asked, body, path=path + query, as_is=False)

    def heeds(self, head: Head) -> Heeds:
        """Tell that the body may name a model, and say whether the answer is to stream."""
        return heeds_leniently(head)


def asks_for_models(directory: Directory, head: Head, path: str, place: Place) -> bool:
    """Tell whether an endpoint is asked for its models while it sleeps: it need not wake to tell its name."""
    return (
        head.method == "GET" and path == MODELS and directory.endpoint(place.endpoint) is not None and not directory.awake(place)
    )


def passed(head: Head, place: Place, asked: Asked, body: bytes, *, path: str = "", as_is: bool = True) -> Invocation | Refusal:
    """Give the invocation of a model by a request, which calls it as the model server does if that is known."""
    own = None
    if place.served and asked.model is not None and asked.model != place.served:
        try:
            own = renamed(asked, body, place.served)
        except UNREADABLE as error:
            return unreadable(error)
    return relayed(
        head,
        endpoint=place.endpoint,
        component=place.component,
        path=path or head.target.decode("latin-1"),
        events=asked.stream,
        body=own,
        as_is=as_is,
    )


def lenient(head: Head, body: bytes) -> Asked | Refusal:
    """Read a body where the path says already what is meant: what is neither JSON nor a form is the model server's to judge."""
    return Asked() if heeds_leniently(head) is Heeds.NOTHING else read(_kind(head), body)


def heeds_leniently(head: Head) -> Heeds:
    """Tell what `lenient` reads of a body."""
    kind = _kind(head)
    if head.method != "POST" or not kind.lower().startswith((b"application/json", b"multipart/form-data")):
        return Heeds.NOTHING
    return Heeds.WHOLE if is_form(kind) else Heeds.MEMBERS


def _kind(head: Head) -> bytes:
    return head.first.get(b"content-type", b"")


def place_of(directory: Directory, endpoint: str, component: str | None, asked: Asked) -> Place:
    """Give what serves an endpoint's requests: the component named, the only one there is, or the one that the body names."""
    places = directory.places(endpoint)
    if component is not None:
        found = next((one for one in places if one.component == component), None)
        return found or Place(endpoint=endpoint, component=component, names=())
    if len(places) > 1:
        places = tuple(one for one in places if asked.model in one.names)
    return places[0] if len(places) == 1 else Place(endpoint=endpoint, component=None, names=())


def _no_such(head: Head) -> Answer:
    message = f"Unknown request URL: {head.method} {head.path}"
    error: dict[str, str | None] = {"message": message, "type": "invalid_request_error", "code": "unknown_url", "param": None}
    return lambda _: error_reply(404, error, "")


def _unknown(model: str) -> Refusal:
    return Refusal(reason=Reason.UNKNOWN_MODEL, message=str(_unknown_error(model)["message"]))


def _unknown_error(model: str) -> dict[str, str | None]:
    message = f"The model `{model}` does not exist or you do not have access to it."
    return {"message": message, "type": "invalid_request_error", "code": "model_not_found", "param": "model"}
