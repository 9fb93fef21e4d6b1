"""What the settings come to for the engine."""

from stoker.config.settings import Instances, Memory, Settings
from stoker.control.capacity import machine_shape
from stoker.control.plane import budget, platform_options
from stoker.decisions.eviction import EvictionOptions, Valuation
from stoker.decisions.placement import fits
from stoker.domain.instance_types import LOCAL
from stoker.units import SECOND


def test_virtual_instances_have_no_bound_but_the_memory_that_was_set() -> None:
    assert budget(Settings()) is None
    bound = budget(Settings(memory=Memory(budget_mb=4096)))
    assert bound is not None
    assert bound.memory_mb == 4096
    assert min(bound.cpus, bound.accelerators) > 1e6


def test_real_instances_have_what_the_machine_has_and_no_more_memory_than_was_set() -> None:
    machine = machine_shape()
    assert budget(Settings(instances=Instances(virtual=False))) == machine
    bound = budget(Settings(instances=Instances(virtual=False), memory=Memory(budget_mb=100)))
    assert bound is not None
    assert (bound.memory_mb, bound.cpus) == (100, machine.cpus)


def test_the_machine_itself_has_no_more_memory_than_was_set_so_that_it_fits() -> None:
    assert platform_options(Settings()).fleet.shapes[LOCAL] == machine_shape()
    fleet = platform_options(Settings(memory=Memory(budget_mb=100))).fleet
    assert fleet.budget is not None
    assert fits(fleet.shapes[LOCAL], fleet.budget)
    assert (fleet.shapes[LOCAL].memory_mb, fleet.shapes[LOCAL].cpus) == (100, machine_shape().cpus)


def test_the_engine_is_told_how_copies_make_way() -> None:
    memory = Memory(eviction=Valuation.LRU, residence=2.0, pause=1.5, turn=3.0, longest_turn_s=4.0, half_life_s=5.0)
    assert platform_options(Settings(memory=memory)).eviction == EvictionOptions(
        valuation=Valuation.LRU, residence=2.0, pause=1.5, turn=3.0, longest_turn=4 * SECOND, half_life=5 * SECOND
    )
    assert platform_options(Settings()).eviction == EvictionOptions()
