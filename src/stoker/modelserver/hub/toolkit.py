"""A loaded repository: what is found in it, and how requests reach it.

A handler script wins over the older pipeline script, and that over the pipeline of the repository's task.
"""

from __future__ import annotations

import os

from stoker.modelserver.hub.requests import read_request
from stoker.modelserver.hub.results import write_result
from stoker.modelserver.loading import import_script
from stoker.modelserver.replies import is_stream, make_reply
from stoker.modelserver.report import log
from stoker.modelserver.script import Function, LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stoker.modelserver.exchange import Context
    from stoker.modelserver.protocol import Request
    from stoker.modelserver.replies import Reply
    from stoker.modelserver.settings import Settings

HANDLER, LEGACY = "handler.py", "pipeline.py"
REQUIREMENTS = "requirements.txt"


class Repository:
    """Answers requests with one callable: a handler's, or a pipeline's."""

    __slots__ = ("_call", "_task")

    def __init__(self, call: Callable[[Context, dict[str, object]], object], task: str) -> None:
        """`task` tells how bodies without a type are to be read; empty for scripts."""
        self._call = call
        self._task = task

    def answer(self, request: Request, context: Context) -> Reply:
        """Read the request as the toolkit does, predict, and write the reply in the type that is accepted."""
        data = read_request(request, self._task)
        result = self._call(context, data)
        accept = request.headers.get("accept", "")
        if is_stream(result) or isinstance(result, (bytes, bytearray, memoryview)):
            return make_reply(result, accept, context)  # not of the toolkit's contract, but what would be JSON of neither
        return write_result(result, accept, context)


def load_repository(settings: Settings, environment: Mapping[str, str]) -> Repository:
    """Load what the model directory holds; raises `LoadError`, or whatever a script raises."""
    folder = _folder(settings, environment)
    _see_to_requirements(folder, environment)
    task = environment.get("HF_TASK", "").strip()
    script = _script(folder, environment)
    if script is not None:
        log(f"the repository's own {os.path.basename(script[0])} serves")
        return Repository(_scripted(*script, folder), task)
    from stoker.modelserver.hub.tasks import load_task  # noqa: PLC0415 - repositories with a handler never need it

    pipeline, task = load_task(folder, task)
    log(f"the repository's task is {task}")
    return Repository(_piped(pipeline), task)


def _folder(settings: Settings, environment: Mapping[str, str]) -> str:
    """Give the repository's directory: HF_MODEL_DIR if it is one, else the model directory, filled from HF_MODEL_ID if empty."""
    given = environment.get("HF_MODEL_DIR", "")
    if given and os.path.isdir(given) and os.listdir(given):
        return os.path.abspath(given)
    folder = settings.model_dir
    if not os.path.isdir(folder):
        raise LoadError(f"SM_MODEL_DIR: {folder!r} is not a directory")
    name = environment.get("HF_MODEL_ID", "")
    if os.listdir(folder):
        return os.path.abspath(folder)
    if not name:
        raise LoadError("there is no repository: the model has no files, and HF_MODEL_ID is not set")
    if os.path.isdir(name):
        return os.path.abspath(name)
    from stoker.modelserver.hub.fetching import fetch  # noqa: PLC0415 - as above

    return fetch(name, environment)


def _script(folder: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Find the script that serves, and the name of its class."""
    wanted = environment.get("HF_DEFAULT_PIPELINE_NAME") or HANDLER
    for name, kind in ((wanted, "EndpointHandler"), (LEGACY, "PreTrainedPipeline")):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path, kind
    return None


def _scripted(path: str, kind: str, folder: str) -> Callable[[Context, dict[str, object]], object]:
    """Make the script's object, once; it is given the whole body of each request."""
    module = import_script(path, folder)
    made = getattr(module, kind, None)
    if made is None:
        raise LoadError(f"{path} defines no class {kind}")
    instance = made(folder)
    if not callable(instance):
        raise LoadError(f"class {kind} has no method __call__")
    return Function(instance, f"{kind}.__call__", 1)


def _piped(pipeline: Callable[..., object]) -> Callable[[Context, dict[str, object]], object]:
    def call(_context: Context, data: dict[str, object]) -> object:
        inputs = data.pop("inputs", None)
        parameters = data.pop("parameters", None)
        if parameters is None:  # some tasks have them beside the inputs
            parameters = {name: value for name, value in data.items() if name not in {"instances", "options"}}
        if not isinstance(parameters, dict):
            message = "parameters must be an object"
            raise TypeError(message)
        return pipeline(inputs, **parameters)

    return call


def _see_to_requirements(folder: str, environment: Mapping[str, str]) -> None:
    path = os.path.join(folder, REQUIREMENTS)
    if not os.path.isfile(path):
        return
    place = environment.get("STOKER_REQUIREMENTS_DIR", "")
    if not place:
        log(f"{path} is not installed: this server installs nothing at a start unless hub.install_requirements is set")
        return
    from stoker.modelserver.hub.installing import install  # noqa: PLC0415 - as above

    install(path, place)
