"""One seat asked the same decision many times: the same view each time, nothing of the answers kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.errors import UsageError
from roleplay.events import Spoken
from roleplay.experiments.probe import UNIT, ProbeArm, probe
from roleplay.game import Options, open_run
from roleplay.models import Request
from roleplay.models.scripted import ScriptedModel
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
