"""Places of serverless endpoints: so many and no more, in all gateways together."""

import subprocess
import sys
from pathlib import Path

from stoker.domain.ids import CopyId, WorkloadId
from stoker.gateway.copies import Copy, claim
from stoker.gateway.locks import Locks, area_of
from stoker.gateway.places import Places
from stoker.gateway.routes import Workload
from stoker.link.messages import Address, CopyRoute, ServerlessRoute, WorkloadRoute

OTHER = """
import sys
from stoker.gateway.locks import Locks, area_of
locks = Locks(sys.argv[1])
start = area_of("w")
print([locks.take(start + number) for number in range(3)], flush=True)
sys.stdin.read()
"""


def route(most: int, provisioned: int = 0) -> ServerlessRoute:
    return ServerlessRoute(most=most, provisioned=provisioned, payload_bytes=1)


def test_an_endpoint_has_as_many_places_as_it_may_work_on_at_once() -> None:
    places = Places(Locks(), 200)
    taken = [places.enter("w", route(2)) for _ in range(3)]
    assert [place is None for place in taken] == [False, False, True]
    assert taken[0] is not None
    places.leave(taken[0])
    assert places.enter("w", route(2)) is not None
    assert places.enter("w", route(2)) is None
    assert places.enter("v", route(2)) is not None, "others have their own"


def test_all_endpoints_share_what_is_not_provisioned() -> None:
    places = Places(Locks(), 4)
    places.told("a", route(4, 2))
    shared = [places.enter("b", route(4)) for _ in range(3)]
    assert [place is None for place in shared] == [False, False, True], "two are set apart"
    own = [places.enter("a", route(4, 2)) for _ in range(3)]
    assert [place is None for place in own] == [False, False, True]
    places.told("a", None)
    assert places.enter("b", route(4)) is not None
    first = own[0]
    assert first is not None
    places.leave(first)
    assert places.enter("a", route(4, 2)) is not None


def test_a_process_holds_places_against_all_others_until_it_ends(tmp_path: Path) -> None:
    path = str(tmp_path / "places")
    locks = Locks(path)
    start = area_of("w")
    assert locks.take(start)
    with subprocess.Popen([sys.executable, "-c", OTHER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "[False, True, True]\n"
        assert Places(locks, 200).enter("w", route(3)) is None
        other.kill()
    assert Places(locks, 200).enter("w", route(3)) is not None, "the kernel takes back what it held"
    locks.close()


def test_an_exclusive_copy_takes_one_at_a_time_and_the_first_free_one_is_taken() -> None:
    locks = Locks()
    told = tuple(CopyRoute(copy_id=CopyId(f"c{n}"), address=Address(socket="/s"), slots=1, exclusive=True) for n in range(2))
    workload = Workload(WorkloadRoute(workload=WorkloadId("w"), copies=told, serverless=route(2)))
    workload.copies = [Copy(each, locks) for each in told]
    first = workload.usable(0.0)[0]
    first.outstanding += 1
    assert first.copy_id == "c0"
    (second,) = workload.paced(0.0)
    second.outstanding += 1
    assert (second.copy_id, workload.usable(0.0)) == ("c1", [])
    first.took(1)
    assert not claim(first, 0.0), "quick answers let nobody wait in it"
    first.done()
    assert workload.usable(0.0) == [first]
