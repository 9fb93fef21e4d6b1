"""Counts what happens to invocations, workload by workload, and sums it up for the control plane.

Counters keep adding up while the control plane is away, so nothing is lost and nothing grows with time.
"""

import struct
from array import array
from collections import Counter
from collections.abc import Mapping
from typing import Final

from stoker.decisions.percentiles import merged
from stoker.domain.ids import EndpointName, VariantName, WorkloadId
from stoker.link.messages import LatencySum, ModelsSeen, WorkloadCounts

_CLIENT_ERROR = 400
_SERVER_ERROR = 500

MOST_SPANS: Final = 512
"""Spans of a report that are kept, for how they are distributed; of more, these stand for all."""
_EXACT: Final = 32
"""So few spans of a report are told as they are."""
_SHIFT: Final = 46
"""Bits of a float64 that do not tell its class: six of its fraction do, so that a class is 1/64 of its octave wide at most, and
its middle within 0.8 % of all that is in it."""


class Latency:
    """A running sum of latencies, given in ns and kept for reports in µs, and a sample of them.

    Who adds to the sum by himself calls `sample` when `count` has come to `next_sample`.
    """

    __slots__ = ("_spans", "_stride", "count", "least", "most", "next_sample", "total")

    def __init__(self) -> None:
        self.count = self.total = self.least = self.most = 0
        self._spans: list[int] = []
        self._stride = self.next_sample = 1

    def add(self, span_ns: int) -> None:
        """Add one latency in ns."""
        if self.count == 0 or span_ns < self.least:
            self.least = span_ns
        if span_ns > self.most:
            self.most = span_ns
        self.count += 1
        self.total += span_ns
        if self.count >= self.next_sample:
            self.sample(span_ns)

    def sample(self, span_ns: int) -> None:
        """Keep this one for how they are distributed, and choose the next: at even distances some rhythm could be missed."""
        spans = self._spans
        spans.append(span_ns)
        if len(spans) >= MOST_SPANS:
            spans.sort()
            del spans[::2]
            self._stride *= 2
        self.next_sample = self.count + 1 + (span_ns % (2 * self._stride - 1) if self._stride > 1 else 0)

    def take(self) -> LatencySum:
        """Give the sum and begin anew."""
        if self.count == 0:
            return _NO_LATENCY
        taken = LatencySum(
            count=self.count,
            total_us=self.total / 1000,
            least_us=self.least / 1000,
            most_us=self.most / 1000,
            values=self._values(),
        )
        self._spans.clear()
        self._stride = 1 << max(0, (self.count // MOST_SPANS).bit_length() - 1)  # as if the next report were like this one
        self.next_sample = 1
        self.count = self.total = self.least = self.most = 0
        return taken

    def _values(self) -> tuple[tuple[float, float], ...]:
        """Give a few values in µs, each with how many spans it stands for."""
        share = self.count / len(self._spans)
        if len(self._spans) <= _EXACT:
            return tuple((span / 1000, n * share) for span, n in Counter(self._spans).items())
        self._spans.sort()
        self._spans[0], self._spans[-1] = self.least, self.most
        found: dict[float, float] = {}
        bits = memoryview(array("d", self._spans)).cast("B").cast("q")
        for each, n in Counter([each >> _SHIFT for each in bits]).items():
            value = min(max(_middle(each), self.least), self.most) / 1000
            found[value] = found.get(value, 0.0) + n * share
        return tuple(merged({}, found).items())


def _middle(name: int) -> float:
    """Give the value in the middle of a class."""
    (value,) = struct.unpack("d", struct.pack("q", (name << _SHIFT) | 1 << (_SHIFT - 1)))
    return float(value)


_NO_LATENCY = LatencySum()


class Models:
    """What copies with many models have told."""

    __slots__ = ("_spans", "hits", "least", "loaded", "most", "replies")

    def __init__(self) -> None:
        self.replies = self.hits = self.loaded = self.least = self.most = 0
        self._spans = {"wait": Latency(), "download": Latency(), "load": Latency(), "unload": Latency()}

    def told(self, parts: list[tuple[str, int]]) -> None:
        """Count one reply (see `stoker.gateway.many_models.told`); one that tells nothing counts for nothing."""
        loaded = dict(parts).get("loaded")
        if loaded is None:
            return
        self.least = min(self.least, loaded) if self.replies else loaded
        self.most = max(self.most, loaded)
        self.loaded += loaded
        self.replies += 1
        self.hits += not any(name == "wait" for name, _ in parts)
        for name, span_us in parts:
            if name in self._spans:
                self._spans[name].add(span_us * 1000)

    def take(self) -> ModelsSeen:
        """Give all of it."""
        return ModelsSeen(
            replies=self.replies,
            hits=self.hits,
            loaded=self.loaded,
            least_loaded=self.least,
            most_loaded=self.most,
            **{name: latency.take() for name, latency in self._spans.items()},
        )


class Stats:
    """The counters of one workload. `in_flight` and `begun` are live, the others are since the last report.

    `begun` is how many of those in flight have the head of their reply. `forgotten` ones are no longer reported: whoever counts
    asks the tracker for new ones. `waited`: some have been held since the last report that told that nobody is.
    """

    __slots__ = (
        "begun",
        "endpoint",
        "errors_4xx",
        "errors_5xx",
        "first_chunk",
        "forgotten",
        "in_flight",
        "invocations",
        "mid_stream_errors",
        "model",
        "model_errors",
        "models",
        "most_in_flight",
        "no_capacity",
        "overhead",
        "spilled",
        "variant",
        "waited",
        "workload",
    )

    def __init__(self, workload: WorkloadId, endpoint: EndpointName, variant: VariantName) -> None:
        self.workload = workload
        self.endpoint = endpoint
        self.variant = variant
        self.forgotten = False
        self.in_flight = self.most_in_flight = self.begun = 0
        self.waited = False
        self.invocations = self.errors_4xx = self.errors_5xx = self.model_errors = 0
        self.no_capacity = self.mid_stream_errors = self.spilled = 0
        self.model = Latency()
        self.overhead = Latency()
        self.first_chunk = Latency()
        self.models: Models | None = None

    def begin(self) -> None:
        """An invocation is handed to a copy."""
        self.in_flight += 1
        if self.in_flight > self.most_in_flight:
            self.most_in_flight = self.in_flight

    def end(self) -> None:
        """The last byte of its reply is out, or it came to nothing."""
        self.in_flight -= 1

    def replied(self, model_ns: int, overhead_ns: int) -> None:
        """Count a good reply: the time its model took, and all other time. This is `Latency.add` twice, and sooner."""
        latency = self.model
        if model_ns < latency.least or not latency.count:
            latency.least = model_ns
        if model_ns > latency.most:
            latency.most = model_ns
        latency.count += 1
        latency.total += model_ns
        if latency.count >= latency.next_sample:
            latency.sample(model_ns)
        latency = self.overhead
        if overhead_ns < latency.least or not latency.count:
            latency.least = overhead_ns
        if overhead_ns > latency.most:
            latency.most = overhead_ns
        latency.count += 1
        latency.total += overhead_ns
        if latency.count >= latency.next_sample:
            latency.sample(overhead_ns)

    def models_told(self, parts: list[tuple[str, int]]) -> None:
        """Count what a copy with many models tells of them."""
        if self.models is None:
            self.models = Models()
        self.models.told(parts)

    def model_replied(self, status: int) -> None:
        """Count a reply by its status; 0 stands for none, or a late one."""
        if _CLIENT_ERROR <= status < _SERVER_ERROR:
            self.errors_4xx += 1
            self.model_errors += 1
        elif not 200 <= status < 300:  # noqa: PLR2004 - HTTP's success class
            self.errors_5xx += 1
            self.model_errors += 1

    def take(self, held: int) -> WorkloadCounts | None:
        """Give the report and begin anew; None when there is nothing to tell."""
        if not (self.invocations or self.most_in_flight or self.no_capacity or self.model_errors or held or self.waited):
            return None
        self.waited = held > 0  # that nobody waits any more is news as well
        counts = WorkloadCounts(
            workload=self.workload,
            endpoint=self.endpoint,
            variant=self.variant,
            invocations=self.invocations,
            errors_4xx=self.errors_4xx,
            errors_5xx=self.errors_5xx,
            model_errors=self.model_errors,
            no_capacity=self.no_capacity,
            mid_stream_errors=self.mid_stream_errors,
            in_flight=self.in_flight,
            most_in_flight=self.most_in_flight,
            held=held,
            pending=held + self.in_flight - self.begun,
            spilled=self.spilled,
            model_latency=self.model.take(),
            overhead_latency=self.overhead.take(),
            first_chunk_latency=self.first_chunk.take(),
            models=None if self.models is None else self.models.take(),
        )
        self.models = None
        self.most_in_flight = self.in_flight
        self.invocations = self.errors_4xx = self.errors_5xx = self.model_errors = 0
        self.no_capacity = self.mid_stream_errors = self.spilled = 0
        return counts


class Tracker:
    """The counters of all workloads."""

    __slots__ = ("_stats",)

    def __init__(self) -> None:
        self._stats: dict[WorkloadId, Stats] = {}

    def stats(self, workload: WorkloadId, endpoint: EndpointName, variant: VariantName) -> Stats:
        """Give the counters of a workload, which remember the words its metrics are kept under."""
        stats = self._stats.get(workload)
        if stats is None:
            stats = self._stats[workload] = Stats(workload, endpoint, variant)
        elif stats.endpoint != endpoint or stats.variant != variant:
            stats.endpoint, stats.variant = endpoint, variant
        return stats

    @property
    def in_flight(self) -> int:
        """How many invocations are in flight now."""
        return sum(stats.in_flight for stats in self._stats.values())

    def in_flight_of(self, workload: WorkloadId) -> int:
        """Give how many invocations of one workload are in flight now."""
        stats = self._stats.get(workload)
        return 0 if stats is None else stats.in_flight

    def report(self, held: Mapping[WorkloadId, int]) -> tuple[WorkloadCounts, ...]:
        """Give what is new since the last report. `held` counts those that wait; workloads with nothing to tell are forgotten."""
        told = []
        quiet = []
        for workload, stats in self._stats.items():
            counts = stats.take(held.get(workload, 0))
            if counts is not None:
                told.append(counts)
            elif stats.in_flight == 0:
                quiet.append(workload)
        for workload in quiet:
            self._stats.pop(workload).forgotten = True
        return tuple(told)
