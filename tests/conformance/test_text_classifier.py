"""Classification of text by an ONNX file, in a copy of its own: requests and replies are as of transformers' pipelines."""

import math
from collections.abc import Iterator

import pytest

from tests.conformance.onnx_words import classifier
from tests.conformance.small_models import packages
from tests.e2e.modelserver_copy import MAIN, Copy, ask, running

FEELINGS = {"good": [0.0, 2.0], "bad": [2.0, 0.0], "fine": [0.0, 1.0]}
LABELS = ["NEGATIVE", "POSITIVE"]
ENTAILS = {"sun": [0.0, 0.0, 1.0], "weather": [0.0, 0.0, 2.0], "money": [2.0, 0.0, 0.0]}


@pytest.fixture(scope="module")
def feelings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    folder = classifier(tmp_path_factory.mktemp("feelings"), FEELINGS, LABELS, architectures=["BertForSequenceClassification"])
    with running({}, {"HF_MODEL_DIR": str(folder), "PYTHONPATH": str(packages())}, command=(str(MAIN), "hub")) as served:
        yield served


def share(difference: float) -> float:
    return 1 / (1 + math.exp(-difference))


def told(label: str, score: float) -> dict[str, object]:
    return {"label": label, "score": pytest.approx(score, abs=1e-6)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"inputs": "This is good"}, [told("POSITIVE", share(2))], id="the best"),
        pytest.param(
            {"inputs": "bad bad fine", "parameters": {"top_k": 2}},
            [told("NEGATIVE", share(3)), told("POSITIVE", share(-3))],
            id="two",
        ),
        pytest.param(
            {"inputs": "bad", "parameters": {"top_k": None}}, [told("NEGATIVE", share(2)), told("POSITIVE", share(-2))], id="all"
        ),
        pytest.param(
            {"inputs": ["good", "bad with more words beside it"]},
            [told("POSITIVE", share(2)), told("NEGATIVE", share(2))],
            id="several texts of several lengths",
        ),
        pytest.param(
            {"inputs": ["good"] * 70, "parameters": {"function_to_apply": "none"}}, [told("POSITIVE", 2.0)] * 70, id="in batches"
        ),
        pytest.param(
            {"inputs": "good", "parameters": {"function_to_apply": "sigmoid"}}, [told("POSITIVE", share(2))], id="sigmoid"
        ),
    ],
)
def test_texts_have_labels(feelings: Copy, body: object, expected: list[object]) -> None:
    assert ask(feelings, body) == (200, expected)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"inputs": 3}, "inputs must be a text or a list of texts, not int", id="number"),
        pytest.param(
            {"inputs": "a", "parameters": {"top_k": 0}}, "top_k must be a whole number from 1, or null for all", id="top_k"
        ),
        pytest.param({"inputs": "a", "parameters": {"function_to_apply": "x"}}, "function_to_apply must be", id="function"),
        pytest.param({"inputs": "a", "parameters": 3}, "parameters must be an object", id="parameters"),
    ],
)
def test_what_it_cannot_take_is_named(feelings: Copy, body: object, said: str) -> None:
    status, reply = ask(feelings, body)
    assert isinstance(reply, dict)
    assert (status, reply["error"][: len(said)]) == (400, said)


def test_labels_that_the_model_never_saw(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = classifier(tmp_path_factory.mktemp("entails"), ENTAILS, ["contradiction", "neutral", "entailment"])
    environment = {"HF_MODEL_DIR": str(folder), "HF_TASK": "zero-shot-classification", "PYTHONPATH": str(packages())}
    with running({}, environment, command=(str(MAIN), "hub")) as copy:
        parameters: dict[str, object] = {"candidate_labels": ["money", "weather"]}
        status, found = ask(copy, {"inputs": "the sun shines", "parameters": parameters})
        assert status == 200
        assert found == [told("weather", share(2)), told("money", share(-2))], "softmax over the labels' entailment, 3 and 1"
        several = ask(copy, {"inputs": "the sun shines", "parameters": parameters | {"multi_label": True}})[1]
        assert several == [told("weather", share(3)), told("money", share(1 - 2))], "each by itself, against contradiction"
        status, refused = ask(copy, {"inputs": "the sun shines"})
        assert isinstance(refused, dict)
        assert (status, "candidate_labels" in refused["error"]) == (400, True)
