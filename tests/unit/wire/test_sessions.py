"""Session tokens: only who has the seal makes them, and they say the truth."""

import base64
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.units import HOUR, SECOND
from stoker.wire.aws.identity import AuthError, AuthProblem, Session
from stoker.wire.aws.sessions import MAX_TOKEN, check_session, open_session, seal_session

SEAL = b"s" * 32
NOW = 1_732_838_400 * SECOND


def made(seal: bytes = SEAL) -> tuple[Session, str]:
    return seal_session(seal, access_key="ASIASTOKERAAAAAAAAAA", parent="AKIA", expires=NOW + HOUR, role="r", name="me")


def problem(seal: bytes, token: str) -> AuthProblem:
    with pytest.raises(AuthError) as caught:
        open_session(seal, token)
    return caught.value.problem


def test_a_token_opens_to_the_session_it_was_made_of() -> None:
    session, token = made()
    assert open_session(SEAL, token) == session
    assert (session.parent, session.role, session.name, session.expires) == ("AKIA", "r", "me", NOW + HOUR)
    assert len(session.secret) == 40
    assert session.secret not in f"{session!r}{token}{base64.b64decode(token)!r}"


def test_another_seal_makes_another_secret_and_opens_nothing() -> None:
    session, token = made()
    assert made(b"t" * 32)[0].secret != session.secret
    assert problem(b"t" * 32, token) is AuthProblem.UNKNOWN_KEY
    assert problem(b"", seal_session(b"", access_key="ASIA", parent="p", expires=1)[1]) is AuthProblem.UNKNOWN_KEY


@pytest.mark.parametrize("token", ["", "x", "====", "\udcff", "é", "A" * 43, "A" * 44, base64.b64encode(b"x" * 200).decode()])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert problem(SEAL, token) is AuthProblem.UNKNOWN_KEY


def test_long_tokens_are_not_read() -> None:
    _, token = seal_session(SEAL, access_key="ASIA", parent="p", expires=1, name="n" * MAX_TOKEN)
    assert problem(SEAL, token) is AuthProblem.UNKNOWN_KEY


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_no_letter_of_a_token_may_be_changed(data: st.DataObject) -> None:
    _, token = made()
    place = data.draw(st.integers(0, len(token.rstrip("=")) - 2))  # the last letter holds bits that nobody reads
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + "+/").filter(lambda one: one != token[place]))
    assert problem(SEAL, token[:place] + letter + token[place + 1 :]) is AuthProblem.UNKNOWN_KEY


def test_sessions_end() -> None:
    session, _ = made()
    check_session(session, session.access_key, NOW + HOUR - 1)
    with pytest.raises(AuthError, match="The security token included in the request is expired") as caught:
        check_session(session, session.access_key, NOW + HOUR)
    assert caught.value.problem is AuthProblem.EXPIRED
    with pytest.raises(AuthError, match=r"is invalid\."):
        check_session(session, "ASIAOTHER", NOW)
