"""The types that the generated tables are made of: what a service is, what an operation is, how members are bound.

Nothing here is specific to one service; the values are written by `tools/gen_wire.py`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, Optional, TypeAlias, TypeVar
from typing import Annotated as Annotated  # for the generated tables

import msgspec

from stoker.wire.aws import constraints

T = TypeVar("T")

if TYPE_CHECKING:
    Given = Annotated[T, "given"]
else:
    # A required member may still be absent on the wire: the constraint walk, which lists every violation at once,
    # is what refuses it. After that walk it is there, and so a type checker may take it as given.
    Given = Optional[T]  # noqa: UP045 - a subscriptable alias, which `T | None` of a TypeVar gives only as a value

ABSENT: Final[Any] = None
"""The default of a `Given` member until the constraint walk has passed."""

Meta = msgspec.Meta
"""What the generated annotations say of the query protocol's lists and maps: see `forms`."""

Document: TypeAlias = Any
"""A member that may be any JSON value."""

Int = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Long = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """Where a member of a rest-json operation travels when it is not in the body.

    `attribute` is the struct's field, `name` the wire's name (a header in lower case), `kind` the text's type: a scalar, a
    list of scalars, or a map, for `headers` (all whose names begin with `name`) and for the whole query string.
    """

    attribute: str
    location: Literal["uri", "header", "headers", "querystring", "statusCode"]
    name: str
    kind: Any = str


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """The method and URI template of a rest-json operation, served or not."""

    name: str
    method: str
    uri: str


class ErrorShape(msgspec.Struct, frozen=True, kw_only=True):
    """A modelled error: its shape's name, HTTP status, whose fault it is and the member that holds the message."""

    shape: str
    status: int = 400
    sender: bool = True
    message_member: str = "message"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A served operation.

    `output` is None when a success has no body shape. `payload_in` and `payload_out` name the attribute that is the
    whole HTTP body (rest-json): bytes and text as they are, anything else as JSON. `payload_in_kind` and
    `payload_out_kind` are its type; `streams` says that the output's is an event stream. `url_member` is the member that the
    URL of a form gives where the form does not.
    """

    name: str
    input: type[msgspec.Struct]
    output: type[msgspec.Struct] | None = None
    checks: constraints.Shape
    errors: tuple[str, ...] = ()
    method: str = "POST"
    uri: str = "/"
    status: int = 200
    bound_in: tuple[Binding, ...] = ()
    bound_out: tuple[Binding, ...] = ()
    payload_in: str = ""
    payload_in_kind: Any = bytes
    payload_out: str = ""
    payload_out_kind: Any = bytes
    streams: bool = False
    result_wrapper: str = ""
    url_member: str = ""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A service: how it is addressed and signed, what it serves, and every operation name that AWS knows for it."""

    name: str
    version: str
    signing_name: str
    protocols: tuple[str, ...]
    target_prefix: str = ""
    json_version: str = "1.1"
    query_compatible: bool = False
    xml_namespace: str = ""
    operations: Mapping[str, Operation]
    errors: Mapping[str, ErrorShape]
    known_operations: frozenset[str]
    paths: tuple[Path, ...] = ()
