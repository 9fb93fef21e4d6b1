"""The image table: which command stands for a container image's name on this machine."""

import sys
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from stoker.config.settings import Image
from stoker.errors import InvalidParameterError

BUILT_IN = "stoker/python"
TOOLKIT = "hf/huggingface"
"""Serves a model repository as Hugging Face's toolkit does."""
LLAMA = "hf/llamacpp"
"""Serves a language model in a GGUF file to OpenAI's clients."""
# -P: the directory the platform was started in is no place to import a model's code from.
DEFAULT_PING = Image(pattern="", command=[]).ping
_SERVER = [sys.executable, "-P", "-m", "stoker.modelserver"]
_OWN = tuple(
    Image(pattern=pattern, command=[*_SERVER, *arguments], ping=ping, env=env)
    for name, arguments, ping, env in (
        (BUILT_IN, [], "/ping", {}),
        (TOOLKIT, ["hub"], "/health", {"HF_MODEL_DIR": "{model_dir}"}),
        (LLAMA, ["llama"], "/health", {}),
    )
    for pattern in (name, f"{name}:*")
)


class ImageTable:
    """Looks images up: the user's patterns in their order, then the built-in ones with any tag.

    A built-in copy listens on a unix socket, all others on a TCP port of 127.0.0.1 that is leased for them. `hub` has variables
    for the copies that serve repositories: how a hub is reached, and where their requirements may be installed.
    """

    __slots__ = ("_images",)

    def __init__(self, images: Sequence[Image], hub: Mapping[str, str] | None = None) -> None:
        own = (msgspec.structs.replace(image, env={**(hub or {}), **image.env}) if image.env else image for image in _OWN)
        self._images = (*images, *own)

    def check(self, image: str) -> None:
        """Raise what `resolve` raises for an image that nothing matches."""
        self.resolve(image)

    def ping(self, image: str) -> str:
        """Give the path of an image's health check if its row says one, else nothing. Raises what `resolve` raises."""
        found = self.resolve(image)
        return "" if found.ping == DEFAULT_PING and not listens_on_socket(found) else found.ping

    def resolve(self, name: str) -> Image:
        """Give the first image whose pattern matches the name; `InvalidParameterError` (field `Image`) lists what would match."""
        for image in self._images:
            if fnmatchcase(name, image.pattern):
                return image
        known = ", ".join(f"'{image.pattern}'" for image in self._images)
        message = (
            f"The image '{name}' has no command here: it matches none of {known}. "
            "Add an [[images]] entry with a pattern and a command to the settings."
        )
        raise InvalidParameterError(message, field="Image")


def fronted(image: Image) -> Image:
    """Give what runs a multi-model container: our model server, which starts the image's command and speaks with it.

    It listens on the unix socket, the command on the port; see `stoker.modelserver.container`.
    """
    command = [*_SERVER, "{port}", image.ping or "/", "--", *image.command]
    return Image(pattern=image.pattern, command=command, env=image.env)


def listens_on_socket(image: Image) -> bool:
    """Tell whether copies of the image listen on the unix socket named by `STOKER_SOCKET`."""
    return image.command[: len(_SERVER)] == _SERVER and any(image.pattern == own.pattern for own in _OWN)
