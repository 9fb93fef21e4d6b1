"""How far an invocation is."""

from enum import Enum
from typing import Final


class Phase(Enum):
    """How far an invocation is."""

    PARKED = "parked"  # no routing table yet
    HELD = "held"
    DELIVERING = "delivering"
    FLUSHING = "flushing"  # the reply is whole, the client has yet to take its end
    DONE = "done"


# Looking up an enumeration's member takes longer than many a step of an invocation.
PARKED: Final = Phase.PARKED
HELD: Final = Phase.HELD
DELIVERING: Final = Phase.DELIVERING
FLUSHING: Final = Phase.FLUSHING
DONE: Final = Phase.DONE
