"""A follower whose copies' utilisation is measured every ten seconds, on virtual time."""

from stoker.decisions.policies import Seen
from stoker.decisions.policies.follower import Usage
from stoker.units import SECOND, Instant
from tests.unit.decisions.policies.walk import BEGIN, Walk

EVERY = 10


class Burning(Walk):
    """`load` is what the copies have to bear together, 1.0 is all that one can; what is ready shares it evenly.

    `fails` has the samples fail: there is a meter, and it gives no figure. `fixed` is a utilisation whatever there is to bear.
    """

    load = 0.0
    fixed: float | None = None
    fails = False
    accelerated = False
    usage: Usage | None = None
    sampled_at: Instant = BEGIN

    def burn(self, seconds: float, load: float) -> None:
        """Let time pass until then, sampled, and have so much to bear from then on."""
        self.pass_to(seconds)
        self.load = load

    def pass_to(self, seconds: float) -> None:
        """Let time pass until then; what is measured at an instant is known to a look of the same instant."""
        end = BEGIN + round(seconds * SECOND)
        while (at := self.sampled_at + EVERY * SECOND) <= end:
            self.until((at - 1 - BEGIN) / SECOND)
            self.now = at
            self.sample(at)
            self.look(self.demand)
        self.until(seconds)

    def sample(self, at: Instant) -> None:
        """Measure what has been since the last sample."""
        share = None
        if self.ready and not self.fails:
            share = min(1.0, self.load / self.ready) if self.fixed is None else self.fixed
        self.usage = Usage(since=self.sampled_at, at=at, share=share)
        self.sampled_at = at

    def seen(self, peak: int = 0, *, usage: Usage | None = None, accelerated: bool = False) -> Seen:
        """Give what is seen, with what was measured last."""
        measured = usage or self.usage or Usage(since=0, at=0, share=None)
        return super().seen(peak, usage=measured, accelerated=accelerated or self.accelerated)
