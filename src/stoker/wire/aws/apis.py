"""Every AWS API that Stoker serves, in one place: the services, their handlers, and what schedules may call."""

from typing import Final, NamedTuple

from stoker.artifacts.local import local_path
from stoker.domain.ids import Partition
from stoker.service.asynchronous import AsyncDesk
from stoker.service.desk import Desk, Images
from stoker.wire.aws.access import Access
from stoker.wire.aws.asgi import Handler
from stoker.wire.aws.generated import application_autoscaling, cloudwatch, iam, sagemaker, sagemaker_runtime, scheduler, sqs, sts
from stoker.wire.aws.schema import Service
from stoker.wire.aws.services import autoscaling as autoscaling_calls
from stoker.wire.aws.services import cloudwatch as cloudwatch_calls
from stoker.wire.aws.services import iam as iam_calls
from stoker.wire.aws.services import sagemaker as sagemaker_calls
from stoker.wire.aws.services import scheduler as scheduler_calls
from stoker.wire.aws.services import sqs as sqs_calls
from stoker.wire.aws.services import sts as sts_calls
from stoker.wire.aws.services.asynchronous import AsyncCalls
from stoker.wire.aws.services.sagemaker_models import CheckUrl
from stoker.wire.aws.targets import UniversalTargets

SERVICES: Final[tuple[Service, ...]] = tuple(
    module.SERVICE for module in (sagemaker, sagemaker_runtime, application_autoscaling, cloudwatch, iam, scheduler, sqs, sts)
)

BY_GATEWAY: Final = frozenset(
    (sagemaker_runtime.SERVICE.name, name) for name in ("InvokeEndpoint", "InvokeEndpointWithResponseStream")
)
"""What gateways answer themselves (`invocations`); everything else has a handler."""

QUEUED: Final = frozenset({(sagemaker_runtime.SERVICE.name, "InvokeEndpointAsync")})
"""What there is a handler of where there is a queue to put it in."""


class Served(NamedTuple):
    """The handlers, and the way that schedules call them by."""

    handlers: dict[tuple[str, str], Handler]
    targets: UniversalTargets


def served(
    desk: Desk,
    images: Images,
    partition: Partition,
    access: Access,
    into: dict[tuple[str, str], Handler] | None = None,
    *,
    check_url: CheckUrl = local_path,
    requests: AsyncDesk | None = None,
) -> Served:
    """Give everything that works at `desk`; handlers are put `into` a table that there is already, if one is given.

    `check_url` refuses URLs of models' files that cannot be fetched. `requests` takes in those of asynchronous inference; without
    it they are not served.
    """
    handlers = {} if into is None else into
    handlers |= {
        **sagemaker_calls.handlers(desk, images, partition, check_url=check_url),
        **autoscaling_calls.handlers(desk, partition),
        **cloudwatch_calls.handlers(desk, partition),
        **sqs_calls.handlers(desk, partition),
        **sts_calls.handlers(access),
        **iam_calls.handlers(access),
    }
    if requests is not None:
        handlers |= AsyncCalls(requests).handlers()
    targets = UniversalTargets(handlers, SERVICES, partition)
    handlers.update(scheduler_calls.handlers(desk, partition, targets))
    return Served(handlers, targets)
