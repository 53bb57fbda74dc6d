"""Says whether a journal is as it was written: every row, every id, every text, and that none is missing.

Reads the raw rows as SQLite shows them and what SQLite passes over in silence; changes nothing on the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from ..errors import DamagedRun, RunBusy
from ..events import Event, Key, Run, event_id
from . import files
from .rows import FORMAT, KEYS, StoredReply, StoredRow, read_body, read_end, rows_of, unpack
from .wal import tear

T = TypeVar("T")


@dataclass(frozen=True)
class Damage:
    """One thing that is not as it was written; `row` counts events and replies in arrival order, None is the file."""

    row: int | None
    what: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.what}" if self.row else self.what


@dataclass(frozen=True)
class Verification:
    """What is whole and what is not; `events` and `replies` count those that can be read and are unchanged."""

    events: int = 0
    replies: int = 0
    damage: list[Damage] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.damage


def verify(folder: Path) -> Verification:
    """Check the run in `folder`; damage is reported, never raised. Raises UsageError, DiskError or RunBusy."""
    path = files.existing(folder)
    found = _Check(_torn(folder))
    try:
        db = files.connect(path, write=False)
    except DamagedRun as error:
        return Verification(damage=[*found.damage, Damage(None, error.message)])
    db.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        db.execute("BEGIN")
        found.all(db)
    finally:
        db.close()
    return Verification(found.count["events"], found.count["replies"], found.damage)


def _torn(folder: Path) -> list[Damage]:
    """What SQLite would drop from the write-ahead log; a writer at work may be in the middle of a frame."""
    log = files.wal_of(folder / files.FILE)
    if not log.exists():
        return []
    try:
        with files.at_rest(folder), files.disk(folder):
            torn = tear(log.read_bytes())
    except RunBusy:
        return []
    return [Damage(None, str(torn))] if torn else []


class _Check:
    """The damage found so far, and the rows that are whole."""

    def __init__(self, damage: list[Damage]) -> None:
        self.damage = damage
        self.count = {"events": 0, "replies": 0}
        self.blobs: dict[str, int | None] = {}
        """Hash of each text that is referred to -> the first row that does so."""

    def all(self, db: sqlite3.Connection) -> None:
        meta = dict(self._read(lambda: db.execute("SELECT name, value FROM meta")))
        if _newer(meta.get("format", "")):
            self._add(None, f"journal format {meta['format']} is newer than this program's {FORMAT}: update it")
            return
        if meta.get("format") != str(FORMAT) or not meta.get("secret"):
            self._add(None, "the run's format or secret is missing or damaged")
        rows = [row for table in KEYS for row in self._read(partial(rows_of, db, table))]
        rows.sort(key=lambda row: row.seq)
        head = self._rows(rows, meta.get("secret", ""))
        self._finished(meta.get("finished"), len(rows), head)
        self._texts(db, set(meta.get("lost_texts", "").split()))
        for (word,) in self._read(lambda: db.execute("PRAGMA integrity_check")):
            if word != "ok":
                self._add(None, f"SQLite: {word}")

    def _rows(self, rows: Iterable[StoredRow], secret: str) -> str:
        """Check each row against the one before it; return the hash of the last."""
        head, due = secret, 1
        for row in rows:
            if row.seq != due:
                self._add(row.seq, f"row {due} should be here")
            if not row.follows(head):
                self._add(row.seq, "it is not what was written, or is not in its place")
            else:
                self._content(row, secret)
            head, due = str(row.hash), row.seq + 1
        return head

    def _content(self, row: StoredRow, secret: str) -> None:
        try:
            match read_body(row):
                case Key() as key, Event() as event:
                    if event.id != event_id(secret, key):
                        self._add(row.seq, f"event {event.id} has another's id")
                    if isinstance(event, Run):
                        self.blobs.setdefault(event.setup, row.seq)
                case _, StoredReply() as reply:
                    for hash in reply.texts:
                        self.blobs.setdefault(hash, row.seq)
        except ValueError as error:
            self._add(row.seq, f"it cannot be read: {str(error).splitlines()[0]}")
            return
        self.count[row.table] += 1

    def _finished(self, note: str | None, rows: int, head: str) -> None:
        """A finished run says how many rows it has and how they end."""
        if note is None:
            return
        end = read_end(note)
        if end is None:
            self._add(None, "the note on how the run ends cannot be read")
        elif rows != end[0]:
            self._add(None, f"the run ended with {end[0]} rows; {rows} are there")
        elif head != end[1]:
            self._add(None, "the last row is not the one that the run ended with")

    def _texts(self, db: sqlite3.Connection, lost: set[str]) -> None:
        """Every stored text is the one with its hash, and every one that is referred to is there or known as lost."""
        there = lost
        for hash, body in self._read(lambda: db.execute("SELECT hash, body FROM blobs")):
            there.add(hash)
            try:
                unpack(hash, body)
            except ValueError as error:
                self._add(None, f"text {hash[:12]}: {error}")
        for hash, row in self.blobs.items():
            if hash and hash not in there:
                self._add(row, f"text {hash[:12]} is missing")

    def _read(self, rows: Callable[[], Iterable[T]]) -> Iterator[T]:
        """What SQLite can read of some rows."""
        try:
            yield from rows()
        except sqlite3.Error as error:
            self._add(None, f"SQLite: {error}")

    def _add(self, row: int | None, what: str) -> None:
        self.damage.append(Damage(row, what))


def _newer(format: str) -> bool:
    return format.isdecimal() and int(format) > FORMAT
