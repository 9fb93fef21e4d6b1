"""The AWS JSON protocols 1.0 and 1.1: every operation is a POST of one object, chosen by `X-Amz-Target`.

A service that once spoke the query protocol (CloudWatch) also gives its old error codes in `x-amzn-query-error`, which
clients put above the new ones; only requests with `x-amzn-query-mode: true` get the modelled status, others 400.
"""

from typing import Any, Final, TypeVar

import msgspec

from stoker.wire.aws import forms, times
from stoker.wire.aws.errors import Problem, RejectedError, WireFault
from stoker.wire.aws.exchange import Reply, Request
from stoker.wire.aws.schema import Operation, Service

QUERY_MODE: Final = "x-amzn-query-mode"
CLIENT_ERROR: Final = 400
SERVER_ERROR: Final = 500

StructT = TypeVar("StructT")

_ENCODER: Final = msgspec.json.Encoder(enc_hook=times.encode_hook)


def encode(value: object) -> bytes:
    """Give the JSON of a wire value; times become epoch seconds, absent members are left out, NaN and infinities texts."""
    if isinstance(value, msgspec.Struct) and forms.holds_floats(type(value)) and not forms.is_finite(value):
        value = forms.without_floats(msgspec.to_builtins(value, enc_hook=times.encode_hook))
    return _ENCODER.encode(value)


def query_error(service: Service | None, fault: WireFault, request: Request | None) -> tuple[tuple[str, str], ...]:
    """Give the header of a fault's old code, for a request in query mode to a service that once spoke the query protocol."""
    if service is None or not service.query_compatible or request is None:
        return ()
    if request.headers.get(QUERY_MODE, "").lower() != "true":
        return ()
    return (("x-amzn-query-error", f"{fault.code};{'Sender' if fault.sender else 'Receiver'}"),)


class BodyReader:
    """Reads JSON objects into generated structs; keeps one decoder for each struct."""

    __slots__ = ("_decoders",)

    def __init__(self) -> None:
        self._decoders: dict[Any, msgspec.json.Decoder[Any]] = {}

    def read(self, kind: type[StructT], body: bytes) -> StructT:
        """Give the struct of a body; an empty body counts as `{}`.

        Raises RejectedError (MALFORMED) that names the byte of malformed JSON, or the path of a wrong type.
        """
        decoder = self._decoders.get(kind)
        if decoder is None:
            decoder = self._decoders[kind] = msgspec.json.Decoder(kind, dec_hook=times.decode_hook)
        try:
            value: StructT = decoder.decode(body or b"{}")
        except msgspec.ValidationError as error:
            found = _with_floats(kind, body)
            if found is not None:
                return found
            raise RejectedError(Problem.MALFORMED, str(error).replace(" | null", "")) from error
        except msgspec.DecodeError as error:
            raise RejectedError(Problem.MALFORMED, f"The request body is not valid JSON: {error}") from error
        except UnicodeDecodeError as error:
            raise RejectedError(Problem.MALFORMED, "The request body is not valid UTF-8.") from error
        except RecursionError as error:
            raise RejectedError(Problem.MALFORMED, "The request body is nested too deeply.") from error
        return value


def _with_floats(kind: type[StructT], body: bytes) -> StructT | None:
    """Read a body once more, with the texts that stand for floats turned into them; None when there are none, or it is wrong."""
    if not (issubclass(kind, msgspec.Struct) and forms.holds_floats(kind)):
        return None
    if not any(f'"{text}"'.encode() in body for text in forms.FLOAT_TEXTS):
        return None
    try:
        return msgspec.convert(forms.with_floats(msgspec.json.decode(body), kind), kind, dec_hook=times.decode_hook)
    except msgspec.ValidationError:
        return None


class JsonProtocol:
    """The codec of one version."""

    __slots__ = ("_content_type", "_reader", "name")

    def __init__(self, version: str, reader: BodyReader) -> None:
        self.name = "json"
        self._content_type = f"application/x-amz-json-{version}"
        self._reader = reader

    def decode(self, operation: Operation, request: Request, labels: object = None) -> msgspec.Struct:  # noqa: ARG002
        """Give the operation's input. Raises RejectedError (MALFORMED)."""
        return self._reader.read(operation.input, request.body)

    def encode(
        self,
        service: Service,  # noqa: ARG002 - codecs have one signature
        operation: Operation,
        output: msgspec.Struct | None,
        request_id: str,
    ) -> Reply:
        """Give the reply of a success; an operation without an output shape answers with an empty body."""
        body = b"" if operation.output is None else encode(output if output is not None else {})
        return Reply(status=200, headers=self._headers(request_id), body=body)

    def encode_fault(self, service: Service | None, fault: WireFault, request: Request | None, request_id: str) -> Reply:
        """Give the reply of a failure: code in body and header, the message as the model spells its member."""
        status = fault.status
        old_code = query_error(service, fault, request)
        headers = [*self._headers(request_id), ("x-amzn-ErrorType", fault.shape), *old_code]
        compatible = service is not None and service.query_compatible and not old_code
        if compatible and service is not None and fault.shape in {shape.shape for shape in service.errors.values()}:
            status = CLIENT_ERROR if status < SERVER_ERROR else SERVER_ERROR
        body = {"__type": fault.type_name, fault.message_member: fault.message, **fault.members}
        return Reply(status=status, headers=tuple(headers), body=encode(body))

    def _headers(self, request_id: str) -> tuple[tuple[str, str], ...]:
        return (("content-type", self._content_type), ("x-amzn-RequestId", request_id))
