"""Reads what model servers tell of themselves in Prometheus's text format, and makes metrics of it that alarms can watch.

CloudWatch knows no labels that come and go, no counters and no buckets. So the samples of one name are added up over their
labels, a counter becomes what it grew by since it was last read, and of a histogram or a summary its sum and its count are
kept, which are counters. A server's `requests_waiting{model="a"}` is thus the metric `requests_waiting`.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stoker.domain.ids import CopyId

MAX_NAMES = 100
"""Names that are kept of one copy; those that it tells first."""

MAX_LINES = 2_000
MAX_LINE = 4_096
"""Lines of one text that are read, buckets not counted, and characters of one."""

MAX_NAME = 255
"""Characters of a metric's name (CloudWatch's limit)."""

MAX_NUMBER = 2.0**360
"""The greatest magnitude of a metric's value (CloudWatch's limit)."""

_COUNTED = ("_sum", "_count")


class Told(NamedTuple):
    """One name's value; that of a `counter` has grown since the server started."""

    value: float
    counter: bool


def read(text: bytes) -> dict[str, Told]:
    """Give what a text tells, name by name. What cannot be read ends it: whatever came before counts.

    The first call takes some 50 ms: it imports what reads, which a server without such copies does not need.
    """
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    found: dict[str, Told] = {}
    lines = [line for line in text.decode("utf-8", "replace").split("\n") if "_bucket{" not in line and len(line) <= MAX_LINE]
    try:
        for family in text_string_to_metric_families("\n".join(lines[:MAX_LINES]) + "\n"):
            whole = family.type in {"histogram", "summary"}
            for sample in family.samples:
                if (whole and not sample.name.endswith(_COUNTED)) or sample.name.endswith("_created"):
                    continue
                counter = whole or family.type == "counter" or sample.name.endswith("_total")
                _add(found, sample.name, Told(sample.value, counter))
    except ValueError:
        return found
    return found


def _add(found: dict[str, Told], name: str, told: Told) -> None:
    before = found.get(name)
    if before is None and (len(found) >= MAX_NAMES or len(name) > MAX_NAME):
        return
    value = told.value if before is None else before.value + told.value
    if math.isfinite(value) and abs(value) <= MAX_NUMBER:
        found[name] = Told(value, told.counter)


class Growth:
    """Makes of counters what they grew by, copy by copy."""

    __slots__ = ("_before",)

    def __init__(self) -> None:
        self._before: dict[CopyId, Mapping[str, Told]] = {}

    def of(self, told: Iterable[tuple[CopyId, Mapping[str, Told]]]) -> dict[CopyId, dict[str, float]]:
        """Give the values of now; a counter that is read for the first time has none, one that fell began anew."""
        before, self._before = self._before, dict(told)
        found: dict[CopyId, dict[str, float]] = {}
        for copy_id, names in self._before.items():
            known = before.get(copy_id, {})
            values = found[copy_id] = {}
            for name, now in names.items():
                if not now.counter:
                    values[name] = now.value
                elif name in known:
                    was = known[name].value
                    values[name] = now.value - was if now.value >= was else now.value
        return found
