"""Finds out who sent a request, before anything else is asked of it: what is refused here wakes nothing."""

import hashlib
from typing import TYPE_CHECKING, Final

from stoker.gateway.face import FOREVER, Authenticator, Denied, Invocation
from stoker.gateway.reasons import Reason, Refusal
from stoker.units import Instant

if TYPE_CHECKING:
    from stoker.gateway.core import Core
    from stoker.gateway.head import Head
    from stoker.gateway.plain_heads import Form

MAX_ENDPOINTS: Final = 64
"""Endpoints of which it is remembered that the sender of a head may invoke them."""


def authenticated(core: "Core", head: "Head", body: bytes) -> str | Refusal:
    """Give the name of who sent the request (empty where nobody is asked), or why it is not let in."""
    authenticator = core.authenticator
    if authenticator is None:
        return ""
    verdict = authenticator(head, body_sha256=hashlib.sha256(body).hexdigest(), now=core.wall_now())
    if isinstance(verdict, Denied):
        return Refusal(reason=Reason.NOT_AUTHENTICATED, kind=verdict.kind, message=verdict.message, http_status=verdict.status)
    return verdict.name


def forbidden(core: "Core", sender: str, endpoint: str) -> Refusal | None:
    """Give why a sender may not invoke an endpoint; None when it may."""
    authenticator = core.authenticator
    if authenticator is None:
        return None
    denied = authenticator.permits(sender, endpoint, core.wall_now())
    if denied is None:
        return None
    return Refusal(reason=Reason.NOT_AUTHENTICATED, kind=denied.kind, message=denied.message, http_status=denied.status)


class Sender:
    """Who sends a head: `name`, as `judge` found it for `values`. As long as that is in force it stays so `until` the instant.

    `endpoints` are some that the sender may invoke.
    """

    __slots__ = ("endpoints", "judge", "name", "until", "values")

    def __init__(self, name: str, until: Instant, judge: Authenticator | None, values: tuple[bytes, ...]) -> None:
        self.name = name
        self.until = until
        self.judge = judge
        self.values = values
        self.endpoints: set[str] = set()


NOBODY: Final = Sender("", 0, None, ())


def understood(core: "Core", form: "Form", values: tuple[bytes, ...], body: bytes) -> tuple[Invocation, str, str] | None:
    """Give the invocation in a request with a head of this form, its key, and who sent it (empty where nobody is asked).

    None where `authenticated`, the face and `forbidden` have to be asked, because nothing is prepared or the request is refused.
    """
    authenticator = core.authenticator
    name: str | None = ""
    known = NOBODY
    if authenticator is not None:
        known = form.sender
        if (
            known.values is values  # the head came again whole
            and known.judge is authenticator
            and (known.until is FOREVER or core.wall_now() < known.until)
        ):
            name = known.name
        else:
            name, known = _recognized(core, form, values, body), form.sender
    if name is None or not core.ready:
        return None
    if form.fixed is not None:
        return form.fixed, "", name
    if form.renewed_of != core.routes.named:
        form.renew(core.routes.named)
    renewed = form.renewed  # called as a method it would cost as much again
    found = None if renewed is None else renewed(values, body)
    if found is None:
        return None
    invocation, key = found
    if authenticator is None or not form.strangers or (known.values is values and invocation.endpoint in known.endpoints):
        return invocation, key, name
    if forbidden(core, name, invocation.endpoint) is not None:
        return None  # the endpoint may be open to everybody
    if known.values is values:
        _remember(known, invocation.endpoint)
    return invocation, key, name


def _recognized(core: "Core", form: "Form", values: tuple[bytes, ...], body: bytes) -> str | None:
    """Give the name of who sent a head, by what the authenticator in force has prepared for its form."""
    authenticator = core.authenticator
    if authenticator is None:
        return ""
    if form.check_of is not authenticator:  # keys have changed
        form.check_of = authenticator
        form.check = authenticator.recurring(form.head(values), form.names, form.leads)
    check = form.check
    found = None if check is None else check(values, body, core.wall_now())
    if found is None:
        return None
    name, until = found
    form.sender = Sender(name, until, authenticator, values) if until and form.steady else NOBODY
    return name


def _remember(sender: Sender, endpoint: str) -> None:
    """Remember that a sender may invoke an endpoint."""
    if len(sender.endpoints) >= MAX_ENDPOINTS:
        sender.endpoints.clear()
    sender.endpoints.add(endpoint)
