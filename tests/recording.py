"""Recordings of the embedded model: the real client against the real server once, and against the tape from then on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock
import vcr  # type: ignore[import-untyped]  # vcrpy comes without types
from pydantic import SecretStr

from roleplay.models.embedded import spare_cores
from roleplay.models.fetch import cache_directory, find_gguf
from roleplay.models.llama import LlamaServer

RECORD = bool(os.environ.get("RECORD"))
CASSETTES = Path(__file__).parent / "cassettes"
MODEL = "smollm2-135m"
NOBODY = "http://127.0.0.1:9/v1"
HEADERS = {"content-type", "accept"}


def only_named_headers(message: Any) -> Any:
    """Recordings hold the headers named above and no others: no key, no cookie, no machine."""
    if isinstance(message, dict):
        message["headers"] = {k: v for k, v in message["headers"].items() if k.lower() in HEADERS}
    else:
        message.headers = {k: v for k, v in message.headers.items() if k.lower() in HEADERS}
    return message


def recorder() -> Any:
    """What records, or plays back, by method, path and body: ports are random."""
    return vcr.VCR(
        record_mode="once" if RECORD else "none",
        match_on=["method", "path", "raw_body"],
        filter_headers=["authorization", "set-cookie"],
        before_record_request=only_named_headers,
        before_record_response=only_named_headers,
    )


@contextmanager
def address(cassette: Path, folder: Path, canary: str, *, slots: int, context: int) -> Iterator[str]:
    """The server of a recording, and the old tape gone; else an address where nobody listens."""
    if not RECORD:
        yield NOBODY
        return
    path = find_gguf()
    assert path is not None
    with filelock.FileLock(cache_directory() / "embedded.lock", timeout=900, thread_local=False):
        server = LlamaServer(path, MODEL, slots, context, spare_cores(), folder, SecretStr(canary))
        server.start()
        cassette.unlink(missing_ok=True)
        yield f"{server.url}/v1"
        server.stop()


def leaks(cassette: Path, canary: str) -> list[str]:
    """What a tape should not hold: a key, a cookie, a machine."""
    tape = cassette.read_text("utf-8").lower()
    named = ("authorization:", "set-cookie", "user-agent", "x-stainless", ".gguf", canary.lower())
    return [word for word in named if word in tape]
