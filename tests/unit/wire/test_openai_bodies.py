"""What is read of a request's body, and how little is changed of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoker.gateway.reasons import Reason, Refusal
from stoker.wire.openai.bodies import MAX_MODEL, MAX_PARTS, Asked, read, renamed

JSON = b"application/json; charset=utf-8"
FORM = b'multipart/form-data; boundary="x-y"'


def asked(kind: bytes, body: bytes) -> Asked:
    found = read(kind, body)
    assert isinstance(found, Asked)
    return found


def form(*parts: tuple[str, bytes], boundary: bytes = b"x-y") -> bytes:
    lines = [
        b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (boundary, head.encode(), body) for head, body in parts
    ]
    return b"".join([*lines, b"--%s--\r\n" % boundary])


@pytest.mark.parametrize(
    ("body", "model", "stream"),
    [
        (b'{"model": "a", "stream": true}', "a", True),
        (b'{"stream": false, "model": "a"}', "a", False),
        (b'{"model": "a", "stream": null}', "a", False),
        (b'{"messages": [{"model": "inner"}]}', None, False),
        (b'{"model": null}', None, False),
        (b'{"model": "a", "model": "b"}', "b", False),
        ('{"model": "ä/b"}'.encode(), "ä/b", False),
    ],
)
def test_model_and_stream_are_all_that_is_read(body: bytes, model: str | None, stream: bool) -> None:
    found = asked(JSON, body)
    assert (found.model, found.stream) == (model, stream)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[1]",
        b'"a"',
        b'{"model": 1}',
        b'{"model": ["a"]}',
        b'{"model": "a"',
        b'{"model": "\xff"}',
        b'{"stream": "yes"}',
    ],
)
def test_what_is_no_such_body(body: bytes) -> None:
    found = read(JSON, body)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.INVALID
    assert found.message.startswith("The body is ")


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)),
        max_size=6,
    ),
    st.text(min_size=1, max_size=40),
    st.booleans(),
)
def test_another_name_changes_nothing_else(members: dict[str, object], name: str, dense: bool) -> None:
    members = {**members, "model": "before", "stream": False}
    body = json.dumps(members, indent=None if dense else 1).encode()
    after = renamed(asked(JSON, body), body, name)
    assert json.loads(after) == {**members, "model": name}
    assert list(json.loads(after)) == list(members), "in the order that they came"


def test_numbers_and_escapes_are_left_as_they_were_written() -> None:
    body = rb'{"seed": 12345678901234567890, "t": 1.50e-0, "model": "a", "s": "\u00e9\/"}'
    assert renamed(asked(JSON, body), body, "b") == rb'{"seed":12345678901234567890,"t":1.50e-0,"model":"b","s":"\u00e9\/"}'


@pytest.mark.parametrize("kind", [FORM, b"Multipart/Form-Data; charset=x; boundary=x-y"])
@pytest.mark.parametrize("field", ['name="model"', "name=model", 'name="model"; x=y'])
def test_a_forms_field_names_the_model(kind: bytes, field: str) -> None:
    file = b'\r\nContent-Disposition: form-data; name="model"\r\n\r\nfalse\r\n--x-'
    body = form(('name="file"; filename="model"', file), (field, b"whisper"), ('name="language"', b"en"))
    found = asked(kind, body)
    assert (found.model, found.stream) == ("whisper", False)
    assert renamed(found, body, "whisper-v3") == body.replace(b"whisper", b"whisper-v3")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x-y",
        b"--x-y--\r\n",
        b'--x-y\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper',
        b'--x-y\r\nContent-Disposition: form-data; name="model"',
        form(('name="models"', b"a"), ('filename="model"', b"b")),
        form(*[(f'name="f{n}"', b"x") for n in range(MAX_PARTS)], ('name="model"', b"late")),
        form(('name="model"', b"a"), boundary=b"other"),
    ],
)
def test_forms_without_a_model(body: bytes) -> None:
    assert asked(FORM, body) == Asked()


@pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"b":', b"}")])
def test_nesting_has_a_bound(opens: bytes, closes: bytes) -> None:
    found = read(JSON, b'{"a":%s1%s,"model":"x"}' % (opens * 100_000, closes * 100_000))
    assert isinstance(found, Refusal)
    assert found.message == "The body is nested too deep."
    body = b'{"a":%s1%s,"model":"x"}' % (opens * 100, closes * 100)
    assert renamed(asked(JSON, body), body, "y") == body.replace(b"x", b"y")


def test_names_have_a_bound() -> None:
    assert isinstance(read(JSON, json.dumps({"model": "x" * (MAX_MODEL + 1)}).encode()), Refusal)
    assert isinstance(read(FORM, form(('name="model"', b"x" * (MAX_MODEL + 1)))), Refusal)


@given(st.binary(max_size=200), st.sampled_from([JSON, FORM, b"", b"multipart/form-data; boundary="]))
def test_any_bytes_are_read_or_refused(body: bytes, kind: bytes) -> None:
    found = read(kind, b"--x-y" + body if kind is FORM else body)
    assert isinstance(found, Asked | Refusal)
