"""Bearer tokens that stand for access keys."""

import pytest

from stoker.domain.keys import AccessKey
from stoker.wire.tokens import MAX_TOKEN, bearer_of, holder_of, token_of

KEYS = {name: AccessKey(access_key_id=name, secret=f"{name}-secret") for name in ("AKIAROOT", "AKIAOTHER", "K" * 128)}


def test_a_token_stands_for_its_key_and_for_no_other() -> None:
    for key in KEYS.values():
        token = token_of(key)
        assert token.isascii()
        assert len(token) <= MAX_TOKEN
        assert key.secret not in token
        assert holder_of(KEYS, token) is key
        assert holder_of({**KEYS, key.access_key_id: AccessKey(access_key_id=key.access_key_id, secret="new")}, token) is None


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="none"),
        pytest.param("hf_abcdef", id="another's"),
        pytest.param("sk-stoker-", id="empty"),
        pytest.param("sk-stoker-AKIAROOT-", id="no proof"),
        pytest.param("sk-stoker-AKIAGONE-x", id="unknown key"),
        pytest.param(token_of(KEYS["AKIAROOT"]) + "A", id="longer"),
        pytest.param(token_of(KEYS["AKIAROOT"]).replace("ROOT", "OTHER"), id="another key's proof"),
        pytest.param("sk-stoker-AKIAROOT-" + "A" * 9000, id="long"),
        pytest.param("sk-stoker-AKIAROOT-é\udcff", id="no ascii"),
    ],
)
def test_what_stands_for_no_key(token: str) -> None:
    assert holder_of(KEYS, token) is None


@pytest.mark.parametrize(
    ("value", "token"),
    [("Bearer a", "a"), ("bearer  a ", "a"), ("Basic a", None), ("", None), ("Bearer", ""), ("AWS4-HMAC-SHA256 x", None)],
)
def test_tokens_in_headers(value: str, token: str | None) -> None:
    assert bearer_of(value) == token
