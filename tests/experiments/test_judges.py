"""Judges in a batch: samples of a game come to one score, each judge is told apart, and nobody is asked twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.errors import LimitReached, ProviderError
from roleplay.experiments.batch import Batch
from roleplay.experiments.matrix import lay_out
from roleplay.experiments.report import findings_of
from roleplay.experiments.runner import Progress
from roleplay.experiments.scorers import calibrated, scorer_of
from roleplay.models import ChatModel, Reply, Request, Usage
from roleplay.models.prices import Price
from roleplay.models.registry import ModelSpec
from roleplay.models.scripted import ScriptedModel
from roleplay.purse import Caps
from tests.experiments.pond import buckets, play, suite
from tests.scoring.panels import always, verdict

HEAT = """---
name: heat
title: Heat
unit: line
shown: [line]
scale: {"0": calm, "1": warm, "2": hot}
ordered: true
---
How hot is the line?
"""
"""A rubric in the user's folder."""
SEAT = "python:tests.experiments.seats:"
SUITE = f"""
id: judged
title: Judged
question: Is a talkative Washington hotter?
scenario: back-channel
variants: [0, 1]
base: {{rounds: 1, seats: {{us: "{SEAT}Talkative", dprk: "{SEAT}Mute"}}}}
factors: {{play: {{plain: {{}}, loud: {{seats: {{us: "{SEAT}Loud"}}}}}}}}
control: plain
outcomes: {{score: {{of: "judged:heat", low: 0, high: 2, better: lower}}}}
primary: score
smallest_effect: 1
references: {{floor: {{settings: {{seats: {{us: "{SEAT}Mute", dprk: "{SEAT}Mute"}}}}, variants: [0]}}}}
judges: [mild, always]
judge_samples: 3
rubrics: [heat]
"""
GAMES = 5
PRICES = dict.fromkeys(("mild", "always"), Price(prompt=2000, cached=0, completion=0))
"""0.2 USD a verdict."""


COST = 120
"""Tokens of a verdict."""


def said(value: int) -> Reply:
    return Reply(json.dumps(verdict(value)), usage=Usage(100, 0, 20))


class Bench:
    """Two scripted judges: one sees heat 0, 1 or 2 by the sample that it is asked for, the other always 2."""

    def __init__(self) -> None:
        self.mild, self.strict = ScriptedModel(self._by_sample, name="mild"), always(said(2))

    def _by_sample(self, request: Request) -> Reply:
        return said((0, 1, 1)[request.seed])

    def open(self, spec: ModelSpec) -> ChatModel:
        return {"mild": self.mild, "always": self.strict}[spec.model]

    @property
    def asked(self) -> int:
        return len(self.mild.requests) + len(self.strict.requests)


def judged(folder: Path, bench: Bench, caps: Caps | None = None) -> tuple[Progress, dict[str, Any]]:
    """Play a batch whose games are judged; how it went, and the figures of one game of the control."""
    asked = suite(SUITE)
    progress = play(folder, asked, scorer_of(lay_out(asked)), caps=caps, open_model=bench.open, prices=PRICES)
    with Batch.read(folder) as batch:
        figures: dict[str, Any] = dict(batch.cards())["plain.v0.s0.r0"]["figures"]
        return progress, figures


@pytest.fixture
def rubric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "evals" / "rubrics" / "heat.md"
    path.parent.mkdir(parents=True)
    path.write_text(HEAT, "utf-8")
    return path


def test_a_games_judge_samples_come_to_one_score_and_each_judge_has_its_own(rubric: Path, tmp_path: Path) -> None:
    bench = Bench()
    _, figures = judged(tmp_path / "b", bench)
    assert figures["judged:heat@mild"] == 1.0
    assert figures["judged:heat@always"] == 2.0
    assert figures["outcome:score"] == figures["judged:heat"] == 1.0, "the middle of 0, 1, 1, 2, 2, 2"
    assert figures["run:judge_calls"] == 6
    assert {request.seed for request in bench.mild.requests} == {0, 1, 2}
    with Batch.read(tmp_path / "b") as batch:
        found = findings_of(batch)
    assert {c.outcome for c in found.elsewhere} >= {"judged:heat@mild", "judged:heat@always"}
    assert found.arms[0].outcomes["score"].games == 2, "six verdicts a game are one score"


def test_another_rubric_asks_its_judges_again_and_plays_nothing(rubric: Path, tmp_path: Path) -> None:
    bench = Bench()
    judged(tmp_path / "b", bench)
    first = bench.asked
    again, _ = judged(tmp_path / "b", bench)
    assert (again.reused, again.rescored, bench.asked) == (GAMES, 0, first)
    rubric.write_text(HEAT.replace("How hot", "How very hot"), "utf-8")
    changed, _ = judged(tmp_path / "b", bench)
    assert (changed.fresh, changed.rescored, bench.asked) == (0, GAMES, 2 * first)


def test_a_judge_that_dies_half_way_is_asked_only_what_it_has_not_answered(rubric: Path, tmp_path: Path) -> None:
    class Dying(Bench):
        def _by_sample(self, request: Request) -> Any:
            return super()._by_sample(request) if len(self.mild.requests) < 8 else ProviderError("gone")

    dying, bench = Dying(), Bench()
    with pytest.raises(ProviderError, match="gone"):
        judged(tmp_path / "b", dying)
    judged(tmp_path / "b", bench)
    assert buckets(tmp_path / "b") == {"scored": GAMES}
    answered = 7 + len(dying.strict.requests)
    assert answered + bench.asked == 4 * 6, "a reply that was kept is not asked for again"


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (Caps(tokens=24 * COST + 1000), Caps(tokens=48 * COST + 10_000)),
        (Caps(cost_usd=24 * 0.2 + 0.1), Caps(cost_usd=48 * 0.2 + 20)),
    ],
    ids=["tokens", "USD"],
)
def test_what_judges_spent_in_an_earlier_sitting_counts_against_the_cap(
    rubric: Path, tmp_path: Path, low: Caps, high: Caps
) -> None:
    bench = Bench()
    judged(tmp_path / "b", bench)
    assert bench.asked == 24
    rubric.write_text(HEAT.replace("How hot", "How very hot"), "utf-8")
    with pytest.raises(LimitReached):
        judged(tmp_path / "b", bench, low)
    assert bench.asked < 48
    judged(tmp_path / "b", bench, high)
    assert bench.asked == 48


def test_how_far_a_judge_agrees_with_known_cases_is_looked_up(rubric: Path) -> None:
    known = calibrated(suite(SUITE.replace("[mild, always]", "[embedded, mild]")))
    assert known["smollm2-135m"]["testing_moratorium"] == pytest.approx(0.72, abs=0.01)
    assert known["mild"] == {}


def test_the_report_names_what_its_judges_are_worth(rubric: Path, tmp_path: Path) -> None:
    judged(tmp_path / "b", Bench())
    with Batch.start(tmp_path / "b", suite(SUITE), "") as batch:
        batch.note("calibrated", '{"mild": {}, "always": {"forum": 0.6, "payment": 0.9}}')
        told = findings_of(batch).reservations
    assert "The judge mild was not calibrated (roleplay calibrate --model)." in told
    assert "The judge always agrees with the labels of known accords below .8 on forum 0.60." in told
