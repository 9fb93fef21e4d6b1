"""What an endpoint says of its container, and what is started then."""

import json
import sys

import pytest

from stoker.config.settings import Image
from stoker.domain.hub import ARGUMENTS, COMMAND, IMAGE_OPTIONS
from stoker.errors import InvalidParameterError
from stoker.runtimes.process.images import ImageTable, listens_on_socket
from stoker.runtimes.process.tailoring import Tailored, own_variables, tailor

ROW = Image(pattern="*/server:*", command=["serve", "--port", "{port}"])
FIXED = Image(pattern="*/fixed:*", command=["serve"], ping="/healthz")


def told(options: object = None, command: object = None, arguments: object = None) -> dict[str, str]:
    given = {IMAGE_OPTIONS: options, COMMAND: command, ARGUMENTS: arguments}
    return {name: json.dumps(value) for name, value in given.items() if value is not None}


@pytest.mark.parametrize(
    ("image", "environment", "command", "ping", "port"),
    [
        pytest.param(ROW, {"A": "b"}, ["serve", "--port", "{port}"], "/ping", 0, id="nothing told"),
        pytest.param(ROW, told({"url": "x"}), ["serve", "--port", "{port}"], "", 0, id="no health route: an open port is enough"),
        pytest.param(ROW, told({"healthRoute": "/h", "port": 80}), ["serve", "--port", "{port}"], "/h", 0, id="told its port"),
        pytest.param(ROW, told({"health_route": "h"}), ["serve", "--port", "{port}"], "/h", 0, id="older spelling"),
        pytest.param(FIXED, told({"port": 8000}), ["serve"], "/healthz", 8000, id="known port, the row's health route"),
        pytest.param(ROW, told(command=["other", "{port}"]), ["other", "{port}"], "/ping", 0, id="command"),
        pytest.param(
            ROW,
            told({"port": 80}, None, ["--model", "/repository", "--file=/repository", "/repository/a.gguf", "/repositoryx"]),
            ["serve", "--port", "{port}", "--model", "{model_dir}", "--file=/repository", "{model_dir}/a.gguf", "/repositoryx"],
            "",
            0,
            id="arguments, and where the files are",
        ),
    ],
)
def test_an_image_as_an_endpoint_has_it(
    image: Image, environment: dict[str, str], command: list[str], ping: str, port: int
) -> None:
    found = tailor(image, environment)
    assert (found.image.command, found.image.ping, found.port) == (command, ping, port)
    assert found.patient is (IMAGE_OPTIONS in environment)


@pytest.mark.parametrize("options", [{"port": "80"}, {"port": 0}, {"port": 70000}, []])
def test_what_cannot_be_read_is_named(options: object) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        tailor(FIXED, told(options))
    assert caught.value.field == IMAGE_OPTIONS


def test_variables_lose_what_was_for_us_and_find_the_files() -> None:
    given = told({"port": 80}) | {"MODEL_ID": "/repository", "TEXT": "see /repository"}
    assert own_variables("any", given, "/data/m") == {"MODEL_ID": "/data/m", "TEXT": "see /repository"}
    assert own_variables("hf/huggingface", {"HF_MODEL_DIR": "/repository"}, "/data/m") == {"HF_MODEL_DIR": "/data/m"}
    assert own_variables("mine", {"A": "/repository"}, "/data/m") == {"A": "/repository"}


def test_the_toolkits_image_is_built_in() -> None:
    image = ImageTable([], {"HF_ENDPOINT": "http://hub"}).resolve("hf/huggingface")
    assert image.command == [sys.executable, "-P", "-m", "stoker.modelserver", "hub"]
    assert image.env == {"HF_ENDPOINT": "http://hub", "HF_MODEL_DIR": "{model_dir}"}
    assert listens_on_socket(image)
    assert not listens_on_socket(tailor(image, told(command=["other"])).image)
    assert ImageTable([], {"HF_ENDPOINT": "http://hub"}).resolve("stoker/python").env == {}
    assert tailor(image, {}) == Tailored(image=image)
