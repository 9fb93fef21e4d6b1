"""Finds the copy that a client's session lives on.

A model that keeps state names its session in a reply; the gateway adds the copy's mark to that name, by which any gateway knows
the way back. Nothing is kept here: a session ends with its copy.
"""

from typing import TYPE_CHECKING

from stoker.gateway.face import Invocation
from stoker.gateway.reasons import Reason, Refusal

if TYPE_CHECKING:
    from stoker.gateway.copies import Copy
    from stoker.gateway.core import Core
    from stoker.gateway.routes import Target


def find(core: "Core", invocation: Invocation) -> "tuple[Target, Copy, str] | Refusal":
    """Give where an invocation with a session goes, to which copy, and the session's name as the model knows it."""
    name, _, mark = invocation.session.rpartition("-")
    for target in core.routes.candidates(invocation):
        for copy in () if target.workload.route.serverless else target.workload.copies:
            if copy.mark == mark and name:
                if copy.broken_until > core.now():
                    break
                return target, copy, name
    message = f"The session {invocation.session} is not known, or the copy that held it is gone. Begin a new one."
    return Refusal(reason=Reason.UNKNOWN_SESSION, message=message)
