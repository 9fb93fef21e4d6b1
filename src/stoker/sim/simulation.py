"""Runs a trace through policies, and tells how far it is."""

from collections.abc import Callable
from typing import Final

import msgspec

from stoker.sim.arrangement import Policy
from stoker.sim.oracle import Bounds, bounds
from stoker.sim.outcome import Outcome, outcome
from stoker.sim.traces.values import Trace
from stoker.sim.world import World, WorldOptions
from stoker.units import DAY, SECOND, Span

STEPS: Final = 400
"""Times that progress is told."""

PATIENCE: Final[Span] = DAY
"""How long after the last arrival those who wait may still be served; after that they count as unserved."""

Progress = Callable[[int], None]
"""Is told how many invocations have come so far."""


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What an instance-hour costs, in any currency."""

    instance_hour: float = 1.0


def simulate(
    trace: Trace,
    policy: Policy,
    options: WorldOptions,
    *,
    prices: Prices = Prices(),  # noqa: B008 - frozen
    oracle: Bounds | None = None,
    progress: Progress = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Run a policy over a whole trace and give what it came to.

    `oracle` is what `oracle_of` gave, None leaves it out. `stopped` is asked now and then; once it says so, what was done by then
    is given, marked incomplete.
    """
    world = World(trace, policy, options)
    step = max(SECOND, trace.span // STEPS)
    at, complete = 0, True
    while at < trace.span and complete:
        at = min(trace.span, at + step)
        world.run(at)
        progress(world.arrived)
        complete = not stopped()
    if complete:
        complete = world.serve_rest(PATIENCE, stopped)
    world.close()
    return outcome(
        world,
        policy.text,
        price=prices.instance_hour,
        start_s=options.start.mean_s,
        oracle=oracle if complete else None,
        complete=complete,
    )


def oracle_of(trace: Trace, options: WorldOptions) -> Bounds:
    """Give the bounds of a trace for copies as the options say."""
    others = {model: start.paid_s for model, start in options.starts.items()}
    return bounds(trace, options.slots, options.start.paid_s, others)
