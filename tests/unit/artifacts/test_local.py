import asyncio
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stoker.artifacts import LocalArtifacts, archives
from stoker.artifacts.cache import ArtifactCache, Identity
from stoker.errors import DomainError, InvalidParameterError, LimitError, NotFoundError

FILES = {"inference.py": b"def predict_fn(data, model): ...\n", "code/weights.bin": b"\0" * 1000}


def tarball(path: Path, files: dict[str, bytes], kind: str = "w:gz") -> Path:
    with tarfile.open(path, kind) as archive:  # type: ignore[call-overload] # the mode is a row's
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fetched(data: Path, *urls: str, max_bytes: int = 1_000_000) -> list[Path]:
    async def fetch() -> list[Path]:
        source = LocalArtifacts(data, max_bytes=max_bytes)
        return [await source.fetch(url) for url in urls]

    return asyncio.run(fetch())


def kept(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "artifacts").iterdir() if path.is_dir())


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda at: tarball(at / "model.tar.gz", FILES), id="tar.gz"),
        pytest.param(lambda at: tarball(at / "model.tgz", FILES), id="tgz"),
        pytest.param(lambda at: tarball(at / "model.tar", FILES, "w"), id="tar"),
        pytest.param(lambda at: zipped(at / "model.zip", FILES), id="zip"),
    ],
)
def test_an_archive_is_unpacked_once(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    url = f"file://{make(tmp_path)}"
    first, second = fetched(tmp_path / "data", url, url)
    assert first == second
    assert content(first) == FILES
    assert fetched(tmp_path / "data", url) == [first]  # after a restart too
    assert len(kept(tmp_path / "data")) == 1


def test_the_same_content_under_two_names_is_kept_once(tmp_path: Path) -> None:
    one = tarball(tmp_path / "one.tar", FILES, "w")
    two = tmp_path / "two.tar"
    two.write_bytes(one.read_bytes())
    first, second = fetched(tmp_path / "data", f"file://{one}", str(two))
    assert first == second


def test_a_changed_archive_is_unpacked_anew(tmp_path: Path) -> None:
    path = tarball(tmp_path / "model.tar", FILES, "w")

    async def fetch() -> tuple[Path, Path]:
        source = LocalArtifacts(tmp_path / "data")
        before = await source.fetch(f"file://{path}")
        tarball(path, {"inference.py": b"new"}, "w")
        os.utime(path, ns=(1, 1))
        return before, await source.fetch(f"file://{path}")

    before, after = asyncio.run(fetch())
    assert content(before) == FILES
    assert content(after) == {"inference.py": b"new"}


def test_calls_side_by_side_share_one_unpacking(tmp_path: Path) -> None:
    url = f"file://{tarball(tmp_path / 'model.tar.gz', FILES)}"

    async def fetch() -> set[Path]:
        source = LocalArtifacts(tmp_path / "data")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(source.fetch(url)) for _ in range(8)]
        return {task.result() for task in tasks}

    assert len(asyncio.run(fetch())) == 1
    assert len(kept(tmp_path / "data")) == 1


def test_a_directory_is_used_where_it_lies(tmp_path: Path) -> None:
    model = tmp_path / "a model"
    model.mkdir()
    url = f"file://{tmp_path}/a%20model"
    assert fetched(tmp_path / "data", url, f"file://localhost{tmp_path}/a%20model", str(model)) == [model] * 3
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("url", "kind", "text"),
    [
        ("s3://bucket/model.tar.gz", InvalidParameterError, "s3:// needs the extra 'objects'"),
        ("https://host/model.tar.gz", InvalidParameterError, "https:// needs the extra 'objects'"),
        ("ftp://host/model", InvalidParameterError, "served are file:// directories"),
        ("model.tar.gz", InvalidParameterError, "served are file:// directories"),
        ("", InvalidParameterError, "served are file:// directories"),
        ("file://models/one", InvalidParameterError, "names the host 'models'"),
        ("file:relative", InvalidParameterError, "has no absolute path"),
        ("file:///a%00b", InvalidParameterError, "has no absolute path"),
        ("file:///nowhere/at/all", NotFoundError, "There is nothing at file:///nowhere/at/all"),
        ("file:///dev/null", InvalidParameterError, "neither a directory nor"),
    ],
)
def test_what_cannot_be_fetched_is_refused_by_name(tmp_path: Path, url: str, kind: type[DomainError], text: str) -> None:
    with pytest.raises(kind, match="ModelDataUrl") as refused:
        fetched(tmp_path, url)
    assert text in refused.value.message
    if isinstance(refused.value, InvalidParameterError):
        assert refused.value.field == "ModelDataUrl"


def torn(path: Path) -> Path:
    whole = tarball(path, FILES)
    whole.write_bytes(whole.read_bytes()[:60])
    return whole


def linked(path: Path) -> Path:
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("link")
        member.type = tarfile.SYMTYPE
        member.linkname = "/etc"
        archive.addfile(member)
    return path


def garbage(path: Path) -> Path:
    path.write_bytes(b"not an archive")
    return path


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda at: torn(at / "m.tar.gz"), id="torn"),
        pytest.param(lambda at: garbage(at / "m.tar.gz"), id="no tar"),
        pytest.param(lambda at: garbage(at / "m.zip"), id="no zip"),
        pytest.param(lambda at: tarball(at / "m.tar.gz", {"../outside": b"x"}), id="tar leads out"),
        pytest.param(lambda at: zipped(at / "m.zip", {"../outside": b"x"}), id="zip leads out"),
        pytest.param(lambda at: zipped(at / "m.zip", {"/outside": b"x"}), id="zip is absolute"),
        pytest.param(lambda at: linked(at / "m.tar"), id="link leads out"),
    ],
)
def test_a_broken_or_hostile_archive_is_refused_and_leaves_nothing(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(InvalidParameterError):
        fetched(tmp_path / "data", f"file://{make(folder)}")
    assert kept(tmp_path / "data") == []
    assert not list(tmp_path.rglob("outside"))


@pytest.mark.parametrize("name", ["bomb.tar.gz", "bomb.zip"])
def test_an_archive_too_big_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    make = zipped if name.endswith("zip") else tarball
    url = f"file://{make(tmp_path / name, {'zeros': bytes(2_000_000)})}"
    with pytest.raises(LimitError, match="do not fit"):
        fetched(tmp_path / "data", url)
    assert kept(tmp_path / "data") == []


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    url = f"file://{tarball(tmp_path / 'm.tar', {str(number): b'' for number in range(4)}, 'w')}"
    with pytest.raises(LimitError, match="more than 3 members"):
        fetched(tmp_path / "data", url)


class TestRoom:
    @staticmethod
    def cache(tmp_path: Path) -> ArtifactCache:
        return ArtifactCache(tmp_path, 250, fresh_s=-1.0)

    @staticmethod
    def put(cache: ArtifactCache, tmp_path: Path, name: str, used: int) -> Path:
        source = tmp_path / name
        source.write_text(name)

        def unpack(target: Path, room: int) -> int:
            if room < 100:
                raise LimitError("does not fit")
            (target / "file").write_bytes(bytes(100))
            return 100

        path = cache.get(Identity(path=str(source), size=10, changed=0, inode=0), unpack)
        os.utime(path.with_name(f"{path.name}.json"), (used, used))
        return path

    def test_the_longest_unused_goes_first(self, tmp_path: Path) -> None:
        cache = self.cache(tmp_path)
        old, older = self.put(cache, tmp_path, "a", 20), self.put(cache, tmp_path, "b", 10)
        new = self.put(cache, tmp_path, "c", 30)
        assert [old.is_dir(), older.is_dir(), new.is_dir()] == [True, False, True]
        assert not older.with_name(f"{older.name}.json").exists()

    def test_what_a_copy_uses_stays(self, tmp_path: Path) -> None:
        cache = self.cache(tmp_path)
        for name, used in (("a", 10), ("b", 20)):
            link = tmp_path / "copies" / name / "model"
            link.parent.mkdir(parents=True)
            link.symlink_to(self.put(cache, tmp_path, name, used))
        with pytest.raises(LimitError):
            self.put(cache, tmp_path, "c", 30)
        assert len(kept(tmp_path)) == 2

    def test_what_was_just_fetched_stays(self, tmp_path: Path) -> None:
        cache = ArtifactCache(tmp_path, 150, fresh_s=3600.0)
        self.put(cache, tmp_path, "a", 4_000_000_000)
        with pytest.raises(LimitError):
            self.put(cache, tmp_path, "b", 30)

    def test_a_crash_while_unpacking_is_cleared_away(self, tmp_path: Path) -> None:
        torn_folder = tmp_path / "artifacts" / "new-x"
        torn_folder.mkdir(parents=True)
        self.cache(tmp_path)
        assert not torn_folder.exists()
