"""Points `huggingface_hub` at a Stoker server: the library in this process, or its command line.

    import stoker.hf

    stoker.hf.use()  # the server that runs on this machine
    endpoint = huggingface_hub.create_inference_endpoint("name", repository="/models/m", ...)

Endpoints, hardware, catalog and who one is come from Stoker then; models and data sets from wherever they came before. Works with
huggingface_hub 0.28 to 2.x, which must be installed (`pip install 'stoker[hf]'`).
"""

import copy
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeAlias
from urllib.parse import urlsplit

from stoker.errors import StokerError

Loose: TypeAlias = Any  # the library's insides, of several ages

COMMANDS: Final = ("endpoints", "auth", "version", "env")
"""What of `hf` concerns endpoints and who one is; all else is about models and data, which are not Stoker's."""
_MISSING = "huggingface_hub is not installed: pip install 'stoker[hf]' brings it."


class HubClientError(StokerError):
    """The library is not there, or nothing tells which server is meant: one sentence for the person who asked."""


class Server(NamedTuple):
    """Where a server is, and a token that it takes."""

    url: str
    token: str


class Used:
    """What `use` changed; `undo` changes it back, and so does leaving a `with` block."""

    __slots__ = ("_before", "server")

    def __init__(self, server: Server) -> None:
        self.server = server
        self._before: list[Callable[[], None]] = []

    def set(self, owner: Loose, name: str, value: Loose) -> None:
        """Set an attribute until `undo`."""
        former = getattr(owner, name)
        self._before.append(lambda: setattr(owner, name, former))
        setattr(owner, name, value)

    def set_variable(self, name: str, value: str) -> None:
        """Set an environment variable until `undo`."""
        former = os.environ.get(name)
        self._before.append(lambda: _restore(name, former))
        os.environ[name] = value

    def undo(self) -> None:
        """Change everything back."""
        while self._before:
            self._before.pop()()

    def __enter__(self) -> Self:
        """Begin a block that it is for."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End it."""
        self.undo()


def find(data: str | Path | None = None) -> Server:
    """Give the server that runs, or ran last, on a data directory (by default that of `stoker up`).

    Raises `HubClientError` when there was none.
    """
    from stoker.config.keys import FILE_NAME, load_or_create_keys  # noqa: PLC0415 - nothing of it is needed with a URL
    from stoker.config.loading import load  # noqa: PLC0415
    from stoker.control.rundir import RunDir  # noqa: PLC0415
    from stoker.domain.keys import AccessKey  # noqa: PLC0415
    from stoker.wire.tokens import token_of  # noqa: PLC0415

    run = RunDir(load(None, os.environ, {"data": None if data is None else str(data)}).data_dir)
    note = run.note()
    if note is None or not (run.data / FILE_NAME).exists():
        text = f"No server has run on {run.data} yet: start one with `stoker up`, or name its directory (`data=`) or its URL."
        raise HubClientError(text)
    key = load_or_create_keys(run.data)
    return Server(note.url, token_of(AccessKey(access_key_id=key.access_key_id, secret=key.secret)))


def use(url: str | None = None, token: str | None = None, *, data: str | Path | None = None) -> Used:
    """Have `huggingface_hub` make, find and change endpoints of a Stoker server, in this process and from now on.

    Without `url` it is the server of the data directory `data`, with its own token. The token becomes `HF_TOKEN`, because objects
    that the library gives forget one that was passed; downloads of private models in the same process need another one, passed to
    them. Raises `HubClientError`.
    """
    if url is None:
        found = find(data)
        server = Server(found.url, token or found.token)
    else:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise HubClientError(f"{url!r} is no URL of a server; one looks like http://127.0.0.1:8080.")
        server = Server(url.rstrip("/"), token or os.environ.get("HF_TOKEN", "") or "none")
    try:
        constants, api = importlib.import_module("huggingface_hub.constants"), importlib.import_module("huggingface_hub.hf_api")
    except ImportError as error:
        raise HubClientError(_MISSING) from error
    used = Used(server)
    # Read at each call, so that late is early enough. The catalog's path is that of the library's age.
    used.set(constants, "INFERENCE_ENDPOINTS_ENDPOINT", f"{server.url}/v2")
    former = getattr(constants, "INFERENCE_CATALOG_ENDPOINT", None)
    if former is not None:
        used.set(constants, "INFERENCE_CATALOG_ENDPOINT", server.url + urlsplit(former).path)
    _answer_whoami(used, api)
    used.set_variable("HF_TOKEN", server.token)
    return used


def _answer_whoami(used: Used, module: Loose) -> None:
    """Have who one is asked of the server, and nothing else of what the library asks of its hub."""
    name = "_inner_whoami" if hasattr(module.HfApi, "_inner_whoami") else "whoami"
    ask = getattr(module.HfApi, name)

    def asked(self: Loose, *arguments: Loose, **named: Loose) -> Loose:
        here = copy.copy(self)
        here.endpoint = used.server.url
        return ask(here, *arguments, **named)

    used.set(module.HfApi, name, asked)
    if name == "whoami":  # the function of that name was bound before
        used.set(module, name, module.api.whoami)


def run(arguments: Sequence[str], server: Server) -> int:
    """Run the library's own command line against a server, and give its exit status. Raises `HubClientError`."""
    command = next((word for word in arguments if not word.startswith("-")), None)
    if command is not None and command not in COMMANDS:
        text = f"stoker hf has the commands {', '.join(COMMANDS)}; `hf {command}` is for the Hub itself."
        raise HubClientError(text)
    os.environ.setdefault("HF_HUB_DISABLE_UPDATE_CHECK", "1")  # read when the library is imported
    with use(server.url, server.token):
        try:
            cli = importlib.import_module("huggingface_hub.cli.hf")
        except ImportError as error:
            raise HubClientError(_MISSING) from error
        former = sys.argv
        sys.argv = ["stoker hf", *arguments]
        try:
            cli.main()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            sys.argv = former
    return 0


def _restore(name: str, former: str | None) -> None:
    if former is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = former
