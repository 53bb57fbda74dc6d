from __future__ import annotations

import pytest

from roleplay.commitments import Commitment
from roleplay.moves import Statement, Tone, Use
from roleplay.seats.conduct import Conduct, breaking, hostility, tension_indicator

from .toy import SEATS, Toy

HALT = Commitment(parties=("cest",), type="halt", object="tests")


def conduct(toy: Toy, seat: str, round: int = 2, forgiveness: float = 0.5) -> Conduct:
    return Conduct(toy.see(seat, round, "talks"), forgiveness)


def statement(tone: Tone, audience: str) -> Statement:
    return Statement(post="leader", audience=audience, tone=tone, line="pressure")


def test_nobody_has_done_anything_at_the_start() -> None:
    assert set(conduct(Toy(), "arl").of.values()) == {0}


def test_an_act_against_what_a_dossier_values_hurts_by_half_its_value() -> None:
    toy = Toy()
    toy.do(1, "act", "cest", Use(instrument="launch"))
    assert conduct(toy, "arl").of["cest"] == pytest.approx(1.5)
    assert conduct(toy, "bor").of["cest"] == pytest.approx(1.0)


def test_a_threat_to_a_seat_hurts_it_more_than_it_hurts_bystanders() -> None:
    toy = Toy()
    toy.do(1, "speak", "cest", statement("threat", "arl"))
    assert conduct(toy, "arl").of["cest"] > conduct(toy, "bor").of["cest"] > 0


def test_a_kind_word_is_conduct_too() -> None:
    toy = Toy()
    toy.do(1, "speak", "cest", statement("conciliatory", "arl"))
    assert conduct(toy, "arl").of["cest"] < 0


def test_what_is_aimed_at_somebody_else_weighs_less() -> None:
    params: dict[str, str | bool | int] = {"target": "cest", "size": "large", "ships": 3, "aim": "to be seen"}
    toy = Toy()
    toy.do(1, "act", "bor", Use(instrument="drill", params=params))
    at_cest = conduct(toy, "arl").of["bor"]
    toy = Toy()
    toy.do(1, "act", "bor", Use(instrument="drill", params={**params, "target": "arl"}))
    assert conduct(toy, "arl").of["bor"] > 2 * at_cest > 0


def test_what_an_act_did_to_tension_is_felt_where_its_code_is_unknown() -> None:
    toy = Toy()
    act = toy.do(1, "act", "arl", Use(instrument="list_firm"))
    toy.add(1, "settle", "effect", None, indicator="tension", by=10.0, claim="C1", row="row", cause=(act.id,))
    assert conduct(toy, "bor").of["arl"] > 0


def test_a_trusted_government_is_forgiven_more() -> None:
    near, far = Toy(), Toy()
    for toy in (near, far):
        act = toy.do(1, "act", "arl", Use(instrument="list_firm"))
        toy.add(1, "settle", "effect", None, indicator="tension", by=10.0, claim="C1", row="row", cause=(act.id,))
    near.add(1, "settle", "effect", None, indicator="trust", of="arl:bor", by=50.0, claim="C1", row="row")
    assert conduct(near, "bor").of["arl"] < conduct(far, "bor").of["arl"]


def test_a_deal_pleases_its_parties_and_a_breach_angers_everybody_who_knows() -> None:
    toy = Toy()
    toy.add(1, "talks", "deal", "cest", ("arl", "cest"), ring="hidden", number=1, parties=("arl", "cest"),
            commitments=(HALT,))  # fmt: skip
    assert conduct(toy, "arl").of["cest"] == pytest.approx(-1)
    toy.add(1, "settle", "breach", "cest", ("arl", "cest"), commitment="hidden/1.1", by="cest", clause=HALT,
            openly=False, evidence=())  # fmt: skip
    assert conduct(toy, "arl").of["cest"] == pytest.approx(1)
    assert conduct(toy, "arl").broke == {"cest"}
    assert conduct(toy, "bor").broke == frozenset()


def test_old_conduct_fades_at_the_pace_of_forgiveness() -> None:
    toy = Toy()
    toy.do(1, "act", "cest", Use(instrument="launch"))
    at = {f: conduct(toy, "arl", round=3, forgiveness=f).of["cest"] for f in (0.0, 0.5, 1.0)}
    assert at[0.0] == pytest.approx(2 * at[0.5]) == pytest.approx(1.5)
    assert at[1.0] == 0


def test_a_weapons_test_is_known_by_its_family_its_name_or_the_calendar() -> None:
    assert not conduct(Toy(), "arl").tested
    toy = Toy()
    toy.do(1, "act", "cest", Use(instrument="launch"))
    assert conduct(toy, "arl").tested
    assert not conduct(toy, "cest").tested, "its own test is no news to it"
    toy = Toy()
    toy.add(2, "brief", "inject", None, name="sixth-test", text="The ground shook.")
    assert conduct(toy, "bor").tested
    assert not conduct(toy, "bor", round=4).tested


def test_an_object_narrows_what_breaks_a_clause_only_for_the_types_that_it_names() -> None:
    sheet = Toy().see("arl", 1, "talks").sheet
    assert breaking("halt", "tests", sheet)
    assert breaking("pay", "tests", sheet) == ()
    assert breaking("halt", "nothing", sheet) == ()


def test_hostility_follows_goldstein_and_else_the_class_by_rivera() -> None:
    sheet = Toy().see("arl", 1, "talks").sheet
    drill = sheet.instruments["drill"]
    assert hostility(drill) == pytest.approx(0.7)
    assert hostility(sheet.instruments["restrain"]) == pytest.approx(-0.5)
    codes = drill.codes.model_copy(update={"goldstein": None, "rivera": "posturing"})
    posture = drill.model_copy(update={"codes": codes})
    assert hostility(posture) == pytest.approx(0.4)


def test_the_indicator_of_tension_is_the_one_of_that_name_or_the_first_that_all_share() -> None:
    sheet = Toy().see("arl", 1, "talks").sheet
    assert tension_indicator(sheet) == "tension"
    other = sheet.indicators["tension"].model_copy(update={"id": "heat"})
    without = sheet.model_copy(update={"indicators": {"trust": sheet.indicators["trust"], "heat": other}})
    assert tension_indicator(without) == "heat"
    assert tension_indicator(sheet.model_copy(update={"indicators": {}})) is None


def test_every_other_government_has_a_conduct() -> None:
    assert set(conduct(Toy(), "arl").of) == set(SEATS) - {"arl"}
