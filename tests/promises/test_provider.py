"""Promise 5: a rude provider never breaks a game, and no cap is ever passed."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from roleplay.errors import LimitReached, ProviderError, UsageError
from roleplay.events import Spoken
from roleplay.game import BuildSeat, Options, Run, open_run, play_on
from roleplay.journal.verify import verify
from roleplay.models import ChatModel, Reply, Request, Usage
from roleplay.models.prices import Price
from roleplay.models.registry import ModelSpec, open_model
from roleplay.models.scripted import Line, ScriptedModel
from roleplay.purse import Caps
from roleplay.table import Table

from .endpoint import Body, Endpoint, Handler, schema_of, sensible
from .playing import MODEL, PASS, drawn, go_on, new_run, stored

GAMES = 20 if os.environ.get("ROLEPLAY_LONG") else 1
FAULTS = ("refuse 500", "refuse 503", "refuse 429", "later", "reset", "half", "html", "hang")


def patient(spec: ModelSpec) -> ChatModel:
    """The real client with short waits."""
    return open_model(spec.model_copy(update={"timeout": 0.25, "deadline": 1.5, "max_retries": 2}))


class Rude:
    """Faults in 30 % of the answers, drawn so that a request that is sent again is answered anew."""

    def __init__(self, seed: int, share: float = 0.3) -> None:
        self.random = Random(seed)
        self.share = share
        self.lock = threading.Lock()
        self.given: Counter[str] = Counter()

    def __call__(self, body: Body, http: Handler) -> None:
        with self.lock:
            fault = self.random.choice(FAULTS) if self.random.random() < self.share else ""
            self.given[fault] += 1
        name, _, status = fault.partition(" ")
        if not name:
            sensible(body, http)
        elif status:
            http.refuse(int(status))
        else:
            getattr(http, name)()


@pytest.mark.parametrize("game", range(GAMES))
def test_with_faults_in_a_third_of_the_answers_a_game_comes_to_its_end(tmp_path: Path, game: int) -> None:
    rude = Rude(game)
    with Endpoint(rude) as endpoint:
        folder = new_run(tmp_path, base_url=endpoint.url, rounds=2)
        run = to_the_end(folder)
    assert run.result.ended == "truncated"
    assert sum(rude.given.values()) == len(endpoint.bodies)
    assert sum(rude.given.values()) - rude.given[""] > 0.15 * len(endpoint.bodies)
    replies = stored(folder).values()
    failed = [e for e in run.events if isinstance(e, Spoken) and e.outcome == "failed"]
    assert run.result.failed_turns == len(failed)
    assert sum(r.outcome == "failed" for r in replies) <= len(failed)
    assert {r.outcome for r in replies} <= {"ok", "illegal", "malformed", "empty", "failed"}


def to_the_end(folder: Path, stops: int = 10) -> Run:
    for _ in range(stops):
        try:
            return asyncio.run(play_on(folder, Options(open_model=patient)))
        except ProviderError as error:
            assert error.exit_code == 4  # noqa: PT017 - the other way out of a rude hour
            assert verify(folder).ok
    raise AssertionError("the game never ended")


def test_an_endpoint_that_is_down_stops_the_run_at_once_and_a_resumed_one_completes(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    folder = new_run(tmp_path, base_url=f"http://127.0.0.1:{port}/v1", rounds=1)
    with pytest.raises(ProviderError, match="does not answer") as caught:
        asyncio.run(play_on(folder, Options(open_model=patient)))
    assert caught.value.exit_code == 4
    assert not [e for e in open_run(folder).events if isinstance(e, Spoken)], "nothing was taken for a turn"
    with Endpoint(port=port):
        run = to_the_end(folder)
    assert run.result.ended == "truncated"


def test_an_endpoint_that_goes_down_in_the_middle_stops_the_run_after_three_silent_calls(tmp_path: Path) -> None:
    up = 12

    def answer(body: Body, http: Handler) -> None:
        nonlocal up
        up -= 1
        sensible(body, http) if up >= 0 else http.refuse(503)

    with Endpoint(answer) as endpoint:
        folder = new_run(tmp_path, base_url=endpoint.url, rounds=2)
        with pytest.raises(ProviderError) as caught:
            asyncio.run(play_on(folder, Options(open_model=patient)))
        assert caught.value.exit_code == 4
        kept = stored(folder)
        assert sum(r.outcome == "failed" for r in kept.values()) <= 2
        up = 10_000
        run = to_the_end(folder)
    assert run.result.ended == "truncated"
    assert kept.items() <= stored(folder).items()


# --- caps ------------------------------------------------------------------------------------------------------------


def dear(request: Request) -> Reply:
    """Uses up what the worst case allows: all characters as tokens of two, and every token of the reply."""
    prompt = sum(len(m["content"]) for m in request.messages) // 2
    text = json.dumps(drawn(request.schema, request.seed))
    return Reply(text, usage=Usage(prompt, 0, request.max_tokens))


PRICES = {MODEL: Price(prompt=2.0, cached=0.5, completion=10.0)}


def spent(folder: Path) -> tuple[int, float]:
    replies = stored(folder).values()
    return sum(r.prompt_tokens + r.completion_tokens for r in replies), sum(r.cost_usd or 0.0 for r in replies)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("what", ["tokens", "cost"])
async def test_no_cap_is_passed_and_a_higher_one_completes(tmp_path: Path, what: str, share: float) -> None:
    whole = await go_on(new_run(tmp_path, "whole", rounds=1), ScriptedModel(dear), Options(prices=PRICES))
    tokens, cost = spent(whole.folder)
    assert whole.result.cost_usd == pytest.approx(cost)
    caps = Caps(tokens=int(tokens * share)) if what == "tokens" else Caps(cost_usd=cost * share)
    folder = new_run(tmp_path, rounds=1)
    with pytest.raises(LimitReached, match="could pass the cap") as caught:
        await go_on(folder, ScriptedModel(dear, delay=(0, 0.002)), Options(prices=PRICES, caps=caps))
    assert caught.value.exit_code == 5
    got = spent(folder)
    assert got[0] <= tokens * share if what == "tokens" else got[1] <= cost * share
    again = ScriptedModel(dear)
    run = await go_on(folder, again, Options(prices=PRICES, caps=Caps(tokens=tokens * 2, cost_usd=cost * 2)))
    assert run.result.ended == "truncated"
    assert run.result.calls == whole.result.calls


async def test_what_an_earlier_session_spent_counts_against_the_cap(tmp_path: Path) -> None:
    folder = new_run(tmp_path, rounds=1)
    before = 0
    for _ in range(5):
        model = ScriptedModel(dear)
        with pytest.raises(LimitReached):
            await go_on(folder, model, Options(caps=Caps(tokens=25_000)))
        used = spent(folder)[0]
        assert before <= used <= 25_000
        before = used
    assert model.requests == []


async def test_minutes_are_a_cap_too(tmp_path: Path) -> None:
    folder = new_run(tmp_path, rounds=1)
    slow = ScriptedModel(lambda request: drawn(request.schema, request.seed), delay=0.1)
    with pytest.raises(LimitReached, match="minutes") as caught:
        await go_on(folder, slow, Options(caps=Caps(minutes=0.004)))
    assert caught.value.exit_code == 5
    run = await go_on(folder, ScriptedModel(lambda request: PASS))
    assert run.result.ended == "truncated"


def test_no_more_calls_are_in_flight_than_were_allowed(tmp_path: Path) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def answer(body: Body, http: Handler) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.01)
        with lock:
            now -= 1
        http.say(json.dumps(drawn(schema_of(body), body["seed"])))

    with Endpoint(answer) as endpoint:
        folder = new_run(tmp_path, base_url=endpoint.url, rounds=1)
        asyncio.run(play_on(folder, Options(concurrency=2)))
    assert most == 2


def test_a_cap_on_cost_without_a_price_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from roleplay.cli import run as command

    monkeypatch.chdir(tmp_path)
    from tests.engine.pond import POND

    common = ["run", "dam", "--crisis", str(POND), "--model", "m", "--base-url", "http://127.0.0.1:9/v1"]
    assert command([*common, "--max-cost", "1"]) == 2
    assert "price" in capsys.readouterr().err
    assert not list(tmp_path.rglob("journal.sqlite"))


async def test_a_cap_on_cost_without_a_price_is_refused_in_python_too(tmp_path: Path) -> None:
    model = ScriptedModel(dear)
    with pytest.raises(UsageError, match="needs the price of scripted"):
        await go_on(new_run(tmp_path, rounds=1), model, Options(caps=Caps(cost_usd=1)))
    assert model.requests == []


async def test_a_call_that_is_cancelled_counts_at_its_worst(tmp_path: Path) -> None:
    tables: list[Table] = []
    asked = asyncio.Event()

    def answer(request: Request) -> Line:
        asked.set()
        return dear(request)

    model = ScriptedModel(answer, delay=60)

    @asynccontextmanager
    async def seated(table: Table, build: BuildSeat) -> AsyncIterator[None]:
        tables.append(table)
        yield

    options = Options(seated=seated)
    game = asyncio.create_task(go_on(new_run(tmp_path, rounds=1), model, options))
    await asked.wait()
    game.cancel()
    with pytest.raises(asyncio.CancelledError):
        await game
    purse = tables[0].calls.purse
    assert purse.reserved_tokens == 0
    assert purse.tokens > sum(r.max_tokens for r in model.requests)
