"""The Smithy protocol rpc-v2-cbor: `POST /service/NAME/operation/NAME`, a CBOR map in, a CBOR map out.

Newer SDKs speak it to CloudWatch. Times are tag 1, bytes are bytes; an error's code is the body's `__type`, and for a service
that once spoke the query protocol also in `x-amzn-query-error`.
"""

from typing import Final

import msgspec

from stoker.wire.aws import cbor, times
from stoker.wire.aws.errors import Problem, RejectedError, WireFault
from stoker.wire.aws.exchange import Reply, Request
from stoker.wire.aws.protocols.json import query_error
from stoker.wire.aws.schema import Operation, Service

CONTENT_TYPE: Final = "application/cbor"
PROTOCOL_HEADER: Final = "smithy-protocol"
PROTOCOL: Final = "rpc-v2-cbor"


class CborProtocol:
    """The codec."""

    __slots__ = ("name",)

    def __init__(self) -> None:
        self.name = PROTOCOL

    def decode(self, operation: Operation, request: Request, labels: object = None) -> msgspec.Struct:  # noqa: ARG002
        """Give the operation's input; an empty body counts as an empty map. Raises RejectedError (MALFORMED)."""
        spoken = request.headers.get(PROTOCOL_HEADER, PROTOCOL)
        if spoken != PROTOCOL:
            raise RejectedError(Problem.MALFORMED, f"The protocol {spoken[:32]!r} is not spoken here; {PROTOCOL} is.")
        kind = request.headers.get("content-type", CONTENT_TYPE).partition(";")[0].strip().lower()
        if request.body and kind != CONTENT_TYPE:
            raise RejectedError(Problem.MALFORMED, f"The content type {kind[:64]!r} is not {CONTENT_TYPE}.")
        try:
            tree = cbor.decode(request.body) if request.body else {}
            value: msgspec.Struct = msgspec.convert(tree, operation.input, builtin_types=(bytes,), dec_hook=times.decode_hook)
        except cbor.CborError as error:
            raise RejectedError(Problem.MALFORMED, f"The request body is not valid CBOR: {error}.") from error
        except msgspec.ValidationError as error:
            raise RejectedError(Problem.MALFORMED, str(error).replace(" | null", "")) from error
        return value

    def encode(
        self,
        service: Service,  # noqa: ARG002 - codecs have one signature
        operation: Operation,
        output: msgspec.Struct | None,
        request_id: str,
    ) -> Reply:
        """Give the reply of a success; an operation without an output shape answers with an empty body."""
        if operation.output is None:
            return Reply(status=200, headers=_headers(request_id))
        body = cbor.encode(output if output is not None else {})
        return Reply(status=200, headers=_headers(request_id, CONTENT_TYPE), body=body)

    def encode_fault(self, service: Service | None, fault: WireFault, request: Request | None, request_id: str) -> Reply:
        """Give the reply of a failure."""
        headers = [*_headers(request_id, CONTENT_TYPE), *query_error(service, fault, request)]
        body = {"__type": fault.type_name, fault.message_member: fault.message, **fault.members}
        return Reply(status=fault.status, headers=tuple(headers), body=cbor.encode(body))


def _headers(request_id: str, *content_type: str) -> tuple[tuple[str, str], ...]:
    pairs = (("smithy-protocol", PROTOCOL), ("x-amzn-RequestId", request_id))
    return (("content-type", content_type[0]), *pairs) if content_type else pairs
