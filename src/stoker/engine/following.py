"""Lets workloads follow demand by a policy of `stoker.decisions.policies`: who does, what each sees, and when it is asked.

Event-driven: what changes demand, copies or bounds marks the workload, and at the end of the same turn its policy is asked.
Orders go out through the scaling ledger, so that they are activities like those of AWS's policies, which a component with a
scalable target follows instead. A component follows once it has come up, and not while its owner has set it to zero copies.
"""

from collections.abc import Container as Membership
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from stoker.decisions.policies.chosen import Chosen
from stoker.decisions.policies.follower import UNKNOWN_START, Follower, Seen, Wish
from stoker.decisions.policies.rule import NONE, Rule, read_rule
from stoker.decisions.scaling.combine import Candidate
from stoker.decisions.scaling.wake import forsaken
from stoker.decisions.slots import slots_of
from stoker.domain.components import InferenceComponent
from stoker.domain.ids import ComponentName, WorkloadId
from stoker.domain.scaling import Dimension, Direction, TargetKey
from stoker.domain.states import ComponentStatus, CopyState
from stoker.engine.clockwork import Clockwork
from stoker.engine.commands import Command
from stoker.engine.environments import Environments
from stoker.engine.events import DemandSeen, TrafficSeen
from stoker.engine.fleet import Fleet
from stoker.engine.learned import Learned
from stoker.engine.metering import Metering
from stoker.engine.scaling_ledger import Capacity, CapacityView, Ledger
from stoker.engine.starts import Starts
from stoker.engine.traffic import WorkloadCounts
from stoker.engine.utilising import Utilising
from stoker.errors import InvalidParameterError
from stoker.units import Instant, Span


class FollowingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`default_policy` is what components follow that may go to zero and bring no policy of their own; `none` for nothing.

    Gateways tell how long invocations took in real time; the platform's clock is `speed` times as fast.
    """

    default_policy: str = NONE
    speed: float = 1.0


class _Load(msgspec.Struct, frozen=True, kw_only=True):
    """The demand that a policy was last asked with."""

    in_flight: int = 0
    held: int = 0
    answering: int = 0


class _Following:
    """A workload that follows: its rule and of which tags it was made, its policy, and what that was last asked with.

    While it is `forsaken` nobody has waited for so long for what starts, and the policy is not heeded.
    """

    __slots__ = (
        "capacity",
        "component_tags",
        "endpoint_tags",
        "follower",
        "forsaken",
        "learned",
        "load",
        "peak",
        "rule",
        "slots",
    )

    def __init__(self, rule: Rule, component: InferenceComponent, endpoint_tags: Mapping[str, str]) -> None:
        self.rule = rule
        self.component_tags = component.tags
        self.endpoint_tags = endpoint_tags
        self.slots = slots_of(component.container.environment)
        self.follower: Follower | None = None
        self.load = _Load()
        self.peak = 0
        self.capacity: Capacity | None = None
        self.forsaken: Span | None = None
        self.learned = Learned()

    def wish(self, policy: Chosen, seen: Seen) -> Wish:
        """Give what its policy wants now."""
        if self.follower is None:
            self.follower = policy.follower()
        wish = self.follower.want(seen)
        if self.forsaken is not None:
            if seen.active or seen.ready:
                self.forsaken = None
            else:
                return Wish(desired=seen.least, cause=forsaken(self.forsaken))
        return wish


class Following:
    """All workloads that follow demand by a policy."""

    __slots__ = (
        "_busy",
        "_clockwork",
        "_environments",
        "_fleet",
        "_followed",
        "_ledger",
        "_marked",
        "_metering",
        "_options",
        "_starts",
        "_targets",
        "_utilising",
        "_view",
    )

    def __init__(
        self,
        *,
        view: CapacityView,
        fleet: Fleet,
        metering: Metering,
        ledger: Ledger,
        targets: Membership[TargetKey],
        starts: Starts,
        utilising: Utilising,
        environments: Environments,
        options: FollowingOptions,
    ) -> None:
        self._environments = environments
        self._view = view
        self._targets = targets
        self._fleet = fleet
        self._metering = metering
        self._ledger = ledger
        self._starts = starts
        self._utilising = utilising
        self._options = options
        self._clockwork = Clockwork()
        self._followed: dict[WorkloadId, _Following] = {}
        self._busy: dict[WorkloadId, None] = {}
        self._marked: dict[WorkloadId, None] = {}

    def policy(self, workload: WorkloadId) -> str | None:
        """Give the text of the policy that a workload follows now; None when it follows none."""
        if self._environments.serves(workload):
            return _ENVIRONMENTS
        following = self._resolve(workload) if workload.startswith(_COMPONENT) else None
        return None if following is None or following.rule.policy is None else following.rule.policy.text

    def least(self, workload: WorkloadId) -> int | None:
        """Give the fewest copies that the policy of a component may leave it; None when it follows none."""
        following = self._resolve(workload) if workload.startswith(_COMPONENT) else None
        if following is None or following.rule.policy is None:
            return None
        return following.rule.bounds(self._fleet.components[_name(workload)].asked_copies or 0)[0]

    def mark(self, workload: WorkloadId) -> None:
        """Have a workload's policy asked at the end of the turn if its copies or its bounds have changed."""
        self._marked[workload] = None

    def restart(self, workload: WorkloadId) -> None:
        """Begin anew: its owner set the count, and what the policy remembers is of before."""
        self._rest(workload)
        self.mark(workload)

    def forsake(self, workload: WorkloadId, linger: Span) -> bool:
        """Have a start called off that demand asked for, and nobody has waited for of late; False when none is to be."""
        following = self._resolve(workload) if workload.startswith(_COMPONENT) else None
        capacity = self._view.capacity(_target(workload))
        if following is None or following.rule.policy is None or following.rule.policy.finishes_starts or capacity is None:
            return False
        least, _ = following.rule.bounds(self._fleet.components[_name(workload)].asked_copies or 0)
        if capacity.desired <= least:
            return False
        following.forsaken, following.capacity = linger, None
        self.mark(workload)
        return True

    def demand(self, event: DemandSeen) -> None:
        """Take in that invocations wait; the metering has taken it in before."""
        waiting = max(event.waiting, self._metering.held(event.workload))
        self._peak(event.workload, self._metering.in_flight(event.workload) + waiting)

    def traffic(self, event: TrafficSeen) -> None:
        """Take in a gateway's report; the metering has taken it in before."""
        for counts in event.counts:
            self._learn(counts)
            self._peak(counts.workload, self._most(counts) + self._metering.held(counts.workload))
        self.traffic_gone()

    def _learn(self, counts: WorkloadCounts) -> None:
        """Learn what invocations of a workload take."""
        following = self._followed.get(counts.workload)
        if following is not None:
            following.learned.take(counts, self._options.speed)

    def _most(self, counts: WorkloadCounts) -> int:
        """Give the most that copies worked on at once in the span of a gateway's report, and those that found none."""
        refused = 1 if counts.no_capacity else 0
        component = self._fleet.components.get(_name(counts.workload))
        if component is not None and component.asleep:
            return refused  # all else ran before, or runs out on copies that leave
        elsewhere = self._metering.in_flight(counts.workload) - counts.in_flight
        return max(0, elsewhere) + max(counts.most_in_flight, counts.in_flight, refused)

    def traffic_gone(self) -> None:
        """Ask those again whose demand is not what it was, because a gateway went or had nothing more to tell of them."""
        for workload in self._busy:
            if self._followed[workload].load != self._load(workload):
                self._marked[workload] = None
        self._marked.update(self._environments.busy)

    def used(self, workloads: Iterable[WorkloadId]) -> None:
        """Ask those again that go by how busy copies are, now that it has been measured."""
        for workload in workloads:
            following = self._followed.get(workload)
            if following is not None and following.rule.policy is not None and following.rule.policy.by_utilisation:
                following.capacity = None
                self._marked[workload] = None

    def next_deadline(self) -> Instant | None:
        """Give when a policy wants to look again."""
        return self._clockwork.next()

    def tick(self, now: Instant) -> None:
        """Have those policies asked that wanted to look again by now."""
        for _, key in self._clockwork.due(now):
            workload = WorkloadId(key)
            if workload in self._followed:
                self._followed[workload].capacity = None
            self._marked[workload] = None

    def step(self, now: Instant) -> Iterator[Command]:
        """Ask all that are marked; each command must be carried out before the next is asked for, and may mark more."""
        if self._fleet.removed:
            yield from self._sweep(now)
        while self._marked:
            workload = next(iter(self._marked))
            del self._marked[workload]
            yield from self._ask(workload, now)

    def _sweep(self, now: Instant) -> Iterator[Command]:
        """Forget what is gone."""
        gone = [workload for workload in self._fleet.removed if self._fleet.workload(workload) is None]
        self._fleet.removed.clear()
        for workload in gone:
            if workload in self._followed:
                self._rest(workload)
                del self._followed[workload]
                if _target(workload) not in self._targets:
                    yield from self._ledger.forget(_target(workload), now)
            yield from self._starts.forget(workload)

    def _peak(self, workload: WorkloadId, most: int) -> None:
        if not workload.startswith(_COMPONENT):
            if most:
                self._marked[workload] = None
            return
        following = self._followed.get(workload) or self._resolve(workload)
        if following is None or following.rule.policy is None:
            return
        load = self._load(workload)
        if following.load != load or most != load.in_flight + load.held:
            following.peak = max(following.peak, most)
            following.load = _UNKNOWN
            self._marked[workload] = None

    def _load(self, workload: WorkloadId) -> _Load:
        metering = self._metering
        return _Load(in_flight=metering.in_flight(workload), held=metering.held(workload), answering=metering.answering(workload))

    def _ask(self, workload: WorkloadId, now: Instant) -> Iterator[Command]:
        if not workload.startswith(_COMPONENT):
            yield from self._environments.ask(workload, self._clockwork, now)
            return
        following = self._resolve(workload)
        key = _target(workload)
        capacity = self._view.capacity(key)
        if capacity is not None and key not in self._targets:
            yield from self._ledger.observed(key, now)
        if following is None or capacity is None or following.rule.policy is None:
            self._rest(workload)
            return
        load = self._load(workload)
        if following.capacity == capacity and following.load == load:
            return
        seen = self._see(workload, following, capacity, load, now)
        following.capacity, following.load, following.peak = capacity, load, 0
        if load.in_flight or load.held:
            self._busy[workload] = None
        else:
            self._busy.pop(workload, None)
        wish = following.wish(following.rule.policy, seen)
        if wish.look_again is None:
            self._clockwork.cancel("look", workload)
        else:
            self._clockwork.set("look", workload, max(wish.look_again, now + 1))
        if wish.desired != capacity.desired:
            yield from self._ledger.begin(key, _candidate(following.rule.policy.name, seen, wish), now)

    def _see(self, workload: WorkloadId, following: _Following, capacity: Capacity, load: _Load, now: Instant) -> Seen:
        component = self._fleet.components[_name(workload)]
        least, most = following.rule.bounds(component.asked_copies or 0)
        if component.asleep:  # only who waits now wakes it
            least, load = 0, msgspec.structs.replace(load, in_flight=0)
        coming = [copy for copy in self._fleet.copies_of(workload) if copy.state in _COMING]
        accelerated = component.requirements.accelerators > 0
        return Seen(
            now=now,
            in_flight=load.in_flight,
            held=load.held,
            peak=max(following.peak, load.in_flight + load.held),
            ready=capacity.current,
            starting=len(coming),
            desired=capacity.desired,
            least=least,
            most=most,
            slots=following.slots,
            usage=self._utilising.usage(workload, accelerated=accelerated),
            accelerated=accelerated,
            answering=load.answering,
            start_time=self._starts.typical(workload) or UNKNOWN_START,
            service_time=following.learned.service,
            came=following.learned.came,
        )

    def _resolve(self, workload: WorkloadId) -> _Following | None:
        """Give how a workload follows; None when it does not now."""
        component = self._fleet.components.get(_name(workload))
        if component is None or component.paused or _target(workload) in self._targets or not _up(component):
            return None
        endpoint = self._fleet.endpoints.get(component.endpoint)
        state = None if endpoint is None else endpoint.variant(component.variant)
        if endpoint is None or state is None:
            return None
        following = self._followed.get(workload)
        if following is None or following.component_tags is not component.tags or following.endpoint_tags is not endpoint.tags:
            managed = state.spec.managed
            to_zero = managed is not None and managed.enabled and managed.least == 0
            rule = _rule(component.tags, endpoint.tags, self._options.default_policy if to_zero else NONE)
            self._rest(workload)
            following = self._followed[workload] = _Following(rule, component, endpoint.tags)
        return following

    def _rest(self, workload: WorkloadId) -> None:
        """Let a workload's policy go; one that follows again begins anew."""
        self._clockwork.cancel("look", workload)
        self._busy.pop(workload, None)
        following = self._followed.get(workload)
        if following is not None:
            following.follower = following.capacity = following.forsaken = None
            following.load = _UNKNOWN


_COMPONENT = "ic/"
_ENVIRONMENTS = "serverless"
_COMING = {CopyState.PENDING, CopyState.STARTING}
_UNKNOWN = _Load(in_flight=-1)


def _up(component: InferenceComponent) -> bool:
    if component.status is ComponentStatus.CREATING:
        return component.ever_ready  # until then it has to show that it can come up at all
    return component.status not in {ComponentStatus.FAILED, ComponentStatus.DELETING}


def _rule(tags: Mapping[str, str], endpoint_tags: Mapping[str, str], default: str) -> Rule:
    try:
        return read_rule(tags, endpoint_tags, default)
    except InvalidParameterError:  # tags of a time when they meant nothing
        return Rule()


def _name(workload: WorkloadId) -> ComponentName:
    return ComponentName(workload.removeprefix(_COMPONENT))


def _target(workload: WorkloadId) -> TargetKey:
    return TargetKey(f"inference-component/{_name(workload)}", Dimension.COPIES)


def _candidate(policy: str, seen: Seen, wish: Wish) -> Candidate:
    return Candidate(
        policy="",
        direction=Direction.OUT if wish.desired > seen.desired else Direction.IN,
        capacity=wish.desired,
        cause=f"policy {policy}: {wish.cause}",
        details=f"{seen.desired} were desired, {seen.least} to {seen.most} are allowed",
        cooldown=0,
    )
