"""The errors callers can meet, one class for each meaning a caller can act on.

StokerError
├── DomainError             safe to show to a client; wire packages map each class to a code and a status
│   ├── InvalidParameterError   a value that cannot be: names the field
│   ├── NotFoundError           names a thing that is not there
│   ├── ConflictError           the thing exists already, or is in a state that forbids the call
│   ├── LimitError              a quota or a bound is reached
│   ├── ThrottledError          too many calls at once; the same call may pass later
│   ├── NoCapacityError         an invocation met no capacity and may not wait for it
│   └── UnavailableError        a part that the call needs is away for now
└── InvariantBrokenError    a bug of ours, never a client's fault
"""


class StokerError(Exception):
    """Everything that Stoker raises on purpose."""


class DomainError(StokerError):
    """An error whose text may be shown to the client that caused it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidParameterError(DomainError):
    """A value that cannot be. `field` is the caller's name for it, `""` when no single one is at fault."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NotFoundError(DomainError):
    """There is no such thing. `kind` is one of the resource kinds of `stoker.domain.ids`, `name` its name or ARN."""

    def __init__(self, kind: str, name: str, message: str = "") -> None:
        super().__init__(message or f"There is no {kind} {name}.")
        self.kind = kind
        self.name = name


class ConflictError(DomainError):
    """The thing exists already (`exists`), or its state forbids what was asked."""

    def __init__(self, kind: str, name: str, message: str = "", *, exists: bool = False) -> None:
        super().__init__(message or f"The {kind} {name} {'already exists' if exists else 'is busy'}.")
        self.kind = kind
        self.name = name
        self.exists = exists


class LimitError(DomainError):
    """A quota or a bound is reached. `limit` is its name, `maximum` its value."""

    def __init__(self, message: str, *, limit: str = "", maximum: int = 0) -> None:
        super().__init__(message)
        self.limit = limit
        self.maximum = maximum


class ThrottledError(DomainError):
    """Too much at once; the same call may pass later."""


class NoCapacityError(DomainError):
    """An invocation met no capacity and may not wait for it."""


class UnavailableError(DomainError):
    """A part that the call needs is away for now."""


class InvariantBrokenError(StokerError):
    """Something that must hold does not: a bug of ours."""
