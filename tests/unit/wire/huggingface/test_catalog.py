"""The catalog, by its present and its former paths."""

import pytest

from stoker.config.settings import Recipe
from stoker.domain.ids import ComponentName
from tests.unit.wire.huggingface.hub_stage import Loose, Stage

RECIPES = (
    Recipe(id="tiny-cpu", repository="org/Tiny_Model", task="text-classification", license="Apache 2.0", env={"A": "1"}),
    Recipe(id="tiny-gpu", repository="org/Tiny_Model", accelerator="gpu", instance_type="nvidia-l4", engine="custom"),
    Recipe(id="chat", repository="org/chat", engine="custom", gguf_file="q4.gguf", max_replica=2),
)


@pytest.fixture
def stage() -> Stage:
    return Stage(recipes=RECIPES)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["tiny-cpu", "tiny-gpu", "chat"]),
        ("?accelerator=gpu", ["tiny-gpu"]),
        ("?engine=custom&search=CHAT", ["chat"]),
        ("?task=text-classification&license=apache%202.0", ["tiny-cpu"]),
        ("?limit=1", ["tiny-cpu", "tiny-gpu"]),
        ("?search=nothing", []),
    ],
)
async def test_recipes_are_listed_by_what_they_are(stage: Stage, query: str, ids: list[str]) -> None:
    for path in ("/api/v1/catalog/list", "/api/catalog/list"):
        items = (await stage.call("GET", path + query)).document["items"]
        assert [recipe["publicId"] for item in items for recipe in item["recipes"]] == ids
        for item in items:
            assert item["repoId"] == f"{item['authorName']}/{item['modelName']}"
            assert item["createdAt"].endswith("Z")
    assert (await stage.call("GET", "/api/catalog/repo-list")).document == {"models": ["org/Tiny_Model", "org/chat"]}


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/api/v1/catalog/model/org/Tiny_Model/deploy", {}, "tiny-model"),
        ("/api/v1/catalog/model/org/Tiny_Model/deploy", {"config": {"name": "mine"}, "accelerator": "gpu"}, "mine"),
        ("/api/v1/catalog/recipe/chat/deploy", {"config": {"name": "chat"}}, "chat"),
        ("/api/catalog/deploy", {"repoId": "org/chat", "endpointName": "c", "ggufFile": "q4.gguf"}, "c"),
    ],
)
async def test_an_endpoint_is_made_of_a_recipe(stage: Stage, path: str, body: Loose, name: str) -> None:
    answer = await stage.call("POST", path, {"namespace": "stoker", **body})
    assert (answer.status, answer.document.get("endpoint", {}).get("name")) == (200, name), answer.body
    assert await stage.state(name) == "running"


async def test_what_a_recipe_says_is_asked_for(stage: Stage) -> None:
    answer = await stage.call("POST", "/api/v1/catalog/recipe/chat/deploy", {"namespace": "stoker"})
    endpoint = answer.document["endpoint"]
    assert endpoint["model"]["image"] == {"custom": {"modelPath": "q4.gguf"}}
    assert endpoint["compute"]["scaling"] == {"minReplica": 0, "maxReplica": 2, "scaleToZeroTimeout": 15}
    assert stage.desk.platform.fleet.components[ComponentName("chat")].container.model_data == "hf://org/chat"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/v1/catalog/model/org/none/deploy", {"namespace": "stoker"}, 404),
        ("/api/v1/catalog/recipe/none/deploy", {"namespace": "stoker"}, 404),
        ("/api/v1/catalog/recipe/chat/deploy", {}, 400),
        ("/api/v1/catalog/recipe/chat/deploy", {"namespace": "stoker", "config": 1}, 400),
        ("/api/v1/catalog/recipe/chat/deploy", {"namespace": "stoker", "config": {"name": "NO"}}, 400),
        ("/api/catalog/deploy", {"namespace": "stoker", "repoId": 5}, 400),
    ],
)
async def test_what_cannot_be_taken(stage: Stage, path: str, body: Loose, status: int) -> None:
    answer = await stage.call("POST", path, body)
    assert (answer.status, bool(answer.error)) == (status, True)
    assert stage.desk.platform.fleet.hubs == {}
