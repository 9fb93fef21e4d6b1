"""The AWS rest-json protocol: an operation is a method and a path; members travel in path, query, headers and body.

The data plane uses `bound` and `reply_headers` by themselves, so that an invocation's body is never copied.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, get_args, get_origin
from urllib.parse import parse_qs

import msgspec

from stoker.wire.aws import forms, times
from stoker.wire.aws.errors import Problem, RejectedError, WireFault
from stoker.wire.aws.exchange import Reply, Request
from stoker.wire.aws.protocols.json import BodyReader, encode
from stoker.wire.aws.schema import Binding, Operation, Service

JSON: Final = "application/json"
TEXT: Final = "text/plain"
ITEMS: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*)\s*(?:,|$)')
DATES: Final = re.compile(r"[^,]+,[^,]+")
ESCAPED: Final = re.compile(r"\\(.)")
MAX_QUERY_FIELDS: Final = 1000
HEADER_BREAKS: Final = str.maketrans({"\r": " ", "\n": " ", "\0": " "})
"""A value that came from a model must not end a header line."""


def bound(operation: Operation, labels: Mapping[str, str], query: str, headers: Mapping[str, str]) -> dict[str, object]:
    """Give the input members that travel outside the body, by attribute.

    `labels` are the path's decoded parts, `headers` are by lower-case name. Raises RejectedError (MALFORMED) that names
    a header or a parameter whose text is not of the member's type.
    """
    given: dict[str, object] = {}
    parameters: dict[str, list[str]] | None = None
    for binding in operation.bound_in:
        found: object
        if binding.location == "header":
            found = headers.get(binding.name)
        elif binding.location == "uri":
            found = labels.get(binding.name)
        elif binding.location == "headers":
            start = len(binding.name)
            found = {name[start:]: value for name, value in headers.items() if name.startswith(binding.name)}
        else:
            if parameters is None:
                parameters = _parameters(query)
            found = _of_parameters(binding, parameters)
        if found is not None:
            given[binding.attribute] = found if binding.kind is str else _converted(binding, found)
    return given


def _parameters(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS)
    except ValueError as error:
        raise RejectedError(Problem.MALFORMED, "The query string has too many fields.") from error


def _of_parameters(binding: Binding, parameters: Mapping[str, list[str]]) -> object:
    """Give what a query string has for a member; a map has all of it."""
    kind = get_origin(binding.kind)
    if kind is dict:
        lists = get_origin(get_args(binding.kind)[1]) is list
        return parameters if lists else {name: values[-1] for name, values in parameters.items()}
    values = parameters.get(binding.name)
    return values if values is None or kind is list else values[-1]


def _converted(binding: Binding, found: object) -> object:
    if get_origin(binding.kind) is list and isinstance(found, str):
        found = _items(found, binding.kind)
    try:
        converted: object = msgspec.convert(found, binding.kind, strict=False, dec_hook=times.decode_hook)
    except msgspec.ValidationError as error:
        raise RejectedError(Problem.MALFORMED, f"{binding.name}: {error}") from error
    return converted


def _items(text: str, kind: object) -> list[str]:
    """Give the items of a header's list: parted by commas, which quoted texts and HTTP dates hold themselves."""
    of = get_args(kind)[0]
    pattern = DATES if isinstance(of, type) and issubclass(of, times.Timestamp) and "GMT" in text else ITEMS
    items = [item.strip() for item in pattern.findall(text) if item.strip()]
    return [ESCAPED.sub(r"\1", item[1:-1]) if item[0] == item[-1] == '"' and len(item) > 1 else item for item in items]


def reply_headers(operation: Operation, output: msgspec.Struct) -> list[tuple[str, str]]:
    """Give the output members that travel in headers; absent ones are left out."""
    pairs: list[tuple[str, str]] = []
    for binding in operation.bound_out:
        value = getattr(output, binding.attribute)
        if value is None:
            continue
        if binding.location == "headers":
            pairs.extend((binding.name + name, text.translate(HEADER_BREAKS)) for name, text in value.items())
        elif binding.location == "header":
            pairs.append((binding.name, _header(value).translate(HEADER_BREAKS)))
    return pairs


def _header(value: object) -> str:
    match value:
        case list():
            return ", ".join(_quoted(item) if isinstance(item, str) else _header(item) for item in value)
        case bool():
            return "true" if value else "false"
        case times.Timestamp():
            return times.text(value, times.HttpTimestamp)
        case float():
            return str(forms.without_floats(value))
        case _:
            return str(value)


def _quoted(item: str) -> str:
    if not item or set(item) & {",", '"'}:
        return '"' + item.replace("\\", r"\\").replace('"', r"\"") + '"'
    return item


def _status(operation: Operation, output: msgspec.Struct) -> int:
    """Give the status of a success, which a member may be."""
    for binding in operation.bound_out:
        if binding.location == "statusCode":
            status: int | None = getattr(output, binding.attribute)
            return operation.status if status is None else status
    return operation.status


class RestJsonProtocol:
    """The codec."""

    __slots__ = ("_reader", "name")

    def __init__(self, reader: BodyReader) -> None:
        self.name = "rest-json"
        self._reader = reader

    def decode(self, operation: Operation, request: Request, labels: Mapping[str, str]) -> msgspec.Struct:
        """Give the operation's input. Raises RejectedError (MALFORMED)."""
        given = bound(operation, labels, request.query, request.headers)
        if operation.payload_in:
            return operation.input(**given, **{operation.payload_in: self._payload(operation.payload_in_kind, request.body)})
        value = self._reader.read(operation.input, request.body)
        outside = {binding.attribute: given.get(binding.attribute) for binding in operation.bound_in}
        return msgspec.structs.replace(value, **outside) if outside else value

    def _payload(self, kind: Any, body: bytes) -> object:  # noqa: ANN401 - any type that a body may be of
        if kind is bytes:
            return body
        if not body:
            return None
        if kind is not str:
            return self._reader.read(kind, body)
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise RejectedError(Problem.MALFORMED, "The request body is not valid UTF-8.") from error

    def encode(
        self,
        service: Service,  # noqa: ARG002 - codecs have one signature
        operation: Operation,
        output: msgspec.Struct | None,
        request_id: str,
    ) -> Reply:
        """Give the reply of a success; a streamed payload becomes the reply's frames, still to be framed."""
        request_header = ("x-amzn-RequestId", request_id)
        if output is None:
            return Reply(status=operation.status, headers=(("content-type", JSON), request_header), body=b"{}")
        headers = [*reply_headers(operation, output), request_header]
        status = _status(operation, output)
        if operation.payload_out:
            payload = getattr(output, operation.payload_out)
            if operation.streams:
                return Reply(status=status, headers=tuple(headers), frames=payload)
            if payload is None or isinstance(payload, bytes):
                return Reply(status=status, headers=tuple(headers), body=payload or b"")
            if operation.payload_out_kind is str:
                return Reply(status=status, headers=(("content-type", TEXT), *headers), body=payload.encode())
            return Reply(status=status, headers=(("content-type", JSON), *headers), body=encode(payload))
        outside = {binding.attribute: None for binding in operation.bound_out}
        body = encode(msgspec.structs.replace(output, **outside) if outside else output)
        return Reply(status=status, headers=(("content-type", JSON), *headers), body=body)

    def encode_fault(
        self,
        service: Service | None,  # noqa: ARG002 - codecs have one signature
        fault: WireFault,
        request: Request | None,  # noqa: ARG002
        request_id: str,
    ) -> Reply:
        """Give the reply of a failure: the code is in the header, the shape's members are in the body."""
        headers = (("content-type", JSON), ("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", fault.shape))
        member = fault.message_member if fault.message_member != "message" else "Message"
        return Reply(status=fault.status, headers=headers, body=encode({member: fault.message, **fault.members}))
