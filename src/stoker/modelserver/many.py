"""Serves many models: `/invocations` by the TargetModel header, and the `/models` contract of multi-model containers.

Source of the contract: Amazon SageMaker AI's guide, "Custom Containers Contract for Multi-Model Endpoints".
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from copy import copy

from stoker.modelserver.loading import load_model
from stoker.modelserver.protocol import JSON, HttpError
from stoker.modelserver.replies import Reply
from stoker.modelserver.shelf import NOT_FOUND, Shelf, Timings, resident_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stoker.modelserver.exchange import Context
    from stoker.modelserver.loading import Model
    from stoker.modelserver.protocol import Request
    from stoker.modelserver.settings import Settings
    from stoker.modelserver.shelf import Backend, Entry

TARGET = "x-amzn-sagemaker-target-model"
TIMINGS = "X-Stoker-Models"
MODELS = "/models"
TRIES = 3


class GoneError(Exception):
    """The backend has lost a model that it had."""


class ManyModels:
    """Models below one directory, by their path in it."""

    def __init__(self, backend: Backend, settings: Settings) -> None:
        """Load nothing yet."""
        self._root = os.path.abspath(settings.models_dir)
        self.shelf = Shelf(
            backend,
            most=settings.most_models,
            most_bytes=settings.models_memory << 20,
            keep=settings.keep_models,
            memory=resident_bytes,
            scratch=settings.scratch,
        )

    def invoke(self, body: bytes, headers: dict[str, str], context: Context) -> Reply:
        """Ask the model that the request's header names."""
        name = headers.get(TARGET, "")
        return self._ask(name, self._path(name), body, headers, context)

    def manage(self, request: Request, context: Context) -> Reply:
        """Do what the contract's other paths ask for: load, list, tell, unload, invoke."""
        name, _, verb = request.path.removeprefix(MODELS).removeprefix("/").partition("/")
        match (request.method, bool(name), verb):
            case ("POST", False, ""):
                return self._loaded(request)
            case ("GET", False, ""):
                return _json({"models": [_told(entry) for entry in self.shelf.listed()]})
            case ("GET", True, ""):
                return _json(_told(self._find(name)))
            case ("DELETE", True, ""):
                if not self.shelf.drop(name):
                    raise HttpError(404, f"The model {name} is not loaded.", NOT_FOUND)
                return _json({"status": f"The model {name} is unloaded."})
            case ("POST", True, "invoke"):
                return self._ask(name, self._find(name).path, request.body, request.headers, context)
            case _:
                served = "GET and POST /models, GET and DELETE /models/NAME, POST /models/NAME/invoke"
                raise HttpError(405, f"The requests about models served are {served}.")

    def _ask(self, name: str, path: str, body: bytes, headers: dict[str, str], context: Context) -> Reply:
        timings = Timings()
        for _ in range(TRIES):
            entry = self.shelf.take(name, path, timings)
            try:
                if entry.model is not None:
                    reply = entry.model.invoke(body, headers, context)
                    context.reply_headers[TIMINGS] = timings.header(len(self.shelf.listed()))
                    return reply
            except GoneError:  # it keeps models by itself, and let this one go
                self.shelf.lost(entry)
            finally:
                self.shelf.give_back(entry)
        raise HttpError(503, f"The model {name} was unloaded again and again before it could be asked.", "ModelUnloaded")

    def _loaded(self, request: Request) -> Reply:
        from stoker.modelserver.formats import decode  # noqa: PLC0415 - only whoever speaks the contract needs it

        try:
            asked = decode(request.body, JSON)
        except ValueError as error:
            raise HttpError(400, "The body is not JSON.") from error
        name, url = (asked.get("model_name"), asked.get("url")) if isinstance(asked, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(url, str) or not name or "/" in name:
            raise HttpError(400, 'The body must be {"model_name": NAME, "url": DIRECTORY}.')
        if any(entry.name == name for entry in self.shelf.listed()):
            raise HttpError(409, f"The model {name} is loaded already.", "Conflict")
        self.shelf.give_back(self.shelf.take(name, url, Timings()))
        return _json({"status": f"The model {name} is loaded."})

    def _find(self, name: str) -> Entry:
        found = next((entry for entry in self.shelf.listed() if entry.name == name), None)
        if found is None:
            raise HttpError(404, f"The model {name} is not loaded.", NOT_FOUND)
        return found

    def _path(self, name: str) -> str:
        """Give where a model's archive or directory is; none is outside the models' directory."""
        path = os.path.normpath(os.path.join(self._root, name))
        if not name or "\0" in name or name.startswith("/") or not path.startswith(self._root + os.sep):
            raise HttpError(404, f"There is no model {name!r}.", NOT_FOUND)
        return path


def _told(entry: Entry) -> dict[str, str]:
    return {"modelName": entry.name, "modelUrl": entry.path}


def _json(value: object) -> Reply:
    from stoker.modelserver.formats import encode_json  # noqa: PLC0415 - only whoever speaks the contract needs it

    return Reply(encode_json(value), JSON)


class HandlerModels:
    """Handler scripts of many models in this process, none seeing the modules of another."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings, of which each model changes the directory."""
        self._settings = settings

    def load(self, name: str, directory: str) -> Model:  # noqa: ARG002 - the shelf's
        """Load a model's script. What it imported from its own directory is its own; a late import finds the installed only."""
        settings = copy(self._settings)
        settings.model_dir = directory
        path, before = list(sys.path), set(sys.modules)
        try:
            return _Slotted(load_model(settings), settings.workers)
        finally:
            sys.path[:] = path
            inside = os.path.realpath(directory) + os.sep
            shared = os.path.realpath(settings.submit_directory) + os.sep if settings.submit_directory else inside
            for module in set(sys.modules) - before:
                file = os.path.realpath(getattr(sys.modules[module], "__file__", None) or "")
                if file.startswith((inside, shared)):
                    del sys.modules[module]

    def unload(self, name: str) -> None:  # noqa: ARG002 - the shelf's
        """Have the memory back that nothing holds any more."""
        gc.collect()


class _Slotted:
    """Lets so many requests at a model at once."""

    __slots__ = ("_model", "_slots")

    def __init__(self, model: Model, slots: int) -> None:
        self._model = model
        self._slots = threading.Semaphore(slots)

    def invoke(self, body: bytes, headers: dict[str, str], context: Context) -> Reply:
        with self._slots:
            return self._model.invoke(body, headers, context)


def load_many(settings: Settings) -> ManyModels:
    """Be ready to load models with handler scripts."""
    return ManyModels(HandlerModels(settings), settings)
