"""Rules of composite alarms: what holds of which states, whom they name, and how operators bind."""

import pytest

from stoker.decisions.alarm_rules import MAX_CHILDREN, children, holds, parse_rule
from stoker.domain.alarms import AlarmState
from stoker.errors import InvalidParameterError

STATES = {"up": AlarmState.ALARM, "fine": AlarmState.OK, "new": AlarmState.INSUFFICIENT_DATA, "two words": AlarmState.ALARM}


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ("TRUE", True),
        ("FALSE", False),
        ("NOT FALSE", True),
        ("ALARM(up)", True),
        ('ALARM ( "fine" )', False),
        ("OK(fine) AND INSUFFICIENT_DATA(new)", True),
        ("ALARM(fine) OR ALARM(up) AND FALSE", False),
        ("(ALARM(fine) OR ALARM(up)) AND TRUE", True),
        ("NOT ALARM(up) OR TRUE", True),
        ("NOT (ALARM(up) OR TRUE)", False),
        ("ALARM(two words)", True),
        ("ALARM(gone) OR OK(gone) OR INSUFFICIENT_DATA(gone)", False),
        ("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:up)", True),
        ("AT_LEAST(2, ALARM, (up, fine, two words))", True),
        ("AT_LEAST(2, OK, (up, fine, new))", False),
        ("AT_LEAST(2, NOT OK, (up, fine, new))", True),
        ("AT_LEAST(50%, ALARM, (up, fine))", True),
        ("AT_LEAST(51%, ALARM, (up, fine))", False),
        ("AT_LEAST(34%, ALARM, (up, fine, new))", False),
    ],
)
def test_what_holds(rule: str, *, truth: bool) -> None:
    assert holds(parse_rule(rule), STATES.get) is truth


def test_whom_a_rule_names() -> None:
    rule = 'ALARM(b) AND (NOT OK("a \\"b\\"") OR AT_LEAST(1, OK, (c, b))) AND TRUE'
    assert children(parse_rule(rule)) == ("b", 'a "b"', "c")


@pytest.mark.parametrize(
    "rule", ["", "()", "ALARM()", "AND TRUE", "TRUE OR", "NOT", "AT_LEAST(x, OK, (a))", "AT_LEAST(1, OK, ())"]
)
def test_what_is_no_rule(rule: str) -> None:
    with pytest.raises(InvalidParameterError, match="AlarmRule is not valid"):
        parse_rule(rule)


def test_so_many_alarms_and_no_more() -> None:
    rule = " OR ".join(f"ALARM(a{number})" for number in range(MAX_CHILDREN))
    assert len(children(parse_rule(rule))) == MAX_CHILDREN
    with pytest.raises(InvalidParameterError, match="at most 100"):
        parse_rule(f"{rule} OR OK(more)")
