"""What is remembered of metrics, and how samples become datapoints.

Samples below one minute are kept at their resolution for 3 hours, then folded into minutes, which are kept for 15 days, then
into five minutes for 63 days and hours for 455 (CloudWatch's retention, "Metrics retention" in its guide). Memory is bounded
thrice: by the number of metrics, of buckets, and of values that percentiles are worked out of; what is oldest goes first. Nothing
here decides about alarms or capacity.
"""

from collections.abc import Iterator
from typing import NamedTuple

from stoker.decisions.percentiles import Distribution, merged, parse_statistic, statistic_of
from stoker.decisions.rings import Bucket as Bucket
from stoker.decisions.rings import StatisticSet as StatisticSet
from stoker.decisions.rings import Track, average
from stoker.domain.alarms import Datapoint, MetricKey, Statistic
from stoker.units import DAY, HOUR, MINUTE, Instant, Span

FINE_RETENTION: Span = 3 * HOUR
"""How long buckets shorter than a minute are kept."""
MINUTE_RETENTION: Span = 15 * DAY
"""How long buckets of a minute are kept."""
FIVE_MINUTES: Span = 5 * MINUTE
FIVE_MINUTE_RETENTION: Span = 63 * DAY
HOUR_RETENTION: Span = 455 * DAY
"""How long what is folded together is kept."""
SLACK: Span = 10 * MINUTE
"""How far a track may outgrow its retention before it is cut: cutting seldom makes it O(1) for each bucket."""

_COARSER: dict[Span, tuple[Span, Span | None]] = {
    MINUTE: (MINUTE_RETENTION, FIVE_MINUTES),
    FIVE_MINUTES: (FIVE_MINUTE_RETENTION, HOUR),
    HOUR: (HOUR_RETENTION, None),
}
"""Of buckets of a minute and more: how long they are kept, and what they are folded into then."""

MAX_SERIES = 50_000
"""Metrics in all: a few of each component that has capacity, and users' own. One takes about 1 KB besides its buckets."""
MAX_BUCKETS = 2_000_000
"""80 MB of buckets."""
MAX_VALUES = 500_000
"""Values kept for percentiles, all buckets together: about 60 MB."""


class _Series:
    """Everything of one metric: a track for each unit and resolution it came with, and coarser ones for what was folded.

    `spreads` has the distributions of buckets by track and start, where they are known and not of one value only. One that is
    `gone` is no longer in the book.
    """

    __slots__ = ("gone", "newest", "spreads", "tracks")

    def __init__(self) -> None:
        self.gone = False
        self.newest: Instant = -1
        self.tracks: dict[tuple[str, Span], Track] = {}
        self.spreads: dict[tuple[str, Span], dict[Instant, Distribution]] = {}

    def select(self, unit: str, period: Span) -> list[Track]:
        """Give the tracks that a query of this unit (`""`: any) and period reads."""
        return [
            track
            for (its_unit, resolution), track in self.tracks.items()
            if len(track) and (not unit or its_unit == unit) and (resolution < MINUTE or period % resolution == 0)
        ]

    def distribution(self, track: tuple[str, Span], bucket: Bucket) -> Distribution | None:
        """Give how a bucket's samples are distributed; None when only their sum was told."""
        if bucket.least == bucket.most:
            return {bucket.least: bucket.samples}
        spread = self.spreads.get(track, {}).get(bucket.start)
        return spread if spread is not None and abs(sum(spread.values()) - bucket.samples) < bucket.samples / 1e6 else None


class MetricBook:
    """The metrics the platform and its users published. Changes as they record; never reads a clock."""

    __slots__ = ("_buckets", "_max_buckets", "_max_series", "_series", "_values")

    def __init__(self, *, max_series: int = MAX_SERIES, max_buckets: int = MAX_BUCKETS) -> None:
        self._series: dict[MetricKey, _Series] = {}
        self._buckets = 0
        self._values = 0
        self._max_series = max(1, max_series)
        self._max_buckets = max(8, max_buckets)

    def __len__(self) -> int:
        return len(self._series)

    @property
    def buckets(self) -> int:
        """How many buckets are held, all metrics together."""
        return self._buckets

    def record(  # noqa: PLR0917 - as all callers have them
        self,
        key: MetricKey,
        at: Instant,
        samples: StatisticSet,
        resolution: Span = MINUTE,
        unit: str = "",
        values: Distribution | None = None,
    ) -> None:
        """Add samples of a metric at an instant; `resolution` (ns) is the storage resolution, a minute when it is longer.

        Samples may come late. A set of no samples (`count` 0) makes the period one with a zero, unless it has samples. `values`
        tells how the samples are distributed, for percentiles.
        """
        self.writer(key, resolution, unit).add(at, samples, values)

    def writer(self, key: MetricKey, resolution: Span = MINUTE, unit: str = "") -> "Writer":
        """Give what records samples of a metric as `record` does, for those who do so again and again."""
        return Writer(self, key, min(resolution, MINUTE), unit)

    def place(self, key: MetricKey, resolution: Span, unit: str) -> tuple[_Series, Track]:
        """Give where samples of a metric go, for its writers."""
        series = self._series.get(key)
        if series is None:
            series = self._open(key)
        return series, self._track(series, unit, resolution)

    def opened(self, series: _Series, unit: str, track: Track) -> None:
        """Take the news that a writer has begun another bucket of a track."""
        self._buckets += 1
        self._trim(series, unit, track)

    def spread(self, series: _Series, unit: str, track: Track, at: Instant, values: Distribution) -> None:
        """Note how samples are distributed that a writer is about to add."""
        self._spread(series, (unit, track.period), track.at(at), values)

    def datapoints(
        self,
        key: MetricKey,
        statistic: Statistic,
        period: Span,
        start: Instant,
        end: Instant,
        *,
        unit: str = "",
        anchor: Instant = 0,
        extended: str = "",
    ) -> list[Datapoint]:
        """Give a value for each period with data, ascending: periods that begin in [start, end), `start` rounded down to one.

        Periods are counted from `anchor` (the epoch), so that a sliding window may end on any instant. `unit` `""` takes
        all units together. Periods below a minute see only samples of that resolution, younger than 3 hours; longer ones only
        what was not folded into longer ones yet, or into such as divide them. `extended` stands in the place of `statistic` if it
        is not empty; of periods with samples of which only the sum was told it has no value.
        """
        series = self._series.get(key)
        if series is None:
            return []
        first, last = _bounds(period, start, end, anchor)
        if extended:
            return _extended(series, unit, extended, _Periods(period, first, last, anchor))
        tracks = series.select(unit, period)
        if len(tracks) == 1 and tracks[0].period == period and anchor % period == 0:
            return tracks[0].values(statistic, first, last)
        return [
            Datapoint(start=bucket.start, value=_value(bucket, statistic), count=bucket.samples)
            for bucket in _merged(tracks, period, first, last, anchor)
        ]

    def statistics(
        self, key: MetricKey, period: Span, start: Instant, end: Instant, *, unit: str = "", anchor: Instant = 0
    ) -> list[Bucket]:
        """Give the whole statistic set of each period with data, for callers of several statistics; else as `datapoints`."""
        series = self._series.get(key)
        if series is None:
            return []
        first, last = _bounds(period, start, end, anchor)
        return _merged(series.select(unit, period), period, first, last, anchor)

    def units(self, key: MetricKey) -> list[str]:
        """Give the units that a metric came with, sorted; `""` is none."""
        series = self._series.get(key)
        return [] if series is None else sorted({unit for unit, _ in series.tracks})

    def last_seen(self, key: MetricKey) -> Instant | None:
        """Give the instant of the youngest sample of a metric."""
        series = self._series.get(key)
        return None if series is None else series.newest

    def keys(
        self,
        *,
        namespace: str = "",
        name: str = "",
        dimensions: tuple[tuple[str, str | None], ...] = (),
        active_since: Instant | None = None,
    ) -> list[MetricKey]:
        """Give the metrics that match, sorted; `""` is any, a dimension's value None is any, all given ones must be there."""
        return sorted(
            key
            for key, series in self._series.items()
            if (not namespace or key.namespace == namespace)
            and (not name or key.name == name)
            and (active_since is None or series.newest >= active_since)
            and all(_has(key, wanted, value) for wanted, value in dimensions)
        )

    def forget(self, key: MetricKey) -> None:
        """Forget a metric; one that is not there is no error."""
        series = self._series.pop(key, None)
        if series is not None:
            series.gone = True
            self._buckets -= sum(map(len, series.tracks.values()))
            self._values -= sum(len(spread) for spreads in series.spreads.values() for spread in spreads.values())

    def _open(self, key: MetricKey) -> _Series:
        if len(self._series) >= self._max_series:
            oldest_first = sorted(self._series, key=lambda each: self._series[each].newest)
            for stale in oldest_first[: max(1, self._max_series // 16)]:
                self.forget(stale)
        series = self._series[key] = _Series()
        return series

    def _track(self, series: _Series, unit: str, resolution: Span) -> Track:
        track = series.tracks.get((unit, resolution))
        if track is None:
            track = series.tracks[unit, resolution] = Track(resolution)
        return track

    def _trim(self, series: _Series, unit: str, track: Track) -> None:
        oldest = track.oldest
        keep, coarser = (FINE_RETENTION, MINUTE) if track.period < MINUTE else _COARSER[track.period]
        if oldest is not None and oldest < series.newest - keep - SLACK:
            cut = series.newest - keep
            old = track.pop_before(cut - cut % (coarser or track.period))
            self._buckets -= len(old)
            known = [(bucket, series.distribution((unit, track.period), bucket)) for bucket in old]
            self._forget_spreads(series, (unit, track.period), [bucket.start for bucket in old])
            if coarser is not None:
                self._fold(series, unit, self._track(series, unit, coarser), known)
        if self._buckets > self._max_buckets:
            self._shrink()

    def _fold(self, series: _Series, unit: str, coarse: Track, known: list[tuple[Bucket, Distribution | None]]) -> None:
        """Put buckets into a track of longer ones."""
        for bucket, spread in known:
            if spread is not None:
                self._spread(series, (unit, coarse.period), coarse.at(bucket.start), spread)
            self._buckets += coarse.add(*bucket)
        self._trim(series, unit, coarse)

    def _spread(self, series: _Series, track: tuple[str, Span], bucket: Bucket, values: Distribution) -> None:
        """Note how samples are distributed that are about to be added to a bucket (of no samples: to a new one)."""
        before = series.distribution(track, bucket) if bucket.samples > 0 else {}
        if before is None:
            return
        spreads = series.spreads.setdefault(track, {})
        self._values -= len(spreads.get(bucket.start, ()))
        spread = merged(before, values)
        if len(spread) > 1:
            spreads[bucket.start] = spread
            self._values += len(spread)
        if self._values > MAX_VALUES:
            for key in self._series.values():
                for its_track, its_spreads in key.spreads.items():
                    self._forget_spreads(key, its_track, sorted(its_spreads)[: -(-len(its_spreads) // 8)])

    def _forget_spreads(self, series: _Series, track: tuple[str, Span], starts: list[Instant]) -> None:
        spreads = series.spreads.get(track)
        if spreads:
            for start in starts:
                self._values -= len(spreads.pop(start, ()))

    def _shrink(self) -> None:
        """Drop the oldest eighth of every track, and metrics that are empty then."""
        for key, series in list(self._series.items()):
            for name, track in series.tracks.items():
                part = -(-len(track) // 8)
                track.drop(part)
                self._buckets -= part
                self._forget_spreads(series, name, [at for at in series.spreads.get(name, ()) if at < (track.oldest or at + 1)])
            if not any(map(len, series.tracks.values())):
                self.forget(key)

    def __iter__(self) -> Iterator[MetricKey]:
        return iter(self._series)


_NOWHERE = (_Series(), Track(MINUTE))
_NOWHERE[0].gone = True


class Writer:
    """Records samples of one metric, resolution and unit: it knows their place, and finds it anew when the book has forgotten it.

    A metric is in the book from its first sample on.
    """

    __slots__ = ("_book", "_key", "_resolution", "_series", "_track", "_unit")

    def __init__(self, book: MetricBook, key: MetricKey, resolution: Span, unit: str) -> None:
        self._book = book
        self._key = key
        self._resolution = resolution
        self._unit = unit
        self._series, self._track = _NOWHERE

    def add(self, at: Instant, samples: StatisticSet, values: Distribution | None = None) -> None:
        """Add samples at an instant, as `MetricBook.record` does."""
        if self._series.gone:
            self._series, self._track = self._book.place(self._key, self._resolution, self._unit)
        series, track = self._series, self._track
        if at > series.newest:
            series.newest = at
        if values is not None:
            self._book.spread(series, self._unit, track, at, values)
        if track.add(at, samples.count, samples.total, samples.least, samples.most):
            self._book.opened(series, self._unit, track)


class _Periods(NamedTuple):
    """Periods that begin in [first, last), counted from `anchor`."""

    length: Span
    first: Instant
    last: Instant
    anchor: Instant


def _extended(series: _Series, unit: str, extended: str, periods: _Periods) -> list[Datapoint]:
    """Give an extended statistic of each period all of whose samples are known."""
    statistic = parse_statistic(extended)
    found: dict[Instant, Distribution | None] = {}
    for name, track in series.tracks.items():
        if track not in series.select(unit, periods.length):
            continue
        for bucket in track.between(periods.first, periods.last):
            if bucket.samples <= 0:
                continue
            begin = bucket.start - (bucket.start - periods.anchor) % periods.length
            before, spread = found.get(begin, {}), series.distribution(name, bucket)
            found[begin] = None if before is None or spread is None else merged(before, spread)
    points: list[Datapoint] = []
    for begin in sorted(found):
        spread = found[begin]
        value = None if spread is None else statistic_of(statistic, spread)
        if spread is not None and value is not None:
            points.append(Datapoint(start=begin, value=value, count=sum(spread.values())))
    return points


def _bounds(period: Span, start: Instant, end: Instant, anchor: Instant) -> tuple[Instant, Instant]:
    return start - (start - anchor) % period, end + (anchor - end) % period


def _merged(tracks: list[Track], period: Span, first: Instant, last: Instant, anchor: Instant) -> list[Bucket]:
    """Put the buckets of all tracks into periods."""
    merged: dict[Instant, Bucket] = {}
    for track in tracks:
        for bucket in track.between(first, last):
            start, count, total, least, most = bucket
            begin = start - (start - anchor) % period
            found = merged.get(begin)
            if found is None or found.samples <= 0:
                merged[begin] = Bucket(begin, count, total, least, most)
            elif count > 0:
                merged[begin] = Bucket(
                    begin,
                    found.samples + count,
                    found.total + total,
                    min(found.least, least),
                    max(found.most, most),
                )
    return [merged[begin] for begin in sorted(merged)]


def _value(bucket: Bucket, statistic: Statistic) -> float:
    match statistic:
        case Statistic.MAXIMUM:
            return bucket.most
        case Statistic.SUM:
            return bucket.total
        case Statistic.AVERAGE:
            return average(bucket.total, bucket.samples)
        case Statistic.MINIMUM:
            return bucket.least
        case Statistic.SAMPLE_COUNT:
            return bucket.samples


def _has(key: MetricKey, name: str, value: str | None) -> bool:
    return any(its_name == name and value in {None, its_value} for its_name, its_value in key.dimensions)
