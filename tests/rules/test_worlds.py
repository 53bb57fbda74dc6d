"""What the worlds make of what was done: each claim has a sign there, and can be taken out or turned round."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from roleplay.crises.worlds import EffectTable
from roleplay.drafts import Draft
from roleplay.events import everyone
from roleplay.moves import Consult, Mandate, Move
from tests.rules.desk import OPEN, SEATS, Past, Try, clause, korea, says, use

article = pytest.mark.article
PUBLIC = everyone(SEATS)


def week(*moves: Move, seat: str = "us", before: tuple[Past, ...] = (), **more: object) -> Try:
    """This round's public lines and acts of one seat."""
    now: list[Past] = [(3, "speak" if m.kind == "statement" else "act", None, seat, m) for m in moves]
    return Try("us", (), past=(*before, *now)).with_(**more)


def deal(ring: str, *clauses: object, form: str = "deal") -> Draft:
    fields = {"number": 1, "parties": ("us", "dprk"), "commitments": clauses, "form": form, "ring": ring}
    return Draft("deal", None, PUBLIC, fields)


def tally(adopted: bool, prc: str = "yes") -> Draft:
    votes = {**dict.fromkeys(("us", "uk", "fra", "rus"), "yes"), "prc": prc}
    return Draft("tally", None, PUBLIC, {"number": 1, "votes": votes, "adopted": adopted, "why": "-"})


def earlier(move: Move, seat: str = "us") -> tuple[Past, ...]:
    return ((2, "speak", None, seat, move),)


CARRIER = use("deploy_strategic", system="carrier_group", place="sea", announced_aim="deter_gamble")
NODE = use("list_entity", kind="key_node", jurisdiction="prc", un_provision="coal_iron")
BEYOND = use("list_entity", kind="key_node", jurisdiction="prc", un_provision="none")
ENFORCED: Past = (3, "act", None, "prc", use("enforce_provision", resolution="2371", provision="labour"))
MANDATE: Past = (2, "talks", "internal-us", "us", Mandate(ring="us-dprk", grants=("assurance",)))
ASSURANCE = clause("us", "assurance", "first_use")
STEP = clause("us+prc", "sanctions_step", "textiles", scope="cap")
HALT = clause("dprk", "moratorium", "icbm_test")
HOTLINE = clause("us+dprk", "communication", "military_hotline")
LEAKED = Draft("leak", None, PUBLIC, {"about": "us-dprk", "text": "-"})
DISOWNED = Draft(
    "breach",
    "us",
    PUBLIC,
    {"commitment": "us-dprk/1.1", "by": "us", "clause": ASSURANCE, "openly": True, "evidence": ()},
)

CLAIMS = [
    pytest.param("C1", week(says("pressure", tone="threat")), "tension", 1, marks=article("C1", "P1")),
    pytest.param(
        "C2",
        week(says("talks_futile"), before=earlier(says("dialogue_open"))),
        "allied_cohesion",
        -1,
        marks=article("C2", "P2"),
    ),
    pytest.param("C3", week(), "trigger_uncertainty dprk", 1, marks=article("C3", "P4")),
    pytest.param(
        "C4", week(says("deterrence_policy")), "trigger_uncertainty dprk", -1, marks=article("C4", "P4", "P9")
    ),
    pytest.param("C5", week(CARRIER), "incident_risk", 1, marks=article("C5", "F3", "S12")),
    pytest.param("C6", week(CARRIER), "gamble_belief dprk", -1, marks=article("C6", "M1")),
    pytest.param("C7", week(NODE), "compliance others", 1, marks=article("C7", "S5")),
    pytest.param("C7", week(NODE), "evasion_capacity", -1, marks=article("C7", "S5")),
    pytest.param("C8", week(BEYOND), "council_unity", -1, marks=article("C8")),
    pytest.param("C9", week(happened=(tally(False, "no"),)), "compliance prc", -1, marks=article("C9", "D9")),
    pytest.param("C9", week(happened=(tally(True, "abstain"),)), "council_unity", -1, marks=article("C9", "D8", "D9")),
    pytest.param("C9", week(happened=(tally(True),)), "council_unity", 1, marks=article("C9", "D8")),
    pytest.param(
        "C10", week(says("dialogue_open"), before=(ENFORCED,)), "compliance prc", 1, marks=article("C10", "D4", "D7")
    ),
    pytest.param("C11", week(happened=(LEAKED,)), "trust dprk:us", -1, marks=article("C11", "D6")),
    pytest.param(
        "C12",
        week(before=(MANDATE,), happened=(deal("us-dprk", ASSURANCE),)),
        "trust dprk:us",
        1,
        marks=article("C12", "D12"),
    ),
    pytest.param("C12", week(happened=(DISOWNED,)), "trust dprk:us", -1, marks=article("C12", "D12")),
    pytest.param("C13", week(says("preconditions")), "trust dprk:us", -1, marks=article("C13", "T6")),
    pytest.param("C14", week(), "programme_progress", 1, marks=article("C14", "F7", "G2")),
    pytest.param(
        "C15",
        week(happened=(deal("us-dprk", clause("us", "provision", "fuel")),)),
        "political_capital us",
        -1,
        marks=article("C15", "T4"),
    ),
    pytest.param("C16", week(indicators={"capacity us": 30}), "allied_cohesion", -1, marks=article("C16", "D13")),
    pytest.param(
        "C17", week(happened=(deal("council", STEP, form="resolution"),)), "tension", 1, marks=article("C17", "F2")
    ),
    pytest.param("C18", week(), "trigger_uncertainty dprk", 1, marks=article("C18", "D2")),
    pytest.param("C19", week(held=(HOTLINE,)), "incident_risk", -1, marks=article("C19", "I1")),
    pytest.param("F1", week(CARRIER), "tension", 1, marks=article("F1", "M1")),
    pytest.param(
        "F7",
        week(use("test_icbm", profile="lofted", impact="open_sea"), seat="dprk"),
        "programme_progress",
        1,
        marks=article("F7"),
    ),
    pytest.param("P3", week(says("pressure", tone="threat")), "gamble_belief dprk", -1, marks=article("P3")),
    pytest.param("M3", week(CARRIER), "allied_cohesion", -1, marks=article("M3")),
    pytest.param(
        "K5",
        week(indicators={"political_capital us": 10}, held=(ASSURANCE,), ring_of_held="us-dprk"),
        "trust dprk:us",
        -1,
        marks=article("K5"),
    ),
]


def moved(
    turn: Try, claim: str, indicator: str, by: Mapping[str, float] | None = None, world: str = "article"
) -> float:
    """The sum of what a claim's rows do to an indicator."""
    name, _, of = indicator.partition(" ")
    effects = turn.effects(world, by)
    return sum(e.by for e in effects if e.claim == claim and e.indicator == name and e.of == of)


@pytest.mark.parametrize(("claim", "turn", "indicator", "sign"), CLAIMS)
def test_a_claim_has_its_sign_in_the_articles_world_and_can_be_scaled_out_of_it_or_turned_round(
    claim: str, turn: Try, indicator: str, sign: int
) -> None:
    size = moved(turn, claim, indicator)
    assert size * sign > 0
    assert moved(turn, claim, indicator, {claim: 0}) == 0
    assert moved(turn, claim, indicator, {claim: -1}) == -size
    assert moved(turn, claim, indicator, {claim: 2}) == 2 * size
    assert moved(turn, claim, indicator, world="null") == 0


@article("C14", "F7", "F4")
def test_a_limit_on_long_range_tests_stops_the_drift_of_the_programme() -> None:
    for limit in (HALT, clause("dprk", "limit", "icbm_test")):
        assert moved(week(held=(limit,)), "C14", "programme_progress") == 0


@article("C10", "D4")
def test_pressure_alone_and_dialogue_with_pressure_are_told_apart() -> None:
    together = week(says("dialogue_open"), before=(ENFORCED,))
    assert moved(together, "C10", "trust prc:us") > 0
    assert moved(week(NODE), "C10", "compliance prc") < 0 < moved(together, "C10", "compliance prc")


@article("C19")
def test_a_row_by_its_own_name_counts_before_its_claim() -> None:
    turn = week(held=(HOTLINE,))
    assert moved(turn, "C19", "incident_risk", {"C19": 0, "c19-line": 1}) < 0


def test_a_scaled_world_keeps_its_name_and_says_by_what_it_was_scaled() -> None:
    world = korea().worlds["article"].scaled({"C1": 0, "C9": -1})
    assert (world.id, world.factors) == ("article", {"C1": 0, "C9": -1})
    assert not [row for row in world.claimed if row.claim == "C1"]
    assert korea().worlds["article"].scaled({}) is korea().worlds["article"]


@article("F1", "G1")
def test_force_that_seoul_was_not_asked_about_costs_the_alliance() -> None:
    strike = use("limited_strike", target="dprk", aim="launch_site")
    asked: Past = (3, "talks", "us-rok", "us", Consult(instrument="limited_strike"))
    for before, cost in (((), True), ((asked,), False)):
        effects = week(strike, before=before).effects()
        assert bool([e for e in effects if e.row == "f1-unasked"]) is cost
        assert sum(e.by for e in effects if e.indicator == "tension") > 10


def test_each_row_of_each_world_has_a_claim_a_reason_and_a_source() -> None:
    worlds: list[EffectTable] = list(korea().worlds.values())
    for world in worlds:
        for row in world.claimed:
            assert row.claim
            assert row.src, (world.id, row.id)


@article("RA1", "RA2", "RB", "RC", "RD", "RE")
def test_the_articles_rooms_are_as_confidential_as_it_has_them() -> None:
    rooms = {name: (row.members, row.confidentiality) for name, row in korea().rings.items() if row.in_article}
    assert rooms["us-rok"] == (("us", "rok"), "confidential")
    assert rooms["us-jpn"] == (("us", "jpn"), "confidential")
    assert rooms["us-prc"] == (("us", "prc"), "confidential")
    assert rooms["council"] == (("us", "jpn", "prc", "rus", "uk", "fra"), "restricted")
    assert rooms["six-party"] == (("us", "rok", "jpn", "prc", "rus", "dprk"), "restricted")
    assert rooms["us-dprk"] == (("us", "dprk"), "secret")
    others = {name for name, row in korea().rings.items() if not row.in_article}
    assert others == {"inter-korean", "us-rok-jpn", "prc-dprk", "prc-rus"}
    assert all(korea().rings[name].label.endswith("(added for play)") for name in others)


@article("K1", "F8")
def test_critics_and_commentators_are_heard_whatever_the_governments_do() -> None:
    heard = {i for s in korea().scenarios.values() for row in s.injects if not row.readers for i in row.map}
    assert {"K1", "F8", "C3", "I1", "P2"} <= heard
    cost = [e for s in korea().scenarios.values() for row in s.injects if "K1" in row.map for e in row.effects]
    assert cost
    assert all(e.by < 0 for e in cost if e.indicator in ("political_capital", "allied_cohesion"))


@article("D11")
def test_an_open_direct_channel_by_itself_moves_no_trust() -> None:
    opened = week(opened=(*OPEN, "us-dprk", "six-party"))
    assert not [e for e in opened.effects() if e.indicator == "trust"]
