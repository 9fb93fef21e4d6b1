"""The names by which clients that name models find them, as the routing table has them.

A component has its own name and its aliases. An endpoint's name and aliases stand for the model of its variants, or for its only
component; those of one with several components stand for none of them.
"""

from collections.abc import Iterable

from stoker.gateway.face import Invocation, Place
from stoker.gateway.routes import Routes, Workload
from stoker.link.messages import EndpointRoute


class Names:
    """A `stoker.gateway.face.Directory` of the routes in force."""

    __slots__ = ("_aliases", "_endpoints", "_of", "_own", "_routes")

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._of = -1
        self._endpoints: dict[str, tuple[Place, ...]] = {}
        self._own: dict[str, Place] = {}
        self._aliases: dict[str, tuple[Place, ...]] = {}

    def endpoint(self, name: str) -> EndpointRoute | None:
        """Give an endpoint."""
        return self._routes.endpoint(name)

    def places(self, endpoint: str) -> tuple[Place, ...]:
        """Give what serves models at an endpoint."""
        self._read()
        return self._endpoints.get(endpoint, ())

    def find(self, model: str) -> tuple[Place, ...]:
        """Give what has this name: of a component or an endpoint first, then what has it for an alias."""
        self._read()
        own = self._own.get(model)
        return self._aliases.get(model, ()) if own is None else (own,)

    def every(self) -> Iterable[Place]:
        """Give all there are, endpoint by endpoint in the order of their names."""
        self._read()
        return (place for name in sorted(self._endpoints) for place in self._endpoints[name])

    def comes(self, place: Place) -> bool:
        """Tell whether it serves, is about to, or would be brought by demand."""
        route = self._routes.endpoint(place.endpoint)
        if route is None or (route.hub is not None and route.hub.paused):
            return False
        return any(
            one.copies or (not one.route.failure and (one.route.desired > 0 or one.route.wakeable))
            for one in self._workloads(place)
        )

    def awake(self, place: Place) -> bool:
        """Tell whether it has a copy."""
        return any(one.copies for one in self._workloads(place))

    def _workloads(self, place: Place) -> list[Workload]:
        asked = Invocation(endpoint=place.endpoint, component=place.component)
        return [target.workload for target in self._routes.candidates(asked)]

    def _read(self) -> None:
        """Read the table's names, if they may have changed."""
        if self._of == self._routes.named:
            return
        self._of = self._routes.named
        self._endpoints = {route.name: _places(route) for route in self._routes.endpoints()}
        self._own = {}
        found: dict[str, list[Place]] = {}
        for name, places in self._endpoints.items():
            for place in places:
                if place.component is not None:
                    self._own[place.component] = place
                for alias in place.names[1:]:
                    found.setdefault(alias, []).append(place)
            if len(places) == 1:
                self._own.setdefault(name, places[0])
        for name in self._own:  # a name of one's own goes before another's alias
            found.pop(name, None)
        self._aliases = {name: tuple(places) for name, places in found.items()}


def _places(route: EndpointRoute) -> tuple[Place, ...]:
    if any(variant.workload is not None for variant in route.variants):
        names = (route.name, *(one for one in route.aliases if one != route.name))
        return (Place(endpoint=route.name, component=None, names=names, served=route.served, created=route.created),)
    alone = len(route.components) == 1
    found = []
    for component in route.components:
        more = (*component.aliases, *((route.name, *route.aliases) if alone else ()))
        names = tuple(dict.fromkeys((str(component.name), *map(str, more))))
        served = component.served or (route.served if alone else "")
        found.append(Place(endpoint=route.name, component=component.name, names=names, served=served, created=route.created))
    return tuple(found)
