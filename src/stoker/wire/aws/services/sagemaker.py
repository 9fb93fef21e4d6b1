"""The SageMaker control plane: which function serves which operation."""

from stoker.artifacts.local import local_path
from stoker.domain.ids import Partition
from stoker.service.components import Components
from stoker.service.desk import Desk, Images
from stoker.service.endpoints import Endpoints
from stoker.service.models import Models
from stoker.service.registry import Packages
from stoker.service.tags import Tagging
from stoker.service.updates import Updates
from stoker.wire.aws.asgi import Handlers
from stoker.wire.aws.services.sagemaker_components import ComponentCalls
from stoker.wire.aws.services.sagemaker_configs import ConfigCalls
from stoker.wire.aws.services.sagemaker_endpoints import EndpointCalls
from stoker.wire.aws.services.sagemaker_models import CheckUrl, ModelCalls
from stoker.wire.aws.services.sagemaker_package_groups import PackageGroupCalls
from stoker.wire.aws.services.sagemaker_packages import PackageCalls
from stoker.wire.aws.services.sagemaker_tags import TagCalls


def handlers(desk: Desk, images: Images, partition: Partition, *, check_url: CheckUrl = local_path) -> Handlers:
    """Give the SageMaker operations that Stoker serves, by (service, operation).

    `check_url` is called with a model's URL and the name of its field, and raises InvalidParameterError for one that cannot be
    fetched by this installation.
    """
    endpoints, components = Endpoints(desk), Components(desk, images)
    updates = Updates(desk, endpoints, components)
    models, packages = Models(desk, images), Packages(desk)
    return {
        **ModelCalls(models, packages, partition, check_url).handlers(),
        **PackageGroupCalls(packages, partition).handlers(),
        **PackageCalls(packages, models, partition).handlers(),
        **ConfigCalls(endpoints, partition).handlers(),
        **EndpointCalls(endpoints, updates, partition).handlers(),
        **ComponentCalls(components, updates, partition, check_url).handlers(),
        **TagCalls(Tagging(desk), partition).handlers(),
    }
