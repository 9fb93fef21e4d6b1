import pytest

from stoker.decisions.instances import idle, surplus, to_launch
from stoker.domain.endpoints import ManagedInstanceScaling
from stoker.domain.ids import EndpointName, InstanceId, VariantName
from stoker.domain.instances import Instance, InstanceShape
from stoker.domain.states import InstanceState
from stoker.units import SECOND

WAIT = 600 * SECOND


def instance(
    name: str, *, empty: int | None = None, state: InstanceState = InstanceState.IN_SERVICE, created: int = 0
) -> Instance:
    return Instance(
        instance_id=InstanceId(name),
        endpoint=EndpointName("e"),
        variant=VariantName("v"),
        instance_type="t",
        shape=InstanceShape(cpus=1.0, memory_mb=1),
        state=state,
        created=created,
        empty_since=None if empty is None else empty * SECOND,
    )


@pytest.mark.parametrize(
    ("have", "needed", "bounds", "expected"),
    [
        pytest.param(0, 0, (0, 2), 0, id="nothing wanted"),
        pytest.param(0, 1, (0, 2), 1, id="as many as needed"),
        pytest.param(1, 5, (0, 2), 1, id="up to the maximum"),
        pytest.param(0, 0, (2, 3), 2, id="at least the minimum"),
        pytest.param(3, 1, (0, 2), 0, id="already beyond the maximum"),
    ],
)
def test_instances_to_launch(have: int, needed: int, bounds: tuple[int, int], expected: int) -> None:
    assert to_launch(have, needed, ManagedInstanceScaling(least=bounds[0], most=bounds[1])) == expected


def test_instances_go_when_their_idle_time_is_over_and_the_next_is_named() -> None:
    there = [instance("a", empty=5), instance("b", empty=0), instance("c")]
    release = idle(there, ManagedInstanceScaling(least=0, most=9), WAIT, WAIT)
    assert ([i.instance_id for i in release.now], release.next_due) == (["b"], 5 * SECOND + WAIT)
    release = idle(there, ManagedInstanceScaling(least=0, most=9), WAIT, WAIT + 5 * SECOND)
    assert ([i.instance_id for i in release.now], release.next_due) == (["b", "a"], None)


def test_the_minimum_stays_and_those_on_their_way_count() -> None:
    there = [
        instance("a", empty=0),
        instance("b", empty=1),
        instance("p", empty=0, state=InstanceState.PENDING),
        instance("t", empty=0, state=InstanceState.TERMINATING),
    ]
    release = idle(there, ManagedInstanceScaling(least=2, most=9), WAIT, 2 * WAIT)
    assert ([i.instance_id for i in release.now], release.next_due) == (["a"], None)
    assert idle(there, ManagedInstanceScaling(least=3, most=9), WAIT, 2 * WAIT).now == ()


def test_surplus_is_what_is_not_up_then_what_has_fewest_copies_then_the_youngest() -> None:
    there = [
        instance("full"),
        instance("light"),
        instance("old", created=1),
        instance("young", created=2),
        instance("pending", state=InstanceState.PENDING),
        instance("leaving", state=InstanceState.TERMINATING),
    ]

    def copies(one: Instance) -> int:
        return {"full": 3, "light": 1}.get(one.instance_id, 0)

    assert [i.instance_id for i in surplus(there, 0, copies)] == ["pending", "young", "old", "light", "full"]
    assert [i.instance_id for i in surplus(there, 3, copies)] == ["pending", "young"]
    assert surplus(there, 9, copies) == ()


def test_a_variant_may_have_an_idle_time_of_its_own() -> None:
    there = [instance("a", empty=0), instance("b", empty=5)]
    release = idle(there, ManagedInstanceScaling(least=0, most=9, release=2 * SECOND), WAIT, 3 * SECOND)
    assert ([i.instance_id for i in release.now], release.next_due) == (["a"], 7 * SECOND)
