"""The journal: one SQLite file a run that holds its events, the models' replies and the parts of their prompts.

Append-only, one writer, hash-chained in arrival order; `verify` and `salvage` stand beside it for damaged ones.
Knows nothing about what events mean; it stores and returns them.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from ..errors import DamagedRun, RoleplayError, RunBusy, UsageError
from ..events import Event, Key, write_event
from . import files, rows
from .files import FILE, LOCK, disk, parent_of
from .rows import FORMAT, ReplyKey, StoredReply, StoredRow, chain, digest, rows_in_order
from .wal import refuse_torn

__all__ = [
    "FILE", "FORMAT", "LOCK", "Journal", "ReplyKey", "StoredReply", "StoredRow", "chain", "digest", "parent_of",
    "rows_in_order",
]  # fmt: skip


class _Waiting(NamedTuple):
    """A row on its way to the disk."""

    table: str
    key: tuple[str | int, ...]
    body: str


class Journal:
    """An open run. Open for writing holds the run's lock until `close`; reading needs none.

    Rows are added on one thread and written by it or by one other: what is added without an `await` in between reaches
    the disk in one transaction, and leaves the queue once it is there.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, *, write: bool) -> None:
        self.folder = folder
        self.meta: dict[str, str] = {}
        self._db = connection
        self._writes = write
        self._held = ExitStack()
        """What `close` lets go of: the connection, then the run's lock."""
        self._writing = Lock()
        self._turn = asyncio.Lock()
        self._queue: list[_Waiting] = []
        self._queued = 0
        self._written = 0
        self._blobs: dict[str, bytes] = {}
        self._known_blobs: set[str] = set()
        self.entries: list[tuple[Key, Event]] = []
        """(key, event) in canonical order."""
        self._keys: set[Key] = set()
        self._events: list[Event] | None = None
        self.replies: dict[ReplyKey, StoredReply] = {}
        self._head, self._seq = "", 0
        self._closed = False

    # --- opening and closing -----------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Path, *, secret: str | None = None, parent: str = "") -> Journal:
        """Make a new run in `folder`, which must not hold one; raises DiskError, RunBusy or UsageError."""
        with disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            held.callback(files.lock(folder).release)
            if (folder / FILE).exists():
                raise UsageError(f"{folder} holds a run already", hint="resume it, or choose another --out")
            files.make(folder, {"secret": secret or secrets.token_hex(16), "parent": parent})
            return cls._opened(folder, held, write=True)

    @classmethod
    def open(cls, folder: Path, *, write: bool = False) -> Journal:
        """Open the run in `folder`; with `write`, take its lock and begin a new epoch.

        Raises UsageError, RunBusy, DiskError, and DamagedRun where any row is not what was written.
        """
        path = files.existing(folder)
        with ExitStack() as held:
            if write:
                held.callback(files.lock(folder).release)
                refuse_torn(path)
            return cls._opened(folder, held, write=write)

    @classmethod
    def _opened(cls, folder: Path, held: ExitStack, *, write: bool) -> Journal:
        """The run, read, with what is `held` for it; after an error whoever holds it lets go."""
        connection = files.connect(folder / FILE, write=write)
        held.callback(connection.close)
        journal = cls(folder, connection, write=write)
        with disk(folder):
            journal._read_meta()
            if write:
                files.set_aside(connection, folder)
            journal._load()
            if write:
                journal._begin_epoch()
        journal._held = held.pop_all()
        return journal

    def close(self) -> None:
        """Write what is pending, leave one file that can be read anywhere, and release the lock."""
        if self._closed:
            return
        self._closed = True
        with self._held:
            if self._writes:
                self.commit()
                self._fold_log("PRAGMA journal_mode = DELETE")

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and not isinstance(error, (RoleplayError, asyncio.CancelledError)):
            self._drop()
        self.close()

    # --- reading -----------------------------------------------------------------------------------------------------

    @property
    def secret(self) -> str:
        """The run's secret, from which event ids are made."""
        return self.meta["secret"]

    @property
    def events(self) -> list[Event]:
        """Every event in canonical order; not to be changed, and not changed by what is added later."""
        if self._events is None:
            self._events = [event for _, event in self.entries]
        return self._events

    def reply(self, key: ReplyKey) -> StoredReply | None:
        """The reply that was stored for a request, if it was made before."""
        return self.replies.get(key)

    def blob(self, hash: str) -> str:
        """A stored text by its hash; raises DamagedRun where it is missing or changed."""
        body = self._blobs.get(hash)
        if body is None:
            with self._writing, disk(self.folder):
                row = self._db.execute("SELECT body FROM blobs WHERE hash = ?", (hash,)).fetchone()
            if row is None:
                raise self._damaged(f"text {hash[:12]} is missing")
            body = row[0]
        try:
            return rows.unpack(hash, body)
        except ValueError as error:
            raise self._damaged(f"text {hash[:12]}: {error}") from error

    # --- writing -----------------------------------------------------------------------------------------------------

    def put_blob(self, text: str) -> str:
        """Keep a text, once, and return its hash; it is written with the next commit."""
        hash = digest(text)
        if hash not in self._known_blobs:
            self._known_blobs.add(hash)
            self._blobs[hash] = rows.pack(text)
        return hash

    def add(self, entries: Iterable[tuple[Key, Event]]) -> None:
        """Append events, all or none; they can be read at once and are on disk after the next `commit` or `flush`.

        Raises ValueError where there is an event with the same key.
        """
        made = [(key, event, _Waiting("events", (str(key),), write_event(event))) for key, event in entries]
        keys = {key for key, _, _ in made}
        if len(keys) < len(made) or not self._keys.isdisjoint(keys):
            raise ValueError(f"{self.folder.name}: there is an event with one of these keys: {sorted(map(str, keys))}")
        self._keys |= keys
        for key, event, row in made:
            insort(self.entries, (key, event), key=itemgetter(0))
            self._put(row)
        self._events = None

    def add_reply(self, key: ReplyKey, reply: StoredReply) -> None:
        """Append a reply, likewise."""
        if key in self.replies:
            raise ValueError(f"{self.folder.name}: there is a reply to {key}")
        row = _Waiting("replies", tuple(key), rows.write_reply(reply))
        self.replies[key] = reply
        self._put(row)

    def commit(self) -> None:
        """Write everything that was added, in one transaction; raises DiskError, RunBusy or DamagedRun."""
        self._write(self._queued)

    async def flush(self) -> None:
        """As `commit`, off the event loop; turns that come in meanwhile share one transaction."""
        mine = self._queued
        async with self._turn:
            if self._written < mine:
                await asyncio.to_thread(self._write, self._queued)

    def finish(self) -> None:
        """Note the number of rows and the head of the chain, so that a lost tail shows."""
        self.commit()
        end = rows.write_end(self._seq, self._head)
        if self.meta.get("finished") != end:
            self.note("finished", end)

    def note(self, name: str, value: str) -> None:
        """Keep a fact about the run that is no event (its duration, say)."""
        with self._writing, self._transaction() as db:
            db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
            )
        self.meta[name] = value

    # --- inside ------------------------------------------------------------------------------------------------------

    def _put(self, row: _Waiting) -> None:
        self._queue.append(row)
        self._queued += 1

    def _drop(self) -> None:
        """Forget what was added and not written: an error of the program may have left half a step."""
        self._queue.clear()
        self._blobs.clear()
        self._queued = self._written

    def _write(self, upto: int) -> None:
        """Write rows up to the one that was queued as number `upto`, whichever thread comes first."""
        with self._writing:
            waiting = self._queue[: max(upto - self._written, 0)]
            blobs = dict(self._blobs)
            if not waiting and not blobs:
                return
            chained = self._chained(waiting)
            with self._transaction() as db:
                rows.insert_blobs(db, blobs)
                for row in chained:
                    rows.insert_row(db, row)
                if chained and "finished" in self.meta:
                    db.execute("DELETE FROM meta WHERE name = 'finished'")
            if chained:
                self.meta.pop("finished", None)
                self._head, self._seq = chained[-1].hash, chained[-1].seq
            del self._queue[: len(waiting)]
            self._written += len(waiting)
            for hash in blobs:
                del self._blobs[hash]

    def _chained(self, waiting: Sequence[_Waiting]) -> list[StoredRow]:
        """The rows of one transaction, each with the hash that follows from the one before."""
        made: list[StoredRow] = []
        head = self._head
        for more, (table, key, body) in zip(range(len(waiting) - 1, -1, -1), waiting, strict=True):
            head = chain(head, table, key, more, body)
            made.append(StoredRow(table, self._seq + len(made) + 1, key, more, body, head))
        return made

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the only writer; raises RunBusy where another process has taken over."""
        with disk(self.folder), self._db as db:  # Commits, or rolls back whatever the error is.
            db.execute("BEGIN IMMEDIATE")
            found = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
            if found != (self.meta["epoch"],):
                raise RunBusy(f"{self.folder.name}: another process has taken over this run")
            yield db

    def _begin_epoch(self) -> None:
        """Leave nothing of an earlier writer in the write-ahead log, and lock out one that is still there."""
        self._fold_log("PRAGMA wal_checkpoint(TRUNCATE)")
        epoch = self.meta["epoch"]
        self.note("epoch", str(int(epoch) + 1 if epoch.isdecimal() else 1))

    def _fold_log(self, how: str) -> None:
        """Fold the write-ahead log into the file, unless a reader or a full disk is in the way: then it stays."""
        self._db.execute("PRAGMA busy_timeout = 200")
        with suppress(sqlite3.OperationalError):
            self._db.execute(how)
        self._db.execute("PRAGMA busy_timeout = 5000")

    def _load(self) -> None:
        self._db.execute("BEGIN")
        self._read_meta()
        self._head = self.meta["secret"]
        for row in rows_in_order(self._db):
            self._take(row)
        self.entries.sort(key=itemgetter(0))
        self._keys = {key for key, _ in self.entries}
        end = rows.write_end(self._seq, self._head)
        if self.meta.get("finished", end) != end:
            raise self._damaged("it does not end as it did when it was finished")
        if self._writes:
            self._known_blobs = {hash for (hash,) in self._db.execute("SELECT hash FROM blobs")}
        self._db.execute("COMMIT")

    def _take(self, row: StoredRow) -> None:
        """Keep the next row, which must be the one that was written after the last."""
        if row.seq != self._seq + 1 or not row.follows(self._head):
            raise self._damaged(f"row {self._seq + 1} is missing or is not what was written")
        self._head, self._seq = row.hash, row.seq
        try:
            match rows.read_body(row):
                case Key() as key, Event() as event:
                    self.entries.append((key, event))
                case ReplyKey() as reply_key, StoredReply() as reply:
                    self.replies[reply_key] = reply
        except ValueError as error:
            raise DamagedRun(
                f"{self.folder.name}: row {row.seq} cannot be read: {str(error).splitlines()[0]}",
                hint="open it with the version of crisis-roleplay that wrote it, or a newer one",
            ) from error

    def _read_meta(self) -> None:
        self.meta = dict(self._db.execute("SELECT name, value FROM meta"))
        found = self.meta.get("format", "")
        if found.isdecimal() and int(found) > FORMAT:
            raise DamagedRun(
                f"{self.folder.name}: journal format {found} is newer than this program's {FORMAT}",
                hint="update crisis-roleplay, or open the run with the version that wrote it",
            )
        if found != str(FORMAT) or not {"secret", "epoch"} <= self.meta.keys():
            raise self._damaged("its format, secret or epoch is missing")

    def _damaged(self, what: str) -> DamagedRun:
        return DamagedRun(f"{self.folder.name}: {what}", hint=f"see: roleplay verify {self.folder}")
