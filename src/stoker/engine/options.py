"""What the engine is told of the installation that it drives."""

import msgspec

from stoker.decisions.eviction import EvictionOptions
from stoker.decisions.scaling.target_tracking import ScalingOptions
from stoker.decisions.serverless import ServerlessOptions
from stoker.domain.ids import Partition
from stoker.domain.quotas import Quotas
from stoker.engine.following import FollowingOptions
from stoker.engine.reconciler import FleetOptions
from stoker.engine.waking import LINGER
from stoker.units import Span


class PlatformOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine needs to know of the installation; `linger` is how long a start goes on that nobody waits for any more."""

    partition: Partition = Partition()
    fleet: FleetOptions
    scaling: ScalingOptions = ScalingOptions()
    following: FollowingOptions = FollowingOptions()
    serverless: ServerlessOptions = ServerlessOptions()
    eviction: EvictionOptions = EvictionOptions()
    quotas: Quotas = Quotas()
    linger: Span = LINGER
