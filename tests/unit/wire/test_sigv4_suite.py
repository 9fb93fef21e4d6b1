"""AWS's own test suite for signatures, from the side of who checks them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from stoker.units import SECOND, Instant
from stoker.wire.aws.identity import MISMATCH, AuthError, AuthProblem, Session
from stoker.wire.aws.sigv4 import Verifier

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
NOW = 1_440_938_160 * SECOND
SUITE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "sigv4" / "suite.json").read_text("utf-8"))


class AnySession:
    """Takes every token for one of the suite's key, whose secret it knows."""

    def open(self, access_key: str, token: str, now: Instant) -> Session:
        assert token
        return Session(access_key=access_key, secret=SECRET, parent=KEY, expires=now + 1)


VERIFIER = Verifier({KEY: SECRET}, sessions=AnySession())


def arguments(name: str) -> dict[str, Any]:
    case = SUITE[name]
    path, _, query = case["target"].encode().decode("latin-1").partition("?")
    body = case["body"].encode()
    return {
        "method": case["method"],
        "path": path,
        "query": query,
        "headers": [(key, value) for key, value in case["headers"]],
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "service": "service",
        "now": NOW,
    }


def test_the_suite_is_whole() -> None:
    assert len(SUITE) == 34


@pytest.mark.parametrize("name", SUITE)
def test_the_suites_signatures_are_right(name: str) -> None:
    found = VERIFIER.verify(**arguments(name))
    assert (found.access_key, found.region, found.service) == (KEY, "us-east-1", "service")
    assert (found.session is not None) == any(key.lower() == "x-amz-security-token" for key, _ in SUITE[name]["headers"])


@pytest.mark.parametrize("name", SUITE)
def test_they_are_right_for_nothing_else(name: str) -> None:
    given = arguments(name)
    changes: list[dict[str, Any]] = [
        {"method": "PUT"},
        {"path": given["path"] + "x"},
        {"query": given["query"] + "&x=y"},
        {"body_sha256": hashlib.sha256(b"another").hexdigest()},
        {"headers": [(key, value + "x" if key == "Host" else value) for key, value in given["headers"]]},
    ]
    for change in changes:
        with pytest.raises(AuthError) as caught:
            VERIFIER.verify(**{**given, **change})
        assert (caught.value.problem, caught.value.message) == (AuthProblem.SIGNATURE, MISMATCH), change


@pytest.mark.parametrize("name", SUITE)
def test_the_short_way_finds_the_same_sender_or_nobody(name: str) -> None:
    given = arguments(name)
    right = VERIFIER.verify(**given)
    headers = {key.lower().encode(): value.strip().encode() for key, value in given["headers"]}
    if given.pop("query") or len(headers) != len(given["headers"]):
        return  # not for the short way
    found = VERIFIER.accepts(**{**given, "headers": headers})
    assert found in {None, right}
    tampered = {**headers, b"host": b"elsewhere"}
    assert VERIFIER.accepts(**{**given, "headers": tampered}) is None
