"""What changes the record of Hugging Face's endpoints by a call."""

from typing import TypeAlias

import msgspec

from stoker.domain.hub import HubEndpoint
from stoker.domain.ids import EndpointName


class HubPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What is asked of an inference endpoint was said for the first time, or anew."""

    hub: HubEndpoint


class HubRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An inference endpoint was deleted; its parts in AWS's terms go by events of their own."""

    endpoint: EndpointName


HubEvent: TypeAlias = HubPut | HubRemoved
"""What changes such a record."""
