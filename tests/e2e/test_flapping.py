"""Everything comes and goes under load: no invocation is lost, none is done twice. `FLAPPING_S` sets how long, in seconds."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.e2e.fault_stage import platform
from tests.e2e.flapping import Flapping

SECONDS = float(os.environ.get("FLAPPING_S", "25"))


@pytest.mark.timeout(SECONDS + 180)
def test_no_invocation_is_lost_or_done_twice_while_everything_comes_and_goes(tmp_path: Path) -> None:
    with platform(tmp_path, gateways=2, settings='[server]\nauth = "off"\n') as stage:
        flapping = Flapping(stage, tmp_path / "log")
        flapping.open()
        asyncio.run(flapping.run(SECONDS))
        account = flapping.account()
        print(f"\n{SECONDS:.0f} s: {dict(sorted(flapping.events.items()))}")  # noqa: T201 - `./run bench flapping` shows it
        print(f"{len(flapping.calls)} invocations: {dict(account.counts)}; done twice: {len(account.twice)}")  # noqa: T201
        assert account.wrong == [], f"{len(account.wrong)} calls went wrong"
        assert account.twice == []
