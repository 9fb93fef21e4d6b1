"""Use cases of models."""

from stoker.domain.ids import MODEL, ModelName, name_in_arn
from stoker.domain.models import Container, Model
from stoker.engine.events import ModelCreated, ModelDeleted
from stoker.errors import ConflictError, NotFoundError
from stoker.service.desk import Desk, Images
from stoker.service.quotas import check_quota


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
        most = self._desk.platform.options.quotas.models
        check_quota("Number of models", most, len(models), unit="Models", setting="quotas.models")
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
