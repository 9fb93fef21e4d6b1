"""Finds the handler script in a model directory, imports it and loads the model."""

from __future__ import annotations

import os
import sys

from stoker.modelserver.script import SCRIPT_FUNCTIONS, EndpointModel, LoadError, ScriptModel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Protocol

    from stoker.modelserver.exchange import Context
    from stoker.modelserver.protocol import Request
    from stoker.modelserver.replies import Reply
    from stoker.modelserver.settings import Settings

    class Model(Protocol):
        """A loaded model."""

        def invoke(self, body: bytes, headers: dict[str, str], context: Context) -> Reply:
            """Answer one request; `headers` have lower-case names. May raise anything."""
            ...

    class WholeModel(Protocol):
        """A loaded model that looks at paths and queries itself."""

        def answer(self, request: Request, context: Context) -> Reply:
            """Answer one request. May raise anything."""
            ...


PROGRAMS = ("code/inference.py", "inference.py", "handler.py", "code/handler.py")


def load_model(settings: Settings) -> Model:
    """Load what the model directory holds; raises `LoadError`, or whatever the handler raises."""
    if not os.path.isdir(settings.model_dir):
        raise LoadError(f"SM_MODEL_DIR: {settings.model_dir!r} is not a directory")
    program = find_program(settings)
    module = import_script(program, settings.model_dir)
    if any(hasattr(module, name) for name in SCRIPT_FUNCTIONS):
        return ScriptModel(module, settings.model_dir, settings.default_accept)
    handler = getattr(module, "EndpointHandler", None)
    if handler is not None:
        return EndpointModel(handler, settings.model_dir)
    raise LoadError(f"{program} defines neither class EndpointHandler nor any of {', '.join(SCRIPT_FUNCTIONS)}")


def find_program(settings: Settings) -> str:
    """Give the path of the handler script; raises `LoadError` which says where it was looked for."""
    if settings.program:
        folders = [os.path.join(settings.model_dir, "code"), settings.model_dir]
        if settings.submit_directory and os.path.isdir(settings.submit_directory):
            folders.append(settings.submit_directory)
        candidates = [os.path.join(folder, settings.program) for folder in folders]
        what = f"SAGEMAKER_PROGRAM: no file {settings.program!r}"
    else:
        candidates = [os.path.join(settings.model_dir, name) for name in PROGRAMS]
        what = "the model directory has no handler script"
    for path in candidates:
        if os.path.isfile(path):
            return os.path.abspath(path)
    raise LoadError(f"{what}; looked for {', '.join(candidates)}")


def import_script(program: str, model_dir: str) -> ModuleType:
    """Import the script under its own name, as the SageMaker toolkit does, so that pickles find their classes in it."""
    folder, file = os.path.split(program)
    name, extension = os.path.splitext(file)
    if extension != ".py" or "." in name:
        raise LoadError(f"{program} is not a Python module: its name must end in .py and hold no other dot")
    if name in sys.modules:
        raise LoadError(f"{program} cannot be imported as {name!r}, since Python has a module of that name; rename it")
    code = os.path.join(os.path.abspath(model_dir), "code")
    sys.path[:0] = [folder] if folder == code or not os.path.isdir(code) else [folder, code]
    try:
        return __import__(name)
    except ModuleNotFoundError as error:
        for place in (folder, code):
            wanted = os.path.join(place, "requirements.txt")
            if error.name and os.path.isfile(wanted):
                hint = f"No module named {error.name!r}; {wanted} is not installed by the server, install it into {sys.prefix}"
                raise LoadError(hint) from error
        raise
