import pytest

from stoker.decisions.admission import Verdict, admit, effective_at_zero
from stoker.domain.states import AtZero

HOLD, REFUSE = AtZero.HOLD, AtZero.REFUSE


@pytest.mark.parametrize(
    ("ready", "waiting", "desired", "wakeable", "failure", "at_zero", "verdict", "cause"),
    [
        pytest.param(1, 0, 1, False, "", HOLD, Verdict.SERVE, "in service", id="ready"),
        pytest.param(1, 0, 1, False, "broke", REFUSE, Verdict.SERVE, "in service", id="ready although one failed"),
        pytest.param(1, 3, 1, False, "", HOLD, Verdict.HOLD, "came first", id="behind others"),
        pytest.param(1, 3, 1, False, "", REFUSE, Verdict.SERVE, "in service", id="may not wait behind others"),
        pytest.param(0, 0, 1, False, "", HOLD, Verdict.HOLD, "on its way", id="coming"),
        pytest.param(0, 0, 0, True, "", HOLD, Verdict.HOLD, "demand brings one", id="wakeable"),
        pytest.param(0, 0, 0, False, "", HOLD, Verdict.REFUSE, "nothing would bring one", id="nothing to wait for"),
        pytest.param(0, 0, 1, True, "", REFUSE, Verdict.REFUSE, "may not wait", id="strict"),
        pytest.param(0, 0, 1, True, "It broke.", HOLD, Verdict.REFUSE, "It broke.", id="failed"),
    ],
)
def test_admission(  # noqa: PLR0917 - a row of the table
    ready: int, waiting: int, desired: int, wakeable: bool, failure: str, at_zero: AtZero, verdict: Verdict, cause: str
) -> None:
    admission = admit(ready=ready, waiting=waiting, desired=desired, wakeable=wakeable, failure=failure, at_zero=at_zero)
    assert admission.verdict is verdict
    assert cause in admission.cause


@pytest.mark.parametrize(
    ("request_", "workload", "endpoint", "effective"),
    [
        pytest.param(REFUSE, HOLD, HOLD, REFUSE, id="request"),
        pytest.param(None, REFUSE, HOLD, REFUSE, id="workload"),
        pytest.param(None, None, REFUSE, REFUSE, id="endpoint"),
        pytest.param(None, None, None, HOLD, id="default"),
    ],
)
def test_the_nearest_word_counts(
    request_: AtZero | None, workload: AtZero | None, endpoint: AtZero | None, effective: AtZero
) -> None:
    assert effective_at_zero(request=request_, workload=workload, endpoint=endpoint, default=HOLD) is effective


@pytest.mark.parametrize("at_zero", list(AtZero))
@pytest.mark.parametrize("failure", ["", "It broke."])
def test_who_finds_every_copy_busy_waits_whatever_it_does_at_zero(at_zero: AtZero, failure: str) -> None:
    admission = admit(ready=0, waiting=5, desired=0, wakeable=False, failure=failure, at_zero=at_zero, busy=2)
    assert admission.verdict is Verdict.HOLD
    assert "as much as it can" in admission.cause
