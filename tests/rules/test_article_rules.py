"""The article's rules, each by a turn that goes against it and one that keeps it, in all modes."""

from __future__ import annotations

import pytest

from roleplay.crises.policies import Mode, PolicyRule
from roleplay.moves import (
    Accept,
    Authorise,
    Consult,
    Leak,
    Leave,
    Mandate,
    Move,
    NameOfficial,
    Open,
    Prearrange,
    Renounce,
    Table,
)
from tests.rules.desk import Try, clause, korea, says, use

article = pytest.mark.article
MODES: tuple[Mode, ...] = ("prevent", "block", "observe")


def text(*clauses: object) -> Table:
    return Table.model_validate({"commitments": clauses})


def acts(move: Move, *past: Move, seat: str = "us") -> Try:
    return Try(seat, (move,), past=tuple((2, "act", None, seat, m) for m in past))


def speaks(*moves: Move, seat: str = "us") -> Try:
    return Try(seat, moves, phase="speak")


def tables(ring: str, *clauses: object, seat: str = "us") -> Try:
    return Try(seat, (text(*clauses),), ring=ring, phase="talks", opened=(*Try(seat, ()).opened, ring))


CARRIER = use("deploy_strategic", system="carrier_group", place="sea", announced_aim="deter_gamble")
SETTLED = (
    (2, "talks", "internal-us", "us", Authorise(instrument="deploy_strategic")),
    (3, "talks", "us-rok", "us", Consult(instrument="deploy_strategic")),
    (3, "talks", "us-jpn", "us", Consult(instrument="deploy_strategic")),
)
LABOUR = use("enforce_provision", resolution="2371", provision="labour")
NODE = use("list_entity", kind="key_node", jurisdiction="prc", un_provision="coal_iron")
BEYOND = use("list_entity", kind="key_node", jurisdiction="prc", un_provision="none")
WIDE = use("secondary_sanctions_wide", jurisdiction="prc", reach="traders")
STEP = clause("us+prc", "sanctions_step", "textiles", scope="cap")
LEAP = clause("us+prc", "sanctions_step", "textiles", scope="ban")
EMBARGO = clause("us+prc", "sanctions_step", "all_trade", scope="ban")
HALT = clause("dprk", "moratorium", "icbm_test", duration="26 weeks", verification="national_technical_means")
EASING = clause("us", "sanctions_easing", "seafood")
PAYMENT = clause("us", "provision", "fuel")
SPEECH = says("deterrence_policy", "dialogue_open", "dialogue_proposal")

AGAINST = [
    pytest.param(
        "M3", acts(CARRIER), "consult in us-rok; consult in us-jpn; authorise", marks=article("M3", "RA1", "RA2")
    ),
    pytest.param(
        "M4",
        acts(use("deploy_conventional", arm="sea", announced_aim="prepare_attack")),
        "leverage",
        marks=article("M4"),
    ),
    pytest.param("S1", acts(use("autonomous_sanctions", measure="trade")), "enforce", marks=article("S1")),
    pytest.param(
        "S2", acts(use("enforce_provision", resolution="2371", provision="seafood")), "labour", marks=article("S2")
    ),
    pytest.param(
        "S3",
        acts(use("section_311", stage="final", jurisdiction="prc", un_provision="none")),
        "provision",
        marks=article("S3"),
    ),
    pytest.param(
        "S4",
        acts(use("list_entity", kind="small_firm", jurisdiction="prc", un_provision="labour")),
        "key node",
        marks=article("S4"),
    ),
    pytest.param("S7", acts(BEYOND), "names a provision", marks=article("S7")),
    pytest.param("S7", acts(WIDE), "above 75", marks=article("S7", "K4")),
    pytest.param("S9", tables("council", STEP), "say first", marks=article("S9")),
    pytest.param("S10", tables("council", LEAP), "scope cap", marks=article("S10")),
    pytest.param("S10", tables("council", EMBARGO), "first", marks=article("S10")),
    pytest.param(
        "D2", tables("us-prc", clause("prc", "cooperation", "mediation")), "room of one's own", marks=article("D2")
    ),
    pytest.param("D3", Try("us", (Leave(ring="us-prc"),), ring="us-rok", phase="talks"), "stay", marks=article("D3")),
    pytest.param(
        "D4-pressure",
        tables("us-prc", clause("prc", "enforcement", "resolution_2371")),
        "dialogue",
        marks=article("D4"),
    ),
    pytest.param(
        "D4-dialogue", tables("us-prc", clause("us", "forum", "six_party_talks")), "Beijing", marks=article("D4")
    ),
    pytest.param("D5", speaks(says("blame_partner")), "in the channel", marks=article("D5", "P10")),
    pytest.param("D6", acts(Leak(ring="us-prc"), seat="prc"), "confide", marks=article("D6", "K6")),
    pytest.param(
        "D12", tables("us-dprk", clause("us", "assurance", "first_use")), "granted: nothing", marks=article("D12")
    ),
    pytest.param("P6", speaks(says("deterrence_policy", "dialogue_open")), "official", marks=article("P6")),
    pytest.param("T1", tables("us-dprk", EASING), "return", marks=article("T1")),
    pytest.param(
        "T1-all",
        tables("us-dprk", clause("us", "sanctions_easing", "all_sanctions"), HALT),
        "one named",
        marks=article("T1"),
    ),
    pytest.param(
        "T2", tables("us-dprk", clause("us", "alliance_concession", "troop_presence")), "without", marks=article("T2")
    ),
    pytest.param("T4", tables("us-dprk", PAYMENT), "without", marks=article("T4")),
    pytest.param("T5", tables("us-dprk", clause("us", "retention", "nuclear_status")), "without", marks=article("T5")),
    pytest.param("T6", speaks(says("preconditions")), "denuclearization_goal", marks=article("T6")),
    pytest.param(
        "T6-text",
        tables("us-dprk", clause("dprk", "dismantlement", "nuclear_status")),
        "interim",
        marks=article("T6", "F4"),
    ),
]


@pytest.mark.parametrize(("rule", "turn", "legal"), AGAINST)
@pytest.mark.parametrize("mode", MODES)
def test_a_turn_against_a_rule_is_ruled_on_with_rule_strength_mode_and_what_would_be_legal(
    rule: str, turn: Try, legal: str, mode: Mode
) -> None:
    strength = korea().rules[rule].strength
    [ruling] = turn.with_(mode=mode).rulings(rule)
    blocked = strength in ("NEVER", "FOR-NOW") and mode != "observe"
    assert ruling.verdict == ("blocked" if blocked else "observed")
    assert (ruling.rule, ruling.rule_kind, ruling.strength, ruling.mode) == (rule, "policy", strength, mode)
    assert ruling.tried["kind"] == turn.moves[-1].kind
    assert legal in ruling.legal
    assert ruling.why
    assert ruling.readers == (("us" if turn.seat == "us" else turn.seat,) if blocked else ())


@pytest.mark.parametrize(("rule", "turn", "legal"), AGAINST)
@pytest.mark.parametrize("mode", MODES)
def test_a_rule_that_the_run_asks_for_follows_the_mode_whatever_its_strength(
    rule: str, turn: Try, legal: str, mode: Mode
) -> None:
    for asked in (rule, korea().rules[rule].strength):
        judged = turn.with_(mode=mode, bind=(asked,))
        assert [r.verdict for r in judged.rulings(rule)] == ["observed" if mode == "observe" else "blocked"]
        went = {e.kind for _, e in judged.judge().entries} & {"move"}
        assert went == ({"move"} if mode == "observe" else set())


def before(turn: Try, *past: object) -> Try:
    return turn.with_(past=(*turn.past, *past))


KEPT = [
    pytest.param("M1", acts(CARRIER), marks=article("M1", "M2")),
    pytest.param("M3", before(acts(CARRIER), *SETTLED), marks=article("M3")),
    pytest.param("S5", acts(NODE), marks=article("S5")),
    pytest.param("S6", acts(use("suspend_aid", state="egypt", how="delay")), marks=article("S6", "S8")),
    pytest.param(
        "D4-pressure",
        tables("us-prc", clause("prc", "enforcement", "resolution_2371"), clause("us", "forum", "six_party_talks")),
        marks=article("D4"),
    ),
    pytest.param("P5", speaks(says("silence")), marks=article("P5")),
    pytest.param("P6", speaks(SPEECH, NameOfficial(post="envoy")), marks=article("P6", "P6a", "P6b", "P6c", "P6d")),
    pytest.param(
        "P6e",
        Try("us", (Prearrange(ring="us-dprk", phrase="a quiet week"),), ring="us-prc", phase="talks"),
        marks=article("P6e"),
    ),
    pytest.param("P6e", acts(Open(ring="six-party")), marks=article("P6e")),
    pytest.param("F6", tables("us-dprk", HALT), marks=article("F6", "G2")),
    pytest.param(
        "I1", tables("us-dprk", clause("us+dprk", "communication", "military_hotline")), marks=article("I1", "G3")
    ),
    pytest.param("I2", tables("us-dprk", clause("dprk", "target_limit", "guam")), marks=article("I2")),
    pytest.param("I3", tables("us-dprk", HALT), marks=article("I3")),
    pytest.param("I4", tables("us-dprk", clause("dprk", "moratorium", "nuclear_test")), marks=article("I4")),
    pytest.param("T1", tables("us-dprk", EASING, HALT), marks=article("T1")),
    pytest.param("T3", tables("us-dprk", clause("us+dprk", "political", "peace_treaty")), marks=article("T3")),
]


@pytest.mark.parametrize(("rule", "turn"), KEPT)
@pytest.mark.parametrize("mode", MODES)
def test_what_a_rule_asks_for_earns_credit_in_every_mode(rule: str, turn: Try, mode: Mode) -> None:
    assert {r.verdict for r in turn.with_(mode=mode).rulings(rule)} == {"credited"}


SILENT = [
    ("M3", acts(use("test_icbm", profile="lofted", impact="open_sea"), seat="dprk")),
    ("S1", acts(use("autonomous_sanctions", measure="trade"), LABOUR)),
    ("S2", acts(LABOUR)),
    ("S4", acts(use("list_entity", kind="small_firm", jurisdiction="prc", un_provision="labour"), NODE)),
    ("S7", acts(NODE)),
    ("S9", before(tables("council", STEP), (2, "speak", None, "us", says("sanctions_case")))),
    ("S10", tables("council", STEP)),
    ("S10", tables("council", LEAP).with_(held=(STEP,))),
    (
        "D2",
        before(
            tables("us-prc", clause("prc", "cooperation", "mediation")), (2, "act", None, "us", Open(ring="us-dprk"))
        ),
    ),
    ("D6", acts(Leak(ring="us-rok"))),
    (
        "D12",
        before(
            tables("us-dprk", clause("us", "assurance", "first_use")),
            (2, "talks", "internal-us", "us", Mandate(ring="us-dprk", grants=("assurance",))),
        ),
    ),
    ("T6-text", tables("us-dprk", clause("dprk", "dismantlement", "nuclear_status"), HALT)),
    ("P7", speaks(says("talks_futile"))),
]


@pytest.mark.parametrize(("rule", "turn"), SILENT)
def test_a_turn_that_keeps_a_rule_gets_no_ruling_against_it(rule: str, turn: Try) -> None:
    assert {r.verdict for r in turn.rulings(rule)} <= {"credited"}


# --- what no table holds ---------------------------------------------------------------------------------------------


@article("S7", "S11")
@pytest.mark.parametrize(("tension", "verdict"), [(60, "blocked"), (75, "blocked"), (76, "observed")])
def test_wide_secondary_sanctions_open_with_the_risk_of_war(tension: float, verdict: str) -> None:
    [ruling] = acts(WIDE).with_(indicators={"tension": tension}).rulings("S7")
    assert ruling.verdict == verdict


@article("K2", "T2", "T4", "T5")
@pytest.mark.parametrize("kind", ["provision", "alliance_concession", "retention"])
@pytest.mark.parametrize("mode", MODES)
def test_what_may_not_be_granted_can_be_asked_for_and_not_be_accepted(kind: str, mode: Mode) -> None:
    things = {"provision": "fuel", "alliance_concession": "troop_presence", "retention": "nuclear_status"}
    asked = text(clause("us", kind, things[kind]), HALT)
    asks = Try("dprk", (asked,), ring="us-dprk", phase="talks", opened=("us-dprk",), mode=mode)
    rule = {"provision": "T4", "alliance_concession": "T2", "retention": "T5"}[kind]
    assert asks.rulings(rule) == []
    assert "move" in {e.kind for _, e in asks.judge().entries}
    accepts = asks.with_(seat="us", moves=(Accept(number=1),), past=((3, "talks", "us-dprk", "dprk", asked),))
    assert [r.verdict for r in accepts.rulings(rule)] == ["observed" if mode == "observe" else "blocked"]


SPOKEN = (2, "speak", None, "us", SPEECH)


def after_speech(*lines: str, post: str = "leader") -> Try:
    """A public line of the week after the policy speech."""
    return speaks(says(*lines, post=post)).with_(past=(SPOKEN,), credited=("P6",))


@article("P7", "P8")
@pytest.mark.parametrize(
    ("lines", "off"),
    [(("talks_futile",), "talks_futile"), (("dialogue_open", "pressure"), "pressure"), (("dialogue_open",), ""),
     (("silence",), ""), (("condemnation",), "")],
)  # fmt: skip
def test_after_the_speech_an_office_that_leaves_the_script_is_noted(lines: tuple[str, ...], off: str) -> None:
    rulings = after_speech(*lines).rulings("P7")
    assert [r.verdict for r in rulings] == (["observed"] if off else [])
    assert not off or f"leader says {off}" in rulings[0].why
    assert not off or "dialogue_proposal" in rulings[0].legal


@article("P6")
def test_once_the_speech_was_made_it_need_not_be_made_again() -> None:
    assert after_speech("deterrence_policy").rulings("P6") == []


@article("D12")
def test_what_the_team_has_agreed_is_not_disowned_from_the_top() -> None:
    [ruling] = acts(Renounce(commitment="us-dprk/1.1")).with_(held=(EASING,), ring_of_held="us-dprk").rulings("D12-top")
    assert ruling.verdict == "observed"


@article("M3")
def test_a_use_takes_its_consultation_and_its_order_with_it() -> None:
    again = before(acts(CARRIER), *SETTLED, (3, "act", None, "us", CARRIER))
    assert [r.verdict for r in again.rulings("M3")] == ["observed"]


@article("M3")
def test_a_ring_that_does_not_meet_cannot_be_asked() -> None:
    alone = before(acts(CARRIER), SETTLED[0]).with_(opened=("internal-us",))
    assert [r.verdict for r in alone.rulings("M3")] == ["credited"]


@article("P6")
def test_a_ruling_does_not_depend_on_what_others_do_at_the_same_time() -> None:
    alone = speaks(says("deterrence_policy"))
    quicker = alone.with_(past=((3, "speak", None, "us", NameOfficial(post="envoy")),))
    assert [r.why for r in alone.rulings("P6")] == [r.why for r in quicker.rulings("P6")]


def test_a_rule_with_rings_binds_nowhere_else_whatever_its_check() -> None:
    """T5 never gives a text, D5 is about what is said: with rings of their own, both hold there alone."""

    def narrow(rule: str, ring: str) -> dict[str, PolicyRule]:
        return {rule: korea().rules[rule].model_copy(update={"rings": (ring,)})}

    gives = tables("us-dprk", clause("us", "retention", "nuclear_status"))
    assert gives.with_(changed=narrow("T5", "us-dprk")).rulings("T5") != []
    assert gives.with_(changed=narrow("T5", "us-prc")).rulings("T5") == []
    assert speaks(says("blame_partner")).with_(changed=narrow("D5", "us-prc")).rulings("D5") == []
