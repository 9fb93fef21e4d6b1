"""However rarely the engine is asked, and however often it is started again: the bounds are those that were due last."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.expressions.occurrences import next_after
from stoker.decisions.scaling.scheduled import timing
from stoker.domain.schedule import ScheduledAction
from stoker.engine.events import ScheduledActionPut
from stoker.units import HOUR, MINUTE, Instant
from tests.unit.engine.scaling_world import EPOCH, KEY, World

EXPRESSIONS = [
    "cron(*/20 * * * ? *)",
    "cron(0 9-12 * * ? *)",
    "cron(45 8 ? * FRI *)",
    "rate(25 minutes)",
    "rate(3 hours)",
    "at(2027-01-15T10:10:10)",
]
made = st.lists(
    st.tuples(st.sampled_from(EXPRESSIONS), st.integers(0, 3), st.integers(3, 6), st.none() | st.integers(0, 300)),
    min_size=1,
    max_size=5,
)


def last_due(actions: list[ScheduledAction], until: Instant) -> ScheduledAction | None:
    """Find, one by one, whose occurrence was the last; of several at one instant the last by name."""
    found: tuple[Instant, str] | None = None
    for action in actions:
        due = next_after(timing(action), action.created - 1)
        while due is not None and due <= until:
            found = max(found or (due, action.name), (due, action.name))
            due = next_after(timing(action), due)
    return None if found is None else next(each for each in actions if each.name == found[1])


@settings(max_examples=60, deadline=None)
@given(made, st.lists(st.tuples(st.integers(0, 200), st.booleans()), min_size=1, max_size=6), st.integers(0, 9))
def test_bounds_are_those_that_were_due_last(
    wanted: list[tuple[str, int, int, int | None]], looks: list[tuple[int, bool]], copies: int
) -> None:
    world = World(copies=copies)
    world.register(0, 9)
    actions = [
        ScheduledAction(
            name=f"a{number}",
            target=KEY,
            arn="",
            expression=expression,
            created=EPOCH,
            timed=EPOCH,
            handled=EPOCH - 1,
            start=None if start is None else EPOCH + start * MINUTE,
            least=least,
            most=most,
        )
        for number, (expression, least, most, start) in enumerate(wanted)
    ]
    for action in actions:
        world.handle(ScheduledActionPut(action=action))
    for minutes, restarts in looks:
        world.now += minutes * MINUTE
        if restarts:
            world.restart()
        world.run(0)
        last = last_due(actions, world.now)
        target, state = world.engine.targets[KEY], world.state
        assert (target.least, target.most) == ((0, 9) if last is None else (last.least, last.most))
        assert state is not None
        assert target.least <= state.desired <= target.most
        deadline = world.engine.next_deadline()
        assert deadline is None or world.now < deadline <= world.now + 100 * 24 * HOUR
    told = [each for each in world.activities if each.cause.startswith("scheduled")]
    assert len(told) <= len(actions) * len(looks)
