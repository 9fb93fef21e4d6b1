import pytest

from stoker.decisions.slots import slots_of


@pytest.mark.parametrize(("text", "slots"), [("4", 4), ("", 1), ("0", 1), ("x", 1), ("999", 256), ("10000", 1), ("-3", 1)])
def test_a_container_s_workers_are_its_slots(text: str, slots: int) -> None:
    assert slots_of({"SAGEMAKER_MODEL_SERVER_WORKERS": text}) == slots
    assert slots_of({}) == 1
