import msgspec

from stoker.domain.endpoints import EndpointConfig
from stoker.domain.ids import ComponentName, ConfigName, CopyId, EndpointName, InstanceId, ModelName, WorkloadId
from stoker.domain.instances import Address, Copy, Instance
from stoker.domain.models import Container, Model
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus, InstanceState
from stoker.engine.commands import Put, Remove
from stoker.engine.fleet import Fleet
from tests.unit.engine.world import SHAPE, TYPE, VARIANT, World

E = EndpointName("e")


def copy(name: str, state: CopyState = CopyState.PENDING, instance: str | None = None) -> Copy:
    return Copy(
        copy_id=CopyId(name),
        workload=WorkloadId("ic/a"),
        state=state,
        created=1,
        instance_id=None if instance is None else InstanceId(instance),
        address=Address(port=1) if state is CopyState.IN_SERVICE else None,
    )


def instance(name: str, state: InstanceState = InstanceState.IN_SERVICE) -> Instance:
    return Instance(
        instance_id=InstanceId(name), endpoint=E, variant=VARIANT, instance_type=TYPE, shape=SHAPE, state=state, created=1
    )


def test_changes_are_told_once_and_the_last_one_counts() -> None:
    fleet = Fleet()
    model = Model(name=ModelName("m"), container=Container(image="x"), created=1)
    fleet.put(model)
    fleet.put(msgspec.structs.replace(model, created=2))
    (put,) = fleet.changes()
    assert isinstance(put, Put)
    assert (put.kind, put.key, msgspec.msgpack.decode(put.document, type=Model).created) == ("model", "m", 2)
    assert fleet.changes() == []
    fleet.remove(fleet.models[ModelName("m")])
    assert fleet.changes() == [Remove(kind="model", key="m")]


def test_copies_are_found_by_workload_and_by_instance_until_they_are_removed() -> None:
    fleet = Fleet()
    fleet.put(instance("i"))
    for each in (copy("a", CopyState.IN_SERVICE, "i"), copy("b"), copy("c", CopyState.STOPPING, "i")):
        fleet.put(each)
    assert [c.copy_id for c in fleet.copies_of(WorkloadId("ic/a"))] == ["a", "b", "c"]
    assert [c.copy_id for c in fleet.copies_on(InstanceId("i"))] == ["a", "c"]
    assert (fleet.crowd(InstanceId("i")), fleet.staying(InstanceId("i")), fleet.crowd(None), fleet.staying(None)) == (2, 1, 0, 0)
    assert fleet.serving(WorkloadId("ic/a")) == 1
    for each in list(fleet.copies.values()):
        fleet.remove(each)
    fleet.remove(instance("i"))
    assert (fleet.copies_of(WorkloadId("ic/a")), fleet.copies_on(InstanceId("i")), fleet.serving_counts) == ([], [], {})
    assert fleet.instances_of(E, VARIANT) == []


def test_serving_copies_are_counted_as_they_come_and_go() -> None:
    fleet = Fleet()
    for state, expected in (
        (CopyState.PENDING, 0),
        (CopyState.IN_SERVICE, 1),
        (CopyState.IN_SERVICE, 1),
        (CopyState.STARTING, 0),
        (CopyState.IN_SERVICE, 1),
        (CopyState.STOPPING, 0),
    ):
        fleet.put(copy("a", state))
        assert fleet.serving(WorkloadId("ic/a")) == expected


def test_instances_in_service_are_counted() -> None:
    fleet = Fleet()
    fleet.put(instance("i"))
    fleet.put(instance("j", InstanceState.PENDING))
    assert fleet.in_service(E, VARIANT) == 1


def test_a_restored_fleet_has_nothing_to_write_and_passes_over_what_is_not_its_own() -> None:
    world = World()
    world.endpoint()
    world.component("ic", copies=2)
    world.seconds(60)
    fleet = Fleet()
    fleet.put(EndpointConfig(name=ConfigName("c"), variants=(), created=1))
    (config,) = fleet.changes()
    assert isinstance(config, Put)
    again = Fleet()
    again.restore([("alarm", b"?"), (config.kind, config.document), *((k, d) for (k, _), d in world.disk.items())])
    assert again.changes() == []
    assert (again.copies, again.instances, list(again.configs)) == (
        world.platform.fleet.copies,
        world.platform.fleet.instances,
        ["c"],
    )
    assert again.serving(WorkloadId("ic/ic")) == 2


def test_workloads_want_nothing_once_what_declares_them_failed_or_leaves() -> None:
    world = World()
    world.endpoint()
    world.endpoint("m", managed=None, instances=2, model=True)
    world.component("ic", copies=2)
    fleet = world.platform.fleet
    component = fleet.components[ComponentName("ic")]
    own = fleet.endpoints[EndpointName("m")]

    def desired(name: str) -> int | None:
        workload = fleet.workload(WorkloadId(name))
        return None if workload is None else workload.desired

    assert [desired(n) for n in ("ic/ic", "variant/m/v", "ic/none", "variant/e/v", "variant/none/v", "variant/m/none")] == [
        2,
        2,
        None,
        None,
        None,
        None,
    ]
    fleet.put(msgspec.structs.replace(component, status=ComponentStatus.FAILED))
    fleet.put(msgspec.structs.replace(own, status=EndpointStatus.DELETING))
    assert (desired("ic/ic"), desired("variant/m/v")) == (0, 0)
