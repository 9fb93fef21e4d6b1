"""The model server as a process: what handlers get, what callers get."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.e2e.modelserver_copy import MAIN, Copy, Gate, answer, request, running, started_reply

ECHO = """
def input_fn(body, content_type):
    return body
def predict_fn(data, model):
    return data
def output_fn(prediction, accept):
    return prediction
"""


def test_script_functions_are_called_in_order_with_their_arguments() -> None:
    source = """
    import os
    def model_fn(model_dir):
        return os.path.basename(model_dir)
    def input_fn(body, content_type):
        return [body, content_type]
    def predict_fn(data, model):
        return [*data, model]
    def output_fn(prediction, accept):
        return repr([*prediction, accept])
    """
    with running({"code/inference.py": source}) as copy:
        _, body = copy.post(b'{"a": 1}', Content_Type="application/json", Accept="text/x-list")
        assert body.decode() == "['{\"a\": 1}', 'application/json', 'model', 'text/x-list']"
        reply, body = copy.post(b"\xff\x00", Content_Type="image/png")
        assert body.decode() == "[b'\\xff\\x00', 'image/png', 'model', 'application/json']"
        assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")


def test_the_defaults_speak_json_csv_and_bytes() -> None:
    with running({"inference.py": "def predict_fn(data, model):\n    return data\n"}) as copy:
        reply, body = copy.post(b'{"a": [1, "\xc3\xa9"]}', Content_Type="application/json")
        assert (reply.headers["Content-Type"], json.loads(body)) == ("application/json", {"a": [1, "é"]})
        reply, body = copy.post(b"1,2\n3,x\n", Content_Type="text/csv", Accept="text/csv")
        assert (reply.headers["Content-Type"], body) == ("text/csv", b"1.0,2.0\n3.0,x\n")
        reply, body = copy.post(b"\x00\x01", Content_Type="application/octet-stream")
        assert (reply.headers["Content-Type"], body) == ("application/octet-stream", b"\x00\x01")


@pytest.mark.parametrize(
    ("body", "headers", "status", "kind"),
    [
        pytest.param(b"{", {"Content_Type": "application/json"}, 400, "JSONDecodeError", id="not json"),
        pytest.param(b"\xff", {"Content_Type": "application/json"}, 400, "UnicodeDecodeError", id="not utf-8"),
        pytest.param(b"x", {"Content_Type": "image/png"}, 415, "UnsupportedMediaType", id="content type"),
        pytest.param(b"1", {"Content_Type": "application/json", "Accept": "image/png"}, 406, "NotAcceptable", id="accept"),
        pytest.param(b'"boom"', {"Content_Type": "application/json"}, 500, "RuntimeError", id="handler raises"),
        pytest.param(b'"exit"', {"Content_Type": "application/json"}, 500, "SystemExit", id="handler exits"),
        pytest.param(b'"object"', {"Content_Type": "application/json"}, 500, "TypeError", id="no json"),
    ],
)
def test_a_failed_request_gets_a_named_error(
    echo_copy: Copy, body: bytes, headers: dict[str, str], status: int, kind: str
) -> None:
    reply, text = echo_copy.post(body, **headers)
    error = json.loads(text)
    assert (reply.status, error["code"], error["type"]) == (status, status, kind)
    assert "Traceback" not in error["message"]
    assert error["message"]
    if status == 500:  # what is not told to the client stands in the log
        assert "Traceback" in echo_copy.log
        assert kind in echo_copy.log


@pytest.fixture(name="echo_copy", scope="module")
def _echo_copy() -> object:
    source = """
    def predict_fn(data, model):
        if data == "boom":
            raise RuntimeError("it broke")
        if data == "exit":
            raise SystemExit(3)
        return object() if data == "object" else data
    """
    with running({"inference.py": source}) as copy:
        yield copy


def test_transform_fn_and_context() -> None:
    source = """
    def model_fn(model_dir, context):
        return context.system_properties["model_dir"] == model_dir
    def transform_fn(model, body, content_type, accept, context):
        context.set_response_header("X-Amzn-SageMaker-Custom-Attributes", "seen=" + context.get_request_header(
            "X-Amzn-SageMaker-Custom-Attributes"))
        context.set_response_status(202)
        return str(model) + body.decode(), "text/plain"
    """
    with running({"inference.py": source}) as copy:
        reply, body = copy.post(b"!", Content_Type="text/plain", X_Amzn_SageMaker_Custom_Attributes="a")
        assert (reply.status, body, reply.headers["Content-Type"]) == (202, b"True!", "text/plain")
        assert reply.headers["X-Amzn-SageMaker-Custom-Attributes"] == "seen=a"


def test_hugging_face_handler() -> None:
    source = """
    class EndpointHandler:
        def __init__(self, path=""):
            self.path = path
        def __call__(self, data: dict):
            return [{"inputs": repr(data["inputs"]), "path": bool(self.path)}]
    """
    with running({"handler.py": source}) as copy:
        _, body = copy.post(b'{"inputs": "hi"}', Content_Type="application/json")
        assert json.loads(body) == [{"inputs": "'hi'", "path": True}]
        _, body = copy.post(b"\x01", Content_Type="image/png")
        assert json.loads(body) == [{"inputs": "b'\\x01'", "path": True}]
        reply, _ = copy.post(b"[]", Content_Type="application/json")
        assert reply.status == 400


def test_sagemaker_program_names_the_script() -> None:
    files = {"code/mine.py": ECHO, "code/inference.py": "raise RuntimeError('not me')"}
    with running(files, {"SAGEMAKER_PROGRAM": "mine.py"}) as copy:
        assert copy.post(b"x", Content_Type="a/b")[1] == b"x"


@pytest.mark.parametrize("command", [("-m", "stoker.modelserver"), (str(MAIN.parent),), (str(MAIN),)], ids=["-m", "dir", "file"])
def test_it_runs_by_name_and_by_path_without_its_directory_in_the_way(command: tuple[str, ...]) -> None:
    # `server` and `formats` are modules of the model server's own directory.
    source = "import server, sys\ndef predict_fn(data, model):\n    return [server.NAME, sys.path]\n"
    with running({"code/inference.py": source, "code/server.py": "NAME = 'mine'\n"}, command=command) as copy:
        name, path = json.loads(copy.post(b"0")[1])
        assert name == "mine"
        assert str(MAIN.parent) not in path


def test_tcp_with_a_free_port_and_http_1_0() -> None:
    with running({"inference.py": ECHO}, {"STOKER_SOCKET": "", "SAGEMAKER_BIND_TO_PORT": "0"}, ready=False) as copy:
        while "listening on" not in copy.log:
            assert copy.process.poll() is None
        port = int(copy.log.split("listening on 127.0.0.1:")[1].split()[0])
        reply = None
        while reply is None or reply.status != 200:
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.sendall(b"GET /ping HTTP/1.0\r\n\r\n")
                reply, _ = answer(sock)
                assert sock.recv(1) == b""


def test_ping_is_503_while_the_model_loads_and_requests_are_refused() -> None:
    source = Gate.SOURCE + "stop('loading')\n" + ECHO
    with running({"inference.py": source}, ready=False) as copy, Gate(copy) as gate:
        _, visitor = gate.arrival()
        assert copy.get("/ping").status == 503
        reply, body = copy.post(b"x")
        assert (reply.status, json.loads(body)["type"]) == (503, "ModelNotReady")
        gate.let(visitor)
        copy.wait_for_ping()
        assert copy.post(b"x", Content_Type="a/b")[1] == b"x"


STREAM = (
    Gate.SOURCE
    + """
def predict_fn(data, model):
    try:
        yield "one"
        stop("between")
        yield b"two"
        if data == "fail":
            raise RuntimeError("midway")
        yield {"three": 3}
    finally:
        if data == "tell":
            stop("closed")
"""
)


def test_a_stream_arrives_chunk_by_chunk() -> None:
    with running({"inference.py": STREAM}) as copy, Gate(copy) as gate, copy.connect() as sock:
        sock.sendall(request(b'""', Content_Type="application/json"))
        reply = started_reply(sock)
        assert (reply.headers["Transfer-Encoding"], reply.headers["Content-Type"]) == ("chunked", "text/plain; charset=utf-8")
        assert reply.read(3) == b"one"
        _, visitor = gate.arrival()  # only now may the second chunk be made
        gate.let(visitor)
        assert reply.read() == b'two{"three": 3}\n'
        sock.sendall(b"GET /ping HTTP/1.1\r\n\r\n")
        assert answer(sock)[0].status == 200


def test_a_stream_that_fails_midway_is_cut_without_its_end() -> None:
    with running({"inference.py": STREAM}) as copy, Gate(copy) as gate, copy.connect() as sock:
        sock.sendall(request(b'"fail"', Content_Type="application/json"))
        received = b""
        gate.let(gate.arrival()[1])
        while data := sock.recv(65536):
            received += data
        assert received.endswith(b"3\r\none\r\n3\r\ntwo\r\n")
        assert "RuntimeError: midway" in copy.log
        assert copy.get("/ping").status == 200


def test_a_generator_is_closed_when_its_client_leaves() -> None:
    with running({"inference.py": STREAM}) as copy, Gate(copy) as gate:
        sock = copy.connect()
        sock.sendall(request(b'"tell"', Content_Type="application/json"))
        line, between = gate.arrival()
        assert line == "between"
        sock.close()
        gate.let(between)
        line, closed = gate.arrival()
        assert line == "closed"
        gate.let(closed)


def test_a_generator_that_fails_at_once_has_a_status() -> None:
    source = "def predict_fn(data, model):\n    raise RuntimeError('at once')\n    yield 1\n"
    with running({"inference.py": source}) as copy:
        reply, body = copy.post(b"0")
        assert (reply.status, json.loads(body)["message"]) == (500, "at once")


def test_a_failed_load_ends_the_process_and_quotes_itself_last() -> None:
    source = "def model_fn(model_dir):\n    raise OSError('no weights here')\ndef predict_fn(d, m):\n    return d\n"
    with running({"inference.py": source}, ready=False) as copy:
        assert copy.exit_code() == 1
        assert copy.log.splitlines()[-1] == "OSError: no weights here"
        assert not copy.socket.exists()


@pytest.mark.parametrize(
    ("files", "environment", "said"),
    [
        pytest.param({}, {}, "no handler script; looked for", id="no script"),
        pytest.param({"inference.py": "x = 1"}, {}, "defines neither class EndpointHandler nor any of", id="empty script"),
        pytest.param({"inference.py": "def input_fn(a, b): pass"}, {}, "nothing could predict", id="nothing predicts"),
        pytest.param({"inference.py": "def predict_fn(a): pass"}, {}, "predict_fn must take 2 arguments", id="arity"),
        pytest.param({"inference.py": "async def predict_fn(a, b): pass"}, {}, "predict_fn is asynchronous", id="async"),
        pytest.param({"json.py": ECHO}, {"SAGEMAKER_PROGRAM": "none.py"}, "SAGEMAKER_PROGRAM: no file 'none.py'", id="program"),
        pytest.param({"inference.py": "raise SystemExit(0)"}, {}, "could not be loaded", id="exit"),
        pytest.param({"inference.py": ECHO}, {"SAGEMAKER_MODEL_SERVER_WORKERS": "0"}, "WORKERS: must be a whole", id="workers"),
        pytest.param({"inference.py": ECHO}, {"STOKER_SOCKET": "/nowhere/s"}, "cannot listen on /nowhere/s", id="socket"),
    ],
)
def test_what_cannot_be_served_is_said(files: dict[str, str], environment: dict[str, str], said: str) -> None:
    with running(files, environment, ready=False) as copy:
        assert copy.exit_code() == 1
        assert said in copy.log


def test_a_socket_in_use_is_not_taken_and_a_stale_one_is() -> None:
    with running({"inference.py": ECHO}) as copy:
        environment = {"STOKER_SOCKET": str(copy.socket), "SM_MODEL_DIR": str(copy.folder / "model")}
        second = subprocess.run([sys.executable, str(MAIN)], env=environment, capture_output=True, check=False, timeout=20)
        assert (second.returncode, b"Address already in use" in second.stderr) == (1, True)
        copy.process.kill()
        copy.process.wait()
        third = subprocess.Popen([sys.executable, str(MAIN)], env=environment, stderr=subprocess.DEVNULL)
        try:
            heir = Copy(copy.folder, third)
            heir.wait_for_ping()
            third.send_signal(signal.SIGTERM)
            assert heir.exit_code() == 0
            assert not os.path.lexists(copy.socket)
        finally:
            third.kill()
            third.wait()
