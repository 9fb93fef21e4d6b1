"""Where repositories are found by their names; nothing is read or downloaded for it."""

from pathlib import Path
from urllib.parse import quote

import magika
import pytest

from stoker.artifacts import repositories
from stoker.artifacts.hub_urls import HubUrl
from stoker.artifacts.local import check_url
from stoker.artifacts.repositories import Repositories
from stoker.errors import InvalidParameterError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("org/name", "org/name@v2", "plain", "a b"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "file").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "revision", "found"),
    [
        pytest.param("org/name", None, "org/name", id="name"),
        pytest.param("plain", None, "plain", id="without an organization"),
        pytest.param("org/name", "v2", "org/name@v2", id="a revision of its own"),
        pytest.param("org/name", "v1", "org/name", id="a revision that has no directory"),
        pytest.param("org/name", "../../etc", "org/name", id="a revision that leads out"),
    ],
)
def test_names_are_directories_below_the_root(root: Path, name: str, revision: str | None, found: str) -> None:
    assert Repositories(root).locate(name, revision) == "file://" + quote(str(root / found))


def test_paths_and_file_urls_are_directories_themselves(root: Path) -> None:
    there = "file://" + quote(str(root / "a b"))
    assert Repositories().locate(str(root / "a b"), None) == there
    assert Repositories().locate(there, None) == there


def test_a_package_has_files() -> None:
    inner = Path(magika.__file__).parent / "models" / "standard_v3_3"
    assert Repositories().locate("package://magika/models/standard_v3_3", None) == f"file://{inner}"


@pytest.mark.parametrize(
    ("name", "revision", "url"),
    [
        pytest.param("org/far", None, "hf://org/far", id="name"),
        pytest.param("gpt2", None, "hf://gpt2", id="without an organization"),
        pytest.param("org/far", "refs/pr/1", "hf://org/far@refs%2Fpr%2F1", id="revision"),
        pytest.param("hf://org/far@v1", None, "hf://org/far@v1", id="url with a revision"),
        pytest.param("hf://org/far@v1", "v2", "hf://org/far@v2", id="the revision beside it wins"),
    ],
)
def test_what_is_not_here_is_the_hubs_where_that_is_allowed(root: Path, name: str, revision: str | None, url: str) -> None:
    assert Repositories(root, downloads=True).locate(name, revision) == url


def test_an_url_of_the_hub_is_allowed_anyhow() -> None:
    assert Repositories().locate("hf://org/far", None) == "hf://org/far"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("org/far", "is not here: .* has no directory of that name, and nothing is downloaded", id="no download"),
        pytest.param("/nothing/here", "there is no directory /nothing/here", id="no directory"),
        pytest.param("s3://bucket/key", "is not a name such as org/name", id="another url"),
        pytest.param("../org", "is not a name such as org/name", id="leads out"),
        pytest.param("a/b/c", "is not a name such as org/name", id="too deep"),
        pytest.param("", "is not a name such as org/name", id="empty"),
        pytest.param("package://nothing_of_this_name", "no package 'nothing_of_this_name' is installed", id="no package"),
        pytest.param("package://magika/../..", "leads out of its package", id="out of the package"),
        pytest.param("package://magika/none", "there is no directory", id="not in the package"),
        pytest.param("hf://a/b/c", "is not hf://org/name", id="no url of a hub"),
        pytest.param("file://host/x", "names the host 'host'", id="another machine"),
    ],
)
def test_what_cannot_be_found_says_what_was_looked_at(root: Path, name: str, said: str) -> None:
    with pytest.raises(InvalidParameterError, match=said) as caught:
        Repositories(root).locate(name, None)
    assert caught.value.field == "model.repository"


def test_without_a_directory_the_setting_is_named() -> None:
    with pytest.raises(InvalidParameterError, match=r"hub\.repositories names no directory"):
        Repositories().locate("org/name", None)


def test_without_the_extra_nothing_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories, "client_is_there", lambda: False)
    with pytest.raises(InvalidParameterError, match="needs the extra 'hf'"):
        Repositories(downloads=True).locate("org/name", None)


def test_models_of_aws_may_have_such_urls_too() -> None:
    check_url("hf://org/name@v1")
    check_url("file:///nothing/here")
    with pytest.raises(InvalidParameterError, match="ModelDataUrl 'hf://org/name@' is not hf://org/name"):
        check_url("hf://org/name@")


def test_a_revision_survives_its_url() -> None:
    assert HubUrl.read(HubUrl(name="org/name", revision="refs/pr/1").text, "f") == HubUrl(name="org/name", revision="refs/pr/1")
