"""A small model server that speaks as OpenAI's API does: it repeats the last message, word by word.

Run with a port. START_S is how many seconds it takes to start, LOG the file to which it adds a line for each request that its
client left before the end.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MODEL = "repeater-v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
        pass

    def do_GET(self) -> None:
        if self.path in {"/ping", "/health", "/"}:
            self.whole(200, {})
        elif self.path == "/v1/models":
            self.whole(
                200, {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 1, "owned_by": "its server"}]}
            )
        else:
            self.whole(404, {"error": {"message": f"no {self.path}", "type": "invalid_request_error", "code": None}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        if self.path == "/v1/embeddings":
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            data = [{"object": "embedding", "index": n, "embedding": [float(len(text)), 0.5]} for n, text in enumerate(texts)]
            self.whole(
                200, {"object": "list", "data": data, "model": body["model"], "usage": {"prompt_tokens": 1, "total_tokens": 1}}
            )
        elif self.path == "/v1/chat/completions":
            self.chat(body)
        elif self.path in {"/", "/invocations"}:
            self.whole(200, [{"generated_text": body["inputs"]}])
        else:
            self.whole(404, {"error": {"message": f"no {self.path}", "type": "invalid_request_error", "code": None}})

    def chat(self, body: dict[str, Any]) -> None:
        text = body["messages"][-1]["content"]
        if text == "fail":
            self.whole(422, {"error": {"message": "it will not", "type": "invalid_request_error", "code": "no"}})
        elif not body.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            self.whole(200, {"object": "chat.completion", "choices": [choice], **self.common(body)})
        else:
            self.stream(text, body)

    def stream(self, text: str, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for word in text.split():
                if word == "die":
                    os._exit(1)
                choice = {"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}
                self.piece(json.dumps({"object": "chat.completion.chunk", "choices": [choice], **self.common(body)}))
                if word.startswith("wait-"):
                    time.sleep(float(word.removeprefix("wait-")))
            self.piece("[DONE]")
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            with Path(os.environ["LOG"]).open("a", encoding="utf-8") as log:
                log.write(f"left {text.split(maxsplit=1)[0]}\n")
            self.close_connection = True

    def common(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"id": "c", "created": 1, "model": body["model"]}

    def piece(self, data: str) -> None:
        event = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        self.wfile.flush()

    def whole(self, status: int, answer: object) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    time.sleep(float(os.environ.get("START_S", "0")))
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
