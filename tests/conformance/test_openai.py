"""OpenAI's own client, and Hugging Face's for inference, against a server as users start it, with models that sleep."""

import json
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError
from openai.types.chat import ChatCompletionMessageParam

from demo.server import Server, running
from tests.conformance.openai_model import MODEL
from tests.e2e.up_server import until

SLOW_START_S = 2.0
"""Seconds; longer than the client goes on where it is refused: it tries twice more, after half a second and after one."""
SAID: Any = [{"role": "user", "content": "one two"}]
SETTINGS = """
[[images]]
pattern = "repeater:*"
command = {command}

[gateway]
comment_s = 0.3
"""


class House:
    """A server with models of one instance: `chat` serves, the others sleep until someone asks."""

    def __init__(self, server: Server, place: Path) -> None:
        self.server = server
        self.log = place / "left"
        self._clients: list[openai.OpenAI] = []
        self._sagemaker = server.client("sagemaker")
        self._scaling = server.client("application-autoscaling")
        role = "arn:aws:iam::123456789012:role/any"
        variant = {"VariantName": "main", "InstanceType": "ml.g5.12xlarge", "InitialInstanceCount": 1}
        self._sagemaker.create_endpoint_config(EndpointConfigName="c", ExecutionRoleArn=role, ProductionVariants=[variant])
        for name in ("house", "alone"):
            self._sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="c")
        until(lambda: all(self.status(name) == "InService" for name in ("house", "alone")), "endpoints are in service")

    def status(self, endpoint: str) -> str:
        return str(self._sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"])

    def component(self, name: str, *, copies: int = 0, start_s: float = 0.0, endpoint: str = "house", **tags: str) -> str:
        self._sagemaker.create_inference_component(
            InferenceComponentName=name,
            EndpointName=endpoint,
            VariantName="main",
            Specification={
                "Container": {"Image": "repeater:1", "Environment": {"START_S": str(start_s), "LOG": str(self.log)}},
                "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128, "NumberOfCpuCoresRequired": 0.25},
            },
            RuntimeConfig={"CopyCount": copies},
            Tags=[
                {"Key": f"stoker:{key.replace('_', '-')}", "Value": value} for key, value in {"policy": "none", **tags}.items()
            ],
        )
        self._scaling.register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"inference-component/{name}",
            ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
            MinCapacity=0,
            MaxCapacity=1,
        )
        until(lambda: self.copies(name)[0] == "InService" and self.copies(name)[1] == copies, f"{name} is in service")
        return name

    def copies(self, name: str) -> tuple[str, int]:
        told = self._sagemaker.describe_inference_component(InferenceComponentName=name)
        return told["InferenceComponentStatus"], told["RuntimeConfig"]["CurrentCopyCount"]

    def held(self) -> int:
        with urllib.request.urlopen(f"{self.server.address}/stoker/gateway", timeout=10) as reply:  # noqa: S310 - our own
            return int(json.load(reply)["held"])

    def openai(self, path: str = "/v1", **options: Any) -> openai.OpenAI:
        key = self.server.environment["OPENAI_API_KEY"]
        client = openai.OpenAI(base_url=self.server.address + path, **{"api_key": key, **options})
        self._clients.append(client)
        return client

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    place = Path(tempfile.mkdtemp(prefix="oai", dir="/tmp"))
    try:
        command = json.dumps([sys.executable, str(Path(__file__).parent / "openai_model.py"), "{port}"])
        (place / "s.toml").write_text(SETTINGS.format(command=command))
        flags = ("--config", str(place / "s.toml"), "--gateways", "1")
        with running(place, clock_speed=1, flags=flags) as server:
            made = House(server, place)
            made.component("only", copies=1, endpoint="alone")
            made.component("chat", copies=1, model_names="org/Repeater-7b", served_name=MODEL)
            yield made
            made.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def said(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def test_chat_streams_and_embeddings_by_every_path(house: House) -> None:
    for path, model in (
        ("/v1", "chat"),
        ("/v1", "org/Repeater-7b"),
        ("/endpoints/house/inference-components/chat/openai/v1", ""),
        ("/endpoints/house/openai/v1", "chat"),
        ("/endpoints/alone/openai/v1", "whatever"),
        ("/ep/stoker/alone/v1", "tgi"),
    ):
        client = house.openai(path)
        answer = client.chat.completions.create(model=model, messages=said("one two"))
        assert answer.choices[0].message.content == "one two"
        if "alone" not in path:
            assert answer.model == MODEL, "its server gets the name that it knows"
        chunks = list(client.chat.completions.create(model=model, messages=said("one two"), stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two "
        vectors = client.embeddings.create(model=model, input=["a", "bcd"], encoding_format="float").data
        assert [vector.embedding for vector in vectors] == [[1.0, 0.5], [3.0, 0.5]]


def test_models_are_listed_whether_they_sleep_or_not(house: House) -> None:
    house.component("sleeper", model_names="org/Sleeper")
    client = house.openai()
    names = {model.id for model in client.models.list()}
    assert {"chat", "org/Repeater-7b", "sleeper", "org/Sleeper"} <= names
    assert client.models.retrieve("org/Sleeper").owned_by == "stoker"
    assert house.copies("sleeper")[1] == 0, "nothing of this wakes it"


def test_errors_are_what_the_client_knows(house: House) -> None:
    client = house.openai(max_retries=0)
    with pytest.raises(openai.NotFoundError, match="The model `gone` does not exist"):
        client.chat.completions.create(model="gone", messages=said("x"))
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gone")
    with pytest.raises(openai.UnprocessableEntityError, match="it will not"):
        client.chat.completions.create(model="chat", messages=said("fail"))
    with pytest.raises(openai.BadRequestError, match="names no `model`"):
        client.post("/chat/completions", cast_to=object, body={"messages": []})
    for key in ("sk-wrong", house.server.environment["OPENAI_API_KEY"][:-1], "hf_x"):
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key"):
            house.openai(api_key=key).chat.completions.create(model="chat", messages=said("x"))
    with pytest.raises(openai.BadRequestError, match="Endpoint gone of account"):
        house.openai("/endpoints/gone/openai/v1").chat.completions.create(model="", messages=said("x"))


def test_a_cold_start_is_held_longer_than_the_client_would_try_again(house: House) -> None:
    house.component("cold", start_s=SLOW_START_S)
    began = time.monotonic()
    answer = house.openai().chat.completions.with_raw_response.create(model="cold", messages=said("x"))
    assert (answer.headers["x-stoker-cold-start"], answer.retries_taken) == ("true", 0)
    assert answer.parse().choices[0].message.content == "x"
    assert time.monotonic() - began > SLOW_START_S


def test_a_client_of_little_patience_goes_on_waiting_with_its_next_attempt(house: House) -> None:
    house.component("colder", start_s=SLOW_START_S)
    answer = house.openai(timeout=1.5).chat.completions.with_raw_response.create(model="colder", messages=said("x"))
    assert answer.parse().choices[0].message.content == "x"
    assert 1 <= answer.retries_taken <= 2, "each hold ends before the client's own timeout does, and it comes again"


def test_a_stream_is_held_with_comments_and_its_client_may_leave(house: House) -> None:
    house.component("held", start_s=SLOW_START_S)
    client = house.openai(timeout=openai.Timeout(5, read=1.6), max_retries=0)
    chunks = client.chat.completions.create(
        model="held", messages=said("one"), stream=True, extra_headers={"X-Stainless-Read-Timeout": "60"}
    )
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["one "], "comments defeat the client's read timeout"


def test_who_leaves_frees_the_place_while_held_and_within_a_stream(house: House) -> None:
    house.component("left", start_s=30)
    client = house.openai(timeout=0.5, max_retries=0)
    given = {"X-Stainless-Read-Timeout": "600"}  # or the server would answer in time
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model="left", messages=said("x"), extra_headers=given)
    until(lambda: house.held() == 0, "nobody is held")
    with house.openai().chat.completions.create(model="chat", messages=said("bye " + "wait-0.05 " * 200), stream=True) as chunks:
        next(iter(chunks))
    until(lambda: house.log.exists() and "left bye" in house.log.read_text(), "the model server sees that its client left")


def test_a_stream_that_breaks_off_raises(house: House) -> None:
    house.component("mortal", copies=1)
    chunks = house.openai().chat.completions.create(model="mortal", messages=said("last words wait-0.1 die"), stream=True)
    words = (chunk.choices[0].delta.content for chunk in chunks)
    assert [next(words), next(words), next(words)] == ["last ", "words ", "wait-0.1 "]
    with pytest.raises(openai.APIError, match="closed before its reply was whole"):
        next(words)


def test_hugging_faces_inference_client(house: House) -> None:
    url = f"{house.server.address}/ep/stoker/alone"
    client = InferenceClient(model=url, token=house.server.environment["HF_TOKEN"])
    assert client.text_generation("one two") == "one two"
    answer = client.chat_completion(SAID)
    assert answer.choices[0].message.content == "one two"
    words = [chunk.choices[0].delta.content for chunk in client.chat_completion(SAID, stream=True)]
    assert words == ["one ", "two "]
    with pytest.raises(HfHubHTTPError, match="401 Unauthorized"):
        InferenceClient(model=url, token="hf_wrong").text_generation("x")


def test_many_wait_for_one_model_and_all_are_answered(house: House) -> None:
    house.component("popular", start_s=0.5)
    client = house.openai()
    answers: list[str | None] = []

    def ask(number: int) -> None:
        text = client.chat.completions.create(model="popular", messages=said(str(number))).choices[0].message.content
        answers.append(text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, answers)) == [str(number) for number in range(8)]
