"""`verify` names every kind of damage and never raises on any; `salvage` saves what came before it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from roleplay.errors import DamagedRun, RunBusy, UsageError
from roleplay.events import Key
from roleplay.journal import FILE, LOCK, Journal
from roleplay.journal.salvage import salvage
from roleplay.journal.verify import verify

from .damaging import rows_of
from .sample import SECRET, play, steps, write

TURNS = 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return play(tmp_path_factory.mktemp("whole") / "run", turns=TURNS, role_words=100)


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


def change(run: Path, statement: str) -> None:
    with closing(sqlite3.connect(run / FILE)) as db, db:
        assert db.execute(statement).rowcount != 0


def test_a_whole_run_verifies_and_counts_what_it_holds(whole: Path) -> None:
    found = verify(whole)
    with Journal.open(whole) as journal:
        assert (found.ok, found.damage) == (True, [])
        assert (found.events, found.replies) == (len(journal.events), len(journal.replies)) == (12 + 36 + 4, TURNS)


DAMAGES = {
    "a changed word": ("UPDATE events SET body = replace(body, 'us', 'uk') WHERE seq = 20", "row 20: it is not what"),
    "a changed cost": ("UPDATE replies SET body = replace(body, '900', '901') WHERE seq = 13", "row 13: it is not"),
    "another seat's reply": ("UPDATE replies SET seat = 'rus' WHERE seq = 13", "row 13: it is not what was written"),
    "another key": ("UPDATE events SET key = '9.9.9.9.9' WHERE seq = 20", "row 20: it is not what was written"),
    "a changed hash": ("UPDATE events SET hash = hash || '0' WHERE seq = 20", "row 21: it is not what was written"),
    "a row of another type": ("UPDATE events SET body = 7 WHERE seq = 20", "row 20: it is not what was written"),
    "a lost row": ("DELETE FROM events WHERE seq = 20", "row 21: row 20 should be here"),
    "a lost tail": ("DELETE FROM events WHERE seq > 61", "the run ended with 64 rows; 61 are there"),
    "a moved row": ("UPDATE events SET seq = 900 WHERE seq = 20", "row 900: row 65 should be here"),
    "a changed text": ("UPDATE blobs SET body = zeroblob(9)", "text "),
    "a lost text": ("DELETE FROM blobs WHERE hash IN (SELECT hash FROM blobs ORDER BY hash LIMIT 1)", "is missing"),
    "a lost secret": ("DELETE FROM meta WHERE name = 'secret'", "secret is missing or damaged"),
    "a changed secret": ("UPDATE meta SET value = 'x' WHERE name = 'secret'", "row 1: it is not what was written"),
    "no format": ("DELETE FROM meta WHERE name = 'format'", "format or secret is missing or damaged"),
    "another end": ("UPDATE meta SET value = replace(value, 'head\": \"', 'head\": \"0') WHERE name = 'finished'",
                    "the last row is not the one"),
    "no end": ("UPDATE meta SET value = '{' WHERE name = 'finished'", "how the run ends cannot be read"),
    "no table": ("DROP TABLE replies", "SQLite: no such table: replies"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named(run: Path, name: str) -> None:
    statement, expected = DAMAGES[name]
    change(run, statement)
    found = verify(run)
    assert not found.ok
    assert any(expected in str(damage) for damage in found.damage), list(map(str, found.damage))


@pytest.mark.parametrize("name", [name for name in DAMAGES if "text" not in name])
def test_a_run_whose_rows_are_damaged_is_not_opened(run: Path, name: str) -> None:
    change(run, DAMAGES[name][0])
    for write_too in (False, True):
        with pytest.raises(DamagedRun):
            Journal.open(run, write=write_too)


def test_only_the_rows_that_changed_are_named(run: Path) -> None:
    change(run, "UPDATE events SET body = replace(body, 'us', 'uk') WHERE seq IN (5, 30)")
    found = verify(run)
    assert [damage.row for damage in found.damage] == [5, 30]
    assert found.events == 12 + 36 + 4 - 2


def test_an_event_with_anothers_id_is_named_though_its_chain_holds(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "run", secret=SECRET) as journal:
        entries, _ = next(steps(journal, turns=0, role_words=10))
        (_, event), *_ = entries
        journal.add([(Key(0, 0, -1, 0, 99), event)])
    assert [d.what for d in verify(tmp_path / "run").damage] == [f"event {event.id} has another's id"]


FILES: dict[str, Callable[[bytes], bytes]] = {
    "an empty file": lambda data: b"",
    "a few bytes": lambda data: data[:50],
    "a header": lambda data: data[:100],
    "one page": lambda data: data[:4096],
    "not a database": lambda data: b"a picture, perhaps" * 1000,
    "zeros": lambda data: bytes(len(data)),
    "zeros after the header": lambda data: data[:100] + bytes(len(data) - 100),
    "a hole": lambda data: data[:40960] + bytes(40960) + data[81920:],
    "another encoding": lambda data: data[:59] + b"\2" + data[60:],
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_sqlite_cannot_read_is_damage_and_no_crash(run: Path, name: str) -> None:
    (run / FILE).write_bytes(FILES[name]((run / FILE).read_bytes()))
    found = verify(run)
    assert not found.ok
    assert all(isinstance(json.dumps(asdict(damage)), str) for damage in found.damage)
    with pytest.raises(DamagedRun):
        Journal.open(run)
    assert (run / FILE).exists()


def test_verify_needs_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        verify(tmp_path)


def test_a_run_that_is_being_played_verifies(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "run", secret=SECRET) as journal:
        for step in steps(journal, turns=5, role_words=50):
            write(journal, step)
            journal.commit()
            assert verify(tmp_path / "run").ok


# --- salvage ---------------------------------------------------------------------------------------------------------


def test_a_whole_run_is_saved_whole(whole: Path, tmp_path: Path) -> None:
    saved = salvage(whole, tmp_path / "saved")
    assert (saved.events, saved.replies, saved.lost) == (52, TURNS, 0)
    with Journal.open(whole) as journal, Journal.open(saved.path) as copy:
        assert (copy.events, copy.replies) == (journal.events, journal.replies)
        assert (copy.secret, copy.meta["finished"]) == (journal.secret, journal.meta["finished"])
        assert copy.meta["salvaged_from"] == "run"
    assert verify(saved.path).ok


def test_everything_before_the_damage_is_saved_and_the_rest_is_counted(run: Path, tmp_path: Path) -> None:
    rows = rows_of(run)
    change(run, "UPDATE events SET body = replace(body, 'us', 'uk') WHERE seq = 30")
    saved = salvage(run, tmp_path / "saved")
    assert rows_of(saved.path) == rows[:29]
    assert (saved.events + saved.replies, saved.lost) == (29, len(rows) - 29)
    assert verify(saved.path).ok
    with Journal.open(saved.path) as copy:
        assert "finished" not in copy.meta


def test_a_saved_run_is_resumed_before_the_turn_whose_end_is_lost(run: Path, tmp_path: Path) -> None:
    rows = rows_of(run)
    cut = next(row.seq for row in rows if row.seq > 30 and row.more == 1)
    begin = max(row.seq for row in rows if row.seq < cut and row.more == 0)
    change(run, f"UPDATE events SET body = replace(body, 'us', 'uk') WHERE seq = {cut + 1}")
    saved = salvage(run, tmp_path / "saved")
    assert rows_of(saved.path) == rows[:cut]
    with Journal.open(saved.path) as reader:
        assert len(reader.events) + len(reader.replies) == cut, "a reader sees all that was saved"
    with Journal.open(saved.path, write=True) as journal:
        assert len(journal.events) + len(journal.replies) == begin
        for number, step in enumerate(steps(journal, turns=TURNS, role_words=100)):
            if number > len(journal.replies):
                write(journal, step)
        journal.finish()
    assert verify(saved.path).ok
    with closing(sqlite3.connect(saved.path / FILE)) as db:
        kept = [db.execute(f"SELECT count(*) FROM aside_{table}").fetchone()[0] for table in ("events", "replies")]
    assert sum(kept) == cut - begin, "nothing that was saved is thrown away"


def test_a_run_whose_opening_is_lost_can_be_read_but_not_resumed(run: Path, tmp_path: Path) -> None:
    change(run, "UPDATE events SET body = replace(body, 'us', 'uk') WHERE seq = 4")
    saved = salvage(run, tmp_path / "saved")
    assert len(rows_of(saved.path)) == 3
    Journal.open(saved.path).close()
    with pytest.raises(DamagedRun, match="opening is not whole"):
        Journal.open(saved.path, write=True)


def test_a_lost_text_costs_no_event_and_is_known_to_be_lost(run: Path, tmp_path: Path) -> None:
    change(run, "UPDATE blobs SET body = zeroblob(9) WHERE length(body) = (SELECT max(length(body)) FROM blobs)")
    saved = salvage(run, tmp_path / "saved")
    assert rows_of(saved.path) == rows_of(run)
    assert verify(saved.path).ok
    with Journal.open(saved.path) as copy, pytest.raises(DamagedRun, match="is missing"):
        copy.blob(copy.meta["lost_texts"])


def test_a_run_of_which_nothing_is_left_is_not_made_up(run: Path, tmp_path: Path) -> None:
    (run / FILE).write_bytes(b"SQLite format 3\0")
    with pytest.raises(DamagedRun, match="no event is left"):
        salvage(run, tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_salvage_overwrites_no_run_and_waits_for_no_writer(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds a run already"):
        salvage(run, run)
    assert (run / LOCK).exists()
    with Journal.open(run, write=True), pytest.raises(RunBusy):
        salvage(run, tmp_path / "saved")
