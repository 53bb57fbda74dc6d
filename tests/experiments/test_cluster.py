"""A batch on worker processes, one of them killed in mid-batch: the same games, and no finished one again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from roleplay.cli import run
from roleplay.errors import LimitReached
from roleplay.experiments.batch import Batch
from roleplay.experiments.cluster import Share, cluster, play_game
from roleplay.experiments.matrix import Matrix, lay_out
from roleplay.experiments.runner import Orders, Progress, play_batch
from roleplay.experiments.suites import Suite
from roleplay.game import Options
from roleplay.journal import FILE, Journal
from roleplay.purse import Caps
from roleplay.setup import Setup, resolve
from tests.experiments.pond import SUITE, Scorer, buckets, suite
from tests.experiments.test_cli import TINY
from tests.promises.endpoint import Body, Endpoint, Handler, sensible

MODELS = SUITE.replace("heron: baseline:steady, otter: baseline:dove, newt: baseline:defiant",
                       "heron: model, otter: model, newt: model")  # fmt: skip
CLOSING = pytest.mark.filterwarnings("ignore")
"""Distributed leaves sockets and event loops to the garbage collector when a cluster closes."""
AT_ONCE = 8
"""Calls in flight that a batch may have: one for each of the games that two workers play at once."""


class Busy:
    """Answers by what it is sent, and sees how many calls are in flight."""

    def __init__(self) -> None:
        self.running = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, body: Body, http: Handler) -> None:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        sensible(body, http)
        with self._lock:
            self.running -= 1


@pytest.fixture
def busy() -> Iterator[tuple[Busy, Endpoint]]:
    answer = Busy()
    with Endpoint(answer) as endpoint:
        yield answer, endpoint


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


async def here(folder: Path, asked: Suite, matrix: Matrix) -> Progress:
    with Batch.start(folder, asked, "") as batch:
        return await play_batch(batch, matrix, Orders(Options(concurrency=AT_ONCE), Scorer(), AT_ONCE))


async def on_two_workers(folder: Path, asked: Suite, matrix: Matrix) -> dict[Path, bytes]:
    """Play on two workers, of which one is killed after two games; the journals that were finished then."""
    kept: dict[Path, bytes] = {}
    async with cluster("local:2", Options(concurrency=AT_ONCE), 60) as found:
        assert found.share.calls == AT_ONCE // found.slots == 1
        pids = list((await found.client.run(os.getpid)).values())

        def watch(progress: Progress) -> None:
            if progress.fresh == 2 and not kept:
                files = [folder / "runs" / row.folder / FILE for row in batch.rows() if row.bucket]
                kept.update({file: file.read_bytes() for file in files})
                os.kill(pids[0], signal.SIGKILL)

        orders = Orders(Options(concurrency=AT_ONCE), Scorer(), found.slots, watch)
        with Batch.start(folder, asked, "") as batch:
            await play_batch(batch, matrix, replace(orders, elsewhere=found.play))
    return kept


@CLOSING
def test_a_killed_worker_changes_nothing_and_the_endpoints_limit_is_shared_out(
    busy: tuple[Busy, Endpoint], tmp_path: Path
) -> None:
    answer, endpoint = busy
    asked = suite(MODELS)
    matrix = lay_out(asked, {"model": "scripted", "base_url": endpoint.url})
    asyncio.run(here(tmp_path / "one", asked, matrix))
    answer.most = 0
    kept = asyncio.run(on_two_workers(tmp_path / "two", asked, matrix))
    assert buckets(tmp_path / "two") == {"scored": 6}
    assert by_keys(tmp_path / "one") == by_keys(tmp_path / "two")
    assert {file: file.read_bytes() for file in kept} == kept != {}, "no finished game is played again"
    assert answer.most <= AT_ONCE


def test_a_game_that_is_there_is_not_played_again_and_its_name_is_all_that_is_answered(tmp_path: Path) -> None:
    matrix = lay_out(suite())
    setup = resolve(matrix.settings(matrix.games[0]), matrix.crises[matrix.games[0].arm])
    folder = tmp_path / "runs" / "game"
    for _ in range(2):
        assert play_game(setup.model_dump_json(), str(folder), Share(1, 60, {}, Caps())) == "game"
        made = (folder / FILE).read_bytes()
    assert (folder / FILE).read_bytes() == made
    assert [path.name for path in folder.iterdir()] == [FILE], "a journal is copied whole, without its log"


async def on_a_scheduler(folder: Path, asked: Suite, matrix: Matrix) -> Progress:
    start: Any = LocalCluster  # It has no types.
    async with (
        start(
            n_workers=1,
            threads_per_worker=2,
            processes=False,
            asynchronous=True,
            dashboard_address=None,
            host="127.0.0.1",
            protocol="tcp",
        ) as there,
        cluster(there.scheduler_address, Options(), 60) as found,
    ):
        assert found.slots == 2
        with Batch.start(folder, asked, "") as batch:
            return await play_batch(batch, matrix, Orders(Options(), Scorer(), found.slots, elsewhere=found.play))


@CLOSING
def test_a_scheduler_that_is_there_already_is_connected_to(tmp_path: Path) -> None:
    asked = suite(variants="[0]")
    assert asyncio.run(on_a_scheduler(tmp_path, asked, lay_out(asked))).fresh == 3


@CLOSING
def test_eval_on_a_cluster_is_the_batch_of_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(TINY, "utf-8")
    told = {}
    for name, where in {"one": (), "two": ("--dask", "local:2", "--max-tokens", "1000")}.items():
        code = run(["eval", "tiny.yaml", "--out", name, "--json", *where])
        document = json.loads(capsys.readouterr().out)
        told[name] = code, {part: document[part] for part in ("runs", "calls", "tokens", "cost_usd", "gates")}
        assert run(["report", name, "--json"]) == 0
        capsys.readouterr()
    assert told["one"] == told["two"]
    assert by_keys(Path("one")) == by_keys(Path("two")) != {}
    assert Path("one/report.csv").read_bytes() == Path("two/report.csv").read_bytes()


WORST = 20_000
"""Tokens that are set aside for a game."""
CALL = 120
"""Tokens that a call comes to."""


async def elsewhere(setup: Setup, folder: Path, caps: Caps) -> None:
    await asyncio.to_thread(play_game, setup.model_dump_json(), str(folder), Share(1, 60, {}, caps))


def capped(folder: Path, endpoint: Endpoint, tokens: int | None, *, worst: int = WORST, there: bool = True) -> Progress:
    """Play a batch of model seats under a cap, its games elsewhere: four at once, were it not for the cap."""
    asked = suite(MODELS)
    matrix = lay_out(asked, {"model": "scripted", "base_url": endpoint.url})
    most = {arm.name: (worst, 0.0) for arm in matrix.arms}
    orders = Orders(Options(caps=Caps(tokens=tokens)), Scorer(), 4, elsewhere=elsewhere if there else None, worst=most)
    with Batch.start(folder, asked, "") as batch:
        return asyncio.run(play_batch(batch, matrix, orders))


def test_games_elsewhere_do_not_pass_the_cap_and_use_what_they_left_of_what_was_set_aside(
    busy: tuple[Busy, Endpoint], tmp_path: Path
) -> None:
    answer, endpoint = busy
    capped(tmp_path / "one", endpoint, WORST + 10_000)
    assert buckets(tmp_path / "one") == {"scored": 6}, "one after the other, each comes to less than was set aside"
    assert answer.most == 1
    made = len(endpoint.bodies)
    with pytest.raises(LimitReached):
        capped(tmp_path / "two", endpoint, WORST + CALL)
    assert 0 < (len(endpoint.bodies) - made) * CALL <= WORST + CALL
    assert capped(tmp_path / "two", endpoint, None).done == 6


def test_a_game_elsewhere_stops_where_it_comes_to_more_than_was_set_aside(
    busy: tuple[Busy, Endpoint], tmp_path: Path
) -> None:
    with pytest.raises(LimitReached):
        capped(tmp_path, busy[1], 1_000_000, worst=100)
    assert busy[1].bodies == []


def test_a_game_that_was_begun_here_is_played_to_its_end_here(busy: tuple[Busy, Endpoint], tmp_path: Path) -> None:
    with pytest.raises(LimitReached):
        capped(tmp_path, busy[1], 7_000, there=False)
    begun = [file.parent.name for file in tmp_path.glob(f"runs/*/{FILE}")]
    assert begun
    assert capped(tmp_path, busy[1], None).done == 6
    with Batch.read(tmp_path) as batch:
        assert {card["ending"] for _, card in batch.cards()}.isdisjoint({"not over"})


def test_an_address_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["eval", "smoke", "--dask", "local:none"]) == 2
    assert "write local:N with N workers, or a scheduler's address" in capsys.readouterr().err
