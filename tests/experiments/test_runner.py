"""Playing a batch: nothing twice, nothing lost, what broke stays broken, what stops all games can be resumed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.calls import worst_prompt
from roleplay.errors import CallFailed, LimitReached, ProviderError, RunBusy, UsageError
from roleplay.experiments.batch import Batch, edited, find_batch
from roleplay.experiments.endpoints import Limit, Shared
from roleplay.experiments.runner import Progress
from roleplay.models import Reply, Request, Usage
from roleplay.models.scripted import ScriptedModel
from roleplay.purse import Caps, Purse
from tests.experiments.pond import SUITE, Scorer, buckets, play, suite
from tests.promises.playing import PASS

MODELS = SUITE.replace("heron: baseline:steady", "heron: model")


def test_a_second_run_plays_nothing_and_scores_nothing(tmp_path: Path) -> None:
    first, scorer = play(tmp_path), Scorer()
    again = play(tmp_path, scorer=scorer)
    assert (first.planned, first.done, first.reused) == (6, 6, 0)
    assert (again.reused, again.fresh, scorer.scored) == (6, 0, [])


def test_a_stopped_batch_goes_on_where_it_was(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.fresh == 2:
            raise Stop

    with pytest.raises(Stop):
        play(tmp_path, watch=stop)
    before = buckets(tmp_path)
    scorer = Scorer()
    play(tmp_path, scorer=scorer)
    assert before["scored"] >= 2
    assert len(scorer.scored) == 6 - before["scored"]
    assert buckets(tmp_path) == {"scored": 6}


def test_what_broke_keeps_its_first_outcome(tmp_path: Path) -> None:
    play(tmp_path, scorer=Scorer(choke="plain.v1"))
    assert buckets(tmp_path) == {"scored": 5, "broken": 1}
    play(tmp_path, scorer=Scorer())
    with Batch.read(tmp_path) as batch:
        (row,) = (row for row in batch.rows() if row.bucket == "broken")
    assert row.why == "ArithmeticError: the scorer choked"


def test_unscorable_games_are_a_bucket_of_their_own(tmp_path: Path) -> None:
    play(tmp_path, scorer=Scorer(unscorable="hawkish"))
    assert buckets(tmp_path) == {"scored": 4, "unscorable": 2}


def test_another_scorer_scores_again_and_plays_nothing(tmp_path: Path) -> None:
    play(tmp_path)
    scorer = Scorer("toy 2")
    progress = play(tmp_path, scorer=scorer)
    assert (progress.rescored, progress.fresh) == (6, 0)
    assert len(scorer.scored) == 6


def test_variants_and_arms_can_be_added_later(tmp_path: Path) -> None:
    play(tmp_path)
    more = suite(
        SUITE.replace("control:", "    dovish: {seats: {heron: baseline:dove}}\ncontrol:"), variants="[0, 1, 2]"
    )
    progress = play(tmp_path, more)
    assert (progress.planned, progress.reused) == (12, 6)


def test_an_edited_suite_is_a_new_batch_and_said_so(tmp_path: Path) -> None:
    play(tmp_path / "pond-1")
    other = suite(SUITE.replace("{seats: {heron: baseline:hawk}}", "{seats: {heron: baseline:grit}}"))
    folder, changed = find_batch(tmp_path, other)
    assert folder.name != "pond-1"
    assert changed == ["factors.play.hawkish"]
    with pytest.raises(UsageError, match=r"factors\.play\.hawkish"):
        play(tmp_path / "pond-1", other)
    assert find_batch(tmp_path, suite(variants="[0, 1, 2]")) == (tmp_path / "pond-1", [])
    assert edited(suite(), suite(primary="moves")) == ["primary"]


def test_two_runners_do_not_share_a_batch(tmp_path: Path) -> None:
    with Batch.start(tmp_path, suite(), ""), pytest.raises(RunBusy):
        play(tmp_path)


def test_a_cap_stops_the_batch_and_a_higher_one_goes_on(tmp_path: Path) -> None:
    model = ScriptedModel(lambda request: Reply(json.dumps(PASS), usage=Usage(3000)))
    options: dict[str, Any] = {"open_model": lambda spec: model}
    with pytest.raises(LimitReached):
        play(tmp_path, suite(MODELS), caps=Caps(tokens=30_000), **options)
    stopped, asked = buckets(tmp_path), len(model.requests)
    assert stopped[None] > 0
    assert 0 < asked * 3000 <= 30_000
    play(tmp_path, suite(MODELS), **options)
    assert buckets(tmp_path) == {"scored": 6}
    assert len(model.requests) > asked


def test_an_endpoint_that_dies_half_way_leaves_its_games_to_be_played(tmp_path: Path) -> None:
    calls = 0

    def dying(request: Request) -> dict[str, object] | Exception:
        nonlocal calls
        calls += 1
        return PASS if calls < 4 else CallFailed("gone")

    with pytest.raises(ProviderError, match="does not answer"):
        play(tmp_path, suite(MODELS), open_model=lambda spec: ScriptedModel(dying))
    found = buckets(tmp_path)
    assert found.get("broken") is None
    assert found["scored"] >= 2, "games without that endpoint go on"
    play(tmp_path, suite(MODELS), open_model=lambda spec: ScriptedModel(lambda request: PASS))
    assert buckets(tmp_path) == {"scored": 6}


def test_a_game_that_takes_too_long_is_broken_and_the_batch_goes_on(tmp_path: Path) -> None:
    class Hanging(ScriptedModel):
        async def complete(self, request: Request) -> Reply:
            await asyncio.Event().wait()
            return await super().complete(request)

    model = Hanging(lambda request: PASS)
    play(tmp_path, suite(MODELS, caps="{run_minutes: 0.005}"), open_model=lambda spec: model)
    with Batch.read(tmp_path) as batch:
        broken = {row.key.arm: row.why for row in batch.rows() if row.bucket == "broken"}
    assert broken["plain"] == "the game took longer than 0.005 minutes"
    assert None not in buckets(tmp_path)


def test_repeats_ask_the_model_again(tmp_path: Path) -> None:
    model = ScriptedModel(lambda request: PASS)
    play(tmp_path, suite(MODELS, variants="[0]", repeats="3"), open_model=lambda spec: model)
    with Batch.read(tmp_path) as batch:
        assert sorted(row.key.repeat for row in batch.rows() if row.key.arm == "plain") == [0, 1, 2]
        assert len({row.folder for row in batch.rows()}) == len(batch.rows())


async def test_a_limit_is_cut_once_for_calls_that_were_under_way_and_grows_again() -> None:
    limit = Limit()
    before = [await limit.acquire() for _ in range(8)]
    for seen in before:
        await limit.release(seen, throttled=True)
    assert limit.cuts == 1
    assert limit.allowed == pytest.approx(5.6)
    await limit.release(await limit.acquire(), throttled=False)
    assert limit.allowed > 5.6


async def test_no_more_calls_are_in_flight_than_the_limit_allows() -> None:
    waiting = Waiting(3)
    shared = Shared(waiting, Limit(3), Purse(Caps()), None)
    await asyncio.gather(*(shared.complete(ASKED) for _ in range(12)))
    assert waiting.most == 3


class Waiting:
    """Answers when so many calls are waiting for it; each answer costs 10 tokens."""

    name = "waiting"

    def __init__(self, calls: int) -> None:
        self.running = self.most = 0
        self._together = asyncio.Barrier(calls)

    async def complete(self, request: Request) -> Reply:
        self.running += 1
        self.most = max(self.most, self.running)
        await self._together.wait()
        self.running -= 1
        return Reply("{}", usage=Usage(10))

    async def close(self) -> None:
        """Nothing is open."""


ASKED = Request([{"role": "user", "content": "x"}], {}, "us", 1)
WORST = worst_prompt(ASKED) + ASKED.max_tokens


async def test_calls_wait_for_one_another_where_a_cap_does_not_hold_their_worst_cases_together() -> None:
    shared = Shared(Waiting(1), Limit(3), Purse(Caps(tokens=WORST + 20)), None)
    found = await asyncio.gather(*(shared.complete(ASKED) for _ in range(4)), return_exceptions=True)
    assert [type(reply) for reply in found] == [Reply, Reply, Reply, LimitReached], "three cost 30, and 20 are to spare"


def test_a_game_that_cannot_be_scored_anew_is_broken_and_the_batch_goes_on(tmp_path: Path) -> None:
    play(tmp_path)
    progress = play(tmp_path, scorer=Scorer("toy 2", choke="plain.v1"))
    assert (progress.rescored, progress.fresh) == (6, 0)
    assert buckets(tmp_path) == {"scored": 5, "broken": 1}
