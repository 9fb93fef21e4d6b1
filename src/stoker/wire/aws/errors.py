"""What goes wrong, as each AWS service says it: the one table from error class to code and HTTP status.

Three kinds of error meet here. A `DomainError` comes from below; `CODES` maps its class for each service. A
`RejectedError` comes from the wire itself (a body that cannot be read, an operation that is not served); `PROBLEMS`
maps it. A `FaultError` already has its code: a service's mapping raises it where AWS's code has no domain error of its own.
"""

import enum
from collections.abc import Mapping
from typing import Final

import msgspec

from stoker.domain import ids
from stoker.errors import (
    ConflictError,
    DomainError,
    InvalidParameterError,
    LimitError,
    NoCapacityError,
    NotFoundError,
    StokerError,
    ThrottledError,
    UnavailableError,
)
from stoker.wire.aws.identity import AuthProblem
from stoker.wire.aws.schema import Service

SAGEMAKER: Final = "sagemaker"
RUNTIME: Final = "sagemaker-runtime"
AUTOSCALING: Final = "application-autoscaling"
CLOUDWATCH: Final = "cloudwatch"
SCHEDULER: Final = "scheduler"
IAM: Final = "iam"
STS: Final = "sts"
SQS: Final = "sqs"

SERVER_ERROR: Final = 500

GRANITE: Final = "com.amazonaws.cloudwatch.v2010_08_01#"
CORAL: Final = "com.amazon.coral.validate#"

JSON: Final = "json"
QUERY: Final = "query"
"""The one protocol whose codes for faults of the wire itself are other words."""


class Problem(enum.Enum):
    """What the wire itself refuses."""

    MALFORMED = enum.auto()
    CONSTRAINT = enum.auto()
    UNKNOWN_OPERATION = enum.auto()
    NOT_SERVED = enum.auto()
    TOO_LARGE = enum.auto()
    TOO_SLOW = enum.auto()
    TOO_MANY = enum.auto()
    AWAY = enum.auto()
    INTERNAL = enum.auto()
    AUTH_MISSING = enum.auto()
    AUTH_INCOMPLETE = enum.auto()
    AUTH_UNKNOWN_KEY = enum.auto()
    AUTH_SIGNATURE = enum.auto()
    AUTH_EXPIRED = enum.auto()
    ACCESS_DENIED = enum.auto()


class RejectedError(StokerError):
    """The wire refuses a request; `message` may be shown to the client."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.message = message


class FaultError(StokerError):
    """An error by its AWS code.

    `status` defaults to what the service's model says of the code (400 when it says nothing). `members` are further
    members of the error's shape, such as ModelError's `OriginalStatusCode`. A message of None goes out as null.
    """

    def __init__(
        self, code: str, message: str | None, *, status: int | None = None, members: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}


class Code(msgspec.Struct, frozen=True):
    """A code and its HTTP status."""

    code: str
    status: int = 400


class WireFault(msgspec.Struct, frozen=True, kw_only=True):
    """An error ready to be written: what every protocol needs to know of it.

    `namespace` stands before the shape's name in a body's `__type`.
    """

    code: str
    shape: str
    namespace: str = ""
    message: str | None
    status: int
    sender: bool
    message_member: str = "message"
    members: Mapping[str, object] = {}

    @property
    def type_name(self) -> str:
        """Give the shape's full name."""
        return self.namespace + self.shape


INTERNAL_MESSAGE: Final = "The request processing has failed because of an unknown error, exception or failure."

_THROTTLED: Final = Code("ThrottlingException")
_AWAY: Final = Code("ServiceUnavailable", 503)

CODES: Final[Mapping[str, Mapping[type[DomainError], Code]]] = {
    # Client errors of the SageMaker control plane are ValidationException, those of its runtime ValidationError.
    SAGEMAKER: {
        InvalidParameterError: Code("ValidationException"),
        NotFoundError: Code("ValidationException"),
        ConflictError: Code("ValidationException"),
        LimitError: Code("ResourceLimitExceeded"),
        ThrottledError: _THROTTLED,
        NoCapacityError: Code("ValidationException"),
        UnavailableError: _AWAY,
    },
    RUNTIME: {
        InvalidParameterError: Code("ValidationError"),
        NotFoundError: Code("ValidationError"),
        ConflictError: Code("ValidationError"),
        LimitError: Code("ValidationError"),
        ThrottledError: _THROTTLED,
        NoCapacityError: Code("ValidationError"),
        UnavailableError: _AWAY,
    },
    AUTOSCALING: {
        InvalidParameterError: Code("ValidationException"),
        NotFoundError: Code("ObjectNotFoundException"),
        ConflictError: Code("ConcurrentUpdateException"),
        LimitError: Code("LimitExceededException"),
        ThrottledError: _THROTTLED,
        NoCapacityError: Code("ValidationException"),
        UnavailableError: _AWAY,
    },
    CLOUDWATCH: {
        InvalidParameterError: Code("ValidationError"),
        NotFoundError: Code("ResourceNotFound", 404),
        ConflictError: Code("ResourceConflict", 409),
        LimitError: Code("LimitExceeded"),
        ThrottledError: Code("Throttling"),
        NoCapacityError: Code("ValidationError"),
        UnavailableError: _AWAY,
    },
    # The model knows the status of each.
    SCHEDULER: {
        InvalidParameterError: Code("ValidationException", 0),
        NotFoundError: Code("ResourceNotFoundException", 0),
        ConflictError: Code("ConflictException", 0),
        LimitError: Code("ServiceQuotaExceededException", 0),
        ThrottledError: Code("ThrottlingException", 0),
        NoCapacityError: Code("ValidationException", 0),
        UnavailableError: _AWAY,
    },
    IAM: {
        InvalidParameterError: Code("ValidationError"),
        NotFoundError: Code("NoSuchEntity", 404),
        ConflictError: Code("EntityAlreadyExists", 409),
        LimitError: Code("LimitExceeded", 409),
        ThrottledError: Code("Throttling"),
        NoCapacityError: Code("ValidationError"),
        UnavailableError: _AWAY,
    },
    SQS: {
        InvalidParameterError: Code("InvalidParameterValue"),
        NotFoundError: Code("AWS.SimpleQueueService.NonExistentQueue"),
        ConflictError: Code("QueueAlreadyExists"),
        LimitError: Code("OverLimit"),
        ThrottledError: Code("RequestThrottled"),
        NoCapacityError: Code("InvalidParameterValue"),
        UnavailableError: _AWAY,
    },
    STS: {
        InvalidParameterError: Code("ValidationError"),
        NotFoundError: Code("ValidationError"),
        ConflictError: Code("ValidationError"),
        LimitError: Code("ValidationError"),
        ThrottledError: Code("Throttling"),
        NoCapacityError: Code("ValidationError"),
        UnavailableError: _AWAY,
    },
}

# JSON protocols' code, the query protocol's code, status. 501 is one that AWS clients do not retry.
PROBLEMS: Final[Mapping[Problem, tuple[str, str, int]]] = {
    Problem.MALFORMED: ("SerializationException", "MalformedInput", 400),
    Problem.UNKNOWN_OPERATION: ("UnknownOperationException", "InvalidAction", 404),
    Problem.NOT_SERVED: ("NotImplementedException", "NotImplementedException", 501),
    Problem.TOO_LARGE: ("RequestEntityTooLargeException", "RequestEntityTooLarge", 413),
    Problem.TOO_SLOW: ("RequestTimeoutException", "RequestTimeout", 408),
    Problem.TOO_MANY: ("ThrottlingException", "Throttling", 400),
    Problem.AWAY: ("ServiceUnavailable", "ServiceUnavailable", 503),
    Problem.INTERNAL: ("InternalFailure", "InternalFailure", 500),
    Problem.AUTH_MISSING: ("MissingAuthenticationTokenException", "MissingAuthenticationToken", 403),
    Problem.AUTH_INCOMPLETE: ("IncompleteSignatureException", "IncompleteSignature", 403),
    Problem.AUTH_UNKNOWN_KEY: ("UnrecognizedClientException", "InvalidClientTokenId", 403),
    Problem.AUTH_SIGNATURE: ("InvalidSignatureException", "SignatureDoesNotMatch", 403),
    Problem.AUTH_EXPIRED: ("ExpiredTokenException", "ExpiredToken", 403),
    Problem.ACCESS_DENIED: ("AccessDeniedException", "AccessDenied", 403),
}

AUTH_PROBLEMS: Final[Mapping[AuthProblem, Problem]] = {
    AuthProblem.MISSING: Problem.AUTH_MISSING,
    AuthProblem.INCOMPLETE: Problem.AUTH_INCOMPLETE,
    AuthProblem.UNKNOWN_KEY: Problem.AUTH_UNKNOWN_KEY,
    AuthProblem.SIGNATURE: Problem.AUTH_SIGNATURE,
    AuthProblem.EXPIRED: Problem.AUTH_EXPIRED,
    AuthProblem.DENIED: Problem.ACCESS_DENIED,
}

_ARN_WORDS: Final = {
    ids.MODEL: "model",
    ids.ENDPOINT_CONFIG: "endpoint-config",
    ids.ENDPOINT: "endpoint",
    ids.COMPONENT: "inference-component",
    ids.MODEL_PACKAGE_GROUP: "model-package-group",
    ids.MODEL_PACKAGE: "model-package",
}

# The registry has sentences of its own.
_REGISTRY_WORDS: Final = {
    ids.MODEL_PACKAGE_GROUP: ("ModelPackageGroup", "Model Package Group"),
    ids.MODEL_PACKAGE: ("ModelPackage", "Model Package"),
}


def fault(
    error: FaultError | RejectedError | DomainError, service: Service | None, protocol: str, partition: ids.Partition
) -> WireFault:
    """Give the error as `service` says it over `protocol`; `service` is None when the request did not tell it."""
    match error:
        case FaultError():
            return _modelled(service, Code(error.code, error.status or 0), error.message, error.members)
        case RejectedError(problem=Problem.CONSTRAINT):
            return _modelled(service, _of_class(InvalidParameterError, service), error.message)
        case RejectedError():
            json_code, query_code, status = PROBLEMS[error.problem]
            if error.problem is Problem.ACCESS_DENIED and protocol == JSON:
                status = 400  # as services of AWS JSON answer, where those of other protocols say 403
            return _modelled(service, Code(query_code if protocol == QUERY else json_code, status), error.message)
        case DomainError():
            return _modelled(service, _of_class(type(error), service), _text(error, service, partition))


def _of_class(kind: type[DomainError], service: Service | None) -> Code:
    table = CODES[service.name] if service is not None and service.name in CODES else CODES[SAGEMAKER]
    for ancestor in kind.__mro__:
        if ancestor in table:
            return table[ancestor]
    return table[InvalidParameterError]


def _namespace(service: Service | None, shape: str) -> str:
    """Give what stands before a shape's name: CloudWatch's errors are known to say it, and its validation's is another."""
    if service is None or service.name != CLOUDWATCH:
        return ""
    return CORAL if shape == "ValidationException" else GRANITE


def _modelled(service: Service | None, code: Code, message: str | None, members: Mapping[str, object] | None = None) -> WireFault:
    """Complete a code by what the service's model knows of it."""
    shape = service.errors.get(code.code) if service is not None else None
    if shape is None:
        status = code.status or 400
        return WireFault(
            code=code.code, shape=code.code, message=message, status=status, sender=status < SERVER_ERROR, members=members or {}
        )
    return WireFault(
        code=code.code,
        shape=shape.shape,
        namespace=_namespace(service, shape.shape),
        message=message,
        status=code.status or shape.status,
        sender=shape.sender,
        message_member=shape.message_member,
        members=members or {},
    )


def _text(error: DomainError, service: Service | None, partition: ids.Partition) -> str:
    """Give the message: SageMaker's own sentence where the raiser left the default one."""
    if service is None or service.name != SAGEMAKER:
        return error.message
    match error:
        case NotFoundError(kind=kind, name=name) if kind in _REGISTRY_WORDS and _is_default(error):
            return f"{_REGISTRY_WORDS[kind][0]} {_arn(partition, kind, name)} does not exist."
        case ConflictError(kind=kind, name=name, exists=True) if kind in _REGISTRY_WORDS and _is_default(error):
            return f"{_REGISTRY_WORDS[kind][1]} already exists: {_arn(partition, kind, name)}"
        case NotFoundError(kind=kind, name=name) if kind in _ARN_WORDS and _is_default(error):
            # A missing component is named by its name, everything else by its ARN.
            return f'Could not find {kind} "{name if kind == ids.COMPONENT else _arn(partition, kind, name)}".'
        case ConflictError(kind=kind, name=name) if kind in _ARN_WORDS and _is_default(error):
            verb = "create already existing" if error.exists else "update in-progress"
            return f'Cannot {verb} {kind} "{_arn(partition, kind, name)}".'
        case _:
            return error.message


def _is_default(error: NotFoundError | ConflictError) -> bool:
    if isinstance(error, NotFoundError):
        return error.message == NotFoundError(error.kind, error.name).message
    return error.message == ConflictError(error.kind, error.name, exists=error.exists).message


def _arn(partition: ids.Partition, kind: str, name: str) -> str:
    return name if name.startswith("arn:") else partition.sagemaker(_ARN_WORDS[kind], name)
