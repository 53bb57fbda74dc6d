"""A model endpoint on loopback, in threads of its own, that answers as a test tells it, rudely or not."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from .playing import drawn

Body = dict[str, Any]
Answer = Callable[[Body, "Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request; the methods are what an answer can do with it."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.close_connection = True
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        with contextlib.suppress(ConnectionError):
            self.server.answer(body, self)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def send(self, status: int, content: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def say(self, text: str, prompt: int = 0, completion: int = 0, **message: Any) -> None:
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text, **message}}
        usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        data = {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}
        self.send(200, json.dumps(data).encode())

    def refuse(self, status: int, message: str = "no") -> None:
        """An error, to be tried again in 10 ms."""
        self.send(status, json.dumps({"error": {"message": message}}).encode(), retry_after_ms="10")

    def later(self) -> None:
        """429 with the header of the standard, which has no fractions of a second."""
        self.send(429, b'{"error": {"message": "slow down"}}', Retry_After="0")

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"choices": [{"mess')

    def html(self) -> None:
        self.send(200, b"<html>Please log in to the hotel's network</html>", "text/html")

    def hang(self) -> None:
        """Say nothing until the test is over."""
        self.server.over.wait(20)


class Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    answer: Answer

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.bodies: list[Body] = []
        self.headers: list[dict[str, str]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the test."""


class Endpoint:
    """`with Endpoint(answer) as e: ... e.url`; `bodies` and `headers` are what it was sent."""

    def __init__(self, answer: Answer | None = None, port: int = 0) -> None:
        self.server = Server(port)
        self.server.answer = answer or sensible
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    @property
    def bodies(self) -> list[Body]:
        return self.server.bodies

    @property
    def headers(self) -> list[dict[str, str]]:
        return self.server.headers

    def __enter__(self) -> Endpoint:
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.over.set()
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


def schema_of(body: Body) -> dict[str, Any]:
    found: dict[str, Any] = body["response_format"]["json_schema"]["schema"]
    return found


def sensible(body: Body, http: Handler) -> None:
    """A turn that the schema allows, with a count of tokens."""
    http.say(json.dumps(drawn(schema_of(body), body["seed"])), prompt=100, completion=20)
