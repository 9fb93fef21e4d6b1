"""The documents that clients get: endpoints, hardware, replicas."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from stoker.domain.hub import HubEndpoint
from stoker.domain.hub_hardware import Hardware
from stoker.domain.instances import InstanceShape
from stoker.engine.platform import Platform
from stoker.service.hub_view import Replica, status_of
from stoker.units import MINUTE, SECOND, Instant
from stoker.wire.huggingface.bodies import REDACTED, Document, request_of

VENDOR = "local"
"""The one vendor of hardware here."""


def when(instant: Instant) -> str:
    """Give an instant as clients read it: to the microsecond, with the Z that they insist on."""
    return datetime.fromtimestamp(instant / SECOND, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def endpoint_document(platform: Platform, hub: HubEndpoint, *, base: str, idle_default: int) -> Document:
    """Give an endpoint as it is now; `base` is the URL that its client reached this server by.

    All keys are there that clients take for granted. The URL appears with the first replica that served, and stays.
    """
    status = status_of(platform, hub)
    document = request_of(hub.name, hub.spec)
    model, compute = _inner(document, "model"), _inner(document, "compute")
    model["image"] = _shown_image(hub.spec.model.image)
    model["secrets"] = dict.fromkeys(hub.spec.model.secrets, REDACTED)
    model["args"], model["command"] = model["args"] or [], model["command"] or []
    scaling = _inner(compute, "scaling")
    if "scaleToZeroTimeout" not in scaling:
        idle = idle_default if hub.spec.compute.scaling.idle is None else hub.spec.compute.scaling.idle
        scaling["scaleToZeroTimeout"] = -(-idle // MINUTE)
    place = hub.spec.compute
    compute["id"] = f"{hub.spec.vendor}-{hub.spec.region}-{place.instance_type}-{place.instance_size}"
    return {
        **document,
        "healthRoute": hub.health_path or "/health",  # the gateway's own answer; clients need a path
        "route": document.get("route"),
        "status": {
            "createdAt": when(hub.created),
            "createdBy": {"id": hub.created_by, "name": hub.created_by},
            "updatedAt": when(status.updated),
            "updatedBy": {"id": hub.updated_by, "name": hub.updated_by},
            "private": None,
            "state": status.state.value,
            "message": status.message,
            "errorMessage": status.error,
            "url": f"{base}/ep/{hub.namespace}/{hub.name}" if status.proved else None,
            "readyReplica": status.ready,
            "targetReplica": status.target,
            "lastUsedAt": when(status.used) if status.used else None,
            "inferenceMetricsEnabled": False,
        },
    }


def _inner(document: Document, key: str) -> Document:
    value = document[key]
    if not isinstance(value, dict):  # pragma: no cover - request_of makes it
        raise TypeError(key)
    return value


def _shown_image(image: bytes) -> Document:
    """Give an image's document without its password, but with the place where there is one."""
    union = msgspec.json.decode(image, type=dict[str, Document])
    for options in union.values():
        credentials = options.get("credentials")
        if isinstance(credentials, dict) and "password" in credentials:
            options["credentials"] = {**credentials, "password": REDACTED}
    return dict(union)


def replica_document(replica: Replica) -> Document:
    """Give a replica."""
    return {
        "id": replica.replica_id,
        "createdAt": when(replica.created),
        "status": {"stage": replica.state.value, "live": replica.live, "since": when(replica.since)},
    }


def hardware_document(
    rows: Iterable[Hardware], region: str, prices: Mapping[str, float], used: Mapping[str, int], most: int
) -> Document:
    """Give what replicas can run on: one vendor with one region. `used` has instances by type, `most` may be of each."""
    computes = [
        {
            "id": f"{VENDOR}-{region}-{row.instance_type}-{row.instance_size}",
            "accelerator": row.accelerator,
            "numAccelerators": _count(row.shape),
            "numCpus": int(row.shape.cpus),
            "memoryGb": round(row.shape.memory_mb / 1024, 1),
            "gpuMemoryGb": row.accelerator_memory_gb or None,
            "instanceType": row.instance_type,
            "instanceSize": row.instance_size,
            "architecture": row.architecture,
            "status": "available",
            "pricePerHour": round(prices.get(row.kind, 0.0), 6),
            "quota": {
                "maxAccelerators": most * _count(row.shape),
                "usedAccelerators": used.get(row.kind, 0) * _count(row.shape),
            },
        }
        for row in rows
    ]
    regions = [{"name": region, "label": "this machine", "status": "available", "computes": computes}]
    return {"vendors": [{"name": VENDOR, "status": "available", "regions": regions}]}


def _count(shape: InstanceShape) -> int:
    """Give what the quota counts: accelerators, and of a machine without any the machine itself."""
    return int(shape.accelerators) or 1
