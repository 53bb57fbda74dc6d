from __future__ import annotations

import re

import pytest

from roleplay.commitments import Commitment
from roleplay.moves import (
    MOVES,
    TONES,
    Accept,
    Amend,
    Announce,
    Authorise,
    Break,
    Confide,
    Consult,
    Leak,
    Leave,
    Mandate,
    Move,
    NameOfficial,
    Open,
    Pass,
    Phase,
    Pledge,
    Prearrange,
    Reject,
    Renew,
    Renounce,
    Statement,
    Suspend,
    Table,
    Use,
    Vote,
    Withdraw,
)
from roleplay.seats.baseline import Baseline
from roleplay.seats.profiles import load_profile
from roleplay.seats.reading import Choice
from roleplay.seats.wording import Wording, phrases

from .toy import Toy

HALT = Commitment(parties=("cest",), type="halt", object="tests")
ALL: list[Move] = [
    Table(commitments=(HALT,)), Amend(number=2, commitments=(HALT, HALT)), Accept(number=2), Reject(number=2),
    Withdraw(number=2), Renew(number=2), Consult(instrument="drill"), Authorise(instrument="drill"),
    Mandate(ring="hidden", grants=("halt", "ease")), Open(ring="hidden"), Suspend(ring="pair"), Leave(ring="pair"),
    Confide(ring="hidden", to="bor"), Prearrange(ring="hidden", phrase="a window is open"), Pass(),
    Vote(number=2, vote="yes"), Vote(number=2, vote="no"), Vote(number=2, vote="abstain"), Use(instrument="list_firm"),
    Break(commitment="hidden/1.1"), Renounce(commitment="hidden/1.1"), Leak(ring="hidden"),
    *(Statement(post="foreign", audience="cest", tone=tone, line="pressure") for tone in TONES),
    Pledge(commitment=HALT), NameOfficial(post="envoy"), Announce(ring="pair"), Announce(ring="forum", number=2),
]  # fmt: skip


def test_the_list_above_holds_every_verb() -> None:
    assert {move.kind for move in ALL} == set(MOVES)


@pytest.mark.parametrize("move", ALL, ids=lambda m: m.kind)
def test_every_move_can_be_said_in_plain_words(move: Move) -> None:
    for round in range(1, 6):
        text = Wording(Toy().see("arl", round, "speak")).words(move)
        assert re.match(r"^[A-Z].*[.]$", text)
        assert "$" not in text
        assert "_" not in text


def test_titles_stand_for_ids_and_numbers_are_named() -> None:
    view = Toy().see("arl", 1, "talks", "pair")
    assert "Cestria" in Wording(view).words(Table(commitments=(HALT,)))
    assert "2" in Wording(view).words(Accept(number=2))
    assert "Arland and Cestria, direct" in Wording(view).words(Confide(ring="hidden", to="bor"))


def test_words_vary_from_turn_to_turn_but_not_from_call_to_call() -> None:
    toy = Toy()

    def said() -> list[str]:
        return [Wording(toy.see("arl", r, "talks", "pair")).words(Table(commitments=(HALT,))) for r in range(1, 12)]

    assert len(set(said())) > 1
    assert said() == said()


def test_a_turn_says_its_choices_in_order_and_keeps_a_renewed_amendment_short() -> None:
    wording = Wording(Toy().see("arl", 1, "talks", "pair"))
    amend, renew = Amend(number=1, commitments=(HALT,)), Renew(number=1)
    turn = wording.turn([Choice(amend, "One."), Choice(renew, "Two."), Choice(Consult(instrument="drill"), "Three.")])
    assert turn.deliberation == "One. Two. Three."
    assert turn.text.index("text 1") < turn.text.index("drill")
    assert "stays on the table" not in turn.text
    assert "stays on the table" in wording.turn([Choice(renew, "")]).text


def test_nobody_speaks_where_nobody_hears() -> None:
    toy = Toy()
    silent: list[tuple[Phase, str | None]] = [("talks", "own"), ("council", None), ("act", None)]
    for phase, ring in silent:
        assert Baseline(load_profile("hawk")).decide(toy.see("arl", 1, phase, ring)).text == ""


def test_the_longest_text_still_fits_a_turn() -> None:
    long = HALT.model_copy(update={"scope": "x" * 240, "conditions": "y" * 240, "note": "z" * 240})
    turn = Wording(Toy().see("arl", 1, "talks", "pair")).turn([Choice(Table(commitments=(long,) * 8), "why")])
    assert len(turn.text) <= 2000


def test_phrases_are_for_verbs_that_exist_or_for_words_alone() -> None:
    alone = {"study", "position", "support", "doubt"}
    assert {key.split("-")[0] for key in phrases()} - alone <= set(MOVES)
