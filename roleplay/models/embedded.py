"""A small model inside this process, for play without a key or a network; knows nothing about what it is asked to word.

It is a server on loopback behind the ordinary client, so that what holds for any endpoint holds here, recordings too.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
import zlib
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import filelock
import httpx2

from ..errors import CallFailed, DiskError, RunBusy
from . import Message, Reply, Request
from .fetch import cache_directory, sha256_of
from .llama import CONTEXT, LlamaServer, check_gguf, load_library
from .openai import OpenAIModel
from .prefixes import PrefixStore

log = logging.getLogger(__name__)

SLOTS = 6
"""Prompt caches: one a seat, shared where there are more."""
DEADLINE = 600.0
"""Seconds that a call may take."""


def guided_body(request: Request, slot: int) -> dict[str, Any]:
    """Ask for the schema as a grammar: through `response_format` a small model pads its JSON with blanks."""
    schema = {**request.schema, "x-guidance": {"whitespace_flexible": False}}
    return {
        "max_tokens": request.max_tokens,
        "seed": request.seed % 2**31,
        "temperature": request.temperature,
        "top_p": 0.9,
        "grammar": f"%llguidance {{}}\nstart: %json {json.dumps(schema)}",
        "id_slot": slot,
        "cache_prompt": True,
        "top_k": 40,
        "repeat_penalty": 1.1,
    }


def spare_cores() -> int:
    """Leave a core to everybody else: a thread that waits for one holds up all others (measured: 10 times slower)."""
    return max(1, min(4, (os.cpu_count() or 2) - 1))


class EmbeddedModel:
    """The model of a GGUF file, loaded on opening; one at a time on a machine, one call at a time (more gain nothing).

    Raises RunBusy where another process has it. The messages that a request says are fixed are computed once and kept
    under `cache`; `restored` and `built` count these.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str | None = None,
        cache: Path | None = None,
        context: int = CONTEXT,
    ) -> None:
        check_gguf(path)
        library = load_library()
        cache = cache or cache_directory()
        directory = _make(cache / "prefixes")
        self.name = name or path.stem
        self.context: int | None = context
        self.restored = self.built = 0
        self._seats: dict[str, int] = {}
        self._warm: dict[int, list[Message]] = {}
        self._owed: dict[int, int] = {}
        self._sibling = ""
        self._turn = asyncio.Lock()
        self._server = LlamaServer(path, self.name, SLOTS, context, spare_cores(), directory)
        with ExitStack() as held:
            held.callback(_claim(cache / "embedded.lock").release)
            self.sha256 = sha256_of(path)
            self._server.start()
            self._held = held.pop_all()
        self._prefixes = PrefixStore(directory, f"{self.sha256} xllamacpp {library.__version__}")
        self._http = OpenAIModel(
            self.name,
            f"{self._server.url}/v1",
            self._server.key,
            timeout=DEADLINE,
            deadline=DEADLINE,
            max_retries=0,
            body=lambda request: guided_body(request, self.slot(request.slot)),
            trust_env=False,
        )
        self.address = self._server.url
        bearer = {"Authorization": f"Bearer {self._server.key.get_secret_value()}"}
        self._files = httpx2.AsyncClient(base_url=self._server.url, headers=bearer, timeout=60, trust_env=False)

    def __repr__(self) -> str:
        return f"EmbeddedModel({self.name!r})"

    def slot(self, seat: str) -> int:
        """Return the slot whose cache a seat uses: the next free one, or a shared one when all are taken."""
        if seat not in self._seats:
            taken = len(self._seats)
            self._seats[seat] = taken if taken < SLOTS else zlib.crc32(seat.encode()) % SLOTS
        return self._seats[seat]

    async def complete(self, request: Request) -> Reply:
        """Call the model once, with the seat's prefix computed or restored first."""
        async with self._turn:
            started = time.perf_counter()
            slot = self.slot(request.slot)
            warm = self._warm.get(slot, [])
            if not warm or list(request.messages[: len(warm)]) != warm:
                await self._prime(request.slot, list(request.messages[: request.fixed]))
            reply = await self._http.complete(request)
            # What priming computed for this call was not saved by the cache.
            cached = max(0, reply.usage.cached - self._owed.pop(slot, 0))
            usage = replace(reply.usage, cached=cached)
            return replace(reply, usage=usage, seconds=time.perf_counter() - started)

    async def close(self) -> None:
        """Let the call in flight end, then stop the server and let others have the model."""
        async with self._turn:
            with self._held:
                await self._http.close()
                await self._files.aclose()
                await asyncio.to_thread(self._server.stop)

    async def _prime(self, seat: str, prefix: list[Message]) -> None:
        """Compute a seat's unchanging first messages, or restore them from disk."""
        slot, key = self.slot(seat), self._prefixes.key(prefix)
        saved = await asyncio.to_thread(self._prefixes.find, key)
        if saved and await self._file(slot, "restore", saved):
            self.restored += 1
            self._sibling = saved
        else:
            await self._build(slot, seat, prefix, key)
        self._warm[slot] = prefix

    async def _build(self, slot: int, seat: str, prefix: list[Message], key: str) -> None:
        """Compute and keep a prefix by asking for one token after it, reusing what another seat shares with it."""
        if self._sibling:
            await self._file(slot, "restore", self._sibling)
        try:
            reply = await self._http.complete(Request(prefix, {"type": "string"}, seat, max_tokens=1))
        except CallFailed as error:
            log.info("no prefix was computed for %s: %s", seat, type(error).__name__)
            return
        self.built += 1
        self._owed[slot] = reply.usage.prompt - reply.usage.cached
        if await self._file(slot, "save", "writing"):
            self._sibling = await asyncio.to_thread(self._prefixes.keep, key, "writing")

    async def _file(self, slot: int, action: str, filename: str) -> bool:
        try:
            answer = await self._files.post(f"/slots/{slot}", params={"action": action}, json={"filename": filename})
        except httpx2.HTTPError as error:
            raise CallFailed(f"{self.name}: its server is gone ({type(error).__name__})") from None
        return answer.is_success


@dataclass(eq=False)
class Shared:
    """One game's use of the embedded model, which all games of an event loop share: the last to close it stops it."""

    model: EmbeddedModel
    users: set[Shared]

    def __post_init__(self) -> None:
        self.name, self.context = self.model.name, self.model.context
        self.users.add(self)

    async def complete(self, request: Request) -> Reply:
        """Call the model when it is this call's turn."""
        return await self.model.complete(request)

    async def close(self) -> None:
        """Let the others have it; stop it where there are none."""
        self.users.discard(self)
        if not self.users:
            await self.model.close()


_USES: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Path, set[Shared]]] = WeakKeyDictionary()
"""Who uses the embedded models: a loop's games by file. Another loop or process finds them busy."""


def open_shared(path: Path, *, name: str | None = None) -> Shared:
    """The model of a file for one more game, loaded where none of this event loop has it; raises RunBusy."""
    try:
        uses = _USES.setdefault(asyncio.get_running_loop(), {})
    except RuntimeError:  # Nobody can share it.
        uses = {}
    users = uses.setdefault(path, set())
    holder = next(iter(users), None)
    return Shared(holder.model if holder else EmbeddedModel(path, name=name), users)


def _claim(path: Path) -> filelock.BaseFileLock:
    lock = filelock.FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise RunBusy(
            "the embedded model is in use by another run: two at once take longer than one after the other",
            hint="wait for that run to end, or play this one with another model",
        ) from None
    return lock


def _make(directory: Path) -> Path:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"{directory}: cannot be made ({error.strerror})") from None
    return directory
