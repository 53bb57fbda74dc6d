"""A batch on two worker processes, one of them killed in mid-batch: the same games, and no finished one again."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from roleplay.experiments.batch import Batch
from roleplay.experiments.cluster import cluster, play_game
from roleplay.experiments.matrix import lay_out
from roleplay.experiments.runner import Orders, Progress, play_batch
from roleplay.game import Options
from roleplay.journal import FILE, Journal
from roleplay.setup import resolve
from tests.experiments.pond import Scorer, buckets, play, suite

pytest.importorskip("distributed")


def by_keys(folder: Path) -> dict[str, list[str]]:
    """Every game's events with their ids replaced by their canonical keys."""
    games = {}
    for file in sorted(folder.glob(f"runs/*/{FILE}")):
        with Journal.open(file.parent) as journal:
            ids = {event.id: str(key) for key, event in journal.entries}
            text = "\n".join(event.model_dump_json() for event in journal.events)
            for id, key in ids.items():
                text = text.replace(id, key)
            games[file.parent.name] = text.splitlines()
    return games


async def on_two_workers(folder: Path, *, kill: bool) -> Progress:
    asked = suite()
    matrix = lay_out(asked)
    async with cluster("local:2", Options()) as found:
        pids = list((await found.client.run(os.getpid)).values())
        killed = False

        def watch(progress: Progress) -> None:
            nonlocal killed
            if kill and progress.fresh == 2 and not killed:
                killed = True
                os.kill(pids[0], signal.SIGKILL)

        orders = Orders(Options(), Scorer(), found.slots, watch)
        with Batch.start(folder, asked, "") as batch:
            return await play_batch(batch, matrix, replace(orders, elsewhere=found.play))


@pytest.mark.filterwarnings("ignore")
def test_a_killed_worker_changes_nothing(tmp_path: Path) -> None:
    play(tmp_path / "one")
    progress = asyncio.run(on_two_workers(tmp_path / "two", kill=True))
    assert progress.fresh == 6
    assert buckets(tmp_path / "two") == {"scored": 6}
    assert by_keys(tmp_path / "one") == by_keys(tmp_path / "two")


def test_a_game_that_is_there_is_not_played_again(tmp_path: Path) -> None:
    matrix = lay_out(suite())
    setup = resolve(matrix.settings(matrix.games[0]), matrix.crises[matrix.games[0].arm])
    folder = tmp_path / "runs" / "game"
    for _ in range(2):
        assert play_game(setup.model_dump_json(), str(folder), 1, {}) == "game"
        made = (folder / FILE).read_bytes()
    assert (folder / FILE).read_bytes() == made
