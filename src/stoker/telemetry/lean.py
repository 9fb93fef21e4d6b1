"""What a process of the server need not import to log. It decides nothing else."""

import sys
from types import ModuleType
from typing import cast


def import_structlog() -> None:
    """Import structlog without rich and greenlet, so far as they are not there already: call it before others import structlog.

    structlog imports rich wherever it is installed, for tracebacks drawn in colours, which no process of the server draws. It
    costs a gateway a quarter of its imports' time, and 7 MB. And it imports greenlet, for contexts of tasks that nobody has.
    """
    kept_away = [name for name in ("rich", "greenlet") if name not in sys.modules]
    for name in kept_away:
        sys.modules[name] = cast(ModuleType, None)  # what Python takes for "cannot be imported"
    try:
        import structlog  # noqa: F401, PLC0415 - that is the point
    finally:
        for name in kept_away:
            del sys.modules[name]
