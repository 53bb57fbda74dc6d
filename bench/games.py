"""How long games take that no model plays: of one process, and of a rehearsal in two.

    uv run --no-sync python -m bench.games [GAMES]

Every seat is played by a baseline; a game's journal is written as ever. Figures are of processor time, since that is
what a game costs; the rehearsal's are by the clock.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from pathlib import Path

from roleplay.authoring.rehearse import rehearse
from roleplay.cli import SELDOM
from roleplay.crises import load_crisis
from roleplay.game import Options, create, play_on
from roleplay.setup import Settings, resolve


def main(games: int) -> None:
    gc.set_threshold(*SELDOM)
    began = time.process_time()
    crisis = load_crisis("korea")
    print(f"the crisis is read and checked in {time.process_time() - began:.2f} s of processor (< 1)")
    seats = {seat: f"baseline:{name}" for seat, name in crisis.scenarios["august-2017"].seats.items()}
    took: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(games):
            began = time.process_time()
            setup = resolve(Settings(scenario="august-2017", seats=seats, seed=seed), crisis)
            options = Options(out=Path(folder))
            run = asyncio.run(play_on(create(setup, options), options, setup))
            took.append(time.process_time() - began)
    mean = sum(took[1:]) / len(took[1:])
    print(f"one game: {run.result.turns} turns, {len(run.events)} events; {mean:.2f} s of processor (< 0.5), "
          f"the first of a process, which loads what plays it, {took[0]:.2f} s")  # fmt: skip
    print(f"{1 / mean:.1f} games a second on one core; 200 games in {200 * mean:.0f} s (< 120)")
    clock = time.perf_counter()
    rehearse("korea", games)
    print(f"a rehearsal of {games} games, all scenarios, in {time.perf_counter() - clock:.0f} s by the clock")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
