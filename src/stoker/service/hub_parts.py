"""What an inference endpoint of Hugging Face's comes to in AWS's terms: a variant, a component, and the tags that scale it."""

import msgspec

from stoker.decisions.policies.hugging_face import Measure, policy_text
from stoker.decisions.policies.rule import LEAST, MOST, POLICY, read_policy
from stoker.domain.components import ComputeRequirements
from stoker.domain.endpoints import ManagedInstanceScaling, ProductionVariant
from stoker.domain.hub import ARGUMENTS, COMMAND, IMAGE_OPTIONS, VARIANT_NAME, HubMeasure, HubModel, HubScaling, HubSpec
from stoker.domain.hub_hardware import hardware_of
from stoker.domain.models import Container
from stoker.domain.states import RoutingStrategy
from stoker.engine.platform import Platform
from stoker.errors import InvalidParameterError
from stoker.service.desk import Images, Sources
from stoker.units import HOUR, MINUTE, Span

STARTUP_TIMEOUT: Span = HOUR
"""How long a replica may be initializing: weights of large models take their time, and Hugging Face names no bound."""

_MEASURES = {HubMeasure.PENDING: Measure.PENDING, HubMeasure.HARDWARE: Measure.UTILISATION}


class HubOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the installation says of such endpoints.

    `home` is the namespace of who asks; `preset` the rule that endpoints scale by, `idle` how long without requests one stays up
    whose least is 0 unless it says so. A `strict` one refuses what the real service refuses and does no harm here.
    """

    home: str = "stoker"
    preset: str = "hf-current"
    idle: Span = 15 * MINUTE
    strict: bool = False


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """An inference endpoint in AWS's terms; `health_path` is where its replicas tell that they serve."""

    variant: ProductionVariant
    container: Container
    requirements: ComputeRequirements
    tags: dict[str, str]
    health_path: str = "/health"

    @property
    def initial_copies(self) -> int:
        """How many replicas it begins with, and resumes with: one at least, which shows that it can come up."""
        return max(1, int(self.tags[LEAST]))


def parts_of(spec: HubSpec, *, platform: Platform, images: Images, sources: Sources, options: HubOptions) -> Parts:
    """Give what is to be made of what was asked for. Raises `InvalidParameterError` that names the field in the asker's terms."""
    compute = spec.compute
    shapes = platform.options.fleet.shapes
    hardware = hardware_of(compute.accelerator, compute.instance_type, compute.instance_size, shapes)
    scaling = compute.scaling
    container = _container(spec.model, images, sources)
    return Parts(
        variant=ProductionVariant(
            name=VARIANT_NAME,
            instance_type=hardware.kind,
            initial_instances=0,  # they follow the copies
            # An update brings the new replicas up beside the old ones; nothing is paid for at zero.
            managed=ManagedInstanceScaling(least=0, most=2 * scaling.most, release=0),
            routing=RoutingStrategy.LEAST_OUTSTANDING_REQUESTS,
            startup_timeout=STARTUP_TIMEOUT,
        ),
        container=container,
        health_path=_health_path(spec.model, container, images),
        requirements=ComputeRequirements(
            cpus=hardware.shape.cpus, accelerators=hardware.shape.accelerators, least_memory_mb=hardware.shape.memory_mb
        ),
        tags={
            POLICY: _policy(scaling, options),
            LEAST: str(scaling.least),
            MOST: str(scaling.most),
        },
    )


def _policy(scaling: HubScaling, options: HubOptions) -> str:
    if scaling.policy:
        field = "compute.scaling.stokerPolicy"
        if read_policy(scaling.policy, field, field) is None:
            raise InvalidParameterError(f"{field} must name a policy: nothing else would wake the endpoint.", field=field)
        return scaling.policy
    return policy_text(
        options.preset,
        measure=None if scaling.measure is None else _MEASURES[scaling.measure],
        threshold=scaling.threshold,
        idle=options.idle if scaling.idle is None else scaling.idle,
    )


def image_union(image: bytes) -> tuple[str, dict[str, object]]:
    """Give the key of an image's document, and what is below it."""
    [(variant, options)] = msgspec.json.decode(image, type=dict[str, dict[str, object]]).items()
    return variant, options


def _container(model: HubModel, images: Images, sources: Sources) -> Container:
    variant, options = image_union(model.image)
    environment = {**model.env, **model.secrets}
    shown = {name: value for name, value in options.items() if name != "credentials" and value is not None}
    told = {"HF_TASK": model.task, "HF_REVISION": model.revision}
    environment |= {name: value for name, value in told.items() if value and name not in environment}
    if shown:
        environment[IMAGE_OPTIONS] = msgspec.json.encode(shown).decode()
    for name, words in ((COMMAND, model.command), (ARGUMENTS, model.args)):
        if words:
            environment[name] = msgspec.json.encode(words).decode()
    return Container(
        image=_image(variant, options, images),
        model_data=sources.locate(model.repository, model.revision),
        environment=environment,
        hidden=tuple(sorted(model.secrets)),
    )


def _health_path(model: HubModel, container: Container, images: Images) -> str:
    """Give where replicas tell that they serve: what the asker says, else what the table says of the image."""
    _, options = image_union(model.image)
    route = options.get("healthRoute")
    if isinstance(route, str) and route:
        return "/" + route.lstrip("/")
    return images.ping(container.image)


def _image(variant: str, options: dict[str, object], images: Images) -> str:
    """Give the image that serves it: that of its URL where the table knows it, else the one that stands for the variant."""
    url = options.get("url")
    names = ([url] if isinstance(url, str) else []) + [f"hf/{variant.lower()}"]
    reasons = []
    for name in names:
        try:
            images.check(name)
        except InvalidParameterError as error:
            reasons.append(error.message)
        else:
            return name
    raise InvalidParameterError(f"model.image.{variant}: {reasons[0]}", field=f"model.image.{variant}")
