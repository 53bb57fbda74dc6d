"""Games of a batch on a Dask cluster: a task plays one game on its own event loop and answers with its name alone.

A worker plays on its own disk (a write-ahead log does not work over a network file system), copies the finished journal
to the batch before it answers, and finds what a dead worker of the same machine left. Knows no suite and no score.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..game import Options, create, play_on
from ..journal import FILE, Journal
from ..models.prices import Price
from ..setup import Setup

GAMES_A_WORKER = 4
"""Games in flight on each worker of a local cluster."""
RETRIES = 3
"""How often a game is given to another worker after its own died."""
CALLS = 64
"""Calls in flight at once, all workers together, where no number was given."""


@dataclass(frozen=True)
class Cluster:
    """A cluster under way; `slots` is how many games it plays at once."""

    client: Any
    slots: int
    calls: int
    """Calls in flight a game: the limit of all, shared out."""
    prices: Mapping[str, Price]

    async def play(self, setup: Setup, folder: Path) -> None:
        """Have a game played by some worker; its journal is in `folder` then."""
        name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        text = setup.model_dump_json()
        await self.client.submit(
            play_game, text, str(folder), self.calls, dict(self.prices), key=f"game-{name}", pure=False, retries=RETRIES
        )


@asynccontextmanager
async def cluster(address: str, options: Options) -> AsyncIterator[Cluster]:
    """Connect to a scheduler, or start `local:N` worker processes; raises UsageError without the extra."""
    try:
        import distributed
    except ImportError as error:
        raise UsageError("--dask needs the extra: pip install 'crisis-roleplay[cluster]'") from error
    connect: Any = distributed.Client
    local_cluster: Any = distributed.LocalCluster
    kind, _, number = address.partition(":")
    if kind == "local":
        if not number.isdigit() or not 0 < int(number) < 100:
            raise UsageError(f"--dask {address}: write local:N with N workers, or a scheduler's address")
        started = local_cluster(
            n_workers=int(number), threads_per_worker=GAMES_A_WORKER, processes=True, asynchronous=True,
            dashboard_address=None,
        )  # fmt: skip
    else:
        started = None
    async with _entered(started) as local, connect(local or address, asynchronous=True) as client:
        slots = max(1, sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()))
        yield Cluster(client, slots, max(1, (options.concurrency or CALLS) // slots), options.prices)


@asynccontextmanager
async def _entered(started: Any) -> AsyncIterator[Any]:
    if started is None:
        yield None
        return
    async with started as local:
        yield local


def play_game(text: str, folder: str, calls: int, prices: Mapping[str, Price]) -> str:
    """Play one game on this worker's disk and copy its finished journal into the batch; what is there is not played."""
    target = Path(folder)
    if (target / FILE).is_file():
        return target.name
    scratch = Path(tempfile.gettempdir()) / f"roleplay-{hashlib.sha256(folder.encode()).hexdigest()[:16]}"
    asyncio.run(_play(Setup.model_validate_json(text), scratch, calls, prices))
    target.mkdir(parents=True, exist_ok=True)
    draft = target / f"{FILE}.copy"
    shutil.copyfile(scratch / FILE, draft)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target / FILE)
    shutil.rmtree(scratch, ignore_errors=True)
    return target.name


async def _play(setup: Setup, scratch: Path, calls: int, prices: Mapping[str, Price]) -> None:
    options = Options(out=scratch.parent, concurrency=calls, prices=prices)
    begun = False
    if (scratch / FILE).is_file():
        with Journal.open(scratch) as journal:
            begun = bool(journal.events)
        if not begun:
            shutil.rmtree(scratch)
    await play_on(scratch if begun else create(setup, options, folder=scratch), options)
