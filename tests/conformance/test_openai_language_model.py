"""OpenAI's client asks a real small language model that sleeps until then, on a server as users start it."""

import json
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from huggingface_hub import InferenceClient

from demo.server import Server, running
from tests.conformance.small_models import packages, smollm
from tests.e2e.up_server import until

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
ASKED: Any = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Name three colours of the rainbow."},
]
COLOURS = ("red", "blue", "green", "violet", "orange", "yellow")


class Hub:
    """Hugging Face's management API, as plainly as it can be asked."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def ask(self, method: str, path: str, body: object = None) -> Any:
        headers = {"authorization": f"Bearer {self.server.environment['HF_TOKEN']}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.server.address}/v2/endpoint/stoker{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=20) as reply:  # noqa: S310 - our own
            return json.load(reply)

    def state(self, name: str) -> str:
        return str(self.ask("GET", f"/{name}")["status"]["state"])

    def create(self, name: str, repository: Path) -> None:
        scaling = {"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15}
        image = {"llamacpp": {"url": "hf/llamacpp", "modelPath": FILE, "ctxSize": 512}}
        body = {
            "name": name,
            "type": "authenticated",
            "provider": {"vendor": "local", "region": "here"},
            "compute": {"accelerator": "cpu", "instanceType": "intel-spr", "instanceSize": "x1", "scaling": scaling},
            "model": {
                "repository": str(repository),
                "framework": "llamacpp",
                "task": "text-generation",
                "image": image,
                "env": {"PYTHONPATH": str(packages())},
            },
        }
        self.ask("POST", "", body)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    place = Path(tempfile.mkdtemp(prefix="oal", dir="/tmp"))
    try:
        with running(place, clock_speed=1, flags=("--gateways", "1")) as server:
            made = Hub(server)
            made.create("smollm", smollm(place / "SmolLM2"))
            until(lambda: made.state("smollm") in {"running", "failed"}, "the endpoint has come up", 30)
            assert made.state("smollm") == "running"
            yield made
    finally:
        shutil.rmtree(place, ignore_errors=True)


def test_a_model_that_sleeps_is_asked_by_its_name_and_streams(hub: Hub) -> None:
    hub.ask("POST", "/smollm/scale-to-zero")
    assert hub.state("smollm") == "scaledToZero"
    environment = hub.server.environment
    with openai.OpenAI(base_url=environment["OPENAI_BASE_URL"], api_key=environment["OPENAI_API_KEY"]) as client:
        assert "smollm" in {model.id for model in client.models.list()}
        assert hub.state("smollm") == "scaledToZero"
        with client.chat.completions.with_streaming_response.create(
            model="smollm", messages=ASKED, temperature=0, max_tokens=24, stream=True
        ) as reply:
            assert reply.headers["x-stoker-cold-start"] == "true"
            chunks = list(reply.parse())
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert any(colour in text.lower() for colour in COLOURS)
        with pytest.raises(openai.BadRequestError, match="temperature"):
            client.chat.completions.create(model="smollm", messages=ASKED, temperature=-1)


def test_hugging_faces_client_asks_it_by_its_endpoints_address(hub: Hub) -> None:
    client = InferenceClient(model=hub.ask("GET", "/smollm")["status"]["url"], token=hub.server.environment["HF_TOKEN"])
    answer = client.chat_completion(ASKED, temperature=0, max_tokens=24)
    assert any(colour in str(answer.choices[0].message.content).lower() for colour in COLOURS)
    assert client.text_generation("The sky is", max_new_tokens=4, do_sample=False)
