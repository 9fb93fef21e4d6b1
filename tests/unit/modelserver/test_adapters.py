"""Adapters' files, as a handler asks for them."""

import tarfile
from pathlib import Path

import pytest

from stoker.modelserver.adapters import AdapterError
from stoker.modelserver.exchange import Context


def context(where: Path) -> Context:
    return Context("/model", {"x-amzn-sagemaker-inference-component": "pirate", "x-stoker-adapter": where.as_uri()})


def test_a_request_for_the_model_itself_names_no_adapter() -> None:
    plain = Context("/model", {"x-amzn-sagemaker-inference-component": "base"})
    assert (plain.adapter, plain.adapter_dir()) == (None, None)


def test_a_directory_is_used_where_it_lies(tmp_path: Path) -> None:
    asked = context(tmp_path)
    assert (asked.adapter, asked.adapter_dir()) == ("pirate", str(tmp_path))


def test_an_archive_is_unpacked_once_until_it_changes(tmp_path: Path) -> None:
    archive = tmp_path / "pirate 1.tar.gz"
    (tmp_path / "adapter.json").write_text("{}")

    def pack(name: str) -> None:
        with tarfile.open(archive, "w:gz") as file:
            file.add(tmp_path / "adapter.json", name)

    pack("adapter_config.json")
    first = context(archive).adapter_dir()
    assert first is not None
    assert [p.name for p in Path(first).iterdir()] == ["adapter_config.json"]
    assert context(archive).adapter_dir() == first
    pack("a-longer-name-of-the-same-file.json")
    second = context(archive).adapter_dir()
    assert second is not None
    assert [p.name for p in Path(second).iterdir()] == ["a-longer-name-of-the-same-file.json"]


def test_files_that_are_not_there_and_archives_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="there is nothing at"):
        context(tmp_path / "gone.tar.gz").adapter_dir()
    (tmp_path / "text.tar.gz").write_text("not an archive")
    with pytest.raises(AdapterError, match="cannot be unpacked"):
        context(tmp_path / "text.tar.gz").adapter_dir()
