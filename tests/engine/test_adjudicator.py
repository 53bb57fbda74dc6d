"""A model that says which arguable effects of the world follow: closed, off by default, and told to nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from roleplay.branching import branch
from roleplay.cli.app import app
from roleplay.errors import ProviderError, UsageError
from roleplay.estimate import estimate
from roleplay.events import PUBLIC
from roleplay.game import Options, Run, aplay, load_setup, open_run, play_on
from roleplay.journal import Journal
from roleplay.journal.verify import verify
from roleplay.models import Reply, Request
from roleplay.models.scripted import Line, ScriptedModel
from roleplay.moves import Accept, Open, Table, Use
from roleplay.setup import Settings, resolve
from roleplay.transcripts.export import export
from roleplay.transcripts.record import load_record, prompt_of
from roleplay.views import AFTER, view
from tests.faults import FAULTS
from tests.strict import strict_problems

from .pond import POND, SEATS, Player, clause, does, kinds, says

ADJUDICATED = {"adjudicator": "judge-of-the-pond"}
DAM = does(Use(instrument="raise_dam", params={}))
SECRET = "below-the-third-willow"
PLAYERS = {
    "newt": Player({
        (1, "act"): does(Open(ring="reeds")), (3, "act"): DAM, (2, "talks", "reeds"): says("", Accept(number=1)),
    }),
    "heron": Player({
        (1, "act"): does(Open(ring="reeds")),
        (2, "talks", "reeds"): says("", Table(commitments=(clause("newt", "halt", "dam", scope=SECRET),))),
    }),
}  # fmt: skip
"""Heron and Newt agree in secret that Newt's dam is not raised; Newt raises it."""


def finding(*numbers: int, why: str = "Nobody minds.") -> dict[str, Any]:
    return {"reasoning": why, "set_aside": list(numbers)}


async def adjudicated(out: Path, says: Line, **settings: Any) -> tuple[Run, list[Request]]:
    """The game of the dam before an adjudicator that always says the same."""
    model = ScriptedModel(lambda request: says, name=ADJUDICATED["adjudicator"])
    options = Options(out=out, open_model=lambda spec: model)
    seats = {seat: PLAYERS.get(seat) or Player() for seat in SEATS}
    asked = {"models": ADJUDICATED, **settings}
    return await aplay("dam", crisis=str(POND), seats=seats, options=options, **asked), model.requests


def rows(run: Run) -> list[str]:
    return [e.row for e in kinds(run.events, "effect") if e.row in ("dam-alarms", "breach-alarms")]


async def test_an_adjudicator_takes_out_the_effects_it_names_and_no_other(tmp_path: Path) -> None:
    plain, unasked = await adjudicated(tmp_path / "plain", finding(1), models={})
    ruled, asked = await adjudicated(tmp_path / "ruled", finding(1))
    assert (unasked, plain.result.adjudicator) == ([], None)
    assert rows(plain) == ["dam-alarms"] * 3 + ["breach-alarms"]
    assert rows(ruled) == ["breach-alarms"]
    [said] = kinds(ruled.events, "adjudication")
    [dam] = [e for e in kinds(ruled.events, "move") if e.move.kind == "use"]
    assert [(u.row, u.claim, u.cause) for u in said.set_aside] == [("dam-alarms", "C1", dam.id)]
    assert (said.round, said.phase, said.asked, said.outcome) == (3, "settle", 2, "ok")
    assert ruled.result.calls == 0
    assert ruled.result.adjudicator == {
        "model": "judge-of-the-pond",
        "calls": 1,
        "failed": 0,
        "asked": 2,
        "set_aside": 1,
    }
    [request] = asked
    assert "What the elders say" in request.messages[0]["content"]
    assert not strict_problems(request.schema)


async def test_what_it_sees_and_says_of_secrets_reaches_no_seat(tmp_path: Path) -> None:
    run, [asked] = await adjudicated(tmp_path, finding(2, why=f"They agreed on it {SECRET}."))
    assert SECRET in asked.messages[1]["content"]
    [said] = kinds(run.events, "adjudication")
    assert said.readers == ()
    record = load_record(run.folder)
    for reader in (*SEATS, PUBLIC):
        assert not kinds(view(run.events, reader, AFTER).events, "adjudication")
        known = [export(record.as_seat(reader), format) for format in ("jsonl", "md", "html", "csv")]
        assert any(SECRET in text for text in known) == (reader in ("heron", "newt"))
        assert not any("They agreed on it" in text for text in known)
    assert "They agreed on it" in export(record, "md")


async def test_its_words_move_nothing_and_bad_answers_leave_the_table_as_it_is(tmp_path: Path) -> None:
    raised = ("key-refused", "unreachable", "context-full")
    bad: dict[str, Line] = {name: make() for name, make in FAULTS.items() if name not in raised} | {
        "unknown case": finding(3), "not a number": {"reasoning": "", "set_aside": ["dam-alarms"]},
        "own figures": {"reasoning": "", "effects": [{"indicator": "tension", "by": -90}]},
    }  # fmt: skip
    for name, line in bad.items():
        run, asked = await adjudicated(tmp_path / name.replace(" ", "-"), line)
        [said] = kinds(run.events, "adjudication")
        assert (said.outcome, said.set_aside, len(asked)) == ("failed", (), 3), name
        assert rows(run) == ["dam-alarms"] * 3 + ["breach-alarms"], name
        assert run.result.adjudicator
        assert run.result.adjudicator["failed"] == 1


async def test_an_answer_that_is_mended_counts(tmp_path: Path) -> None:
    answers: list[Line] = [Reply("none of them"), finding(2)]
    model = ScriptedModel(answers, name="judge")
    options = Options(out=tmp_path, open_model=lambda spec: model)
    seats = {seat: PLAYERS.get(seat) or Player() for seat in SEATS}
    run = await aplay("dam", crisis=str(POND), seats=seats, options=options, models=ADJUDICATED)
    [said] = kinds(run.events, "adjudication")
    assert (said.outcome, rows(run)) == ("repaired", ["dam-alarms"] * 3)
    shown = prompt_of(run.folder, said)
    assert json.loads(shown["reply"]["text"]) == finding(2)
    assert [a["reply"]["outcome"] for a in shown["attempts"]] == ["malformed"]
    assert "`reasoning` and `set_aside`" in shown["messages"][-1]["content"]
    assert verify(run.folder).ok


async def test_a_stopped_run_asks_again_only_what_was_not_answered(tmp_path: Path) -> None:
    lines: list[Line] = [Reply("hm"), ProviderError("the endpoint went away")]
    first = ScriptedModel(lines)
    options = Options(out=tmp_path, open_model=lambda spec: first)
    seats = {seat: PLAYERS.get(seat) or Player() for seat in SEATS}
    with pytest.raises(ProviderError, match="went away"):
        await aplay("dam", crisis=str(POND), seats=seats, options=options, models=ADJUDICATED)
    [folder] = tmp_path.iterdir()
    second = ScriptedModel([finding(1)])
    run = await play_on(folder, replace(options, open_model=lambda spec: second, seats=seats))
    straight, _ = await adjudicated(tmp_path / "straight", finding(1))
    assert rows(run) == rows(straight) == ["breach-alarms"]
    assert [e.outcome for e in kinds(run.events, "adjudication")] == ["repaired"]
    assert run.result.adjudicator
    assert run.result.adjudicator["calls"] == 2
    assert open_run(folder).result == run.result


async def test_a_branch_takes_its_adjudicator_along_or_gets_one(tmp_path: Path) -> None:
    plain, _ = await adjudicated(tmp_path / "plain", finding(1), models={})
    seats = {seat: PLAYERS.get(seat) or Player() for seat in SEATS}
    model = ScriptedModel(lambda request: finding(1, 2))
    options = Options(out=tmp_path / "branches", open_model=lambda spec: model, seats=seats)
    folder = branch(plain.folder, "3", options, {"models": ADJUDICATED})
    assert rows(await play_on(folder, options)) == []
    again = branch(folder, "4", options, {"seed": 1})
    with Journal.open(again) as journal:
        assert load_setup(journal).adjudicator is not None
        assert [key.seat for key in journal.replies] == ["adjudicator"]


def test_its_calls_are_estimated_beforehand() -> None:
    seats = dict.fromkeys(("us", "rok", "jpn", "prc", "rus", "dprk"), "baseline:hawk")
    settings = Settings(scenario="august-2017", seats=seats, rounds=2, models=ADJUDICATED)
    guess = estimate(resolve(settings), Options())
    assert guess.models == ("judge-of-the-pond",)
    assert guess.calls == guess.path_calls == 2
    assert guess.tokens["prompt"] > 0


def test_a_role_that_does_not_exist_is_refused() -> None:
    wrong = {"wolf": "x"}, {"judge": "x"}
    told = "seat or role 'wolf' does not exist; there is adjudicator, heron, newt, otter", "a run has no judge"
    for models, words in zip(wrong, told, strict=True):
        with pytest.raises(UsageError, match=words):
            resolve(Settings(scenario="dam", crisis=str(POND), models=models))
    with pytest.raises(UsageError, match="leaves nothing to an adjudicator"):
        resolve(Settings(scenario="dam", crisis=str(POND), models=ADJUDICATED, world="null"))


def test_the_command_line_gives_it_a_model_of_its_own_and_a_mask(tmp_path: Path) -> None:
    script = tmp_path / "rulings.jsonl"
    script.write_text("\n".join([json.dumps(finding(1, why="Beijing takes it calmly."))] * 2), encoding="utf-8")
    seats = [part for s in ("us", "rok", "jpn", "prc", "rus", "dprk") for part in ("--seat", f"{s}=baseline:hawk")]
    asked = ["run", "august-2017", "--rounds", "1", "--mask", "--out", str(tmp_path / "runs"), "--json", *seats]
    done = CliRunner().invoke(app, [*asked, "--model-of", f"adjudicator=scripted:{script}"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert (result["adjudicator"]["calls"], result["adjudicator"]["set_aside"]) == (1, 1)
    run = open_run(Path(result["run"]))
    [said] = kinds(run.events, "adjudication")
    sent = json.dumps(prompt_of(run.folder, said)["messages"])
    assert not any(name in sent for name in ("Korea", "Pyongyang", "Beijing", "2017"))
