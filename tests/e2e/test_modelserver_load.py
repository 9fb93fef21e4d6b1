"""The model server under load and in bad company: limits, queues, departures, malformed requests, its end."""

import http.client
import json
import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.e2e.modelserver_copy import Copy, Gate, answer, request, running

GATED = (
    Gate.SOURCE
    + """
import threading
running = 0
lock = threading.Lock()
def predict_fn(data, model):
    global running
    with lock:
        running += 1
    stop(f"{data} {running}")
    with lock:
        running -= 1
    return data
"""
)
ECHO = """
def transform_fn(model, body, content_type, accept):
    return body
"""


def invoke(sock: socket.socket, data: object, **headers: str) -> None:
    sock.sendall(request(json.dumps(data).encode(), Content_Type="application/json", **headers))


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_predictions_run_at_once_than_there_are_workers(workers: int) -> None:
    with (
        running({"inference.py": GATED}, {"SAGEMAKER_MODEL_SERVER_WORKERS": str(workers)}) as copy,
        Gate(copy) as gate,
        ExitStack() as open_,
    ):
        socks = [open_.enter_context(copy.connect()) for _ in range(7)]
        for number, sock in enumerate(socks):
            invoke(sock, number)
        inside = [gate.arrival() for _ in range(workers)]
        assert max(int(line.split()[1]) for line, _ in inside) == workers
        for _ in range(len(socks) - workers):
            gate.let(inside.pop(0)[1])
            inside.append(gate.arrival())
            assert int(inside[-1][0].split()[1]) <= workers
        for _, visitor in inside:
            gate.let(visitor)
        assert [json.loads(answer(sock)[1]) for sock in socks] == list(range(7))


def test_a_full_queue_refuses_and_a_long_wait_ends() -> None:
    limits = {"STOKER_SERVER_QUEUE": "1", "SAGEMAKER_MODEL_SERVER_TIMEOUT": "1"}
    with running({"inference.py": GATED}, limits) as copy, Gate(copy) as gate, ExitStack() as open_:
        first, second, third = (open_.enter_context(copy.connect()) for _ in range(3))
        invoke(first, "first")
        _, visitor = gate.arrival()
        invoke(second, "second")
        invoke(third, "third")
        answers = {}
        for name, sock in (("second", second), ("third", third)):
            reply, body = answer(sock)
            answers[name] = json.loads(body)["type"]
            assert reply.status == 503
        assert sorted(answers.values()) == ["QueueFull", "WaitTimedOut"]
        assert copy.get("/ping").status == 200
        gate.let(visitor)
        assert json.loads(answer(first)[1]) == "first"
        invoke(second, "again")  # its connection was kept
        gate.let(gate.arrival()[1])
        assert json.loads(answer(second)[1]) == "again"


def test_a_request_whose_client_left_the_queue_is_not_computed() -> None:
    with running({"inference.py": GATED}) as copy, Gate(copy) as gate, copy.connect() as first, copy.connect() as last:
        invoke(first, "first")
        _, visitor = gate.arrival()
        leaver = copy.connect()
        invoke(leaver, "leaver")
        leaver.close()
        assert copy.get("/ping").status == 200  # the loop has seen what came before this
        invoke(last, "last")
        assert copy.get("/ping").status == 200
        gate.let(visitor)
        line, visitor = gate.arrival()
        assert line == "last 1"
        gate.let(visitor)
        assert json.loads(answer(last)[1]) == "last"


def test_a_client_that_leaves_a_running_prediction_does_no_harm() -> None:
    with running({"inference.py": GATED}) as copy, Gate(copy) as gate:
        leaver = copy.connect()
        invoke(leaver, "leaver")
        _, visitor = gate.arrival()
        leaver.close()
        gate.let(visitor)
        with copy.connect() as sock:
            invoke(sock, "next")
            gate.let(gate.arrival()[1])
            assert json.loads(answer(sock)[1]) == "next"


def test_sigterm_finishes_what_runs_and_waits_and_accepts_no_more() -> None:
    with running({"inference.py": GATED}) as copy, Gate(copy) as gate, ExitStack() as open_:
        first, second, idle = (open_.enter_context(copy.connect()) for _ in range(3))
        invoke(first, "first")
        _, visitor = gate.arrival()
        invoke(second, "second")
        idle.sendall(b"GET /ping HTTP/1.1\r\n\r\n")
        assert answer(idle)[0].status == 200
        copy.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        with pytest.raises(OSError, match=r"refused|No such file"):
            copy.connect()
        gate.let(visitor)
        gate.let(gate.arrival()[1])
        for sock, name in ((first, "first"), (second, "second")):
            reply, body = answer(sock)
            assert (reply.headers["Connection"], json.loads(body)) == ("close", name)
            sock.close()
        assert copy.exit_code() == 0


def test_sigterm_leaves_no_request_in_doubt() -> None:
    """Who sends while the server stops gets an answer, or learns from the socket that nobody read it; never a mere end."""
    counting = """
    done = 0
    def predict_fn(data, model):
        global done
        done += 1
        return done
    """

    def ask(copy: Copy, answers: list[int]) -> str:
        with copy.connect() as sock:
            ready.release()
            while True:
                try:
                    sock.sendall(request(b"0"))
                    reply, body = answer(sock)
                except http.client.RemoteDisconnected:
                    return "in doubt"
                except (BrokenPipeError, ConnectionResetError):
                    return "unread"
                answers.append(int(body))
                if reply.headers["Connection"] == "close":
                    return "told"

    for _ in range(3):
        ready = threading.Semaphore(0)
        answers: list[int] = []
        with running({"inference.py": counting}) as copy, ThreadPoolExecutor(8) as pool:
            asking = [pool.submit(ask, copy, answers) for _ in range(8)]
            for _ in asking:
                ready.acquire()
            copy.process.send_signal(signal.SIGTERM)
            assert {one.result() for one in asking} <= {"unread", "told"}
            assert copy.exit_code() == 0
        assert sorted(answers) == list(range(1, len(answers) + 1))


def test_sigterm_while_loading_ends_at_once() -> None:
    source = Gate.SOURCE + "stop('loading')\n" + ECHO
    with running({"inference.py": source}, ready=False) as copy, Gate(copy) as gate:
        gate.arrival()
        copy.process.send_signal(signal.SIGTERM)
        assert copy.exit_code() == 0
        assert not copy.socket.exists()


def test_sigterm_to_a_child_the_handler_forked_stops_only_the_child() -> None:
    source = """
    import multiprocessing, os, signal
    def wait(): signal.pause()
    def predict_fn(data, model):
        child = multiprocessing.get_context("fork").Process(target=wait)
        child.start()
        child.terminate()
        child.join()
        return child.exitcode
    """
    with running({"inference.py": source}) as copy:
        assert copy.post(b"0")[1] == b"-15"
        assert copy.get("/ping").status == 200
        assert copy.process.poll() is None


@pytest.fixture(name="echo", scope="module")
def _echo() -> object:
    with running({"inference.py": ECHO}, {"STOKER_MAX_BODY": "3000000"}) as copy:
        yield copy
        assert copy.process.poll() is None


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"nonsense\r\n\r\n", 400, id="nonsense"),
        pytest.param(b"GET /ping HTTP/2.0\r\n\r\n", 505, id="version"),
        pytest.param(b"GET /ping HTTP/1.1\r\nA: 1\r\n folded\r\n\r\n", 400, id="folded"),
        pytest.param(b"POST /invocations HTTP/1.1\r\nContent-Length: 3000001\r\n\r\n", 413, id="long body"),
        pytest.param(b"POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2dc6c1\r\n", 413, id="long chunk"),
        pytest.param(b"GET /ping HTTP/1.1\r\nA: " + b"x" * 66000 + b"\r\n\r\n", 431, id="long head"),
        pytest.param(b"POST /invocations HTTP/1.1\r\nExpect: magic\r\n\r\n", 417, id="expectation"),
    ],
)
def test_a_malformed_request_is_refused_and_its_connection_closed(echo: Copy, sent: bytes, status: int) -> None:
    with echo.connect() as sock:
        sock.sendall(sent)
        reply, body = answer(sock)
        assert (reply.status, reply.headers["Connection"], json.loads(body)["code"]) == (status, "close", status)
        assert sock.recv(1) == b""


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/invocations", 405), ("POST", "/ping", 405), ("GET", "/", 404), ("HEAD", "/ping", 200), ("HEAD", "/other", 404)],
)
def test_other_paths_and_methods_are_named_and_the_connection_kept(echo: Copy, method: str, path: str, status: int) -> None:
    with echo.connect() as sock:
        for _ in range(2):
            sock.sendall(f"{method} {path} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode())
            assert answer(sock, method)[0].status == status


def test_expect_100_continue(echo: Copy) -> None:
    with echo.connect() as sock:
        sock.sendall(b"POST /invocations HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b'"abc"')
        assert answer(sock)[1] == b'"abc"'


def test_chunked_and_pipelined_requests_are_answered_in_order(echo: Copy) -> None:
    with echo.connect() as sock:
        chunked = b"POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nT: 1\r\n\r\n"
        sock.sendall(chunked + request(b"two") + b"GET /ping HTTP/1.1\r\n\r\n" + request(b"last", Connection="close"))
        received = b""
        while data := sock.recv(65536):
            received += data
        assert [part.partition(b"HTTP")[0] for part in received.split(b"\r\n\r\n")[1:]] == [b"abc", b"two", b"", b"last"]


def test_a_large_body_comes_and_goes_whole_to_a_slow_reader(echo: Copy) -> None:
    body = os.urandom(2_900_000)
    with echo.connect() as sock:
        sock.sendall(request(body, Content_Type="application/octet-stream"))
        assert echo.get("/ping").status == 200  # while the reply waits in our buffers
        for _ in range(2):
            assert answer(sock)[1] == body
            sock.sendall(request(body, Content_Type="application/octet-stream"))
        assert answer(sock)[1] == body


def test_many_connections_are_kept(echo: Copy) -> None:
    with ExitStack() as open_:
        socks = [open_.enter_context(echo.connect()) for _ in range(300)]
        for turn in range(2):
            for number, sock in enumerate(socks):
                sock.sendall(request(b"%d %d" % (turn, number)))
            for number, sock in enumerate(socks):
                assert answer(sock)[1] == b"%d %d" % (turn, number)


def test_beyond_the_limit_the_longest_idle_connection_makes_room(echo: Copy) -> None:
    with ExitStack() as open_:
        first = open_.enter_context(echo.connect())
        first.sendall(request(b"first"))
        assert answer(first)[1] == b"first"
        others = [open_.enter_context(echo.connect()) for _ in range(1024)]
        others[-1].sendall(request(b"last"))
        assert answer(others[-1])[1] == b"last"
        assert first.recv(1) == b""


def test_a_slow_reader_gets_a_whole_stream_and_one_that_leaves_frees_the_worker() -> None:
    source = """
    def predict_fn(data, model):
        for number in range(40):
            yield bytes([number]) * 100_000
    """
    with running({"inference.py": source}) as copy, copy.connect() as slow, copy.connect() as later:
        invoke(slow, 0)
        with copy.connect() as leaver:
            invoke(leaver, 0)
            assert answer(slow)[1] == b"".join(bytes([number]) * 100_000 for number in range(40))
            assert leaver.recv(10) == b"HTTP/1.1 2"
        invoke(later, 0, Connection="close")
        assert len(answer(later)[1]) == 4_000_000


def test_an_old_client_gets_a_stream_to_the_end_of_its_connection() -> None:
    with (
        running({"inference.py": "def predict_fn(data, model):\n    yield 'a'\n    yield 'b'\n"}) as copy,
        copy.connect() as sock,
    ):
        sock.sendall(b"POST /invocations HTTP/1.0\r\nContent-Length: 1\r\n\r\n0")
        reply, body = answer(sock)
        assert (reply.headers["Transfer-Encoding"], body) == (None, b"ab")


def test_a_thread_that_will_not_end_cannot_keep_a_failed_copy_alive() -> None:
    source = """
    import threading
    threading.Thread(target=threading.Event().wait).start()
    raise RuntimeError("half started")
    """
    with running({"inference.py": source}, ready=False) as copy:
        assert copy.exit_code() == 1
        assert "RuntimeError: half started" in copy.log
