"""`keep-alive`: a copy is started as soon as one is missing, and every copy stays for the same time once it is not needed."""

import msgspec

from stoker.decisions.policies.follower import Follower, Lasting, Positive
from stoker.decisions.policies.levels import Levels, Stays
from stoker.units import MINUTE


class KeepAliveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`keep-alive(idle=…, concurrency=…)`.

    `idle`: 10 minutes is what AWS Lambda was found to keep functions for, Azure's were kept for 20 (Serverless in the Wild, ATC
    2020).
    `concurrency`: invocations a copy takes at once; by default what the copy says, else 1.
    """

    idle: Lasting = 10 * MINUTE
    concurrency: Positive | None = None

    def follower(self) -> Follower:
        """Give the policy for one workload."""
        return Levels(Stays(first=self.idle, further=self.idle), self.concurrency)
