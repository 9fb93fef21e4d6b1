"""Any order of calls, demand, time, crashes and restarts: an endpoint's document is always whole, and says what is there."""

import asyncio
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.domain.ids import ComponentName, EndpointName
from stoker.domain.states import CopyState
from stoker.engine.events import DemandSeen
from stoker.testing.desk import LocalDesk, Outcome
from stoker.units import MINUTE, SECOND
from tests.unit.wire.huggingface.hub_stage import URL, WORKLOAD, Loose, Stage, wanted

Step: TypeAlias = tuple[str, int]

CALLS = ("create", "pause", "resume", "scale-to-zero", "bounds", "env", "size", "delete")
STEPS = st.lists(
    st.tuples(
        st.sampled_from((*CALLS, "demand", "pass", "crash", "stuck", "fail", "well", "serve", "restart")), st.integers(0, 3)
    ),
    max_size=25,
)
OUTCOMES = {"stuck": Outcome(stuck=True), "fail": Outcome(failure="exited with status 1"), "well": Outcome()}
AT_ZERO = {"paused", "scaledToZero"}


class World:
    """One endpoint, `e1`, and what must hold of it."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.paused = False

    async def step(self, step: Step) -> None:
        name, number = step
        if name in CALLS:
            await self.call(name, number)
        elif name in OUTCOMES:
            self.desk.play(WORKLOAD, OUTCOMES[name])
        elif name == "demand":
            await self.demand()
        elif name == "pass":
            await self.desk.advance((SECOND, 20 * SECOND, 3 * MINUTE, 40 * MINUTE)[number])
        elif name in {"crash", "serve"}:
            await self.touch(name)
        else:
            await self.restart()

    @property
    def desk(self) -> LocalDesk:
        return self.stage.desk

    async def call(self, name: str, number: int) -> None:
        bodies: dict[str, tuple[str, str, Loose]] = {
            "create": ("POST", URL, wanted(compute__scaling={"minReplica": number % 2, "maxReplica": 2})),
            "bounds": ("PUT", f"{URL}/e1", {"compute": {"scaling": {"minReplica": number, "maxReplica": 2}}}),
            "env": ("PUT", f"{URL}/e1", {"model": {"env": {"N": str(number)}}}),
            "size": ("PUT", f"{URL}/e1", {"compute": {"instanceSize": f"x{1 << number}"}}),
            "delete": ("DELETE", f"{URL}/e1", None),
        }
        before = await self.state()
        answer = await self.stage.call(*bodies.get(name, ("POST", f"{URL}/e1/{name}", None)))
        assert answer.status in {200, 400, 404, 409}, answer.body
        assert (answer.status == 404) == (before is None and name != "create")
        if answer.status != 200:
            assert await self.state() == before
            return
        if name in {"pause", "resume", "create"}:
            self.paused = name == "pause"
        if name in {"pause", "scale-to-zero"}:
            assert answer.document["status"]["targetReplica"] == 0
        if name == "scale-to-zero":
            assert answer.document["status"]["state"] == "scaledToZero"

    async def demand(self) -> None:
        before = await self.state()
        await self.desk.submit(DemandSeen(workload=WORKLOAD, waiting=1, at=self.desk.now(), gateway="g"))
        if before == "scaledToZero":
            assert await self.state() not in AT_ZERO
        await self.desk.submit(DemandSeen(workload=WORKLOAD, waiting=0, at=self.desk.now(), gateway="g"))

    async def touch(self, what: str) -> None:
        for copy in self.desk.platform.fleet.copies_of(WORKLOAD):
            if what == "crash" and copy.state in {CopyState.IN_SERVICE, CopyState.STARTING}:
                await self.desk.crash(copy.copy_id)
                return
            if what == "serve" and copy.state is CopyState.STARTING:
                await self.desk.serve(copy.copy_id)
                return

    async def restart(self) -> None:
        """Begin anew from what is on disk; copies of before are gone."""
        again = Stage(store=self.desk.store, clock=self.desk.clock)
        await again.desk.restore()
        self.stage = again

    async def state(self) -> str | None:
        answer = await self.stage.call("GET", f"{URL}/e1")
        return None if answer.status == 404 else str(answer.document["status"]["state"])

    async def holds(self) -> None:
        fleet = self.desk.platform.fleet
        answer = await self.stage.call("GET", f"{URL}/e1")
        listed = (await self.stage.call("GET", URL)).document["items"]
        if answer.status == 404:
            assert listed == []
            assert fleet.hubs == {}
            assert ComponentName("e1") not in fleet.components
            return
        assert listed == [answer.document]
        status, scaling = answer.document["status"], answer.document["compute"]["scaling"]
        component = fleet.components[ComponentName("e1")]
        state = status["state"]
        assert (state == "paused") == self.paused == component.paused
        assert status["readyReplica"] == fleet.serving(WORKLOAD)
        assert 0 <= status["targetReplica"] <= scaling["maxReplica"]
        assert (status["targetReplica"] == 0) == (state in AT_ZERO) or state == "failed"
        assert state not in {"running", "updating", "updateFailed"} or (status["readyReplica"] > 0 and status["url"])
        assert state not in {"pending", "initializing"} or status["readyReplica"] == 0
        assert state != "failed" or status["errorMessage"]
        assert fleet.endpoints[EndpointName("e1")].config in fleet.configs
        assert len(fleet.configs) == 1


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_the_document_says_what_is_there(steps: list[Step]) -> None:
    async def run() -> None:
        world = World()
        await world.call("create", 0)
        for step in steps:
            await world.step(step)
            await world.holds()

    asyncio.run(run())
