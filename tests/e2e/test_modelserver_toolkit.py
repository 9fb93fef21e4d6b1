"""A model server process over a repository, as Hugging Face's toolkit would serve it."""

import http.client
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import magika
import pytest

from tests.e2e.modelserver_copy import MAIN, Copy, Gate, answer, request, running, started_reply

COMMAND = (str(MAIN), "hub")
HANDLER = {
    "handler.py": """
        import beside

        class EndpointHandler:
            def __init__(self, path=""):
                self.path = path

            def __call__(self, data):
                inputs = data["inputs"]
                if inputs == "raise":
                    raise ValueError("no such thing: " + data["what"])
                if inputs == "leave":
                    raise SystemExit(3)
                if inputs == "stream":
                    return (f"{n}\\n" for n in range(3))
                return [{"said": beside.loud(inputs), "data": data, "path": self.path}]
    """,
    "beside.py": "def loud(text):\n    return str(text).upper()\n",
    "requirements.txt": "nothing-of-this-name==1.0\n",
}


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    with running(HANDLER, command=COMMAND) as running_copy:
        yield running_copy


def ask(copy: Copy, path: str, body: object, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = headers or {"Content_Type": "application/json"}
    with copy.connect() as sock:
        sock.sendall(request(sent, path, **given))
        return answer(sock)


def seen(copy: Copy, path: str) -> tuple[int, bytes]:
    with copy.connect() as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: copy\r\n\r\n".encode())
        reply, body = answer(sock, "GET")
        return reply.status, body


@pytest.mark.parametrize("path", ["/", "/predict", "/invocations"])
def test_the_handler_gets_the_whole_body(copy: Copy, path: str) -> None:
    reply, body = ask(copy, f"{path}?top=2", {"inputs": "hello", "date": "today"})
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    (told,) = json.loads(body)
    assert told["said"] == "HELLO"
    assert told["data"] == {"inputs": "hello", "date": "today", "parameters": {"top": 2}}
    assert Path(told["path"]) == copy.folder / "model"


def test_health_and_metrics(copy: Copy) -> None:
    assert seen(copy, "/") == (200, b"Ok")
    assert seen(copy, "/health") == (200, b"Ok")
    assert seen(copy, "/metrics") == (200, b"inf_batch_current_size 0\ninf_queue_size 0\n")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"inputs": "raise", "what": "x"}, "no such thing: x", id="raised"),
        pytest.param({"inputs": "raise"}, "'what'", id="a key that is not there"),
        pytest.param({"inputs": "leave"}, "3", id="left"),
        pytest.param({"input": "x"}, 'Body needs to provide a inputs key, received: {"input": "x"}', id="no inputs"),
        pytest.param(b"{", "The body is not JSON", id="no json"),
    ],
)
def test_every_error_is_a_400_that_says_what_it_was(copy: Copy, body: object, said: str) -> None:
    reply, told = ask(copy, "/", body)
    assert reply.status == 400
    assert json.loads(told)["error"].startswith(said)
    assert ask(copy, "/", {"inputs": "still there"})[0].status == 200


def test_what_is_not_served_keeps_its_status(copy: Copy) -> None:
    reply, told = ask(copy, "/v1/chat/completions", {"inputs": "x"})
    assert (reply.status, list(json.loads(told))) == (404, ["error"])


def test_a_generator_is_streamed(copy: Copy) -> None:
    reply, told = ask(copy, "/", {"inputs": "stream"})
    assert (reply.status, reply.headers["Transfer-Encoding"], told) == (200, "chunked", b"0\n1\n2\n")


def test_requirements_are_not_installed_and_the_log_says_so(copy: Copy) -> None:
    assert "requirements.txt is not installed" in copy.log
    assert "hub.install_requirements" in copy.log


LOADING = (
    Gate.SOURCE
    + """
stop("loading")
class EndpointHandler:
    def __init__(self, path): ...
    def __call__(self, data): ...
"""
)
WAITING = (
    Gate.SOURCE
    + """
class EndpointHandler:
    def __init__(self, path): ...
    def __call__(self, data):
        stop(data["inputs"])
        return data["inputs"]
"""
)
LEGACY = """
class PreTrainedPipeline:
    def __init__(self, path=""): ...
    def __call__(self, data):
        return data
"""


def test_it_is_not_well_before_the_model_is_loaded() -> None:
    with running({"handler.py": LOADING}, ready=False, command=COMMAND) as copy, Gate(copy) as gate:
        copy.wait_for_ping(503)
        _, visitor = gate.arrival()
        assert seen(copy, "/health")[0] == seen(copy, "/")[0] == 503
        assert ask(copy, "/", {"inputs": 1})[0].status == 503
        gate.let(visitor)
        copy.wait_for_ping()
        assert seen(copy, "/health") == (200, b"Ok")


def test_one_request_runs_and_others_wait() -> None:
    files = {"handler.py": WAITING}
    with running(files, command=COMMAND) as copy, Gate(copy) as gate, copy.connect() as first, copy.connect() as second:
        first.sendall(request(b'{"inputs": "one"}', "/", Content_Type="application/json"))
        line, visitor = gate.arrival()
        second.sendall(request(b'{"inputs": "two"}', "/", Content_Type="application/json"))
        while seen(copy, "/metrics")[1] != b"inf_batch_current_size 1\ninf_queue_size 1\n":
            pass
        assert line == "one"
        gate.let(visitor)
        assert json.loads(started_reply(first).read()) == "one"
        line, visitor = gate.arrival()
        gate.let(visitor)
        assert json.loads(started_reply(second).read()) == line == "two"


def test_the_older_pipeline_script_serves_where_there_is_no_handler() -> None:
    with running({"pipeline.py": LEGACY}, command=COMMAND) as copy:
        assert json.loads(ask(copy, "/", {"inputs": [1, 2]})[1]) == {"inputs": [1, 2]}


@pytest.mark.parametrize(
    ("files", "environment", "said"),
    [
        pytest.param({}, {}, "there is no repository: the model has no files, and HF_MODEL_ID is not set", id="nothing"),
        pytest.param({"handler.py": "x = 1"}, {}, "defines no class EndpointHandler", id="no class"),
        pytest.param({"a.txt": "x"}, {"HF_TASK": "summarization"}, "needs the package transformers", id="no transformers"),
        pytest.param({}, {"HF_MODEL_ID": "org/name", "HF_HUB_OFFLINE": "1"}, "org/name cannot be downloaded", id="no network"),
    ],
)
def test_what_cannot_be_served_ends_with_a_word_why(files: dict[str, str], environment: dict[str, str], said: str) -> None:
    with running(files, environment, ready=False, command=COMMAND) as copy:
        assert copy.exit_code() == 1
        assert said in copy.log


def test_a_real_model_tells_the_type_of_files() -> None:
    folder = Path(magika.__file__).parent / "models" / "standard_v3_3"
    with running({}, {"HF_MODEL_DIR": str(folder)}, command=COMMAND) as copy:
        (found,) = json.loads(ask(copy, "/", {"inputs": Path(__file__).read_text()})[1])
        assert found["label"] == "python"
        assert found["score"] > 0.9
        raw = ask(copy, "/", b"%PDF-1.7\n" + b"1 0 obj\n<< /Type /Catalog >>\nendobj\n" * 20, Accept="*/*")[1]
        assert json.loads(raw)[0]["label"] == "pdf"
        reply, told = ask(copy, "/", {"inputs": {"a": 1}})
        assert reply.status == 400
        assert "inputs must be text or bytes" in json.loads(told)["error"]


def test_requirements_are_installed_once_where_that_is_allowed(tmp_path: Path) -> None:
    wheel = tmp_path / "word-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("word.py", "WORD = 'installed'")
        archive.writestr("word-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: word\nVersion: 1.0\n")
        archive.writestr("word-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("word-1.0.dist-info/RECORD", "")
    handler = (
        "import word\nclass EndpointHandler:\n    def __init__(self, path): ...\n    def __call__(self, data): return word.WORD\n"
    )
    files = {"handler.py": handler, "requirements.txt": f"word @ file://{wheel}\n"}
    tools = Path(__file__).resolve().parents[2] / ".run" / "uv" / "bin"  # with uv, that `./run` has put there
    environment = {"STOKER_REQUIREMENTS_DIR": str(tmp_path / "installed"), "PATH": f"{tools}:{os.environ['PATH']}"}
    for again in (False, True):
        with running(files, environment, command=COMMAND) as copy:
            assert json.loads(ask(copy, "/", {"inputs": 1})[1]) == "installed"
            assert ("installing" in copy.log) is not again
    (place,) = (tmp_path / "installed").iterdir()
    assert (place / "word.py").is_file()


def test_requirements_that_cannot_be_installed_end_the_start(tmp_path: Path) -> None:
    tools = Path(__file__).resolve().parents[2] / ".run" / "uv" / "bin"
    environment = {"STOKER_REQUIREMENTS_DIR": str(tmp_path), "PATH": f"{tools}:{os.environ['PATH']}"}
    files = {"handler.py": "", "requirements.txt": f"word @ file://{tmp_path}/none-1.0-py3-none-any.whl\n"}
    with running(files, environment, ready=False, command=COMMAND) as copy:
        assert copy.exit_code() == 1
        assert "requirements.txt cannot be installed: " in copy.log
    assert list(tmp_path.iterdir()) == []


def test_what_handlers_do_not_need_is_not_imported() -> None:
    heavy = "('numpy', 'email', 'asyncio')"
    script = f"import sys; import stoker.modelserver.hub.toolkit; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
