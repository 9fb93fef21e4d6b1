"""The real huggingface_hub downloads repositories into the cache of artifacts, from a stand-in for the Hub."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stoker.artifacts import hub_files
from stoker.artifacts.local import LocalArtifacts
from stoker.errors import InvalidParameterError, LimitError, NotFoundError, UnavailableError
from tests.conformance.hub_stage import COMMIT, Hub
from tests.e2e.modelserver_copy import MAIN, running

FILES = {"handler.py": b"x = 1\n", "onnx/model.onnx": os.urandom(20 << 20), "config.json": b"{}"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub(dict(FILES)) as running:
        yield running


def artifacts(tmp_path: Path, url: str, most: int = 1 << 30) -> LocalArtifacts:
    token = tmp_path / "token"
    token.write_text("hf_secret\n")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_HUB_DOWNLOAD_TIMEOUT": "30"}
    return LocalArtifacts(tmp_path / "data", hub=url, token_file=token, environment=environment, max_bytes=most)


def found(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_repository_is_downloaded_once_and_then_nobody_is_asked(tmp_path: Path, hub: Hub) -> None:
    source = artifacts(tmp_path, hub.url)
    folder, same = await asyncio.gather(source.fetch("hf://org/name"), source.fetch("hf://org/name"))
    assert found(folder) == FILES
    assert folder == same
    assert {token for *_, token in hub.asked} == {"Bearer hf_secret"}
    assert sum(method == "GET" and "/resolve/" in path for method, path, *_ in hub.asked) == len(FILES)

    hub.asked.clear()
    assert await source.fetch("hf://org/name@v1") == folder, "the same commit by its tag"
    assert [path for _, path, *_ in hub.asked] == ["/api/models/org/name/revision/v1"]

    hub.asked.clear()
    later = artifacts(tmp_path, hub.url)
    assert await later.fetch("hf://org/name") == await later.fetch("hf://org/name@v1") == folder
    assert hub.asked == []


async def test_a_download_that_was_ended_goes_on_with_what_is_missing(tmp_path: Path, hub: Hub) -> None:
    hub.stalls = "onnx/model.onnx"
    source = artifacts(tmp_path, hub.url)
    fetching = asyncio.ensure_future(source.fetch("hf://org/name"))
    await asyncio.to_thread(hub.stalled.wait, 20)
    (part,) = (tmp_path / "data" / "artifacts").glob("part-*")
    await asyncio.to_thread(there, part / "handler.py", part / "config.json")
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching

    hub.stalls, hub.breaks = "", "onnx/model.onnx"
    hub.asked.clear()
    assert found(await source.fetch("hf://org/name")) == FILES
    asked = [(path.rpartition("/")[2], begin) for method, path, begin, _ in hub.asked if method == "GET" and "/resolve/" in path]
    assert asked[0] == ("model.onnx", ""), "the others had come whole"
    assert asked[1:] == [("model.onnx", f"bytes={10 << 20}-")], "the connection broke half way, and it went on from there"
    assert list((tmp_path / "data" / "artifacts").glob("part-*")) == []


def there(*paths: Path) -> None:
    until = time.monotonic() + 20
    while not all(path.exists() for path in paths):
        assert time.monotonic() < until
        time.sleep(0.01)


async def test_what_the_hub_does_not_give_says_why(tmp_path: Path, hub: Hub) -> None:
    source, small = artifacts(tmp_path, hub.url), artifacts(tmp_path, hub.url, 1000)
    nobody = artifacts(tmp_path, "http://127.0.0.1:9")
    revision, large, away = await asyncio.gather(
        source.fetch("hf://org/name@v2"),
        small.fetch(f"hf://org/name@{COMMIT}"),
        nobody.fetch("hf://org/name"),
        return_exceptions=True,
    )
    assert isinstance(revision, NotFoundError)
    assert "it has no revision v2" in revision.message
    assert isinstance(large, LimitError)
    assert "there is room for 1000 bytes" in large.message
    assert isinstance(away, UnavailableError)
    assert "Connection refused" in away.message
    assert not any("/resolve/" in path for _, path, *_ in hub.asked)


def test_a_model_without_files_is_fetched_by_its_copy(tmp_path: Path, hub: Hub) -> None:
    hub.files["handler.py"] = (
        b"class EndpointHandler:\n    def __init__(self, path): ...\n    def __call__(self, data): return data\n"
    )
    environment = {
        "HF_MODEL_ID": "org/name",
        "HF_REVISION": "v1",
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path),
        "HF_HUB_TOKEN": "t",
    }
    with running({}, environment, command=(str(MAIN), "hub")) as copy:
        assert copy.post(b'{"inputs": 1}', Content_Type="application/json")[1] == b'{"inputs": 1}'
    assert {token for _, path, _, token in hub.asked if "/resolve/" in path} == {"Bearer t"}


async def test_what_is_no_url_of_a_hub_or_has_no_client_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = artifacts(tmp_path, "http://127.0.0.1:9")
    with pytest.raises(InvalidParameterError, match="is not hf://org/name"):
        await source.fetch("hf://org/name@../x")
    monkeypatch.setattr(hub_files, "client_is_there", lambda: False)
    with pytest.raises(InvalidParameterError, match="needs the extra 'hf'"):
        await source.fetch("hf://org/name")
