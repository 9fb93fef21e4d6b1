"""What a user of `huggingface_hub` does with an endpoint, from its making to its end; run in a process of its own, for each age.

Takes the endpoint's name, the model's directory and the server's URL; prints one JSON object with what was seen.
"""

import json
import sys
import time
import warnings
from typing import Any, TypeAlias

import huggingface_hub
from huggingface_hub import HfApi, InferenceEndpointStatus, get_inference_endpoint
from huggingface_hub.errors import HfHubHTTPError

import stoker.hf

Loose: TypeAlias = Any  # the library's objects, of several ages


def told(call: Loose, *arguments: Loose, **named: Loose) -> Loose:
    """Give status and text of a call that is refused."""
    try:
        call(*arguments, **named)
    except HfHubHTTPError as error:
        return [error.response.status_code, error.response.json()["error"]]
    return None


def asked(endpoint: Loose) -> Loose:
    """Give what the endpoint's client gets for a text, and how long it took."""
    began = time.monotonic()
    [found] = endpoint.client.text_classification("good day")
    return [found.label, found.score, time.monotonic() - began]


def refused(endpoint: Loose) -> Loose:
    """Give what tells that it is paused: gateways hear of it when the caller does, not before."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = told(asked, endpoint)
        if found is not None:
            return found
    return None


def walk(name: str, model: str) -> dict[str, Loose]:
    """Do the walk."""
    api = HfApi()
    seen: dict[str, Loose] = {"version": huggingface_hub.__version__, "who": api.whoami()["name"]}
    endpoint = huggingface_hub.create_inference_endpoint(
        name,
        repository=model,
        framework="custom",
        task="text-classification",
        accelerator="cpu",
        instance_size="x1",
        instance_type="intel-spr",
        region="us-east-1",
        vendor="aws",
        min_replica=0,
        max_replica=2,
        scale_to_zero_timeout=30,
        secrets={"WORD": "yes"},
    )
    seen["created"] = [endpoint.status, endpoint.url, endpoint.namespace, endpoint.task]
    seen["taken"] = told(
        api.create_inference_endpoint,
        name,
        repository=model,
        framework="custom",
        accelerator="cpu",
        instance_size="x1",
        instance_type="intel-spr",
        region="us-east-1",
        vendor="aws",
    )
    endpoint.wait(timeout=60, refresh_every=1).fetch()
    seen["running"] = [endpoint.status, (endpoint.url or "").rpartition("/ep/")[2]]
    seen["first"] = asked(endpoint)
    endpoint.scale_to_zero()
    seen["asleep"] = [endpoint.status, endpoint.raw["status"]["targetReplica"]]
    seen["held"] = asked(endpoint)
    endpoint.pause()
    seen["paused"] = [endpoint.status, refused(endpoint), endpoint.fetch().status]
    endpoint.resume()
    seen["resumed"] = endpoint.wait(timeout=60, refresh_every=1).fetch().status
    seen["running_ok"] = endpoint.resume().status
    seen["refused"] = told(endpoint.resume, running_ok=False)
    endpoint.update(min_replica=1, max_replica=2)
    seen["bounds"] = endpoint.raw["compute"]["scaling"]
    seen["wrong"] = told(api.update_inference_endpoint, name, min_replica=3)
    endpoint.fetch()
    seen["unchanged"] = endpoint.raw["compute"]["scaling"]
    endpoint.update(task="text-classification", revision="second")
    seen["updating"] = endpoint.status
    seen["updated"] = endpoint.wait(timeout=60, refresh_every=1).revision
    while endpoint.fetch().status == InferenceEndpointStatus.UPDATING:
        time.sleep(0.2)
    seen["after"] = [endpoint.status, asked(endpoint)]
    seen["listed"] = name in [each.name for each in huggingface_hub.list_inference_endpoints()]
    seen["everywhere"] = name in [each.name for each in huggingface_hub.list_inference_endpoints(namespace="*")]
    endpoint.delete()
    seen["gone"] = told(get_inference_endpoint, name)
    return seen


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with stoker.hf.use(sys.argv[3]):
        sys.stdout.write(json.dumps(walk(sys.argv[1], sys.argv[2])))
