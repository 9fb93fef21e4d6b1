"""Write the AWS wire tables of `src/stoker/wire/aws/generated/` from botocore's service models.

    .venv/bin/python tools/gen_wire.py            write the files
    .venv/bin/python tools/gen_wire.py --check    write nothing; exit 1 and name the files that would change

The output holds names, types, limits, error codes and HTTP bindings, no documentation text. It is committed, so that
botocore is needed by developers only, and a new botocore shows itself as a diff.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import botocore
from wire_checks import Checks, Model, attribute, quoted
from wire_query import with_query

OUTPUT: Final = Path(__file__).resolve().parent.parent / "src" / "stoker" / "wire" / "aws" / "generated"

SERVED: Final = {
    "sagemaker": """
        AddTags DeleteTags ListTags
        CreateEndpoint CreateEndpointConfig CreateInferenceComponent CreateModel
        DeleteEndpoint DeleteEndpointConfig DeleteInferenceComponent DeleteModel
        DescribeEndpoint DescribeEndpointConfig DescribeInferenceComponent DescribeModel
        ListEndpointConfigs ListEndpoints ListInferenceComponents ListModels
        UpdateEndpoint UpdateEndpointWeightsAndCapacities UpdateInferenceComponent UpdateInferenceComponentRuntimeConfig
        BatchDescribeModelPackage CreateModelPackage CreateModelPackageGroup DeleteModelPackage DeleteModelPackageGroup
        DescribeModelPackage DescribeModelPackageGroup ListModelPackageGroups ListModelPackages UpdateModelPackage
    """,
    "sagemaker-runtime": "InvokeEndpoint InvokeEndpointAsync InvokeEndpointWithResponseStream",
    "application-autoscaling": """
        DeleteScalingPolicy DeleteScheduledAction DeregisterScalableTarget DescribeScalableTargets DescribeScalingActivities
        DescribeScalingPolicies DescribeScheduledActions ListTagsForResource PutScalingPolicy PutScheduledAction
        RegisterScalableTarget TagResource UntagResource
    """,
    "cloudwatch": """
        DeleteAlarms DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric DisableAlarmActions EnableAlarmActions
        GetMetricData GetMetricStatistics ListMetrics ListTagsForResource PutCompositeAlarm PutMetricAlarm PutMetricData
        SetAlarmState TagResource UntagResource
    """,
    "scheduler": """
        CreateSchedule CreateScheduleGroup DeleteSchedule DeleteScheduleGroup GetSchedule GetScheduleGroup ListScheduleGroups
        ListSchedules ListTagsForResource TagResource UntagResource UpdateSchedule
    """,
    "iam": "GetRole",
    "sqs": """
        ChangeMessageVisibility CreateQueue DeleteMessage DeleteMessageBatch DeleteQueue GetQueueAttributes GetQueueUrl
        ListQueueTags ListQueues PurgeQueue ReceiveMessage SendMessage SendMessageBatch SetQueueAttributes TagQueue UntagQueue
    """,
    "sts": "AssumeRole GetCallerIdentity GetSessionToken",
}
"""The operations whose shapes are generated, by botocore's service name."""

_SQS: Final = "AWS.SimpleQueueService."
QUERY_CODES: Final = {
    "sqs": {
        "QueueDoesNotExist": f"{_SQS}NonExistentQueue",
        "QueueNameExists": "QueueAlreadyExists",
        **{
            name: f"{_SQS}{name}"
            for name in (
                "BatchEntryIdsNotDistinct",
                "BatchRequestTooLong",
                "EmptyBatchRequest",
                "InvalidBatchEntryId",
                "MessageNotInflight",
                "PurgeQueueInProgress",
                "QueueDeletedRecently",
                "TooManyEntriesInBatchRequest",
                "UnsupportedOperation",
            )
        },
    }
}
"""Codes of the query protocol, which services that began with it still tell, where newer models no longer have them."""

HEADER: Final = '''"""Shapes, limits and operations of {name}, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t'''

CLIENT_ERROR: Final = 400
SERVER_ERROR: Final = 500

SCALARS: Final = {
    "string": "str",
    "boolean": "bool",
    "integer": "_s.Int",
    "long": "_s.Long",
    "float": "float",
    "double": "float",
    "timestamp": "_t.Timestamp",
    "blob": "bytes",
}

TIMES: Final = {"iso8601": "_t.IsoTimestamp", "rfc822": "_t.HttpTimestamp", "unixTimestamp": "_t.EpochTimestamp"}
"""The types of times whose form the model tells."""


def load(service: str) -> Model:
    """Give botocore's model of a service."""
    root = Path(botocore.__file__).parent / "data" / service
    newest = max(path for path in root.iterdir() if path.is_dir())
    with gzip.open(newest / "service-2.json.gz", "rt", encoding="utf-8") as file:
        model: Model = json.load(file)
    return with_query(service, model)


class Writer:
    """Writes the module of one service."""

    def __init__(self, name: str, model: Model, served: list[str]) -> None:
        self.name = name
        self.model = model
        self.served = served
        self.shapes: Mapping[str, Model] = model["shapes"]

    def module(self) -> str:
        """Give the whole text of the module."""
        body = [HEADER.format(name=self.name), *self._structs(), *self._check_tables(), *self._errors(), *self._operations()]
        return "\n".join([*body, *self._service()]) + "\n"

    def _sides(self) -> tuple[set[str], set[str]]:
        """Give the shapes that inputs reach, and those that anything reaches."""
        inputs: set[str] = set()
        outputs: set[str] = set()
        for name in self.served:
            operation = self.model["operations"][name]
            self._reach(operation["input"]["shape"], inputs)
            if "output" in operation:
                self._reach(operation["output"]["shape"], outputs)
        return inputs, inputs | outputs

    def _reach(self, name: str, seen: set[str]) -> None:
        """Add a shape and all that it holds."""
        shape = self.shapes[name]
        if name in seen or shape.get("eventstream"):
            return
        seen.add(name)
        inner = [*shape.get("members", {}).values(), *(shape[key] for key in ("member", "key", "value") if key in shape)]
        for reference in inner:
            self._reach(reference["shape"], seen)

    def _annotation(self, name: str, traits: Model | None = None) -> str:
        """Give the Python type of a shape; `traits` are those of the member that it is."""
        shape = self.shapes[name]
        told = {**shape, **(traits or {})}
        kind = shape["type"]
        if shape.get("eventstream"):
            return "_a.AsyncIterable[bytes]"
        if shape.get("document"):
            return "_s.Document"
        if kind == "structure":
            return name
        if kind == "list":
            inner = shape["member"]
            # The name of a flattened list's member goes before the name of its items.
            item = None if told.get("flattened") and "locationName" in told else inner.get("locationName")
            return self._named(f"list[{self._annotation(inner['shape'])}]", told, item=item)
        if kind == "map":
            key, value = shape["key"], shape["value"]
            plain = f"dict[{self._annotation(key['shape'])}, {self._annotation(value['shape'])}]"
            named = {"entry": told.get("entry"), "key": key.get("locationName"), "value": value.get("locationName")}
            return self._named(plain, told, **named)
        if kind == "timestamp":
            return TIMES.get(told.get("timestampFormat", ""), SCALARS[kind])
        return SCALARS[kind]

    def _named(self, plain: str, told: Model, **names: str | None) -> str:
        """Give a list's or a map's type with what the query protocol must know beside it; other protocols know none of it."""
        extra: Model = {part: name for part, name in names.items() if name}
        if told.get("flattened"):
            extra["flat"] = True
        if not extra or "query" not in self.model["metadata"].get("protocols", ()):
            return plain
        written = ", ".join(f'"{key}": {quoted(value) if isinstance(value, str) else value}' for key, value in extra.items())
        return f"_s.Annotated[{plain}, _s.Meta(extra={{{written}}})]"

    def _structs(self) -> Iterator[str]:
        """Give the classes."""
        _, everything = self._sides()
        for name in sorted(everything):
            shape = self.shapes[name]
            if shape["type"] != "structure" or shape.get("document"):
                continue
            yield from ("", "", f"class {name}(_Struct, frozen=True, kw_only=True, omit_defaults=True):")
            yield f'    """The wire\'s {name}."""'
            if shape.get("members"):
                yield ""
            for member, reference in shape.get("members", {}).items():
                yield self._member_line(member, reference, required=member in shape.get("required", ()))

    def _member_line(self, member: str, reference: Model, *, required: bool) -> str:
        """Give one field of a class."""
        kind = self._annotation(reference["shape"], reference)
        name = member if "location" in reference else reference.get("locationName", member)
        if required:
            return f'    {attribute(member)}: _s.Given[{kind}] = _f(name="{name}", default=_s.ABSENT)'
        return f'    {attribute(member)}: {kind} | None = _f(name="{name}", default=None)'

    def _check_tables(self) -> Iterator[str]:
        """Give the constraint tables, innermost shapes first."""
        yield from ("", "", "# Limits, for the constraint walk.", "")
        checks = Checks(self.name, self.shapes)
        for name in self.served:
            checks.write(self.model["operations"][name]["input"]["shape"], required_shape=True)
        yield from checks.lines

    def _errors(self) -> Iterator[str]:
        """Give the modelled errors, keyed by the code that clients see."""
        yield from ("", "ERRORS: dict[str, _s.ErrorShape] = {")
        table: dict[str, str] = {}
        for name, shape in sorted(self.shapes.items()):
            if not shape.get("exception"):
                continue
            trait = shape.get("error", {})
            code = self._code(name)
            if code in table and code != name:
                continue
            status = trait.get("httpStatusCode", SERVER_ERROR if shape.get("fault") else CLIENT_ERROR)
            sender = trait.get("senderFault", status < SERVER_ERROR and not shape.get("fault"))
            message = next((member for member in shape["members"] if member.lower() == "message"), "message")
            table[code] = f'_s.ErrorShape(shape="{name}", status={status}, sender={sender}, message_member="{message}")'
        for code, text in table.items():
            yield f'    "{code}": {text},'
        yield "}"

    def _operations(self) -> Iterator[str]:
        """Give the table of served operations."""
        yield from ("", "OPERATIONS: dict[str, _s.Operation] = {")
        for name in self.served:
            yield f'    "{name}": _s.Operation('
            for key, text in self._operation(name).items():
                yield f"        {key}={text},"
            yield "    ),"
        yield "}"

    def _operation(self, name: str) -> dict[str, str]:
        """Give one operation's arguments."""
        operation = self.model["operations"][name]
        given = operation["input"]["shape"]
        out: dict[str, str] = {"name": quoted(name), "input": given, "checks": f"_{given}"}
        if "urlMember" in operation:
            out["url_member"] = quoted(operation["urlMember"])
        if "output" in operation:
            out["output"] = operation["output"]["shape"]
            if "resultWrapper" in operation["output"]:
                out["result_wrapper"] = quoted(operation["output"]["resultWrapper"])
        codes = [self._code(error["shape"]) for error in operation.get("errors", ())]
        if codes:
            out["errors"] = f"({', '.join(map(quoted, codes))},)"
        http = operation["http"]
        if self.model["metadata"]["protocol"] == "rest-json":
            out |= {"method": quoted(http["method"]), "uri": quoted(http["requestUri"])}
            out |= {"status": str(http.get("responseCode", 200))}
            out |= self._bindings("in", self.shapes[given])
            if "output" in operation:
                out |= self._bindings("out", self.shapes[out["output"]])
        return out

    def _code(self, shape: str) -> str:
        """Give the code of a modelled error."""
        known = QUERY_CODES.get(self.name, {}).get(shape, shape)
        code: str = self.shapes[shape].get("error", {}).get("code", known)
        return code

    def _bindings(self, side: str, shape: Model) -> dict[str, str]:
        """Give where members of a rest-json shape travel."""
        rows = []
        for member, reference in shape["members"].items():
            if "location" not in reference:
                continue
            place = reference["location"]
            name = reference.get("locationName", member)
            name = name.lower() if place in {"header", "headers"} else name
            kind = self._annotation(reference["shape"], reference)
            row = f'attribute="{attribute(member)}", location="{place}", name="{name}"'
            rows.append(f"_s.Binding({row}{'' if kind == 'str' else f', kind={kind}'})")
        out = {f"bound_{side}": f"(\n            {(',' + chr(10) + '            ').join(rows)},\n        )"} if rows else {}
        payload = shape.get("payload")
        if payload:
            out[f"payload_{side}"] = quoted(attribute(payload))
            kind = self._annotation(shape["members"][payload]["shape"])
            if kind not in {"bytes", "_a.AsyncIterable[bytes]"}:
                out[f"payload_{side}_kind"] = kind
            if self.shapes[shape["members"][payload]["shape"]].get("eventstream"):
                out["streams"] = "True"
        return out

    def _service(self) -> Iterator[str]:
        """Give the service's own record."""
        meta = self.model["metadata"]
        yield from ("", "SERVICE = _s.Service(")
        yield f"    name={quoted(self.name)},"
        yield f"    version={quoted(meta['apiVersion'])},"
        yield f"    signing_name={quoted(meta.get('signingName', meta['endpointPrefix']))},"
        yield f"    protocols=({', '.join(map(quoted, meta['protocols']))},),"
        for key, trait in (("target_prefix", "targetPrefix"), ("json_version", "jsonVersion"), ("xml_namespace", "xmlNamespace")):
            if trait in meta:
                yield f"    {key}={quoted(meta[trait])},"
        if "awsQueryCompatible" in meta:
            yield "    query_compatible=True,"
        yield "    operations=OPERATIONS,"
        yield "    errors=ERRORS,"
        yield (
            "    known_operations=frozenset(("
            + "".join(f'\n        "{name}",' for name in sorted(self.model["operations"]))
            + "\n    )),"
        )
        if meta["protocol"] == "rest-json":
            yield "    paths=("
            for name, operation in sorted(self.model["operations"].items()):
                http = operation["http"]
                yield f'        _s.Path(name="{name}", method="{http["method"]}", uri="{http["requestUri"]}"),'
            yield "    ),"
        yield ")"


def main(arguments: list[str]) -> int:
    """Write or check the files; give the exit status."""
    parser = argparse.ArgumentParser(description="Write the AWS wire tables from botocore's service models.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not up to date")
    options = parser.parse_args(arguments)
    stale = []
    for service, served in SERVED.items():
        path = OUTPUT / f"{service.replace('-', '_')}.py"
        text = Writer(service, load(service), served.split()).module()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if not options.check:
            path.write_text(text, encoding="utf-8")
    for name in stale:
        sys.stdout.write(f"{name} {'is not up to date' if options.check else 'written'}\n")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
