"""Hugging Face's own client, the newest and one of early 2025, and its command line, against a server as users start it.

`./run test` puts the older one in `.run/clients`. Each runs in a process of its own, at the same time.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import huggingface_hub
import pytest

import stoker.hf as stoker_hf
from tests.conformance.sagemaker_stage import Loose
from tests.e2e.up_server import processes, servers, stoker

PLACES = Path(__file__).resolve().parents[2] / ".run" / "clients"
STORY = Path(__file__).resolve().parent / "walks" / "hub_walk.py"
CLIENTS = {"newest": huggingface_hub.__version__, "hub": "0.28.1"}
"""The set of clients that each is in, and how it calls itself; the newest is in the environment itself."""
HANDLER = """
import os

class EndpointHandler:
    def __init__(self, path=""):
        self.word = os.environ.get("WORD", "")

    def __call__(self, data):
        return [[{"label": data["inputs"].upper() + " " + self.word, "score": 0.5}]]
"""
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready" else 404)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Server).serve_forever()
"""
ANSWER = ["GOOD DAY yes", 0.5]


class Served:
    """A server with its keys, and the directory of a model."""

    def __init__(self, url: str, data: Path, model: Path, token: str) -> None:
        self.url = url
        self.data = data
        self.model = model
        self.token = token

    def environment(self, home: Path) -> dict[str, str]:
        """Give the environment of a client."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHON"))}
        home.mkdir(exist_ok=True)
        return {**plain, "HOME": str(home), "HF_TOKEN": self.token, "HF_HUB_DISABLE_TELEMETRY": "1", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    model = tmp_path_factory.mktemp("repository")
    (model / "handler.py").write_text(HANDLER)
    server_file = model / "serve.py"
    server_file.write_text(SERVER)
    config = tmp_path_factory.mktemp("config") / "stoker.toml"
    recipe = f'[[hub.catalog]]\nid = "greeter"\nrepository = "{model}"\ntask = "text-classification"\nenv = {{WORD = "recipe"}}\n'
    command = json.dumps([sys.executable, str(server_file), "{port}"])
    image = f'[[images]]\npattern = "mine:*"\ncommand = {command}\n'
    config.write_text(f'[hub]\nnamespace = "ann"\norganizations = "team-a"\n{recipe}{image}')
    with servers() as (data, start):
        server = start("--gateways", "1", "--config", str(config))
        token = json.loads(stoker("env", "--data", str(data), "--format", "json").stdout)["HF_TOKEN"]
        yield Served(server.url, data, model, token)


@pytest.mark.timeout(120)
def test_every_client_walks_with_an_endpoint(served: Served, tmp_path: Path, subtests: pytest.Subtests) -> None:
    walkers = {client: begin(served, client, tmp_path / client) for client in CLIENTS}
    ended = {client: walker.communicate(timeout=100) for client, walker in walkers.items()}
    for client, (out, log) in ended.items():
        with subtests.test(client=client):
            assert walkers[client].returncode == 0, log[-3000:]
            walked(json.loads(out), client, served)


def begin(served: Served, client: str, home: Path) -> subprocess.Popen[str]:
    environment = served.environment(home)
    if client != "newest":
        found = PLACES / client
        assert (found / "made-from").is_file(), f"the clients of {client} are not installed; `./run test` does it"
        environment["PYTHONPATH"] = str(found)
    command = [sys.executable, "-W", "ignore", str(STORY), f"walk-{client}", str(served.model), served.url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home, env=environment)


def walked(seen: Loose, client: str, served: Served) -> None:
    name = f"walk-{client}"
    assert (seen["version"], seen["who"]) == (CLIENTS[client], "ann")
    assert seen["created"][1:] == [None, "ann", "text-classification"]
    assert seen["created"][0] in {"pending", "initializing"}
    assert seen["taken"] == [409, f"The name {name} is taken: an endpoint of that name exists."]
    assert seen["running"] == ["running", f"ann/{name}"]
    assert seen["first"][:2] == seen["held"][:2] == ANSWER
    assert seen["asleep"] == ["scaledToZero", 0]
    paused, refusal, still = seen["paused"]
    assert (paused, still) == ("paused", "paused")
    assert refusal == [400, "Bad Request: The endpoint is paused, ask a maintainer to restart it"]
    assert (seen["resumed"], seen["running_ok"]) == ("running", "running")
    assert seen["refused"] == [400, f"Bad Request: the endpoint {name} is already running."]
    assert seen["bounds"] == seen["unchanged"] == {"minReplica": 1, "maxReplica": 2, "scaleToZeroTimeout": 30}
    assert seen["wrong"] == [400, "compute.scaling.minReplica (3) must not be greater than maxReplica (2)."]
    assert (seen["updating"], seen["updated"]) == ("updating", "second")
    assert seen["after"][0] == "running"
    assert seen["after"][1][:2] == ANSWER
    assert (seen["listed"], seen["everywhere"]) == (True, True)
    assert seen["gone"][0] == 404
    assert served.url


def hf(served: Served, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `stoker hf`."""
    environment = {**served.environment(home), "COLUMNS": "200"}
    command = [sys.executable, "-m", "stoker.cli.main", "hf", "--data", str(served.data), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


@pytest.mark.timeout(120)
def test_the_command_line_works_with_endpoints(served: Served, tmp_path: Path) -> None:
    flags = "--framework custom --accelerator cpu --instance-size x1 --instance-type local --region us-east-1 --vendor local"
    made = hf(served, tmp_path, "endpoints", "deploy", "by-hand", "--repo", str(served.model), *flags.split())
    assert made.returncode == 0, made.stderr
    assert "by-hand" in made.stdout
    with ThreadPoolExecutor(2) as pool:
        asked = ("ls", "describe by-hand", "describe nobody", "hardware", "catalog ls")
        listed, shown, gone, hardware, catalog = pool.map(lambda words: hf(served, tmp_path, "endpoints", *words.split()), asked)
    assert (listed.returncode, "by-hand" in listed.stdout) == (0, True), listed.stderr
    assert json.loads(shown.stdout)["model"]["repository"] == str(served.model)
    assert gone.returncode == 404 % 256
    assert (hardware.returncode, "intel-spr" in hardware.stdout) == (0, True), hardware.stderr
    assert (catalog.returncode, "greeter" in catalog.stdout) == (0, True), catalog.stderr


@pytest.mark.timeout(120)
def test_other_clients_see_it_and_a_restart_loses_nothing(served: Served) -> None:
    """A container of its own, asked for by one client, is described by another, and is there after the control plane died."""
    with stoker_hf.use(served.url, served.token):
        endpoint = huggingface_hub.create_inference_endpoint(
            "seen",
            repository=str(served.model),
            framework="custom",
            accelerator="cpu",
            instance_size="x1",
            instance_type="local",
            region="r",
            vendor="v",
            min_replica=0,
            custom_image={"url": "mine:1", "health_route": "/ready"},
            secrets={"KEY": "hush"},
        )
        endpoint.wait(timeout=60, refresh_every=1)
        assert (endpoint.health_route, endpoint.raw["model"]["image"]) == (
            "/ready",
            {"custom": {"url": "mine:1", "healthRoute": "/ready"}},
        )
        keys = json.loads(stoker("env", "--data", str(served.data), "--format", "json").stdout)
        sagemaker = boto3.client(
            "sagemaker",
            endpoint_url=served.url,
            region_name="us-east-1",
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )
        shown = sagemaker.describe_endpoint(EndpointName="seen")
        config = sagemaker.describe_endpoint_config(EndpointConfigName=shown["EndpointConfigName"])
        component = sagemaker.describe_inference_component(InferenceComponentName="seen")
        assert (shown["EndpointStatus"], config["ProductionVariants"][0]["InstanceType"]) == ("InService", "local")
        assert component["RuntimeConfig"] == {"DesiredCopyCount": 1, "CurrentCopyCount": 1}
        assert "hush" not in json.dumps(component, default=str)
        arn = component["InferenceComponentArn"]
        tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
        assert (tags["stoker:min-copies"], tags["stoker:policy"]) == ("0", "hf-current(idle=900s)")

        control = child(served.data, "control")
        os.kill(control, signal.SIGKILL)
        assert endpoint.fetch().raw["compute"]["scaling"] == {"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15}
        endpoint.wait(timeout=60, refresh_every=1)
        assert child(served.data, "control") != control
        endpoint.delete()


def child(data: Path, name: str) -> int:
    return next(pid for pid, command in processes(data).items() if f"internal {name} " in command)


@pytest.mark.filterwarnings("ignore:.* is experimental")
@pytest.mark.timeout(60)
def test_an_endpoint_comes_of_a_recipe(served: Served) -> None:
    with stoker_hf.use(served.url, served.token):
        [model] = huggingface_hub.list_inference_catalog()
        assert (model.repo_id, [recipe.engine for recipe in model.recipes]) == (str(served.model), ["huggingface"])
        endpoint = huggingface_hub.create_inference_endpoint_from_catalog(recipe_id=model.recipes[0].id, name="of-recipe")
        endpoint.wait(timeout=60, refresh_every=1)
        [found] = endpoint.client.text_classification("a")
        assert found.label == "A recipe"
        endpoint.delete()  # and at once another one of that name
        huggingface_hub.create_inference_endpoint_from_catalog(recipe_id=model.recipes[0].id, name="of-recipe").delete()
