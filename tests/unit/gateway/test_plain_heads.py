"""Heads that are read without a parser, held to what the parser reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.domain.ids import Partition
from stoker.gateway.head import Head
from stoker.gateway.plain_heads import MAX_HEAD, VARYING, Form, PlainHeads
from stoker.gateway.reading import Request, RequestReader
from stoker.wire.aws.invocations import AwsRuntimeFace

LINE = "POST /endpoints/chat/invocations HTTP/1.1"
USUAL = ("Host: h:8080", "Content-Type: a/b", "Content-Length: 2", "X-Amzn-SageMaker-Inference-Component: llama")


class Sink:
    """Keeps what a reader finds."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.failures: list[int] = []

    def head_read(self, request: Request) -> None:
        self.requests.append(request)

    def body_read(self, request: Request, data: bytes) -> None:
        pass

    def request_read(self, request: Request) -> None:
        pass

    def reading_failed(self, status: int, message: str) -> None:  # noqa: ARG002 - the status says enough
        self.failures.append(status)


def parsed(raw: bytes) -> Head | None:
    """Give what the parser makes of a head, None when it refuses."""
    sink = Sink()
    RequestReader(sink, 65_536).feed(raw + b"\r\n\r\n", 0)
    return sink.requests[0].head if sink.requests and not sink.failures else None


def words(head: Head | None) -> object:
    return None if head is None else (head.method, head.target, head.version, head.keep_alive, head.headers, head.first)


def form_of(reader: PlainHeads, head: bytes) -> Form | None:
    """Give the form of a head, which is made when it comes for the second time."""
    plan = reader.read(head)
    if plan is None:
        return None
    return reader.form(head, plan) or reader.form(head, plan)


def heads() -> PlainHeads:
    return PlainHeads([AwsRuntimeFace(Partition())], max_head=65_536)


def raw(*lines: str, line: str = LINE) -> bytes:
    return "\r\n".join((line, *lines)).encode("latin-1")


def test_a_usual_head_is_read_as_the_parser_reads_it() -> None:
    given_ = raw(*USUAL, "Accept:\ta/b".replace("\t", "  "), "X-Empty:")
    plan = heads().read(given_)
    assert plan is not None
    assert words(plan.head) == words(parsed(given_))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((*USUAL, "Transfer-Encoding: chunked"), id="a coding"),
        pytest.param((*USUAL, "Content-Length: 2"), id="two lengths"),
        pytest.param((*USUAL, "Host: x"), id="two hosts"),
        pytest.param((*USUAL, "Expect: 100-continue"), id="expectation"),
        pytest.param((*USUAL, "Connection: close"), id="close"),
        pytest.param((*USUAL, "Connection: keep-alive, upgrade"), id="connection's words"),
        pytest.param((*USUAL, "Upgrade: websocket"), id="upgrade"),
        pytest.param((*USUAL, "X Y: 1"), id="blank in a name"),
        pytest.param((*USUAL, "X : 1"), id="blank before the colon"),
        pytest.param((*USUAL, "X: a\tb"), id="tab"),
        pytest.param((*USUAL, "X: a\x00b"), id="nul"),
        pytest.param((*USUAL, "X: a\nY: b"), id="bare line feed"),
        pytest.param((*USUAL, "X: a\r"), id="bare carriage return"),
        pytest.param((*USUAL, "X: \xe4"), id="not ascii"),
        pytest.param((*USUAL, " folded"), id="folded"),
        pytest.param((*USUAL, ": nameless"), id="no name"),
        pytest.param((*USUAL, "colonless"), id="no colon"),
        pytest.param(USUAL[1:], id="no host"),
        pytest.param((*USUAL[:2], USUAL[3]), id="no length"),
        pytest.param((*USUAL, "X: " + "a" * MAX_HEAD), id="long"),
    ],
)
def test_what_is_not_plain_is_left_to_the_parser(lines: tuple[str, ...]) -> None:
    assert heads().read(raw(*lines)) is None


@pytest.mark.parametrize(
    "line",
    [
        "GET /endpoints/chat/invocations HTTP/1.1",
        "POST /endpoints/chat/invocations HTTP/1.0",
        "POST  /endpoints/chat/invocations HTTP/1.1",
        "POST http://h/endpoints/chat/invocations HTTP/1.1",
        "POST /endpoints/chat/invocations#x HTTP/1.1",
        "POST /other HTTP/1.1",
        "post /endpoints/chat/invocations HTTP/1.1",
    ],
)
def test_only_plain_invocations_are_read(line: str) -> None:
    assert heads().read(raw(*USUAL, line=line)) is None


NAMES = st.sampled_from([*(name.decode() for name in VARYING), "Host", "Accept", "X-Y", "Connection", "TE", "Expect"])
VALUES = st.text("aA1 \t:;=,/\r\n\x00\xff", max_size=6)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=4), st.permutations(USUAL))
@settings(max_examples=300, deadline=None)
def test_a_head_means_here_what_it_means_to_the_parser(more: list[tuple[str, str]], usual: list[str]) -> None:
    given_ = raw(*usual, *(f"{name}: {value}" for name, value in more))
    plan = heads().read(given_)
    if plan is not None:
        assert words(plan.head) == words(parsed(given_))


def head_by(form: Form, head: bytes, rest: bytes = b"") -> Head | None:
    """Give the head that a form finds in bytes, None when it finds none."""
    read = head + b"\r\n\r\n" + rest
    values = form.read(read)
    if values is None or values[form.length_at] != b"2":  # another is for whoever counts the body
        return None
    assert form.end == read.index(b"\r\n\r\n") + 4
    return form.head(values)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=3, unique_by=lambda pair: pair[0].lower()), st.data())
@settings(max_examples=300, deadline=None)
def test_a_form_reads_what_the_parser_reads(more: list[tuple[str, str]], data: st.DataObject) -> None:
    reader = heads()
    first = raw(*USUAL, *(f"{name}: a=b" for name, _ in more))
    form = form_of(reader, first)
    if form is None:
        return
    assert words(head_by(form, first, b"hi")) == words(parsed(first))
    lead = data.draw(st.sampled_from(["", "a=", "=", " "]))
    second = raw(*USUAL, *(f"{name}: {lead}{value}" for name, value in more))
    at = data.draw(st.integers(0, len(second)))
    second = second[:at] + data.draw(st.sampled_from([b"", b"\r\n", b"\n", b"x", b" ", b"\0"])) + second[at:]
    read = head_by(form, second)
    if read is not None:
        assert words(read) == words(parsed(second))


@given(st.lists(st.text("ab =;", max_size=9), min_size=2, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_form_reads_values_of_any_length(values: list[str]) -> None:
    def of(value: str) -> bytes:
        return raw(*USUAL, f"amz-sdk-invocation-id: {value}", "Authorization: X Signature=" + value)

    reader = heads()
    form = form_of(reader, of("a"))
    assert form is not None
    for value in values:
        assert words(head_by(form, of(value))) == words(parsed(of(value)))


def test_a_form_is_shared_by_all_that_have_it() -> None:
    reader = heads()
    one, other = (raw(*USUAL, f"amz-sdk-invocation-id: {key}", "amz-sdk-request: attempt=1; max=3") for key in ("k1", "k2"))
    plan = reader.read(one)
    assert plan is not None
    assert reader.form(one, plan) is None  # it may be the last of its form, too
    form = form_of(reader, other)
    assert form is not None
    assert form_of(reader, one) is form
    assert reader.known(other + b"\r\n\r\n", len(other)) is form
    assert reader.known(other.replace(b"llama", b"alpac") + b"\r\n\r\n", len(other)) is None


def test_a_form_tells_what_varies_and_what_its_values_begin_with() -> None:
    reader = heads()
    one = raw(*USUAL, "X-Amz-Date: 1", "Authorization: AWS4 Credential=A, Signature=0", "amz-sdk-request: ttl=2; attempt=1")
    form = form_of(reader, one)
    assert form is not None
    assert form.names == (b"content-length", b"x-amz-date", b"authorization", b"amz-sdk-request")
    assert form.leads == (b"", b"", b"AWS4 Credential=A, Signature=", b"")
    assert form.read(one + b"\r\n\r\n") == (b"2", b"1", b"0", b"ttl=2; attempt=1")


def test_a_form_reads_no_head_that_is_too_long() -> None:
    reader = PlainHeads([AwsRuntimeFace(Partition())], max_head=400)
    one = raw(*USUAL, "amz-sdk-invocation-id: k1")
    form = form_of(reader, one)
    assert form is not None
    assert form.read(one + b"\r\n\r\n") is not None
    assert form.read(one + b"1" * 400 + b"\r\n\r\n") is None
