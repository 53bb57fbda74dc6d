"""A crisis of one's own is scored by its own file, broken input is refused in words, and pages lead to their lines."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from roleplay.cli import run as cli
from roleplay.crises import load_crisis
from roleplay.crises.validation import validate_path
from roleplay.errors import DamagedRun, NotMeasurable, UsageError
from roleplay.game import Options, aplay
from roleplay.journal import FILE
from roleplay.moves import Accept, Table, Use
from roleplay.scoring import case_of, score, score_case, score_commitments
from roleplay.scoring.page import render_card
from roleplay.transcripts.record import RunRecord, load_record
from tests.engine.pond import POND, Player, clause, does, play_pond
from tests.scoring.games import play

SCORE = """
version: 3
items:
  - id: dam
    title: The dam stands still
    levels:
      - score: 2
        when: [{clause: {type: halt, object: dam, giver: newt, states: [duration]}}]
        says: Stopped for a time.
      - score: 1
        when: [{clause: {type: halt, giver: newt}}]
        says: Stopped, for who knows how long.
    otherwise: It grows.
fails:
  - fail: works
    title: The dam grew.
    when: [{ever: {instrument: raise_dam}}]
metrics:
  - {id: patrols, title: Patrols, meaning: Boats sent out., form: per_round, of: [{instrument: patrol}], src: [OWN]}
lenses:
  - id: heron
    title: The herons' lens
    note: Still water.
    weights: [{item: dam, weight: 1, why: Nothing else counts.}]
"""
GOVERNMENTS = """
governments:
  heron: {interests: {i1: {served: [{clause: {type: halt}}]}}}
"""
HALT = clause("newt", "halt", "dam", duration="4 weeks")


@pytest.fixture
def pond(tmp_path: Path) -> Path:
    folder = tmp_path / "pond"
    shutil.copytree(POND, folder)
    (folder / "score.yaml").write_text(SCORE)
    (folder / "governments.yaml").write_text(GOVERNMENTS)
    return folder


# --- a crisis of one's own -------------------------------------------------------------------------------------------


async def test_a_crisis_of_ones_own_is_scored_by_its_file_without_python(tmp_path: Path, pond: Path) -> None:
    heron = Player({(1, "talks", "all"): does(Table(commitments=(HALT,))), (1, "act"): does(Use(instrument="patrol"))})
    newt = Player({(1, "talks", "all"): does(Accept(number=1)), (2, "act"): does(Use(instrument="raise_dam"))})
    run = await aplay(
        "dam", crisis=str(pond), seats={"heron": heron, "newt": newt, "otter": Player()}, options=Options(out=tmp_path)
    )
    card = score(run)
    assert card.ruleset.split(".")[1] == "pond-3"
    assert card.fails == ("works",)
    assert (card.items["dam"].score, card.items["dam"].evidence) == (0, ())
    assert card.model_dump()["metrics"]["commitments"]["value"]["broken"] == 1
    assert card.metrics["patrols"].value == 1 / card.source.rounds
    assert card.metrics["goldstein"].value
    assert {s.id: s.state for s in card.governments["heron"].interests}["i1"] == "untouched"
    assert card.composite.lens == "heron"
    kept = score_commitments([HALT], load_crisis(pond))
    assert (kept.items["dam"].score, kept.composite.value, kept.fails) == (2, 100, ())


def test_what_a_score_file_names_must_exist(pond: Path) -> None:
    text = SCORE.replace("giver: newt, states", "giver: newton, states").replace("item: dam, w", "item: damn, w")
    (pond / "score.yaml").write_text(
        text.replace("{clause: {type: halt, giver: newt}}", "{metric: {name: heat}}, {negate: true}")
    )
    (pond / "governments.yaml").write_text(GOVERNMENTS.replace("i1", "i7"))
    found = {p.found for p in validate_path(pond)}
    assert found == {
        "seat 'newton' does not exist", "item 'damn' does not exist", "a test that asks nothing",
        "interest 'i7' does not exist", "metric 'heat' does not exist",
    }  # fmt: skip


async def test_a_crisis_without_a_score_file_says_what_is_missing(tmp_path: Path) -> None:
    run = await play_pond(tmp_path)
    with pytest.raises(NotMeasurable, match="nothing says how its games are scored"):
        score(run)


# --- bad input -------------------------------------------------------------------------------------------------------


def test_a_damaged_journal_is_refused_with_the_code_for_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = play(tmp_path)
    with closing(sqlite3.connect(run.folder / FILE)) as db:
        db.execute("UPDATE events SET body = replace(body, 'settle', 'kettle')")
        db.commit()
    with pytest.raises(DamagedRun):
        score(run.folder)
    assert cli(["score", str(run.folder), "--json"]) == 6
    assert capsys.readouterr().out == ""


def test_an_unfinished_run_is_scored_as_far_as_it_went(tmp_path: Path) -> None:
    run = play(tmp_path)
    record = load_record(run.folder)
    half = RunRecord(tuple(e for e in record.events if e.round < 2), played=record.played)
    card = score(half)
    assert (card.source.finished, card.source.rounds) == (False, 1)
    assert card.composite.value == 0


def test_one_seats_export_is_not_enough_to_score(tmp_path: Path) -> None:
    record = load_record(play(tmp_path).folder)
    with pytest.raises(UsageError, match="only what us may know"):
        score(record.as_seat("us"))


def test_commitments_come_from_a_file_that_is_checked_as_a_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "deal.yaml"
    file.write_text("commitments:\n  - {parties: [DPRK], type: moratorium, object: icbm_test, duration: 26 weeks}\n")
    assert cli(["score", "--commitments", str(file), "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["items"]["icbm_moratorium"] == {
        "title": "Halt of ICBM tests", "score": 1, "evidence": ["clause 1"],
        "explanation": "In force, but conditional, short or without start, duration or consequence.",
    }  # fmt: skip
    file.write_text("commitments:\n  - {parties: [DPRK], type: moratorum, object: icbm_test}\n")
    assert cli(["score", "--commitments", str(file)]) == 3
    assert "deal.yaml:2" in (told := capsys.readouterr().err)
    assert "did you mean 'moratorium'?" in told
    file.write_text("commitments: []\n")
    assert cli(["score", "--commitments", str(file)]) == 8
    assert "nothing was agreed" in capsys.readouterr().err


def test_an_unknown_lens_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["score", "august-2017-by-hand", "--lens", "articel"]) == 2
    assert "did you mean 'article'?" in capsys.readouterr().err


# --- pages and lists -------------------------------------------------------------------------------------------------


def test_a_page_holds_card_and_transcript_and_every_link_leads_to_a_line() -> None:
    case = case_of("august-2017-by-hand")
    page = render_card(case, score_case(case))
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(anchors)
    assert len([link for link in links if link.startswith("e-")]) > 100
    assert "What would break it next" in page
    assert page == render_card(case, score_case(case))


def test_a_page_is_written_beside_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "card.html"
    assert cli(["score", "august-2017-by-hand", "--html", str(file), "--no-judge"]) == 0
    out = capsys.readouterr().out
    assert file.read_text().startswith("<!DOCTYPE html>")
    assert "* article" in out
    assert "what would break it next:" in out
    assert cli(["score", "august-2017-by-hand", "august-2017-by-hand", "--html", str(file)]) == 2


def test_several_runs_are_ranked_by_every_lens_and_scale(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["score", "august-2017-smollm2-decides", "august-2017-by-hand"]) == 0
    ranking = capsys.readouterr().out.split("ranking, best first:")[1]
    assert len(re.findall("by-hand > august-2017-smollm2", ranking)) >= 3
    assert cli(["score", "august-2017-smollm2-decides", "august-2017-by-hand", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


@pytest.mark.parametrize("kind", ["lenses", "metrics"])
def test_lenses_and_metrics_are_listed_and_described(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["list", kind, "--crisis", "korea", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert all(set(row) >= {"name", "title", "path"} for row in rows)
    for row in rows[:3]:
        assert cli(["describe", {"lenses": "lens", "metrics": "metric"}[kind], row["name"]]) == 0
        assert len(capsys.readouterr().out) > 40
