"""Every move that a baseline makes is legal: by the seat's own reading, and by the referee's in whole games."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roleplay.commitments import Commitment
from roleplay.crises import load_scenario
from roleplay.events import Breach, Moved
from roleplay.game import Options, aplay
from roleplay.moves import (
    MOVE_LIMIT,
    Accept,
    Amend,
    Announce,
    Authorise,
    Break,
    Confide,
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
    Renew,
    Statement,
    Suspend,
    Table,
    Use,
    Vote,
    Withdraw,
)
from roleplay.seats.baseline import Baseline
from roleplay.seats.legal import legal, verbs
from roleplay.seats.profiles import load_profile, profiles

from .toy import RINGS, SEATS, Toy

POND = Path(__file__).parents[1] / "crises" / "pond"
MEET = Commitment(parties=("arl", "bor"), type="meet", object="table")
DRILL: dict[str, str | bool | int] = {"target": "cest", "size": "small", "ships": 3, "aim": "to be seen"}


# --- one's own reading of the rules ----------------------------------------------------------------------------------


def on_the_table() -> Toy:
    toy = Toy()
    toy.say(1, "pair", 1, "bor", "Here.", (Table(commitments=(MEET,)), 1))
    toy.say(1, "council", 2, "bor", "A draft.", (Table(commitments=(MEET,)), 1))
    return toy


LEGAL: list[tuple[str, str | None, Move]] = [
    ("talks", "pair", Table(commitments=(MEET,))),
    ("talks", "pair", Accept(number=1)),
    ("talks", "pair", Leave(ring="pair")),
    ("talks", "pair", Confide(ring="hidden", to="bor")),
    ("talks", "pair", Prearrange(ring="hidden", phrase="a window is open")),
    ("talks", "own", Authorise(instrument="drill")),
    ("talks", "own", Mandate(ring="hidden", grants=("halt",))),
    ("council", None, Vote(number=1, vote="yes")),
    ("act", None, Use(instrument="drill", params=DRILL)),
    ("act", None, Suspend(ring="pair")),
    ("act", None, Leak(ring="hidden")),
    ("speak", None, Statement(post="leader", audience="bor", tone="firm", line="pressure")),
    ("speak", None, NameOfficial(post="envoy")),
    ("speak", None, Announce(ring="pair")),
]
ILLEGAL: list[tuple[str, str | None, Move]] = [
    ("talks", "pair", Vote(number=1, vote="yes")),
    ("talks", "pair", Table(commitments=(MEET.model_copy(update={"parties": ("cest",)}),))),
    ("talks", "pair", Table(commitments=(MEET.model_copy(update={"object": "cash"}),))),
    ("talks", "pair", Table(commitments=(MEET.model_copy(update={"type": "conquer"}),))),
    ("talks", "pair", Table(commitments=(MEET.model_copy(update={"parties": ("arl", "arl")}),))),
    ("talks", "pair", Accept(number=2)),
    ("talks", "pair", Withdraw(number=1)),
    ("talks", "pair", Open(ring="pair")),
    ("talks", "pair", Confide(ring="hidden", to="cest")),
    ("talks", "pair", Confide(ring="pair", to="cest")),
    ("talks", "pair", Prearrange(ring="hidden", phrase="...")),
    ("talks", "own", Table(commitments=(MEET,))),
    ("talks", "own", Authorise(instrument="launch")),
    ("talks", "own", Mandate(ring="own", grants=("halt",))),
    ("talks", "own", Mandate(ring="hidden", grants=("conquer",))),
    ("council", None, Vote(number=7, vote="yes")),
    ("act", None, Use(instrument="launch")),
    ("act", None, Use(instrument="drill")),
    ("act", None, Use(instrument="drill", params={**DRILL, "size": "huge"})),
    ("act", None, Use(instrument="drill", params={**DRILL, "ships": 99})),
    ("act", None, Use(instrument="drill", params={**DRILL, "joint": "yes"})),
    ("act", None, Use(instrument="drill", params={**DRILL, "colour": "red"})),
    ("act", None, Suspend(ring="elsewhere")),
    ("act", None, Break(commitment="pair/1.1")),
    ("act", None, Leak(ring="pair", number=4)),
    ("speak", None, Statement(post="envoy", audience="bor", tone="firm", line="pressure")),
    ("speak", None, Statement(post="leader", audience="moon", tone="firm", line="pressure")),
    ("speak", None, NameOfficial(post="nobody")),
    ("speak", None, Announce(ring="pair", number=1)),
]


@pytest.mark.parametrize(("phase", "ring", "move"), LEGAL)
def test_legal(phase: Phase, ring: str | None, move: Move) -> None:
    assert legal(on_the_table().see("arl", 1, phase, ring), move)


@pytest.mark.parametrize(("phase", "ring", "move"), ILLEGAL)
def test_illegal(phase: Phase, ring: str | None, move: Move) -> None:
    assert not legal(on_the_table().see("arl", 1, phase, ring), move)


def test_moves_of_one_turn_must_go_together() -> None:
    view = on_the_table().see("arl", 1, "talks", "pair")
    amend = Amend(number=1, commitments=(MEET,))
    assert legal(view, Renew(number=1), [amend])
    assert not legal(view, Renew(number=1), [Accept(number=1)])
    assert not legal(view, Pass(), [amend])
    assert not legal(view, amend, [Pass()])
    act = on_the_table().see("arl", 1, "act")
    assert not legal(act, Use(instrument="drill", params=DRILL), [Use(instrument="drill", params=DRILL)])
    assert not legal(act, Suspend(ring="pair"), [Suspend(ring="pair")])
    speak = on_the_table().see("arl", 1, "speak")
    pledge = Pledge(commitment=MEET.model_copy(update={"parties": ("arl",)}))
    assert not legal(speak, pledge, [pledge])


# --- baselines -------------------------------------------------------------------------------------------------------

Spot = tuple[Phase, str | None]
SPOTS: list[Spot] = [("talks", ring) for ring in RINGS] + [("council", None), ("act", None), ("speak", None)]


@given(
    seat=st.sampled_from(sorted(SEATS)),
    spot=st.sampled_from(SPOTS),
    round=st.integers(1, 5),
    profile=st.sampled_from(sorted(profiles())),
    seed=st.integers(0, 10**6),
    past=st.lists(st.tuples(st.sampled_from(sorted(SEATS)), st.sampled_from(SPOTS), st.integers(0, 99)), max_size=12),
    shut=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_has_happened_a_baseline_answers_with_a_legal_turn(
    seat: str, spot: Spot, round: int, profile: str, seed: int, past: list[tuple[str, Spot, int]], shut: bool,
) -> None:  # fmt: skip
    toy = Toy(open_rings=("pair", "own", "council")) if shut else Toy()
    for n, (who, (phase, ring), luck) in enumerate(past):
        if ring is None or who in RINGS[ring]["members"]:
            _play_at_random(toy, who, phase, ring, n, luck)
    phase, ring = spot
    if ring is not None and seat not in RINGS[ring]["members"]:
        return
    view = toy.see(seat, round + 6, phase, ring)
    turn = Baseline(load_profile(profile), seed).decide(view)
    assert len(turn.moves) <= MOVE_LIMIT
    for i, move in enumerate(turn.moves):
        assert legal(view, move, turn.moves[:i])


def _play_at_random(toy: Toy, seat: str, phase: Phase, ring: str | None, n: int, luck: int) -> None:
    round = 1 + n // 3
    turn = Baseline(load_profile("random-legal"), luck).decide(toy.see(seat, round, phase, ring))
    for move in turn.moves:
        if ring is None:
            toy.do(round, phase, seat, move)
        else:
            number = 1 + n if isinstance(move, Table) else None
            toy.say(round, ring, 1 + n, seat, turn.text, (move, number))


def test_random_play_uses_most_verbs() -> None:
    random = load_profile("random-legal")
    seen = {
        move.kind
        for phase, ring in SPOTS
        for seed in range(60)
        for move in Baseline(random, seed).decide(on_the_table().see("arl", 1, phase, ring)).moves
    }
    assert {"table", "accept", "reject", "use", "vote", "statement", "mandate", "leak", "pledge", "leave"} <= seen


def test_a_room_of_ones_own_has_its_own_verbs() -> None:
    assert verbs(Toy().see("arl", 1, "talks", "own")) == ("authorise", "mandate", "pass")


@pytest.mark.parametrize("mode", ["prevent", "block", "observe"])
@pytest.mark.parametrize("name", sorted(profiles()))
def test_the_referee_finds_nothing_to_repair_in_a_whole_game(name: str, mode: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        seats = {"heron": f"baseline:{name}", "otter": "baseline:random-legal", "newt": f"baseline:{name}"}
        options = Options(out=Path(folder))
        run = asyncio.run(aplay("dam", crisis=str(POND), seats=seats, seed=len(name), mode=mode, options=options))
    assert (run.result.failed_turns, run.result.repairs) == (0, 0)
    assert any(isinstance(e, Moved) for e in run.events)


def test_the_crisis_that_ships_is_played_by_its_own_baselines_without_a_repair() -> None:
    _, scenario = load_scenario("august-2017")
    seats = {seat: f"baseline:{profile}" for seat, profile in scenario.seats.items()}
    with tempfile.TemporaryDirectory() as folder:
        run = asyncio.run(aplay("august-2017", seats=seats, seed=3, rounds=2, options=Options(out=Path(folder))))
    assert (run.result.failed_turns, run.result.repairs) == (0, 0)
    kinds = {e.move.kind for e in run.events if isinstance(e, Moved)}
    assert {"table", "accept", "use", "authorise", "mandate", "open", "statement"} <= kinds
    broken = [e for e in run.events if isinstance(e, Breach)]
    assert broken == []


def test_a_turn_that_was_refused_is_tried_in_a_safer_form_and_then_passed() -> None:
    from roleplay.views import Attempt

    view = on_the_table().see("bor", 1, "talks", "pair", 3)
    steady = Baseline(load_profile("steady"))
    assert [m.kind for m in steady.decide(view).moves] == ["renew"]
    once = view.again(Attempt("", "proposal: no"))
    assert all(m.kind != "renew" for m in steady.decide(once).moves)
    assert steady.decide(once.again(Attempt("", "proposal: no"))).moves == (Pass(),)


def test_nobody_speaks_where_nobody_hears() -> None:
    for phase in ("council", "act"):
        turn = Baseline(load_profile("hawk")).decide(on_the_table().see("arl", 1, phase))
        assert turn.text == ""
