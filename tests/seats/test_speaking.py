"""What a weighted baseline says in public."""

from __future__ import annotations

import pytest

from roleplay.commitments import Commitment
from roleplay.moves import Announce, NameOfficial, Pass, Pledge, Prearrange, Statement, Table, Tone, Turn, Use
from roleplay.seats.baseline import Baseline
from roleplay.seats.profiles import Profile, load_profile

from .toy import Toy

STEADY = load_profile("steady").model_copy(update={"silence": 0.0, "announces": 1.0, "discipline": 1.0})


def speak(toy: Toy, seat: str = "arl", round: int = 1, profile: Profile = STEADY, seed: int = 0) -> Turn:
    return Baseline(profile, seed).decide(toy.see(seat, round, "speak"))


def line(turn: Turn) -> Statement:
    return next(m for m in turn.moves if isinstance(m, Statement))


def test_a_line_has_a_post_that_speaks_an_audience_and_a_policy_line() -> None:
    said = line(speak(Toy()))
    assert (said.post, said.audience, said.tone) == ("leader", "all", "neutral")
    assert said.line in ("open-door", "pressure", "self-defence")


def test_silence_is_a_choice_of_some_more_than_of_others() -> None:
    def silent(name: str) -> int:
        return sum(speak(Toy(), profile=load_profile(name), seed=s).moves == (Pass(),) for s in range(40))

    assert silent("grit") < silent("steady") < silent("hedger")


def test_the_disciplined_keep_their_post_and_go_through_their_lines_and_others_do_not() -> None:
    toy = Toy(arl={"strategy": {"line": ["pressure", "open-door"]}})
    toy.do(1, "speak", "arl", Statement(post="foreign", audience="all", tone="firm", line="open-door"))
    said = line(speak(toy, round=2))
    assert (said.post, said.line) == ("foreign", "open-door")
    assert line(speak(toy, round=3)).line == "pressure"
    loose = STEADY.model_copy(update={"discipline": 0.0})
    heard = {(s.post, s.line) for s in (line(speak(toy, round=2, profile=loose, seed=n)) for n in range(20))}
    assert len(heard) > 1


def test_a_strategy_decides_line_and_tone() -> None:
    said = line(speak(Toy(arl={"strategy": {"line": ["pressure"], "tone": "warning"}})))
    assert (said.line, said.tone) == ("pressure", "warning")


def test_without_a_strategy_the_lines_are_those_its_dossier_leans_to_the_most_first() -> None:
    rows = [{"id": name, "weight": weight, "why": "its own word for it"}
            for name, weight in (("pressure", 0.5), ("self-defence", 1))]  # fmt: skip
    toy = Toy(arl={"policy": {"instruments": rows}})
    assert [line(speak(toy, round=n)).line for n in (1, 2, 3)] == ["self-defence", "pressure", "self-defence"]


@pytest.mark.article("P6", "P6b", "P7")
def test_a_strategy_can_ask_for_one_policy_speech_and_then_for_its_lines() -> None:
    toy = Toy(arl={"strategy": {"line": ["open-door", "self-defence"], "speech": True}})
    named, speech = speak(toy).moves
    assert (named, line(speak(toy)).lines) == (NameOfficial(post="foreign"), ("open-door", "self-defence"))
    assert speak(toy).text.count(";") == 1
    toy.do(1, "speak", "arl", speech)
    assert line(speak(toy, round=2)).lines == ("self-defence",)
    assert not any(isinstance(m, NameOfficial) for m in speak(toy, round=2).moves)


@pytest.mark.parametrize(("name", "expected"), [("steady", "firm"), ("dove", "conciliatory"), ("defiant", "threat")])
def test_provocation_heats_the_tone_as_far_as_the_profile_lets_it(name: str, expected: Tone) -> None:
    toy = Toy()
    for round in (1, 2):
        toy.do(round, "act", "cest", Use(instrument="launch"))
        toy.do(round, "speak", "cest", Statement(post="leader", audience="arl", tone="threat", line="pressure"))
    profile = load_profile(name).model_copy(update={"silence": 0.0})
    said = line(speak(toy, round=3, profile=profile))
    assert said.tone == expected
    assert said.audience == "cest"


def test_a_line_that_would_break_a_promise_is_not_spoken() -> None:
    toy = Toy(arl={"strategy": {"line": ["pressure"]}, "types": _calm_words()})
    assert speak(toy).moves != (Pass(),)
    toy.add(1, "talks", "deal", "arl", ("arl", "cest"), ring="hidden", number=1, parties=("arl", "cest"),
            commitments=(Commitment(parties=("arl", "cest"), type="meet", object="table"),))  # fmt: skip
    assert speak(toy).moves == (Pass(),)


def _calm_words() -> dict[str, dict[str, object]]:
    from .toy import TYPES

    rows: dict[str, dict[str, object]] = {t: {"id": t, "title": t, "meaning": t, **row} for t, row in TYPES.items()}
    rows["meet"]["broken_by"] = [{"move": "statement", "line": "pressure"}]
    return rows


# --- first steps -----------------------------------------------------------------------------------------------------


def test_grit_announces_a_small_step_of_its_own_that_costs_something_and_asks_for_nothing() -> None:
    turn = speak(Toy(), profile=load_profile("grit"))
    (pledge,) = (m for m in turn.moves if isinstance(m, Pledge))
    step = pledge.commitment
    assert (step.parties, step.type, step.object, step.in_return_for) == (("arl",), "halt", "drills", "")
    assert step.duration.kind == "dated"
    assert not any(isinstance(m, Pledge) for m in speak(Toy()).moves)


def test_a_strategy_can_ask_any_profile_for_first_steps() -> None:
    toy = Toy(arl={"strategy": {"first_steps": True}})
    assert any(isinstance(m, Pledge) for m in speak(toy).moves)


def test_a_step_is_announced_once_and_nothing_dear_is_given_away() -> None:
    toy = Toy()
    first = next(m for m in speak(toy, profile=load_profile("grit")).moves if isinstance(m, Pledge))
    toy.do(1, "speak", "arl", first)
    assert not any(isinstance(m, Pledge) for m in speak(toy, round=2, profile=load_profile("grit")).moves)


# --- announcements ---------------------------------------------------------------------------------------------------


def _deal(toy: Toy, ring: str, *parties: str) -> Toy:
    clause = Commitment(parties=parties, type="meet", object="table")
    toy.say(1, ring, 1, parties[0], "Here.", (Table(commitments=(clause,)), 1))
    toy.add(1, "talks", "deal", parties[0], parties, ring=ring, number=1, parties=parties, commitments=(clause,))
    return toy


def test_a_deal_of_an_open_room_may_be_announced_and_one_of_a_closed_room_never_is() -> None:
    assert Announce(ring="forum", number=1) in speak(_deal(Toy(), "forum", "arl", "bor", "cest")).moves
    for ring, other in (("hidden", "cest"), ("pair", "bor")):
        assert not any(isinstance(m, Announce) for m in speak(_deal(Toy(), ring, "arl", other)).moves)


def test_what_is_public_already_is_not_announced_again() -> None:
    toy = _deal(Toy(), "forum", "arl", "bor", "cest")
    toy.add(1, "speak", "announcement", "bor", about="forum/1", text="Agreed.")
    assert not any(isinstance(m, Announce) for m in speak(toy, round=2).moves)


def test_prearranged_words_are_spoken_where_the_room_is_wanted() -> None:
    toy = Toy(open_rings=("pair", "own"))
    toy.say(1, "hidden", 1, "cest", "", (Prearrange(ring="hidden", phrase="a window is open"), None))
    silent = STEADY.model_copy(update={"silence": 1.0})
    assert line(speak(toy, round=2, profile=silent)).phrase == "a window is open"
    assert "a window is open" in speak(toy, round=2, profile=silent).text
