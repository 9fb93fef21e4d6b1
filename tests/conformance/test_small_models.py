"""Real small models behind the whole server: a language model that sleeps, one of sentences, and what all clients see of them."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import huggingface_hub
import openai
import pytest
from botocore.config import Config
from huggingface_hub.errors import BadRequestError

import stoker.hf as stoker_hf
from tests.conformance.sagemaker_stage import Loose
from tests.conformance.small_models import minilm, packages, smollm
from tests.e2e.up_server import servers, stoker, until

HARDWARE = {"accelerator": "cpu", "instance_type": "local", "instance_size": "x1", "vendor": "local", "region": "here"}
SENTENCES = ["A man is eating a piece of bread.", "The girl carries a baby."]


OWN = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        said = self.rfile.read(int(self.headers["content-length"]))[::-1]
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *arguments): ...

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Server).serve_forever()
"""


class House:
    """A server that finds repositories below a directory, and how to reach it."""

    def __init__(self, url: str, data: Path, root: Path) -> None:
        self.url = url
        self.root = root
        self.told = json.loads(stoker("env", "--data", str(data), "--format", "json").stdout)

    def aws(self, service: str) -> Loose:
        keys = {"aws_access_key_id": self.told["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": self.told["AWS_SECRET_ACCESS_KEY"]}
        once = Config(retries={"max_attempts": 0})
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", config=once, **keys)

    def make(self, name: str, repository: str, **more: object) -> huggingface_hub.InferenceEndpoint:
        asked = {**HARDWARE, "min_replica": 0, "env": {"PYTHONPATH": str(packages())}, **more}
        endpoint = huggingface_hub.create_inference_endpoint(name, repository=repository, **asked)  # type: ignore[arg-type] # rows
        return endpoint.wait(timeout=40, refresh_every=1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    root = tmp_path_factory.mktemp("repositories")
    minilm(root / "org" / "minilm")
    smollm(root / "org" / "smollm@q4")
    config = root / "stoker.toml"
    (root / "org" / "own").mkdir()
    (root / "org" / "own" / "serve.py").write_text(OWN)
    # A user's own image: it is told no port, and answers nothing but what it is for.
    image = f'[[images]]\npattern = "own:*"\ncommand = ["{sys.executable}", "/repository/serve.py"]\n'
    config.write_text(f'[hub]\nrepositories = "{root}"\n{image}')
    with servers() as (data, start):
        server = start("--gateways", "1", "--config", str(config))
        found = House(server.url, data, root)
        with stoker_hf.use(server.url, found.told["HF_TOKEN"]):
            yield found


def test_a_language_model_wakes_for_openais_client(house: House) -> None:
    endpoint = house.make(
        "smollm",
        "org/smollm",
        revision="q4",
        framework="llamacpp",
        custom_image={"llamacpp": {"url": "hf/llamacpp", "ctxSize": 256}},
    )
    with openai.OpenAI(base_url=f"{house.url}/v1", api_key=house.told["OPENAI_API_KEY"], max_retries=0) as client:
        assert "smollm" in [model.id for model in client.models.list().data]

        def said() -> str:
            stream = client.completions.create(
                model="smollm", prompt="The capital of France is", temperature=0, max_tokens=3, stream=True
            )
            return "".join(chunk.choices[0].text for chunk in stream)

        first = said()
        assert "Paris" in first
        endpoint.scale_to_zero()
        until(lambda: endpoint.fetch().status == "scaledToZero", "it sleeps")
        assert said() == first, "held until it was loaded again"
    assert endpoint.fetch().status == "running"
    told = endpoint.client.text_generation("The capital of France is", max_new_tokens=3, do_sample=False)
    assert (
        "".join(endpoint.client.text_generation("The capital of France is", max_new_tokens=3, do_sample=False, stream=True))
        == told
    )
    assert told == first


def test_a_model_of_sentences_by_its_name_below_the_directory(house: House) -> None:
    endpoint = house.make("minilm", "org/minilm", framework="pytorch", task="sentence-similarity")
    found = endpoint.client.sentence_similarity("A man is eating food.", other_sentences=SENTENCES)
    assert found == pytest.approx([0.7535, -0.111], abs=0.02)

    runtime = house.aws("sagemaker-runtime")
    body = json.dumps({"inputs": {"source_sentence": "A man is eating food.", "sentences": SENTENCES}})
    reply = runtime.invoke_endpoint(
        EndpointName="minilm", InferenceComponentName="minilm", ContentType="application/json", Body=body
    )
    assert json.load(reply["Body"]) == found, "SageMaker's clients reach it by the same name"


def test_a_language_model_by_awss_clients(house: House) -> None:
    sagemaker, role = house.aws("sagemaker"), "arn:aws:iam::123456789012:role/any"
    container = {
        "Image": "hf/llamacpp:latest",
        "ModelDataUrl": f"file://{house.root}/org/smollm@q4",
        "Environment": {"PYTHONPATH": str(packages()), "LLAMA_ARG_CTX_SIZE": "128"},
    }
    sagemaker.create_model(ModelName="llm", PrimaryContainer=container, ExecutionRoleArn=role)
    variant = {"VariantName": "v", "ModelName": "llm", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="llm", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="llm", EndpointConfigName="llm")
    until(lambda: sagemaker.describe_endpoint(EndpointName="llm")["EndpointStatus"] == "InService", "it is in service", 30)
    body = json.dumps({"messages": [{"role": "user", "content": "Name one colour."}], "max_tokens": 4, "temperature": 0})
    reply = house.aws("sagemaker-runtime").invoke_endpoint(EndpointName="llm", ContentType="application/json", Body=body)
    assert json.load(reply["Body"])["choices"][0]["message"]["content"]


def test_a_container_without_a_health_route_is_ready_when_its_port_is_open(house: House) -> None:
    endpoint = house.make("own", "org/own", framework="custom", custom_image={"url": "own:1", "port": 8000})
    assert endpoint.raw["healthRoute"] == "/health"
    asked = urllib.request.Request(  # noqa: S310 - our own server's
        str(endpoint.url), b"abc", {"Authorization": f"Bearer {house.told['HF_TOKEN']}"}
    )
    with urllib.request.urlopen(asked, timeout=20) as reply:  # noqa: S310 - as above
        assert reply.read() == b"cba"


def test_a_repository_that_is_not_there_is_named(house: House) -> None:
    with pytest.raises(BadRequestError, match=r"model\.repository 'org/none' is not here"):
        house.make("none", "org/none", framework="custom")
