"""Botocore's protocol vectors, seen from the server: the struct that a request is read into, the reply that a result becomes.

Each suite brings a service model of its own. `tools/gen_wire.py` makes structs of it, as it does of the services that are served.
"""

import base64
import importlib.util
import json
import math
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

import msgspec
from botocore.model import OperationModel, ServiceModel, Shape

from stoker.wire.aws import forms, times
from stoker.wire.aws.exchange import Request, by_name
from stoker.wire.aws.schema import Service

Loose: TypeAlias = Any  # JSON, and botocore's shapes

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "vectors" / "protocols"
CONTENT_TYPES = {"json": "application/x-amz-json-", "query": "application/x-www-form-urlencoded"}
_numbers = count()


def _generator() -> ModuleType:
    """Give `tools/gen_wire.py`, which imports its neighbour by its bare name."""
    tools = ROOT.parent / "tools"
    sys.path.insert(0, str(tools))
    try:
        found = importlib.util.spec_from_file_location("vectors_gen_wire", tools / "gen_wire.py")
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(tools))


GENERATOR = _generator()


class Case:
    """One vector, with the model it belongs to and the structs made of that."""

    def __init__(self, file: str, suite: Loose, case: Loose) -> None:
        self.id = f"{file}-{case['id']}"
        self.case = case
        self.protocol: str = suite["metadata"]["protocol"]
        name = case["given"]["name"]
        given = {"http": {"method": "POST", "requestUri": "/"}, **case["given"]}
        given.setdefault("input", {"shape": "NothingAtAll"})
        shapes = {**suite["shapes"], "NothingAtAll": {"type": "structure", "members": {}}}
        metadata = {"endpointPrefix": "vectors", "apiVersion": "2020-01-01", "protocols": [self.protocol], **suite["metadata"]}
        self.model = {"metadata": metadata, "shapes": shapes, "operations": {name: given}}
        self.botocore = OperationModel(given, ServiceModel(self.model, "vectors"), name)
        self.wire = _module(self.model, name)
        self.service = cast(Service, self.wire.SERVICE)
        self.operation = self.service.operations[name]

    def request(self) -> Request:
        """Give the request that the vector says a client sends."""
        said = self.case["serialized"]
        split = urlsplit(said["uri"])
        headers = {name.lower(): value for name, value in said.get("headers", {}).items()}
        meta = self.model["metadata"]
        if self.protocol in CONTENT_TYPES:
            version = meta.get("jsonVersion", "1.0") if self.protocol == "json" else ""
            headers.setdefault("content-type", CONTENT_TYPES[self.protocol] + version)
        if self.protocol == "json":
            headers.setdefault("x-amz-target", f"{meta['targetPrefix']}.{self.operation.name}")
        body = said.get("body", "").encode()
        if self.protocol == "smithy-rpc-v2-cbor":
            body = base64.b64decode(body)
        pairs = tuple(headers.items())
        path, query = split.path, split.query
        return Request(
            method=said["method"], path=path, query=query, pairs=pairs, headers=by_name(pairs), body=body, signed_body=body
        )

    def output(self) -> msgspec.Struct | None:
        """Give the output struct of the result that a client must read."""
        if self.operation.output is None:
            return None
        tree = as_wire(self.botocore.output_shape, self.case["result"])
        value: msgspec.Struct = msgspec.convert(tree, self.operation.output, builtin_types=(bytes,), dec_hook=times.decode_hook)
        return value


def _module(model: Loose, operation: str) -> ModuleType:
    """Give a module of the generated text; msgspec looks its annotations up by the module's name."""
    name = f"vectors_generated_{next(_numbers)}"
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(GENERATOR.Writer("vectors", model, [operation]).module(), name, "exec"), module.__dict__)  # noqa: S102 - our own tool's text
    return module


def cases(side: str) -> Iterator[tuple[str, Loose, Loose]]:
    """Give every vector of a side: its file, suite and case."""
    for path in sorted(FOLDER.glob(f"{side}-*.json")):
        for suite in json.loads(path.read_text(encoding="utf-8")):
            for case in suite["cases"]:
                yield path.stem.removeprefix(f"{side}-"), suite, case


def as_wire(shape: Shape, value: Loose) -> Loose:
    """Give a vector's value as the struct of its shape is read from: wire names, bytes and numbers."""
    match shape.type_name:
        case "structure" if getattr(shape, "is_document_type", False):
            return value
        case "structure":
            named = {}
            for member, inner in shape.members.items():
                if value.get(member) is not None:
                    at = inner.serialization
                    named[member if "location" in at else at.get("name", member)] = as_wire(inner, value[member])
            return named
        case "list":
            return [as_wire(shape.member, item) for item in value]
        case "map":
            return {key: as_wire(shape.value, item) for key, item in value.items()}
        case "blob":
            return value.encode()
        case "float" | "double":
            return forms.FLOAT_TEXTS.get(value, value) if isinstance(value, str) else value
        case _:
            return value


def as_params(shape: Shape, value: Loose) -> Loose:
    """Give a struct's member as vectors write it: by the model's names, times in seconds, bytes as text, NaN as its name."""
    match shape.type_name:
        case "structure" if getattr(shape, "is_document_type", False):
            return value
        case "structure":
            members = {name: (inner, getattr(value, GENERATOR.attribute(name))) for name, inner in shape.members.items()}
            return {name: as_params(inner, item) for name, (inner, item) in members.items() if item is not None}
        case "list":
            return [as_params(shape.member, item) for item in value]
        case "map":
            return {key: as_params(shape.value, item) for key, item in value.items()}
        case "blob":
            return value.decode()
        case "timestamp":
            return value / 1e9
        case _:
            return forms.without_floats(value)


def as_result(value: Loose) -> Loose:
    """Give what botocore's parser says, in the vectors' words."""
    match value:
        case dict():
            return {key: as_result(item) for key, item in value.items()}
        case list():
            return [as_result(item) for item in value]
        case bytes():
            return value.decode()
        case float() if not math.isfinite(value):
            return forms.without_floats(value)
        case _:
            return value.timestamp() if hasattr(value, "timestamp") else value
