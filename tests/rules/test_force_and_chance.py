"""What settle makes of force, of chance and of rooms that cannot be staffed, with every draw chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from roleplay.adjudication.settle import settle
from roleplay.drafts import Draft
from roleplay.events import Channel, Ending, Event, Leaked, everyone
from roleplay.moves import Authorise, Consult, Move, Open, Table
from tests.rules.desk import HERE, OPEN, SEATS, Past, Try, clause, korea, says, use

article = pytest.mark.article


def settled(turn: Try, draw: float = 0.99, *, last: bool = False) -> list[Event]:
    """The events of settle; `draw` is every draw's number: 0 strikes, 0.99 hardly ever."""
    events: list[Event] = []

    def emit(draft: Draft) -> Event:
        events.append(draft.make("secret", HERE, 100 + len(events))[1])
        return events[-1]

    situation = replace(turn.situation(), phase="settle", draw=lambda name: draw)
    now = [e for e in situation.ever() if e.round == 3]
    settle(replace(situation, now=now), emit, last=last, cut_short=False)
    return events


def did(*moves: Move, seat: str = "us", **more: object) -> Try:
    now: list[Past] = [(3, "act", None, seat, m) for m in moves]
    return Try("us", (), past=tuple(now)).with_(**more)


def ending(events: list[Event]) -> str | None:
    return next((e.name for e in events if isinstance(e, Ending)), None)


ATTACK = use("general_attack", target="dprk", aim="destroy_arsenal")
SHELLS = use("artillery_shelling", target="rok", place="dmz")
TENSE = {"tension": 95.0, "incident_risk": 80.0}


@article("F1", "G1", "K3")
def test_war_by_decision_nuclear_use_and_war_by_accident_are_different_endings() -> None:
    assert ending(settled(did(ATTACK))) == "war_by_decision"
    assert ending(settled(did(use("nuclear_use", target="us", mode="demonstration"), seat="dprk"))) == "nuclear_use"
    assert ending(settled(did(indicators=TENSE), draw=0.0)) == "war_by_accident"
    assert ending(settled(did(indicators=TENSE), draw=0.99)) is None


@article("F1")
def test_an_exchange_of_fire_may_become_a_war_that_was_decided_on() -> None:
    answered = did(SHELLS, seat="dprk").with_(
        past=(
            (3, "act", None, "dprk", SHELLS),
            (3, "act", None, "rok", use("artillery_shelling", target="dprk", place="dmz")),
        )
    )
    assert ending(settled(answered, draw=0.3)) == "war_by_decision"
    assert ending(settled(did(SHELLS, seat="dprk"), draw=0.3)) is None


@pytest.mark.parametrize("move", [Authorise(instrument="general_attack"), Consult(instrument="general_attack")])
def test_to_decide_on_an_attack_or_to_speak_of_it_is_not_to_attack(move: Move) -> None:
    planned = did().with_(past=((3, "talks", "internal-us", "us", move),))
    assert ending(settled(planned)) is None


def test_force_is_a_legal_move_only_where_it_is_switched_on() -> None:
    strike = Try("us", (use("limited_strike", target="dprk", aim="launch_site"),))
    assert "not us's to use" in (strike.judge().problem or "")
    assert strike.with_(force=True).judge().problem is None


@article("G4", "D10", "G2")
def test_a_settlement_needs_a_text_of_the_six_and_a_limit_on_long_range_tests() -> None:
    halt = clause("dprk", "moratorium", "icbm_test")
    framework = clause("+".join(SEATS), "political", "peace_process")
    assert ending(settled(did(held=(framework, halt), ring_of_held="six-party"))) == "settlement"
    assert ending(settled(did(held=(framework,), ring_of_held="six-party"))) is None
    assert ending(settled(did(held=(framework, halt), ring_of_held="us-dprk"))) is None


# --- capacity ---------------------------------------------------------------------------------------------------------


@article("D13", "C16")
@pytest.mark.parametrize(("capacity", "state"), [(36, "open"), (10, "closed")])
def test_a_room_that_all_have_asked_for_opens_only_where_it_can_be_staffed(capacity: int, state: str) -> None:
    asked = tuple((3, "act", None, seat, Open(ring="six-party")) for seat in SEATS)
    offers = tuple(Draft("channel", seat, SEATS, {"about": "six-party", "state": "offered"}) for seat in SEATS)
    turn = did().with_(past=asked, happened=offers, indicators={"capacity us": capacity})
    [channel] = [e for e in settled(turn) if isinstance(e, Channel)]
    assert (channel.about, channel.state, bool(channel.words)) == ("six-party", state, state == "closed")


@article("D13")
def test_a_deployment_needs_no_diplomats() -> None:
    carrier = use("deploy_strategic", system="carrier_group", place="sea", announced_aim="deter_gamble")
    assert Try("us", (carrier,), indicators={"capacity us": 0}).judge().problem is None


@article("D13", "C16", "K6")
@pytest.mark.parametrize(("capacity", "draw", "leaks"), [(0, 0.2, True), (60, 0.2, False), (0, 0.3, False)])
def test_an_understaffed_government_is_likelier_to_be_found_out(capacity: int, draw: float, leaks: bool) -> None:
    turn = did(opened=(*OPEN, "us-dprk"), indicators={"capacity us": capacity})
    found = [e for e in settled(turn, draw) if isinstance(e, Leaked)]
    assert [(e.about, e.seat, e.readers) for e in found] == ([("us-dprk", None, everyone(SEATS))] if leaks else [])
    assert not [e for e in settled(did(indicators={"capacity us": capacity}), draw) if isinstance(e, Leaked)]


@article("D13", "P8")
def test_low_capacity_makes_public_disputes_likelier() -> None:
    def disputes(capacity: int) -> bool:
        return any(getattr(e, "name", "") == "inner-dispute" and e.kind == "inject"
                   for e in settled(did(indicators={"capacity us": capacity}), 0.2))  # fmt: skip

    assert disputes(10)
    assert not disputes(60)


# --- what exists at its date ---------------------------------------------------------------------------------------


@article("T1")
def test_what_does_not_exist_yet_can_be_threatened_and_not_be_traded_away() -> None:
    eases = Table(commitments=(clause("us", "sanctions_easing", "textiles"),))
    early = Try("us", (eases,), ring="us-dprk", phase="talks", opened=("us-dprk",))
    assert "nothing of 'textiles' to trade yet" in (early.judge().problem or "")
    step = clause("us+prc", "sanctions_step", "textiles", scope="cap")
    assert early.with_(held=(step,)).judge().problem is None
    drafts = Try("us", (Table(commitments=(step,)),), ring="council", phase="talks")
    assert drafts.judge().problem is None
    assert korea().objects["textiles"].available_from is not None


@pytest.mark.parametrize(
    ("move", "problem"),
    [
        (use("bank_cutoff", jurisdiction="prc", reach="one_bank"), "does not exist before 2017-09-21"),
        (use("ease_measure", measure="travel_restriction"), ""),
    ],
)
def test_instruments_and_measures_exist_from_their_date(move: Move, problem: str) -> None:
    now, then = Try("us", (move,)), Try("us", (move,), today=date(2017, 9, 22))
    assert problem in (now.judge().problem or "")
    assert then.judge().problem is None
    if not problem:
        assert "does not exist before 2017-09-01" in (now.with_(today=date(2017, 8, 25)).judge().problem or "")


def test_nothing_is_agreed_in_a_contact_that_only_passes_words() -> None:
    text = Table(commitments=(clause("us", "assurance", "first_use"),))
    contact = Try("us", (text,), ring="working-contact", phase="talks", opened=("working-contact",))
    assert "nothing is agreed in 'working-contact'" in (contact.judge().problem or "")


@article("P6")
def test_a_line_that_a_statement_carries_besides_must_exist_too() -> None:
    assert "line 'no_such_line' is not known" in (
        Try("us", (says("silence", "no_such_line"),), phase="speak").judge().problem or ""
    )
