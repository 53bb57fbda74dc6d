"""An OpenAI-compatible endpoint on loopback with log-normal latency and schema-valid replies, in a process of its own.

uv run --no-sync python -m bench.endpoint --median 0.2     prints its base URL
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

WORDS = "We have stated our position and we look forward to the views of the others at this table."
SAMPLES = ("2017-10-01", "us-prc/1.1", "an agreed phrase", WORDS, "x", "")
"""One of these matches every pattern of our schemas."""
SIGMA = 0.4
"""Spread of the logarithm of the latency."""
TOKEN = 4
"""Characters of a token, roughly."""


def fill(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """The plainest value that a schema allows: its first choice, the fewest items, fixed words."""
    if "$ref" in schema:
        return fill(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in schema:
        return fill(schema["anyOf"][0], root)
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {name: fill(part, root) for name, part in schema["properties"].items()}
        case "array":
            return [fill(schema["items"], root) for _ in range(schema.get("minItems", 0))]
        case "string":
            return next(s for s in (WORDS, *SAMPLES) if re.search(schema.get("pattern", ""), s))
        case "boolean":
            return False
    return schema.get("minimum", 0)


class Endpoint:
    """Answers chat completions, and counts prompt tokens and those that repeat the seat's request before.

    A request counts as its schema followed by its messages, the order in which OpenAI's cache sees them. `ordered`
    counts messages alone, as servers see them that keep the schema out of the prompt.
    """

    def __init__(self, median: float, seed: int) -> None:
        self.median = median
        self.random = random.Random(seed)
        self.stats = {"calls": 0, "prompt": 0, "repeated": 0, "latency": 0.0}
        self._fields: dict[str, tuple[str, str]] = {}
        self._before: dict[str, list[list[str]]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: a request after another until the client is gone."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                answer = self.stats if head.startswith(b"GET") else await self.answer(json.loads(body))
                text = json.dumps(answer).encode()
                kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                writer.write(kind + b"%d\r\n\r\n" % len(text) + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """One completion, after its latency."""
        delay = self.median * self.random.lognormvariate(0, SIGMA)
        await asyncio.sleep(delay)  # What this endpoint is for: to take so long.
        schema = body["response_format"]["json_schema"]["schema"]
        written, text = self._schema(schema)
        parts = [written, *(m["content"] for m in body["messages"])]
        size = sum(map(len, parts))
        same = self._repeated(hashlib.sha256(parts[1].encode()).hexdigest(), parts)
        for name, more in {"calls": 1, "prompt": size // TOKEN, "repeated": same // TOKEN, "latency": delay}.items():
            self.stats[name] += more
        usage = {
            "prompt_tokens": size // TOKEN, "completion_tokens": len(text) // TOKEN,
            "total_tokens": (size + len(text)) // TOKEN, "prompt_tokens_details": {"cached_tokens": same // TOKEN},
        }  # fmt: skip
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        made = {"id": "x", "object": "chat.completion", "created": 0, "model": body["model"]}
        return {**made, "choices": [choice], "usage": usage}

    def _schema(self, schema: dict[str, Any]) -> tuple[str, str]:
        """A schema as text, and the reply to it."""
        written = json.dumps(schema)
        if written not in self._fields:
            self._fields[written] = written, json.dumps(fill(schema, schema))
        return self._fields[written]

    def _repeated(self, who: str, parts: list[str]) -> int:
        """The longest prefix that any earlier request of `who` shares, in characters; one a schema is remembered."""
        known = self._before.setdefault(who, [])
        best = max((_shared(parts, before) for before in known), default=0)
        known[:] = [before for before in known if before[0] != parts[0]] + [parts]
        return best


def _shared(parts: list[str], before: list[str]) -> int:
    total = 0
    for a, b in zip(parts, before, strict=False):
        if a == b:
            total += len(a)
            continue
        low, high = 0, min(len(a), len(b))
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle - 1)
        return total + low
    return total


async def _run(median: float, seed: int, port: Connection) -> None:
    server = await asyncio.start_server(Endpoint(median, seed).serve, "127.0.0.1", 0, limit=2**24, backlog=512)
    port.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def _process(median: float, seed: int, port: Connection) -> None:
    asyncio.run(_run(median, seed, port))


@contextmanager
def endpoint(median: float = 0.2, seed: int = 0) -> Iterator[str]:
    """Run the endpoint in a process of its own; yields its base URL."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(median, seed, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--median", type=float, default=0.2)
    with endpoint(arguments.parse_args().median) as url:
        print(url, flush=True)
        input("press return to stop\n")
