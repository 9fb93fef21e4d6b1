"""What clients send to make and to change an endpoint, and what it asks for in our terms.

A body that changes an endpoint is merged into the one that it was made of, so that both are held to the same rules. Errors name
the field as the client has it: `compute.scaling.maxReplica`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Final, TypeAlias

import msgspec

from stoker.domain.hub import HubCompute, HubMeasure, HubModel, HubScaling, HubSpec, HubType
from stoker.errors import InvalidParameterError
from stoker.units import MINUTE, SECOND, Span, seconds

Document: TypeAlias = dict[str, object]
"""A JSON object."""

REDACTED: Final = "********"
"""What is shown of a secret; sent back, it means the secret that there is."""

_LEAST_TIMEOUT, _MOST_TIMEOUT = 15, 2880
"""Minutes that the real service takes for scaleToZeroTimeout."""
_MOST_SECONDS = _MOST_TIMEOUT * 60
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
NAMESPACE = re.compile(r"(?=.{1,29}\Z)[A-Za-z0-9](?:-?[A-Za-z0-9])*")
_OPAQUE = ("customRouter", "experimentalFeatures", "network", "notifications", "privateService", "route")
"""What is kept and shown, and means nothing here."""
_MERGED: Mapping[str, object] = {"compute": {"scaling": {}}, "model": {}, "provider": {}}
"""The objects that a change leaves as they are but for what it names; it replaces all others whole."""
_TYPES = {**{kind.value: kind for kind in HubType}, "protected": HubType.AUTHENTICATED}
_MOST_LEVELS = 32
_TOO_DEEP = f"The body must not be nested deeper than {_MOST_LEVELS} levels."
_WORD = re.compile(r"_([a-z])")

_Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
_Words: TypeAlias = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=8192, pattern=r"^[^\x00]*\Z")]], msgspec.Meta(max_length=256)
]
_Variables: TypeAlias = Annotated[
    dict[
        Annotated[str, msgspec.Meta(min_length=1, max_length=256, pattern=r"^[^=\x00]+\Z")],
        Annotated[str, msgspec.Meta(max_length=65_536, pattern=r"^[^\x00]*\Z")],
    ],
    msgspec.Meta(max_length=512),
]
_Replicas: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class _Scaling(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    min_replica: _Replicas
    max_replica: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    scale_to_zero_timeout: int | None = None
    scale_to_zero_timeout_seconds: Annotated[float, msgspec.Meta(ge=0, le=_MOST_SECONDS)] | None = None
    measure: dict[str, float | None] | None = None
    metric: str | None = None
    threshold: float | None = None
    stoker_policy: _Text | None = None


class _Compute(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    accelerator: _Text
    instance_size: _Text
    instance_type: _Text
    scaling: _Scaling


class _Model(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    framework: _Text
    repository: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    image: Annotated[dict[str, Document], msgspec.Meta(min_length=1, max_length=1)] = msgspec.field(
        default_factory=lambda: {"huggingface": {}}
    )
    revision: _Text | None = None
    task: _Text | None = None
    env: _Variables | None = None
    secrets: _Variables | None = None
    args: _Words | None = None
    command: _Words | None = None


class _Provider(msgspec.Struct, frozen=True, kw_only=True):
    vendor: _Text
    region: _Text


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All that is known of a body; what else is in it is dropped."""

    name: str
    type: str
    compute: _Compute
    model: _Model
    provider: _Provider
    account_id: str | None = None
    tags: Annotated[list[_Text], msgspec.Meta(max_length=100)] | None = None
    cache_http_responses: bool | None = None
    custom_router: Document | None = None
    experimental_features: Document | None = None
    network: Document | None = None
    notifications: Document | None = None
    private_service: Document | None = None
    route: Document | None = None


def read_object(body: bytes) -> Document:
    """Read a body that must be a JSON object. Raises `InvalidParameterError`."""
    try:
        document = msgspec.json.decode(body, type=Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidParameterError(f"The body must be a JSON object: {error}", field="body") from error
    except RecursionError as error:
        raise InvalidParameterError(_TOO_DEEP, field="body") from error
    level: list[object] = [document]
    for _ in range(_MOST_LEVELS):
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise InvalidParameterError(_TOO_DEEP, field="body")
    return document


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def read_body(document: Document) -> Body:
    """Hold a document to what a body may be. Raises `InvalidParameterError` that names the field."""
    try:
        body = msgspec.convert(_camel(document), type=Body)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$").removeprefix(".")
        raise InvalidParameterError(f"{field}: {text}" if field else text, field=field or "body") from error
    if _NAME.fullmatch(body.name) is None:
        message = "name must have 1 to 32 lower-case letters, digits or hyphens, with none of these first or last"
        raise InvalidParameterError(f"{message}, not {body.name[:40]!r}.", field="name")
    return body


def changed(before: Document, change: Document) -> Document:
    """Give a body with a change to it: what is null in it is as if it had never been said."""
    after = _merged(before, change, _MERGED)
    given = _scaling_in(change)
    scaling = dict(_scaling_in(after))
    if "scaleToZeroTimeout" in given and "scaleToZeroTimeoutSeconds" not in given:
        scaling.pop("scaleToZeroTimeoutSeconds", None)
    if "metric" in given and "measure" not in given:
        scaling.pop("measure", None)
    compute = after.get("compute")
    if given and isinstance(compute, dict):
        after["compute"] = {**compute, "scaling": scaling}
    return after


def _scaling_in(document: Document) -> Document:
    compute = document.get("compute")
    scaling = compute.get("scaling") if isinstance(compute, dict) else None
    return scaling if isinstance(scaling, dict) else {}


def _merged(before: Document, change: Document, levels: Mapping[str, object]) -> Document:
    after = dict(before)
    for key, value in change.items():
        there, below = after.get(key), levels.get(key)
        if value is None:
            after.pop(key, None)
        elif isinstance(below, Mapping) and isinstance(there, dict) and isinstance(value, dict):
            after[key] = _merged(there, value, below)
        else:
            after[key] = value
    return after


def spec_of(body: Body, *, strict: bool, former: HubSpec | None = None) -> HubSpec:
    """Give what a body asks for. Raises `InvalidParameterError` that names the field; `former` is what was asked for before."""
    kind = _TYPES.get(body.type)
    if kind is None:
        text = f"type must be {', '.join(list(HubType)[:-1])} or {list(HubType)[-1]}, not {body.type[:40]!r}."
        raise InvalidParameterError(text, field="type")
    others = {name: value for name in _OPAQUE if (value := getattr(body, _snake(name))) is not None}
    return HubSpec(
        kind=kind,
        compute=HubCompute(
            accelerator=body.compute.accelerator,
            instance_type=body.compute.instance_type,
            instance_size=body.compute.instance_size,
            scaling=_scaling(body.compute.scaling, strict=strict),
        ),
        model=_model(body.model, former),
        vendor=body.provider.vendor,
        region=body.provider.region,
        account=body.account_id,
        tags=tuple(body.tags or ()),
        cache_responses=bool(body.cache_http_responses),
        others=msgspec.json.encode(others),
    )


def _scaling(body: _Scaling, *, strict: bool) -> HubScaling:
    if body.min_replica > body.max_replica:
        text = f"compute.scaling.minReplica ({body.min_replica}) must not be greater than maxReplica ({body.max_replica})."
        raise InvalidParameterError(text, field="compute.scaling.minReplica")
    if strict and body.stoker_policy is not None:
        field = "compute.scaling.stokerPolicy"
        raise InvalidParameterError(f"{field} is not taken where the setting hub.strict is true.", field=field)
    measure, threshold = _measure(body)
    return HubScaling(
        least=body.min_replica,
        most=body.max_replica,
        idle=_idle(body, strict=strict),
        measure=measure,
        threshold=threshold,
        policy=body.stoker_policy or "",
    )


def _idle(body: _Scaling, *, strict: bool) -> Span | None:
    minutes, own = body.scale_to_zero_timeout, body.scale_to_zero_timeout_seconds
    field = "compute.scaling.scaleToZeroTimeout"
    if strict and own is not None:
        raise InvalidParameterError(f"{field}Seconds is not taken where the setting hub.strict is true.", field=f"{field}Seconds")
    least = _LEAST_TIMEOUT if strict else 0
    if minutes is not None and not least <= minutes <= _MOST_TIMEOUT:
        text = f"{field} must be between {least} and {_MOST_TIMEOUT} minutes, not {minutes}."
        raise InvalidParameterError(text, field=field)
    if own is not None:
        return seconds(own)
    return None if minutes is None else minutes * MINUTE


def _measure(body: _Scaling) -> tuple[HubMeasure | None, float | None]:
    """Give what replicas are added by; in the form of before 2025 only when the present one is not used."""
    path = "compute.scaling.measure"
    if body.measure is not None:
        known = " or ".join(HubMeasure)
        if len(body.measure) > 1 or any(name not in list(HubMeasure) for name in body.measure):
            text = f"{path} must have one key, {known}, not {', '.join(sorted(body.measure))[:80]!r}."
            raise InvalidParameterError(text, field=path)
        for name, value in body.measure.items():
            return HubMeasure(name), value
        return None, None
    if body.metric is None:
        return None, None
    if body.metric not in list(HubMeasure):
        text = f"compute.scaling.metric must be {' or '.join(HubMeasure)}, not {body.metric[:40]!r}."
        raise InvalidParameterError(text, field="compute.scaling.metric")
    return HubMeasure(body.metric), body.threshold


def _model(body: _Model, former: HubSpec | None) -> HubModel:
    [(variant, options)] = body.image.items()
    inner = options.get("env")
    try:
        env = {} if inner is None else msgspec.convert(inner, type=_Variables)
    except msgspec.ValidationError as error:
        field = f"model.image.{variant}.env"
        raise InvalidParameterError(f"{field}: {error}", field=field) from error
    _check_image(variant, options)
    kept = {} if former is None else former.model.secrets
    secrets = {name: kept.get(name, value) if value == REDACTED else value for name, value in (body.secrets or {}).items()}
    return HubModel(
        repository=body.repository,
        framework=body.framework,
        image=msgspec.json.encode({variant: _kept_password(variant, options, former)}),
        revision=body.revision,
        task=body.task,
        env={**env, **(body.env or {})},
        secrets=secrets,
        args=None if body.args is None else tuple(body.args),
        command=None if body.command is None else tuple(body.command),
    )


def _check_image(variant: str, options: Document) -> None:
    """Refuse what would be taken for an address or a path and is none."""
    url, port, route = options.get("url"), options.get("port"), options.get("healthRoute")
    if url is not None and not (isinstance(url, str) and 0 < len(url) <= 1024):  # noqa: PLR2004 - characters
        raise InvalidParameterError(f"model.image.{variant}.url must be a text.", field=f"model.image.{variant}.url")
    if port is not None and not (isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65_536):  # noqa: PLR2004 - TCP's
        text = f"model.image.{variant}.port must be a number from 1 to 65535."
        raise InvalidParameterError(text, field=f"model.image.{variant}.port")
    if route is not None and not (isinstance(route, str) and re.fullmatch(r"/?[!-~]{0,1024}", route)):
        text = f"model.image.{variant}.healthRoute must be a path."
        raise InvalidParameterError(text, field=f"model.image.{variant}.healthRoute")


def _kept_password(variant: str, options: Document, former: HubSpec | None) -> Document:
    """Give an image's options with the password that there was where its place was sent."""
    credentials = options.get("credentials")
    if former is None or not isinstance(credentials, dict) or credentials.get("password") != REDACTED:
        return options
    before = msgspec.json.decode(former.model.image, type=dict[str, Document]).get(variant, {}).get("credentials")
    if not isinstance(before, dict):
        return options
    return {**options, "credentials": {**credentials, "password": before.get("password")}}


def _camel(document: Document) -> Document:
    """Give a body with the keys of its image as they are written now; older clients let their users write them as in Python."""
    model = document.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("image"), dict):
        return document
    image = {
        variant: {_WORD.sub(lambda found: found[1].upper(), name): value for name, value in options.items()}
        if isinstance(options, dict)
        else options
        for variant, options in model["image"].items()
    }
    return {**document, "model": {**model, "image": image}}


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def request_of(name: str, spec: HubSpec) -> Document:
    """Give the body that asks for what a specification says: what a change is merged into."""
    scaling, model = spec.compute.scaling, spec.model
    bounds: Document = {"minReplica": scaling.least, "maxReplica": scaling.most}
    if scaling.idle is not None and scaling.idle % MINUTE:
        bounds["scaleToZeroTimeoutSeconds"] = scaling.idle / SECOND
    elif scaling.idle is not None:
        bounds["scaleToZeroTimeout"] = scaling.idle // MINUTE
    if scaling.measure is not None:
        bounds["measure"] = {scaling.measure.value: scaling.threshold}
    if scaling.policy:
        bounds["stokerPolicy"] = scaling.policy
    return {
        "name": name,
        "type": spec.kind.value,
        "accountId": spec.account,
        "provider": {"vendor": spec.vendor, "region": spec.region},
        "compute": {
            "accelerator": spec.compute.accelerator,
            "instanceType": spec.compute.instance_type,
            "instanceSize": spec.compute.instance_size,
            "scaling": bounds,
        },
        "model": {
            "repository": model.repository,
            "revision": model.revision,
            "task": model.task,
            "framework": model.framework,
            "image": msgspec.json.decode(model.image),
            "env": dict(model.env),
            "secrets": dict(model.secrets),
            "args": None if model.args is None else list(model.args),
            "command": None if model.command is None else list(model.command),
        },
        "tags": list(spec.tags),
        "cacheHttpResponses": spec.cache_responses,
        **msgspec.json.decode(spec.others, type=Document),
    }
