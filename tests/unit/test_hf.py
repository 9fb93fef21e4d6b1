"""Pointing Hugging Face's library at a server, and back."""

from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

import stoker.hf
from stoker.hf import HubClientError, Server


def test_it_is_pointed_at_a_server_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    before = (constants.INFERENCE_ENDPOINTS_ENDPOINT, constants.INFERENCE_CATALOG_ENDPOINT, constants.ENDPOINT)
    with stoker.hf.use("http://here:8080/", "t") as used:
        assert used.server == Server("http://here:8080", "t")
        assert constants.INFERENCE_ENDPOINTS_ENDPOINT == "http://here:8080/v2"
        assert constants.INFERENCE_CATALOG_ENDPOINT == "http://here:8080/api/v1/catalog"
        assert before[2] == constants.ENDPOINT  # models come from where they came
        assert huggingface_hub.get_token() == "t"
    assert before == (constants.INFERENCE_ENDPOINTS_ENDPOINT, constants.INFERENCE_CATALOG_ENDPOINT, constants.ENDPOINT)
    assert huggingface_hub.get_token() != "t"


def test_a_token_that_there_was_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "mine")
    stoker.hf.use("http://here:8080").undo()
    assert huggingface_hub.get_token() == "mine"
    with stoker.hf.use("http://here:8080") as used:
        assert used.server.token == "mine"


@pytest.mark.parametrize("url", ["here:8080", "ftp://here", "", "http://"])
def test_what_is_no_url_is_told_of(url: str) -> None:
    with pytest.raises(HubClientError, match="is no URL of a server"):
        stoker.hf.use(url)


def test_without_a_server_nothing_is_changed(tmp_path: Path) -> None:
    before = constants.INFERENCE_ENDPOINTS_ENDPOINT
    with pytest.raises(HubClientError, match="No server has run on"):
        stoker.hf.use(data=tmp_path / "none")
    assert before == constants.INFERENCE_ENDPOINTS_ENDPOINT


def test_commands_for_the_hub_itself_are_not_run() -> None:
    with pytest.raises(HubClientError, match="`hf download` is for the Hub itself"):
        stoker.hf.run(["download", "gpt2"], Server("http://here:8080", "t"))
