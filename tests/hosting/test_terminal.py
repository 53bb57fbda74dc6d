"""A person at a terminal: briefed, asked, checked at once, shown the referee's word, debriefed; by scripted lines."""

from __future__ import annotations

import io
import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from roleplay.cli import run as command
from roleplay.events import Moved, Spoken
from roleplay.game import open_run
from roleplay.transcripts.html import TEMPLATES
from tests.engine.pond import POND

PLAY = [
    "play", "dam", "--crisis", str(POND), "--as", "otter", "--rounds", "1",
    "--seat", "heron=baseline:steady", "--seat", "newt=baseline:defiant",
]  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join((*lines, ""))))


def only_run(here: Path) -> Path:
    return next((here / "transcripts").iterdir())


def test_a_whole_game_is_played_from_standard_input(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    typed(monkeypatch, "We hear you.", "And we wait.", "/send", *["/pass"] * 12)
    assert command([*PLAY]) == 0
    out = capsys.readouterr().out
    assert "You are OTTER, Otter" in out
    assert "Red lines:" in out
    assert "Your answer is read by: HERON, OTTER only" in out
    assert "Debrief" in out
    assert "transcript: " in out
    assert max(map(len, out.split("Debrief")[0].splitlines())) <= 80
    assert "\x1b" not in out
    run = open_run(only_run(here))
    assert "We hear you. And we wait." in [e.text for e in run.events if isinstance(e, Spoken) and e.seat == "otter"]
    assert run.result.people == ["otter"]


def test_a_move_is_asked_for_step_by_step_and_checked_at_once(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    lines = ["/do table", "9", "otter,heron", "moon", "halt/dam", "y", *["nothing"] * 4, "dated", "3 weeks"]
    typed(monkeypatch, *lines, "", "", "", "", "/draft", "/preview", "/send", *["/pass"] * 12)
    assert command([*PLAY]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "'9' means none of the choices" in out
    assert "'moon' means none of the choices" in out
    assert "legal" in out
    tabled = next(e for e in open_run(only_run(here)).events if isinstance(e, Moved) and e.seat == "otter")
    assert tabled.move.kind == "table"


def test_what_the_referee_would_refuse_never_leaves_the_draft(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    typed(monkeypatch, "/do leak ring=bank", "/do nonsense", "/send", "/frob", "/drop x", "/drop 9", *["/pass"] * 12)
    assert command([*PLAY]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "not a move of this moment" in out
    assert "nothing to send" in out
    assert "there is no /frob" in out
    assert "there is no move 9 in your turn" in out
    assert open_run(only_run(here)).result.failed_turns == 0


def test_who_quits_goes_on_later_where_they_stopped(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    typed(monkeypatch, "First words.", "/send", "Half a", "/quit")
    assert command([*PLAY]) == 130
    assert "roleplay resume" in capsys.readouterr().err
    typed(monkeypatch, "sentence.", "/quit")
    assert command(["resume", str(only_run(here))]) == 130
    assert "You had begun:\nYour turn: “Half a”" in capsys.readouterr().out
    typed(monkeypatch, "/draft", "/quit")
    assert command(["resume", str(only_run(here))]) == 130
    assert "You had begun:\nYour turn: “Half a sentence.”" in capsys.readouterr().out
    typed(monkeypatch, "/inbox", "/ledger", "/dossier", "/help", "/advice", *["/pass"] * 12)
    assert command(["resume", str(only_run(here))]) == 0
    assert "First words." in capsys.readouterr().out
    run = open_run(only_run(here))
    assert [e.text for e in run.events if isinstance(e, Spoken) and e.seat == "otter" and e.text] == ["First words."]


def test_json_leaves_standard_output_to_the_result(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    typed(monkeypatch, *["/pass"] * 12)
    assert command([*PLAY, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["people"] == ["otter"]
    assert "Debrief" in err


def test_one_person_sits_at_a_terminal(here: Path, capsys: Any) -> None:
    assert command([*PLAY, "--seat", "newt=human"]) == 2
    assert "roleplay serve" in capsys.readouterr().err
    assert command([*PLAY, "--dry-run"]) == 0


def test_what_is_listed_stands_in_columns_and_goes_on_under_its_own_beginning(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    typed(monkeypatch, "/help", "/moves", "/dossier", "/ledger", "/inbox", "/advice", "/what", "/quit")
    assert command([*PLAY]) == 130
    lines = capsys.readouterr().out.splitlines()
    words = (TEMPLATES / "seat.txt.j2").read_text("utf-8").partition("{% macro help() %}\n")[2].partition("{%")[0]
    assert set(words.splitlines()) <= set(lines)
    assert len(words.splitlines()) > 14
    moves = [line for line in lines if re.match(r"  [a-z_:]+ {5,}[A-Z]", line)]
    assert len(moves) > 4
    assert len({line.index(line.split(maxsplit=1)[1]) for line in moves}) == 1
    under = [after for line, after in pairwise(lines) if line.startswith("  - ") and not after.startswith("  - ")]
    assert all(line.startswith("    ") or not line.startswith(" ") for line in under)
    assert "! there is no /what" in lines


def test_on_an_open_floor_one_hears_the_others_and_speaks_again(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    typed(monkeypatch, *["/pass"] * 2, "Newt, what now?", "/send", *["/pass"] * 30)
    assert command([*PLAY, "--open-floor", "all", "--silence", "0"]) == 0
    out = capsys.readouterr().out
    assert "The floor is open" in out
    run = open_run(only_run(here))
    said = [e.seat for e in run.events if isinstance(e, Spoken) and e.ring == "all" and e.outcome != "passed"]
    assert {"otter", "newt"} <= set(said)


def test_what_another_uses_is_told_by_its_title_and_never_offered(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    script = here / "newt.yaml"
    script.write_text("seats:\n  newt:\n    - {round: 1, phase: act, moves: [{kind: use, instrument: raise_dam}]}\n")
    typed(monkeypatch, "/dossier", "/moves", *["/pass"] * 12)
    assert command([*PLAY[:-1], f"newt=script:{script}"]) == 0
    out = capsys.readouterr().out
    assert "uses Raise the dam" in out
    assert "raise_dam" not in out


def test_a_slip_of_the_hand_is_told_and_nothing_is_lost(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    typed(monkeypatch, "We hear you.", "/do leak ring='bank", "x" * 2100, "/send", *["/pass"] * 12)
    assert command([*PLAY]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "ring='bank: a quotation mark is not closed" in out
    assert "2000 at most" in out
    run = open_run(only_run(here))
    assert [e.text for e in run.events if isinstance(e, Spoken) and e.seat == "otter" and e.text] == ["We hear you."]
