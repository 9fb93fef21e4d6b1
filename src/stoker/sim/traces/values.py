"""A trace as the simulator takes it: for each model, when invocations arrive and how long each keeps a slot of a copy."""

from array import array
from itertools import pairwise
from typing import Final

from stoker.errors import InvalidParameterError
from stoker.units import SECOND, Instant

FOREVER: Final = 1 << 62
"""Later than anything; every stream's arrivals end with it."""

MONDAY: Final[Instant] = 1_704_067_200 * SECOND
"""Where a trace begins that does not say when it was taken: Monday 2024-01-01T00:00:00Z."""

MAX_REQUESTS: Final = 100_000_000
"""Requests of one trace: 1.6 GB of arrivals and service times."""

MAX_MODELS: Final = 10_000


class Stream:
    """One model's invocations: ascending arrivals in ns from the trace's begin, a FOREVER after them, and service times in ns."""

    __slots__ = ("arrivals", "model", "services")

    def __init__(self, model: str, arrivals: "array[int]", services: "array[int]") -> None:
        self.model = model
        self.arrivals = arrivals
        self.services = services

    def __len__(self) -> int:
        return len(self.services)


class Trace:
    """Streams by model. `begin` is the instant their times count from, `span` when the trace ends, in ns from the begin."""

    __slots__ = ("begin", "name", "span", "streams")

    def __init__(self, name: str, streams: tuple[Stream, ...], *, begin: Instant = MONDAY) -> None:
        self.name = name
        self.begin = begin
        self.streams = streams
        self.span = max((s.arrivals[-2] for s in streams), default=0)

    @property
    def requests(self) -> int:
        """How many invocations there are."""
        return sum(map(len, self.streams))


class Collector:
    """Gathers requests in any order and makes a trace of them."""

    __slots__ = ("_requests", "_rows")

    def __init__(self) -> None:
        self._rows: dict[str, tuple[array[int], array[int]]] = {}
        self._requests = 0

    def add(self, model: str, at: Instant, service: int) -> None:
        """Add a request; raises `InvalidParameterError` for one too many."""
        columns = self._rows.get(model)
        if columns is None:
            if len(self._rows) >= MAX_MODELS:
                raise InvalidParameterError(f"The trace has more than {MAX_MODELS} models.", field="--trace")
            columns = self._rows[model] = (array("q"), array("q"))
        self._requests += 1
        if self._requests > MAX_REQUESTS:
            raise InvalidParameterError(f"The trace has more than {MAX_REQUESTS} requests.", field="--trace")
        columns[0].append(at)
        columns[1].append(service)

    def trace(self, name: str, *, absolute: bool = False) -> Trace:
        """Give the trace. `absolute` says that arrivals are instants: it begins with the first one then."""
        if not self._rows:
            raise InvalidParameterError(f"{name} has no requests.", field="--trace")
        first = min(min(arrivals) for arrivals, _ in self._rows.values())
        shift = first if absolute or first < 0 else 0
        streams = tuple(_stream(model, *columns, shift) for model, columns in sorted(self._rows.items()))
        return Trace(name, streams, begin=first if absolute else MONDAY)


def _stream(model: str, arrivals: "array[int]", services: "array[int]", shift: int) -> Stream:
    if any(earlier > later for earlier, later in pairwise(arrivals)):
        order = sorted(range(len(arrivals)), key=arrivals.__getitem__)
        arrivals = array("q", (arrivals[i] for i in order))
        services = array("q", (services[i] for i in order))
    if shift:
        arrivals = array("q", (at - shift for at in arrivals))
    arrivals.append(FOREVER)
    return Stream(model, arrivals, services)
