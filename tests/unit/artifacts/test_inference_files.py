"""Inputs and outputs of asynchronous inference: what may be read, and where results go."""

import os
from pathlib import Path

import pytest

from stoker.artifacts.buckets import Buckets
from stoker.artifacts.inference_files import MARK, InferenceFiles
from stoker.errors import DomainError, InvalidParameterError, UnavailableError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "run").mkdir(parents=True)
    (data / "keys.json").write_text("secret")
    return data


@pytest.fixture
def buckets(data: Path) -> Buckets:
    made = Buckets(data)
    made.create("models")
    came = made.incoming("models")
    came.write(b"an object")
    made.put("models", "in/x", came)
    return made


@pytest.fixture
def files(data: Path, buckets: Buckets) -> InferenceFiles:
    return InferenceFiles(data, buckets, most_bytes=20, machine=True)


def test_objects_and_files_are_read(files: InferenceFiles, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a file")
    for url, content in (("s3://models/in/x", b"an object"), ((tmp_path / "x").as_uri(), b"a file")):
        files.check_input(url)
        with files.open_input(url) as file:
            assert file.read() == content


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("s3://models/none", "does not exist", id="no such object"),
        pytest.param("s3://nobody/x", "does not exist", id="no such bucket"),
        pytest.param("s3://models/../../keys.json", "does not exist", id="a key that climbs"),
        pytest.param("file:///nowhere/x", "no such file", id="no such file"),
        pytest.param("file://host/x", "absolute path", id="another host"),
        pytest.param("http://host/x", "neither", id="plain http"),
        pytest.param("https:///x", "names no host", id="no host"),
    ],
)
def test_what_is_not_there_or_not_served_is_refused(files: InferenceFiles, url: str, said: str) -> None:
    with pytest.raises(InvalidParameterError, match=said):
        files.check_input(url)


def test_nothing_of_the_data_directory_is_given_out(files: InferenceFiles, data: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(data / "keys.json")
    for path in (data / "keys.json", tmp_path / "link", data / "run" / ".." / "keys.json"):
        with pytest.raises(InvalidParameterError, match="data directory"):
            files.check_input(f"file://{path}")
    with pytest.raises(InvalidParameterError, match="data directory"):
        files.open_output(f"file://{data}/x.out")


def test_an_https_server_that_is_not_there_may_be_there_later(files: InferenceFiles) -> None:
    files.check_input("https://127.0.0.1:1/x")
    with pytest.raises(UnavailableError, match="cannot be fetched"):
        files.open_input("https://127.0.0.1:1/x")


def test_files_of_the_machine_are_read_where_that_is_allowed(data: Path, buckets: Buckets, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a file")
    strict = InferenceFiles(data, buckets, most_bytes=20, machine=False)
    with pytest.raises(InvalidParameterError, match=r"inference\.file_inputs"):
        strict.check_input((tmp_path / "x").as_uri())
    strict.check_input("s3://models/in/x")


def test_an_input_has_a_bound(files: InferenceFiles, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x" * 21)
    with pytest.raises(InvalidParameterError, match="20 are allowed"):
        files.check_input((tmp_path / "x").as_uri())


def test_a_result_is_there_whole_or_not_at_all(files: InferenceFiles, buckets: Buckets, tmp_path: Path) -> None:
    for url in ("s3://models/out/a.out", f"file://{tmp_path}/deep/a.out"):
        dropped = files.open_output(url)
        dropped.write(b"half")
        dropped.drop()
        assert files.result(url, 100) is None
        sink = files.open_output(url)
        sink.write(b"who")
        sink.write(b"le")
        assert sink.size == 5
        sink.keep("request-1", "text/plain")
        sink.drop()
        assert files.result(url, 100) == b"whole"
        assert files.result(url, 4) is None
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.out"]
    assert files.result_of("s3://models/out/a.out") == "request-1"
    assert buckets.get("models", "out/a.out").headers == {MARK: "request-1", "content-type": "text/plain"}
    assert files.result_of("s3://models/in/x") == files.result_of("s3://models/none") == ""


def test_a_place_that_cannot_be_written_is_said(files: InferenceFiles, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterError, match="S3FailurePath"):
        files.check_output("s3://nobody/x", "OutputConfig.S3FailurePath")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DomainError):
        files.open_output(f"file://{tmp_path}/file/x.out")
    os.mkdir(tmp_path / "taken")  # noqa: PTH102
    sink = files.open_output(f"file://{tmp_path}/taken")
    with pytest.raises(DomainError, match="cannot be written"):
        sink.keep("r", "")
    sink.drop()
