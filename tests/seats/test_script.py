from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from roleplay.errors import AuthorError
from roleplay.moves import Accept, Statement, Turn
from roleplay.seats import Seat
from roleplay.seats.script import Script, Slot, find_script, load_script, scripts

from .toy import Toy

GOOD = """\
title: Two seats
seats:
  arl:
    - {round: 1, phase: talks, ring: pair, text: Good morning., deliberation: Be civil.}
    - {round: 1, phase: talks, ring: pair, exchange: 2, text: And once more.}
    - round: 1
      phase: speak
      text: We want peace.
      moves:
        - {kind: statement, post: leader, audience: all, tone: neutral, line: open-door}
  bor:
    - {round: 1, phase: talks, ring: pair, moves: [{kind: accept, number: 1}]}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "game.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def test_one_file_plays_all_its_seats(tmp_path: Path) -> None:
    script, toy = load_script(write(tmp_path, GOOD)), Toy()
    assert isinstance(script, Seat)
    first = script.decide(toy.see("arl", 1, "talks", "pair", 1))
    assert first == Turn(deliberation="Be civil.", text="Good morning.")
    assert script.decide(toy.see("bor", 1, "talks", "pair", 2)).moves == (Accept(number=1),)
    (move,) = script.decide(toy.see("arl", 1, "speak")).moves
    assert isinstance(move, Statement)


def test_exchanges_are_told_apart_by_what_the_seat_has_said_in_this_ring(tmp_path: Path) -> None:
    script, toy = load_script(write(tmp_path, GOOD)), Toy()
    toy.say(1, "pair", 1, "arl", "Good morning.")
    toy.say(1, "pair", 2, "bor", "Good morning to you.")
    assert script.decide(toy.see("arl", 1, "talks", "pair", 3)).text == "And once more."


def test_what_is_not_in_the_script_is_a_pass(tmp_path: Path) -> None:
    script, toy = load_script(write(tmp_path, GOOD)), Toy()
    assert script.decide(toy.see("arl", 2, "talks", "pair")).passed
    assert script.decide(toy.see("cest", 1, "act")).passed


def test_a_mapping_does_as_well_as_a_file() -> None:
    turn: dict[str, Any] = {"round": 1, "phase": "act", "moves": [{"kind": "pass"}]}
    assert Script({"seats": {"arl": [turn]}}).decide(Toy().see("arl", 1, "act")).passed


def test_turns_that_a_game_never_asked_for_are_reported(tmp_path: Path) -> None:
    script, toy = load_script(write(tmp_path, GOOD)), Toy()
    toy.say(1, "pair", 1, "arl", "Good morning.")
    unused = script.unused([event for _, event in toy.entries])
    assert unused == [
        Slot("bor", 1, "talks", "pair", 1), Slot("arl", 1, "talks", "pair", 2), Slot("arl", 1, "speak", None, 1),
    ]  # fmt: skip
    assert str(unused[1]) == "arl in round 1, talks pair, exchange 2"


@pytest.mark.parametrize(("lines", "problem"), [
    ("- {round: 1, phase: talks, text: Hello.}", "game.yaml:3: seats.arl.0: a turn in talks names its ring"),
    ("- {round: 1, phase: act, ring: pair}", "game.yaml:3: seats.arl.0: phase act has no rings"),
    ("- {round: 1, phase: act, moves: [{kind: accept, number: 1}]}", "'accept' in phase act; allowed: use, open"),
    ("- {round: 0, phase: act}", "game.yaml:3: seats.arl.0.round: 0"),
    ("- {round: 1, phase: act, say: hello}", "game.yaml:3: seats.arl.0.say: unknown key 'say'"),
    ("- {round: 1, phase: act, moves: [{kind: attack}]}", "'attack'"),
    ("- {round: 1, phase: act}\n    - {round: 1, phase: act}", "game.yaml:4: seats.arl.1: a second turn of arl"),
])  # fmt: skip
def test_a_broken_script_is_refused_with_the_line(tmp_path: Path, lines: str, problem: str) -> None:
    path = tmp_path / "game.yaml"
    path.write_text(f"seats:\n  arl:\n    {lines}\n", encoding="utf-8")
    with pytest.raises(AuthorError) as caught:
        load_script(path)
    assert problem in str(caught.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, """\
        seats:
          arl:
            - {round: 1, phase: talks}
            - {round: 1, phase: act, exchange: 2}
        """)  # fmt: skip
    with pytest.raises(AuthorError) as caught:
        load_script(path)
    assert [p.line for p in caught.value.problems] == [3, 4]


def test_a_users_script_comes_before_ours_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, ours = next(iter(scripts().items()))
    own = tmp_path / "crises" / "mine" / "scripts"
    own.mkdir(parents=True)
    (own / f"{name}.yaml").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert find_script(name).read_text(encoding="utf-8") == GOOD != ours.read_text(encoding="utf-8")
