"""`stoker up` as users and init systems see it: it answers, refuses clearly, and leaves nothing running."""

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.e2e.up_server import Server, processes, servers, stoker

Started: TypeAlias = tuple[Path, Callable[..., Server]]


@pytest.fixture
def started() -> Iterator[Started]:
    with servers() as both:
        yield both


def test_it_answers_and_leaves_nothing_when_told_to_stop(started: Started) -> None:
    data, start = started
    server = start("--gateways", "2")
    assert re.fullmatch(r"stoker is ready on http://127\.0\.0\.1:\d+\n", server.ready_line)
    status, body = server.get("/stoker/health")
    assert (status, json.loads(body)["status"]) == (200, "ok")
    assert len(processes(data)) == 4
    assert server.stop() == (0, "")
    assert processes(data) == {}
    assert {path.stat().st_mode & 0o077 for path in (data, data / "run", data / "keys.json", data / "run/handover.json")} == {0}


def test_ctrl_c_stops_it_as_well(started: Started) -> None:
    data, start = started
    assert start("--gateways", "1").stop(signal.SIGINT) == (0, "")
    assert processes(data) == {}


def test_a_second_server_on_the_same_data_is_refused(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    second = stoker("up", "--data", str(data), "--port", "0")
    expected = (
        f"stoker: A server runs on {data} already: process {server.process.pid}. Stop it with `stoker down --data {data}`.\n"
    )
    assert (second.returncode, second.stdout, second.stderr) == (1, "", expected)
    assert server.get("/stoker/health")[0] == 200


def test_a_port_in_use_is_told_at_once(started: Started) -> None:
    data, _ = started
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = stoker("up", "--data", str(data), "--port", str(port))
    expected = (
        f"stoker: Port {port} on 127.0.0.1 is in use by another program; choose another with --port (0 takes a free one).\n"
    )
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", expected)
    assert processes(data) == {}


def test_two_servers_never_share_a_port(started: Started) -> None:
    data, start = started
    port = start("--gateways", "1").url.rpartition(":")[2]
    other = stoker("up", "--data", str(data.with_name("other")), "--port", port)
    assert other.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in other.stderr


def test_settings_that_cannot_be_are_all_told(started: Started) -> None:
    data, _ = started
    refused = stoker("up", "--data", str(data), "--port", "70000", "--clock-speed", "0.5")
    assert refused.returncode == 2
    assert "server.port must be a whole number from 0 to 65535, not '70000'" in refused.stderr
    assert "server.clock_speed must be" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not data.exists()


def test_env_is_for_eval(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    command = shlex.join([sys.executable, "-m", "stoker.cli.main", "env", "--data", str(data)])
    script = f'eval "$({command})"; echo "$AWS_ENDPOINT_URL $AWS_REGION $AWS_DEFAULT_REGION $AWS_ACCESS_KEY_ID:${{AWS_PROFILE-}}"'
    shell = subprocess.run(
        ["/bin/sh", "-ec", script],
        capture_output=True,
        text=True,
        check=True,
        env={"AWS_PROFILE": "mine", "PATH": "/usr/bin:/bin"},
    )
    assert re.fullmatch(rf"{re.escape(server.url)} us-east-1 us-east-1 AKIASTOKER[A-Z2-7]{{10}}:\n", shell.stdout)
    assert shell.stderr == ""
    server.stop()
    after = stoker("env", "--data", str(data), "--format", "json")
    assert json.loads(after.stdout)["AWS_ENDPOINT_URL"] == server.url
    assert after.stderr == f"stoker: no server runs on {data} now; these values are those of the last one.\n"


def test_down_stops_it_and_is_content_when_nothing_runs(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    down = stoker("down", "--data", str(data))
    assert (down.returncode, down.stdout) == (0, f"Stopped the server on {data} (process {server.process.pid}).\n")
    assert processes(data) == {}
    again = stoker("down", "--data", str(data))
    assert (again.returncode, again.stdout) == (0, f"No server runs on {data}.\n")


def test_status_tells_what_runs(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    asked = stoker("status", "--data", str(data))
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout.splitlines()[0].startswith(f"{server.url}, ")
    assert asked.stdout.splitlines()[1:] == ["There are no endpoints."]
    assert json.loads(stoker("status", "--data", str(data), "--json").stdout)["endpoints"] == []


def test_usage_of_nothing_says_so_and_a_wrong_day_is_refused(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    asked = stoker("usage", "--data", str(data))
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, "Nothing was used.\n", "")
    assert json.loads(stoker("usage", "--data", str(data), "--json").stdout)["lines"] == []
    refused = stoker("usage", "--data", str(data), "--since", "yesterday")
    assert (refused.returncode, "Invalid value for '--since'" in refused.stderr) == (2, True)
    with pytest.raises(urllib.error.HTTPError, match="400") as bad:
        server.get("/stoker/usage?by=hour")
    assert json.loads(bad.value.read())["message"] == "by must be day or endpoint, not 'hour'."


def test_a_database_that_is_none_ends_the_start_with_a_sentence(started: Started) -> None:
    data, _ = started
    data.mkdir(mode=0o700)
    (data / "stoker.db").write_bytes(b"this is no database, however long one looks at it" * 100)
    refused = stoker("up", "--data", str(data), "--port", "0", "--gateways", "1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1] == ("stoker: The server did not start: its control process ended, and said why above.")
    assert str(data / "stoker.db") in refused.stderr
    assert "Traceback" not in refused.stderr
    assert processes(data) == {}


def test_a_data_directory_deeper_than_sockets_can_be_is_no_trouble(started: Started) -> None:
    data, start = started
    deep = data / ("deep" * 20) / ("deeper" * 20)
    server = start("--gateways", "1", data=deep)
    handover = json.loads((deep / "run/handover.json").read_text())
    assert server.get("/stoker/health")[0] == 200
    assert stoker("status", "--data", str(deep)).returncode == 0
    assert server.stop() == (0, "")
    assert not Path(handover["sockets"]).exists()


def test_pages_that_quote_logs_are_not_for_other_machines(started: Started) -> None:
    _, start = started
    server = start("--host", "0.0.0.0", "--gateways", "1")  # noqa: S104 - that is what is tested
    assert server.get("/stoker/health")[0] == 200
    for path in ("/stoker/status", "/stoker/stat%75s", "/stoker/status?x=1", "/stoker/gateway"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            server.get(path)
