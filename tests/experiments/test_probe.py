"""One seat asked the same decision many times: the same view each time, nothing of the answers kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from roleplay.errors import UsageError
from roleplay.events import Event, Spoken
from roleplay.experiments.probe import UNIT, ProbeArm, probe
from roleplay.game import Options, open_run
from roleplay.models import Reply, Request
from roleplay.models.scripted import Line, ScriptedModel
from roleplay.moves import Turn
from roleplay.players import Fallbacks
from roleplay.transcripts.record import prompt_of
from tests.hosting.pond import asked, hosted, pond_run, until
from tests.promises.playing import PASS, play_models


async def played(folder: Path) -> tuple[Path, list[Spoken], ScriptedModel]:
    model = ScriptedModel(lambda request: PASS)
    run = await play_models(folder, model, rounds=2)
    return run.folder, [e for e in run.events if isinstance(e, Spoken) and e.phase == "talks" and e.round == 2], model


async def test_the_view_is_that_of_the_turn_and_only_the_seed_differs(tmp_path: Path) -> None:
    folder, turns, first = await played(tmp_path)
    model = ScriptedModel(lambda request: PASS)
    options = Options(open_model=lambda spec: model)
    found = await probe(folder, turns[1].id, 4, [ProbeArm("as it was", {})], options)
    asked = {json.dumps(list(request.messages)) for request in model.requests}
    assert len(asked) == 1
    assert asked < {json.dumps(list(request.messages)) for request in first.requests}
    assert len({request.seed for request in model.requests}) == 4
    shares = {"pass": {"share": 1.0, "low": 0.5101, "high": 1.0}}
    assert found["arms"] == [{"name": "as it was", "moves": {"pass": 4}, "failed": 0, "shares": shares}]
    assert found["unit"] == UNIT


class Ponders(ScriptedModel):
    """Thinks until it may answer."""

    def __init__(self, replies: Iterable[Line]) -> None:
        super().__init__(replies)
        self.asked = 0
        self.may = asyncio.Semaphore(0)

    async def complete(self, request: Request) -> Reply:
        self.asked += 1
        await self.may.acquire()
        return await super().complete(request)


def spoken(events: Iterable[Event]) -> list[Spoken]:
    return [e for e in events if isinstance(e, Spoken) and (e.ring, e.seat) == ("all", "otter")]


async def test_on_an_open_floor_the_view_is_that_of_the_question_whoever_spoke_meanwhile(tmp_path: Path) -> None:
    seats = {"heron": "human", "otter": "model", "newt": "baseline:defiant"}
    folder, model = pond_run(tmp_path, seats, model="m", open_floor=("all",)), Ponders(["nonsense", PASS])
    options = Options(out=tmp_path, open_model=lambda spec: model)

    async with hosted(folder, options, Fallbacks(silence=1000)) as (host, game):
        await host.submit("heron", (await asked(host, "heron", "all")).ticket, Turn(text="Otter, well?"))
        model.may.release()
        await until(lambda: model.asked == 2, game)
        await host.submit("heron", (await asked(host, "heron", "all")).ticket, Turn(text="I cannot wait."))
        model.may.release()
        await until(lambda: spoken(host.events), game)
    [turn] = spoken(open_run(folder).events)
    shown = prompt_of(folder, turn)
    assert (turn.turn, len(shown["attempts"])) == (3, 1)
    assert shown["messages"] == model.requests[1].messages
    again = ScriptedModel(lambda request: PASS)
    await probe(folder, turn.id, 1, [ProbeArm("as it was", {})], Options(open_model=lambda spec: again))
    assert again.requests[0].messages == model.requests[0].messages
    assert "I cannot wait." not in str(again.requests[0].messages)


async def test_moves_are_counted_and_what_no_referee_lets_pass_failed(tmp_path: Path) -> None:
    folder, turns, _ = await played(tmp_path)
    before = len(open_run(folder).events)

    def by_seed(request: Request) -> Any:
        return "nonsense" if request.seed % 2 else PASS

    options = Options(open_model=lambda spec: ScriptedModel(by_seed))
    (arm,) = (await probe(folder, turns[0].id, 12, [ProbeArm("as it was", {})], options))["arms"]
    assert arm["failed"] + sum(arm["moves"].values()) == 12
    assert 0 < arm["shares"]["pass"]["low"] < arm["shares"]["pass"]["high"] < 1
    assert len(open_run(folder).events) == before


async def test_arms_differ_by_what_they_change(tmp_path: Path) -> None:
    folder, turns, _ = await played(tmp_path)
    seat = turns[0].seat or ""
    calm = ProbeArm("steady", {"seats": dict.fromkeys(("heron", "otter", "newt"), "baseline:steady")})
    careful = ProbeArm("careful", {"strategies": {seat: "careful"}})
    model = ScriptedModel(lambda request: PASS)
    found = await probe(folder, turns[0].id, 2, [calm, careful], Options(open_model=lambda spec: model))
    assert [arm["name"] for arm in found["arms"]] == ["steady", "careful"]
    assert any("Ask before you act" in m["content"] for request in model.requests for m in request.messages)


async def test_an_event_that_is_no_decision_is_told(tmp_path: Path) -> None:
    folder, _, _ = await played(tmp_path)
    closed = next(e for e in open_run(folder).events if e.kind == "phase")
    with pytest.raises(UsageError, match="is no decision of a seat"):
        await probe(folder, closed.id, 1, [], Options())
    with pytest.raises(UsageError, match="0 events of this run start so"):
        await probe(folder, "zz", 1, [], Options())
