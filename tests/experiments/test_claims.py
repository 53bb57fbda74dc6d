"""Suites on claims: with the rows of the world at zero, some written games confirm a claim, others disconfirm it."""

from __future__ import annotations

from pathlib import Path

import pytest

from roleplay.experiments.batch import Batch
from roleplay.experiments.gates import claim_of
from roleplay.experiments.matrix import lay_out
from roleplay.experiments.report import findings_of
from roleplay.experiments.scorers import scorer_of
from roleplay.experiments.suites import Reference, Suite, Treatment, find_suites, load_suite
from roleplay.scoring import RULESET
from tests.experiments.pond import Scorer, play

CLAIMS = {name: load_suite(str(path)) for name, path in find_suites().items() if load_suite(str(path)).claim}
SEATS = ("us", "rok", "jpn", "prc", "rus", "dprk")
ANSWERING = {"C1": ("dprk", "Answers"), "C5": ("dprk", "Fights"), "C9": ("prc", "Relents"), "C10": ("prc", "Presses"),
             "C17": ("dprk", "Answers")}  # fmt: skip
"""Claim -> who answers the treatment in a game in which the claim holds, and how."""


def seat(name: str) -> str:
    return f"python:tests.experiments.seats:{name}"


def scripted(suite: Suite, *, holds: bool) -> Suite:
    """The suite with written seats: the treatment is a threat, and one seat answers it or does not."""
    assert suite.claim is not None
    who, how = ANSWERING[suite.claim.id]
    seats = {**dict.fromkeys(SEATS, seat("Mute")), who: seat(how if holds else "Mute")}
    base = suite.base.model_copy(update={"seats": seats, "rounds": 2})
    levels = {
        level: Treatment(seats={"us": seat("Mute" if level == suite.control else "Loud")})
        for level in suite.factors["treatment"]
    }
    still = Reference(settings=Treatment(seats=dict.fromkeys(SEATS, seat("Mute")), rounds=1), variants=(0,))
    return suite.model_copy(
        update={
            "base": base,
            "factors": {"treatment": levels},
            "variants": (0, 1),
            "references": {"floor": still, "ceiling": still},
        }
    )


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_both_verdicts_can_be_reached(name: str, tmp_path: Path) -> None:
    for holds, verdict in ((True, "confirmed"), (False, "disconfirmed")):
        folder = tmp_path / verdict
        play(folder, scripted(CLAIMS[name], holds=holds), Scorer())
        with Batch.read(folder) as batch:
            found = claim_of(batch.suite, findings_of(batch).comparisons)
        assert found is not None
        assert found["verdict"] == verdict


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_the_worlds_own_rows_of_the_claim_do_nothing(name: str) -> None:
    claim = CLAIMS[name].claim
    assert claim is not None
    for setup in lay_out(CLAIMS[name], {"model": "m"}).setups.values():
        kept = [row for row in setup.effects.claimed if row.claim == claim.id]
        assert all(effect.by == 0 for row in kept for effect in row.effects)


def test_the_five_claims_of_the_issue_have_suites() -> None:
    assert {suite.claim.id for suite in CLAIMS.values() if suite.claim} == set(ANSWERING)


def test_a_suite_that_ships_is_scored_by_its_crisis() -> None:
    assert scorer_of(lay_out(CLAIMS["c1-hot-words"], {"model": "m"})).id.startswith(f"measured {RULESET}.korea-")
