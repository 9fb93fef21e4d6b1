"""Where the files of a model repository are, by its name: on this disk, in an installed package, or on a hub.

Finding a place neither reads nor downloads anything; `stoker.artifacts.local` does that when a copy starts.
"""

import importlib.util
import re
from pathlib import Path
from urllib.parse import quote

from stoker.artifacts.hub_urls import HUB, HubUrl, client_is_there
from stoker.artifacts.local import local_path
from stoker.errors import InvalidParameterError

FIELD = "model.repository"
PACKAGE = "package://"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")


class Repositories:
    """Finds repositories by name below a directory; implements `stoker.service.desk.Sources`.

    `downloads` says whether a plain name that is not below `root` (None: there is none) is one of the hub's.
    """

    __slots__ = ("_downloads", "_root")

    def __init__(self, root: Path | None = None, *, downloads: bool = False) -> None:
        self._root = root
        self._downloads = downloads

    def locate(self, repository: str, revision: str | None) -> str:
        """Give the URL of a repository's files; `InvalidParameterError` (field `model.repository`) says what was looked at.

        A repository is an absolute path, a `file://`, `hf://` or `package://NAME/PATH` URL, or a name such as `org/name`: the
        directory of that name below the root, `org/name@revision` first. On disk a revision that has no directory of its own is
        passed over.
        """
        if repository.startswith(("/", "file://")):
            return _directory(local_path(repository, FIELD), repository)
        if repository.startswith(PACKAGE):
            return _directory(_in_package(repository), repository)
        if repository.startswith(HUB):
            return self._on_hub(HubUrl.read(repository, FIELD), revision)
        if not _NAME.fullmatch(repository):
            forms = "a name such as org/name, an absolute path, or a file://, package:// or hf:// URL"
            raise InvalidParameterError(f"{FIELD} '{repository[:200]}' is not {forms}.", field=FIELD)
        found = self._below_root(repository, revision)
        if found is not None:
            return _directory(found, repository)
        if not self._downloads:
            where = f"{self._root} has no directory of that name" if self._root else "hub.repositories names no directory"
            message = f"{FIELD} '{repository}' is not here: {where}, and nothing is downloaded (hub.downloads is false)."
            raise InvalidParameterError(message, field=FIELD)
        return self._on_hub(HubUrl(name=repository), revision)

    def _below_root(self, name: str, revision: str | None) -> Path | None:
        if self._root is None:
            return None
        places = [self._root / name]
        if revision and "/" not in revision and revision not in {".", ".."}:
            places.insert(0, self._root / f"{name}@{revision}")
        return next((place for place in places if place.is_dir()), None)

    @staticmethod
    def _on_hub(url: HubUrl, revision: str | None) -> str:
        if not client_is_there():
            message = f"{FIELD} '{url.name}' is to be downloaded, which needs the extra 'hf', and it is not installed."
            raise InvalidParameterError(message, field=FIELD)
        return HubUrl(name=url.name, revision=revision or url.revision).text


def _directory(path: Path, repository: str) -> str:
    if not path.is_dir():
        raise InvalidParameterError(f"{FIELD} '{repository}': there is no directory {path}.", field=FIELD)
    return "file://" + quote(str(path))


def _in_package(repository: str) -> Path:
    """Give the path of what an installed package brought along, without importing it."""
    package, _, inner = repository.removeprefix(PACKAGE).partition("/")
    try:
        spec = importlib.util.find_spec(package) if package.isidentifier() else None
    except (ImportError, ValueError):
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not places:
        raise InvalidParameterError(f"{FIELD} '{repository}': no package '{package}' is installed.", field=FIELD)
    root = Path(places[0]).resolve()
    path = (root / inner).resolve()
    if not path.is_relative_to(root):
        raise InvalidParameterError(f"{FIELD} '{repository}' leads out of its package.", field=FIELD)
    return path
