"""Many models in one process: which are loaded, which go, and that their scripts do not see each other."""

import io
import json
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from stoker.modelserver.exchange import Context
from stoker.modelserver.many import ManyModels, load_many
from stoker.modelserver.protocol import HttpError, Request
from stoker.modelserver.replies import Reply
from stoker.modelserver.settings import Settings
from stoker.modelserver.shelf import NoRoomError, Shelf, Timings, resident_bytes


class Stub:
    """A backend that keeps a list of what it was told; `room` models fit into it, and `gate` lets loading go on."""

    def __init__(self, room: int = 100) -> None:
        self.told: list[str] = []
        self.room = room
        self.gate = threading.Event()
        self.gate.set()
        self.broken: set[str] = set()

    def load(self, name: str, directory: str) -> "Stub":
        assert Path(directory).is_dir()
        assert self.gate.wait(10)
        if name in self.broken:
            raise ZeroDivisionError(name)
        if len([t for t in self.told if t[0] == "+"]) - len([t for t in self.told if t[0] == "-"]) >= self.room:
            raise NoRoomError("full")
        self.told.append(f"+{name}")
        return self

    def unload(self, name: str) -> None:
        self.told.append(f"-{name}")

    def invoke(self, body: bytes, headers: dict[str, str], context: Context) -> Reply:  # noqa: ARG002 - a model's
        return Reply(body, "text/plain")


@pytest.fixture
def used(tmp_path: Path) -> Callable[..., str]:
    """Use models of a shelf one after the other, and give what the backend was told of the last one."""

    def use(shelf: Shelf, *names: str) -> str:
        timings = Timings()
        for name in names:
            (tmp_path / name).mkdir(exist_ok=True)
            timings = Timings()
            shelf.give_back(shelf.take(name, str(tmp_path / name), timings))
        return timings.header(len(shelf.listed()))

    return use


def test_the_longest_unused_model_goes_when_there_are_too_many(used: Callable[..., str]) -> None:
    backend = Stub()
    shelf = Shelf(backend, most=2)
    used(shelf, "a", "b", "a", "c")
    assert backend.told == ["+a", "+b", "-b", "+c"]
    assert used(shelf, "a") == "loaded=2"
    assert [entry.name for entry in shelf.listed()] == ["a", "c"]


def test_what_a_load_took_is_told_once(used: Callable[..., str]) -> None:
    shelf = Shelf(Stub(), most=1)
    first = used(shelf, "a")
    assert [part.partition("=")[0] for part in first.split("; ")] == ["loaded", "wait", "download", "load"]
    assert used(shelf, "a") == "loaded=1"
    assert [part.partition("=")[0] for part in used(shelf, "b").split("; ")] == ["loaded", "wait", "download", "load", "unload"]


def test_one_goes_when_the_backend_or_the_memory_has_no_room(used: Callable[..., str]) -> None:
    full = Stub(room=1)
    used(Shelf(full, most=9), "a", "b")
    assert full.told == ["+a", "-a", "+b"]
    heavy = Stub()
    used(Shelf(heavy, most=9, most_bytes=10, memory=lambda: 11 if heavy.told[-1][0] == "+" else 9), "a", "b")
    assert heavy.told == ["+a", "+b", "-a"]


def test_a_model_in_use_stays_and_the_new_one_is_refused(tmp_path: Path) -> None:
    shelf = Shelf(Stub(room=1), most=9)
    (tmp_path / "a").mkdir()
    shelf.take("a", str(tmp_path / "a"), Timings())
    (tmp_path / "b").mkdir()
    with pytest.raises(HttpError, match="no memory for the model b") as caught:
        shelf.take("b", str(tmp_path / "b"), Timings())
    assert caught.value.status == 507
    assert [entry.name for entry in shelf.listed()] == ["a"]


def test_without_a_cache_a_model_goes_with_its_last_request(used: Callable[..., str]) -> None:
    backend = Stub()
    used(Shelf(backend, most=9, keep=False), "a", "a")
    assert backend.told == ["+a", "-a", "+a", "-a"]


def test_who_waits_too_long_is_told_so_and_the_loading_goes_on(tmp_path: Path) -> None:
    backend = Stub()
    shelf = Shelf(backend, most=9)
    backend.gate.clear()
    for _ in range(2):
        with pytest.raises(HttpError, match="still being loaded") as caught:
            shelf.take("a", str(tmp_path), Timings(), wait_s=0.001)
        assert (caught.value.status, caught.value.kind) == (429, "TargetModelNotReady")
    backend.gate.set()
    shelf.take("a", str(tmp_path), Timings())
    assert backend.told == ["+a"]


def test_a_model_that_cannot_be_loaded_is_tried_again(tmp_path: Path) -> None:
    backend = Stub()
    shelf = Shelf(backend, most=9)
    backend.broken = {"a"}
    with pytest.raises(HttpError, match="The model a could not be loaded: a") as caught:
        shelf.take("a", str(tmp_path), Timings())
    assert (caught.value.status, caught.value.kind) == (500, "TargetModelLoadFailed")
    backend.broken = set()
    shelf.take("a", str(tmp_path), Timings())
    assert backend.told == ["+a"]


SCRIPT = """
import words

def model_fn(model_dir):
    return words.WORD

def predict_fn(data, model):
    return [model, data, words.WORD]
"""


def packed(folder: Path, name: str, **files: str) -> None:
    with tarfile.open(folder / name, "w:gz") as archive:
        for file, text in files.items():
            member = tarfile.TarInfo(f"code/{file}.py")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))


@pytest.fixture
def many(tmp_path: Path) -> ManyModels:
    for name in ("one", "two"):
        packed(tmp_path, f"{name}.tar.gz", inference=SCRIPT, words=f"WORD = {name!r}")
    packed(tmp_path, "broken.tar.gz", inference="1/0")
    (tmp_path / "torn.tar.gz").write_bytes(b"torn")
    return load_many(Settings({"STOKER_MODELS_DIR": str(tmp_path), "STOKER_SCRATCH": str(tmp_path)}))


def asked(many: ManyModels, name: str) -> object:
    context = Context("", {})
    reply = many.invoke(b"7", {"x-amzn-sagemaker-target-model": name, "content-type": "application/json"}, context)
    return json.loads(reply.body)


def test_each_script_has_modules_of_its_own(many: ManyModels) -> None:
    assert asked(many, "one.tar.gz") == ["one", 7, "one"]
    assert asked(many, "two.tar.gz") == ["two", 7, "two"]
    assert asked(many, "one.tar.gz") == ["one", 7, "one"]


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        pytest.param("three.tar.gz", 404, "TargetModelNotFound", id="absent"),
        pytest.param("", 404, "TargetModelNotFound", id="none"),
        pytest.param("../many.tar.gz", 404, "TargetModelNotFound", id="outside"),
        pytest.param("/etc/passwd", 404, "TargetModelNotFound", id="absolute"),
        pytest.param(".", 404, "TargetModelNotFound", id="the-directory-itself"),
        pytest.param("broken.tar.gz", 500, "TargetModelLoadFailed", id="broken"),
        pytest.param("torn.tar.gz", 500, "TargetModelLoadFailed", id="torn"),
    ],
)
def test_a_model_that_is_not_to_be_had_is_refused(many: ManyModels, name: str, status: int, kind: str) -> None:
    with pytest.raises(HttpError) as caught:
        asked(many, name)
    assert (caught.value.status, caught.value.kind) == (status, kind)
    assert asked(many, "one.tar.gz") == ["one", 7, "one"]


def managed(many: ManyModels, method: str, path: str, body: bytes = b"") -> object:
    request = Request(method, path, 1, {"content-type": "application/json"})
    request.body = body
    return json.loads(many.manage(request, Context("", {})).body)


def test_the_contract_of_multi_model_containers(many: ManyModels, tmp_path: Path) -> None:
    told = json.dumps({"model_name": "m", "url": str(tmp_path / "one.tar.gz")}).encode()
    managed(many, "POST", "/models", told)
    one = {"modelName": "m", "modelUrl": str(tmp_path / "one.tar.gz")}
    assert managed(many, "GET", "/models") == {"models": [one]}
    assert managed(many, "GET", "/models/m") == one
    assert managed(many, "POST", "/models/m/invoke", b"1") == ["one", 1, "one"]
    for method, path, body, status in (
        ("POST", "/models", told, 409),
        ("POST", "/models", b"[", 400),
        ("POST", "/models", b"[]", 400),
        ("GET", "/models/other", b"", 404),
        ("POST", "/models/other/invoke", b"", 404),
        ("DELETE", "/models/other", b"", 404),
        ("PUT", "/models/m", b"", 405),
    ):
        with pytest.raises(HttpError) as caught:
            managed(many, method, path, body)
        assert caught.value.status == status, (method, path)
    assert len(list(tmp_path.glob("model-*"))) == 1
    managed(many, "DELETE", "/models/m")
    assert list(tmp_path.glob("model-*")) == []
    assert managed(many, "GET", "/models") == {"models": []}


def test_the_memory_in_use_is_seen() -> None:
    assert resident_bytes() > 1 << 20
