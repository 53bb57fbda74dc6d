"""The crisis that is not the first: the engine knows no country, and a crisis made of data alone is played like any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from roleplay import play, score
from roleplay.authoring.rehearse import rehearse
from roleplay.crises import Crisis, find_crises, load_crisis, variant, variant_count
from roleplay.events import Deal, Ending, Moved
from roleplay.game import Options
from roleplay.moves import Use
from roleplay.resources import PACKAGE

from .test_crises import CAMEO

NOUNS = re.compile(
    r"\b(korean?s?|pyongyang|seoul|dprk|rok|prc|jpn|beijing|moscow|tokyo|japan(ese)?|china|chinese|russian?|washington"
    r"|guam|thaad|unsc|six-party|2270|2371|2375"
    r"|kaldran?|venmar|osk|kittiwake|orm|harrow|dorothea|steadfast|brae|tolle)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def kittiwake() -> Crisis:
    return load_crisis("kittiwake")


def test_no_crisis_is_named_in_the_code() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}:{number}": match[0]
        for path in sorted(PACKAGE.rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := NOUNS.search(line))
    }
    assert found == {}


def test_a_crisis_is_made_without_python() -> None:
    for folder in (PACKAGE / "crises" / "kittiwake", PACKAGE / "personas" / "kittiwake"):
        assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".yaml"}


def test_it_has_rings_instruments_and_words_of_its_own(kittiwake: Crisis) -> None:
    korea = load_crisis("korea")
    assert {"ram", "shadow", "arrest_crew", "tow_away", "tow_home", "call_hotline"} <= set(kittiwake.instruments)
    for part in ("seats", "rings", "instruments", "objects", "worlds"):
        shared = set(getattr(kittiwake, part)) & set(getattr(korea, part))
        assert shared <= {"council"}, part
    kinds = {(ring.kind, ring.confidentiality) for ring in kittiwake.rings.values()}
    assert {("talks", "secret"), ("council", "restricted"), ("own", "confidential")} <= kinds
    assert kittiwake.file.council is not None
    assert kittiwake.file.council.permanent == ()


def test_what_is_invented_says_so_and_what_is_coded_is_from_the_table(kittiwake: Crisis) -> None:
    assert {row.status for row in kittiwake.instruments.values()} == {"authored"}
    assert {row.status for row in kittiwake.scenarios["dorothea"].injects} == {"authored"}
    for instrument in kittiwake.instruments.values():
        for codes in (instrument.codes, *(w.codes for w in instrument.codes_when)):
            assert codes.goldstein == {**CAMEO, **SEA}[codes.cameo or ""], instrument.id
            assert codes.src


SEA = {"112": -2.0, "114": -2.0, "15": -7.2, "166": -7.0, "18": -9.0, "081": 5.0, "0862": 9.0}
"""Values of measures.md, sections 3.1 and 3.2, that the first crisis has no use for."""


def test_there_are_twenty_variants_and_more_and_no_two_are_alike(kittiwake: Crisis) -> None:
    dorothea = kittiwake.scenarios["dorothea"]
    count = variant_count(dorothea)
    assert count >= 20
    assert len({variant(dorothea, n).model_dump_json() for n in range(count)}) == count


def test_baselines_play_it_to_an_end_and_every_seat_does_something(tmp_path: Path, kittiwake: Crisis) -> None:
    seats = {s: f"baseline:{b}" for s, b in kittiwake.scenarios["dorothea"].seats.items()}
    run = play("dorothea", seats=seats, seed=3, options=Options(out=tmp_path))
    assert isinstance(run.events[-2], Ending)
    assert run.result.failed_turns == 0
    moves = [e for e in run.events if isinstance(e, Moved)]
    assert {e.seat for e in moves if isinstance(e.move, Use)} == set(seats)
    assert any(isinstance(e, Deal) and e.round for e in run.events)


def test_its_games_differ(kittiwake: Crisis) -> None:
    found = rehearse("kittiwake", 6)
    assert sum(times > 0 for times in found.endings.values()) > 1
    assert all(found.seats.values())
    assert found.indicators["tension"]["highest"] - found.indicators["tension"]["lowest"] > 10


def test_crises_that_ship_are_found_by_name() -> None:
    assert {"korea", "kittiwake"} <= set(find_crises())


def test_a_game_of_it_is_scored_by_its_own_rubric(tmp_path: Path) -> None:
    seats = {"kaldra": "baseline:hawk", "venmar": "baseline:hawk", "osk": "baseline:dove"}
    card = score(play("dorothea", seats=seats, seed=1, options=Options(out=tmp_path)))
    assert set(card.items) == {"seamen", "encounters", "fish", "title_open", "truth", "hands_off", "words"}
    assert set(card.lenses) == {"pilots", "fishermen", "admirals"}
    assert set(card.governments) == set(seats)
