"""What a simulation comes to: cost, waits, starts, in numbers that can be compared."""

from array import array
from itertools import chain
from typing import Final

import msgspec

from stoker.decisions.rounding import ceil_ratio
from stoker.sim.oracle import Bounds
from stoker.sim.world import World
from stoker.units import SECOND, Span, to_seconds

SLO_S: Final = (1.0, 10.0, 30.0)
CURVE: Final = 200


class WaitFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds between arrival and the beginning of service, over all invocations that were served."""

    mean_s: float
    p50_s: float
    p95_s: float
    p99_s: float
    most_s: float


class ModelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One model's part in it."""

    model: str
    requests: int
    copy_s: float
    mean_wait_s: float
    cold_share: float
    starts: int


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """Over time: (s, most demand), (s, mean copies paid for), (s, mean copies ready); the waits' (share, s) at even shares."""

    demand: list[tuple[float, int]]
    copies: list[tuple[float, float]]
    ready: list[tuple[float, float]]
    waits: list[tuple[float, float]]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One policy on one trace.

    `copy_s` are copy-seconds from start command to removal, `idle_s` those in which no slot was used for anything, `money` is
    `instance_s` at the price. `cold` were served by a copy that was not ready when they came, `met_nothing` came when no copy
    was ready at all (and would fail where nothing holds them). `slo_missed` is how many waited longer than 1, 10 and 30 s. A flap
    is a start within twice a start-up time of a stop. `oracle` is None when not asked for, `complete` False after Ctrl-C. A copy
    had so many `slots`.
    """

    policy: str
    trace: str
    models: int
    requests: int
    served: int
    refused: int
    unserved: int
    span_s: float
    copy_s: float
    idle_s: float
    instance_s: float
    money: float
    cold: int
    met_nothing: int
    wait: WaitFigures
    slo_missed: dict[str, int]
    starts: int
    flaps: int
    activities: int
    oracle: Bounds | None
    complete: bool
    by_model: list[ModelFigures]
    curves: Curves
    slots: int = 1

    @property
    def cold_share(self) -> float:
        """The share of served invocations that were cold."""
        return self.cold / self.served if self.served else 0.0

    @property
    def to_oracle(self) -> float | None:
        """Copy-seconds relative to the bound without waits."""
        return self.copy_s / self.oracle.zero_wait_s if self.oracle is not None and self.oracle.zero_wait_s else None


def outcome(world: World, policy: str, *, price: float, start_s: float, oracle: Bounds | None, complete: bool) -> Outcome:
    """Sum up a world that has come to its end. `price` is for an instance-hour, `start_s` the mean start-up time in seconds."""
    spans = array("q", chain.from_iterable(lane.waits.spans for lane in world.lanes))
    waits = sorted(spans)
    arrived, waiting = world.arrived, world.waiting
    refused = sum(lane.waits.refused for lane in world.lanes)
    served = arrived - waiting - refused
    copies = world.accounts.copies
    copy_s = to_seconds(sum(life.ended - life.started for life in copies))
    worked_s = sum(_worked_s(world, model) for model in range(len(world.lanes)))
    instance_s = to_seconds(sum(ended - started for started, ended in world.accounts.instances))
    return Outcome(
        policy=policy,
        trace=world.trace.name,
        models=len(world.lanes),
        requests=arrived,
        served=served,
        refused=refused,
        unserved=waiting,
        span_s=to_seconds(world.now),
        copy_s=copy_s,
        idle_s=copy_s - worked_s,
        instance_s=instance_s,
        money=instance_s / 3600 * price,
        cold=sum(lane.waits.cold for lane in world.lanes),
        met_nothing=sum(lane.waits.met_nothing for lane in world.lanes),
        wait=_figures(waits, served),
        slo_missed={f"{limit:g}": _beyond(waits, limit) for limit in SLO_S},
        starts=len(copies),
        flaps=_flaps(world, round(2 * start_s * SECOND)),
        activities=len({activity.activity_id for activity in world.activities}),
        oracle=oracle,
        complete=complete,
        by_model=_by_model(world),
        slots=world.slots,
        curves=Curves(
            demand=world.accounts.demand_curve(),
            copies=world.accounts.copies_curve(ready=False, until=world.now),
            ready=world.accounts.copies_curve(ready=True, until=world.now),
            waits=[(step / CURVE, to_seconds(_at(waits, served, step / CURVE))) for step in range(CURVE + 1)],
        ),
    )


def _at(waits: list[Span], served: int, share: float) -> Span:
    """Give the quantile over all served: those that did not wait are not in the list."""
    place = max(1, ceil_ratio(share * served, 1.0)) - 1 - (served - len(waits))
    return waits[place] if 0 <= place < len(waits) else 0


def _figures(waits: list[Span], served: int) -> WaitFigures:
    return WaitFigures(
        mean_s=to_seconds(sum(waits)) / served if served else 0.0,
        p50_s=to_seconds(_at(waits, served, 0.50)),
        p95_s=to_seconds(_at(waits, served, 0.95)),
        p99_s=to_seconds(_at(waits, served, 0.99)),
        most_s=to_seconds(waits[-1]) if waits else 0.0,
    )


def _beyond(waits: list[Span], limit_s: float) -> int:
    limit = round(limit_s * SECOND)
    return sum(1 for wait in waits if wait > limit)


def _worked_s(world: World, model: int) -> float:
    """Give the copy-seconds that a model's served invocations used up, each a slot's share of a copy."""
    lane, stream = world.lanes[model], world.trace.streams[model]
    never = lane.waits.refused_ns + sum(stream.services[index] for index in lane.queue)
    return to_seconds(sum(stream.services[: lane.next]) - never) / world.slots


def _flaps(world: World, within: Span) -> int:
    """Count starts soon after a stop of the same model."""
    last_stop: dict[int, int] = {}
    flaps = 0
    moments = [(life.started, 1, life.model) for life in world.accounts.copies]
    moments += [(life.ended, 0, life.model) for life in world.accounts.copies if life.ended < world.now]
    for at, starts, model in sorted(moments):
        if not starts:
            last_stop[model] = at
        elif at - last_stop.get(model, at - within - 1) <= within:
            flaps += 1
    return flaps


def _by_model(world: World) -> list[ModelFigures]:
    copy_ns = [0] * len(world.lanes)
    starts = [0] * len(world.lanes)
    for life in world.accounts.copies:
        copy_ns[life.model] += life.ended - life.started
        starts[life.model] += 1
    figures: list[ModelFigures] = []
    for model, (lane, stream) in enumerate(zip(world.lanes, world.trace.streams, strict=True)):
        served = lane.handed
        figures.append(
            ModelFigures(
                model=stream.model,
                requests=lane.next,
                copy_s=to_seconds(copy_ns[model]),
                mean_wait_s=to_seconds(sum(lane.waits.spans)) / served if served else 0.0,
                cold_share=lane.waits.cold / served if served else 0.0,
                starts=starts[model],
            )
        )
    return figures
