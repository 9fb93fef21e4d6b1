"""Heads that are read without a parser, held to what the parser reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.domain.ids import Partition
from stoker.gateway.head import Head
from stoker.gateway.plain_heads import MAX_HEAD, VARYING, PlainHeads
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


@given(st.lists(st.tuples(NAMES, VALUES), max_size=3, unique_by=lambda pair: pair[0].lower()), st.data())
@settings(max_examples=300, deadline=None)
def test_a_form_reads_what_the_parser_reads(more: list[tuple[str, str]], data: st.DataObject) -> None:
    reader = heads()
    first = raw(*USUAL, *(f"{name}: a" for name, _ in more))
    plan = reader.read(first)
    if plan is None:
        return
    form = reader.form(first, plan)
    assert form is not None
    kept = form.read(first)
    assert kept is not None
    assert words(kept) == words(parsed(first))
    second = raw(*USUAL, *(f"{name}: {value}" for name, value in more))
    at = data.draw(st.integers(0, len(second)))
    second = second[:at] + data.draw(st.sampled_from([b"", b"\r\n", b"\n", b"x", b" ", b"\0"])) + second[at:]
    read = form.read(second)
    if read is not None and read.first[b"content-length"] == b"2":  # another is for whoever counts the body
        assert words(read) == words(parsed(second))


def test_a_form_is_shared_by_all_that_have_it() -> None:
    reader = heads()
    one, other = (raw(*USUAL, f"amz-sdk-invocation-id: {key}") for key in ("k1", "k2"))
    plans = reader.read(one), reader.read(other)
    assert plans[0] is not None
    assert plans[1] is not None
    assert reader.form(one, plans[0]) is reader.form(other, plans[1])
