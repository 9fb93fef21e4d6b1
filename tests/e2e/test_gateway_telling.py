"""`X-Stoker-…` headers: which component and copy served, and what became of an invocation before."""

from pathlib import Path

from stoker.config.settings import Gateway
from tests.e2e.gateway_stage import STREAM_PATH, staged, table

OWN = "x-stoker-"
REFERENCE = (Path(__file__).parents[2] / "docs/reference/headers.md").read_text()


def told(headers: dict[str, str]) -> dict[str, str]:
    """Give the headers of ours, each of which the reference must tell of."""
    seen = {name.removeprefix(OWN): value for name, value in headers.items() if name.startswith(OWN)}
    assert all(f"`{OWN}{name}`".title() in REFERENCE for name in seen)
    return seen


async def test_a_warm_reply_tells_component_and_copy() -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table(copy))
        await stage.open()
        client = await stage.client()
        for _ in range(3):  # the long way, the short way, and a head that is known
            client.post(b"x")
            assert told((await client.reply())[1]) == {"component": "llama", "copy": copy.path.name}
        client.post(b"x", path="/endpoints/plain/invocations", x_amzn_sagemaker_inference_component="")
        assert told((await client.reply())[1]) == {"variant": "main", "copy": copy.path.name}
        client.post(b"x", path=STREAM_PATH)
        assert told((await client.reply())[1]) == {"component": "llama", "copy": copy.path.name}


async def test_what_was_held_at_zero_tells_how_long() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["held"] == 1)
        stage.link.publish(table(await stage.copy(), version=2))
        seen = told((await client.reply())[1])
        assert int(seen.pop("held-ms")) >= 0
        assert seen == {"component": "llama", "copy": "copy-1", "cold-start": "true"}


async def test_another_copys_turn_is_counted() -> None:
    async with staged() as stage:
        dead, alive = await stage.copy(), await stage.copy()
        await dead.stop()
        stage.link.publish(table(dead, alive))
        await stage.open()
        seen: list[dict[str, str]] = []
        while not seen or "retries" not in seen[-1]:  # the choice is by chance: one in two falls on the dead copy
            seen.append(told((await stage.ask())[1]))
        assert seen[-1] == {"component": "llama", "copy": alive.path.name, "retries": "1"}


async def test_failures_tell_it_too() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open(Gateway(report_s=0.1, max_hold_s=0.1))
        status, headers, _ = await stage.ask()
        assert status == 503
        assert int(told(headers).pop("held-ms")) >= 100
        assert told(headers)["component"] == "llama"
        assert "copy" not in told(headers)
        status, headers, _ = await stage.ask(path="/endpoints/none/invocations")
        assert (status, told(headers)) == (400, {})


async def test_they_can_be_turned_off() -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        await stage.open(Gateway(report_s=0.1, stoker_headers=False))
        client = await stage.client()
        for path in ("/endpoints/chat/invocations", STREAM_PATH):
            client.post(b"x", path=path)
            assert told((await client.reply())[1]) == {}
