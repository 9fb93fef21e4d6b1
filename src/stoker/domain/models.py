"""A model: an image, the files it serves and its environment."""

import msgspec

from stoker.domain.ids import ModelName
from stoker.units import Instant


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """What runs in a copy. `model_data` is the URL of the model's files, empty when the image brings its own.

    A `multi_model` one has many models below `model_data`, and loads each when it is asked for; `cache_models` keeps them loaded.
    `hidden` names what of the environment is shown to nobody.
    """

    image: str
    model_data: str = ""
    environment: dict[str, str] = {}
    multi_model: bool = False
    cache_models: bool = True
    hidden: tuple[str, ...] = ()


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable model. `echo` is the client's own document, opaque here, given back when the model is described."""

    name: ModelName
    container: Container
    created: Instant
    echo: bytes = b""
    tags: dict[str, str] = {}
