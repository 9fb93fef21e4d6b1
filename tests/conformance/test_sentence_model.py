"""A real small model of sentences, all-MiniLM-L6-v2 as int8 ONNX, served from a repository laid out as the Hub's."""

import math
from collections.abc import Iterator

import pytest

from tests.conformance.small_models import minilm, packages
from tests.e2e.modelserver_copy import MAIN, Copy, ask, running

EATING, BREAD, BABY = "A man is eating food.", "A man is eating a piece of bread.", "The girl carries a baby."


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    environment = {"HF_MODEL_DIR": str(minilm(tmp_path_factory.mktemp("minilm"))), "PYTHONPATH": str(packages())}
    with running({}, environment, command=(str(MAIN), "hub")) as served:
        yield served


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    environment = {
        "HF_MODEL_DIR": str(minilm(tmp_path_factory.mktemp("minilm"))),
        "HF_TASK": "feature-extraction",
        "PYTHONPATH": str(packages()),
    }
    with running({}, environment, command=(str(MAIN), "hub")) as served:
        yield served


def test_what_means_nearly_the_same_is_near(copy: Copy) -> None:
    status, similarities = ask(copy, {"inputs": {"source_sentence": EATING, "sentences": [BREAD, BABY, EATING]}})
    assert status == 200
    assert similarities == pytest.approx([0.7535, -0.111, 1.0], abs=0.02), "as the published model has it: 0.755, -0.112"


def test_a_text_has_a_vector_and_texts_have_vectors(extractor: Copy) -> None:
    _, one = ask(extractor, {"inputs": EATING})
    _, several = ask(extractor, {"inputs": [EATING, BREAD]})
    assert isinstance(one, list)
    assert isinstance(several, list)
    assert len(one) == 384
    assert several[0] == pytest.approx(one, abs=0.02), "the padding beside a longer text changes an int8 model a little"
    assert math.fsum(value * value for value in one) == pytest.approx(1, abs=1e-5), "its modules end in Normalize"
    _, plain = ask(extractor, {"inputs": EATING, "normalize": False})
    assert isinstance(plain, list)
    assert math.fsum(value * value for value in plain) != pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"inputs": "text"}, "inputs must be an object with source_sentence and sentences", id="text"),
        pytest.param({"inputs": {"source_sentence": "a"}}, "inputs must have source_sentence, a text, and sentences", id="half"),
        pytest.param({"inputs": {"source_sentence": "a", "sentences": []}}, "inputs must hold at least one text", id="none"),
        pytest.param(
            {"inputs": {"source_sentence": "a", "sentences": ["b"]}, "parameters": {"wrong": 1}},
            "unknown parameters: wrong",
            id="wrong",
        ),
    ],
)
def test_what_it_cannot_take_is_named(copy: Copy, body: object, said: str) -> None:
    status, told = ask(copy, body)
    assert status == 400
    assert isinstance(told, dict)
    assert told["error"].startswith(said)
