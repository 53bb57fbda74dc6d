"""Every move and every event has words, and they say what happened."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from roleplay.commitments import Commitment, Duration, DurationKind, Verification
from roleplay.events import KINDS, Chance, Deal, Ending, Ruling, Spoken, Tally, read_event
from roleplay.loading import load_document
from roleplay.moves import MOVES, Move
from roleplay.transcripts.names import Names, listed
from roleplay.transcripts.words import (
    WORDS,
    clause_words,
    duration_words,
    headline,
    in_words,
    number,
    signed,
    tried_words,
)
from tests.transcripts.builder import Game

CLAUSE = {"parties": ["a"], "type": "halt", "object": "tests"}
FIELDS: dict[str, Any] = {
    "commitments": [CLAUSE], "commitment": "r/1.1", "number": 3, "instrument": "big_stick", "ring": "a-b",
    "grants": ["halt"], "to": "b", "phrase": "a quiet sea", "vote": "no", "post": "chair", "audience": "b",
    "tone": "firm", "line": "open_door",
}  # fmt: skip
NAMES = Names(seats={"a": "Aland", "b": "Bland"}, rings={"a-b": "The two"}, types={"halt": "Halt"})
BASE: dict[str, Any] = {
    "id": "0" * 16, "round": 1, "phase": "talks", "ring": "a-b", "seat": "a", "readers": ["a"], "at": "2017-08-23",
    "turn": 1,
}  # fmt: skip


def move(kind: str, **fields: Any) -> Move:
    wanted = {n: FIELDS[n] for n in MOVES[kind].model_fields if n in FIELDS}
    if kind == "pledge":
        wanted["commitment"] = CLAUSE
    made: Move = TypeAdapter[Move](Move).validate_python({"kind": kind, **wanted, **fields})
    return made


@pytest.mark.parametrize("kind", MOVES)
def test_every_move_is_a_phrase_without_subject_or_raw_ids(kind: str) -> None:
    words = in_words(move(kind), NAMES)
    assert words
    assert words[0].islower()
    assert "_" not in words


def test_every_state_outcome_intention_form_and_duration_has_a_sentence() -> None:
    found = load_document(WORDS).data
    kinds = {kind: kind for kind in KINDS}
    fields = {"channel": "state", "turn": "outcome", "intent": "intends"}
    for kind, field in fields.items():
        del kinds[kind]
        kinds |= {f"{kind} {word}": kind for word in get_args(KINDS[kind].model_fields[field].annotation)}
    assert set(found["events"]) == set(kinds)
    assert set(found["moves"]) == set(MOVES)
    assert set(found["deals"]) == set(get_args(Deal.model_fields["form"].annotation))
    assert set(found["durations"]) == set(get_args(DurationKind))
    assert set(found["means"]) == set(get_args(Verification)) - {"none", "na"}


def test_every_event_of_a_game_has_words(game: Game) -> None:
    names = Names.of(game.events)
    for event in game.events:
        assert len(in_words(event, names)) > 8
    kinds = {e.kind for e in game.events}
    assert set(KINDS) - kinds == {"lapse", "expiry", "announcement", "adjudication"}


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("lapse", {"number": 2}, "Proposal 2 of The two lapses: nobody renewed it"),
        ("expiry", {"commitment": "a-b/1.1"}, "Commitment a-b/1.1 has run its time"),
        ("announcement", {"about": "a-b/1", "text": "We agreed."}, "Aland announces: We agreed."),
        ("channel", {"about": "a-b", "state": "offered"}, "Aland offers to open The two"),
        ("channel", {"about": "a-b", "state": "exists"}, "The two exists, Aland says in confidence"),
        ("channel", {"about": "a-b", "state": "suspended"}, "The two is suspended by Aland"),
        ("channel", {"about": "a-b", "state": "left"}, "Aland walks out of The two"),
        ("channel", {"about": "a-b", "state": "closed"}, "The two is closed"),
        (
            "intent",
            {"about": "a-b", "number": 1, "intends": "break"},
            "Aland privately means to break proposal 1 of The two",
        ),
        (
            "adjudication",
            {"asked": 3, "why": "Calm.", "outcome": "ok", "set_aside": [{"row": "a-b", "claim": "C1", "cause": "1"}]},
            "The adjudicator sets aside a-b, of 3 arguable effects: Calm.",
        ),
        (
            "adjudication",
            {"asked": 3, "outcome": "failed"},
            "The adjudicator FAILED: all 3 arguable effects follow as the world has them",
        ),
        ("turn", {"outcome": "repaired", "text": "Hm"}, "Aland: “Hm” (after a repair)"),
    ],
)
def test_an_event_says_what_happened(kind: str, fields: dict[str, Any], words: str) -> None:
    assert in_words(read_event({**BASE, "kind": kind, **fields}), NAMES) == words


def test_a_failed_turn_is_not_told_as_a_pass() -> None:
    failed = in_words(Spoken(**BASE, outcome="failed"), NAMES)
    passed = in_words(Spoken(**BASE, outcome="passed"), NAMES)
    assert "FAILED" in failed
    assert "FAILED" not in passed


def test_a_clause_states_parties_object_terms_and_nothing_it_leaves_open() -> None:
    clause = Commitment(
        parties=("a", "Elsewhere"), type="halt", object="long_tests", scope="all ranges", start="2017-09-01",
        duration=Duration(kind="dated", detail="26 weeks"), verification=("on_site", "na"), on_breach="all ends",
        reversible="snapback", in_return_for="2", trigger="both sign", conditions="no drill", note="ours",
    )  # fmt: skip
    assert clause_words(clause, NAMES) == (
        "Aland and Elsewhere: Halt, long tests (all ranges); starting 2017-09-01; for 26 weeks; condition: no drill; "
        "trigger: both sign; "
        "verified by on-site inspection; if broken: all ends; snaps back; in return for clause 2; note: ours"
    )
    assert clause_words(Commitment(parties=("a",), type="halt", object="tests"), NAMES) == "Aland: Halt, tests"


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (Duration(kind="dated", detail="2017-12-31"), "until 2017-12-31"),
        (Duration(kind="dated", detail="26 weeks"), "for 26 weeks"),
        (Duration(kind="open"), "with no end date"),
        (Duration(kind="until_event"), "until an event not named"),
        (Duration(kind="while_talks"), "while talks go on"),
        (Duration(kind="permanent"), "for good"),
        (Duration(kind="one_time"), "once"),
        (Duration(), ""),
    ],
)
def test_a_duration_is_said_plainly(duration: Duration, words: str) -> None:
    assert duration_words(duration) == words


def test_a_ruling_says_what_was_tried_even_where_it_is_no_move() -> None:
    ruling = Ruling(
        **BASE, rule="R1", rule_kind="policy", strength="NEVER", mode="block", verdict="blocked",
        tried={"kind": "reject", "number": 2}, why="Never.", legal="Say no.",
    )  # fmt: skip
    assert in_words(ruling, NAMES) == "Blocked by policy rule R1: “Aland rejects proposal 2”. Never. Legal: Say no."
    assert tried_words(ruling.model_copy(update={"tried": {"kind": "fly"}}), NAMES) == '{"kind": "fly"}'


def test_a_tally_chance_and_ending_are_sentences() -> None:
    tally = Tally(**BASE, number=1, votes={"a": "no"}, adopted=False, why="vetoed by a")
    assert in_words(tally, NAMES) == "Draft 1 is not adopted: vetoed by Aland"
    chance = Chance(**BASE, name="naval_incident", draw=0.5, probability=0.25, happened=False)
    assert in_words(chance, NAMES) == "Chance: naval incident does not happen (drew 0.50 against 0.25)"
    ending = Ending(**BASE, ended="terminated", name="war-by-accident", reason="Shots were fired.")
    assert in_words(ending, NAMES) == "The game ended by its own rules (war by accident): Shots were fired."


def test_unknown_names_fall_back_to_ids() -> None:
    names = Names()
    assert (names.seat("dprk"), names.seat("public")) == ("DPRK", "the public")
    assert names.ring("us-dprk") == "us-dprk"
    assert names.ring(None) == "no ring"
    assert names.indicator("incident_risk") == "incident risk"
    assert names.instrument("visible_deployment") == "visible deployment"


def test_names_come_from_readable_events_alone(game: Game) -> None:
    public = Names.of(e for e in game.events if "public" in e.readers)
    assert public.rings.get("us-rok") == "Washington - Seoul"
    assert "us-dprk" not in public.rings
    assert not public.instruments


def test_figures_and_lists_are_tidy() -> None:
    assert [signed(v) for v in (4.0, -1.5, 0.333)] == ["+4", "−1.5", "+0.33"]
    assert [number(v) for v in (100.0, 0.0, 71.25)] == ["100", "0", "71.25"]
    assert [listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_a_headline_names_the_proposal_that_a_move_made() -> None:
    assert headline(move("table"), NAMES, 4) == "tables proposal 4"
    assert headline(move("leak", number=0), NAMES) == "leaks the existence of The two"
    assert headline(move("announce"), NAMES) == "announces proposal 3 of The two"
