"""What is remembered of metrics, and how samples become datapoints.

Samples below one minute are kept at their resolution for 3 hours, then folded into minutes, which are kept for 15 days (the
first two of CloudWatch's retention steps). Memory is bounded twice: by the number of metrics and by the number of buckets;
what is oldest goes first. Nothing here decides about alarms or capacity.
"""

from collections.abc import Iterator

from stoker.decisions.rings import Bucket as Bucket
from stoker.decisions.rings import StatisticSet as StatisticSet
from stoker.decisions.rings import Track, average
from stoker.domain.alarms import Datapoint, MetricKey, Statistic
from stoker.units import DAY, HOUR, MINUTE, Instant, Span

FINE_RETENTION: Span = 3 * HOUR
"""How long buckets shorter than a minute are kept."""
MINUTE_RETENTION: Span = 15 * DAY
"""How long buckets of a minute are kept."""
SLACK: Span = 10 * MINUTE
"""How far a track may outgrow its retention before it is cut: cutting seldom makes it O(1) for each bucket."""

MAX_SERIES = 10_000
MAX_BUCKETS = 2_000_000
"""80 MB of buckets."""


class _Series:
    """Everything of one metric: a track for each unit and resolution it came with, and minutes for what was folded."""

    __slots__ = ("newest", "tracks")

    def __init__(self) -> None:
        self.newest: Instant = -1
        self.tracks: dict[tuple[str, Span], Track] = {}

    def select(self, unit: str, period: Span) -> list[Track]:
        """Give the tracks that a query of this unit (`""`: any) and period reads."""
        return [
            track
            for (its_unit, resolution), track in self.tracks.items()
            if len(track) and (not unit or its_unit == unit) and (period >= MINUTE or resolution < MINUTE)
        ]


class MetricBook:
    """The metrics the platform and its users published. Changes as they record; never reads a clock."""

    __slots__ = ("_buckets", "_max_buckets", "_max_series", "_series")

    def __init__(self, *, max_series: int = MAX_SERIES, max_buckets: int = MAX_BUCKETS) -> None:
        self._series: dict[MetricKey, _Series] = {}
        self._buckets = 0
        self._max_series = max(1, max_series)
        self._max_buckets = max(8, max_buckets)

    def __len__(self) -> int:
        return len(self._series)

    @property
    def buckets(self) -> int:
        """How many buckets are held, all metrics together."""
        return self._buckets

    def record(self, key: MetricKey, at: Instant, samples: StatisticSet, resolution: Span = MINUTE, unit: str = "") -> None:
        """Add samples of a metric at an instant; `resolution` (ns) is the storage resolution, a minute when it is longer.

        Samples may come late. A set of no samples (`count` 0) makes the period one with a zero, unless it has samples.
        """
        series = self._series.get(key)
        if series is None:
            series = self._open(key)
        if at > series.newest:
            series.newest = at
        track = series.tracks.get((unit, resolution))
        if track is None:
            track = self._track(series, unit, resolution)
        if track.add(at, samples.count, samples.total, samples.least, samples.most):
            self._buckets += 1
            self._trim(series, unit, track)

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
    ) -> list[Datapoint]:
        """Give a value for each period with data, ascending: periods that begin in [start, end), `start` rounded down to one.

        Periods are counted from `anchor` (the epoch), so that a sliding window may end on any instant. `unit` `""` takes
        all units together. Periods below a minute see only samples of that resolution, younger than 3 hours.
        """
        series = self._series.get(key)
        if series is None:
            return []
        first, last = _bounds(period, start, end, anchor)
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
            self._buckets -= sum(map(len, series.tracks.values()))

    def _open(self, key: MetricKey) -> _Series:
        if len(self._series) >= self._max_series:
            oldest_first = sorted(self._series, key=lambda each: self._series[each].newest)
            for stale in oldest_first[: max(1, self._max_series // 16)]:
                self.forget(stale)
        series = self._series[key] = _Series()
        return series

    def _track(self, series: _Series, unit: str, resolution: Span) -> Track:
        resolution = min(resolution, MINUTE)
        track = series.tracks.get((unit, resolution))
        if track is None:
            track = series.tracks[unit, resolution] = Track(resolution)
        return track

    def _trim(self, series: _Series, unit: str, track: Track) -> None:
        oldest = track.oldest
        keep = FINE_RETENTION if track.period < MINUTE else MINUTE_RETENTION
        if oldest is not None and oldest < series.newest - keep - SLACK:
            cut = series.newest - keep
            old = track.pop_before(cut - cut % MINUTE)
            self._buckets -= len(old)
            if track.period < MINUTE:
                minutes = self._track(series, unit, MINUTE)
                for bucket in old:
                    self._buckets += minutes.add(*bucket)
                self._trim(series, unit, minutes)
        if self._buckets > self._max_buckets:
            self._shrink()

    def _shrink(self) -> None:
        """Drop the oldest eighth of every track, and metrics that are empty then."""
        for key, series in list(self._series.items()):
            for track in series.tracks.values():
                part = -(-len(track) // 8)
                track.drop(part)
                self._buckets -= part
            if not any(map(len, series.tracks.values())):
                self.forget(key)

    def __iter__(self) -> Iterator[MetricKey]:
        return iter(self._series)


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
