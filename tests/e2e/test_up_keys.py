"""Keys of a running server: a new one is let in at once, one that is revoked is not, by the API and by every gateway."""

import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.e2e.up_server import Server, servers, stoker

IN_FORCE_S = 1.0
"""What is promised, from the command's end on."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with servers() as (_, start):
        yield start("--gateways", "2")


def keys(server: Server, *arguments: str) -> Any:
    done = stoker("keys", *arguments, "--data", str(server.data))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout


@cache
def _client(url: str, service: str, key: str, secret: str, token: str | None) -> Any:
    session = boto3.session.Session(key, secret, token, region_name="us-east-1")
    config = Config(retries={"total_max_attempts": 1}, read_timeout=20)  # type: ignore[typeddict-unknown-key,unused-ignore]
    return session.client(service, endpoint_url=url, config=config)


def client(server: Server, service: str, key: dict[str, Any]) -> Any:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return _client(server.url, service, *(key.get(name) for name in names))


def code(call: Any, **arguments: object) -> str:
    """Give the error code of a call; "" when there is none. Each takes a new connection, and so whichever gateway."""
    try:
        call(**arguments)
    except ClientError as error:
        reply: Any = error.response
        return str(reply["Error"]["Code"])
    finally:
        call.__self__.close()
    return ""


def invoked(server: Server, key: dict[str, Any], endpoint: str = "chat-1") -> str:
    """Give what comes of invoking an endpoint that is not there: ValidationError for who may."""
    return code(client(server, "sagemaker-runtime", key).invoke_endpoint, EndpointName=endpoint, Body=b"{}")


def listed(server: Server, key: dict[str, Any]) -> str:
    return code(client(server, "sagemaker", key).list_endpoints)


def becomes(ask: Callable[[], str], wanted: str) -> None:
    """Wait until something is answered, for as long as it may take; then every gateway must answer the same."""
    end = time.monotonic() + IN_FORCE_S
    while (answer := ask()) != wanted:
        assert time.monotonic() < end, answer
        time.sleep(0.02)
    assert {ask() for _ in range(8)} == {wanted}


def test_a_key_from_its_making_to_its_end(server: Server) -> None:
    made = keys(server, "create", "ci", "--endpoint", "chat-*", "--format", "json")
    becomes(lambda: invoked(server, made), "ValidationError")
    assert invoked(server, made, "other") == "AccessDeniedException"
    assert listed(server, made) == "AccessDeniedException"
    session = client(server, "sts", made).get_session_token()["Credentials"]
    temporary = {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }
    assert invoked(server, temporary) == "ValidationError"
    assert invoked(server, temporary, "other") == "AccessDeniedException"
    rotated = keys(server, "rotate", "ci", "--keep", "1h", "--format", "json")
    becomes(lambda: invoked(server, rotated), "ValidationError")
    assert invoked(server, made) == "ValidationError", "the old key is kept for an hour"
    keys(server, "revoke", made["AWS_ACCESS_KEY_ID"])
    becomes(lambda: invoked(server, made), "UnrecognizedClientException")
    assert invoked(server, temporary) == "UnrecognizedClientException", "sessions end with their key"
    assert listed(server, made) == "UnrecognizedClientException"
    assert invoked(server, rotated) == "ValidationError"


def test_the_root_key_is_replaced_while_the_server_runs(server: Server) -> None:
    old = json.loads(stoker("env", "--data", str(server.data), "--format", "json").stdout)
    assert listed(server, old) == ""
    new = keys(server, "rotate", "root", "--format", "json")
    becomes(lambda: listed(server, old), "UnrecognizedClientException")
    assert invoked(server, old) == "UnrecognizedClientException"
    assert (listed(server, new), invoked(server, new)) == ("", "ValidationError")
    assert (
        json.loads(stoker("env", "--data", str(server.data), "--format", "json").stdout)["AWS_ACCESS_KEY_ID"]
        == (new["AWS_ACCESS_KEY_ID"])
    )


def test_a_file_that_cannot_be_read_shuts_nobody_out(server: Server) -> None:
    made = keys(server, "create", "boss", "--role", "admin", "--format", "json")
    becomes(lambda: listed(server, made), "")
    path = server.data / "access_keys.json"
    whole = path.read_bytes()
    path.write_bytes(b"{")
    end = time.monotonic() + 10
    while "keys_not_read" not in server.log.read_text():
        assert time.monotonic() < end
        time.sleep(0.02)
    assert (listed(server, made), invoked(server, made)) == ("", "ValidationError")
    path.write_bytes(whole)
    keys(server, "revoke", "boss")
    becomes(lambda: listed(server, made), "UnrecognizedClientException")


def test_a_server_does_not_start_on_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / "access_keys.json").write_bytes(b"{")
    (tmp_path / "access_keys.json").chmod(0o600)
    done = stoker("up", "--data", str(tmp_path), "--port", "0")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"The key file {tmp_path}/access_keys.json is damaged" in done.stderr


def test_no_secret_is_logged(server: Server) -> None:
    made = keys(server, "create", "quiet", "--role", "admin", "--format", "json")
    becomes(lambda: listed(server, made), "")
    file = json.loads((server.data / "access_keys.json").read_bytes())
    said = server.log.read_text()
    assert "keys_changed" in said
    for secret in (made["AWS_SECRET_ACCESS_KEY"], made["STOKER_API_KEY"], file["seal"]):
        assert secret not in said
