"""The journal gives back what was written, in canonical order, to one writer and any number of readers."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from roleplay.drafts import Draft, Place
from roleplay.errors import DamagedRun, LimitReached, RunBusy, UsageError
from roleplay.events import UPCASTS, Event, Key, Spoken
from roleplay.journal import FILE, FORMAT, Journal, ReplyKey, StoredReply, chain, rows_in_order
from roleplay.journal.verify import verify

from .damaging import rows_of
from .sample import SEATS, SECRET, play, steps, write


def said(turn: int, ring: int = 0, text: str = "words", seat: str = "us") -> tuple[Key, Event]:
    draft = Draft("turn", seat, SEATS, {"text": text, "outcome": "ok"})
    return draft.make(SECRET, Place(1, "talks", "us-rok", ring, turn, "2017-08-23"), 0)


def asked(turn: int, text: str = "{}", reasoning: str | None = None) -> tuple[ReplyKey, StoredReply]:
    reply = StoredReply("scripted", (), "", text, reasoning=reasoning)
    return ReplyKey(1, "talks", "us-rok", turn, "us", 0), reply


def texts(journal: Journal) -> list[str]:
    return [event.text for event in journal.events if isinstance(event, Spoken)]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    Journal.create(tmp_path / "run", secret=SECRET).close()
    return tmp_path / "run"


# --- writing and reading ---------------------------------------------------------------------------------------------


def test_what_was_written_is_read_back_word_for_word(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "run", secret=SECRET, parent="other@2.act") as journal:
        for step in steps(journal, turns=25, role_words=200):
            write(journal, step)
        texts = [journal.blob(hash) for reply in journal.replies.values() for _, hash in reply.messages]
    with Journal.open(tmp_path / "run") as again:
        assert again.events == journal.events
        assert again.entries == journal.entries
        assert again.replies == journal.replies
        assert [again.blob(hash) for reply in again.replies.values() for _, hash in reply.messages] == texts
        assert (again.secret, again.meta["parent"]) == (SECRET, "other@2.act")


def test_events_come_in_canonical_order_whatever_order_they_arrived_in(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        journal.add([said(3, text="c"), said(1, text="a")])
        journal.add([said(2, text="b"), said(1, ring=1, text="d")])
        assert texts(journal) == ["a", "b", "c", "d"]
    with Journal.open(run) as again:
        assert texts(again) == ["a", "b", "c", "d"]
    assert [json.loads(row.body)["text"] for row in rows_of(run)] == ["c", "a", "b", "d"]


def test_a_list_of_events_that_was_taken_does_not_change_later(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        journal.add([said(1)])
        taken = journal.events
        journal.add([said(2)])
        assert (len(taken), len(journal.events)) == (1, 2)


def test_an_event_can_be_read_before_it_is_on_the_disk(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        journal.add([said(1)])
        journal.add_reply(*asked(1))
        assert texts(journal) == ["words"]
        assert journal.reply(asked(1)[0]) == asked(1)[1]
        assert rows_of(run) == []
        journal.commit()
        assert len(rows_of(run)) == 2


def test_rows_of_one_commit_say_how_many_of_them_follow(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        journal.add_reply(*asked(1))
        journal.add([said(1), said(2)])
        journal.commit()
        journal.add([said(3)])
    assert [row.more for row in rows_of(run)] == [2, 1, 0, 0]


def test_each_row_is_chained_to_the_one_before_and_the_first_to_the_secret(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        journal.add([said(1), said(2)])
    first, second = rows_of(run)
    assert first.hash == chain(SECRET, "events", first.key, 1, first.body)
    assert second.hash == chain(first.hash, "events", second.key, 0, second.body)


def test_the_same_event_is_not_added_twice_and_nothing_of_that_call_is(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        journal.add([said(1)])
        for doubled in ([said(2), said(1)], [said(2), said(2)]):
            with pytest.raises(ValueError, match="there is an event with one of these keys"):
                journal.add(doubled)
        journal.add_reply(*asked(1))
        with pytest.raises(ValueError, match="there is a reply"):
            journal.add_reply(*asked(1, text="other"))
        assert len(journal.events) == 1
    assert len(rows_of(run)) == 2


def test_odd_characters_survive_in_texts_and_replies(run: Path) -> None:
    odd = "nul \x00, half a pair \ud800, rtl \u202e, 협상, 🕊"
    with Journal.open(run, write=True) as journal:
        hash = journal.put_blob(odd)
        journal.add_reply(*asked(1, text=odd, reasoning=odd))
        assert journal.blob(hash) == odd
    with Journal.open(run) as again:
        assert again.blob(hash) == odd
        assert again.replies[asked(1)[0]].text == odd
    assert verify(run).ok


def test_a_text_is_stored_once_and_a_missing_one_is_damage(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        assert journal.put_blob("same") == journal.put_blob("same")
    with Journal.open(run, write=True) as journal:
        journal.put_blob("same")
        with pytest.raises(DamagedRun, match="is missing"):
            journal.blob("0" * 64)
    with closing(sqlite3.connect(run / FILE)) as db:
        assert db.execute("SELECT count(*) FROM blobs").fetchone() == (1,)


def test_a_note_is_kept_and_can_be_changed(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        journal.note("seconds", "1")
        journal.note("seconds", "2.5")
    with Journal.open(run) as again:
        assert again.meta["seconds"] == "2.5"


def test_a_finished_run_that_goes_on_is_not_finished_until_it_says_so_again(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        journal.add([said(1)])
        journal.finish()
    with Journal.open(run, write=True) as journal:
        assert "finished" in journal.meta
        journal.add([said(2)])
        journal.commit()
        assert "finished" not in journal.meta
        journal.finish()
    with Journal.open(run) as again:
        assert json.loads(again.meta["finished"])["rows"] == 2


def test_a_step_that_an_error_of_the_program_cut_short_is_not_written(run: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        _stopped(run, ZeroDivisionError())
    assert len(rows_of(run)) == 1


@pytest.mark.parametrize("error", [LimitReached("no money left"), asyncio.CancelledError()])
def test_what_was_added_before_a_stop_on_purpose_is_written(run: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        _stopped(run, error)
    assert len(rows_of(run)) == 2


def _stopped(run: Path, error: BaseException) -> None:
    with Journal.open(run, write=True) as journal:
        journal.add([said(1)])
        journal.commit()
        journal.add([said(2)])
        raise error


# --- many at a time --------------------------------------------------------------------------------------------------


async def test_two_hundred_turns_at_once_share_transactions_and_lose_nothing(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        arrived: list[int] = []

        async def turn(number: int) -> None:
            await asyncio.sleep(number % 7 / 1000)  # Some come while others are being written.
            for attempt in range(3):
                arrived.append(number * 10 + attempt)
                journal.add_reply(*asked(number * 10 + attempt))
                journal.add([said(number * 10 + attempt, text=str(number))])
                await journal.flush()
                assert number * 10 + attempt in {row.key[3] for row in rows_of(run) if row.table == "replies"}

        await asyncio.gather(*(turn(number) for number in range(200)))
    rows = rows_of(run)
    assert [row.key[3] for row in rows if row.table == "replies"] == arrived
    assert len(rows) == 1200
    assert sum(row.more == 0 for row in rows) < 600, "turns share transactions"
    for reply, event in zip(rows[::2], rows[1::2], strict=True):
        assert (reply.table, event.table) == ("replies", "events")
        assert reply.more > 0, "a reply is in the same transaction as its events"
    assert verify(run).ok


async def test_a_flush_that_is_cancelled_neither_loses_nor_doubles(run: Path) -> None:
    with Journal.open(run, write=True) as journal:

        async def turn(number: int) -> None:
            journal.add([said(number)])
            await journal.flush()

        tasks = [asyncio.create_task(turn(number)) for number in range(50)]
        for number, task in enumerate(tasks):
            await asyncio.sleep(0)  # It gets one step further before it is cancelled.
            if number % 3:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        expected = len(journal.events)
    assert len(rows_of(run)) == expected
    assert verify(run).ok


async def test_a_text_can_be_read_while_others_are_written(run: Path) -> None:
    with Journal.open(run, write=True) as journal:

        async def turn(number: int) -> None:
            hash = journal.put_blob(f"text {number}")
            journal.add([said(number)])
            flushing = asyncio.create_task(journal.flush())
            for _ in range(5):
                assert journal.blob(hash) == f"text {number}"
                await asyncio.sleep(0)  # The write goes on by one step.
            await flushing

        await asyncio.gather(*(turn(number) for number in range(60)))


def test_a_reader_sees_whole_transactions_while_a_writer_writes(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "run", secret=SECRET) as journal:
        for step in steps(journal, turns=30, role_words=50):
            write(journal, step)
            journal.commit()
            with Journal.open(tmp_path / "run") as reader:
                assert reader.events == journal.events
                assert reader.replies == journal.replies


def test_a_reader_changes_nothing_that_a_killed_writer_left(tmp_path: Path) -> None:
    left = tmp_path / "left"
    with Journal.create(tmp_path / "run", secret=SECRET) as journal:
        journal.add([said(1)])
        journal.commit()
        left.mkdir()
        for name in (FILE, f"{FILE}-wal"):
            (left / name).write_bytes((tmp_path / "run" / name).read_bytes())
    before = {name: (left / name).read_bytes() for name in (FILE, f"{FILE}-wal")}
    with Journal.open(left) as reader:
        assert texts(reader) == ["words"]
    assert verify(left).ok
    assert {name: (left / name).read_bytes() for name in before} == before


def test_a_closed_run_is_one_file_that_readers_leave_alone(tmp_path: Path) -> None:
    run = play(tmp_path / "run", turns=3, role_words=10)
    before = sorted(path.name for path in run.iterdir())
    assert [name for name in before if name.startswith(FILE)] == [FILE]
    Journal.open(run).close()
    verify(run)
    assert sorted(path.name for path in run.iterdir()) == before


def test_a_reader_goes_on_after_a_writer_came_and_went(run: Path) -> None:
    with Journal.open(run, write=True) as journal:
        hash = journal.put_blob("text")
        journal.add([said(1)])
    with Journal.open(run) as reader:
        with Journal.open(run, write=True) as journal:
            journal.add([said(2)])
        assert reader.blob(hash) == "text"
        assert len(reader.events) == 1


# --- opening ---------------------------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_until_the_first_closes(run: Path) -> None:
    with Journal.open(run, write=True), pytest.raises(RunBusy, match="another process is writing"):
        Journal.open(run, write=True)
    Journal.open(run, write=True).close()


def test_a_writer_that_was_taken_over_cannot_write(run: Path) -> None:
    first = Journal.open(run, write=True)
    first.add([said(1)])
    with closing(sqlite3.connect(run / FILE)) as db, db:
        db.execute("UPDATE meta SET value = '99' WHERE name = 'epoch'")
    with pytest.raises(RunBusy, match="taken over"):
        first.close()
    assert rows_of(run) == []
    Journal.open(run, write=True).close()


def test_closing_twice_is_closing_once(run: Path) -> None:
    journal = Journal.open(run, write=True)
    journal.close()
    journal.close()


def test_a_run_is_not_made_where_there_is_one_and_is_not_opened_where_there_is_none(run: Path) -> None:
    with pytest.raises(UsageError, match="holds a run already"):
        Journal.create(run)
    with pytest.raises(UsageError, match="holds no run"):
        Journal.open(run / "other")
    Journal.open(run, write=True).close()


def test_what_an_older_run_left_in_the_folder_does_not_get_into_a_new_one(tmp_path: Path) -> None:
    old = Journal.create(tmp_path / "old", secret=SECRET)
    old.add([said(1)])
    old.commit()
    log = (tmp_path / "old" / f"{FILE}-wal").read_bytes()
    old.close()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / f"{FILE}-wal").write_bytes(log)
    (tmp_path / "new" / f"{FILE}.new").write_bytes(b"half a file")
    with Journal.create(tmp_path / "new") as journal:
        assert journal.events == []
    assert verify(tmp_path / "new").ok


def _change(run: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(run / FILE)) as db, db:
        db.execute(statement, values)


def test_a_journal_newer_than_the_program_is_refused_with_what_to_do(run: Path) -> None:
    _change(run, "UPDATE meta SET value = ? WHERE name = 'format'", str(FORMAT + 1))
    for write_too in (False, True):
        with pytest.raises(DamagedRun, match="newer than this program") as caught:
            Journal.open(run, write=write_too)
        assert "update crisis-roleplay" in caught.value.hint
    assert [damage.what for damage in verify(run).damage] == [
        f"journal format {FORMAT + 1} is newer than this program's {FORMAT}: update it"
    ]


def _add_raw(run: Path, key: Key, body: str) -> None:
    with closing(sqlite3.connect(run / FILE)) as db:
        rows = rows_in_order(db)
    head = rows[-1].hash if rows else SECRET
    hash = chain(head, "events", (str(key),), 0, body)
    _change(run, "INSERT INTO events VALUES (?, ?, 0, ?, ?)", len(rows) + 1, str(key), body, hash)


def test_an_event_newer_than_the_program_is_refused_with_what_to_do(run: Path) -> None:
    key, event = said(1)
    _add_raw(run, key, json.dumps({**event.model_dump(mode="json"), "v": 99, "mood": "new"}))
    with pytest.raises(DamagedRun, match="event version 99 is newer") as caught:
        Journal.open(run)
    assert "newer one" in caught.value.hint
    assert "event version 99 is newer" in str(verify(run).damage[0])


def test_an_event_of_an_older_program_is_brought_up_to_date(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, event = said(1, text="old words")
    old = {**event.model_dump(mode="json"), "v": 0}
    old["words"] = old.pop("text")
    _add_raw(run, key, json.dumps(old))
    monkeypatch.setitem(UPCASTS, 0, lambda data: {**{k: v for k, v in data.items() if k != "words"},
                                                  "text": data["words"], "v": 1})  # fmt: skip
    with Journal.open(run, write=True) as journal:
        assert texts(journal) == ["old words"]
        journal.add([said(2)])
    assert verify(run).ok
