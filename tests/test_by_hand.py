"""The game written by hand plays to its end as written, and the sample that ships is what it plays now.

`uv run python -m tests.test_by_hand` plays the script and writes the sample in transcripts/ anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from roleplay.events import Announced, Breach, Channel, Effect, Ending, Lapse, Moved, Ruling, Spoken
from roleplay.game import Options, Run, create, play_on
from roleplay.ledger import Ledger
from roleplay.ledger import fold as ledger_of
from roleplay.moves import Amend, Confide, Leak, Statement, Vote
from roleplay.seats.script import Script, load_script
from roleplay.setup import Settings, resolve
from roleplay.transcripts.export import export, write_atomically
from roleplay.transcripts.record import load_record
from roleplay.world import World
from roleplay.world import fold as world_of

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = "roleplay/crises/korea/scripts/august-2017-by-hand.yaml"
SAMPLES = ROOT / "transcripts"
NAME = "august-2017-by-hand"
SEATS = ("us", "rok", "jpn", "prc", "rus", "dprk")


@contextmanager
def at_the_root() -> Iterator[None]:
    """The script is named as from the clone's root, so that the sample holds no path of this machine."""
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        yield
    finally:
        os.chdir(before)


def play_by_hand(out: Path) -> Run:
    """Play every seat from the script; the run's title is the script's, which says that it was written by hand."""
    with at_the_root():
        setup = resolve(Settings(scenario="august-2017", seats=dict.fromkeys(SEATS, f"script:{SCRIPT}")))
        titled = setup.scenario.model_copy(update={"title": load_script(SCRIPT).file.title})
        setup = setup.model_copy(update={"scenario": titled})
        options = Options(out=out)
        return asyncio.run(play_on(create(setup, options, folder=out / NAME), options))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return play_by_hand(tmp_path_factory.mktemp("by-hand"))


@pytest.fixture(scope="module")
def script() -> Script:
    return load_script(ROOT / SCRIPT)


@pytest.fixture(scope="module")
def ledger(run: Run) -> Ledger:
    return ledger_of(run.events)


MoveT = TypeVar("MoveT")


def moved(run: Run, kind: type[MoveT]) -> list[tuple[Moved, MoveT]]:
    """Every move of a kind, with its event."""
    return [(e, e.move) for e in run.events if isinstance(e, Moved) and isinstance(e.move, kind)]


def world_after(run: Run, round: int) -> World:
    return world_of((e for e in run.events if e.round <= round), run.setup.load_crisis().bounds)


def public_line(run: Run, round: int, seat: str) -> str:
    return next(
        e.text for e in run.events if isinstance(e, Spoken) and (e.round, e.phase, e.seat) == (round, "speak", seat)
    )


# --- the referee has nothing to say ----------------------------------------------------------------------------------


def test_the_script_plays_to_its_end_without_a_failed_a_repaired_or_a_blocked_turn(run: Run) -> None:
    outcomes = {e.outcome for e in run.events if isinstance(e, Spoken)}
    assert outcomes == {"ok", "passed"}
    assert (run.result.failed_turns, run.result.repairs, run.result.blocked, run.result.calls) == (0, 0, 0, 0)
    (ending,) = (e for e in run.events if isinstance(e, Ending))
    assert (ending.name, ending.ended, ending.round) == ("settlement", "terminated", 6)


def test_every_turn_of_the_script_was_used(run: Run, script: Script) -> None:
    assert script.unused(run.events) == []


def test_every_word_of_the_script_was_said_as_written(run: Run, script: Script) -> None:
    written = sorted(t.text for turns in script.file.seats.values() for t in turns if t.text)
    assert sorted(e.text for e in run.events if isinstance(e, Spoken) and e.text) == written
    assert len(written) > 100


def test_the_only_rulings_are_to_its_credit(run: Run) -> None:
    rulings = [e for e in run.events if isinstance(e, Ruling)]
    assert {e.verdict for e in rulings} == {"credited"}
    assert {"M3", "P6", "P6e", "S6", "I1", "I2", "I3", "I4", "T1", "T3"} <= {e.rule for e in rulings}


def test_title_and_notice_say_what_it_is(run: Run) -> None:
    first = load_record(run.folder).events[0].model_dump()
    assert "written by hand" in first["title"]
    assert first["notice"] == "simulated: not a statement of any government"


# --- what was agreed -------------------------------------------------------------------------------------------------


@pytest.mark.article("I3", "I4", "F6")
def test_the_interim_deal_binds_with_class_start_duration_verification_and_consequence(ledger: Ledger) -> None:
    pauses = {e.commitment.object: e.commitment for e in ledger.in_force("dprk", "moratorium")}
    assert set(pauses) == {"icbm_test", "nuclear_test"}
    assert "satellite launchers included" in pauses["icbm_test"].scope
    for pause in pauses.values():
        assert (pause.start, pause.duration.detail) == ("2017-10-01", "26 weeks")
        assert all((pause.verification, pause.on_breach, pause.in_return_for))


@pytest.mark.article("I1", "I2")
def test_guam_and_japanese_waters_are_off_limits_and_a_line_is_answered(ledger: Ledger) -> None:
    limits = {e.commitment.object for e in ledger.in_force("dprk", "target_limit")}
    assert limits == {"us_territories", "japanese_waters", "japanese_overflight"}
    assert ledger.in_force("dprk", "communication", "military_hotline")
    assert ledger.in_force("dprk", "notification", "launch_notice")


@pytest.mark.article("T1")
def test_one_measure_is_suspended_and_can_come_back(ledger: Ledger) -> None:
    eased = ledger.in_force(type="sanctions_easing")
    assert {(e.ring, e.commitment.object, e.commitment.reversible) for e in eased} == {
        ("us-dprk", "seafood", "snapback"), ("council", "seafood", "snapback"),
    }  # fmt: skip


@pytest.mark.article("T2", "T4", "T5", "F5", "G5")
def test_nothing_was_paid_no_ally_was_traded_and_the_goal_was_kept(ledger: Ledger) -> None:
    for kind in ("provision", "alliance_concession", "exercise_limit", "retention"):
        assert ledger.in_force(type=kind) == []
    assert {e.ring for e in ledger.in_force("dprk", "reaffirmation", "denuclearization")} == {"us-dprk", "six-party"}


@pytest.mark.article("K2")
def test_oil_and_exercises_were_asked_for_and_refused_at_the_table(run: Run, ledger: Ledger) -> None:
    first, asked = ledger.proposals["us-dprk", 1].versions
    assert not {c.type for c in first} & {"provision", "exercise_limit"}
    assert {"provision", "exercise_limit"} <= {c.type for c in asked}
    assert [e.seat for e, _ in moved(run, Amend) if e.ring == "us-dprk"] == ["dprk", "us"]
    assert not [e for e in run.events if isinstance(e, Channel) and e.state in ("left", "suspended")]


def test_the_council_is_united_twice(run: Run) -> None:
    votes = {(e.round, e.seat, vote.vote) for e, vote in moved(run, Vote)}
    assert votes == {(r, seat, "yes") for r in (3, 6) for seat in ("us", "jpn", "prc", "rus")}


def test_nothing_is_broken_and_nothing_lapses(run: Run) -> None:
    assert not [e for e in run.events if isinstance(e, Breach | Lapse)]


# --- the story -------------------------------------------------------------------------------------------------------


@pytest.mark.article("RE", "D6")
def test_the_channel_is_known_to_those_who_were_told_until_both_announce_it(run: Run) -> None:
    assert moved(run, Leak) == []
    assert [(e.round, confided.to) for e, confided in moved(run, Confide)] == [(4, "rok"), (5, "jpn")]
    out = [(e.round, e.seat) for e in run.events if isinstance(e, Announced) and e.about == "us-dprk/1"]
    assert out == [(5, "us"), (5, "dprk")]
    assert public_line(run, 5, "us") == public_line(run, 5, "dprk")


def test_the_prearranged_words_are_in_the_speech(run: Run) -> None:
    phrase = world_after(run, 2).phrases["us-dprk"]
    said = [e for e in run.events if isinstance(e, Channel) and e.state == "signalled"]
    assert [(e.round, e.seat, e.words) for e in said] == [(2, "us", phrase)]
    assert phrase in public_line(run, 2, "us")


@pytest.mark.article("P7", "P9")
def test_after_the_speech_washington_speaks_with_one_voice(run: Run) -> None:
    lines = [statement.line for e, statement in moved(run, Statement) if e.seat == "us"]
    assert lines[0] == "talks_futile"
    assert not set(lines[1:]) & {"talks_futile", "preconditions", "military_threat", "regime_end", "blame_partner"}


def test_tension_peaks_in_the_cold_week_and_ends_below_its_start(run: Run) -> None:
    curve = [world_after(run, round).value("tension") for round in range(7)]
    assert curve.index(max(curve)) == 2
    assert curve[2] > curve[3] > curve[4] > curve[5] > curve[6]
    assert curve[6] < curve[0]
    assert world_after(run, 6).value("incident_risk") < world_after(run, 0).value("incident_risk")
    assert [e for e in run.events if isinstance(e, Effect)]


# --- the sample ------------------------------------------------------------------------------------------------------

OF_THE_MACHINE = ("setup", "setup_data", "versions", "words", "lines", "digest", "marks", "seal")
"""Keys of an export's first line that differ from one machine or run to the next."""


def told(text: str) -> list[dict[str, Any]]:
    """An export as it reads whatever its ids are: each id is replaced by the place of its event."""
    lines = [json.loads(line) for line in text.splitlines()]
    places = {line["id"]: f"event {n}" for n, line in enumerate(lines)}
    known = re.compile("|".join(places))
    named = [json.loads(known.sub(lambda m: places[m[0]], json.dumps(line))) for line in lines]
    return [{key: value for key, value in line.items() if key not in OF_THE_MACHINE} for line in named]


def timeless(page: str) -> str:
    return re.sub(r"time [\d.]+ s", "time", page)


REGENERATE = "the sample is not what the script plays now: uv run python -m tests.test_by_hand"


def test_the_sample_that_ships_is_what_the_script_plays_now(run: Run) -> None:
    sample = (SAMPLES / f"{NAME}.jsonl").read_text("utf-8")
    assert told(sample) == told(export(load_record(run.folder), "jsonl")), REGENERATE


def test_the_page_that_ships_is_the_same_game(run: Run) -> None:
    page = (SAMPLES / f"{NAME}.md").read_text("utf-8")
    assert timeless(page) == timeless(export(load_record(run.folder), "md")), REGENERATE


def test_the_sample_is_found_by_its_name_and_reads_without_damage() -> None:
    assert load_record(SAMPLES / f"{NAME}.jsonl").events


def write_sample() -> None:
    """Play the script and write transcripts/NAME.jsonl and .md with the product's own export."""
    out = Path(tempfile.mkdtemp())
    try:
        record = load_record(play_by_hand(out).folder)
        for form in ("jsonl", "md"):
            write_atomically(SAMPLES / f"{NAME}.{form}", export(record, form))
    finally:
        shutil.rmtree(out)


if __name__ == "__main__":
    write_sample()
