"""The AWS query protocol: a form in (`Action`, `Version`, dotted member names), XML out.

Lists are `Name.member.1`, maps `Name.entry.1.key` and `Name.entry.1.value`, unless the struct's annotations say otherwise
(see `forms`). All values are text, which the struct's own types turn into numbers, flags and times.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

import msgspec

from stoker.wire.aws import forms, times
from stoker.wire.aws.errors import Problem, RejectedError, WireFault
from stoker.wire.aws.exchange import Reply, Request
from stoker.wire.aws.forms import Form, Listed, Mapped, Scalar
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


def nested(fields: Mapping[str, str]) -> "Tree":
    """Give the fields by the parts of their names. Raises RejectedError (MALFORMED) that names a contradictory field."""
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
                raise _contradiction(name)
            node = inner
        if parts[-1] in node:
            raise _contradiction(name)
        node[parts[-1]] = value
    return tree


def _contradiction(name: str) -> RejectedError:
    return RejectedError(Problem.MALFORMED, f"The field {name[:256]} contradicts another one.")


def folded(node: "Tree | str", form: Form) -> object:
    """Turn the numbered parts of lists and maps into lists and dicts; what is of another form is left for the types to refuse."""
    if isinstance(form, Scalar):
        return node
    if isinstance(node, str):
        # `Name=` is how clients write an empty list or map.
        return node if node or not isinstance(form, Listed | Mapped) else [] if isinstance(form, Listed) else {}
    if isinstance(form, Listed):
        items = _numbered(node, "" if form.flat else form.item)
        return node if items is None else [folded(item, form.of) for item in items]
    if isinstance(form, Mapped):
        entries = _numbered(node, "" if form.flat else "entry")
        if entries is None:
            raise RejectedError(Problem.MALFORMED, "A map is not written as numbered entries.")
        return _entries(entries, form)
    out: dict[str, object] = {}
    for field in forms.members(form):
        inner = node.get(field.query_name)
        if inner is not None:
            out[field.name] = folded(inner, field.form)
    return out


def _numbered(node: "Tree", name: str) -> list["Tree | str"] | None:
    """Give what stands below `name` (or below `node` itself) by numbers, in their order; None when there is anything else."""
    inner = node.get(name) if name else node
    if not isinstance(inner, dict) or (name and len(node) > 1) or not all(number.isdecimal() for number in inner):
        return None
    return [inner[number] for number in sorted(inner, key=_position)]


def _position(number: str) -> tuple[int, str]:
    """Order decimal texts as numbers without turning long ones into numbers."""
    bare = number.lstrip("0")
    return len(bare), bare


def _entries(items: list["Tree | str"], form: Mapped) -> dict[str, object]:
    entries: dict[str, object] = {}
    for item in items:
        key = item.get(form.key) if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(key, str):
            raise RejectedError(Problem.MALFORMED, "An entry of a map has no key.")
        entries[key] = folded(item.get(form.value, ""), form.of)
    return entries


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case times.Timestamp():
            return times.text(value, times.IsoTimestamp)
        case bytes():
            return b64encode(value).decode()
        case float():
            return str(forms.without_floats(value))
        case _:
            return escape(str(value).translate(XML_CONTROLS))


def _element(name: str, value: object, form: Form, out: list[str]) -> None:
    """Append an element and all below it, or the elements of a flattened list or map; None leaves nothing."""
    if value is None:
        return
    flat = isinstance(form, Listed | Mapped) and form.flat
    if not flat:
        out.append(f"<{name}>")
    _content(name if flat else "", value, form, out)
    if not flat:
        out.append(f"</{name}>")


def _content(name: str, value: object, form: Form, out: list[str]) -> None:
    """Append what is in an element; `name` is the one of a flattened list's items or a map's entries."""
    match value:
        case list() if isinstance(form, Listed):
            for item in value:
                _element(name or form.item, item, form.of, out)
        case dict() if isinstance(form, Mapped):
            for key, item in value.items():
                _entry(name or "entry", key, item, form, out)
        case dict():  # a structure of an error, which has no struct
            for key, item in value.items():
                _element(key, item, forms.PLAIN, out)
        case msgspec.Struct():
            for field in forms.members(type(value)):
                _element(field.query_name, getattr(value, field.attribute), field.form, out)
        case _:
            out.append(_text(value))


def _entry(name: str, key: object, value: object, form: Mapped, out: list[str]) -> None:
    out.append(f"<{name}>")
    _element(form.key, key, forms.PLAIN, out)
    _element(form.value, value, form.of, out)
    out.append(f"</{name}>")


class QueryProtocol:
    """The codec."""

    __slots__ = ("name",)

    def __init__(self) -> None:
        self.name = "query"

    def decode(self, operation: Operation, request: Request, labels: object = None) -> msgspec.Struct:  # noqa: ARG002
        """Give the operation's input. Raises RejectedError (MALFORMED) that names the path of a wrong type."""
        try:
            fields = nested(form(request))
            if operation.url_member and operation.url_member not in fields and len(request.path) > 1:
                fields[operation.url_member] = unquote(request.path).rstrip("/")
            tree = folded(fields, operation.input)
            value: msgspec.Struct = msgspec.convert(tree, operation.input, strict=False, dec_hook=times.decode_hook)
        except msgspec.ValidationError as error:
            raise RejectedError(Problem.MALFORMED, str(error).replace(" | null", "")) from error
        return value

    def encode(self, service: Service, operation: Operation, output: msgspec.Struct | None, request_id: str) -> Reply:
        """Give the reply of a success."""
        out = [f'<{operation.name}Response xmlns="{service.xml_namespace}">']
        if output is not None:
            _element(operation.result_wrapper or f"{operation.name}Result", output, type(output), out)
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
        _element("Code", fault.code, forms.PLAIN, out)
        _element("Message", fault.message or "", forms.PLAIN, out)
        for name, value in fault.members.items():
            _element(name, value, forms.PLAIN, out)
        out.append(f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>")
        return self._reply(fault.status, out, request_id, ("x-amzn-ErrorType", fault.code))

    def _reply(self, status: int, parts: list[str], request_id: str, *more: tuple[str, str]) -> Reply:
        headers = (("content-type", CONTENT_TYPE), ("x-amzn-RequestId", request_id), *more)
        return Reply(status=status, headers=headers, body="".join(parts).encode())
