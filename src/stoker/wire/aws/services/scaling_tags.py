"""Tags of scalable targets, as Application Auto Scaling's calls name them."""

from stoker.domain.ids import SCALABLE_TARGET
from stoker.errors import LimitError, NotFoundError
from stoker.service.autoscaling import TAGS, Autoscaling
from stoker.wire.aws.asgi import Context
from stoker.wire.aws.errors import FaultError
from stoker.wire.aws.generated import application_autoscaling as wire


class TagOperations:
    """The calls that read and change tags."""

    __slots__ = ("_scaling",)

    def __init__(self, scaling: Autoscaling) -> None:
        self._scaling = scaling

    async def tag(self, given: wire.TagResourceRequest, _: Context) -> wire.TagResourceResponse:
        """Set tags."""
        try:
            await self._scaling.tag(given.resource_arn, given.tags)
        except (NotFoundError, LimitError) as error:
            raise _fault(error, given.resource_arn) from error
        return wire.TagResourceResponse()

    async def untag(self, given: wire.UntagResourceRequest, _: Context) -> wire.UntagResourceResponse:
        """Take tags away; one that is not there is no error."""
        try:
            await self._scaling.tag(given.resource_arn, {}, without=given.tag_keys)
        except NotFoundError as error:
            raise _fault(error, given.resource_arn) from error
        return wire.UntagResourceResponse()

    async def list(self, given: wire.ListTagsForResourceRequest, _: Context) -> wire.ListTagsForResourceResponse:
        """Give a target's tags."""
        try:
            return wire.ListTagsForResourceResponse(tags=self._scaling.tagged(given.resource_arn).tags)
        except NotFoundError as error:
            raise _fault(error, given.resource_arn) from error


def _fault(error: NotFoundError | LimitError, arn: str) -> FaultError | LimitError | NotFoundError:
    """Give an error with the code that it has in these calls only."""
    if isinstance(error, NotFoundError) and error.kind == SCALABLE_TARGET:
        return FaultError("ResourceNotFoundException", error.message, members={"ResourceName": arn})
    if isinstance(error, LimitError) and error.limit == TAGS:
        return FaultError("TooManyTagsException", error.message, members={"ResourceName": arn})
    return error
