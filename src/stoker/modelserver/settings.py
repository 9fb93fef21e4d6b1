"""What the environment asks of the model server, checked. It decides no more than defaults and bounds."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WAIT_S, PATIENT_WAIT_S = 60, 600
MAX_SOCKET_PATH = 107  # bytes; sun_path holds 108 with its closing NUL


class SettingsError(ValueError):
    """An environment variable cannot be used; the text names it."""


class Settings:
    """The server's settings. `wait_s` bounds the wait for a worker, `max_body` is in bytes, `queue` counts requests.

    `models_dir` is not empty when many models are served: they are below it, `most_models` of them loaded at once, fewer when
    this process takes more than `models_memory` MB (0: no bound), and none for longer than it is used unless `keep_models`.
    """

    __slots__ = (
        "default_accept",
        "host",
        "keep_models",
        "max_body",
        "model_dir",
        "models_dir",
        "models_memory",
        "most_models",
        "port",
        "program",
        "queue",
        "scratch",
        "socket",
        "submit_directory",
        "wait_s",
        "workers",
    )

    def __init__(self, environment: Mapping[str, str], *, patient: bool = False) -> None:
        """Read the settings from environment variables; raises `SettingsError` for what is out of bounds.

        A `patient` server lets requests wait for its worker for ten minutes rather than for one: other contracts than SageMaker's
        have no bound.
        """
        self.model_dir = environment.get("SM_MODEL_DIR") or "/opt/ml/model"
        self.program = environment.get("SAGEMAKER_PROGRAM", "")
        self.submit_directory = environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        self.default_accept = environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "application/json"
        self.socket = environment.get("STOKER_SOCKET", "")
        if len(self.socket.encode("utf-8", "surrogateescape")) > MAX_SOCKET_PATH:
            message = f"STOKER_SOCKET: a socket path has at most {MAX_SOCKET_PATH} bytes, this one is longer"
            raise SettingsError(message)
        self.host = environment.get("STOKER_HOST") or "127.0.0.1"
        self.port = _whole(environment, "SAGEMAKER_BIND_TO_PORT", 8080, 0, 65535)
        self.workers = _whole(environment, "SAGEMAKER_MODEL_SERVER_WORKERS", 1, 1, 256)
        self.wait_s = _whole(environment, "SAGEMAKER_MODEL_SERVER_TIMEOUT", PATIENT_WAIT_S if patient else WAIT_S, 1, 86400)
        self.queue = _whole(environment, "STOKER_SERVER_QUEUE", 1024, 0, 65536)
        self.max_body = _whole(environment, "STOKER_MAX_BODY", 26214400, 1, 1 << 31)
        self.scratch = environment.get("STOKER_SCRATCH") or os.getcwd()
        self.models_dir = environment.get("STOKER_MODELS_DIR", "")
        self.most_models = _whole(environment, "STOKER_MODELS_MOST", 100, 1, 10000)
        self.models_memory = _whole(environment, "STOKER_MODELS_MEMORY_MB", 0, 0, 1 << 30)
        self.keep_models = bool(_whole(environment, "STOKER_MODELS_KEEP", 1, 0, 1))


def _whole(environment: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and low <= int(text) <= high):
        message = f"{name}: must be a whole number from {low} to {high}, is {text[:40]!r}"
        raise SettingsError(message)
    return int(text)
