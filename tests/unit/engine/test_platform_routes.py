"""When gateways get another routing table: whatever they decide by must reach them as soon as it changes."""

from stoker.domain.ids import WorkloadId
from stoker.domain.scaling import Dimension, TargetKey
from stoker.engine.commands import RoutesChanged
from stoker.engine.events import TargetRemoved
from tests.unit.engine.world import World


def test_gateways_learn_at_once_whether_demand_may_wake_a_component() -> None:
    world = World()
    world.endpoint()
    world.component(copies=0)
    world.seconds(60)
    assert not world.platform.wakeable(WorkloadId("ic/ic"))
    assert RoutesChanged() in world.target()
    assert world.platform.wakeable(WorkloadId("ic/ic"))
    removed = world.handle(TargetRemoved(key=TargetKey("inference-component/ic", Dimension.COPIES)))
    assert RoutesChanged() in removed
    assert not world.platform.wakeable(WorkloadId("ic/ic"))
