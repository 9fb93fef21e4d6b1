"""Asynchronous requests are accepted at zero while everything is killed: none is lost, none is run more often than it says.

`ASYNC_REQUESTS` sets how many, for `./run bench async`.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.async_stage import Storm, account, allow, deploy
from tests.e2e.fault_stage import SWIFT, platform

REQUESTS = int(os.environ.get("ASYNC_REQUESTS", "200"))
LIMIT_S = 40 + REQUESTS / 10
EVERY_S = 0.3
KILLS = 3 + REQUESTS // 200
INSTANCES = 2 + REQUESTS // 5000


@pytest.mark.timeout(2 * LIMIT_S + 60)
def test_every_request_is_answered_or_fails_with_a_reason(tmp_path: Path) -> None:
    log = tmp_path / "runs"
    with platform(tmp_path, gateways=2, settings=SWIFT, clock_speed=10) as stage:
        deploy(stage, log)
        storm = Storm(stage, log, count=REQUESTS, seconds=0.01)
        sent_s = storm.send_all(every_s=EVERY_S, kills=KILLS)
        allow(stage, INSTANCES)
        worked_s = storm.work_off(every_s=EVERY_S, kills=KILLS, limit_s=LIMIT_S)
        found = account(stage, log, storm.acknowledged)
    lines = [
        f"{len(storm.acknowledged)} requests acknowledged at zero within {sent_s:.1f} s, worked off within {worked_s:.1f} s",
        f"killed meanwhile: {dict(storm.killed)}",
        f"answered: {found.answered}, failed with a reason: {found.failed.total()}, lost: {len(found.missing)}",
        f"requests by attempts: {_spread(found.attempts)}, by how often the model ran them: {_spread(found.runs)}",
        *(f"  {count} x {reason[:100]}" for reason, count in found.failed.most_common(9)),
    ]
    print("", *lines, sep="\n")  # noqa: T201 - `./run bench async` shows it
    assert found.missing == []
    assert found.run_too_often == []
    assert storm.killed["control"] > 0
    assert found.failed.total() >= REQUESTS // storm.poison, "who ends its copies is given up"
    assert all("attempts made" in reason for reason in found.failed)


def _spread(counts: Counter[str]) -> dict[int, int]:
    return dict(sorted(Counter(counts.values()).items()))
