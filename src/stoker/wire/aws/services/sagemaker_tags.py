"""SageMaker's tags: AddTags, ListTags, DeleteTags."""

import re
from collections.abc import Mapping
from typing import Final

from stoker.domain.ids import Partition
from stoker.errors import InvalidParameterError
from stoker.service.tags import Tagging
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.documents import tag_map
from stoker.wire.aws.services.paging import STALE

_ARN: Final = re.compile(r"arn:aws[a-z-]*:sagemaker:([a-z0-9-]*):([0-9]{12}):([a-z-]+)/([a-zA-Z0-9-]{1,63}(?:/[0-9]{1,9})?)")


class TagCalls:
    """The operations on tags."""

    __slots__ = ("_partition", "_tagging")

    def __init__(self, tagging: Tagging, partition: Partition) -> None:
        self._tagging = tagging
        self._partition = partition

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            ("sagemaker", "AddTags"): self.add,
            ("sagemaker", "ListTags"): self.list,
            ("sagemaker", "DeleteTags"): self.delete,
        }

    async def add(self, given: sm.AddTagsInput, _: Context) -> sm.AddTagsOutput:
        """Set tags, and give all that there are then."""
        left = await self._tagging.change(*self._resource(given.resource_arn), tag_map(given.tags))
        return sm.AddTagsOutput(tags=_listed(left))

    async def list(self, given: sm.ListTagsInput, _: Context) -> sm.ListTagsOutput:
        """Give all tags: a resource has no more than the smallest page holds."""
        if given.next_token is not None:
            raise InvalidParameterError(STALE, field="NextToken")
        return sm.ListTagsOutput(tags=_listed(self._tagging.tags(*self._resource(given.resource_arn))))

    async def delete(self, given: sm.DeleteTagsInput, _: Context) -> sm.DeleteTagsOutput:
        """Take tags away; one that is not there is no error."""
        await self._tagging.change(*self._resource(given.resource_arn), {}, without=given.tag_keys)
        return sm.DeleteTagsOutput()

    def _resource(self, arn: str) -> tuple[str, str]:
        """Give the kind and the name of the resource that an ARN of this account and region names."""
        found = _ARN.fullmatch(arn)
        if found is None or (found[1], found[2]) != (self._partition.region, self._partition.account):
            raise InvalidParameterError(f"The resource {arn} is not one of this account and region.", field="ResourceArn")
        return found[3], found[4]


def _listed(tags: Mapping[str, str]) -> list[sm.Tag]:
    return [sm.Tag(key=key, value=value) for key, value in tags.items()]
