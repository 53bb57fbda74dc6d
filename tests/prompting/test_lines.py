"""Events become compact lines: by name, without what a seat need not be told."""

from __future__ import annotations

from typing import Any

import pytest

from roleplay.commitments import Duration
from roleplay.events import Deal, Event
from roleplay.moves import Accept, Pledge, Table
from roleplay.prompting.lines import THOUGHT, deal_name, excerpt, line_of
from tests.prompting.game import Game, clause, sheet

Fields = dict[str, Any]


def _event(kind: str, seat: str | None = "bravo", ring: str | None = "forum", round: int = 2, **fields: Any) -> Event:
    return Game().write(round, "talks", kind, seat, ("alpha",), ring=ring, turn=1, **fields)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (_event("turn", text="Hello.", outcome="ok"), {"by": "bravo", "text": "Hello."}),
        (_event("turn", seat="alpha", text="Hello.", outcome="repaired"), {"by": "you", "text": "Hello."}),
        (_event("turn", outcome="passed"), {"by": "bravo", "passes": True}),
        (_event("turn", outcome="failed"), {"by": "bravo", "failed": "gave no answer that could be used"}),
        (_event("turn", outcome="ok"), None),
        (_event("deliberation", seat="alpha", text="Hm."), {"by": "you", "thought": "Hm."}),
        (
            _event("move", move=Table(commitments=(clause(duration=Duration(kind="open")),)), number=3),
            {
                "by": "bravo", "number": 3,
                "move": {"kind": "table", "commitments": [
                    {"parties": ["bravo"], "type": "halt", "object": "drills", "duration": {"kind": "open"}}
                ]},
            },
        ),
        (_event("move", move=Accept(number=3)), {"by": "bravo", "move": {"kind": "accept", "number": 3}}),
        (
            _event("move", ring=None, move=Pledge(commitment=clause())),
            {
                "by": "bravo",
                "move": {"kind": "pledge", "commitment": {"parties": ["bravo"], "type": "halt", "object": "drills"}},
            },
        ),
        (
            _event("intent", seat="alpha", about="forum", number=3, intends="break"),
            {"by": "you", "intends": "break", "text": "forum/3"},
        ),
        (_event("inject", seat=None, name="n", text="Fog."), {"date": "2031-01-03", "news": "Fog."}),
        (
            _event("inject", seat=None, name="n", text="Fog.", status="unverified"),
            {"date": "2031-01-03", "news": "Fog.", "status": "unverified"},
        ),
        (
            _event("channel", ring=None, about="forum", state="offered"),
            {"by": "bravo", "ring": "forum", "now": "offered"},
        ),
        (_event("channel", round=0, about="forum", state="open"), None),
        (
            _event(
                "ruling", seat="alpha", rule="r", rule_kind="policy", strength="NEVER", mode="block", verdict="blocked",
                tried={"kind": "table"}, why="no", legal="less",
            ),
            {"by": "you", "blocked": "table", "why": "no", "legal": "less"},
        ),
        (
            _event("deal", number=3, parties=("alpha", "bravo"), commitments=(clause(),)),
            {"by": "bravo", "deal": "forum/3", "form": "deal", "parties": ("alpha", "bravo")},
        ),
        (_event("deal", number=1, parties=("bravo",), commitments=(clause(),), form="pledge"), None),
        (_event("lapse", seat=None, number=3), {"lapsed": "forum/3"}),
        (_event("expiry", seat=None, commitment="forum/3.1"), {"expired": "forum/3.1"}),
        (
            _event("breach", seat=None, commitment="forum/3.1", by="bravo", clause=clause(), openly=False, evidence=()),
            {"broken": "forum/3.1", "by": "bravo"},
        ),
        (
            _event("tally", seat=None, number=3, votes={"bravo": "no"}, adopted=False, why="1 of 2"),
            {"draft": 3, "adopted": False, "why": "1 of 2", "votes": {"bravo": "no"}},
        ),
        (_event("leak", seat=None, about="forum", text="It meets."), {"leaked": "forum", "text": "It meets."}),
        (
            _event("announcement", about="forum", text="It meets."),
            {"by": "bravo", "announced": "forum", "text": "It meets."},
        ),
        (_event("ending", seat=None, ended="terminated", name="war", reason="War."), {"over": "War."}),
        (_event("effect", seat=None, indicator="tension", by=1.0, claim="C1", row="w1"), None),
        (_event("chance", seat=None, name="c", draw=0.1, probability=0.2, happened=True), None),
        (_event("reasoning", text="Hm."), None),
        (_event("phase", seat=None), None),
    ],
)  # fmt: skip
def test_an_event_is_shown_as_a_line(event: Event, line: Fields | None) -> None:
    assert line_of(event, sheet()) == line


@pytest.mark.parametrize(("round", "ring"), [(0, "council"), (4, "alpha-bravo")])
def test_a_deal_whose_tabling_the_seat_cannot_have_read_shows_its_clauses_by_name(round: int, ring: str) -> None:
    deal = _event("deal", round=round, ring=ring, number=3, parties=("bravo",), commitments=(clause(), clause("alpha")))
    line = line_of(deal, sheet("charlie"))
    assert line is not None
    assert [c["id"] for c in line["clauses"]] == [f"{ring}/3.1", f"{ring}/3.2"]


def test_a_pledge_is_named_after_its_giver() -> None:
    pledge = _event("deal", ring=None, number=1, parties=("bravo",), commitments=(clause(),), form="pledge")
    assert isinstance(pledge, Deal)
    assert deal_name(pledge) == "bravo/pledge-1"


def test_a_text_is_cut_after_a_word() -> None:
    assert excerpt("one two three", 9) == "one two ..."
    assert excerpt("one two", 9) == "one two"


def test_earlier_thoughts_are_shortened() -> None:
    line = line_of(_event("deliberation", seat="alpha", text="think " * 200), sheet())
    assert line is not None
    assert len(line["thought"]) <= THOUGHT + 4
