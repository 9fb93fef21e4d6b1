"""What a process of the server need not import to log. It decides nothing else."""

import sys
from types import ModuleType
from typing import cast


def import_structlog() -> None:
    """Import structlog without rich, unless one of them is there already: call it before anything else imports structlog.

    structlog imports rich wherever it is installed, for tracebacks drawn in colours, which no process of the server draws. It
    costs a gateway a quarter of its imports' time, and 7 MB.
    """
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = cast(ModuleType, None)  # what Python takes for "cannot be imported"
    try:
        import structlog  # noqa: F401, PLC0415 - that is the point
    finally:
        del sys.modules["rich"]
