"""A table that is changed bit by bit is the one that is given whole: in the gateway, and where newcomers get theirs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.domain.ids import ComponentName, CopyId, EndpointName, VariantName, WorkloadId
from stoker.gateway.face import Invocation
from stoker.gateway.routes import Routes
from stoker.link.messages import (
    Address,
    ComponentRoute,
    CopyRoute,
    EndpointRoute,
    RoutingChange,
    RoutingTable,
    VariantRoute,
    WorkloadRoute,
)
from stoker.link.tables import Table

VARIANT = VariantName("v")


def _workload(name: str, copies: list[int], port: int) -> WorkloadRoute:
    routes = tuple(CopyRoute(copy_id=CopyId(f"{name}-{number}"), address=Address(port=port)) for number in sorted(set(copies)))
    return WorkloadRoute(workload=WorkloadId(f"ic/{name}"), copies=routes, desired=len(routes))


def _endpoint(name: str, components: list[str]) -> EndpointRoute:
    routes = tuple(
        ComponentRoute(name=ComponentName(each), variant=VARIANT, workload=WorkloadId(f"ic/{each}"))
        for each in sorted(set(components))
    )
    return EndpointRoute(name=EndpointName(name), variants=(VariantRoute(name=VARIANT),), components=routes)


COMPONENTS = st.sampled_from("abcd")
TABLES = st.builds(
    lambda workloads, endpoints: (
        {w.workload: w for w in workloads if any(c.workload == w.workload for e in endpoints for c in e.components)},
        {e.name: e for e in endpoints},
    ),
    st.lists(st.builds(_workload, COMPONENTS, st.lists(st.integers(0, 3), max_size=3), st.integers(1, 2)), max_size=4),
    st.lists(st.builds(_endpoint, st.sampled_from("xy"), st.lists(COMPONENTS, max_size=3)), max_size=2),
)
Parts = tuple[dict[WorkloadId, WorkloadRoute], dict[EndpointName, EndpointRoute]]


def whole(parts: Parts, version: int) -> RoutingTable:
    return RoutingTable(version=version, endpoints=tuple(parts[1].values()), workloads=tuple(parts[0].values()))


def between(before: Parts, after: Parts, since: int) -> RoutingChange:
    """Give the change from one to the other. An endpoint is told of again when a workload of its comes or goes."""
    others = before[0].keys() ^ after[0].keys()
    return RoutingChange(
        since=since,
        version=since + 1,
        endpoints=tuple(
            route
            for name, route in after[1].items()
            if before[1].get(name) != route or others & {component.workload for component in route.components}
        ),
        workloads=tuple(route for name, route in after[0].items() if before[0].get(name) != route),
        gone_endpoints=tuple(before[1].keys() - after[1].keys()),
        gone_workloads=tuple(before[0].keys() - after[0].keys()),
    )


def picture(routes: Routes) -> object:
    """Give all that a gateway knows of a table, and which of the parts are the same ones."""
    workloads = {w.route.workload: w for w in routes.workloads()}
    targets = [
        (endpoint, component, target.workload.route, target.workload is workloads.get(target.workload.route.workload))
        for endpoint in "xy"
        for component in "abcd"
        for target in routes.candidates(Invocation(endpoint=endpoint, component=component))
    ]
    copies = {name: [(copy.copy_id, copy.route) for copy in w.copies] for name, w in workloads.items()}
    return routes.version, {name: w.route for name, w in workloads.items()}, copies, targets, set(routes.routed())


@given(st.lists(TABLES, min_size=1, max_size=6))
@settings(max_examples=150)
def test_changes_come_to_the_same_as_whole_tables(tables: list[Parts]) -> None:
    left: tuple[list[CopyId], list[CopyId]] = [], []
    changed, replaced = Routes(left[0].append), Routes(left[1].append)
    table = Table()
    before: Parts = {}, {}
    for version, parts in enumerate(tables, 1):
        change = between(before, parts, version - 1)
        kept = {copy.copy_id: copy for workload in changed.workloads() for copy in workload.copies}
        gone = [w.route.workload for w in changed.change(change)]
        assert sorted(gone) == sorted(w.route.workload for w in replaced.replace(whole(parts, version)))
        assert picture(changed) == picture(replaced)
        assert sorted(left[0]) == sorted(left[1])
        for workload in changed.workloads():
            for copy in workload.copies:  # with its connections and its counts
                assert kept.get(copy.copy_id, copy) is copy or kept[copy.copy_id].route != copy.route
        table.apply(change)
        assert sorted(table.whole().workloads, key=str) == sorted(parts[0].values(), key=str)
        assert sorted(table.whole().endpoints, key=str) == sorted(parts[1].values(), key=str)
        assert table.copies == set(changed.routed())
        before = parts
