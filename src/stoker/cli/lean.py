"""What a process of the server need not import. It decides nothing else."""

import sys
from types import ModuleType
from typing import cast


def leave_out_rich() -> None:
    """Have structlog find no rich, unless it is there already: call it before the first import of structlog.

    structlog imports rich wherever it is installed, for tracebacks drawn in colours, which no process of the server draws. It
    costs a gateway a quarter of its imports' time, and 7 MB.
    """
    sys.modules.setdefault("rich", cast(ModuleType, None))
