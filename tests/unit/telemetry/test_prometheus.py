"""The exposition, read by Prometheus's own library."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stoker.domain.alarms import Alarm, Comparison, MetricKey, Statistic
from stoker.domain.ids import AlarmName, EndpointName, WorkloadId
from stoker.engine.accounting import Accounting
from stoker.engine.events import AlarmPut, TrafficSeen
from stoker.engine.traffic import WorkloadCounts
from stoker.link.messages import ColdStartSeen
from stoker.telemetry import prometheus
from stoker.telemetry.prometheus import Exposition
from stoker.units import DAY, MINUTE, SECOND
from tests.unit.engine.world import VARIANT, World


async def samples(exposition: Exposition) -> dict[tuple[str, str], float]:
    text = (await exposition.text(["g1", "g2"])).decode()
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    read = {(sample.name, sample.labels.get("workload", sample.labels.get("endpoint", ""))): sample.value for sample in found}
    assert len(read) == len(found), "nothing is told twice"
    return read


async def test_what_there_is_and_what_it_did_is_told() -> None:
    world = World()
    world.endpoint(instances=1)
    world.component(copies=1)
    world.endpoint("own", model=True, managed=None, instances=1)
    world.seconds(60)
    exposition = Exposition(world.platform)
    name, endpoint = WorkloadId("ic/ic"), EndpointName("e")
    counts = WorkloadCounts(workload=name, endpoint=endpoint, variant=VARIANT, invocations=3, model_errors=1, in_flight=2, held=4)
    world.handle(TrafficSeen(gateway="g1", at=world.now, counts=(counts,)))
    exposition.cold_start(ColdStartSeen(workload=WorkloadId("ic/ic"), at=world.now, waited=2 * SECOND, first_byte=SECOND))
    read = await samples(exposition)
    assert read["stoker_gateways", ""] == 2
    assert {name: value for (name, workload), value in read.items() if workload == "ic/ic"} == {
        "stoker_copies_desired": 1,
        "stoker_copies_serving": 1,
        "stoker_invocations_in_flight": 2,
        "stoker_invocations_held": 4,
        "stoker_invocations_total": 3,
        "stoker_model_errors_total": 1,
        "stoker_no_capacity_total": 0,
        "stoker_evictions_total": 0,
        "stoker_cold_start_wait_seconds_count": 1,
        "stoker_cold_start_wait_seconds_sum": 2,
        "stoker_cold_start_first_byte_seconds_count": 1,
        "stoker_cold_start_first_byte_seconds_sum": 3,
    }
    assert read["stoker_copies_serving", "variant/own/v"] == 1
    assert (read["stoker_instances", "e"], read["stoker_instances", "own"]) == (1, 1)


async def test_what_was_used_is_counted_as_of_now() -> None:
    world = World()
    accounting = Accounting(world.platform.fleet, world.platform.autoscaler.targets)
    world.endpoint(instances=1)
    world.component(copies=2)
    world.seconds(60)
    accounting.restore([], world.now)
    exposition = Exposition(world.platform, accounting)
    text = (await exposition.text([], world.now + 2 * DAY)).decode()
    found = {
        (sample.name, sample.labels["workload"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "_seconds_total" in sample.name
    }
    assert found["stoker_copy_seconds_total", "ic/ic"] == 4 * 86_400
    assert found["stoker_gb_seconds_total", "ic/ic"] == 4 * 86_400
    assert found["stoker_instance_seconds_total", "variant/e/v"] == 2 * 86_400
    assert "stoker_copy_seconds_total" not in (await exposition.text([])).decode()


async def test_who_is_late_with_alarms_says_so() -> None:
    world = World()
    exposition = Exposition(world.platform)
    alarm = Alarm(
        name=AlarmName("a"),
        metric=MetricKey(namespace="n", name="m"),
        statistic=Statistic.SUM,
        period=MINUTE,
        evaluation_periods=1,
        threshold=1.0,
        comparison=Comparison.GREATER,
        configured=0,
    )
    world.handle(AlarmPut(alarm=alarm))
    world.seconds(125)
    read = await samples(exposition)
    assert (read["stoker_alarms_evaluated_total", ""], read["stoker_alarms_late_total", ""]) == (2, 0)
    world.now += 70 * SECOND
    world.platform.tick(world.now)
    read = await samples(exposition)
    assert (read["stoker_alarms_evaluated_total", ""], read["stoker_alarms_late_total", ""]) == (3, 1)
    assert 10 < read["stoker_alarm_lateness_worst_seconds", ""] < 70


async def test_others_get_their_turn_while_much_is_told_and_may_take_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "TURN", 5)
    world = World()
    names = [world.endpoint(f"e{number}") for number in range(12)]
    for name in names:
        world.component(f"c-{name}", endpoint=name)
    telling = asyncio.ensure_future(samples(Exposition(world.platform)))
    await asyncio.sleep(0)
    assert not telling.done()
    world.delete_component(f"c-{names[-1]}")
    world.delete_endpoint(names[-1])
    read = await telling
    assert ("stoker_copies_desired", f"ic/c-{names[-2]}") in read
    assert ("stoker_copies_desired", f"ic/c-{names[-1]}") not in read
