"""What adds up: indicators by round, the ledger, key moments, the arrangement and the charts."""

from __future__ import annotations

from typing import Any

import pytest

from roleplay.transcripts.charts import line_chart, sparkline, summary_of, tension_chart
from roleplay.transcripts.figures import UNKNOWN, Figures, Series, tension_of
from roleplay.transcripts.record import Played, RunRecord
from roleplay.transcripts.tables import driver_words, facts_of, players_of, tiles_of
from roleplay.transcripts.timeline import audience, audience_class, rounds_of
from roleplay.world import Bounds
from tests.transcripts.words_of_the_game import SEATS


def test_tension_is_folded_by_round_and_an_echo_counts_once(record: RunRecord) -> None:
    whole, friend = Figures(record).tension, Figures(record.as_seat("rok")).tension
    assert whole is not None
    assert friend is not None
    assert whole.values == friend.values == (65.0, 71.5, 64.5)
    echoes = [c for c in Figures(record).changes.values() if c.effect.origin]
    assert [c.counted_before for c in echoes] == [True]
    assert not any(c.counted_before for c in Figures(record.as_seat("rok")).changes.values())


def test_a_view_without_role_sheets_knows_changes_only(record: RunRecord) -> None:
    series = Figures(record.as_seat("public")).tension
    assert series is not None
    assert series.relative
    assert series.bounds is UNKNOWN


def test_a_view_that_read_no_effect_and_has_no_scale_has_no_tension(record: RunRecord) -> None:
    quiet = RunRecord(tuple(e for e in record.events if e.kind not in ("effect", "role")), "public")
    assert Figures(quiet).tension is None
    assert tension_chart(Figures(quiet), quiet.names, 700, 200) is None


def test_the_ledger_knows_broken_untested_and_fallen_texts(record: RunRecord) -> None:
    figures = Figures(record)
    assert [e.id for e in figures.entries("broken")] == ["us-dprk/2.2"]
    untested = {e.id: figures.untested(e) for e in figures.entries("in force")}
    assert untested == {"us-dprk/2.1": False, "us-dprk/2.3": True, "council/1.1": True, "dprk/pledge-1.1": False}
    assert [p.status for p in figures.proposals("rejected")] == ["rejected"]


def test_key_moments_are_the_heaviest_in_the_order_of_play(record: RunRecord) -> None:
    moments = Figures(record).key_moments(3)
    assert [m.event.kind for m in moments] == ["deal", "deal", "deal"]
    heaviest = max(moments, key=lambda m: m.weight)
    assert heaviest.event.ring == "us-dprk"
    assert [e.indicator for e in heaviest.changes] == ["tension", "trust"]


def test_turns_are_counted_by_seat_and_outcome(record: RunRecord) -> None:
    figures = Figures(record)
    assert figures.turns["rus"] == {"failed": 1, "ok": 1}
    assert figures.outcome_count("failed") == 1
    assert figures.blocked == 1
    assert {title: figure for title, figure, _ in tiles_of(figures)}["FAILED turns"] == "1"


def test_rings_are_whole_and_what_happens_beyond_them_comes_after(record: RunRecord) -> None:
    talks = next(p for p in rounds_of(record.events)[2].phases if p.phase == "talks")
    assert [lane.ring for lane in talks.lanes] == ["us-prc", "us-dprk", "council", "us-room", None]
    assert talks.lanes[0].readers == ("us", "prc")
    assert talks.closed is not None
    assert [len(lane.turns) for lane in talks.lanes] == [2, 2, 1, 1, 1]


def test_every_event_has_one_place_in_the_arrangement(record: RunRecord) -> None:
    placed = []
    for part in rounds_of(record.events):
        for phase in part.phases:
            placed += [e.id for lane in phase.lanes for turn in lane.turns for e in turn.events]
            placed += [e.id for e in phase.effects]
            placed += [phase.closed.id] if phase.closed else []
    rest = [e.kind for e in record.events if e.id not in placed]
    assert len(placed) == len(set(placed))
    assert rest == ["run", *["role"] * len(SEATS)]


@pytest.mark.parametrize(
    ("readers", "words", "name"),
    [
        (("us", "public"), "public", "public"),
        (("dprk", "us"), "US, DPRK only", "some"),
        (tuple(SEATS), "all governments", "all"),
        ((), "nobody in the game", "none"),
    ],
)
def test_an_audience_is_said_in_a_few_words(readers: tuple[str, ...], words: str, name: str) -> None:
    assert audience(readers, tuple(SEATS)) == words
    assert audience_class(readers, tuple(SEATS)) == name


def series(*values: float, low: float = 0, high: float = 100) -> Series:
    return Series("tension", "", Bounds(low, high, values[0]), tuple(range(len(values))), values)


@pytest.mark.parametrize("values", [(50.0,), (50.0, 50.0), (0.0, 100.0), (3.0,) * 61, (99.5, 100.0, 98.0), (0.0, 0.2)])
def test_a_chart_keeps_its_line_inside_its_frame(record: RunRecord, values: tuple[float, ...]) -> None:
    chart = line_chart(series(*values), record.names, (), 360, 220)
    assert len(chart.points) == len(values)
    assert all(chart.left <= p.x <= chart.right and 0 <= p.y <= chart.bottom for p in chart.points)
    assert 2 <= len(chart.ticks_y) <= 7
    assert len(chart.ticks_x) <= 7
    assert sparkline(series(*values)).startswith("M")


def test_a_chart_says_in_words_what_it_shows(record: RunRecord) -> None:
    assert summary_of(series(62.0, 70.5, 55.0), record.names) == (
        "Tension is 62 at the opening, at most 70.5 (round 1), at least 55 (round 2), and 55 at the end."
    )


def test_marks_stand_in_the_round_in_which_things_happened(record: RunRecord) -> None:
    chart = tension_chart(Figures(record), record.names, 760, 250)
    assert chart is not None
    assert [m.kind for m in chart.marks] == ["deal", "leak", "breach"]
    assert abs(chart.marks[1].x - chart.points[2].x) < 1


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({}, "–"),
        ({"driver": "voice:hawk", "model": "small"}, "policy hawk, words by small"),
        ({"driver": "voice:hawk"}, "policy hawk, words by the embedded model"),
        ({"driver": "model", "model": "big"}, "model big"),
        ({"driver": "model:big"}, "model big"),
        ({"driver": "baseline:dove"}, "policy dove"),
        ({"driver": "human"}, "human"),
        ({"driver": "script:a.yaml"}, "script a.yaml"),
        ({"driver": "python:mod:Name"}, "program mod:Name"),
        ({"driver": "http"}, "program"),
    ],
)
def test_a_driver_is_said_in_words(plan: dict[str, Any], words: str) -> None:
    assert driver_words(plan) == words


def test_set_up_and_cost_are_told_as_far_as_they_are_known(loaded: RunRecord, record: RunRecord) -> None:
    facts = dict(facts_of(Figures(loaded)))
    assert facts == {
        "Rules": "block", "Variant": "0", "Seed": "7", "Models": "SmolLM2-135M-Instruct", "Calls": "1",
        "Tokens": "100 in (60 cached), 20 out", "Cost": "0.0100 USD",
    }  # fmt: skip
    assert facts_of(Figures(record.as_seat("us"))) == []
    rows = players_of(Figures(record.as_seat("us")))
    assert [(p.driver, p.strategy) for p in rows][:2] == [("–", "Strategy of United States"), ("–", "–")]


def test_the_set_up_names_the_indicator_that_charts_follow(record: RunRecord) -> None:
    named = RunRecord(record.events, played=Played(setup={"crisis": {"file": {"tension": "incident_risk"}}}))
    assert tension_of(named) == "incident_risk"
    assert tension_of(RunRecord(record.events)) == "tension"
