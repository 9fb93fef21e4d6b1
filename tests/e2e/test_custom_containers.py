"""Containers of users' own: where they listen, when they count as ready, and what is said when they listen elsewhere."""

import json
import socket
import sys
from pathlib import Path

import msgspec

from stoker.config.settings import Image
from stoker.domain.hub import ARGUMENTS, COMMAND, IMAGE_OPTIONS
from stoker.domain.ids import CopyId
from stoker.runtimes.process.places import Places
from stoker.units import MILLISECOND
from tests.unit.runtimes.process_parts import SERVER, running, spec, until_gone, until_ready

ONE = CopyId("copy-1")
PYTHON = [sys.executable, "-S", "-E"]
ROW = Image(pattern="tiny", command=[*PYTHON, str(SERVER), "{port}"])
# Answers no request, so that only an open port can make it ready.
MUTE = """
import os, socket, sys
from pathlib import Path
port = int(sys.argv[1] if len(sys.argv) > 1 else os.environ["PORT"])
listener = socket.create_server(("127.0.0.1", port))
words = [" ".join(sys.argv[1:]), os.environ.get("MODEL", ""), str("STOKER_IMAGE_OPTIONS" in os.environ)]
Path("words").write_text("|".join(words))
while True:
    listener.accept()
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


def options(**given: object) -> dict[str, str]:
    return {IMAGE_OPTIONS: json.dumps({"url": "tiny", **given}), "TINY": "good"}


async def test_without_a_health_route_an_open_port_is_enough_and_is_told_by_a_variable(tmp_path: Path) -> None:
    image = Image(pattern="tiny", command=[*PYTHON, "-c", MUTE])
    model = tmp_path / "model"
    model.mkdir()
    async with running(tmp_path / "data", images=[image]) as under_test:
        await under_test.start(spec(environment=options() | {"MODEL": "/repository/a"}, model_data=f"file://{model}"))
        ready = await until_ready(under_test.observe())
        assert ready.port
        words = Places(tmp_path / "data").folder(ONE) / "work" / "words"
        assert words.read_text() == f"|{model}/a|False"


async def test_command_and_arguments_are_the_endpoints(tmp_path: Path) -> None:
    told = {COMMAND: json.dumps([*PYTHON, "-c", MUTE, "{port}"]), ARGUMENTS: json.dumps(["--model", "/repository"])}
    model = tmp_path / "model"
    model.mkdir()
    async with running(tmp_path / "data", images=[ROW]) as under_test:
        await under_test.start(spec(environment=options() | told, model_data=f"file://{model}"))
        ready = await until_ready(under_test.observe())
        words = Places(tmp_path / "data").folder(ONE) / "work" / "words"
        assert words.read_text().startswith(f"{ready.port} --model {model}|")


async def test_a_health_route_of_its_own_is_what_counts(tmp_path: Path) -> None:
    async with running(tmp_path, images=[msgspec.structs.replace(ROW, ping="/never")]) as under_test:
        await under_test.start(spec("sick", environment=options(healthRoute="/health") | {"TINY": "good"}))
        assert (await until_ready(under_test.observe())).port
        record = Places(tmp_path).load()[ONE]
        assert record is not None
        assert (record.ping, record.patient) == ("/health", True)


async def test_a_server_on_the_port_that_it_is_known_to_have_is_found_there(tmp_path: Path) -> None:
    port = free_port()
    image = Image(pattern="tiny", command=[*PYTHON, str(SERVER), str(port)])
    async with running(tmp_path, images=[image]) as under_test:
        await under_test.start(spec(environment=options(port=port)))
        assert (await until_ready(under_test.observe())).port == port


async def test_a_server_on_another_port_stays_initializing_and_the_log_says_where_it_is(tmp_path: Path) -> None:
    port = free_port()
    image = Image(pattern="tiny", command=[*PYTHON, str(SERVER), str(port)])
    async with running(tmp_path, images=[image]) as under_test:
        await under_test.start(spec(environment=options(port=port + 1), startup_timeout=1500 * MILLISECOND))
        gone = await until_gone(under_test.observe())
        assert f": it listens on port {port}, and not on " in gone.reason
        assert "stoker: the server cannot be reached: it listens on port" in gone.log_tail
        assert gone.hopeless
