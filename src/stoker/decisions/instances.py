"""How many instances a variant is to have, and which it may give back.

Managed instance scaling adds the fewest instances that take the copies which found no room, up to the maximum, and releases
an instance that has had no copy for the idle time, down to the minimum (AWS's walk to zero: ten minutes after the last copy).
"""

from collections.abc import Callable, Sequence

import msgspec

from stoker.domain.endpoints import ManagedInstanceScaling
from stoker.domain.instances import Instance
from stoker.domain.states import InstanceState
from stoker.units import Instant, Span


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Instances to give back now, and when the next one may become due."""

    now: tuple[Instance, ...]
    next_due: Instant | None


def to_launch(have: int, needed: int, scaling: ManagedInstanceScaling) -> int:
    """Give how many instances to add to `have` living ones so that `needed` more fit, within the bounds."""
    wanted = max(have + needed, scaling.least)
    return max(0, min(wanted, scaling.most) - have)


def idle(instances: Sequence[Instance], scaling: ManagedInstanceScaling, usual: Span, now: Instant) -> Release:
    """Give the instances whose idle time (`usual`, or the variant's own) is over, oldest emptiness first, but for the least."""
    idle_release = usual if scaling.release is None else scaling.release
    alive = [i for i in instances if i.state is not InstanceState.TERMINATING]
    empty = sorted(
        (i for i in alive if i.empty_since is not None and i.state is InstanceState.IN_SERVICE),
        key=lambda i: (i.empty_since or 0, i.instance_id),
    )[: max(0, len(alive) - scaling.least)]
    due = tuple(i for i in empty if (i.empty_since or 0) + idle_release <= now)
    later = [(i.empty_since or 0) + idle_release for i in empty if i not in due]
    return Release(now=due, next_due=min(later, default=None))


def surplus(instances: Sequence[Instance], desired: int, copies_on: Callable[[Instance], int]) -> tuple[Instance, ...]:
    """Give the instances beyond `desired`: those not up yet first, then those with the fewest copies, then the youngest."""
    alive = [i for i in instances if i.state is not InstanceState.TERMINATING]
    if len(alive) <= desired:
        return ()
    order = sorted(alive, key=lambda i: (i.state is InstanceState.IN_SERVICE, copies_on(i), -i.created, i.instance_id))
    return tuple(order[: len(alive) - desired])
