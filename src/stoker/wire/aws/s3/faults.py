"""What goes wrong, in S3's own codes and words."""

from collections.abc import Mapping
from typing import Final

from stoker.artifacts.buckets import BUCKET
from stoker.artifacts.uploads import UPLOAD, PartError
from stoker.errors import ConflictError, DomainError, InvalidParameterError, LimitError, NotFoundError, StokerError
from stoker.wire.aws.identity import AuthError, AuthProblem
from stoker.wire.aws.payloads import PayloadError

STATUS: Final[Mapping[str, int]] = {
    "AccessDenied": 403,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "InternalError": 500,
    "InvalidAccessKeyId": 403,
    "InvalidRange": 416,
    "MethodNotAllowed": 405,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NotImplemented": 501,
    "NotModified": 304,
    "PreconditionFailed": 412,
    "SignatureDoesNotMatch": 403,
    "SlowDown": 503,
}
"""Statuses other than 400. Source: AWS, "Amazon S3 error responses"."""

_AUTH: Final[Mapping[AuthProblem, str]] = {
    AuthProblem.MISSING: "AccessDenied",
    AuthProblem.INCOMPLETE: "AuthorizationHeaderMalformed",
    AuthProblem.UNKNOWN_KEY: "InvalidAccessKeyId",
    AuthProblem.SIGNATURE: "SignatureDoesNotMatch",
    AuthProblem.EXPIRED: "ExpiredToken",
    AuthProblem.DENIED: "AccessDenied",
}
_LIMITS: Final = {"object bytes": "EntityTooLarge", "buckets": "TooManyBuckets"}
_KINDS: Final = {BUCKET: "NoSuchBucket", UPLOAD: "NoSuchUpload"}


class S3Error(StokerError):
    """A refusal by its S3 code; `message` may be shown, `members` are further ones of the error's document."""

    def __init__(self, code: str, message: str, members: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.members = members or {}

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return STATUS.get(self.code, 400)


def as_s3(error: StokerError) -> S3Error | None:
    """Give an error as S3 says it; None for one that no client may see."""
    match error:
        case S3Error():
            return error
        case AuthError():
            return S3Error(_AUTH[error.problem], error.message)
        case PayloadError() | PartError():
            return S3Error(error.code, error.message)
        case NotFoundError():
            return S3Error(_KINDS.get(error.kind, "NoSuchKey"), error.message)
        case ConflictError():
            code = "BucketNotEmpty" if error.kind == BUCKET else "PreconditionFailed" if error.exists else "InvalidRequest"
            return S3Error(code, error.message)
        case LimitError():
            return S3Error(_LIMITS.get(error.limit, "QuotaExceeded"), error.message)
        case InvalidParameterError():
            return S3Error("InvalidBucketName" if error.field == "Bucket" else "InvalidArgument", error.message)
        case DomainError():
            return S3Error("InvalidRequest", error.message)
        case _:
            return None


def not_served(what: str) -> S3Error:
    """Give the honest answer to what S3 can and Stoker does not."""
    return S3Error("NotImplemented", f"Stoker does not serve {what}.")
