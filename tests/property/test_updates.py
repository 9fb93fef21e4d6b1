"""Updates under random plans and faults: what serves never gets less by them, and each comes to its end or back."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stoker.decisions.rollout import last_back, last_step, part, reached, shares
from stoker.domain.deployments import BlueGreen, CapacitySize, Plan, Rolling, Rollout, Shift, SizeKind, Stage
from stoker.domain.ids import EndpointName
from stoker.domain.states import EndpointStatus
from stoker.engine.commands import Command
from stoker.engine.events import InstanceGone
from stoker.units import SECOND
from tests.unit.engine.world import World, check_restored, check_settled

OWN = "variant/e/v"
waits = st.integers(0, 30).map(lambda s: s * SECOND)
counted = st.builds(CapacitySize, kind=st.just(SizeKind.INSTANCE_COUNT), value=st.integers(1, 4))
percent = st.builds(CapacitySize, kind=st.just(SizeKind.CAPACITY_PERCENT), value=st.integers(5, 50))
sizes = counted | percent
stepped = st.builds(BlueGreen, shift=st.sampled_from([Shift.CANARY, Shift.LINEAR]), size=sizes, wait=waits, keep=waits)
blue_green = st.builds(BlueGreen, wait=waits, keep=waits) | stepped
rolling = st.builds(Rolling, batch=sizes, wait=waits, back=st.none() | sizes)
plans: st.SearchStrategy[Plan] = blue_green | rolling


@given(plan=plans, current=st.integers(1, 40), other=st.integers(1, 40))
def test_every_step_keeps_what_was_promised(plan: Plan, current: int, other: int) -> None:
    last = last_step(plan, other)
    floor = min(current, other)
    before = 0
    for step in range(last + 1):
        taken = reached(plan, other, step)
        assert before <= taken <= other
        before = taken
        for stage in (Stage.CREATING, Stage.BAKING, Stage.SHRINKING, Stage.RETURNING):
            rollout = Rollout(plan=plan, begun=0, since=0, stage=stage, step=step)
            if isinstance(plan, BlueGreen) and (
                stage in {Stage.SHRINKING, Stage.RETURNING} or (step and stage is Stage.CREATING)
            ):
                continue
            backs = range(last_back(rollout, current, other) + 1) if stage is Stage.RETURNING else range(1)
            for back in backs:
                told = shares(Rollout(plan=plan, begun=0, since=0, stage=stage, step=step, back=back), current, other, last)
                assert told.current_traffic <= told.current <= current
                assert told.other_traffic <= told.other <= other
                assert told.current_traffic + told.other_traffic >= floor
                if isinstance(plan, Rolling) and current == other:
                    surge = part(plan.back, current) if stage is Stage.RETURNING else part(plan.batch, other)
                    assert told.current + told.other <= current + surge
    assert before == other


class Watched(World):
    """A world that notes how few copies were in traffic at any time."""

    def __init__(self, instances: int) -> None:
        super().__init__()
        self.provision, self.load, self.stop = 3 * SECOND, 2 * SECOND, SECOND
        self.endpoint(managed=None, instances=instances, model=True)
        self.seconds(10)
        self.least = self.serving(OWN)

    def _do(self, commands: list[Command]) -> list[Command]:
        out = super()._do(commands)
        self.least = min(getattr(self, "least", 0), self.serving(OWN))
        return out


FEW = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@FEW
@given(
    plan=plans,
    old=st.integers(1, 4),
    new=st.integers(1, 4),
    bad_at=st.none() | st.integers(0, 60),
    restart_at=st.none() | st.integers(0, 60),
)
def test_an_update_never_serves_with_less(plan: Plan, old: int, new: int, bad_at: int | None, restart_at: int | None) -> None:
    """The new version may stop coming up at any time, and the control plane may die: neither costs a copy in service."""
    world = Watched(old)
    world.update(plan, instances=new)
    for second in range(61):
        if second == bad_at:
            world.bad_images["stoker/python:2"] = "It exited with code 1."
        if second == restart_at:
            world.restart()
        world.seconds(1)
    world.seconds(600)
    assert world.least >= min(old, new)
    endpoint = world.platform.fleet.endpoints[EndpointName("e")]
    assert (endpoint.status, endpoint.update) == (EndpointStatus.IN_SERVICE, None)
    assert world.serving(OWN) == endpoint.variants[0].desired_instances == (old if endpoint.undone else new)
    check_settled(world.platform)
    check_restored(world)


def befall(world: Watched, fault: str, pick: int) -> None:
    """Let something happen to the world, to the thing of its kind that is picked."""
    copies = [c for c in world.copies(OWN) if c.copy_id in world.held]
    instances = list(world.platform.fleet.instances)
    if fault == "restart":
        world.restart()
    elif fault == "bad":
        world.bad_images["stoker/python:2"] = "It exited with code 1."
    elif fault == "good":
        world.bad_images.clear()
    elif fault == "lose" and instances:
        lost = instances[pick % len(instances)]
        world.machines.discard(lost)
        world.handle(InstanceGone(instance_id=lost, reason="lost"))
    elif fault in {"crash", "sicken"} and copies:
        copy = copies[pick % len(copies)]
        world.crash(copy) if fault == "crash" else world.sicken(copy)


FAULTS = ["crash", "sicken", "lose", "restart", "bad", "good"]


@FEW
@given(
    plan=plans,
    faults=st.lists(st.tuples(st.sampled_from(FAULTS), st.integers(0, 9)), max_size=8),
)
def test_an_update_comes_to_an_end_whatever_happens(plan: Plan, faults: list[tuple[str, int]]) -> None:
    world = Watched(3)
    world.update(plan, instances=3)
    for fault, pick in faults:
        world.seconds(pick * 2)
        befall(world, fault, pick)
        check_restored(world)
    world.bad_images.clear()
    world.seconds(900)
    check_settled(world.platform)
    assert world.platform.fleet.versions.updating == {}
    for name in list(world.platform.fleet.endpoints):
        world.delete_endpoint(name)
    world.seconds(100)
    assert (world.held, world.machines, world.disk) == ({}, set(), {})
    reconciler = world.platform.reconciler
    assert (reconciler.blocked, reconciler.restarts, reconciler.relaunch_after) == ({}, {}, {})
