"""What an endpoint says of its container beside the image, as Hugging Face's API has it: command, arguments, port, health route.

It comes in variables of the model's environment (see `stoker.domain.hub`), which are not passed on. In such a container the
model's files are at `/repository`; here they are wherever they are, so what names that place is made to name the other.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from stoker.config.settings import Image
from stoker.domain.hub import ARGUMENTS, COMMAND, IMAGE_OPTIONS
from stoker.errors import InvalidParameterError
from stoker.runtimes.process.images import DEFAULT_PING

REPOSITORY = "/repository"
OF_HUB = "hf/"
"""What the names of images begin with that stand for an engine of Hugging Face's API."""
_TOLD = frozenset((ARGUMENTS, COMMAND, IMAGE_OPTIONS))
_MOST_PORT = 65_535
_LLAMA = {
    "modelPath": "LLAMA_ARG_MODEL",
    "mmprojModelPath": "LLAMA_ARG_MMPROJ",
    "ctxSize": "LLAMA_ARG_CTX_SIZE",
    "nParallel": "LLAMA_ARG_N_PARALLEL",
    "threadsHttp": "LLAMA_ARG_HTTP_THREADS",
    "embeddings": "LLAMA_ARG_EMBEDDINGS",
}
"""What the API's own object for llama.cpp says, and the variables that llama.cpp's servers read it from."""
_Kind = TypeVar("_Kind")


class Tailored(msgspec.Struct, frozen=True, kw_only=True):
    """An image as one endpoint has it. `port` is the one that its server is known to listen on whatever it is told; 0: none.

    A `patient` one is asked less and less often while it loads, down to once a second, and then every second.
    """

    image: Image
    port: int = 0
    patient: bool = False


def tailor(image: Image, environment: Mapping[str, str]) -> Tailored:
    """Give what is to be started; `InvalidParameterError` names the variable that cannot be read."""
    if not _TOLD & environment.keys():
        return Tailored(image=image)
    options = _read(environment, IMAGE_OPTIONS, dict[str, object]) or {}
    command = _read(environment, COMMAND, list[str]) or image.command
    arguments = _read(environment, ARGUMENTS, list[str]) or []
    words = [*command, *arguments]
    port = _port(options.get("port"))
    if IMAGE_OPTIONS not in environment:
        return Tailored(image=msgspec.structs.replace(image, command=_placed(words)))
    return Tailored(
        image=msgspec.structs.replace(image, command=_placed(words), ping=_ping(image, options)),
        port=0 if any("{port}" in word for word in (*words, *image.env.values())) else port,
        patient=True,
    )


def own_variables(image: str, environment: Mapping[str, str], model_dir: str) -> dict[str, str]:
    """Give a model's variables as its server is to see them."""
    passed = {name: value for name, value in environment.items() if name not in _TOLD}
    if not (_TOLD & environment.keys() or image.startswith(OF_HUB)):
        return passed
    options = _read(environment, IMAGE_OPTIONS, dict[str, object]) or {}
    engine = {name: _written(options[key]) for key, name in _LLAMA.items() if options.get(key) is not None}
    return {name: _moved(value, model_dir) for name, value in (engine | passed).items()}


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ping(image: Image, options: Mapping[str, object]) -> str:
    """Give the health route: the endpoint's, else what the table says beyond its default, else none."""
    route = options.get("healthRoute") or options.get("health_route")
    if isinstance(route, str):
        return f"/{route.lstrip('/')}"
    return "" if image.ping == DEFAULT_PING else image.ping


def _port(value: object) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or not 0 < value <= _MOST_PORT:
        raise InvalidParameterError(
            f"The image's port {value!r} is not a whole number from 1 to {_MOST_PORT}.", field=IMAGE_OPTIONS
        )
    return value


def _placed(words: list[str]) -> list[str]:
    return [_moved(word, "{model_dir}") for word in words]


def _moved(text: str, model_dir: str) -> str:
    if text == REPOSITORY or text.startswith(f"{REPOSITORY}/"):
        return model_dir + text.removeprefix(REPOSITORY)
    return text


def _read(environment: Mapping[str, str], name: str, kind: type[_Kind]) -> _Kind | None:
    text = environment.get(name)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise InvalidParameterError(f"{name} cannot be read: {error}.", field=name) from error
