"""Which instances to empty onto the others, so that fewer are needed.

Every step leaves fewer instances with copies, and nothing spreads copies that have a place: so it comes to an end.
SPREAD evens the moved copies out over the instances that remain, BINPACK fills those up; nothing is booked twice.
"""

from collections.abc import Mapping, Sequence

import msgspec

from stoker.decisions.placement import Bin, Waiting, place
from stoker.domain.ids import CopyId, InstanceId

MOST_TRIED = 32
"""Instances looked at in one go, those with the fewest copies first: it bounds the time on fleets of hundreds."""


class Consolidated(msgspec.Struct, frozen=True, kw_only=True):
    """Instances to empty, and where each of their copies goes."""

    emptied: tuple[InstanceId, ...] = ()
    moves: tuple[tuple[CopyId, InstanceId], ...] = ()


def consolidate(bins: Sequence[Bin], residents: Mapping[InstanceId, Sequence[Waiting]], most: int) -> Consolidated:
    """Choose up to `most` instances whose copies all fit on others that have copies already.

    `bins` are the instances as they are booked now, `residents` the copies of each. An instance that takes copies in is not
    emptied in the same go, and one without copies takes none: it goes by itself.
    """
    left = {b.instance_id: b.twin() for b in bins if residents.get(b.instance_id)}
    emptied: list[InstanceId] = []
    moves: list[tuple[CopyId, InstanceId]] = []
    taken: set[InstanceId] = set()
    for candidate in sorted(left, key=lambda i: (len(residents[i]), -left[i].memory_mb, i))[:MOST_TRIED]:
        if len(emptied) >= most:
            break
        if candidate in taken:
            continue
        others = [b for instance_id, b in left.items() if instance_id != candidate]
        found = place(residents[candidate], others)
        if found.unplaced:
            continue
        crowd = {item.copy_id: item for item in residents[candidate]}
        for copy_id, instance_id in found.placed:
            left[instance_id].add(crowd[copy_id].workload, crowd[copy_id].need)
        del left[candidate]
        emptied.append(candidate)
        moves.extend(found.placed)
        taken.update(instance_id for _, instance_id in found.placed)
    return Consolidated(emptied=tuple(emptied), moves=tuple(moves))
