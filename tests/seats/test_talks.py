"""What a weighted baseline does in rings, seen through `Baseline.decide`."""

from __future__ import annotations

from typing import Any, TypeVar

import pytest

from roleplay.commitments import Commitment
from roleplay.moves import Accept, Amend, Authorise, Confide, Consult, Move, Reject, Renew, Table, Turn, Use, Withdraw
from roleplay.seats.baseline import Baseline
from roleplay.seats.profiles import Profile, load_profile

from .toy import PAUSE, Toy

M = TypeVar("M", bound=Move)


def clause(party: str, type: str, object: str, **more: Any) -> Commitment:
    return Commitment(parties=(party,), type=type, object=object, **more)


HALT_TESTS, HALT_DRILLS = (Commitment.model_validate(c) for c in PAUSE)
EASE = clause("arl", "ease", "trade")
PAY = clause("arl", "pay", "cash")
EAGER = load_profile("steady").model_copy(update={"initiative": 1.0, "confides": 0.0, "noise": 0.0})


def play(toy: Toy, seat: str, ring: str, round: int = 1, profile: Profile = EAGER, seed: int = 0) -> Turn:
    return Baseline(profile, seed).decide(toy.see(seat, round, "talks", ring))


def made(turn: Turn, kind: type[M]) -> list[M]:
    return [m for m in turn.moves if isinstance(m, kind)]


def tabled(toy: Toy, *clauses: Commitment, by: str = "cest", ring: str = "hidden", round: int = 1) -> Toy:
    toy.say(round, ring, 1, by, "Here.", (Table(commitments=clauses), 1))
    return toy


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_text_worth_more_than_the_reservation_is_accepted_and_meant() -> None:
    turn = play(tabled(Toy(), HALT_TESTS, HALT_DRILLS), "arl", "hidden")
    assert made(turn, Accept) == [Accept(number=1, intends="keep")]
    assert "worth +2.0" in turn.deliberation


def test_a_run_that_does_not_ask_what_acceptance_is_worth_is_not_told() -> None:
    toy = tabled(Toy(arl={"asks_intent": False}), HALT_TESTS, HALT_DRILLS)
    assert made(play(toy, "arl", "hidden"), Accept) == [Accept(number=1)]


def test_a_text_that_costs_too_much_is_amended_by_dropping_the_clause_it_likes_least() -> None:
    turn = play(tabled(Toy(), HALT_TESTS, HALT_DRILLS, PAY), "arl", "hidden")
    (amended,) = made(turn, Amend)
    assert amended.commitments == (HALT_TESTS, HALT_DRILLS)
    assert not made(turn, Renew), "the other one speaks after it, in this very exchange"


def test_who_amends_last_in_an_exchange_gives_the_others_until_the_next_round() -> None:
    toy = tabled(Toy(), HALT_TESTS, clause("arl", "meet", "table"), by="arl")
    turn = play(toy, "cest", "hidden")
    assert len(made(turn, Amend)) == 1
    assert made(turn, Renew) == [Renew(number=1)]


def test_an_amendment_adds_an_ask_where_dropping_is_not_enough() -> None:
    turn = play(tabled(Toy(), HALT_DRILLS), "arl", "hidden")
    (amended,) = made(turn, Amend)
    assert amended.commitments == (HALT_DRILLS, HALT_TESTS)


def test_haggling_ends_in_a_refusal() -> None:
    toy = tabled(Toy(), PAY)
    profile = EAGER.model_copy(update={"haggling": 0})
    assert made(play(toy, "arl", "hidden", profile=profile), Reject) == [Reject(number=1)]


def test_a_text_that_is_nearly_good_enough_stays_on_the_table_with_words() -> None:
    table = clause("arl", "meet", "table")
    turn = play(tabled(Toy(), table, by="bor", ring="forum"), "arl", "forum", profile=EAGER.model_copy(
        update={"haggling": 0, "initiative": 0.0}))  # fmt: skip
    assert turn.moves == ()
    assert "text 1" in turn.text.lower()


def test_nobody_answers_a_text_to_which_it_is_no_party() -> None:
    toy = tabled(Toy(), clause("bor", "meet", "table"), by="cest", ring="forum")
    assert not made(play(toy, "arl", "forum"), Accept)


def test_nothing_withheld_is_ever_accepted() -> None:
    toy = tabled(Toy(arl={"withheld": ["halt"]}), HALT_TESTS, HALT_DRILLS)
    turn = play(toy, "arl", "hidden")
    assert not made(turn, Accept)
    assert all(c.parties != ("arl",) for a in made(turn, Amend) for c in a.commitments)


def test_a_promise_of_a_government_that_broke_one_counts_half() -> None:
    def worth(toy: Toy) -> str:
        return play(tabled(toy, HALT_TESTS, HALT_DRILLS), "arl", "hidden").deliberation

    toy = Toy()
    toy.add(0, "setup", "breach", "cest", commitment="old/1.1", by="cest", clause=HALT_TESTS, openly=False, evidence=())
    assert "worth +2.0" in worth(Toy())
    assert "worth +0.5" in worth(toy)


def test_a_promise_that_stands_already_is_worth_nothing_new() -> None:
    toy = Toy()
    toy.add(1, "talks", "deal", "cest", ("arl", "cest"), ring="hidden", number=9, parties=("arl", "cest"),
            commitments=(HALT_TESTS,))  # fmt: skip
    assert "worth -1.0" in play(tabled(toy, HALT_TESTS, HALT_DRILLS), "arl", "hidden").deliberation


@pytest.mark.parametrize("change", [{"readiness": 2.0}, {"softening": 3.0}])
def test_readiness_and_time_lower_what_a_seat_settles_for(change: dict[str, float]) -> None:
    toy = tabled(Toy(), clause("arl", "halt", "drills"), clause("cest", "meet", "table"), round=3)
    plain = EAGER.model_copy(update={"haggling": 0})
    assert not made(play(toy, "arl", "hidden", 3, plain), Accept)
    assert made(play(toy, "arl", "hidden", 3, plain.model_copy(update=change)), Accept)


def test_a_strategy_changes_what_clauses_are_worth() -> None:
    strategy = {"clauses": {"halt": -2.0}}
    toy = tabled(Toy(arl={"strategy": strategy}), HALT_TESTS, HALT_DRILLS)
    assert "worth -2.0" in play(toy, "arl", "hidden").deliberation


def test_a_text_that_a_rule_has_blocked_is_not_accepted_twice() -> None:
    toy = tabled(Toy(), HALT_TESTS, HALT_DRILLS)
    toy.block(1, "hidden", "arl", Accept(number=1, intends="keep"))
    assert not made(play(toy, "arl", "hidden"), Accept)


# --- offers ----------------------------------------------------------------------------------------------------------


def test_the_first_offer_of_the_dossier_for_the_ring_is_tabled() -> None:
    (table,) = made(play(Toy(), "arl", "hidden"), Table)
    assert table.commitments == (HALT_TESTS, HALT_DRILLS)


def test_an_offer_waits_for_its_round() -> None:
    assert not made(play(Toy(), "cest", "hidden", 1), Table)
    assert made(play(Toy(), "cest", "hidden", 2), Table)


def test_an_offer_is_not_tabled_twice() -> None:
    toy = tabled(Toy(), HALT_TESTS, HALT_DRILLS, by="arl")
    toy.add(1, "settle", "lapse", None, ("arl", "cest"), ring="hidden", number=1)
    assert not made(play(toy, "arl", "hidden", 2), Table)


def test_after_failure_a_softer_form_asks_for_less() -> None:
    toy = Toy()
    own = tuple(Commitment.model_validate(c) for c in PAUSE)
    toy.say(2, "hidden", 2, "cest", "Here.", (Table(commitments=(*own, EASE)), 1))
    toy.add(2, "settle", "lapse", None, ("arl", "cest"), ring="hidden", number=1)
    (table,) = made(play(toy, "cest", "hidden", 3), Table)
    assert len(table.commitments) == 2
    assert table.commitments[0] == own[0]


def test_a_better_text_on_the_table_keeps_an_offer_back() -> None:
    toy = Toy()
    toy.say(1, "forum", 1, "bor", "Here.", (Table(commitments=(HALT_TESTS, clause("arl", "meet", "table"))), 1))
    assert not made(play(toy, "arl", "forum"), Table)


def test_nothing_is_offered_to_those_who_gave_offence() -> None:
    toy = Toy()
    toy.do(1, "act", "cest", Use(instrument="launch"))
    grudge = EAGER.model_copy(update={"reciprocity": 1.5, "grudge": 0.5})
    assert made(play(toy, "arl", "hidden", 2), Table)
    assert not made(play(toy, "arl", "hidden", 2, grudge), Table)


def test_an_offer_that_would_break_a_promise_is_not_made() -> None:
    promise = clause("arl", "ease", "trade")
    toy = Toy(arl={"objects": _with_breach("trade", {"move": "table", "type": "step"})})
    assert made(play(toy, "arl", "council"), Table)
    toy.add(1, "talks", "deal", "arl", ("arl", "cest"), ring="hidden", number=1, parties=("arl", "cest"),
            commitments=(promise,))  # fmt: skip
    assert not made(play(toy, "arl", "council", 2), Table)


def _with_breach(object: str, pattern: dict[str, str]) -> dict[str, Any]:
    from .toy import OBJECTS

    rows = {o: {"id": o, "title": o, **row} for o, row in OBJECTS.items()}
    rows[object]["broken_by"] = [pattern]
    return rows


def test_its_own_text_is_kept_on_the_table_for_a_while_and_then_let_go() -> None:
    toy = tabled(Toy(), HALT_TESTS, HALT_DRILLS, by="arl")
    assert made(play(toy, "arl", "hidden", 1), Renew)
    toy.say(1, "hidden", 3, "arl", "It stays.", (Renew(number=1), None))
    assert made(play(toy, "arl", "hidden", 2), Renew)
    toy.say(2, "hidden", 1, "arl", "It stays.", (Renew(number=1), None))
    assert not made(play(toy, "arl", "hidden", 3), Renew)


def test_its_own_text_is_taken_back_from_those_who_gave_offence() -> None:
    toy = tabled(Toy(), HALT_TESTS, HALT_DRILLS, by="arl")
    toy.say(1, "hidden", 3, "arl", "It stays.", (Renew(number=1), None))
    toy.do(1, "act", "cest", Use(instrument="launch"))
    grudge = EAGER.model_copy(update={"reciprocity": 1.5, "grudge": 0.5})
    assert made(play(toy, "arl", "hidden", 2, grudge), Withdraw)


def test_in_the_council_a_text_is_amended_but_never_accepted_or_refused() -> None:
    toy = Toy()
    harsh = (clause("arl", "pay", "cash"), clause("arl", "meet", "table"))
    toy.say(1, "council", 2, "bor", "A draft.", (Table(commitments=harsh), 1))
    turn = play(toy, "arl", "council")
    assert made(turn, Amend)[0].commitments == harsh[1:]
    assert not made(turn, Accept) + made(turn, Reject)


# --- other business --------------------------------------------------------------------------------------------------


def test_a_planned_instrument_is_put_before_the_ally_and_authorised_at_home() -> None:
    assert made(play(Toy(), "arl", "pair"), Consult) == [Consult(instrument="drill")]
    assert made(play(Toy(), "arl", "own"), Authorise) == [Authorise(instrument="drill")]
    alone = EAGER.model_copy(update={"coordinates": False})
    assert not made(play(Toy(), "arl", "pair", profile=alone), Consult)


def test_an_ally_says_what_it_thinks_of_a_step_on_which_it_is_consulted() -> None:
    toy = Toy()
    toy.say(1, "pair", 1, "arl", "We plan a drill.", (Consult(instrument="drill"), None))
    dove, hawk = (play(toy, "bor", "pair", profile=load_profile(n)) for n in ("dove", "hawk"))
    assert dove.moves == hawk.moves == ()
    assert "drill" in dove.text
    assert dove.text != hawk.text


def test_an_ally_is_told_of_a_hidden_ring_once_and_only_while_it_meets() -> None:
    open_hearted = EAGER.model_copy(update={"confides": 1.0})
    told = Confide(ring="hidden", to="bor")
    toy = Toy()
    toy.add(0, "setup", "effect", None, ("arl", "bor"), indicator="trust", of="arl:bor", by=60.0, claim="x", row="x")
    assert made(play(toy, "arl", "pair", profile=open_hearted), Confide) == [told]
    toy.say(1, "pair", 1, "arl", "Between us.", (told, None))
    assert not made(play(toy, "arl", "pair", 2, open_hearted), Confide)
    closed = Toy(open_rings=("pair", "own"))
    assert not made(play(closed, "arl", "pair", profile=open_hearted), Confide)


def test_a_first_meeting_gets_a_word_on_where_the_seat_stands_and_later_silence_is_a_pass() -> None:
    toy = Toy()
    first = play(toy, "bor", "forum")
    assert "Peace with honour." in first.text
    toy.say(1, "forum", 2, "bor", first.text)
    assert play(toy, "bor", "forum", 2).passed
