"""The AWS application over a `LocalDesk`, behind a real socket in a thread of its own, and boto3 clients of it."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any, TypeAlias, TypeVar
from urllib.error import HTTPError
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import boto3
import pytest
import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from stoker.domain.ids import Partition
from stoker.domain.keys import AccessKey, Keyring, KeyRole, keyring
from stoker.engine.backlog import Backlog
from stoker.service.asynchronous import AsyncDesk
from stoker.testing.desk import KnownImages, LocalDesk
from stoker.testing.memory_requests import Anywhere, MemoryRequests
from stoker.wire.aws import asgi
from stoker.wire.aws.access import Access
from stoker.wire.aws.apis import SERVICES, served
from stoker.wire.aws.sigv4 import Verifier

Loose: TypeAlias = Any  # boto3 makes its clients, and their replies, at run time
T = TypeVar("T")

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PARTITION = Partition()
BOUND = AccessKey(access_key_id="AKIDBOUND", secret="bound", name="ci", role=KeyRole.INVOKE, endpoints=("chat-*",))
ACCESS = Access(Keyring(keys=(BOUND, *keyring({KEY: SECRET}).keys), seal=b"a seal"), PARTITION)
ROLE = "arn:aws:iam::123456789012:role/r"
MODEL_DATA = "file:///models/m"
SESSION = boto3.session.Session()


def arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:123456789012:{kind}/{name}"


class Stage:
    """The served platform; `reset` gives it a new, empty desk."""

    def __init__(self) -> None:
        self.handlers: dict[tuple[str, str], asgi.Handler] = {}
        self.address = ""
        self.loop = asyncio.new_event_loop()
        self.desk = LocalDesk(partition=PARTITION)
        self.reset()

    def reset(self, **options: Loose) -> LocalDesk:
        self.desk = LocalDesk(partition=PARTITION, **options)
        self.requests = AsyncDesk(self.desk, PARTITION, store=MemoryRequests(), backlog=Backlog(), places=Anywhere())
        _, targets = served(self.desk, KnownImages(), PARTITION, ACCESS, self.handlers, requests=self.requests)
        self.desk.invoke = targets.invoke
        return self.desk

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the server's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def client(self, service: str = "sagemaker", *, checks: bool = True) -> Loose:
        """Give boto3's client; without `checks` it sends what it would refuse itself."""
        return _client(service, self.address, checks=checks)

    def send(self, operation: str, body: bytes) -> tuple[int, Loose]:
        """Send any bytes, signed as they should be."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"SageMaker.{operation}"}
        request = AWSRequest("POST", f"{self.address}/", headers=headers, data=body)
        SigV4Auth(Credentials(KEY, SECRET), "sagemaker", "us-east-1").add_auth(request)
        try:
            with urlopen(HttpRequest(request.url, body, dict(request.headers)), timeout=20) as reply:  # noqa: S310 - our own server
                return reply.status, json.loads(reply.read())
        except HTTPError as error:
            with error:
                return error.code, json.loads(error.read())


@cache
def _client(service: str, address: str, *, checks: bool) -> Loose:
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 1},  # type: ignore[arg-type,unused-ignore]
        read_timeout=20,
        parameter_validation=checks,
    )
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
    return SESSION.client(service, endpoint_url=address, config=config, region_name="us-east-1", **keys)


@contextmanager
def serving() -> Iterator[Stage]:
    """Serve a stage on a free port."""
    stage = Stage()
    numbers = count()
    app = asgi.aws_app(
        stage.handlers,
        Verifier(ACCESS.secrets, regions=frozenset({"us-east-1"}), sessions=ACCESS),
        services=SERVICES,
        partition=PARTITION,
        request_id=lambda: f"00000000-0000-0000-0000-{next(numbers):012}",
        access=ACCESS,
    )
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Loose = None) -> None:
            await super().startup(sockets)
            stage.loop = asyncio.get_running_loop()
            started.set()

    stage.loop.close()
    server = Server(uvicorn.Config(app, port=0, log_level="critical", access_log=False, loop="asyncio"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        assert started.wait(20)
        stage.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield stage
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def refused(call: Loose, **arguments: Loose) -> str:
    """Give the message of a call that is refused as AWS's control plane refuses."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Any = caught.value.response
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert reply["Error"]["Code"] == "ValidationException", reply["Error"]
    message: str = reply["Error"]["Message"]
    return message


def plain(reply: Loose) -> Loose:
    """Give a reply without what every reply has."""
    return {key: value for key, value in reply.items() if key != "ResponseMetadata"}


def variant(**changes: Loose) -> Loose:
    """Give a production variant that hosts inference components, changed; None takes a member away."""
    members = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.g5.12xlarge",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        **changes,
    }
    return {key: value for key, value in members.items() if value is not None}


def make_model(client: Loose, name: str = "m", **container: Loose) -> Loose:
    primary = {"Image": "stoker/python", "ModelDataUrl": MODEL_DATA, **container}
    return client.create_model(ModelName=name, PrimaryContainer=primary, ExecutionRoleArn=ROLE)


def make_endpoint(client: Loose, name: str = "e", tags: Loose = (), **changes: Loose) -> None:
    """Make an endpoint that hosts inference components."""
    client.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=[variant(**changes)])
    client.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config", Tags=list(tags))


def component(**changes: Loose) -> Loose:
    """Give the arguments of CreateInferenceComponent, changed; None takes a member away."""
    members = {
        "InferenceComponentName": "c",
        "EndpointName": "e",
        "VariantName": "AllTraffic",
        "Specification": {
            "ModelName": "m",
            "ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024},
        },
        "RuntimeConfig": {"CopyCount": 1},
        **changes,
    }
    return {key: value for key, value in members.items() if value is not None}
