"""What a weighted baseline decides at home, votes, does, and which rooms it opens or shuts."""

from __future__ import annotations

from typing import Any

import pytest

from roleplay.commitments import Commitment
from roleplay.moves import Authorise, Consult, Mandate, Open, Pass, Suspend, Table, Turn, Use, Vote
from roleplay.seats.baseline import Baseline
from roleplay.seats.profiles import Profile, load_profile

from .toy import LEANINGS, Toy

STEADY = load_profile("steady").model_copy(update={"noise": 0.0})


def play(toy: Toy, seat: str, phase: Any, round: int = 1, ring: str | None = None, profile: Profile = STEADY) -> Turn:
    return Baseline(profile).decide(toy.see(seat, round, phase, ring))


def uses(turn: Turn) -> list[str]:
    return [m.instrument for m in turn.moves if isinstance(m, Use)]


def agreed(toy: Toy, *parties: str, type: str = "halt", object: str = "drills") -> Toy:
    toy.add(1, "talks", "deal", parties[0], parties, ring="hidden", number=5, parties=parties,
            commitments=(Commitment(parties=parties, type=type, object=object),))  # fmt: skip
    return toy


def cleared(toy: Toy, instrument: str = "drill") -> Toy:
    """Own room and ally have heard of it."""
    toy.say(1, "own", 1, "arl", "", (Authorise(instrument=instrument), None))
    toy.say(1, "pair", 1, "arl", "We plan it.", (Consult(instrument=instrument), None))
    return toy


# --- instruments -----------------------------------------------------------------------------------------------------


def test_what_was_planned_is_used_once_ally_and_own_room_have_heard_of_it() -> None:
    assert uses(play(Toy(), "arl", "act")) == []
    assert uses(play(cleared(Toy()), "arl", "act")) == ["drill"]


def test_an_ally_whose_room_is_shut_need_not_be_asked() -> None:
    toy = Toy(open_rings=("own",))
    toy.say(1, "own", 1, "arl", "", (Authorise(instrument="drill"), None))
    assert uses(play(toy, "arl", "act")) == ["drill"]


def test_parameters_are_filled_in_from_the_instruments_own_data() -> None:
    (use,) = (m for m in play(cleared(Toy()), "arl", "act").moves if isinstance(m, Use))
    assert use.params["target"] in ("bor", "cest")
    assert use.params["size"] in ("small", "large")
    assert use.params["ships"] == 5
    assert use.params["joint"] is False
    assert isinstance(use.params["aim"], str)


def test_the_target_is_whoever_behaved_worst() -> None:
    toy = cleared(Toy())
    toy.do(1, "act", "cest", Use(instrument="launch"))
    (use,) = (m for m in play(toy, "arl", "act", 2).moves if isinstance(m, Use))
    assert use.params["target"] == "cest"


def test_nobody_breaks_its_own_word_but_the_faithless() -> None:
    toy = agreed(cleared(Toy()), "arl", "cest")
    assert uses(play(toy, "arl", "act")) == []
    assert "drill" in uses(play(toy, "arl", "act", profile=STEADY.model_copy(update={"treachery": True})))


def test_a_promise_of_others_does_not_bind_it() -> None:
    assert uses(play(agreed(cleared(Toy()), "bor", "cest"), "arl", "act")) == ["drill"]


@pytest.mark.parametrize(("when", "expected"), [
    ("always", True), ("tension_high", False), ("tension_low", False), ("after_test", False), ("after_pressure", False),
])  # fmt: skip
def test_a_leaning_counts_only_when_its_time_has_come(when: str, expected: bool) -> None:
    assert ("drill" in uses(play(cleared(_leaning(when)), "arl", "act"))) is expected


def test_tension_and_tests_bring_the_time_of_a_leaning() -> None:
    hot = _leaning("tension_high")
    hot.add(0, "setup", "effect", None, indicator="tension", by=30.0, claim="x", row="x")
    assert uses(play(cleared(hot), "arl", "act")) == ["drill"]
    tested = _leaning("after_test")
    tested.do(1, "act", "cest", Use(instrument="launch"))
    assert uses(play(cleared(tested), "arl", "act", 2)) == ["drill"]


def _leaning(when: str) -> Toy:
    return Toy(arl={"policy": {"instruments": [{**LEANINGS["arl"][0], "weight": 2, "when": when}]}})


def test_pressure_is_answered_by_the_side_whose_dossier_says_so() -> None:
    assert uses(play(Toy(), "cest", "act")) == []
    toy = Toy()
    for round in (1, 2):
        act = toy.do(round, "act", "arl", Use(instrument="list_firm"))
        toy.add(round, "settle", "effect", None, indicator="tension", by=15.0, claim="x", row="x", cause=(act.id,))
    assert uses(play(toy, "cest", "act", 3, profile=load_profile("tit-for-tat"))) == ["launch"]


def test_profiles_order_the_same_dossier_from_hostile_to_conciliatory() -> None:
    toy = Toy(arl={"policy": {"instruments": []}})
    for name in ("drill", "restrain", "list_firm"):
        cleared(toy, name)
    acts = {name: uses(play(toy, "arl", "act", profile=load_profile(name))) for name in ("hawk", "dove", "steady")}
    assert "drill" not in acts["dove"]
    assert acts["steady"] == []
    assert "restrain" not in acts["hawk"]


def test_a_strategy_adds_weight_by_instrument_and_by_family() -> None:
    for key in ("list_firm", "sanctions"):
        toy = cleared(Toy(arl={"strategy": {"instruments": {key: 2.0, "drill": -3.0}}}), "list_firm")
        assert uses(play(toy, "arl", "act")) == ["list_firm"]


def test_what_was_used_last_week_is_less_likely_this_week() -> None:
    toy = Toy(arl={"policy": {"instruments": [{**LEANINGS["arl"][0], "weight": 1.3}]}})
    assert uses(play(cleared(toy), "arl", "act")) == ["drill"]
    toy.do(1, "act", "arl", Use(instrument="drill", params={"target": "cest", "size": "small", "ships": 1, "aim": "x"}))
    assert uses(play(toy, "arl", "act", 2)) == []


# --- own room --------------------------------------------------------------------------------------------------------


def test_the_hidden_team_gets_a_mandate_once_and_never_for_what_is_withheld() -> None:
    toy = Toy(arl={"withheld": ["pay"]})
    (mandate,) = (m for m in play(toy, "arl", "talks", ring="own").moves if isinstance(m, Mandate))
    assert mandate.ring == "hidden"
    assert "halt" in mandate.grants
    assert "pay" not in mandate.grants
    toy.say(1, "own", 1, "arl", "", (mandate, None))
    assert not any(isinstance(m, Mandate) for m in play(toy, "arl", "talks", 2, "own").moves)


def test_a_strategy_can_ask_for_a_mandate_where_the_dossier_offers_nothing() -> None:
    def mandates(strategy: dict[str, Any]) -> int:
        toy = Toy(arl={"strategy": strategy, "policy": {"offers": []}})
        return sum(isinstance(m, Mandate) for m in play(toy, "arl", "talks", ring="own").moves)

    assert (mandates({}), mandates({"mandate": True})) == (0, 1)


def test_nothing_is_said_aloud_in_ones_own_room() -> None:
    turn = play(Toy(), "arl", "talks", ring="own")
    assert turn.text == ""
    assert turn.deliberation


# --- council ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("type", "object", "expected"), [
    ("step", "trade", "yes"), ("meet", "table", "yes"), ("ease", "trade", "abstain"), ("pay", "cash", "no"),
])  # fmt: skip
def test_a_vote_follows_what_the_draft_is_worth(type: str, object: str, expected: str) -> None:
    toy = Toy()
    draft = Table(commitments=(Commitment(parties=("arl", "bor"), type=type, object=object),))
    toy.say(1, "council", 2, "bor", "A draft.", (draft, 1))
    assert play(toy, "arl", "council").moves == (Vote(number=1, vote=expected),)


def test_a_sponsor_votes_for_its_own_draft() -> None:
    toy = Toy()
    draft = Table(commitments=(Commitment(parties=("arl", "bor"), type="pay", object="cash"),))
    toy.say(1, "council", 1, "arl", "A draft.", (draft, 1))
    assert play(toy, "arl", "council").moves == (Vote(number=1, vote="yes"),)


def test_who_has_no_vote_or_no_draft_passes() -> None:
    assert play(Toy(), "arl", "council").moves == (Pass(),)
    assert play(Toy(), "cest", "council").moves == (Pass(),)


# --- rooms -----------------------------------------------------------------------------------------------------------

SHUT = ("pair", "own", "council")


def test_a_room_for_which_it_has_an_offer_is_asked_for_once() -> None:
    toy = Toy(open_rings=SHUT)
    wanted = {m.ring for m in play(toy, "arl", "act").moves if isinstance(m, Open)}
    assert wanted == {"hidden", "forum"}
    toy.channel(1, "hidden", "offered", "arl")
    assert {m.ring for m in play(toy, "arl", "act", 2).moves if isinstance(m, Open)} == {"forum"}


def test_who_has_nothing_to_offer_agrees_when_others_ask() -> None:
    toy = Toy(open_rings=SHUT)
    assert not any(isinstance(m, Open) for m in play(toy, "bor", "act").moves)
    for seat in ("arl", "cest"):
        toy.channel(1, "forum", "offered", seat)
    assert Open(ring="forum") in play(toy, "bor", "act", 2).moves


def test_a_strategy_can_shun_a_room() -> None:
    toy = Toy(open_rings=SHUT, arl={"strategy": {"rings": {"hidden": -2.0}}})
    assert Open(ring="hidden") not in play(toy, "arl", "act").moves


def test_the_defiant_leave_the_room_of_who_provokes_them_and_do_not_ask_for_it_back() -> None:
    toy = Toy()
    for round in (1, 2):
        toy.do(round, "act", "cest", Use(instrument="launch"))
    defiant = load_profile("defiant")
    assert any(isinstance(m, Suspend) for m in play(toy, "arl", "act", 3, profile=defiant).moves)
    assert not any(isinstance(m, Suspend) for m in play(toy, "arl", "act", 3).moves)
    toy.channel(3, "hidden", "suspended", "arl")
    assert Open(ring="hidden") not in play(toy, "arl", "act", 4, profile=defiant).moves
