"""A multi-model container in small: it speaks the contract, has room for two models, and repeats what a model's file says."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOM = 2
models: dict[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.removeprefix("/models/")
        self.reply(200 if self.path == "/ping" or name in models else 404, {})

    def do_DELETE(self) -> None:
        self.reply(200 if models.pop(self.path.removeprefix("/models/"), None) else 404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/models":
            asked = json.loads(body)
            if len(models) >= ROOM:
                self.reply(507, {"message": "no room"})
                return
            models[asked["model_name"]] = (Path(asked["url"]) / "word").read_text()
            self.reply(200, {})
            return
        name = self.path.removeprefix("/models/").removesuffix("/invoke")
        if name not in models:
            self.reply(404, {})
        elif body == b"fail":
            self.reply(503, {"message": "no such luck"})
        elif body == b"forget":
            del models[name]
            self.reply(200, {})
        else:
            told = self.headers.get("X-Amzn-SageMaker-Target-Model")
            self.reply(200, {"word": models[name], "target": told, "loaded": len(models)})

    def reply(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
