"""What `GET …/v1/models` tells: the names by which requests find a model that serves, or that demand would bring."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from stoker.gateway.face import Answer, Directory, Place, Reply
from stoker.units import SECOND

OWNER: Final = "stoker"
_SEPARATOR: Final = "--"
_HEADERS: Final = b"content-type: application/json\r\n"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One entry; `created` in seconds since 1970."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str = OWNER


class Models(msgspec.Struct, frozen=True, kw_only=True):
    """The list."""

    object: str = "list"
    data: list[Model]


def listed(directory: Directory, places: Iterable[Place]) -> Answer:
    """Give the answer that lists what the sender may invoke and what comes when it is."""
    found = [place for place in places if directory.comes(place)]

    def answer(may: Callable[[str], bool]) -> Reply:
        models = [model for place in found if may(place.endpoint) for model in _models(directory, place)]
        return Reply(status=200, headers=_HEADERS, body=msgspec.json.encode(Models(data=models)))

    return answer


def shown(directory: Directory, place: Place, name: str, unknown: Reply) -> Answer:
    """Give the answer that tells of one model; `unknown` is for who may not invoke it."""
    model = next((one for one in _models(directory, place) if one.id == name), None)
    return lambda may: (
        unknown
        if model is None or not may(place.endpoint)
        else Reply(status=200, headers=_HEADERS, body=msgspec.json.encode(model))
    )


def _models(directory: Directory, place: Place) -> list[Model]:
    route = directory.endpoint(place.endpoint)
    owner = OWNER
    if route is not None and route.hub is not None and _SEPARATOR in place.endpoint:
        owner = place.endpoint.partition(_SEPARATOR)[0]
    created = place.created // SECOND
    return [Model(id=name, created=created, owned_by=owner) for name in place.names if len(_found(directory, place, name)) == 1]


def _found(directory: Directory, place: Place, name: str) -> tuple[Place, ...]:
    """Give what has the name; of names that are shared, none can be asked for."""
    found = directory.find(name)
    return found if found and found[0] == place else ()
