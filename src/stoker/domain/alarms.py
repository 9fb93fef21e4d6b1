"""Metrics as they are named, and alarms on them, with CloudWatch's meanings."""

from enum import StrEnum
from typing import TypeAlias

import msgspec

from stoker.domain.ids import AlarmName
from stoker.units import Instant, Span


class MetricKey(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A metric: namespace, name and its dimensions, sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


class Statistic(StrEnum):
    """How the samples of a period become one value."""

    AVERAGE = "Average"
    SUM = "Sum"
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"
    SAMPLE_COUNT = "SampleCount"


class MetricSource(msgspec.Struct, frozen=True, kw_only=True):
    """One statistic of one metric over periods of `period`; `unit` `""` is any.

    `extended`, if it is not empty, stands in the place of `statistic`: a percentile or a trimmed statistic, as `p99` or `tm90`.
    """

    metric: MetricKey
    statistic: Statistic
    period: Span
    unit: str = ""
    extended: str = ""


class MetricQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A named value of metric math: what a metric's `source` gives, or else an `expression` over other queries' ids.

    `returned` marks what the asker wants to have; `period` is an expression's own, for series that no metric gives one.
    """

    id: str
    source: MetricSource | None = None
    expression: str = ""
    label: str | None = None
    returned: bool = True
    period: Span | None = None


MetricMath: TypeAlias = tuple[MetricQuery, ...]
"""Queries that make one series together: that of the only one that is `returned`."""


class Datapoint(msgspec.Struct, frozen=True, kw_only=True):
    """The value of one statistic over one period; `count` is how many samples made it."""

    start: Instant
    value: float
    count: float = 1.0


class Comparison(StrEnum):
    """When a value breaches a threshold."""

    GREATER = "GreaterThanThreshold"
    GREATER_OR_EQUAL = "GreaterThanOrEqualToThreshold"
    LESS = "LessThanThreshold"
    LESS_OR_EQUAL = "LessThanOrEqualToThreshold"


class MissingData(StrEnum):
    """What a period without data counts as."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


class AlarmState(StrEnum):
    """The states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class WarmUp(msgspec.Struct, frozen=True, kw_only=True):
    """How long a new alarm stays as it is: for `span`, or (unless `whole`) until it has all the data that it looks at."""

    span: Span
    whole: bool = False


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Watches one statistic of one metric; breaching in M (`datapoints_to_alarm`) of N (`evaluation_periods`) raises it.

    With `MetricMath` for a metric it watches that; `statistic` and `unit` say nothing then, and `period` is that of its metrics.
    `datapoints_to_alarm` None means N, `missing_data` None means `missing`: kept apart so that a description shows only
    what was set. `extended`, if it is not empty, stands in the place of `statistic`. `policy_owned` marks target tracking's own
    alarms. `low_samples` `ignore` holds the state while a percentile is of too few samples to mean anything; `warm_until` is when
    an alarm's `warm_up` is over.
    """

    name: AlarmName
    metric: MetricKey | MetricMath
    statistic: Statistic
    period: Span
    evaluation_periods: int
    threshold: float
    comparison: Comparison
    configured: Instant
    datapoints_to_alarm: int | None = None
    missing_data: MissingData | None = None
    description: str = ""
    unit: str = ""
    extended: str = ""
    low_samples: str = ""
    warm_up: WarmUp | None = None
    warm_until: Instant = 0
    actions_enabled: bool = True
    ok_actions: tuple[str, ...] = ()
    alarm_actions: tuple[str, ...] = ()
    insufficient_data_actions: tuple[str, ...] = ()
    tags: dict[str, str] = {}
    policy_owned: bool = False
    state: AlarmState = AlarmState.INSUFFICIENT_DATA
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = ""
    state_updated: Instant = 0
    state_transitioned: Instant = 0

    @property
    def needed(self) -> int:
        """How many breaching datapoints raise the alarm (M)."""
        return self.datapoints_to_alarm or self.evaluation_periods


class CompositeAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """Watches other alarms: it is in ALARM while `rule` holds of their states.

    `suppressor` is the alarm that holds its actions back, `""` for none; `wait` and `extension` are how long they wait before and
    after it. `suppressed_by` says what holds them back now, `suppressed_until` when that ends (0: nobody knows); `pending` says
    that there are actions that did not run yet.
    """

    name: AlarmName
    rule: str
    configured: Instant = 0
    description: str = ""
    actions_enabled: bool = True
    ok_actions: tuple[str, ...] = ()
    alarm_actions: tuple[str, ...] = ()
    insufficient_data_actions: tuple[str, ...] = ()
    suppressor: str = ""
    wait: Span = 0
    extension: Span = 0
    tags: dict[str, str] = {}
    state: AlarmState = AlarmState.INSUFFICIENT_DATA
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = ""
    state_updated: Instant = 0
    state_transitioned: Instant = 0
    suppressed_by: str = ""
    suppressed_reason: str = ""
    suppressed_until: Instant = 0
    pending: bool = False


class HistoryKind(StrEnum):
    """What an entry of an alarm's history tells of."""

    CONFIGURATION = "ConfigurationUpdate"
    STATE = "StateUpdate"
    ACTION = "Action"


class HistoryItem(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of an alarm's history: a sentence, and JSON. `entry` is unique among those of one instant."""

    name: AlarmName
    composite: bool
    at: Instant
    kind: HistoryKind
    summary: str
    data: str
    entry: str = ""
