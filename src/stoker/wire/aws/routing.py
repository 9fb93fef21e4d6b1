"""Which service, protocol and operation a request means, when one address serves them all.

In this order: the path of rpc-v2-cbor, `X-Amz-Target`, a form's `Action` and `Version`, the path
of a rest-json operation. What is served is decided by the services given to the router.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

import msgspec

from stoker.wire.aws.errors import Problem, RejectedError
from stoker.wire.aws.exchange import Request
from stoker.wire.aws.protocols import query
from stoker.wire.aws.schema import Operation, Service

JSON: Final = "json"
REST_JSON: Final = "rest-json"
QUERY: Final = "query"
RPC_CBOR: Final = "smithy-rpc-v2-cbor"
CBOR_PATH: Final = re.compile(r"/service/([^/]+)/operation/([^/]+)")
SHOWN: Final = 128


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """What a request means. `service` and `operation` are None when nothing here serves it; `action` is its name."""

    protocol: str
    service: Service | None = None
    action: str = ""
    operation: Operation | None = None
    labels: Mapping[str, str] = {}

    def served(self) -> tuple[Service, Operation]:
        """Give the service and the operation, or raise RejectedError that says honestly what is not served."""
        if self.service is not None and self.operation is not None:
            return self.service, self.operation
        action = self.action[:SHOWN]
        if self.service is not None and action in self.service.known_operations:
            raise RejectedError(Problem.NOT_SERVED, f"Stoker does not serve {self.service.name}:{action}.")
        where = f"The service {self.service.name}" if self.service is not None else "Stoker"
        raise RejectedError(Problem.UNKNOWN_OPERATION, f"{where} has no operation '{action}'.")


class Router:
    """Chooses the route of a request among the given services."""

    __slots__ = ("_forms", "_names", "_paths", "_targets")

    def __init__(self, services: Sequence[Service]) -> None:
        self._names = {service.target_prefix: service for service in services if RPC_CBOR in service.protocols}
        self._targets = {service.target_prefix: service for service in services if JSON in service.protocols}
        self._forms = {service.version: service for service in services if QUERY in service.protocols}
        self._paths = [
            (path.method, _template(path.uri), service, path.name)
            for service in services
            if REST_JSON in service.protocols
            for path in service.paths
        ]

    def choose(self, request: Request) -> Route:
        """Give the route. Raises RejectedError for a form that cannot be read."""
        named = CBOR_PATH.fullmatch(request.path)
        if named is not None and request.method == "POST":
            return self._by_name(named[1], named[2])
        target = request.headers.get("x-amz-target")
        if target is not None:
            return self._by_target(target)
        if _may_be_form(request):
            route = self._by_form(query.form(request))
            if route is not None:
                return route
        return self._by_path(request)

    def _by_name(self, name: str, action: str) -> Route:
        service = self._names.get(name)
        if service is None:
            return Route(protocol=RPC_CBOR, action=f"{name}.{action}")
        return Route(protocol=RPC_CBOR, service=service, action=action, operation=service.operations.get(action))

    def _by_target(self, target: str) -> Route:
        prefix, _, action = target.rpartition(".")
        service = self._targets.get(prefix)
        if service is None:
            return Route(protocol=JSON, action=target)
        return Route(protocol=JSON, service=service, action=action, operation=service.operations.get(action))

    def _by_form(self, fields: Mapping[str, str]) -> Route | None:
        action = fields.get("Action")
        if action is None:
            return None
        service = self._forms.get(fields.get("Version", ""))
        if service is None:
            return Route(protocol=QUERY, action=action)
        return Route(protocol=QUERY, service=service, action=action, operation=service.operations.get(action))

    def _by_path(self, request: Request) -> Route:
        for method, pattern, service, name in self._paths:
            match = pattern.fullmatch(request.path)
            if match is not None and method == request.method:
                labels = {label: unquote(text) for label, text in match.groupdict().items()}
                operation = service.operations.get(name)
                return Route(protocol=REST_JSON, service=service, action=name, operation=operation, labels=labels)
        return Route(protocol=REST_JSON, action=f"{request.method} {request.path}")


def _may_be_form(request: Request) -> bool:
    if request.method == "GET":
        return "Action=" in request.query
    return request.headers.get("content-type", "").lower().startswith(query.FORM)


def _template(uri: str) -> re.Pattern[str]:
    """Give the expression of a URI template: `{Name}` is one segment, `{Name+}` may hold slashes."""
    out = []
    for part in re.split(r"(\{\w+\+?\})", uri.partition("?")[0]):
        if part.startswith("{"):
            name = part.strip("{+}")
            out.append(f"(?P<{name}>.+)" if part.endswith("+}") else f"(?P<{name}>[^/]+)")
        else:
            out.append(re.escape(part))
    return re.compile("".join(out))
