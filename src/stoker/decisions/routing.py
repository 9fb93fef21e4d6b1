"""Which variant takes an invocation, and which of its copies.

The order is AWS's: a named variant, else a weighted random one, then the variant's routing strategy among the copies that
are in service. Whether there is a copy at all is `stoker.decisions.admission`'s question.
"""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

from stoker.decisions.slots import slots_of
from stoker.domain.models import Container
from stoker.domain.states import RoutingStrategy
from stoker.units import Rng

CONCURRENCY: Final = "STOKER_COPY_CONCURRENCY"
"""The variable in a container's environment that says how many invocations a copy works on at once."""
MAX_CONCURRENCY: Final = 1024
SPILL: Final = 4
_MIX: Final = 2_654_435_761
_WORD: Final = 0xFFFFFFFF
_OWN_SERVER: Final = "stoker/python"


def concurrency(container: Container) -> int:
    """Give how many invocations a copy works on at once, 0 when it does not say.

    The built-in model server says so by its workers. Other servers may batch, or queue better than anybody outside could, so they
    get all that comes unless the environment sets a bound.
    """
    text = container.environment.get(CONCURRENCY, "")
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_CONCURRENCY)):
        return min(MAX_CONCURRENCY, int(text))
    if container.multi_model:
        return 0  # each of its models has slots of its own
    own = container.image == _OWN_SERVER or container.image.startswith(f"{_OWN_SERVER}:")
    return slots_of(container.environment) if own else 0


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


def choose_by_name(name: bytes, seeds: Sequence[int], outstanding: Sequence[int]) -> int:
    """Give the index of the copy that takes an invocation of one of many models, which all choosers find alike.

    So a model is loaded on few copies: on the one whose seed and the name together make most, and on the next one while that one
    has more than `SPILL` invocations above twice the mean outstanding. Raises `ValueError` for no copies.
    """
    if not seeds:
        raise ValueError("seeds")
    most = SPILL + 2 * sum(outstanding) / len(outstanding)
    # A CRC alone would put the copies in the same order, or its reverse, for half of all names.
    ranks = [crc32(name, seed) * _MIX & _WORD for seed in seeds]
    return max(range(len(seeds)), key=lambda index: (outstanding[index] <= most, ranks[index]))


def choose_copy(strategy: RoutingStrategy, outstanding: Sequence[int], rng: Rng) -> int:
    """Give the index of the copy that takes the next invocation, `outstanding` being those in flight on each.

    `RANDOM` looks at no load. `LEAST_OUTSTANDING_REQUESTS` takes the least loaded, ties by lot: always taking the first would
    send every gateway's traffic to the same copy. Raises `ValueError` for no copies.

    Looking at every copy is worth it: with the better of two by lot, answers take 1.4 times as long in the mean with 8 copies,
    1.5 times with 32 (85% load, exponential service times, two gateways that each know their own counts only).
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
