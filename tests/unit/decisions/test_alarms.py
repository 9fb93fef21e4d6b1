"""Alarm states by CloudWatch's rules.

The tables are those of the CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data"
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
"""

import msgspec
import pytest

from stoker.decisions.alarm_reasons import reason, reason_data
from stoker.decisions.alarms import Verdict, cadence, evaluate, evaluation_range, next_evaluation, window
from stoker.domain.alarms import Alarm, AlarmState, Comparison, Datapoint, MetricKey, MissingData, Statistic
from stoker.domain.ids import AlarmName
from stoker.units import DAY, HOUR, MINUTE, SECOND, Span

OK, ALARM, INSUFFICIENT = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
KEPT = None
NOW = 1_735_689_602 * SECOND  # 2025-01-01T00:00:02Z
TREATMENTS = (MissingData.MISSING, MissingData.IGNORE, MissingData.BREACHING, MissingData.NOT_BREACHING)


def make(
    periods: int = 3,
    needed: int | None = None,
    *,
    period: Span = MINUTE,
    missing: MissingData | None = None,
    comparison: Comparison = Comparison.GREATER,
    threshold: float = 5.0,
    state: AlarmState = OK,
) -> Alarm:
    return Alarm(
        name=AlarmName("a"),
        metric=MetricKey(namespace="N", name="M"),
        statistic=Statistic.AVERAGE,
        period=period,
        evaluation_periods=periods,
        datapoints_to_alarm=needed,
        missing_data=missing,
        threshold=threshold,
        comparison=comparison,
        configured=0,
        state=state,
    )


def drawn(picture: str, period: Span = MINUTE) -> list[Datapoint]:
    """Give the datapoints of a picture: oldest first, X breaching, 0 not, - missing."""
    end = window(make(period=period), NOW).end
    marks = picture.split()
    values = {"X": 9.0, "0": 1.0}
    return [
        Datapoint(start=end - (len(marks) - place) * period, value=values[mark])
        for place, mark in enumerate(marks)
        if mark != "-"
    ]


def judge(alarm: Alarm, picture: str) -> Verdict:
    return evaluate(alarm, drawn(picture, alarm.period), NOW)


FIRST_TABLE = [
    ("0 - X - X", (OK, OK, OK, OK)),
    ("0 - - - -", (OK, OK, OK, OK)),
    ("- - - - -", (INSUFFICIENT, KEPT, ALARM, OK)),
    ("0 X X - X", (ALARM, ALARM, ALARM, ALARM)),
    ("- - X - -", (ALARM, KEPT, ALARM, OK)),
]
SECOND_TABLE = [
    ("0 - X - X", (ALARM, ALARM, ALARM, ALARM)),
    ("0 0 X 0 X", (ALARM, ALARM, ALARM, ALARM)),
    ("0 - X - -", (OK, OK, ALARM, OK)),
    ("- - - - 0", (OK, OK, ALARM, OK)),
    ("- - - X -", (ALARM, KEPT, ALARM, OK)),
]
CELLS = [
    pytest.param(needed, picture, treatment, state, id=f"{needed}of3 {picture} {treatment.value}")
    for needed, table in ((3, FIRST_TABLE), (2, SECOND_TABLE))
    for picture, states in table
    for treatment, state in zip(TREATMENTS, states, strict=True)
]


@pytest.mark.parametrize(("needed", "picture", "treatment", "state"), CELLS)
def test_the_tables_of_the_user_guide(needed: int, picture: str, treatment: MissingData, state: AlarmState | None) -> None:
    for before in AlarmState:
        alarm = make(3, needed, missing=treatment, state=before)
        assert judge(alarm, picture).state is (before if state is KEPT else state)


def test_one_breaching_point_that_is_too_young_keeps_the_state() -> None:
    for before in AlarmState:
        assert judge(make(3, 3, state=before), "- - - - X").state is before


def test_one_of_one_is_raised_by_the_first_point() -> None:
    assert judge(make(1, state=INSUFFICIENT), "X").state is ALARM


@pytest.mark.parametrize(
    ("comparison", "state"),
    [
        (Comparison.GREATER, OK),
        (Comparison.GREATER_OR_EQUAL, ALARM),
        (Comparison.LESS, OK),
        (Comparison.LESS_OR_EQUAL, ALARM),
    ],
)
def test_a_value_on_the_threshold(comparison: Comparison, state: AlarmState) -> None:
    alarm = make(1, comparison=comparison, threshold=9.0)
    assert judge(alarm, "X").state is state


def test_ninety_low_points_are_a_quarter_of_an_hour() -> None:
    alarm = make(90, period=10 * SECOND, comparison=Comparison.LESS, threshold=4.5)
    assert judge(alarm, " ".join("0" * 90)).state is ALARM
    assert judge(alarm, " ".join("0" * 40 + "X" + "0" * 49)).state is OK
    assert judge(alarm, " ".join("0" * 89)).state is OK  # keeps its state
    assert judge(alarm, " ".join("X" + "0" * 90)).state is ALARM


@pytest.mark.parametrize(
    ("periods", "period", "every", "reach"),
    [
        (3, 10 * SECOND, 10 * SECOND, 9),
        (90, 10 * SECOND, 10 * SECOND, 96),
        (1, 30 * SECOND, 10 * SECOND, 3),
        (1, 20 * SECOND, 10 * SECOND, 4),
        (3, MINUTE, MINUTE, 5),
        (15, MINUTE, MINUTE, 17),
        (25, HOUR, HOUR, 27),
        (24, HOUR, MINUTE, 26),
    ],
)
def test_how_often_and_how_far_back(periods: int, period: Span, every: Span, reach: int) -> None:
    alarm = make(periods, period=period)
    assert (cadence(alarm), evaluation_range(alarm)) == (every, reach)


def test_alarms_are_looked_at_two_seconds_after_a_boundary() -> None:
    at = 100 * DAY
    assert next_evaluation(10 * SECOND, at) == at + 2 * SECOND
    assert next_evaluation(10 * SECOND, at + 2 * SECOND) == at + 12 * SECOND
    assert next_evaluation(MINUTE, at + 3 * SECOND) == at + 62 * SECOND


def test_a_window_slides_with_the_cadence() -> None:
    at = 100 * DAY
    seen = window(make(1, period=30 * SECOND), at + 12 * SECOND)
    assert (seen.start, seen.end) == (at - 80 * SECOND, at + 10 * SECOND)
    seen = window(make(1, period=5 * MINUTE), at + 62 * SECOND)
    assert (seen.start, seen.end) == (at + MINUTE - 15 * MINUTE, at + MINUTE)


@pytest.mark.parametrize(
    ("alarm", "picture", "text"),
    [
        pytest.param(
            make(1),
            "X",
            "Threshold Crossed: 1 datapoint [9.0 (12/31/24 23:59:00)] was greater than the threshold (5.0).",
            id="one",
        ),
        pytest.param(
            make(1, 1, comparison=Comparison.GREATER_OR_EQUAL),
            "X",
            "Threshold Crossed: 1 out of the last 1 datapoints [9.0 (12/31/24 23:59:00)] was greater than or equal to the "
            "threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).",
            id="one-of-one",
        ),
        pytest.param(
            make(3, 2, state=ALARM),
            "0 0 X",
            "Threshold Crossed: 2 out of the last 3 datapoints [1.0 (12/31/24 23:58:00), 1.0 (12/31/24 23:57:00)] were not "
            "greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition).",
            id="back",
        ),
        pytest.param(
            make(6, comparison=Comparison.LESS),
            "0 0 0 0 0 0",
            "Threshold Crossed: 6 datapoints were less than the threshold (5.0). The most recent datapoints which crossed the "
            "threshold: [1.0 (12/31/24 23:59:00), 1.0 (12/31/24 23:58:00), 1.0 (12/31/24 23:57:00), 1.0 (12/31/24 23:56:00), "
            "1.0 (12/31/24 23:55:00)].",
            id="many",
        ),
        pytest.param(
            make(2, missing=MissingData.BREACHING),
            "- -",
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].",
            id="breaching",
        ),
        pytest.param(
            make(1, missing=MissingData.NOT_BREACHING),
            "-",
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
            id="not-breaching",
        ),
        pytest.param(make(3), "- - -", "Insufficient Data: 3 datapoints were unknown.", id="unknown"),
    ],
)
def test_reasons(alarm: Alarm, picture: str, text: str) -> None:
    assert reason(alarm, judge(alarm, picture)) == text


def test_reason_data() -> None:
    alarm = msgspec.structs.replace(make(2, threshold=21.0), unit="Count")
    assert msgspec.json.decode(reason_data(alarm, judge(alarm, "X 0"))) == {
        "version": "1.0",
        "queryDate": "2025-01-01T00:00:02.000+0000",
        "startDate": "2024-12-31T23:58:00.000+0000",
        "unit": "Count",
        "statistic": "Average",
        "period": 60,
        "recentDatapoints": [9.0, 1.0],
        "threshold": 21.0,
        "evaluatedDatapoints": [
            {"timestamp": "2024-12-31T23:59:00.000+0000", "sampleCount": 1.0, "value": 1.0},
            {"timestamp": "2024-12-31T23:58:00.000+0000", "sampleCount": 1.0, "value": 9.0},
        ],
    }


def test_reason_data_of_many_points_fits_what_cloudwatch_allows() -> None:
    alarm = make(90, period=10 * SECOND)
    assert len(reason_data(alarm, judge(alarm, " ".join("X" * 90)))) < 4000
