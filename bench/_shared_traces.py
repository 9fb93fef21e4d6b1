"""The traces that policies are judged on, from a folder beside the repository; what is not there is told and left out."""

import csv
import gzip
import math
import random
from pathlib import Path

from stoker.sim.traces.expanding import Window, window_arrivals
from stoker.sim.traces.reading import read_trace
from stoker.sim.traces.service import ServiceModel, TokenLaw
from stoker.sim.traces.values import FOREVER, Collector, Stream, Trace
from stoker.units import DAY, Span, seconds

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "traces"
CLIENTS = (300, 20_000)
"""Requests that a client must have to be among those that are drawn: less tells nothing, more would be all that is seen."""
LEAST = ("tweets_CRM", "tweets_CVS", "tweets_PFE")
"""The three least series of counts: an invocation every few minutes."""
TOO_MANY = "nyc_taxi"
"""The series with 156 million, which would be all that is seen."""


def there(name: str) -> Path | None:
    """Give the file of that name, None (and a word about it) when it is not there."""
    path = FOLDER / name
    if path.exists():
        return path
    print(f"{path} is not there: left out.")
    return None


def servegen(*, seed: int, clients: int, days: float, sparse: tuple[int, int] | None = None) -> Trace | None:
    """Give so many clients' requests of the first days: tokens drawn between the client's own quantiles.

    With `sparse` the clients are drawn of those that have at least and at most so many requests in these days.
    """
    windows, tokens = there("servegen_client_windows.csv.gz"), there("servegen_client_tokens.csv.gz")
    if windows is None or tokens is None:
        return None
    chance = random.Random(seed)
    until_s = days * 86_400
    by_client: dict[str, list[Window]] = {}
    with gzip.open(windows, "rt") as lines:
        for row in csv.DictReader(lines):
            window = Window(row["client"], float(row["t"]), float(row["rate"]), row["dist"], float(row["p1"]), windows.name)
            by_client.setdefault(window.client, []).append(window)
    with gzip.open(tokens, "rt") as lines:
        lengths = {row["client"]: row for row in csv.DictReader(lines) if row["in_p50"] and row["out_p50"]}
    least, most = sparse or CLIENTS
    last_s = until_s if sparse else math.inf
    counts = {c: sum(round(window.rate * 600) for window in each if window.t < last_s) for c, each in by_client.items()}
    fitting = sorted(c for c, count in counts.items() if least <= count <= most and c in lengths)
    collected = Collector()
    law = TokenLaw()
    for client in chance.sample(fitting, min(clients, len(fitting))):
        shown = lengths[client]
        for window in by_client[client]:
            if window.t >= until_s:
                continue
            for at_s in window_arrivals(window, chance):
                read = _length(shown["in_p50"], shown["in_p95"], chance)
                written = _length(shown["out_p50"], shown["out_p95"], chance)
                collected.add(client, seconds(at_s), seconds(law.service_s(read, written)))
    return collected.trace(f"ServeGen, {clients} clients, {days:g} days (seed {seed})")


def _length(p50: str, p95: str, chance: random.Random) -> float:
    """Draw a length with a long tail through a median and a 95th percentile: log-normal, whose 95th lies 1.645 deviations up."""
    middle, high = max(1.0, float(p50)), max(1.0, float(p95))
    return middle * math.exp(math.log(max(1.0, high / middle)) * chance.gauss(0.0, 1.0) / 1.645)


def requests(name: str, shown: str) -> Trace | None:
    """Give a trace of single requests with tokens."""
    path = there(name)
    if path is None:
        return None
    chance = random.Random(0)
    trace = read_trace(path, ServiceModel("", chance), chance)
    return Trace(shown, trace.streams, begin=trace.begin)


def own(path: Path) -> Trace:
    """Give the trace in a file of the user's."""
    chance = random.Random(0)
    trace = read_trace(path, ServiceModel("", chance), chance)
    return Trace(path.name, trace.streams, begin=trace.begin)


def counted(*, days: float, service_s: float, least: bool = False) -> Trace | None:
    """Give the first days of the series of counts, of all but the taxis or of the `least`.

    Each is a model, each request takes the same time.
    """
    path = there("nab_counts.csv.gz")
    if path is None:
        return None
    chance = random.Random(0)
    service = ServiceModel(f"fixed:{service_s}", chance)
    trace = read_trace(path, service, chance, wanted=lambda series: series in LEAST if least else series != TOO_MANY)
    return _first(trace, round(days * DAY), f"NAB counts, {len(trace.streams)} series, {days:g} days")


def _first(trace: Trace, until: Span, name: str) -> Trace:
    streams = []
    for stream in trace.streams:
        count = sum(1 for at in stream.arrivals if at < until)
        arrivals = stream.arrivals[:count]
        arrivals.append(FOREVER)
        streams.append(Stream(stream.model, arrivals, stream.services[:count]))
    return Trace(name, tuple(streams), begin=trace.begin)
