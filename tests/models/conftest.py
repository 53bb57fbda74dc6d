"""A local endpoint that answers as it is told, rudely or not, and the requests that tests send to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from roleplay.models import Request

Answer = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string", "minLength": 10, "maxLength": 80},
        "speech": {"type": "string", "pattern": "^China proposes that [A-Za-z ,.'-]{30,160}$"},
    },
    "required": ["reasoning", "speech"],
    "additionalProperties": False,
}


class Endpoint:
    """What a server on loopback was sent, and how it answers: in turn, the last answer again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.url = ""
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            self.headers.append(headers)
            self.bodies.append(json.loads(await reader.readexactly(int(headers.get("content-length", 0)))))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class Rude:
    """Builds answers, and endpoints that give them."""

    @staticmethod
    def http(status: int, body: bytes | dict[str, Any], kind: str = "application/json", **headers: str) -> bytes:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = {"Content-Type": kind, "Content-Length": str(len(content)), "Connection": "close"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + content

    @classmethod
    def said(
        cls, text: str | None, *, finish: str = "stop", usage: dict[str, Any] | None = None, **message: Any
    ) -> bytes:
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
        return cls.http(200, {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage})

    @classmethod
    def error(cls, status: int, message: str = "", **fields: Any) -> bytes:
        return cls.http(status, {"error": {"message": message, **fields}}, retry_after_ms="5")

    @staticmethod
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    @staticmethod
    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    @staticmethod
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)  # What it is for: slow, and never silent as long as a read may take.

    @staticmethod
    async def half(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"choices": [{"me'
        )
        await writer.drain()

    @asynccontextmanager
    async def endpoint(self, *answers: Answer) -> AsyncIterator[Endpoint]:
        endpoint = Endpoint(*answers)
        server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
        endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        try:
            yield endpoint
        finally:
            server.close()


EndpointFactory = Callable[..., AbstractAsyncContextManager[Endpoint]]


@pytest.fixture
def rude() -> Rude:
    return Rude()


@pytest.fixture
def ask() -> Callable[..., Request]:
    def make(text: str = "Propose a freeze of missile tests.", *, seat: str = "prc", seed: int = 1) -> Request:
        system = "You speak for China in talks about a nuclear crisis. " * 12
        return Request(
            [{"role": "system", "content": system}, {"role": "user", "content": text}], SCHEMA, seat, 120, seed=seed
        )

    return make
