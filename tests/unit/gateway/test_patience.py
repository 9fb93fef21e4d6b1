import math

import pytest

from stoker.gateway.face import Invocation
from stoker.gateway.patience import patience_s
from stoker.units import SECOND, Span

NOW = 1_000 * SECOND


@pytest.mark.parametrize(
    ("deadline", "patience", "assumed", "left"),
    [
        pytest.param(None, None, None, math.inf, id="says nothing"),
        pytest.param(None, 30, None, 30, id="says how long"),
        pytest.param(None, None, 55, 55, id="of a kind that is known"),
        pytest.param(100, None, 55, 99, id="a deadline counts more than the kind"),
        pytest.param(100, 30, None, 30, id="the smallest counts"),
        pytest.param(4, None, None, 3.6, id="a short deadline leaves a tenth"),
        pytest.param(-1, None, 55, 55, id="a deadline that has passed is not believed"),
    ],
)
def test_patience(deadline: int | None, patience: int | None, assumed: int | None, left: float) -> None:
    def span(seconds: int | None) -> Span | None:
        return None if seconds is None else seconds * SECOND

    invocation = Invocation(
        endpoint="e",
        deadline=None if deadline is None else NOW + deadline * SECOND,
        patience=span(patience),
        assumed_patience=span(assumed),
    )
    assert patience_s(invocation, NOW) == pytest.approx(left)
