from __future__ import annotations

from dataclasses import replace

import pytest

from roleplay.moves import Phase, Turn, Use
from roleplay.seats import AskingSeat, Seat
from roleplay.seats.baseline import Baseline
from roleplay.seats.profiles import load_profile, profiles

from .toy import Toy

SPOTS: tuple[tuple[Phase, str | None], ...] = (
    ("talks", "pair"), ("talks", "hidden"), ("talks", "forum"), ("council", None), ("act", None), ("speak", None),
)  # fmt: skip


def provoked() -> Toy:
    toy = Toy()
    toy.do(1, "act", "cest", Use(instrument="launch"))
    return toy


def plays(name: str, toy: Toy, seed: int = 0, variant: int = 0) -> list[Turn]:
    baseline = Baseline(load_profile(name), seed, variant)
    return [baseline.decide(toy.see("arl", 2, phase, ring)) for phase, ring in SPOTS]


def test_a_baseline_is_a_seat_that_needs_no_model() -> None:
    baseline = Baseline(load_profile("steady"))
    assert isinstance(baseline, Seat)
    assert not isinstance(baseline, AskingSeat)
    assert baseline.repeatable


@pytest.mark.parametrize("name", sorted(profiles()))
def test_the_same_view_seed_and_variant_give_the_same_turn(name: str) -> None:
    assert plays(name, provoked(), 7, 3) == plays(name, provoked(), 7, 3)


def test_what_was_asked_before_changes_nothing() -> None:
    baseline, toy = Baseline(load_profile("hedger"), 5), provoked()
    views = [toy.see("arl", 2, phase, ring) for phase, ring in SPOTS]
    forward = [baseline.decide(v) for v in views]
    assert [baseline.decide(v) for v in reversed(views)] == forward[::-1]


@pytest.mark.parametrize("name", ["random-legal", "hedger"])
def test_seed_and_variant_each_change_something(name: str) -> None:
    toy = provoked()
    by_seed = {str(plays(name, toy, seed=s)) for s in range(8)}
    by_variant = {str(plays(name, toy, variant=v)) for v in range(8)}
    assert len(by_seed) > 1
    assert len(by_variant) > 1


def test_draws_of_two_rings_are_independent() -> None:
    random = Baseline(load_profile("random-legal"), 1)
    toy = Toy()
    kinds = [
        tuple(random.decide(toy.see("arl", r, "talks", ring)).moves[0].kind for r in range(1, 12))
        for ring in ("pair", "forum")
    ]
    assert kinds[0] != kinds[1]


def test_profiles_play_the_same_dossier_differently() -> None:
    toy = provoked()
    played = {name: str([t.moves for t in plays(name, toy)]) for name in profiles()}
    assert len(set(played.values())) >= len(played) - 1


def test_every_turn_says_why_in_private() -> None:
    assert all(turn.deliberation for turn in plays("steady", provoked()))


def test_a_profile_can_be_changed_for_an_experiment() -> None:
    changed = replace(Baseline(load_profile("steady")), seed=9)
    assert changed.seed == 9
