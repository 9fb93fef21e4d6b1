"""Use cases of models."""

from stoker.domain.ids import MODEL, ModelName, name_in_arn
from stoker.domain.models import Container, Model
from stoker.engine.events import ModelCreated, ModelDeleted
from stoker.errors import ConflictError, LimitError, NotFoundError
from stoker.service.desk import Desk, Images

MAX_MODELS = 10_000
"""Models of one installation; a bound on memory."""


class Models:
    """Makes, shows and deletes models."""

    __slots__ = ("_desk", "_images")

    def __init__(self, desk: Desk, images: Images) -> None:
        self._desk = desk
        self._images = images

    async def create(self, name: ModelName, container: Container, *, echo: bytes, tags: dict[str, str] | None = None) -> Model:
        """Make a model of an image that this installation can run."""
        models = self._desk.platform.fleet.models
        if name in models:
            raise ConflictError(MODEL, name, exists=True)
        if len(models) >= MAX_MODELS:
            raise LimitError(f"There are {MAX_MODELS} models already.", limit="models", maximum=MAX_MODELS)
        self._images.check(container.image)
        model = Model(name=name, container=container, created=self._desk.now(), echo=echo, tags=tags or {})
        await self._desk.submit(ModelCreated(model=model))
        return model

    def get(self, name: str) -> Model:
        """Give a model by name or ARN."""
        model = self._desk.platform.fleet.models.get(ModelName(name_in_arn(name)))
        if model is None:
            raise NotFoundError(MODEL, name)
        return model

    def all(self) -> list[Model]:
        """Give all models."""
        return list(self._desk.platform.fleet.models.values())

    async def delete(self, name: str) -> None:
        """Delete a model; what runs of it runs on."""
        await self._desk.submit(ModelDeleted(name=self.get(name).name))
