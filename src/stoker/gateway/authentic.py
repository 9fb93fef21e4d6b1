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


ANYBODY: Final = Sender("", FOREVER, None, ())


def understood(core: "Core", form: "Form", values: tuple[bytes, ...], body: bytes) -> tuple[Invocation, str, str] | None:
    """Give the invocation in a request with a head of this form, its key, and who sent it (empty where nobody is asked).

    None where `authenticated`, the face and `forbidden` have to be asked, because nothing is prepared or the request is refused.
    """
    authenticator = core.authenticator
    known = form.sender
    sender: Sender | None = known
    if authenticator is None:
        sender = ANYBODY
    elif (
        known.values is not values  # else the head came again whole
        or known.judge is not authenticator
        or (known.until is not FOREVER and known.until <= core.wall_now())
    ):
        sender = _recognized(core, form, values, body)
    if sender is None or not core.ready:
        return None
    if form.fixed is not None:
        return form.fixed, "", sender.name
    if form.renewed_of != core.routes.named:
        form.renew(core.routes.named)
    renewed = form.renewed  # called as a method it would cost as much again
    found = None if renewed is None else renewed(values, body)
    if found is None:
        return None
    invocation, key = found
    if not form.strangers or authenticator is None or invocation.endpoint in sender.endpoints or _may(core, sender, invocation):
        return invocation, key, sender.name
    return None  # the endpoint may be open to everybody


def _recognized(core: "Core", form: "Form", values: tuple[bytes, ...], body: bytes) -> Sender | None:
    """Find out who sent a head, by what the authenticator in force has prepared for its form."""
    authenticator = core.authenticator
    if authenticator is None:
        return ANYBODY
    if form.check_of is not authenticator:  # keys have changed
        form.check_of = authenticator
        form.check = authenticator.recurring(form.head(values), form.names, form.leads)
    found = None if form.check is None else form.check(values, body, core.wall_now())
    if found is None:
        return None
    sender = Sender(*found, authenticator, values)
    if form.steady:
        form.sender = sender
    return sender


def _may(core: "Core", sender: Sender, invocation: Invocation) -> bool:
    """Tell whether a sender may invoke an endpoint, and remember it."""
    endpoint = invocation.endpoint
    if forbidden(core, sender.name, endpoint) is not None:
        return False
    if len(sender.endpoints) >= MAX_ENDPOINTS:
        sender.endpoints.clear()
    sender.endpoints.add(endpoint)
    return True
