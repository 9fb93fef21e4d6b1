"""A stand-in for the Hub's API, as far as huggingface_hub asks it when it downloads a repository."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

COMMIT = "a" * 40


class Hub:
    """Serves one repository's files at one commit, which is also the tag `v1`; notes what it was asked.

    While `stalls` names a file, half of it is sent and then nothing, until the client goes; of the file that `breaks` names half
    is sent once, and the connection cut.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[tuple[str, str, str, str]] = []  # method, path, range, authorization
        self.stalls = self.breaks = ""
        self.stalled = threading.Event()
        self._over = threading.Event()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.answer(self)

            def do_HEAD(self) -> None:
                hub.answer(self)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, call: BaseHTTPRequestHandler) -> None:
        path = call.path.partition("?")[0]
        headers = call.headers
        self.asked.append((call.command, path, headers.get("Range", ""), headers.get("Authorization", "")))
        if path in {"/api/models/org/name", "/api/models/org/name/revision/v1", f"/api/models/org/name/revision/{COMMIT}"}:
            siblings = [{"rfilename": name, "size": len(content)} for name, content in self.files.items()]
            self._send(call, json.dumps({"id": "org/name", "sha": COMMIT, "siblings": siblings}).encode())
        elif path.startswith("/api/models/org/name/tree/"):
            listed = [
                {
                    "type": "file",
                    "path": name,
                    "size": len(content),
                    "oid": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
                }
                for name, content in self.files.items()
            ]
            self._send(call, json.dumps(listed).encode())
        elif path.startswith("/api/models/org/name/"):
            self._send(call, b"{}", {"X-Error-Code": "RevisionNotFound"}, 404)
        elif path.startswith(f"/org/name/resolve/{COMMIT}/"):
            self._send_file(call, path.removeprefix(f"/org/name/resolve/{COMMIT}/"))
        else:
            self._send(call, b"{}", {"X-Error-Code": "RepoNotFound"}, 404)

    def _send_file(self, call: BaseHTTPRequestHandler, name: str) -> None:
        content = self.files[name]
        begin = int(call.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        told = {"ETag": f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"', "X-Repo-Commit": COMMIT}
        if begin:
            told["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        if call.command == "GET" and name in {self.stalls, self.breaks}:
            told["Content-Length"] = str(len(content))
            self._send(call, content[: len(content) // 2], told)
            call.wfile.flush()
            self.breaks = ""
            if self.stalls:
                self.stalled.set()
                self._over.wait(20)
            call.close_connection = True
        else:
            self._send(call, content[begin:], told, 206 if begin else 200)

    @staticmethod
    def _send(call: BaseHTTPRequestHandler, body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        call.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}.items():
            call.send_header(name, value)
        call.end_headers()
        if call.command != "HEAD":
            call.wfile.write(body)
