"""Finds out who sent a request, before anything else is asked of it: what is refused here wakes nothing."""

import hashlib
from typing import TYPE_CHECKING

from stoker.gateway.face import Denied, Invocation
from stoker.gateway.reasons import Reason, Refusal

if TYPE_CHECKING:
    from stoker.gateway.core import Core
    from stoker.gateway.head import Head
    from stoker.gateway.plain_heads import Form


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


def understood(core: "Core", form: "Form", values: tuple[bytes, ...], body: bytes) -> tuple[Invocation, str, str] | None:
    """Give the invocation in a request with a head of this form, its key, and who sent it (empty where nobody is asked).

    None where `authenticated`, the face and `forbidden` have to be asked, because nothing is prepared or the request is refused.
    """
    authenticator = core.authenticator
    name: str | None = ""
    now = 0
    if authenticator is not None:
        if form.check_of is not authenticator:  # keys have changed
            form.check_of = authenticator
            form.check = authenticator.recurring(form.head(values), form.names, form.leads)
        now = core.wall_now()
        name = None if form.check is None else form.check(values, body, now)
    if name is None or not core.ready:
        return None
    if form.fixed is not None:
        return form.fixed, "", name
    if form.renewed_of != core.routes.named:
        form.renew(core.routes.named)
    found = None if form.renewed is None else form.renewed(values, body)
    if found is None:
        return None
    invocation, key = found
    if authenticator is None or not form.strangers or authenticator.permits(name, invocation.endpoint, now) is None:
        return invocation, key, name
    return None  # the endpoint may be open to everybody
