"""What a gateway records of invocations that end in each of the ways there are."""

import asyncio
import csv
import gzip
from pathlib import Path

from tests.e2e.gateway_stage import WORKLOAD, Ask, reply, staged, table


def recorded(directory: Path) -> str:
    (path,) = directory.iterdir()
    return gzip.decompress(path.read_bytes()).decode()


async def test_each_invocation_is_recorded_with_its_end(tmp_path: Path) -> None:
    arrived = asyncio.Event()

    async def answer(ask: Ask, writer: asyncio.StreamWriter) -> None:
        match ask.body:
            case b"wrong":
                writer.write(reply(b"no", "400 Bad Request"))
            case b"break":
                writer.close()
            case b"never":
                arrived.set()
            case _:
                await asyncio.sleep(0.05)
                writer.write(reply(b"secret words"))

    async with staged() as stage:
        copy = await stage.copy(answer)
        stage.link.publish(table(copy))
        await stage.open(recordings=tmp_path)
        for body in (b"secret words", b"wrong", b"break"):
            await stage.ask(body)
        leaving = await stage.client()
        leaving.post(b"never")
        async with asyncio.timeout(10):
            await arrived.wait()
        leaving.close()
        await stage.until(lambda status: status["in_flight"] == 0)
        stage.link.publish(table(version=2))
        await stage.until(lambda status: status["table_version"] == 2)
        held = await stage.client()
        held.post(b"held")
        await stage.until(lambda status: status["held"] == 1)
        stage.link.publish(table(copy, version=3))
        assert (await held.reply())[0] == 200
        stage.link.publish(table(version=4, desired=0, wakeable=False))
        await stage.until(lambda status: status["table_version"] == 4)
        assert (await stage.ask(b"refused"))[0] == 400
        assert (await stage.ask(b"unknown", "/endpoints/none/invocations"))[0] == 400

    text = recorded(tmp_path)
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["status"] for row in rows] == ["2xx", "4xx", "lost", "left", "2xx", "unserved"]
    assert {row["model"] for row in rows} == {WORKLOAD}
    assert [bool(row["dur_s"]) for row in rows] == [True] * 5 + [False]
    assert 0.05 <= float(rows[0]["dur_s"]) < 5
    assert [float(row["held_s"]) > 0 for row in rows] == [False] * 4 + [True, False]
    assert "secret" not in text
