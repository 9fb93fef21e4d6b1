"""The routes of Hugging Face's catalog, those of now and those of clients up to 2.0.0."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from stoker.config.settings import Recipe
from stoker.errors import InvalidParameterError
from stoker.units import Instant
from stoker.wire.huggingface.bodies import NAMESPACE, Document, read_object
from stoker.wire.huggingface.documents import when
from stoker.wire.huggingface.exchange import HubError, HubReply, HubRequest, told
from stoker.wire.huggingface.management import Route, whole

Create = Callable[[HubRequest, str, Document], Awaitable[Document]]
"""Makes an endpoint in a namespace as a body asks."""

_DEPLOY = "CreateEndpoint"
_LIST = "ListCatalog"
_NAME_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


class Catalog:
    """Lists recipes, and makes endpoints of them."""

    __slots__ = ("_create", "_recipes", "_since", "routes")

    def __init__(self, recipes: Sequence[Recipe], create: Create, *, since: Instant) -> None:
        """`since` is when the catalog came about, for clients that want a date."""
        self._recipes = recipes
        self._create = create
        self._since = since
        root = r"/api(?:/v1)?/catalog"
        self.routes = [
            Route(rf"{root}/list", {"GET": (_LIST, self._list)}),
            Route(rf"{root}/repo-list", {"GET": (_LIST, self._repositories)}),
            Route(rf"{root}/model/(.+)/deploy", {"POST": (_DEPLOY, self._deploy_model)}),
            Route(rf"{root}/recipe/([^/]+)/deploy", {"POST": (_DEPLOY, self._deploy_recipe)}),
            Route(rf"{root}/deploy", {"POST": (_DEPLOY, self._deploy_named)}),
        ]

    async def _list(self, request: HubRequest, found: Sequence[str]) -> HubReply:  # noqa: ARG002 - a handler's signature
        models: dict[str, list[Recipe]] = {}
        for recipe in matching(self._recipes, request.query):
            models.setdefault(recipe.repository, []).append(recipe)
        most = whole(request.query, "limit", 1000, 1000)
        return told({"items": [self._model(recipes) for recipes in list(models.values())[:most]]})

    async def _repositories(self, request: HubRequest, found: Sequence[str]) -> HubReply:  # noqa: ARG002 - as above
        return told({"models": list(dict.fromkeys(recipe.repository for recipe in self._recipes))})

    async def _deploy_model(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        body = read_object(request.body)
        return await self._deploy(request, body, self._of(found[0], body), _text(_inner(body, "config"), "name"))

    async def _deploy_recipe(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        body = read_object(request.body)
        recipe = next((each for each in self._recipes if each.id == found[0]), None)
        if recipe is None:
            raise HubError(404, f"The catalog has no recipe {found[0][:80]!r}.")
        return await self._deploy(request, body, recipe, _text(_inner(body, "config"), "name"))

    async def _deploy_named(self, request: HubRequest, found: Sequence[str]) -> HubReply:  # noqa: ARG002 - a handler's signature
        body = read_object(request.body)
        return await self._deploy(request, body, self._of(_text(body, "repoId"), body), _text(body, "endpointName"))

    def _of(self, repository: str, body: Document) -> Recipe:
        """Give the first recipe of a repository that is for the accelerator and the file that are asked for, if any are."""
        accelerator, file = _text(body, "accelerator"), _text(body, "ggufFile")
        for recipe in self._recipes:
            fits = accelerator in {"", recipe.accelerator} and file in {"", recipe.gguf_file}
            if recipe.repository == repository and fits:
                return recipe
        raise HubError(404, f"The catalog has no such recipe of {repository[:200]!r}.")

    async def _deploy(self, request: HubRequest, body: Document, recipe: Recipe, name: str) -> HubReply:
        namespace = _text(body, "namespace")
        if NAMESPACE.fullmatch(namespace) is None:
            raise InvalidParameterError(
                f"namespace must name who the endpoint is for, not {namespace[:40]!r}.", field="namespace"
            )
        return told({"endpoint": await self._create(request, namespace, request_for(recipe, name or _name_of(recipe)))})

    def _model(self, recipes: Sequence[Recipe]) -> Document:
        first = recipes[0]
        author, _, name = first.repository.rpartition("/")
        return {
            "repoId": first.repository,
            "modelName": name,
            "authorName": author,
            "license": first.license,
            "task": first.task,
            "createdAt": when(self._since),
            "recipes": [
                {
                    "publicId": recipe.id,
                    "accelerator": recipe.accelerator,
                    "engineType": recipe.engine,
                    "ggufFile": recipe.gguf_file or None,
                    "revision": recipe.revision or None,
                }
                for recipe in recipes
            ],
        }


def matching(recipes: Iterable[Recipe], wanted: Mapping[str, str]) -> list[Recipe]:
    """Give the recipes that are as a query of `accelerator`, `engine`, `license`, `task` and `search` wants."""
    exact = {name: wanted[name].lower() for name in ("accelerator", "engine", "license", "task") if wanted.get(name)}
    search = wanted.get("search", "").lower()
    return [
        recipe
        for recipe in recipes
        if all(str(getattr(recipe, name)).lower() == value for name, value in exact.items())
        and search in recipe.repository.lower()
    ]


def request_for(recipe: Recipe, name: str) -> Document:
    """Give the body that asks for an endpoint of a recipe."""
    options: Document = dict(recipe.image)
    if recipe.gguf_file:
        options.setdefault("modelPath", recipe.gguf_file)
    return {
        "name": name,
        "type": "authenticated",
        "provider": {"vendor": "local", "region": "local"},
        "compute": {
            "accelerator": recipe.accelerator,
            "instanceType": recipe.instance_type,
            "instanceSize": recipe.instance_size,
            "scaling": {"minReplica": recipe.min_replica, "maxReplica": recipe.max_replica},
        },
        "model": {
            "repository": recipe.repository,
            "revision": recipe.revision or None,
            "task": recipe.task or None,
            "framework": recipe.framework,
            "image": {recipe.engine: options},
            "env": dict(recipe.env),
        },
    }


def _name_of(recipe: Recipe) -> str:
    """Give an endpoint's name for a recipe: that of its repository, as far as letters allow."""
    plain = recipe.repository.rpartition("/")[2].lower()
    letters = "".join(letter if letter in _NAME_LETTERS else "-" for letter in plain)
    return letters[:32].strip("-") or "endpoint"


def _inner(body: Document, key: str) -> Document:
    value = body.get(key, {})
    if not isinstance(value, dict):
        raise InvalidParameterError(f"{key} must be an object.", field=key)
    return value


def _text(body: Document, key: str) -> str:
    value = body.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 1024:  # noqa: PLR2004 - characters
        raise InvalidParameterError(f"{key} must be a text.", field=key)
    return value
