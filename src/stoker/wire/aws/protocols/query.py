"""The AWS query protocol: a form in (`Action`, `Version`, dotted member names), XML out.

Lists are `Name.member.1`, maps `Name.entry.1.key` and `Name.entry.1.value`. All values are text, which the struct's
own types turn into numbers, flags and times.
"""

from functools import lru_cache
from typing import Final, get_args, get_origin
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import msgspec

from stoker.wire.aws import times
from stoker.wire.aws.errors import Problem, RejectedError, WireFault
from stoker.wire.aws.exchange import Reply, Request
from stoker.wire.aws.schema import Operation, Service

CONTENT_TYPE: Final = "text/xml"
FORM: Final = "application/x-www-form-urlencoded"
MAX_FIELDS: Final = 50_000
"""How many fields a form may have: PutMetricData's 1,000 metrics with 30 dimensions each are the largest real one."""

MAX_DEPTH: Final = 32
XML_CONTROLS: Final = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\n\r"}
RESERVED: Final = frozenset({"Action", "Version"})

Tree = dict[str, "Tree | str"]


def form(request: Request) -> dict[str, str]:
    """Give the fields of a form, from the body of a POST or the query string of a GET. Raises RejectedError (MALFORMED)."""
    try:
        text = request.query if request.method == "GET" else request.body.decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except (UnicodeDecodeError, ValueError) as error:
        raise RejectedError(Problem.MALFORMED, "The request is not a form, or has too many fields.") from error


def _without_empty_lists(fields: dict[str, str], kind: type[msgspec.Struct]) -> dict[str, str]:
    """Leave out `Name=`, which is how clients write an empty list; as a text it would be of a wrong type."""
    return {name: value for name, value in fields.items() if value or name not in _lists_of(kind)}


@lru_cache(maxsize=256)
def _lists_of(kind: type[msgspec.Struct]) -> frozenset[str]:
    """Give the wire names of the members that are lists."""
    fields = msgspec.structs.fields(kind)
    return frozenset(field.encode_name for field in fields if any(get_origin(choice) is list for choice in get_args(field.type)))


def nested(fields: dict[str, str]) -> object:
    """Give the fields as nested dicts and lists. Raises RejectedError (MALFORMED) that names a contradictory field."""
    tree: Tree = {}
    for name, value in fields.items():
        if name in RESERVED or name.startswith("X-Amz-"):
            continue
        parts = name.split(".")
        if len(parts) > MAX_DEPTH:
            raise RejectedError(Problem.MALFORMED, f"The field {name[:64]} is nested too deeply.")
        node = tree
        for part in parts[:-1]:
            inner = node.setdefault(part, {})
            if isinstance(inner, str):
                raise RejectedError(Problem.MALFORMED, f"The field {name[:256]} contradicts another one.")
            node = inner
        if parts[-1] in node:
            raise RejectedError(Problem.MALFORMED, f"The field {name[:256]} contradicts another one.")
        node[parts[-1]] = value
    return _folded(tree)


def _folded(node: "Tree | str") -> object:
    """Turn `member.N` into lists and `entry.N` into dicts."""
    if isinstance(node, str):
        return node
    if len(node) == 1:
        (name, inner), *_ = node.items()
        if isinstance(inner, dict) and all(number.isdecimal() for number in inner):
            if name == "member":
                return [_folded(inner[number]) for number in sorted(inner, key=_position)]
            if name == "entry":
                return _entries([_folded(inner[number]) for number in sorted(inner, key=_position)])
    return {name: _folded(inner) for name, inner in node.items()}


def _position(number: str) -> tuple[int, str]:
    """Order decimal texts as numbers without turning long ones into numbers."""
    bare = number.lstrip("0")
    return len(bare), bare


def _entries(items: list[object]) -> dict[str, object]:
    entries: dict[str, object] = {}
    for item in items:
        key = item.get("key") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(key, str):
            raise RejectedError(Problem.MALFORMED, "An entry of a map has no key.")
        entries[key] = item.get("value")
    return entries


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, times.Timestamp):
        return times.iso_text(value)
    return escape(str(value).translate(XML_CONTROLS))


def _element(name: str, value: object, out: list[str]) -> None:
    """Append an element and all below it; None leaves nothing."""
    if value is None:
        return
    out.append(f"<{name}>")
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            _element(field.encode_name, getattr(value, field.name), out)
    elif isinstance(value, list):
        for item in value:
            _element("member", item, out)
    elif isinstance(value, dict):
        for key, item in value.items():
            out.append("<entry>")
            _element("key", key, out)
            _element("value", item, out)
            out.append("</entry>")
    else:
        out.append(_text(value))
    out.append(f"</{name}>")


class QueryProtocol:
    """The codec."""

    __slots__ = ("name",)

    def __init__(self) -> None:
        self.name = "query"

    def decode(self, operation: Operation, request: Request, labels: object = None) -> msgspec.Struct:  # noqa: ARG002
        """Give the operation's input. Raises RejectedError (MALFORMED) that names the path of a wrong type."""
        try:
            tree = nested(_without_empty_lists(form(request), operation.input))
            value: msgspec.Struct = msgspec.convert(tree, operation.input, strict=False, dec_hook=times.decode_hook)
        except msgspec.ValidationError as error:
            raise RejectedError(Problem.MALFORMED, str(error).replace(" | null", "")) from error
        return value

    def encode(self, service: Service, operation: Operation, output: msgspec.Struct | None, request_id: str) -> Reply:
        """Give the reply of a success."""
        out = [f'<{operation.name}Response xmlns="{service.xml_namespace}">']
        if output is not None:
            _element(operation.result_wrapper or f"{operation.name}Result", output, out)
        out.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>")
        out.append(f"</{operation.name}Response>")
        return self._reply(200, out, request_id)

    def encode_fault(
        self,
        service: Service | None,
        fault: WireFault,
        request: Request | None,  # noqa: ARG002 - codecs have one signature
        request_id: str,
    ) -> Reply:
        """Give the reply of a failure."""
        namespace = f' xmlns="{service.xml_namespace}"' if service is not None else ""
        out = [f"<ErrorResponse{namespace}><Error><Type>{'Sender' if fault.sender else 'Receiver'}</Type>"]
        _element("Code", fault.code, out)
        _element("Message", fault.message or "", out)
        for name, value in fault.members.items():
            _element(name, value, out)
        out.append(f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>")
        return self._reply(fault.status, out, request_id, ("x-amzn-ErrorType", fault.code))

    def _reply(self, status: int, parts: list[str], request_id: str, *more: tuple[str, str]) -> Reply:
        headers = (("content-type", CONTENT_TYPE), ("x-amzn-RequestId", request_id), *more)
        return Reply(status=status, headers=headers, body="".join(parts).encode())
