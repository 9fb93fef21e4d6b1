from stoker.control.capacity import LocalCapacity, machine_shape
from stoker.decisions.placement import NO_ROOM
from stoker.domain.ids import EndpointName, InstanceId, VariantName
from stoker.domain.instances import Instance, InstanceShape
from stoker.domain.states import InstanceState
from stoker.engine.events import InstanceGone, InstanceReady
from stoker.testing.clock import ManualClock


def instance(name: str, cpus: float = 2.0, memory_mb: int = 100, accelerators: float = 0.0) -> Instance:
    return Instance(
        instance_id=InstanceId(name),
        endpoint=EndpointName("e"),
        variant=VariantName("v"),
        instance_type="t",
        shape=InstanceShape(cpus=cpus, memory_mb=memory_mb, accelerators=accelerators),
        state=InstanceState.PENDING,
        created=0,
    )


def capacity(*, virtual: bool = False) -> LocalCapacity:
    machine = InstanceShape(cpus=4.0, memory_mb=1000, accelerators=1.0)
    return LocalCapacity(clock=ManualClock(), machine=None if virtual else machine, provision=0)


async def ask(there: LocalCapacity, each: Instance) -> InstanceReady | InstanceGone:
    there.book(each)
    return await there.provide(each)


async def test_a_machine_gives_what_it_has_and_refuses_the_rest_in_words() -> None:
    there = capacity()
    assert await ask(there, instance("a")) == InstanceReady(instance_id=InstanceId("a"))
    assert await ask(there, instance("b")) == InstanceReady(instance_id=InstanceId("b"))
    assert await ask(there, instance("c")) == InstanceGone(instance_id=InstanceId("c"), reason=NO_ROOM)
    assert there.release(InstanceId("a")) == InstanceGone(instance_id=InstanceId("a"))
    assert await ask(there, instance("c")) == InstanceReady(instance_id=InstanceId("c"))


async def test_memory_and_accelerators_are_booked_as_well() -> None:
    there = capacity()
    assert isinstance(await ask(there, instance("a", 1.0, 950, 1.0)), InstanceReady)
    assert isinstance(await ask(there, instance("b", 1.0, 100)), InstanceGone)
    assert isinstance(await ask(there, instance("c", 1.0, 10, 1.0)), InstanceGone)
    assert isinstance(await ask(there, instance("d", 1.0, 50)), InstanceReady)


async def test_virtual_instances_have_no_bounds() -> None:
    there = capacity(virtual=True)
    for n in range(50):
        assert isinstance(await ask(there, instance(f"i{n}", 96.0, 10**6, 8.0)), InstanceReady)


async def test_instances_from_before_a_restart_are_booked_and_asked_for_again() -> None:
    there = capacity()
    there.adopt([instance("a"), instance("b")])
    assert isinstance(await ask(there, instance("c")), InstanceGone)
    assert isinstance(await ask(there, instance("b")), InstanceReady)


async def test_an_adopted_instance_that_is_refused_books_nothing() -> None:
    there = capacity()
    there.adopt([instance("a", 3.0), instance("b", 3.0)])
    assert isinstance(await ask(there, instance("b", 3.0)), InstanceGone)
    there.release(InstanceId("a"))
    assert isinstance(await ask(there, instance("c", 4.0)), InstanceReady)


async def test_an_instance_given_back_before_it_is_up_books_nothing() -> None:
    there = capacity()
    there.book(instance("a", 4.0))
    there.release(InstanceId("a"))
    assert isinstance(await there.provide(instance("a", 4.0)), InstanceGone)
    assert isinstance(await ask(there, instance("b", 4.0)), InstanceReady)


def test_this_machine_has_something() -> None:
    shape = machine_shape(2)
    assert (shape.cpus >= 1, shape.memory_mb >= 256, shape.accelerators) == (True, True, 2.0)
