"""Whether a model knows the crisis behind its prompt: what it is asked, and how its answer is read."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from roleplay.cli import run
from roleplay.errors import UsageError
from roleplay.models.scripted import ScriptedModel
from roleplay.recognition import Answer, recognise
from roleplay.setup import Settings, resolve
from tests.engine.pond import POND

KNOWN = {"crisis": "Korean missile crisis", "country": "North Korea", "year": "2017"}
GUESSED = {"crisis": "Cuban missile crisis", "country": "United States", "year": "1962"}


def asked(*answers: dict[str, str], mask: bool = True) -> tuple[ScriptedModel, list[Answer]]:
    model = ScriptedModel(answers)
    setup = resolve(Settings(scenario="august-2017", mask=mask))
    return model, asyncio.run(recognise(setup, "us", model, len(answers)))


def test_an_answer_that_names_the_crisis_is_told_from_one_that_names_another() -> None:
    _, (known, guessed) = asked(KNOWN, GUESSED)
    assert (known.recognised, known.year) == (True, True)
    assert (guessed.recognised, guessed.year) == (False, False)
    assert guessed.named == ("United States",)


def test_the_model_is_shown_the_prompt_of_the_seat_behind_the_mask_and_asked_at_its_end() -> None:
    model, _ = asked(KNOWN)
    shown = [m["content"] for m in model.requests[0].messages]
    assert "Ardanian Union" in shown[0]
    assert "Korea" not in "".join(shown)
    assert "Which crisis is it" in shown[-1]


def test_without_the_mask_it_is_shown_real_names() -> None:
    model, _ = asked(KNOWN, mask=False)
    assert "Pyongyang" in model.requests[0].messages[0]["content"]


def test_a_crisis_without_a_mask_cannot_be_asked_about() -> None:
    setup = resolve(Settings(scenario="dam", crisis=str(POND)))
    with pytest.raises(UsageError, match="no names to look for"):
        asyncio.run(recognise(setup, "heron", ScriptedModel([KNOWN])))


def test_a_seat_that_does_not_exist_is_refused_with_those_that_do() -> None:
    setup = resolve(Settings(scenario="august-2017"))
    with pytest.raises(UsageError, match="seat 'usa' does not exist; there is dprk"):
        asyncio.run(recognise(setup, "usa", ScriptedModel([KNOWN])))


def test_the_command_reports_what_was_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "answers.jsonl"
    script.write_text(f"{json.dumps(KNOWN)}\n{json.dumps(GUESSED)}\n", encoding="utf-8")
    arguments = ["recognise", "august-2017", "--mask", "--times", "2", "--model", f"scripted:{script}", "--json"]
    assert run(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["recognised"], found["times"], found["masked"], found["seat"]) == (1, 2, True, "us")
