"""Writes the constraint tables of a service's inputs; and how names of a service's model are spelled in Python."""

import json
import keyword
from collections.abc import Mapping
from typing import Any, Final

from botocore import xform_name
from wire_patterns import translate

LAXER: Final = {("sagemaker-runtime", "BodyBlob"): 25 * 1024 * 1024}
"""Documented limits that are wider than the model's: invocation bodies may be 25 MB, the model still says 6 MB."""

MODEL_URL: Final = r"(https?|s3|gs|az|hf|file)://(.*)"
"""AWS takes s3 and https only; here models may lie on this machine, too. What can be fetched the artifact source says."""

OUTPUT_URL: Final = r"(https|s3|file)://(.*)"
INPUT_URL: Final = r"(https|s3|file)://(.+)"
TOPIC: Final = r"arn:aws[a-z\-]*:(sns|sqs):[a-z0-9\-]*:[0-9]{12}:[a-zA-Z0-9_.-]+|https?://.+"
"""Asynchronous inference writes to directories of this machine, too, and tells queues and web hooks."""

LAXER_PATTERNS: Final = {
    ("sagemaker", "Url"): MODEL_URL,
    ("sagemaker", "S3ModelUri"): MODEL_URL,
    ("sagemaker", "DestinationS3Uri"): OUTPUT_URL,
    ("sagemaker", "SnsTopicArn"): TOPIC,
    ("sagemaker-runtime", "InputLocationHeader"): INPUT_URL,
}

MORE_CHOICES: Final = {("sagemaker", "ProductionVariantInstanceType"): ("local",)}
"""`local` is the instance type that is the machine itself."""

Model = dict[str, Any]

ANNOTATING: Final = frozenset({"str", "bool", "int", "float", "bytes", "list", "dict"})
"""Names that annotations use, and that an attribute of the same class would hide from them."""


def raw(text: str) -> str:
    """Give a Python literal of a text, raw where that is shorter to read."""
    return f'r"{text}"' if '"' not in text and "\n" not in text and not text.endswith("\\") else repr(text)


def quoted(text: str) -> str:
    """Give a plain Python literal in double quotes."""
    return json.dumps(text)


def attribute(member: str) -> str:
    """Give the Python name of a member."""
    name: str = xform_name(member)
    return f"{name}_" if keyword.iskeyword(name) or name in ANNOTATING else name


def lower_camel(member: str) -> str:
    """Give a member's name as AWS's constraint messages write it: `VPCConfig` is `vPCConfig` there."""
    return member[:1].lower() + member[1:]


class Checks:
    """Writes one table for each shape that has a limit somewhere below it, innermost shapes first."""

    def __init__(self, name: str, shapes: Mapping[str, Model]) -> None:
        self.name = name
        self.shapes = shapes
        self.checks: dict[str, str | None] = {}
        self.lines: list[str] = []

    def write(self, name: str, *, required_shape: bool = False) -> str | None:
        """Give the table variable of a shape, writing it first; None when nothing below it has a limit."""
        if name in self.checks:
            return self.checks[name]
        self.checks[name] = None  # a shape that holds itself ends here
        shape = self.shapes[name]
        kind = shape["type"]
        match kind:
            case "string":
                text = self._text_check(name, shape)
            case "integer" | "long" | "float" | "double":
                text = self._call("Range", least=shape.get("min"), most=shape.get("max"))
            case "blob":
                text = self._call("Blob", least=shape.get("min"), most=LAXER.get((self.name, name), shape.get("max")))
            case "list":
                text = self._list_check(shape)
            case "map":
                text = self._map_check(shape)
            case "structure":
                text = self._structure_check(shape, required_shape=required_shape)
            case _:
                text = None
        if text is None:
            return None
        variable = f"_{name}"
        self.lines.append(f"{variable} = {text}")
        self.checks[name] = variable
        return variable

    def _call(self, kind: str, **arguments: object) -> str | None:
        """Give a constructor call of the arguments that are set; None when none is."""
        given = [f"{key}={value}" for key, value in arguments.items() if value is not None]
        return f"_c.{kind}({', '.join(given)})" if given else None

    def _text_check(self, name: str, shape: Model) -> str | None:
        """Give a text's limits."""
        pattern = LAXER_PATTERNS.get((self.name, name), shape.get("pattern"))
        python = translate(pattern) if pattern else None
        choices = (*shape.get("enum", ()), *MORE_CHOICES.get((self.name, name), ()))
        limits = self._call(
            "Text",
            least=shape.get("min"),
            most=shape.get("max"),
            pattern=raw(pattern) if pattern else None,
            python=raw(python) if python and python != pattern else None,
            choices=f"({', '.join(map(quoted, choices))},)" if choices else None,
        )
        return f"{limits[:-1]}, sensitive=True)" if limits and shape.get("sensitive") else limits

    def _list_check(self, shape: Model) -> str | None:
        """Give a list's limits."""
        member = self.write(shape["member"]["shape"])
        return self._call("Items", least=shape.get("min"), most=shape.get("max"), member=member)

    def _map_check(self, shape: Model) -> str | None:
        """Give a map's limits."""
        key, value = self.write(shape["key"]["shape"]), self.write(shape["value"]["shape"])
        return self._call("Entries", least=shape.get("min"), most=shape.get("max"), key=key, value=value)

    def _structure_check(self, shape: Model, *, required_shape: bool) -> str | None:
        """Give a structure's limits."""
        rows = []
        for member, reference in shape.get("members", {}).items():
            check = self.write(reference["shape"])
            required = member in shape.get("required", ())
            if check is None and not required:
                continue
            row = f"attribute={quoted(attribute(member))}, name={quoted(lower_camel(member))}"
            row += ", required=True" if required else ""
            row += f", check={check}" if check else ""
            rows.append(f"    _c.Member({row}),\n")
        union = [quoted(attribute(member)) for member in shape["members"]] if shape.get("union") else []
        if not rows and not union and not required_shape:
            return None
        arguments = f"members=(\n{''.join(rows)})" if rows else ""
        if union:
            arguments += f"{', ' if rows else ''}union=({', '.join(union)},)"
        return f"_c.Shape({arguments})"
