"""Crises as data: the Korean one holds together, whatever does not is told with file and line, variants are legal."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from roleplay.commitments import Commitment
from roleplay.crises import (
    Crisis,
    find_crises,
    load_crisis,
    load_scenario,
    read_crisis,
    variant,
)
from roleplay.crises.patterns import Condition, Pattern, State
from roleplay.crises.places import dossier_folders
from roleplay.crises.policies import CHECKS
from roleplay.crises.scenarios import Scenario
from roleplay.crises.validation import validate_path
from roleplay.errors import AuthorError, Problem, UsageError
from roleplay.events import Breach, Deal, Moved, Tally, everyone
from roleplay.ledger import Ledger
from roleplay.moves import Leave, Move, Use
from roleplay.resources import PACKAGE
from roleplay.rules.policy import CHECKS as POLICY_CHECKS
from roleplay.world import World

KOREA = PACKAGE / "crises" / "korea"
POND = Path(__file__).parent / "crises" / "pond"
PLAYED = ("us", "rok", "jpn", "prc", "rus", "dprk")


@pytest.fixture(scope="module")
def korea() -> Crisis:
    return load_crisis("korea")


@pytest.fixture(scope="module")
def august(korea: Crisis) -> Scenario:
    return korea.scenarios["august-2017"]


# --- loading ---------------------------------------------------------------------------------------------------------


def test_every_part_of_the_crisis_is_there(korea: Crisis) -> None:
    assert tuple(s.id for s in korea.seats.values() if not s.phases) == PLAYED
    assert {s.id: s.phases for s in korea.seats.values() if s.phases} == dict.fromkeys(
        ("uk", "fra"), ("talks", "council")
    )
    assert {"us-rok", "us-jpn", "us-prc", "council", "six-party", "us-dprk", "internal-us"} <= set(korea.rings)
    assert not korea.rings["inter-korean"].in_article
    assert not korea.rings["us-rok-jpn"].in_article
    assert {"article", "null", "sceptic"} == set(korea.worlds)
    assert {"free-play", "article-package", "tough-only"} <= set(korea.strategies)
    assert {"T1", "T2", "T4", "T5", "D12", "M3", "S7", "P6"} <= set(korea.rules)
    assert set(PLAYED) <= set(korea.personas)
    assert korea.bounds["tension"].start == 55


def test_a_crisis_survives_the_way_into_a_journal_and_back(korea: Crisis) -> None:
    adapter = TypeAdapter(Crisis)
    again = adapter.validate_python(json.loads(json.dumps(adapter.dump_python(korea, mode="json"))))
    assert again == korea
    assert again.matcher.family("test_icbm") == "tests"


def test_a_users_crisis_comes_before_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(KOREA, tmp_path / "crises" / "korea")
    shutil.copytree(POND, tmp_path / "crises" / "pond")
    monkeypatch.chdir(tmp_path)
    found = find_crises()
    assert [found[name].resolve() for name in ("korea", "pond")] == [tmp_path / "crises" / n for n in ("korea", "pond")]
    assert load_crisis("korea").folder.resolve() == tmp_path / "crises" / "korea"
    assert load_crisis(tmp_path / "crises" / "pond").file.id == "pond"


def test_a_crisis_beside_its_dossiers_needs_no_others(tmp_path: Path) -> None:
    folder = copied(tmp_path, dossiers=True)
    assert dossier_folders(folder) == [folder / "personas"]
    assert set(load_crisis(folder).personas) >= set(PLAYED)


@pytest.mark.parametrize(
    ("name", "words"),
    [("koria", ["korea", "did you mean 'korea'?"]), ("no-such-crisis", ["korea", "crisis.yaml"])],
)
def test_a_crisis_that_does_not_exist_is_a_usage_error(name: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as error:
        load_crisis(name)
    assert all(word in str(error.value) for word in words)


def test_a_scenario_is_found_without_naming_its_crisis() -> None:
    crisis, scenario = load_scenario("august-2017")
    assert (crisis.file.id, scenario.opens) == ("korea", date(2017, 8, 23))


@pytest.mark.parametrize("crisis", [None, "korea", str(KOREA)])
def test_a_scenario_that_does_not_exist_is_a_usage_error_that_lists_what_does(crisis: str | None) -> None:
    with pytest.raises(UsageError, match=r"august-2017[\s\S]*did you mean 'august-2017'"):
        load_scenario("august-2018", crisis)


# --- what does not hold together -------------------------------------------------------------------------------------


def copied(tmp_path: Path, *, dossiers: bool = False) -> Path:
    folder = tmp_path / "korea"
    shutil.copytree(KOREA, folder)
    if dossiers:
        shutil.copytree(PACKAGE / "personas" / "korea", folder / "personas")
    return folder


def broken(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first `old` of a file by `new`; returns the line on which the replacement begins to differ."""
    path = folder / file
    text = path.read_text()
    assert old in text, f"{file} has no {old!r}"
    changed = text.replace(old, new, 1)
    path.write_text(changed)
    lines, before = changed.splitlines(), text.splitlines()
    return next((n for n, (a, b) in enumerate(zip(lines, before, strict=False), 1) if a != b), len(lines))


def problems_of(folder: Path) -> list[Problem]:
    with pytest.raises(AuthorError) as error:
        load_crisis(folder)
    return error.value.problems


INSTRUMENTS, WORDS, US = "instruments.yaml", "commitments.yaml", "personas/us.yaml"
ARTICLE = "worlds/article.yaml"
AUGUST = "scenarios/august-2017.yaml"
PACKAGE_FILE = "strategies/article-package.yaml"

BROKEN = [
    # crisis.yaml
    ("crisis.yaml", "members: [us, rok]", "members: [us, rook]", "seat 'rook' does not exist"),
    ("crisis.yaml", "members: [us, rok]", "members: [us]", "1 members"),
    ("crisis.yaml", "members: [us, rok]", "members: [us, us]", "seat 'us' stands twice"),
    ("crisis.yaml", "phases: [talks, council]}", "plays: false}", "'uk' does not play"),
    ("crisis.yaml", "    members: [us]\n", "    members: [us, rok]\n", "2 members in a government's own room"),
    ("crisis.yaml", "  - id: us-jpn\n", "  - id: us-rok\n", "id 'us-rok' stands twice"),
    ("crisis.yaml", "    kind: council\n", "    kind: talks\n", "'council' is of kind talks"),
    ("crisis.yaml", "  ring: council\n", "  ring: counsel\n", "ring 'counsel' does not exist"),
    ("crisis.yaml", "prc, rus, uk, fra]\n  perm", "prc, rus, rok]\n  perm", "ring 'rok' does not"),
    ("crisis.yaml", "permanent: [us, uk,", "permanent: [us, ukr,", "member 'ukr' does not exist"),
    ("crisis.yaml", "  needed: 9\n", "  needed: 16\n", "16 votes"),
    ("crisis.yaml", "follows: us, status: inferred, src: [UKGOV", "follows: rok, src: [UKGOV", "'rok' does not exist"),
    ("crisis.yaml", "state: Uruguay", "state: Ukraine", "'Ukraine' votes twice"),
    ("crisis.yaml", "object: all_trade}\n", "object: all_trades}\n", "object 'all_trades' does not exist"),
    ("crisis.yaml", "type: sanctions_step, object: all_trade", "type: moratorium, object: all_trade", "is about 'all"),
    ("crisis.yaml", "contradicts: [regime_end]", "contradicts: [regime_and]", "line 'regime_and' does not exist"),
    ("crisis.yaml", "contradicts: [regime_end]", "contradicts: [no_regime_change]", "contradicts itself"),
    ("crisis.yaml", "  - id: condemnation\n", "  - id: restrain\n", "also an instrument or a family"),
    ("crisis.yaml", "now: {instrument: nuclear_use}", "now: {instrument: nuclear_us}", "'nuclear_us' does not exist"),
    ("crisis.yaml", "now: {instrument: nuclear_use}", "now: {}", "an empty pattern matches every event"),
    ("crisis.yaml", "in_force: {ring: six-party, type", "in_force: {move: table, type", "'move' is not looked at here"),
    ("crisis.yaml", "tension: tension", "tension: tense", "indicator 'tense' does not exist"),
    ("crisis.yaml", "tension: tension", "tension: trust", "trust has more than one value"),
    ("crisis.yaml", "id: korea\n", "id: corea\n", "'corea'"),
    # instruments.yaml
    (INSTRUMENTS, "    seats: [us]\n", "    seats: [usa]\n", "seat 'usa' does not exist"),
    (INSTRUMENTS, "    seats: [us]\n", "    seats: []\n", "nobody may use 'deploy_strategic'"),
    (INSTRUMENTS, "towards: [dprk]", "towards: [nk]", "seat 'nk' does not exist"),
    (INSTRUMENTS, "consult_in: [us-rok, us", "consult_in: [us-rk, us", "ring 'us-rk' does not exist"),
    (INSTRUMENTS, "  - id: deploy_missile_defence\n", "  - id: deploy_strategic\n", "'deploy_strategic' stands twice"),
    (INSTRUMENTS, '    codes: {cameo: "073", goldstein: 7.4, src: [CAMEO]}', "    codes: {}", "has no codes"),
    (INSTRUMENTS, "low: 1, high: 6, default: 3", "low: 1, high: 6, default: 9", "'9'"),
    (INSTRUMENTS, "low: 1, high: 6, default: 3", "low: 7, high: 6", "low 7 above high 6"),
    (INSTRUMENTS, "distance_km: {type: number,", "distance_km: {type: number, values: [a],", "values of a number"),
    (INSTRUMENTS, "{type: choice, values: [sea, guam, japan, rok]", "{type: choice", "a choice without values"),
    (INSTRUMENTS, "{params: {profile: full_range}", "{params: {profil: lofted}", "parameter 'profil' does not exist"),
    (INSTRUMENTS, "{params: {profile: full_range}", "{params: {profile: steep}", "'steep' is no value of"),
    (INSTRUMENTS, "values: [us, rok, jpn], meaning: whom", "values: [us, rock], meaning: whom", "seat 'rock'"),
    (INSTRUMENTS, "src: [PACFOR, GK]", "src: [PACFOUR]", "source 'PACFOUR' does not exist"),
    # commitments.yaml
    (WORDS, "objects: [icbm_test, nuclear_test,", "objects: [icbm_tests, nuclear_test,", "object 'icbm_tests'"),
    (WORDS, "  - id: prohibition\n", "  - id: moratorium\n", "id 'moratorium' stands twice"),
    (WORDS, "for_types: [moratorium, prohibition]", "for_types: [moratory]", "type 'moratory' does not exist"),
    (WORDS, "for_types: [moratorium, prohibition]", "for_types: [provision]", "no clause of type 'provision'"),
    (WORDS, "  - id: relief\n", "  - id: release\n", "no type of clause is about 'release'"),
    (WORDS, "{instrument: test_icbm}", "{instrument: test_ibcm}", "did you mean 'test_icbm'?"),
    (WORDS, "{path: near_guam}", "{path: near_guams}", "'near_guams' is no value of 'path'"),
    (WORDS, "{path: near_guam}", "{route: near_guam}", "parameter 'route' does not exist"),
    (WORDS, "{family: tests,", "{family: trials,", "family 'trials' does not exist"),
    (WORDS, "line: nuclear_status}", "line: nuclear_state}", "line 'nuclear_state' does not exist"),
    (WORDS, "about: six-party}", "about: five-party}", "ring or inject 'five-party' does not exist"),
    # indicators.yaml
    ("indicators.yaml", "    start: 55\n", "    start: 155\n", "155"),
    ("indicators.yaml", "keys: [prc, rus, others]", "keys: []", "per: key, without keys"),
    ("indicators.yaml", '"jpn:us"', '"us:jpn"', "'us:jpn'"),
    ("indicators.yaml", '"jpn:us"', '"jpn:usa"', "seat 'usa' does not exist"),
    ("indicators.yaml", "    keys: [dprk]", "    keys: [nk]", "seat 'nk' does not exist"),
    ("indicators.yaml", "    per: key\n", "    per: key\n    readers: owner\n", "'owner'"),
    ("indicators.yaml", "  - id: incident_risk\n", "  - id: tension\n", "id 'tension' stands twice"),
    # worlds
    (ARTICLE, "{indicator: tension, by: 3}", "{indicator: tensions, by: 3}", "indicator 'tensions' does not exist"),
    (ARTICLE, "{indicator: tension, by: 3}", "{indicator: trust, by: 3}", "trust has a value for each pair"),
    (ARTICLE, "{indicator: tension, by: 3}", "{indicator: tension, of: us, by: 3}", "tension has no value of 'us'"),
    (ARTICLE, "{indicator: tension, by: 3}", "{indicator: tension, of: everyone, by: 3}", "has one value"),
    (ARTICLE, 'of: "actor:target", by: -4', "of: actor, by: -4", "'actor'"),
    (ARTICLE, 'of: "actor:target", by: -4', 'of: "actor:usa", by: -4', "seat 'usa' does not exist"),
    (ARTICLE, "of: dprk, by: 1}", "of: target, by: 1}", "without an event that caused it"),
    (ARTICLE, "tone: threat}", "tone: threats}", "tone 'threats' does not exist"),
    (ARTICLE, "{move: statement, tone: threat}", "{move: says, tone: threat}", "move 'says' does not exist"),
    (ARTICLE, "{kind: tally, adopted: false}", "{kind: vote, adopted: false}", "kind 'vote' does not exist"),
    (ARTICLE, "when: {kind: deal, ring: us-dprk}", "when: {kind: deal, ring: us-nk}", "ring 'us-nk' does not exist"),
    (ARTICLE, "  - id: c1-warning\n", "  - id: c1-threat\n", "id 'c1-threat' stands twice"),
    (ARTICLE, "  - id: quiet-week\n", "  - id: c1-threat\n", "id 'c1-threat' stands twice"),
    (ARTICLE, "- ring_open: us-prc", "- ring_open: us-china", "ring 'us-china' does not exist"),
    (ARTICLE, "of: us, below: 40}", "of: us}", "without 'above' or 'below'"),
    (ARTICLE, "of: us, below: 40}", "of: usa, below: 40}", "capacity has no value of 'usa'"),
    (ARTICLE, "{seat: dprk, instrument: [restrain,", "{seat: dprk, instrument: [ease_measure,", "used by none of dprk"),
    (ARTICLE, "ending: war_by_accident", "ending: war_by_mistake", "ending 'war_by_mistake' does not exist"),
    (ARTICLE, "        times: 4\n", "        times: 0\n", "0 times"),
    (ARTICLE, "id: article\n", "id: articles\n", "'articles'"),
    # rules.yaml
    ("rules.yaml", "check: never_gives", "check: never_give", "did you mean 'never_gives'?"),
    ("rules.yaml", "seats: [us]", "seats: [ukr]", "seat 'ukr' does not exist"),
    ("rules.yaml", "types: [sanctions_easing]", "types: [sanction_easing]", "did you mean 'sanctions_easing'?"),
    ("rules.yaml", "objects: [seafood,", "objects: [fuel,", "no clause of type 'sanctions_easing' is about 'fuel'"),
    ("rules.yaml", "rings: [us-dprk]", "rings: [us-nk]", "ring 'us-nk' does not exist"),
    ("rules.yaml", "    rings: [us-dprk]\n", "", "check needs_mandate without rings"),
    ("rules.yaml", "strength: SHOULD", "strength: FOR-NOW", "holds for now, until nothing"),
    ("rules.yaml", "giver: dprk}", "giver: dprk, seat: dprk}", "'seat' is not looked at here"),
    ("rules.yaml", "  - id: T2\n", "  - id: T1\n", "id 'T1' stands twice"),
    # standing.yaml
    ("standing.yaml", "{parties: [us], type: enf", "{parties: [usa], type: enf", "party 'usa' does not exist"),
    ("standing.yaml", "object: resolution_2270,", "object: coal,", "no clause of type 'enforcement' is about 'coal'"),
    ("standing.yaml", "duration: open, ver", "duration: {kind: ever}, ver", "'ever'"),
    ("standing.yaml", "    ring: council\n", "    ring: counsel\n", "ring 'counsel' does not exist"),
    ("standing.yaml", "parties: [us, rok, jpn, prc, rus]", "parties: [us, rok, jpn, prc, rusia]", "seat 'rusia'"),
    # scenarios
    (AUGUST, "  rok: dove\n", "  rock: dove\n", "seat 'rock' does not exist"),
    (AUGUST, "  rok: dove\n", "  ukr: dove\n", "seat 'ukr' does not exist"),
    (AUGUST, "protagonist: us", "protagonist: usa", "seat 'usa' does not exist"),
    (AUGUST, "world: article", "world: articles", "world 'articles' does not exist"),
    (AUGUST, "rooms: [us-rok,", "rooms: [us-roc,", "ring 'us-roc' does not exist"),
    (AUGUST, "open_rings: [us-rok,", "open_rings: [inter-korean,", "'inter-korean' does not exist"),
    (AUGUST, "  dprk: defiant\n", "", "'us-dprk' has 1 members in this scenario"),
    (AUGUST, "{indicator: tension, value: 60", "{indicator: tension, value: 160", "160"),
    (AUGUST, "{indicator: incident_risk, value: 40", "{indicator: tension, value: 40", "tension is set twice"),
    (AUGUST, '"dprk:us", value: 8', '"us:dprk", value: 8', "trust has no value of 'us:dprk'"),
    (AUGUST, "on: 2017-08-24", "on: 2017-08-22", "2017-08-22 is outside the game"),
    (AUGUST, "on: 2017-09-27", "on: 2017-10-04", "2017-10-04 is outside the game"),
    (AUGUST, "on: 2017-09-27", "on: 2017-09-31", "2017-09-31"),
    (AUGUST, "readers: [us, rok, jpn]", "readers: [us, rok, japan]", "seat 'japan' does not exist"),
    (AUGUST, "  - id: storm-in-texas\n", "  - id: exercise-runs\n", "id 'exercise-runs' stands twice"),
    (AUGUST, "  - id: storm-in-texas\n", "  - id: quiet-week\n", "is the name of a chance too"),
    (AUGUST, "{instrument: release_detainee}", "{instrument: release}", "instrument 'release' does not exist"),
    (AUGUST, "{indicator: trigger_uncertainty, of: jpn, by: 3}", "{indicator: uncertainty, by: 3}", "'uncertainty'"),
    (AUGUST, "src: [AACOUNCIL]", "src: [AACOUNSEL]", "source 'AACOUNSEL' does not exist"),
    (AUGUST, "move: {collision-at-sea: -14}", "move: {collision-at-sea: -30}", "moved to 2017-08-14 is outside"),
    (AUGUST, "move: {collision-at-sea: -14}", "move: {collision: -14}", "inject 'collision' does not exist"),
    (AUGUST, "drop: [storm-in-texas]", "drop: [storm]", "inject 'storm' does not exist"),
    (AUGUST, "opened: [us-dprk]", "opened: [us-prc]", "'us-prc' is open"),
    (AUGUST, "opened: [us-dprk]", "opened: [us-dprk]\n        closed: [us-dprk]", "closed by the same option"),
    (AUGUST, "closed: [us-prc]", "closed: [six-party]", "'six-party' is closed already"),
    (AUGUST, "closed: [us-prc]", "closed: [internal-us]", "which is always open"),
    (AUGUST, "of: us, value: 50, why", "of: us, value: 500, why", "500"),
    (AUGUST, "{indicator: capacity, of: us, value: 50", "{indicator: tension, value: 50", "set by 'temperature' too"),
    (AUGUST, "{title: as written}", "{title: as written, closed: [us-prc]}", "the first option is the scenario"),
    (AUGUST, "title: the direct channel already meets\n        opened: [us-dprk]", "title: nothing", "changes nothing"),
    # strategies
    (PACKAGE_FILE, "enforce_provision: 0.2", "enforcing: 0.2", "instrument or family 'enforcing' does not exist"),
    (PACKAGE_FILE, "    forum: 0.5", "    forums: 0.5", "type 'forums' does not exist"),
    (PACKAGE_FILE, "  tone: neutral", "  tone: mild", "tone 'mild' does not exist"),
    (PACKAGE_FILE, "line: [deterrence_policy", "line: [deterrence", "line 'deterrence' does not exist"),
    (PACKAGE_FILE, "    six-party: 0.5", "    five-party: 0.5", "ring 'five-party' does not exist"),
    # dossiers
    (US, "object: icbm_test, value", "object: icbm, value", "object 'icbm' does not exist"),
    (US, "type: moratorium, object: icbm_test, value", "type: moratory, object: icbm_test, value", "'moratory'"),
    (US, "{giver: dprk, type: moratorium", "{giver: nk, type: moratorium", "giver 'nk' does not exist"),
    (US, "    - ring: us-rok", "    - ring: us-roc", "ring 'us-roc' does not exist"),
    (US, "    - ring: us-rok", "    - ring: inter-korean", "us is not in 'inter-korean'"),
    (US, "{id: deploy_strategic", "{id: deploy_tactical", "line 'deploy_tactical' does not exist"),
    (US, "{id: deploy_strategic", "{id: test_icbm", "'test_icbm' is not us's to use"),
    (US, "about: rok", "about: rock", "seat 'rock' does not exist"),
]  # fmt: skip


ELSEWHERE = {
    "'uk' does not play",
    "'council' is of kind talks", "check needs_mandate without rings", "'us-dprk' has 1 members in this scenario",
    "id 'us-rok' stands twice", "changes nothing", "closed by the same option",
}  # fmt: skip
"""What shows on another line than the one that was changed."""


@pytest.mark.parametrize(("file", "old", "new", "found"), BROKEN)
def test_what_does_not_hold_together_is_told_with_its_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, found: str
) -> None:
    folder = copied(tmp_path, dossiers=file.startswith("personas/"))
    line = broken(folder, file, old, new)
    told = problems_of(folder)
    fitting = [p for p in told if p.file.endswith(f"korea/{file}") and found in str(p)]
    assert fitting, f"nothing says {found!r}: {told}"
    assert all(p.line for p in told)
    assert found in ELSEWHERE or line in {p.line for p in fitting}


def test_all_problems_are_told_at_once_and_in_order(tmp_path: Path) -> None:
    folder = copied(tmp_path, dossiers=True)
    expected = {
        (file, broken(folder, file, old, new))
        for file, old, new in (
            ("crisis.yaml", "contradicts: [regime_end]", "contradicts: [regime_and]"),
            ("instruments.yaml", "towards: [dprk]", "towards: [nk]"),
            (ARTICLE, "{indicator: tension, by: 3}", "{indicator: tensions, by: 3}"),
            (AUGUST, "on: 2017-08-24", "on: 2017-08-22"),
            (AUGUST, "drop: [storm-in-texas]", "drop: [storm]"),
            ("personas/us.yaml", "object: icbm_test, value", "object: icbm, value"),
        )
    }
    told = problems_of(folder)
    assert {(p.file.split("korea/")[1], p.line) for p in told} == expected
    assert [(p.file, p.line) for p in told] == sorted((p.file, p.line or 0) for p in told)


def test_files_that_cannot_be_read_are_all_told_at_once(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    broken(folder, "rules.yaml", "strength: MAY", "strength: PERHAPS")
    broken(folder, ARTICLE, "at_most: 2", "at_most: two")
    broken(folder, AUGUST, "rounds: 6", "rounds: 0")
    assert {p.file.split("korea/")[1] for p in problems_of(folder)} == {"rules.yaml", ARTICLE, AUGUST}


def test_a_broken_row_or_file_hides_no_problem_elsewhere_and_is_told_once(tmp_path: Path) -> None:
    folder = copied(tmp_path, dossiers=True)
    broken(folder, "instruments.yaml", "family: deterrence", "family: Deterrence!")
    broken(folder, "instruments.yaml", "consult_in: [us-rok, us-jpn]", "consult_in: [us-rok, us-jp]")
    broken(folder, "crisis.yaml", "    members: [us, prc]\n", "    members: prc\n")
    broken(folder, AUGUST, "drop: [storm-in-texas]", "drop: [storm]")
    (folder / "indicators.yaml").write_text("indicators: &a [*a]\n")
    (folder / "personas" / "rus.yaml").write_text("id: rus\n")
    told = problems_of(folder)
    found = {(p.file.split("korea/")[1], p.found) for p in told}
    assert {
        ("instruments.yaml", "'Deterrence!'"),
        ("crisis.yaml", "'prc'"),
        (AUGUST, "inject 'storm' does not exist"),
        ("indicators.yaml", "anchor '&a'"),
        ("personas/rus.yaml", "'name' is missing"),
    } <= found
    assert {file for file, _ in found} == {
        "instruments.yaml", "crisis.yaml", AUGUST, "indicators.yaml", "personas/rus.yaml",
    }  # fmt: skip


def test_a_council_without_a_council_is_told(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "crisis.yaml"
    path.write_text(re.sub(r"(?ms)^council:\n.*?(?=^audiences:)", "", path.read_text()))
    assert "'council' is a council, and nobody votes" in {p.found for p in problems_of(folder)}


def test_a_seat_without_a_dossier_is_told(tmp_path: Path) -> None:
    folder = copied(tmp_path, dossiers=True)
    (folder / "personas" / "rus.yaml").unlink()
    assert {p.found for p in problems_of(folder)} == {"'rus' has no dossier"}


def test_paths_are_validated_one_by_one(tmp_path: Path) -> None:
    folder = copied(tmp_path, dossiers=True)
    broken(folder, "rules.yaml", "rings: [us-dprk]", "rings: [us-nk]")
    broken(folder, "personas/us.yaml", "about: rok", "about: rock")
    assert len(validate_path(folder)) == 2
    assert len(validate_path(tmp_path)) == 2
    assert [p.where for p in validate_path(folder / "rules.yaml")] == ["rules.18.rings.0"]
    assert [p.where for p in validate_path(folder / "personas" / "us.yaml")] == ["beliefs.0.about"]
    assert validate_path(folder / AUGUST) == []
    assert validate_path(PACKAGE / "personas" / "korea" / "us.yaml") == []
    lone = tmp_path / "lone.yaml"
    lone.write_text("a: 1\n")
    assert [p.found for p in validate_path(lone)] == ["belongs to no crisis"]
    (tmp_path / "empty").mkdir()
    assert [p.found for p in validate_path(tmp_path / "empty")] == ["is no crisis"]


def test_the_names_of_checks_are_those_of_the_policy_rules() -> None:
    assert set(CHECKS) == set(POLICY_CHECKS)


# --- variants --------------------------------------------------------------------------------------------------------


def test_variant_0_is_the_scenario_as_written(august: Scenario) -> None:
    assert variant(august, 0) == august.model_copy(
        update={"injects": tuple(sorted(august.injects, key=lambda row: row.on))}
    )


@pytest.mark.parametrize("number", [-1, 72, 10_000])
def test_a_variant_out_of_range_is_a_usage_error_that_tells_the_range(august: Scenario, number: int) -> None:
    with pytest.raises(UsageError, match="august-2017 has variants 0 to 71"):
        variant(august, number)


# --- the Korean data -------------------------------------------------------------------------------------------------


def words_of(value: object, key: str = "") -> Iterator[str]:
    """Every word of a file but ids, sources and codes."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from words_of(part, name) if name not in ("src", "codes", "codes_when", "map") else ()
    elif isinstance(value, list):
        for part in value:
            yield from words_of(part, key)
    elif isinstance(value, str):
        yield value


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    found = read_crisis(KOREA, [])
    assert found is not None
    return {name: " ".join(words_of(doc.data)) for name, doc in found[1].documents.items() if name != "sources.yaml"}


NAMED = re.compile(
    r"\b(Trump|Pence|Tillerson|Mattis|McMaster|Haley|Obama|Bush|Clinton|Warmbier|Moon|Abe|Xi|Putin|Lavrov|Kim|Jong|Ri)\b"
)


def test_offices_are_named_and_persons_are_not(texts: dict[str, str]) -> None:
    assert {name: NAMED.findall(text) for name, text in texts.items() if NAMED.search(text)} == {}


def test_every_source_is_used_and_every_key_has_one(korea: Crisis) -> None:
    found = read_crisis(KOREA, [])
    assert found is not None
    used = {
        key
        for name, doc in found[1].documents.items() if name != "sources.yaml"
        for key in re.findall(r"[A-Za-z0-9]+", " ".join(re.findall(r"'src': \[([^\]]*)\]", str(doc.data))))
    }  # fmt: skip
    assert used == set(korea.sources)


def test_no_chance_takes_a_governments_decision_from_it(korea: Crisis) -> None:
    texts = [chance.text for world in korea.worlds.values() for chance in world.chances]
    assert not any(re.search(r"launche[sd]|nuclear", text) for text in texts)


def test_each_causal_claim_has_a_row_in_the_articles_world_and_in_the_sceptics(korea: Crisis) -> None:
    claims = {f"C{n}" for n in range(1, 20)}
    for name in ("article", "sceptic"):
        world = korea.worlds[name]
        assert claims <= {row.claim for row in world.rows} | {row.claim for row in world.chances}, name


def test_no_claim_holds_in_the_null_world(korea: Crisis) -> None:
    world = korea.worlds["null"]
    assert {row.claim for row in world.rows} == {row.claim for row in world.chances} == {"bookkeeping"}
    drift = sum(row.base * e.by for row in world.chances for e in row.effects if e.indicator == "tension")
    assert drift == pytest.approx(0)


def test_chance_calms_as_well_as_it_inflames(korea: Crisis) -> None:
    for world in korea.worlds.values():
        signs = {e.by > 0 for row in world.chances for e in row.effects if e.indicator == "tension"}
        assert signs == {True, False}, world.id


@pytest.mark.article("F2", "C17")
def test_pressure_moves_compliance_and_tension_and_bends_nobody(korea: Crisis) -> None:
    article = korea.worlds["article"]
    step = [row for row in article.rows if row.when and row.when.form == ("resolution",)]
    moved = {(e.indicator, e.by > 0) for row in step for e in row.effects}
    assert {("compliance", True), ("tension", True)} <= moved
    assert ("programme_progress", False) not in {(e.indicator, e.by > 0) for row in article.rows for e in row.effects}


@pytest.mark.article("D11")
def test_no_room_by_itself_moves_trust(korea: Crisis) -> None:
    for row in korea.worlds["article"].rows:
        if row.when is None and any(c.ring_open and not c.negate for c in row.given):
            assert not any(e.indicator == "trust" for e in row.effects), row.id


CAMEO = {
    "0356": 7.0, "039": 5.0, "041": 1.0, "042": 1.9, "061": 6.4, "071": 7.4, "073": 7.4, "084": 7.0, "085": 7.0,
    "0874": 10.0, "152": -7.2, "154": -7.2, "161": -4.0, "162": -5.6, "163": -8.0, "17": -7.0, "171": -9.2,
    "172": -5.0, "19": -10.0, "191": -9.5, "192": -9.5, "194": -10.0, "195": -10.0, "2042": -10.0,
}  # fmt: skip
"""Values of measures.md, section 3.2 (3.1 for roots)."""
TESTS = {"test_short_range": -5.8, "test_intermediate": -6.5, "test_icbm": -7.6, "test_nuclear": -8.5}
"""Values that the same section suggests for this harness."""


def test_codes_are_those_of_the_table(korea: Crisis) -> None:
    for instrument in korea.instruments.values():
        assert instrument.codes.src, instrument.id
        for codes in (instrument.codes, *(w.codes for w in instrument.codes_when)):
            if codes.cameo is None:
                assert codes.goldstein is None, instrument.id
            elif instrument.id not in TESTS:
                assert codes.goldstein == CAMEO[codes.cameo], instrument.id
    assert {name: korea.instruments[name].codes.goldstein for name in TESTS} == TESTS


@pytest.mark.parametrize(
    ("instrument", "params", "goldstein", "kahn"),
    [
        ("test_intermediate", {}, -6.5, 5),
        ("test_intermediate", {"path": "open_sea"}, -6.5, 5),
        ("test_intermediate", {"path": "over_japan"}, -7.2, 8),
        ("mobilisation", {"scope": "alert"}, -7.2, 11),
        ("mobilisation", {"scope": "general"}, -7.2, 6),
        ("nuclear_use", {"mode": "cities"}, -10.0, 39),
    ],
)
def test_codes_depend_on_parameters(
    korea: Crisis, instrument: str, params: dict[str, str], goldstein: float, kahn: int
) -> None:
    codes = korea.instruments[instrument].codes_for(params)
    assert (codes.goldstein, codes.kahn) == (goldstein, kahn)


def test_force_is_off_by_default_but_for_the_show_of_it(korea: Crisis, august: Scenario) -> None:
    force = {i.id for i in korea.instruments.values() if i.force}
    assert len(force) == 9
    assert not korea.instruments["show_of_force"].force
    assert force == {i.id for i in korea.instruments.values() if i.family == "force"}
    assert not august.force


def test_quiet_trade_is_quiet(korea: Crisis) -> None:
    assert [i.id for i in korea.instruments.values() if not i.visible] == [
        "transfer_technology",
        "quiet_trade",
        "cyber_operation",
    ]


@pytest.mark.article("G2", "I4")
def test_tests_are_pyongyangs_alone(korea: Crisis) -> None:
    assert {i.seats for i in korea.instruments.values() if i.family == "tests"} == {("dprk",)}


def test_the_council_of_2017_has_fifteen_members(korea: Crisis) -> None:
    council = korea.file.council
    assert council is not None
    assert len({*council.members, *(other.state for other in council.others)}) == 15
    assert set(council.permanent) == {"us", "uk", "fra", "prc", "rus"}
    assert all(other.src for other in council.others)


# --- the language of the data ----------------------------------------------------------------------------------------

SEATS = everyone(PLAYED)


def moved(move: Move, seat: str, ring: str | None = None) -> Moved:
    return Moved(
        id="x", round=1, phase="talks" if ring else "act", ring=ring, seat=seat, readers=SEATS, at="2017-08-23", turn=1,
        move=move,
    )  # fmt: skip


def used(instrument: str, seat: str, **params: str | bool | int) -> Moved:
    return moved(Use(instrument=instrument, params=params), seat)


def breaks(korea: Crisis, kind: str, thing: str, event: Moved) -> bool:
    row = korea.objects[thing]
    own = row.broken_by and (not row.for_types or kind in row.for_types)
    return any(korea.matcher.fits(p, event) for p in (row.broken_by if own else korea.types[kind].broken_by))


@pytest.mark.parametrize(
    ("kind", "thing", "event", "broken"),
    [
        ("moratorium", "icbm_test", used("test_icbm", "dprk", profile="lofted", impact="open_sea"), True),
        ("moratorium", "icbm_test", used("test_intermediate", "dprk", path="open_sea"), False),
        ("moratorium", "all_ballistic_test", used("test_short_range", "dprk"), True),
        ("moratorium", "nuclear_test", used("test_nuclear", "dprk"), True),
        ("limit", "icbm_test", used("test_icbm", "dprk", profile="lofted", impact="open_sea"), False),
        ("limit", "icbm_test", used("test_icbm", "dprk", profile="full_range", impact="open_sea"), True),
        ("target_limit", "guam", used("test_intermediate", "dprk", path="near_guam"), True),
        ("target_limit", "guam", used("test_intermediate", "dprk", path="over_japan"), False),
        ("target_limit", "japanese_overflight", used("test_intermediate", "dprk", path="near_guam"), True),
        ("target_limit", "japanese_waters", used("test_icbm", "dprk", impact="japanese_waters"), True),
        ("notification", "launch_notice", used("test_short_range", "dprk"), True),
        ("notification", "launch_notice", used("test_short_range", "dprk", notified=True), False),
        ("notification", "exercise_notice", used("hold_exercise", "us", scale="large"), False),
        ("exercise_limit", "large_exercises", used("hold_exercise", "rok", scale="large"), True),
        ("exercise_limit", "large_exercises", used("hold_exercise", "rok", scale="small"), False),
        ("enforcement", "resolution_2371", used("quiet_trade", "prc", goods="labour"), True),
        ("sanctions_easing", "named_listing", used("list_entity", "us", kind="key_node"), True),
        ("withdrawal", "thaad", used("deploy_missile_defence", "rok", system="thaad"), True),
        ("withdrawal", "thaad", used("deploy_missile_defence", "rok", system="patriot"), False),
        ("assurance", "first_use", used("nuclear_use", "us", mode="cities"), True),
        ("forum", "six_party_talks", moved(Leave(ring="six-party"), "dprk"), True),
        ("forum", "six_party_talks", moved(Leave(ring="us-prc"), "prc"), False),
        ("communication", "military_hotline", used("test_nuclear", "dprk"), False),
    ],
)  # fmt: skip
def test_clauses_are_broken_by_the_moves_that_break_them(
    korea: Crisis, kind: str, thing: str, event: Moved, broken: bool
) -> None:
    assert breaks(korea, kind, thing, event) is broken


def test_a_parameter_that_was_left_out_has_its_default(korea: Crisis) -> None:
    quiet = Pattern(instrument=("test_nuclear",), params={"notified": (False,)})
    assert korea.matcher.fits(quiet, used("test_nuclear", "dprk"))
    assert not korea.matcher.fits(quiet, used("test_nuclear", "dprk", notified=True))


def test_unity_needs_the_votes_of_all_five(korea: Crisis) -> None:
    votes = dict.fromkeys(("us", "jpn", "prc", "rus", "uk", "fra"), "yes")
    common = {"id": "x", "round": 1, "phase": "council", "ring": "council", "seat": None, "readers": SEATS, "turn": 99,
              "at": "2017-08-23", "number": 1, "adopted": True, "why": ""}  # fmt: skip
    united = Pattern(kind=("tally",), unanimous=True)
    assert korea.matcher.fits(united, Tally.model_validate({**common, "votes": votes}))
    assert not korea.matcher.fits(united, Tally.model_validate({**common, "votes": votes | {"rus": "abstain"}}))


def agreed(korea: Crisis, ledger: Ledger, ring: str, number: int, round: int, *clauses: Mapping[str, object]) -> Deal:
    deal = Deal(
        id=f"{ring}{number}", round=round, phase="talks", ring=ring, seat=None, readers=SEATS, at="2017-08-30", turn=1,
        number=number, parties=korea.rings[ring].members,
        commitments=tuple(Commitment.model_validate(c) for c in clauses),
    )  # fmt: skip
    ledger.apply(deal)
    return deal


def test_a_settlement_needs_a_text_of_the_six_a_limit_on_icbms_and_a_quiet_week(korea: Crisis) -> None:
    ending = next(e for e in korea.file.endings if e.id == "settlement")
    ledger, world = Ledger(), World(korea.bounds)

    def over(*now: Deal) -> bool:
        return korea.matcher.all_hold(ending.given, State(ledger, world, 3, now, tuple))

    halt = {"parties": ["dprk"], "type": "moratorium", "object": "icbm_test"}
    frame = {"parties": list(PLAYED), "type": "political", "object": "peace_process"}
    agreed(korea, ledger, "us-dprk", 1, 1, halt)
    agreed(korea, ledger, "us-dprk", 2, 1, frame | {"parties": ["us", "dprk"]})
    assert not over()
    made = agreed(korea, ledger, "six-party", 1, 2, frame)
    assert not over(made)
    assert over()
    breach = {
        "id": "b", "round": 3, "phase": "settle", "ring": None, "seat": "dprk", "readers": SEATS, "at": "2017-09-06",
        "turn": 0, "commitment": "us-dprk/1.1", "by": "dprk", "clause": halt, "openly": False, "evidence": (),
    }  # fmt: skip
    ledger.apply(Breach.model_validate(breach))
    assert not over()


def test_what_binds_at_the_opening_binds_each_government_alone(korea: Crisis) -> None:
    duties = [c for s in korea.standing for c in s.commitments if c.type == "enforcement"]
    assert sorted((c.parties[0], c.object) for c in duties) == sorted(
        (seat, f"resolution_{n}") for seat in ("us", "rok", "jpn", "prc", "rus") for n in (2270, 2371, 2375)
    )
    steps = [c for s in korea.standing if not s.since for c in s.commitments if c.type == "sanctions_step"]
    assert {(c.object, c.scope) for c in steps} == {
        ("labour", "cap"), ("joint_ventures", "cap"), ("coal", "ban"), ("seafood", "ban"),
    }  # fmt: skip


def test_a_condition_may_ask_for_the_room_in_which_a_text_was_made(korea: Crisis) -> None:
    ledger = Ledger()
    agreed(korea, ledger, "us-prc", 1, 1, {"parties": ["prc"], "type": "enforcement", "object": "resolution_2371"})
    state = State(ledger, World(korea.bounds), 1, (), tuple)
    here = Condition(in_force=Pattern(type=("enforcement",), ring=("us-prc",)))
    assert korea.matcher.holds(here, state)
    assert not korea.matcher.holds(Condition(in_force=Pattern(type=("enforcement",), ring=("council",))), state)
    assert not korea.matcher.holds(Condition(in_force=Pattern(type=("enforcement",), form=("resolution",))), state)
