"""`split`, Stoker's own policy and the default: capacity follows demand at once, and the first copy stays longer than the others.

Why two times: without a further copy an invocation waits seconds in a queue, without the first it waits a whole cold start. One
time for both (Lambda, Knative's pod retention, SageMaker's quarter of an hour) spends most of its cost on the extras. Why a
further copy stays by its use: after a burst, or the backlog of a cold start, dozens were needed for a moment. Why one is not
started for whoever waits at once: a queue may be gone long before the copy is there (see `worth`). Why the first one stays by
how often invocations come: an idle copy is worth what it will spare the next one (see `pace`). Why it foresees at zero: those
who come during a cold start should find their copies ready with the first one. Why it clears a backlog of short invocations by
few copies: others would come when it is gone (see `clearing`). Why no polling: what waits says so, and finding out costs
nothing.
"""

import msgspec

from stoker.decisions.policies.follower import Follower, Lasting, Positive
from stoker.decisions.policies.levels import Levels, Stays


class SplitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`split(first=…, further=…, concurrency=…)`.

    `first`: how long the first copy stays once it is not needed, on the whole: half as long where invocations are rare, half as
    long again where they are frequent; by default 12 learned start-up times, 1 minute to 1 hour. It also says what waiting is
    worth: whoever keeps a copy for 12 start-up times to spare somebody one of them has a further copy started once those who wait
    for want of it have waited for an eleventh of one in all, as is done by default.
    `further`: how long every other copy stays at most, by default 5 start-up times, 30 s to 10 minutes; one that was needed but
    for a moment goes sooner, after six times what it was needed of late.
    `concurrency`: invocations a copy takes at once; by default what the copy says (its server's workers), else 1. One copy for
    each invocation is right for a server that works on one at a time, as the built-in one does; elsewhere it costs, at worst,
    as many copies as the bound allows. Give a batching server (an LLM engine) the number that it serves without slowing down.
    """

    first: Lasting | None = None
    further: Lasting | None = None
    concurrency: Positive | None = None

    def follower(self) -> Follower:
        """Give the policy for one workload."""
        return Levels(Stays(first=self.first, further=self.further, by_use=True), self.concurrency, foresee=True)
