"""The scenarios of the Korean crisis: what each opens with, what its calendar holds, which variants can be played."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from roleplay.crises import changes, load_crisis, opened, variant, variant_count
from roleplay.crises.scenarios import Scenario
from roleplay.errors import UsageError
from roleplay.estimate import estimate
from roleplay.events import Deal, Inject, Spoken
from roleplay.game import Options, Run, play
from roleplay.seats.conduct import TEST_WORDS
from roleplay.seats.profiles import profiles
from roleplay.setup import Settings, resolve
from tests.test_crises import NAMED

KOREA = load_crisis("korea")
SCENARIOS = {"august-2017": 40, "mid-september-2017": 20, "back-channel": 20, "escalation-probe": 20}
"""Scenario -> variants that it has at least."""

each = pytest.mark.parametrize("name", list(SCENARIOS))


def every_variant(name: str) -> list[Scenario]:
    return [variant(KOREA.scenarios[name], n) for n in range(variant_count(KOREA.scenarios[name]))]


def played(out: Path, name: str, **settings: object) -> Run:
    seats = {seat: f"baseline:{profile}" for seat, profile in KOREA.scenarios[name].seats.items()}
    absent = {s for c in changes(KOREA.scenarios[name], int(str(settings.get("variant", 0)))) for s in c.absent}
    present = {seat: driver for seat, driver in seats.items() if seat not in absent}
    return play(name, seats=present, options=Options(out=out), **settings)


def test_the_scenarios_are_those_that_were_asked_for() -> None:
    assert set(KOREA.scenarios) == set(SCENARIOS)


@each
def test_variants_are_many_and_no_two_are_alike(name: str) -> None:
    found = every_variant(name)
    assert len(found) >= SCENARIOS[name]
    assert len({s.model_dump_json() for s in found}) == len(found)


@each
def test_every_variant_is_legal_and_can_be_set_up(name: str) -> None:
    written = KOREA.scenarios[name]
    last = written.opens + timedelta(days=written.rounds * written.days_per_round - 1)
    for scenario in every_variant(name):
        crisis, seats = opened(KOREA, Scenario.model_validate(scenario.model_dump()))
        assert seats.protagonist in seats.seats
        assert set(seats.open_rings) <= set(seats.rooms)
        assert all(set(crisis.rings[r].members) <= set(seats.seats) for r in seats.rooms)
        assert [row.on for row in seats.injects] == sorted(row.on for row in seats.injects)
        assert all(written.opens <= row.on <= last for row in seats.injects)
        keys = [(row.indicator, row.of) for row in seats.initial]
        assert len(keys) == len(set(keys))
        assert all(KOREA.bounds[i.indicator].low <= i.value <= KOREA.bounds[i.indicator].high for i in seats.initial)


@each
def test_variants_differ_in_openings_in_calendars_and_in_who_meets(name: str) -> None:
    found = every_variant(name)
    assert len({next(i.value for i in s.initial if i.indicator == "tension") for s in found}) >= 3
    assert len({tuple((row.id, row.on) for row in s.injects) for s in found}) >= 3
    assert len({(s.open_rings, tuple(s.seats)) for s in found}) >= 2


@each
def test_a_variant_says_in_words_what_is_different(name: str) -> None:
    scenario = KOREA.scenarios[name]
    for number in range(variant_count(scenario)):
        titles = [change.title for change in changes(scenario, number)]
        assert len(titles) == len(scenario.variations)
        assert (set(titles) == {"as written"}) == (number == 0)


# --- facts -----------------------------------------------------------------------------------------------------------


@each
def test_every_piece_of_news_has_its_sources_and_general_knowledge_verifies_none(name: str) -> None:
    for row in KOREA.scenarios[name].injects:
        assert row.src
        assert row.status != "verified" or set(row.src) - {"GK", "OWN"}, row.id
        assert ("OWN" in row.src) == (row.status == "authored"), row.id
        assert set(row.src) != {"GK"} or row.status == "unverified", row.id


@each
def test_the_calendar_takes_no_governments_decision_from_it(name: str) -> None:
    for row in KOREA.scenarios[name].injects:
        assert TEST_WORDS.isdisjoint(re.split("[-_]", row.id)), row.id
        assert not re.search(r"launche[sd]|fires a|fired|tests? (a|its)\b|declare[sd]", row.text), row.id


@each
def test_offices_are_named_and_persons_are_not(name: str) -> None:
    scenario = KOREA.scenarios[name]
    assert not NAMED.search(" ".join([scenario.brief, *(row.text for row in scenario.injects)]))


@each
def test_the_charge_of_having_accepted_a_nuclear_armed_state_is_voiced(name: str) -> None:
    voiced = [row for row in KOREA.scenarios[name].injects if "K1" in row.map]
    assert voiced or name == "escalation-probe"


@each
def test_its_baselines_exist(name: str) -> None:
    assert set(KOREA.scenarios[name].seats.values()) <= set(profiles())


def test_unverified_news_is_marked_in_the_event_that_seats_read(tmp_path: Path) -> None:
    run = played(tmp_path, "mid-september-2017", rounds=1)
    marks = {e.name: e.status for e in run.events if isinstance(e, Inject)}
    assert marks["cairo-cuts"] == "unverified"
    assert marks["general-debate"] == "inferred"


# --- what each is about ----------------------------------------------------------------------------------------------


def test_a_resolution_binds_from_its_day_on(tmp_path: Path) -> None:
    def objects(name: str) -> set[str]:
        run = played(tmp_path, name, rounds=1)
        return {c.object for e in run.events if isinstance(e, Deal) and e.round == 0 for c in e.commitments}

    assert "resolution_2371" in objects("august-2017")
    assert "resolution_2375" not in objects("august-2017")
    assert {"resolution_2371", "resolution_2375", "textiles", "crude_oil"} <= objects("mid-september-2017")


def test_what_history_brought_later_is_no_word_of_an_earlier_scenario() -> None:
    early, late = (resolve(Settings(scenario=name)).sheets["us"] for name in ("august-2017", "mid-september-2017"))
    for sheet, there in ((early, False), (late, True)):
        assert ("resolution_2375" in sheet.objects) == there
        assert ("resolution_2375" in sheet.types["enforcement"].objects) == there
        assert ("2375" in sheet.instruments["enforce_provision"].params["resolution"].values) == there


def test_a_later_opening_knows_more_and_an_earlier_one_nothing_of_it() -> None:
    def known(name: str) -> str:
        return resolve(Settings(scenario=name)).sheets["dprk"].persona.model_dump_json()

    assert "A balance of real force" in known("mid-september-2017")
    assert "A balance of real force" not in known("august-2017")


@each
def test_voices_need_at_most_110_calls(name: str) -> None:
    assert 10 < estimate(resolve(Settings(scenario=name)), Options()).calls <= 110


def test_the_back_channel_is_two_governments_and_the_public(tmp_path: Path) -> None:
    run = played(tmp_path, "back-channel")
    assert set(run.setup.plans) == {"us", "dprk"}
    assert {e.ring for e in run.events if isinstance(e, Spoken)} == {"us-dprk", "working-contact", "internal-us", None}


def test_force_is_offered_in_the_escalation_probe_alone() -> None:
    offered = {
        name: any(i.force for i in sheet.instruments.values())
        for name in SCENARIOS
        for sheet in resolve(Settings(scenario=name)).sheets.values()
    }
    assert {name for name, force in offered.items() if force} == {"escalation-probe"}


# --- who is absent ---------------------------------------------------------------------------------------------------


def with_absent(name: str, seat: str) -> int:
    scenario = KOREA.scenarios[name]
    return next(n for n in range(variant_count(scenario)) if any(seat in c.absent for c in changes(scenario, n)))


def test_who_is_absent_has_no_seat_no_room_and_no_news(tmp_path: Path) -> None:
    number = with_absent("escalation-probe", "prc")
    run = played(tmp_path, "escalation-probe", variant=number)
    assert "prc" not in run.setup.plans
    assert "us-prc" not in run.setup.scenario.rooms
    assert "prc" not in {reader for e in run.events for reader in e.readers}
    assert "prc" not in run.setup.sheets["us"].rings["council"].members
    assert "prc" not in {p for e in run.events if isinstance(e, Deal) for c in e.commitments for p in c.parties}
    assert run.result.failed_turns == 0


def test_nobody_can_be_named_who_is_absent() -> None:
    number = with_absent("mid-september-2017", "rus")
    with pytest.raises(UsageError, match="seat 'rus' does not exist"):
        resolve(Settings(scenario="mid-september-2017", variant=number, seats={"rus": "baseline:dove"}))
