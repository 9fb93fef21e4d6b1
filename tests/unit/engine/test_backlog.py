"""The asynchronous requests that wait: whose turn it is, who is too old, what there is room for."""

import msgspec

from stoker.domain.asynchronous import AsyncInference, AsyncRequest, AsyncState, RequestId, ended, never_ran, over
from stoker.domain.ids import EndpointName
from stoker.engine.backlog import Backlog, BacklogLimits

A, B = EndpointName("a"), EndpointName("b")


def made(name: str, endpoint: EndpointName = A, *, received: int = 0, deadline: int = 1000, size: int = 10) -> AsyncRequest:
    return AsyncRequest(
        request_id=RequestId(name),
        inference_id=name,
        endpoint=endpoint,
        received=received,
        deadline=deadline,
        size=size,
        how=AsyncInference(output="s3://b/o"),
    )


def filled(*requests: AsyncRequest) -> Backlog:
    backlog = Backlog()
    for request in requests:
        backlog.restore(request)
    return backlog


def names(requests: list[AsyncRequest]) -> list[str]:
    return [request.request_id for request in requests]


def test_the_oldest_of_each_endpoint_run_as_far_as_its_copies_have_room() -> None:
    backlog = filled(made("1"), made("2", B), made("3"), made("4"), made("5", B))
    room = {A: 2, B: 1}
    taken = backlog.take(room.__getitem__, now=7, most=10)
    assert names(taken) == ["1", "3", "2"]
    assert [(request.state, len(request.attempts), request.attempts[0].begun) for request in taken] == [
        (AsyncState.RUNNING, 1, 7)
    ] * 3
    assert (backlog.waiting(A), backlog.running(A), backlog.waiting(B), backlog.running(B)) == (1, 2, 1, 1)
    assert backlog.take(room.__getitem__, now=8, most=10) == []
    backlog.finish(over(taken[0], AsyncState.COMPLETED, 9))
    assert names(backlog.take(room.__getitem__, now=9, most=10)) == ["4"]
    assert backlog.waits


def test_no_more_are_begun_than_may_run_in_all() -> None:
    backlog = filled(*(made(str(number)) for number in range(5)))
    assert names(backlog.take(lambda _: 100, now=0, most=3)) == ["0", "1", "2"]
    assert backlog.take(lambda _: 0, now=0, most=3) == []


def test_one_that_comes_back_waits_until_it_is_due_and_goes_before_those_that_came_later() -> None:
    backlog = filled(made("1"), made("2"))
    (first,) = backlog.take(lambda _: 1, now=5, most=9)
    tried = msgspec.structs.replace(ended(first, "lost", 6), state=AsyncState.WAITING, due=20)
    backlog.back(tried)
    assert backlog.next_due() == 20
    assert backlog.oldest(A) == 0
    (second,) = backlog.take(lambda _: 1, now=10, most=9)
    assert second.request_id == "2"
    backlog.back(never_ran(second))
    assert names(backlog.take(lambda _: 2, now=20, most=9)) == ["2", "1"]
    assert backlog.running(A) == 2


def test_suspects_run_one_at_a_time_beside_those_that_are_none() -> None:
    backlog = filled(*(made(str(number)) for number in range(4)))
    for request in backlog.take(lambda _: 2, now=0, most=9):
        backlog.back(msgspec.structs.replace(request, state=AsyncState.WAITING, suspect=True))
    assert names(backlog.take(lambda _: 3, now=1, most=9)) == ["0", "2", "3"]
    assert backlog.waiting(A) == 1
    assert backlog.take(lambda _: 9, now=2, most=9) == []


def test_an_attempt_that_reached_no_copy_is_none() -> None:
    backlog = filled(made("1"))
    (request,) = backlog.take(lambda _: 1, now=5, most=9)
    assert never_ran(request).attempts == ()
    assert never_ran(request).state is AsyncState.WAITING


def test_what_has_waited_too_long_is_taken_out_and_what_runs_is_let_run() -> None:
    backlog = filled(made("1", deadline=50), made("2", deadline=40), made("3", B, deadline=90))
    (running,) = backlog.take({A: 1, B: 0}.__getitem__, now=0, most=9)
    assert running.request_id == "1"
    assert backlog.next_due() == 40
    assert names(backlog.expired(60)) == ["2"]
    backlog.back(msgspec.structs.replace(running, state=AsyncState.WAITING, due=61))
    assert names(backlog.expired(61)) == ["1"]
    assert backlog.expired(61) == []
    assert backlog.waiting(B) == 1


def test_what_waits_for_an_endpoint_that_is_gone_is_taken_out() -> None:
    backlog = filled(made("1"), made("2", B))
    assert names(backlog.orphans(lambda name: name == B)) == ["1"]
    assert backlog.waiting(A) == 0
    assert backlog.waiting(B) == 1


def test_there_is_room_for_so_many_and_no_more() -> None:
    backlog = Backlog(BacklogLimits(requests=3, of_endpoint=2, bytes=100))
    for request in (made("1"), made("2")):
        backlog.restore(request)
    assert "max_requests_of_endpoint" in backlog.refusal(A, 1)
    assert not backlog.refusal(B, 80)
    assert "max_queued_bytes" in backlog.refusal(B, 81)
    backlog.reserve(1)
    assert "max_requests)" in backlog.refusal(B, 1)
    backlog.release(1)
    (request,) = backlog.take(lambda _: 1, now=0, most=1)
    backlog.finish(over(request, AsyncState.FAILED, 1))
    assert not backlog.refusal(A, 90)


def test_the_oldest_is_the_one_that_was_received_first() -> None:
    backlog = filled(made("1", received=5), made("2", received=6))
    assert backlog.oldest(A) == 5
    assert backlog.oldest(B) is None
    backlog.take(lambda _: 1, now=9, most=1)
    assert backlog.oldest(A) == 6
