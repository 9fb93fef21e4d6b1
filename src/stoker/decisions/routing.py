"""Which variant takes an invocation, and which of its copies.

The order is AWS's: a named variant, else a weighted random one, then the variant's routing strategy among the copies that
are in service. Whether there is a copy at all is `stoker.decisions.admission`'s question.
"""

from collections.abc import Sequence

from stoker.domain.states import RoutingStrategy
from stoker.units import Rng


def choose_weighted(weights: Sequence[float], rng: Rng) -> int:
    """Give an index with the chance weight / sum of weights; when all weights are zero every index is as likely.

    Raises `ValueError` for no weights at all.
    """
    if not weights:
        raise ValueError("weights")
    if len(weights) == 1:
        return 0
    total = sum(weights)
    if total <= 0:
        return rng.randrange(len(weights))
    point = rng.random() * total
    last = 0
    for index, weight in enumerate(weights):
        if weight <= 0:
            continue
        point -= weight
        if point < 0:
            return index
        last = index
    return last  # rounding left a crumb above zero: 0.1 + 0.2 is more than 0.3


def choose_copy(strategy: RoutingStrategy, outstanding: Sequence[int], rng: Rng) -> int:
    """Give the index of the copy that takes the next invocation, `outstanding` being those in flight on each.

    `RANDOM` looks at no load. `LEAST_OUTSTANDING_REQUESTS` takes the least loaded, ties by lot: always taking the first would
    send every gateway's traffic to the same copy. Raises `ValueError` for no copies.
    """
    count = len(outstanding)
    if count == 0:
        raise ValueError("outstanding")
    if count == 1:
        return 0
    if strategy is RoutingStrategy.RANDOM:
        return rng.randrange(count)
    least = min(outstanding)
    ties = outstanding.count(least)
    skip = rng.randrange(ties) if ties > 1 else 0
    index = outstanding.index(least)
    while skip:
        index = outstanding.index(least, index + 1)
        skip -= 1
    return index
