from datetime import UTC, datetime, timedelta

import pytest

from stoker.decisions.expressions.zones import zone
from stoker.errors import InvalidParameterError

SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("", 0),
        ("UTC", 0),
        ("GMT", 0),
        ("Z", 0),
        ("UTC+1", 1),
        ("UTC-10", -10),
        ("GMT+5", 5),
        ("GMT-03:30", -3.5),
        ("+05:45", 5.75),
        ("-0800", -8),
        ("+18:00", 18),
        ("Europe/Berlin", 2),
        ("America/Argentina/Buenos_Aires", -3),
        ("Etc/GMT+9", -9),
        ("Pacific/Tahiti", -10),
        ("America/Port-au-Prince", -4),
        ("EST5EDT", -4),
    ],
)
def test_names_give_offsets(name: str, hours: float) -> None:
    assert SUMMER.astimezone(zone(name)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "Europe",
        "Europe/",
        "/etc/passwd",
        "../zoneinfo/UTC",
        "right/UTC",
        "posix/UTC",
        "localtime",
        "tzdata.zi",
        "UTC+25",
        "+18:01",
        "UTC+1:75",
        "utc\0",
        "A" * 1000,
        "Europe/Berlin\n",
        "\u0660",
    ],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameterError, match="is not known; it must be an IANA name") as caught:
        zone(name)
    assert caught.value.field == "Timezone"
