"""Sessions that a model holds: who began one comes back to its copy."""

import asyncio

from stoker.domain.states import RoutingStrategy
from tests.e2e.gateway_stage import Ask, Server, staged, table

RANDOM = RoutingStrategy.RANDOM
NEW = "x-amzn-sagemaker-new-session-id"
CLOSED = "x-amzn-sagemaker-closed-session-id"


async def stateful(ask: Ask, writer: asyncio.StreamWriter) -> None:
    """Begin a session when asked for one, end it at `bye`, and tell which one was meant."""
    session = ask.headers.get("x-amzn-sagemaker-session-id", "none")
    more = ""
    if session == "NEW_SESSION":
        more = f"{NEW}: abc-1; Expires=2026-11-22T08:00:00Z\r\n"
    elif ask.body == b"bye":
        more = f"{CLOSED}: {session}\r\n"
    writer.write(f"HTTP/1.1 200 OK\r\n{more}content-length: {len(session)}\r\n\r\n{session}".encode())


def times(*servers: Server) -> list[int]:
    return [len(server.asks) for server in servers]


async def test_a_session_stays_on_its_copy() -> None:
    async with staged() as stage:
        copies = [await stage.copy(stateful) for _ in range(3)]
        stage.link.publish(table(*copies, strategy=RANDOM, slots=1))
        await stage.open()
        _, headers, _ = await stage.ask(x_amzn_sagemaker_session_id="NEW_SESSION")
        name, _, expires = headers[NEW].partition(";")
        assert (name[:6], expires) == ("abc-1-", " Expires=2026-11-22T08:00:00Z")
        home = next(copy for copy in copies if copy.asks)
        for _ in range(12):
            status, _, body = await stage.ask(x_amzn_sagemaker_session_id=name)
            assert (status, body) == (200, b"abc-1")  # the model knows it by its own name
        assert times(home) == [13]
        _, headers, _ = await stage.ask(b"bye", x_amzn_sagemaker_session_id=name)
        assert headers[CLOSED] == name


async def test_a_session_whose_copy_is_gone_or_never_was_is_refused() -> None:
    async with staged() as stage:
        first, second = await stage.copy(stateful), await stage.copy(stateful)
        stage.link.publish(table(first))
        await stage.open()
        _, headers, _ = await stage.ask(x_amzn_sagemaker_session_id="NEW_SESSION")
        name = headers[NEW].partition(";")[0]
        stage.link.publish(table(second, version=2))
        await stage.until(lambda status: status["table_version"] == 2)
        for lost in (name, "abc-1-00000000", "abc"):
            status, headers, body = await stage.ask(x_amzn_sagemaker_session_id=lost)
            assert (status, headers["x-amzn-errortype"]) == (400, "ValidationError")
            assert b"Begin a new one" in body
        assert times(second) == [0]


async def test_a_session_is_found_whatever_variant_chance_would_choose() -> None:
    async with staged() as stage:
        server = await stage.copy(stateful)
        stage.link.publish(table(server))
        await stage.open()
        path = "/endpoints/plain/invocations"
        _, headers, _ = await stage.ask(
            path=path, x_amzn_sagemaker_session_id="NEW_SESSION", x_amzn_sagemaker_inference_component=""
        )
        name = headers[NEW].partition(";")[0]
        _, _, body = await stage.ask(path=path, x_amzn_sagemaker_session_id=name, x_amzn_sagemaker_inference_component="")
        assert body == b"abc-1"
