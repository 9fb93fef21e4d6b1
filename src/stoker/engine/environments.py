"""Gives serverless variants as many environments as they have invocations, and takes back those that have been idle for long.

An environment is a copy on an instance of its own. Who follows asks here whenever invocations, copies or an environment's idle
time may say otherwise; what comes out is the number of instances that the variant is to have.
"""

from collections.abc import Iterator

from stoker.decisions.serverless import Idle, Seen, ServerlessOptions, scale
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import EndpointName, VariantName, WorkloadId
from stoker.domain.instances import Copy
from stoker.domain.scaling import Dimension, TargetKey
from stoker.domain.states import TAKING_INVOCATIONS, CopyState
from stoker.engine.clockwork import Clockwork
from stoker.engine.commands import SetCapacity
from stoker.engine.fleet import Fleet
from stoker.engine.loads import CopyLoads
from stoker.engine.metering import Metering
from stoker.units import Instant

_VARIANT = "variant/"


class Environments:
    """The serverless variants of the fleet. `busy` are the workloads that had invocations when they were asked last."""

    __slots__ = ("_began", "_fleet", "_loads", "_metering", "_options", "busy")

    def __init__(self, fleet: Fleet, metering: Metering, loads: CopyLoads, options: ServerlessOptions) -> None:
        self._fleet = fleet
        self._metering = metering
        self._loads = loads
        self._options = options
        self._began: Instant | None = None
        self.busy: dict[WorkloadId, None] = {}

    def serves(self, workload: WorkloadId) -> bool:
        """Whether invocations of the workload get environments by themselves."""
        return self._find(workload) is not None

    def ask(self, workload: WorkloadId, clockwork: Clockwork, now: Instant) -> Iterator[SetCapacity]:
        """Give the order for the environments that a workload is to have, if it is another than before.

        What is to be asked again later is set in `clockwork`, as `look` at the workload.
        """
        if self._began is None:
            self._began = now
        found = self._find(workload)
        if found is None:
            self.busy.pop(workload, None)
            clockwork.cancel("look", workload)
            return
        endpoint, state = found
        if state.serverless is None:
            return
        requests = self._metering.in_flight(workload) + self._metering.held(workload)
        if requests:
            self.busy[workload] = None
        else:
            self.busy.pop(workload, None)
        copies = [c for c in self._fleet.copies_of(workload, state.revision) if c.state is not CopyState.STOPPING]
        seen = self._seen(copies, requests, self._began)
        step = scale(state.serverless, seen, self._options, now)
        if step.look_again is None:
            clockwork.cancel("look", workload)
        else:
            clockwork.set("look", workload, max(step.look_again, now + 1))
        count = seen.environments + step.start - len(step.stop)
        if count != state.desired_instances:
            key = TargetKey(f"endpoint/{endpoint.name}/variant/{state.spec.name}", Dimension.INSTANCES)
            yield SetCapacity(key=key, capacity=count, cause=step.cause)

    def _seen(self, copies: list[Copy], requests: int, began: Instant) -> Seen:
        up = [copy for copy in copies if copy.state is CopyState.IN_SERVICE]
        idle = tuple(Idle(c.copy_id, self._idle_since(c, began)) for c in up if not self._loads.in_flight(c.copy_id))
        return Seen(requests=requests, busy=len(up) - len(idle), starting=len(copies) - len(up), idle=idle)

    def _idle_since(self, copy: Copy, began: Instant) -> Instant:
        """Give since when an environment is known to be idle: what was before this control plane began is not known."""
        ready = max((at for phase, at in copy.phases if phase == "ready"), default=copy.created)
        return max(ready, self._loads.worked_at(copy.copy_id), began)

    def _find(self, workload: WorkloadId) -> tuple[Endpoint, VariantState] | None:
        if not workload.startswith(_VARIANT):
            return None
        name, _, variant = workload.removeprefix(_VARIANT).partition("/")
        endpoint = self._fleet.endpoints.get(EndpointName(name))
        if endpoint is None or endpoint.status not in TAKING_INVOCATIONS:
            return None
        state = endpoint.variant(VariantName(variant))
        return None if state is None or state.serverless is None else (endpoint, state)
