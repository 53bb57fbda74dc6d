"""Games of a batch on a Dask cluster: a task plays one game on its own event loop and answers with its name alone.

A worker plays on its own disk (a write-ahead log does not work over a network file system), copies the finished journal
to the batch before it answers, and finds what a dead worker of the same machine left. Knows no suite and no score.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..game import Options, create, play_on
from ..journal import FILE
from ..journal.files import sync
from ..models.prices import Price
from ..purse import Caps, Purse
from ..setup import Setup
from .endpoints import MOST, Endpoints
from .runner import begun

GAMES_A_WORKER = 4
"""Games in flight on each worker of a local cluster."""
LOADING = threading.Lock()
"""A worker begins several games at once, and threads that load one library together can meet it half loaded."""


@dataclass(frozen=True)
class Share:
    """What a game on a worker may ask of endpoints."""

    calls: int
    """In flight: the limit of all, shared out over the games that are played at once."""
    seconds: float
    """A call that takes longer has failed."""
    prices: Mapping[str, Price]
    caps: Caps
    """What this game may come to."""


@dataclass(frozen=True)
class Cluster:
    """A cluster under way; `slots` is how many games it plays at once."""

    client: Any
    slots: int
    share: Share

    async def play(self, setup: Setup, folder: Path, caps: Caps) -> None:
        """Have a game played by some worker, and by another where it dies; its journal is in `folder` then."""
        key = f"game-{_name(str(folder))}"
        share = replace(self.share, caps=caps)
        await self.client.submit(play_game, setup.model_dump_json(), str(folder), share, key=key, pure=False)


@asynccontextmanager
async def cluster(address: str, options: Options, call_seconds: float) -> AsyncIterator[Cluster]:
    """Connect to a scheduler, or start `local:N` worker processes; raises UsageError without the extra."""
    try:
        import distributed
    except ImportError as error:
        raise UsageError("--dask needs the extra: pip install 'crisis-roleplay[cluster]'") from error
    connect: Any = distributed.Client
    local_cluster: Any = distributed.LocalCluster
    started: Any = None
    kind, _, number = address.partition(":")
    if kind == "local":
        if not number.isdigit() or not 0 < int(number) < 100:
            raise UsageError(f"--dask {address}: write local:N with N workers, or a scheduler's address")
        started = local_cluster(
            n_workers=int(number), threads_per_worker=GAMES_A_WORKER, processes=True, asynchronous=True,
            dashboard_address=None,
        )  # fmt: skip
    async with started or nullcontext() as local, connect(local or address, asynchronous=True) as client:
        slots = max(1, sum((await client.nthreads()).values()))
        calls = max(1, (options.concurrency or MOST) // slots)
        yield Cluster(client, slots, Share(calls, call_seconds, dict(options.prices), Caps()))


def play_game(text: str, folder: str, share: Share) -> str:
    """Play one game on this worker's disk and copy its finished journal into the batch; what is there is not played."""
    target = Path(folder)
    if (target / FILE).is_file():
        return target.name
    with LOADING:
        from .. import graph  # noqa: F401 - loads what plays a game
        from ..models import openai  # noqa: F401 - and what calls a model
    scratch = Path(tempfile.gettempdir()) / f"roleplay-{_name(folder)}"
    asyncio.run(_play(Setup.model_validate_json(text), scratch, share))
    target.mkdir(parents=True, exist_ok=True)
    draft = target / f"{FILE}.copy"
    shutil.copyfile(scratch / FILE, draft)
    sync(draft)
    draft.replace(target / FILE)
    shutil.rmtree(scratch, ignore_errors=True)
    return target.name


async def _play(setup: Setup, scratch: Path, share: Share) -> None:
    endpoints = Endpoints(Purse(share.caps), share.prices, share.calls, share.seconds)
    options = Options(out=scratch.parent, prices=share.prices, open_model=endpoints.model)
    try:
        await play_on(scratch if begun(scratch) else create(setup, options, folder=scratch), options)
    finally:
        await endpoints.close()


def _name(folder: str) -> str:
    """The same word for the same game, on every machine."""
    return hashlib.sha256(folder.encode()).hexdigest()[:16]
