"""Records come from folders and exports, a seat's through the one door, and runs are found by what people type."""

from __future__ import annotations

from pathlib import Path

import pytest

from roleplay.errors import DamagedRun, UsageError
from roleplay.journal import Journal
from roleplay.transcripts.export import export, write_atomically
from roleplay.transcripts.finding import find_run, known_runs
from roleplay.transcripts.record import RunRecord, in_order, load_record, words_note


def test_a_folder_gives_events_in_order_and_how_it_was_played(loaded: RunRecord, record: RunRecord) -> None:
    assert [e.id for e in loaded.events] == [e.id for e in record.events]
    played = loaded.played
    assert (played.name, played.models, played.calls) == ("august-2017-a1", ("SmolLM2-135M-Instruct",), 1)
    assert (played.prompt_tokens, played.cached_tokens, played.completion_tokens) == (100, 60, 20)
    assert (played.cost_usd, played.model_seconds) == (0.01, 0.5)
    assert played.words == "moves: policy, words: model (135M)"
    assert loaded.rings == ("us-rok", "us-prc", "us-dprk", "council", "us-room")


def test_reading_a_run_leaves_its_journal_as_it_was(folder: Path) -> None:
    before = (folder / "journal.sqlite").read_bytes()
    load_record(folder)
    assert (folder / "journal.sqlite").read_bytes() == before


def test_an_export_gives_the_same_record_again(loaded: RunRecord, tmp_path: Path) -> None:
    path = tmp_path / "again.jsonl"
    write_atomically(path, export(loaded, "jsonl"))
    again = load_record(path)
    assert again.events == loaded.events
    assert again.played.setup == loaded.played.setup
    assert again.played.words == loaded.played.words
    assert export(again, "jsonl") == path.read_text(encoding="utf-8")


def test_a_seats_export_gives_that_seats_record(record: RunRecord, tmp_path: Path) -> None:
    path = tmp_path / "seat.jsonl"
    path.write_text(export(record.as_seat("dprk"), "jsonl"), encoding="utf-8")
    again = load_record(path)
    assert (again.view, again.view_title) == ("dprk", "As DPRK")
    assert again.as_seat("DPRK") is again
    with pytest.raises(UsageError, match="only what dprk may know"):
        again.as_seat("us")


@pytest.mark.parametrize("seat", ["us", "rok", "jpn", "prc", "rus", "dprk", "public"])
def test_a_seats_record_holds_what_it_may_read_and_nothing_of_how_others_play(record: RunRecord, seat: str) -> None:
    seen = record.as_seat(seat)
    assert [e.id for e in seen.events] == [e.id for e in record.events if seat in e.readers]
    assert seen.played.setup is None
    assert not seen.played.plans
    assert seen.run.setup == ""
    assert seen.run.view == seat


def test_a_seat_that_does_not_play_is_a_usage_error_that_lists_those_that_do(record: RunRecord) -> None:
    with pytest.raises(UsageError, match="'mars' does not play") as caught:
        record.as_seat("mars")
    assert "us, rok, jpn, prc, rus, dprk, public" in caught.value.hint


def test_an_event_is_found_by_the_start_of_its_id(record: RunRecord) -> None:
    event = record.events[5]
    assert record.find(event.id[:9].upper()) is event
    with pytest.raises(UsageError, match="no event"):
        record.find("zz")
    with pytest.raises(UsageError, match="no event"):
        record.find("")


def test_a_run_without_its_first_event_is_damaged(tmp_path: Path) -> None:
    Journal.create(tmp_path / "empty").close()
    with pytest.raises(DamagedRun, match="set-up event is missing"):
        load_record(tmp_path / "empty")


class TestFinding:
    def test_a_run_is_found_by_path_name_and_start_of_name(self, folder: Path) -> None:
        roots = [folder.parent]
        assert find_run(str(folder), []) == folder
        assert find_run(str(folder / "journal.sqlite"), []) == folder
        assert find_run("august-2017-a1", roots) == folder
        assert find_run("august-2017-a", roots) == folder

    def test_an_exact_name_wins_over_names_that_start_with_it(self, folder: Path) -> None:
        (folder.parent / "august-2017-a1b").mkdir()
        (folder.parent / "august-2017-a1b" / "journal.sqlite").touch()
        assert find_run("august-2017-a1", [folder.parent]) == folder

    def test_several_candidates_are_listed(self, folder: Path) -> None:
        (folder.parent / "august-x.jsonl").touch()
        with pytest.raises(UsageError, match="several runs start with 'aug': august-2017-a1, august-x"):
            find_run("aug", [folder.parent])

    def test_an_unknown_run_names_those_that_exist(self, folder: Path) -> None:
        with pytest.raises(UsageError, match="no run is called 'zzz'") as caught:
            find_run("zzz", [folder.parent])
        assert "august-2017-a1" in caught.value.hint
        with pytest.raises(UsageError, match="no run is called ''"):
            find_run("", [folder.parent])

    def test_the_first_root_wins_and_the_working_directory_is_the_default(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "other"
        other.mkdir()
        (other / "august-2017-a1.jsonl").touch()
        assert find_run("august-2017-a1", [other, folder.parent]) == other / "august-2017-a1.jsonl"
        monkeypatch.chdir(tmp_path)
        assert find_run("august-2017-a1") == folder
        assert "README" not in known_runs()


def test_names_merge_into_one_order() -> None:
    assert in_order([["a", "b"], ["a", "c", "b"]]) == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("setup", "models", "note"),
    [
        ({}, (), ""),
        ({"plans": {"us": {"driver": "model:x", "model": "x"}}}, (), ""),
        ({"plans": {"us": {"driver": "voice:hawk"}}}, (), "moves: policy, words: model"),
        ({"plans": {"us": {"driver": "voice:hawk"}}}, ("SmolLM2-135M-Instruct",), "moves: policy, words: model (135M)"),
        ({"plans": {"us": {"driver": "voice:hawk", "model": "big"}}}, (), "moves: policy, words: model (big)"),
        ({"plans": {"us": {"driver": "voice:hawk", "model": "q-1.5b"}}}, (), "moves: policy, words: model (1.5B)"),
        ({"plans": {"us": {"driver": "model", "model": "smollm2-135m"}}}, (), "moves and words: model (135M)"),
        ({"plans": {"us": {"driver": "model", "model": "embedded"}}}, ("x-135m",), "moves and words: model (135M)"),
        (
            {"plans": {"us": {"driver": "model:a-7b", "model": "a-7b"}, "prc": {"driver": "baseline:hawk"}}},
            (),
            "moves and words of US: model (7B)",
        ),
        (
            {"plans": {"us": {"driver": "model", "model": "a-7b"}, "prc": {"driver": "voice:hawk", "model": "a-7b"}}},
            (),
            "moves: policy, words: model (7B)",
        ),
    ],
)
def test_the_note_says_who_chose_and_who_worded(setup: dict[str, object], models: tuple[str, ...], note: str) -> None:
    assert words_note(setup, models) == note
