"""How fast a journal is written, opened, folded, verified and saved.

    uv run --no-sync python -m bench.journal [TURNS]

3,000 turns are about 10,000 events with 3,000 replies: many times a game.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from roleplay import ledger, world
from roleplay.journal import FILE, Journal
from roleplay.journal.salvage import salvage
from roleplay.journal.verify import verify
from roleplay.views import AFTER, view
from roleplay.world import Bounds
from tests.journal.sample import play

T = TypeVar("T")
BOUNDS = {name: Bounds(0, 100, 50) for name in ("tension", "incident_risk")}


def timed(what: str, act: Callable[[], T], times: int = 5) -> T:
    """Do something a few times and print the best time, by the clock and of the processor."""
    walls, busy = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        result = act()
        walls.append(time.perf_counter() - wall)
        busy.append(time.process_time() - cpu)
    sys.stdout.write(f"{what:<40} {min(walls):8.3f} s, processor {min(busy):.3f} s\n")
    return result


def opened(run: Path) -> Journal:
    with Journal.open(run) as journal:
        return journal


def main(turns: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        began = time.perf_counter()
        play(run, turns=turns)
        each = (time.perf_counter() - began) / turns
        journal = timed("open (read, check the chain, parse)", lambda: opened(run))
        events = journal.events
        timed("fold the ledger", lambda: ledger.fold(events))
        timed("fold the world", lambda: world.fold(events, BOUNDS))
        timed("one seat's view", lambda: view(events, "us", AFTER))
        timed("open, fold ledger and world, one view", lambda: everything(run))
        timed("verify", lambda: verify(run), 1)
        timed("salvage", lambda: salvage(run, Path(folder) / "saved"), 1)
        size = (run / FILE).stat().st_size / 1e6
        sys.stdout.write(f"{len(events)} events, {len(journal.replies)} replies, {size:.1f} MB\n")
        sys.stdout.write(f"{each * 1000:.1f} ms a turn written\n")


def everything(run: Path) -> None:
    events = opened(run).events
    ledger.fold(events)
    world.fold(events, BOUNDS)
    view(events, "us", AFTER)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
