"""What happens to the platform: calls that were accepted, observations, traffic."""

from typing import TypeAlias

import msgspec

from stoker.domain.alarms import Alarm, AlarmState, CompositeAlarm, MetricKey
from stoker.domain.components import ComponentBuild, InferenceComponent
from stoker.domain.deployments import UpdatePolicy
from stoker.domain.endpoints import Endpoint, EndpointConfig, VariantState
from stoker.domain.endpoints import VariantChange as VariantChange
from stoker.domain.ids import AlarmName, ComponentName, ConfigName, EndpointName, InstanceId, ModelName, WorkloadId
from stoker.domain.models import Model
from stoker.domain.scaling import ScalableTarget, ScalingPolicy, TargetKey
from stoker.domain.schedule import ScheduledAction
from stoker.domain.states import AtZero
from stoker.domain.timetable import Schedule, ScheduleGroup, ScheduleKey
from stoker.engine.hub_events import HubEvent
from stoker.engine.observations import Observation
from stoker.engine.queue_events import BacklogSeen, QueueEvent
from stoker.engine.registry_events import RegistryEvent
from stoker.engine.traffic import CopyLoad, CopyUse, WorkloadCounts
from stoker.units import Instant, Span


class ModelCreated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A model was accepted."""

    model: Model


class ModelDeleted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A model was deleted; what runs of it runs on."""

    name: ModelName


class ConfigCreated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An endpoint configuration was accepted."""

    config: EndpointConfig


class ConfigDeleted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An endpoint configuration was deleted; endpoints made of it live on."""

    name: ConfigName


class EndpointCreated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An endpoint was accepted, in state Creating."""

    endpoint: Endpoint


class EndpointDeleted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An endpoint is to go. Its components stay on record, without copies."""

    name: EndpointName


class WeightsAndCapacitiesSet(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Weights and instance counts of an endpoint's variants were set."""

    name: EndpointName
    changes: tuple[VariantChange, ...]


class EndpointUpdated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An endpoint is to be as another configuration says; `deployment` is the client's document about how, opaque here."""

    name: EndpointName
    config: ConfigName
    variants: tuple[VariantState, ...]
    shadows: tuple[VariantState, ...] = ()
    policy: UpdatePolicy
    deployment: bytes = b""


class ComponentCreated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An inference component was accepted, in state Creating."""

    component: InferenceComponent


class ComponentUpdated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A component's copies are to be of another build; its revision is given by who begins the update.

    `copies` is how many it is to have from now on; None leaves that.
    """

    name: ComponentName
    build: ComponentBuild
    policy: UpdatePolicy
    copies: int | None = None
    deployment: bytes = b""


class ComponentDeleted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An inference component is to go."""

    name: ComponentName


class CopyCountSet(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How many copies a component is to have was set: by its owner, or `by_policy`.

    Its owner's zero is for good, but for one that is put `asleep`: that is until demand wakes it.
    """

    name: ComponentName
    count: int
    by_policy: bool = False
    asleep: bool = False


class ResourceTagged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A model, configuration, endpoint or component has these tags now; `at_zero` is what they say of its invocations.

    `kind` is one of the resource kinds of `stoker.domain.ids`.
    """

    kind: str
    name: str
    tags: dict[str, str]
    at_zero: AtZero | None = None


class TargetPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A scalable target was registered or changed."""

    target: ScalableTarget


class TargetRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A scalable target was deregistered; its policies and their alarms go with it."""

    key: TargetKey


class PolicyPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A scaling policy was made or changed. Target tracking comes with its alarms, which replace older ones of it."""

    policy: ScalingPolicy
    alarms: tuple[Alarm, ...] = ()


class PolicyRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A scaling policy was deleted; target tracking's alarms go with it."""

    target: TargetKey
    name: str


class ScheduledActionPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A scheduled action was made or changed."""

    action: ScheduledAction


class ScheduledActionRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A scheduled action was deleted."""

    target: TargetKey
    name: str


class SchedulePut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A schedule that invokes a target was made or changed."""

    schedule: Schedule


class ScheduleRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A schedule was deleted."""

    key: ScheduleKey


class ScheduleGroupPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A group of schedules was made or changed."""

    group: ScheduleGroup


class ScheduleGroupRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A group was deleted, and its schedules with it."""

    name: str


class TargetAnswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A schedule's target answered: well or, when `code` is not empty, with an error; `throttled` is one of too many calls."""

    execution: str
    code: str = ""
    message: str = ""
    throttled: bool = False


class AlarmPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alarm was made or changed; one of that name keeps its state."""

    alarm: Alarm


class AlarmsRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Alarms were deleted."""

    names: tuple[AlarmName, ...]


class CompositeAlarmPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A composite alarm was made or changed; one of that name keeps its state until its rule is judged."""

    alarm: CompositeAlarm


class AlarmStateSet(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alarm's state was set by hand, until it is next looked at. `reason_data` is JSON, or empty."""

    name: AlarmName
    state: AlarmState
    reason: str
    reason_data: str = ""


class AlarmActionsSwitched(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Alarms' actions were enabled or disabled."""

    names: tuple[AlarmName, ...]
    enabled: bool


class AlarmTagged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alarm has these tags now."""

    name: AlarmName
    tags: dict[str, str]


class SampleSet(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of one metric at one instant, summed up. `resolution` is the storage resolution, 1 s or 60 s.

    `values` are the samples' values with how many have each, if they are known one by one: percentiles are made of them.
    """

    key: MetricKey
    at: Instant
    count: float
    total: float
    least: float
    most: float
    resolution: Span
    unit: str = ""
    values: tuple[tuple[float, float], ...] = ()


class MetricsPut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller published metrics of its own."""

    samples: tuple[SampleSet, ...]


class TrafficSeen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A gateway's report for the span that ends at `at`; copies with nothing to tell are left out of `copies`."""

    gateway: str
    at: Instant
    counts: tuple[WorkloadCounts, ...]
    copies: tuple[CopyLoad, ...] = ()


class UsageSeen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What copies used in the span that ends at `at`; `disk` is the share of the disk that is full, None where nobody knows."""

    at: Instant
    copies: tuple[CopyUse, ...]
    disk: float | None = None


class GatewayGone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A gateway is away: what it had in flight is over."""

    gateway: str


class DemandSeen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Invocations wait for capacity of a workload: `waiting` at this gateway, besides `in_flight` at copies (None: not told)."""

    workload: WorkloadId
    waiting: int
    at: Instant
    gateway: str = ""
    in_flight: int | None = None


class RuntimeObserved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The runtime told something about a copy."""

    observation: Observation


class RuntimeRestored(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """After a start: these copies are held by the runtime; those on record that are not among them are gone."""

    held: tuple[str, ...]


class InstanceReady(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An instance that was asked for can take copies."""

    instance_id: InstanceId


class InstanceGone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An instance was given back, could not be had, or was lost; `reason` is empty when it was asked to go."""

    instance_id: InstanceId
    reason: str = ""


AlarmEvent: TypeAlias = AlarmPut | AlarmsRemoved | CompositeAlarmPut | AlarmStateSet | AlarmActionsSwitched | AlarmTagged
"""What changes alarms by a call."""

AutoscalingEvent: TypeAlias = (
    TargetPut | TargetRemoved | PolicyPut | PolicyRemoved | ScheduledActionPut | ScheduledActionRemoved | AlarmEvent | DemandSeen
)
"""What the autoscaler handles itself."""

TimetableEvent: TypeAlias = SchedulePut | ScheduleRemoved | ScheduleGroupPut | ScheduleGroupRemoved | TargetAnswered
"""What the timetable handles."""

Call: TypeAlias = (
    ModelCreated
    | ModelDeleted
    | ConfigCreated
    | ConfigDeleted
    | EndpointCreated
    | EndpointDeleted
    | WeightsAndCapacitiesSet
    | ComponentCreated
    | ComponentDeleted
    | CopyCountSet
    | ResourceTagged
    | RegistryEvent
    | QueueEvent
    | HubEvent
)
"""What API calls on models, endpoints, components and queues make at once."""

Updated: TypeAlias = EndpointUpdated | ComponentUpdated
"""What such calls begin and time brings to its end."""


class Together(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Several of these were asked for by one call: all are on disk, or none is."""

    calls: tuple[Call | Updated, ...]


Happening: TypeAlias = (
    AutoscalingEvent
    | TimetableEvent
    | BacklogSeen
    | MetricsPut
    | TrafficSeen
    | UsageSeen
    | GatewayGone
    | RuntimeObserved
    | RuntimeRestored
    | InstanceReady
    | InstanceGone
)
"""All else that happens."""

Event: TypeAlias = Call | Updated | Together | Happening
"""What the platform handles."""
