"""How much of everything there may be."""

import msgspec


class Quotas(msgspec.Struct, frozen=True, kw_only=True):
    """What one installation holds at most; the fields are those of `[quotas]` in the settings.

    AWS has such limits for each account and region. They are bounds on memory here as well.
    """

    models: int = 10_000
    endpoint_configs: int = 10_000
    endpoints: int = 1_000
    inference_components: int = 5_000
    instances_of_endpoint: int = 1_000
    instances_of_type: int = 1_000
    serverless_endpoints: int = 50
    serverless_concurrency: int = 200
    model_package_groups: int = 1_000
    model_packages: int = 10_000
