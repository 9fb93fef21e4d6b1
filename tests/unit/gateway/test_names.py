"""The names by which models are found."""

from stoker.domain.ids import ComponentName, CopyId, EndpointName, VariantName, WorkloadId
from stoker.gateway.names import Names
from stoker.gateway.routes import Routes
from stoker.link.messages import (
    Address,
    ComponentRoute,
    CopyRoute,
    EndpointRoute,
    HubRoute,
    RoutingChange,
    RoutingTable,
    VariantRoute,
    WorkloadRoute,
)

MAIN = VariantName("main")


def endpoint(name: str, *components: str, aliases: tuple[str, ...] = (), served: str = "", paused: bool = False) -> EndpointRoute:
    """Give an endpoint with components, each with an alias `NAME-x`, or with a model of its own when it has none."""
    return EndpointRoute(
        name=EndpointName(name),
        variants=(VariantRoute(name=MAIN, workload=None if components else WorkloadId(f"variant/{name}/main")),),
        components=tuple(
            ComponentRoute(
                name=ComponentName(one), variant=MAIN, workload=WorkloadId(f"ic/{one}"), aliases=(f"{one}-x",), served=f"{one}-s"
            )
            for one in components
        ),
        aliases=aliases,
        served=served,
        hub=HubRoute(paused=True) if paused else None,
    )


def names(*endpoints: EndpointRoute, workloads: tuple[WorkloadRoute, ...] = ()) -> tuple[Routes, Names]:
    routes = Routes(lambda _: None)
    routes.replace(RoutingTable(version=1, endpoints=endpoints, workloads=workloads))
    return routes, Names(routes)


def where(known: Names, name: str) -> list[tuple[str, str | None]]:
    return [(place.endpoint, place.component) for place in known.find(name)]


def test_components_endpoints_and_aliases_are_found() -> None:
    _, known = names(endpoint("own", aliases=("o1", "o2")), endpoint("one", "c", aliases=("e1",)), endpoint("two", "a", "b"))
    for name in ("own", "o1", "o2"):
        assert where(known, name) == [("own", None)]
    for name in ("one", "c", "c-x", "e1"):
        assert where(known, name) == [("one", "c")]
    assert where(known, "a") == where(known, "a-x") == [("two", "a")]
    assert where(known, "two") == where(known, "gone") == where(known, "") == []
    assert [place.served for place in known.places("two")] == ["a-s", "b-s"]
    assert known.places("one")[0].names == ("c", "c-x", "one", "e1")
    assert known.places("gone") == ()
    assert [place.names[0] for place in known.every()] == ["c", "own", "a", "b"]


def test_a_name_of_ones_own_goes_before_anothers_and_an_alias_may_be_shared() -> None:
    _, known = names(
        endpoint("x", "y"),
        endpoint("z", "x"),  # a component called like another endpoint
        endpoint("p", aliases=("shared", "y")),
        endpoint("q", aliases=("shared",)),
    )
    assert where(known, "x") == [("z", "x")]
    assert where(known, "y") == [("x", "y")]
    assert where(known, "shared") == [("p", None), ("q", None)]


def test_names_change_with_the_table_and_with_changes_of_endpoints() -> None:
    routes, known = names(endpoint("one", "c"))
    assert where(known, "c") == [("one", "c")]
    routes.change(RoutingChange(since=1, version=2, endpoints=(endpoint("one", "d"),)))
    assert (where(known, "c"), where(known, "d")) == ([], [("one", "d")])
    routes.change(RoutingChange(since=2, version=3, workloads=(WorkloadRoute(workload=WorkloadId("ic/d"), desired=1),)))
    assert where(known, "d") == [("one", "d")]
    routes.change(RoutingChange(since=3, version=4, gone_endpoints=(EndpointName("one"),)))
    assert where(known, "d") == []
    routes.replace(RoutingTable(version=5, endpoints=(endpoint("new"),)))
    assert where(known, "new") == [("new", None)]


def test_what_comes_when_it_is_asked_for() -> None:
    copy = CopyRoute(copy_id=CopyId("k"), address=Address(port=1))
    told = {
        "serves": {"copies": (copy,), "failure": "another copy crashes"},
        "starts": {"desired": 1},
        "sleeps": {"wakeable": True},
        "rests": {},
        "broken": {"desired": 1, "wakeable": True, "failure": "crashes"},
        "paused": {"wakeable": True},
    }
    _, known = names(
        *(endpoint(name, f"{name}-c", paused=name == "paused") for name in told),
        workloads=tuple(WorkloadRoute(workload=WorkloadId(f"ic/{name}-c"), **more) for name, more in told.items()),  # type: ignore[arg-type]
    )
    comes = {place.endpoint for place in known.every() if known.comes(place)}
    assert comes == {"serves", "starts", "sleeps"}
    assert {place.endpoint for place in known.every() if known.awake(place)} == {"serves"}
