from stoker.decisions.startup import REMEMBERED, StartTimes, start_time
from stoker.domain.ids import CopyId, WorkloadId
from stoker.domain.instances import Copy
from stoker.domain.states import CopyState
from stoker.units import SECOND


def times(*seconds: int) -> StartTimes:
    learned = StartTimes(workload=WorkloadId("ic/a"))
    for each in seconds:
        learned = learned.after(each * SECOND)
    return learned


def test_the_median_of_the_last_starts_counts() -> None:
    assert times().typical is None
    assert times(7).typical == 7 * SECOND
    assert times(10, 10, 300).typical == 10 * SECOND
    assert times(*[10] * 9, *[60] * 5).typical == 60 * SECOND
    assert len(times(*range(40)).spans) == REMEMBERED


def test_a_start_is_from_the_order_to_the_first_answer() -> None:
    copy = Copy(copy_id=CopyId("c"), workload=WorkloadId("ic/a"), state=CopyState.STARTING, created=0, phases=(("created", 0),))
    assert start_time(copy) is None
    placed = Copy(
        copy_id=CopyId("c"),
        workload=WorkloadId("ic/a"),
        state=CopyState.IN_SERVICE,
        created=0,
        phases=(("created", 0), ("placed", 90 * SECOND), ("spawned", 95 * SECOND), ("ready", 100 * SECOND)),
    )
    assert start_time(placed) == 10 * SECOND
