"""The AWS rest-json protocol: an operation is a method and a path; members travel in path, query, headers and body.

The data plane uses `bound` and `reply_headers` by themselves, so that an invocation's body is never copied.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from stoker.wire.aws import times
from stoker.wire.aws.errors import Problem, RejectedError, WireFault
from stoker.wire.aws.exchange import Reply, Request
from stoker.wire.aws.protocols.json import BodyReader, encode
from stoker.wire.aws.schema import Binding, Operation, Service

JSON: Final = "application/json"
MAX_QUERY_FIELDS: Final = 1000
HEADER_BREAKS: Final = str.maketrans({"\r": " ", "\n": " ", "\0": " "})
"""A value that came from a model must not end a header line."""


def bound(operation: Operation, labels: Mapping[str, str], query: str, headers: Mapping[str, str]) -> dict[str, object]:
    """Give the input members that travel outside the body, by attribute.

    `labels` are the path's decoded parts, `headers` are by lower-case name. Raises RejectedError (MALFORMED) that names
    a header or a parameter whose text is not of the member's type.
    """
    given: dict[str, object] = {}
    parameters: dict[str, str] | None = None
    for binding in operation.bound_in:
        if binding.location == "header":
            text = headers.get(binding.name)
        elif binding.location == "uri":
            text = labels.get(binding.name)
        else:
            if parameters is None:
                parameters = _parameters(query)
            text = parameters.get(binding.name)
        if text is not None:
            given[binding.attribute] = text if binding.kind is str else _converted(binding, text)
    return given


def _parameters(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS))
    except ValueError as error:
        raise RejectedError(Problem.MALFORMED, "The query string has too many fields.") from error


def _converted(binding: Binding, text: str) -> object:
    try:
        converted: object = msgspec.convert(text, binding.kind, strict=False, dec_hook=times.decode_hook)
    except msgspec.ValidationError as error:
        raise RejectedError(Problem.MALFORMED, f"{binding.name}: {error}") from error
    return converted


def reply_headers(operation: Operation, output: msgspec.Struct) -> list[tuple[str, str]]:
    """Give the output members that travel in headers; absent ones are left out."""
    pairs: list[tuple[str, str]] = []
    for binding in operation.bound_out:
        value = getattr(output, binding.attribute)
        if binding.location == "header" and value is not None:
            pairs.append((binding.name, str(value).translate(HEADER_BREAKS)))
    return pairs


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
            return operation.input(**given, **{operation.payload_in: request.body})
        value = self._reader.read(operation.input, request.body)
        outside = {binding.attribute: given.get(binding.attribute) for binding in operation.bound_in}
        return msgspec.structs.replace(value, **outside) if outside else value

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
        if operation.payload_out:
            payload = getattr(output, operation.payload_out)
            if operation.streams:
                return Reply(status=operation.status, headers=tuple(headers), frames=payload)
            return Reply(status=operation.status, headers=tuple(headers), body=payload or b"")
        outside = {binding.attribute: None for binding in operation.bound_out}
        body = encode(msgspec.structs.replace(output, **outside) if outside else output)
        return Reply(status=operation.status, headers=(("content-type", JSON), *headers), body=body)

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
