"""A class's set-up: written by one command, checked with lines, used again; a session of it, and its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.branching import branch
from roleplay.cli import run as command
from roleplay.errors import AuthorError, UsageError
from roleplay.game import Options, open_run
from roleplay.loading import parse_document
from roleplay.sessions import begin, find_session, load_session, read_session
from tests.engine.pond import POND

NEW = ["session", "new", "monday", "dam", "--crisis", str(POND), "--seat", "heron=human", "--worlds", "2",
       "--minutes", "8", "--late", "20", "--team", "2", "--others", "baseline"]  # fmt: skip


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(AuthorError) as caught:
        read_session(parse_document(text.encode(), "sessions/x.yaml"))
    return [(p.line, p.where) for p in caught.value.problems]


def test_one_command_writes_a_set_up_that_is_listed_and_used_again(capsys: Any) -> None:
    assert command(NEW) == 0
    assert command(["validate", "sessions/monday.yaml"]) == 0
    capsys.readouterr()
    assert command(["session", "list", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == ["monday"]
    file = load_session("monday")
    assert (file.people, file.fallbacks.seconds, file.fallbacks.model_seconds, file.team) == (["heron"], 480, 20, 2)
    first, second = (begin(file, "runs") for _ in range(2))
    assert first.folder != second.folder
    setups = [open_run(run).setup for run in first.runs]
    assert [setup.settings.seed for setup in setups] == [0, 1]
    assert {seat: plan.driver.partition(":")[0] for seat, plan in setups[0].plans.items()} == {
        "heron": "human", "otter": "baseline", "newt": "baseline",
    }  # fmt: skip
    assert find_session(first.name, Path("runs")) == first
    with pytest.raises(UsageError, match="several sessions"):
        find_session("monday", Path("runs"))


def test_a_delegation_and_rules_that_bind_are_kept_in_the_file() -> None:
    asked = [*NEW, "--delegation", "heron=ada,bob:bank", "--bind", "SHOULD"]
    assert command(asked) == 0
    file = load_session("monday")
    assert [member.id for member in file.delegations["heron"].members] == ["ada", "bob"]
    assert file.setup().settings.bind == ("SHOULD",)


def test_a_set_up_is_not_overwritten_by_the_command_and_a_broken_one_is_still_listed(capsys: Any) -> None:
    assert command(NEW) == 0
    assert command(NEW) == 2
    Path("sessions/broken.yaml").write_text("id: broken\nscenario: dam\n")
    capsys.readouterr()
    assert command(["session", "list"]) == 0
    assert "sessions/broken.yaml" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("scenario: damm", [(2, "scenario")]),
        ("rounds: 99", [(7, "rounds")]),
        ("worlds: 0", [(7, "worlds")]),
        ("stand_in: nobody", [(7, "stand_in")]),
        ("others: model", [(7, "others")]),
        ("colour: red", [(7, "colour")]),
        ("trust_templates: true", [(7, "trust_templates")]),
        ("strategies:\n  heron: none", [(8, "strategies.heron")]),
    ],
)
def test_whatever_does_not_exist_or_fit_is_told_with_its_line(line: str, where: list[tuple[int, str]]) -> None:
    scenario = line if line.startswith("scenario") else "scenario: dam"
    text = f"id: x\n{scenario}\ncrisis: {POND}\nseats:\n  heron: human\n  otter: baseline:dove\n"
    assert problems(text if line == scenario else f"{text}{line}\n") == where


def test_seats_are_checked_one_by_one() -> None:
    text = f"id: x\nscenario: dam\ncrisis: {POND}\nseats:\n  frog: human\n  otter: baseline:nobody\n"
    assert problems(text) == [(5, "seats.frog"), (6, "seats.otter")]
    nobody = f"id: x\nscenario: dam\ncrisis: {POND}\nseats:\n  otter: baseline:dove\n"
    assert problems(nobody) == [(4, "seats")]


def test_a_session_is_removed_whole_and_its_set_up_stays(capsys: Any) -> None:
    assert command(NEW) == 0
    session = begin(load_session("monday"), "transcripts")
    (session.folder / "access.json").write_text("{}")
    once = branch(session.runs[0], "1.talks", Options(out=Path("transcripts")), {})
    branch(once, "1.talks", Options(out=Path("transcripts")), {})
    (session.runs[1] / "desks.json").write_text("{}")
    assert command(["session", "delete", session.runs[0].name]) == 2
    assert f"roleplay session delete {session.name}" in capsys.readouterr().err
    assert command(["session", "delete", session.name, "--json"]) == 0
    removed = {Path(f).name for f in json.loads(capsys.readouterr().out)["removed"]}
    assert removed >= {"journal.sqlite", "desks.json", "access.json", "session.json"}
    assert list(Path("transcripts").iterdir()) == []
    assert load_session("monday").worlds == 2
