"""A journal's files: where they are, how they are made, opened and locked, and what their errors mean.

Knows SQLite's modes and error codes; knows nothing about what the rows say.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import DamagedRun, DiskError, RoleplayError, RunBusy, UsageError
from .rows import FORMAT, TABLES, StoredRow, insert_blobs, insert_row

FILE = "journal.sqlite"
LOCK = "run.lock"
PAGE = 4096
MAGIC = b"SQLite format 3\0"

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DISK = (
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOLFS, sqlite3.SQLITE_NOMEM,
)  # fmt: skip


def make(
    folder: Path, meta: Mapping[str, str], rows: Iterable[StoredRow] = (), blobs: Mapping[str, bytes] | None = None
) -> None:
    """Make a journal's file, whole or not at all."""
    path, unfinished = folder / FILE, folder / f"{FILE}.new"
    with disk(folder):
        for stale in (unfinished, *(path.with_name(f"{FILE}-{end}") for end in ("wal", "shm", "journal"))):
            stale.unlink(missing_ok=True)
        db = sqlite3.connect(unfinished, isolation_level=None)
        try:
            for setting in (f"page_size = {PAGE}", "journal_mode = OFF", "synchronous = OFF"):
                db.execute(f"PRAGMA {setting}")
            db.execute("BEGIN IMMEDIATE")
            for statement in TABLES.split(";\n"):
                db.execute(statement)
            db.executemany("INSERT INTO meta VALUES (?, ?)", {"format": str(FORMAT), "epoch": "1", **meta}.items())
            insert_blobs(db, blobs or {})
            for row in rows:
                insert_row(db, row)
            db.execute("COMMIT")
        finally:
            db.close()
        sync(unfinished)
        unfinished.replace(path)
        sync(folder)


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open a journal's file; raises DamagedRun, DiskError or RunBusy.

    A reader changes nothing, not even what a killed writer left; only half a change of SQLite's mode is undone first.
    """
    with disk(path.parent):
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise DamagedRun(f"{path.parent.name}: {FILE} is not a journal", hint=salvage_hint(path.parent))
        mode = "rw" if write or path.with_name(f"{path.name}-journal").exists() else "ro"
        uri = f"{path.resolve().as_uri()}?mode={mode}"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5)
        settings = (
            ("journal_mode = WAL", "synchronous = FULL", "journal_size_limit = 0") if write else ("query_only = ON",)
        )
        try:
            for setting in settings:
                db.execute(f"PRAGMA {setting}")
        except sqlite3.Error:
            db.close()
            raise
        return db


def parent_of(folder: Path) -> str:
    """Where a run was branched off, as RUN@ROUND.PHASE, '' where it was not; reads nothing else of it."""
    with disk(folder), closing(connect(folder / FILE, write=False)) as db:
        row = db.execute("SELECT value FROM meta WHERE name = 'parent'").fetchone()
        return str(row[0]) if row else ""


def set_aside(db: sqlite3.Connection, folder: Path) -> None:
    """Take the rows of a salvaged run's last transaction out of play where its end is lost; keep them in own tables."""
    found = db.execute("SELECT value FROM meta WHERE name = 'whole'").fetchone()
    if found is None:
        return
    whole = int(found[0]) if str(found[0]).isdecimal() else 0
    if not whole:
        raise DamagedRun(f"{folder.name}: its opening is not whole; it can be read, not resumed")
    db.execute("BEGIN IMMEDIATE")
    for table in ("events", "replies"):
        db.execute(f"CREATE TABLE aside_{table} AS SELECT * FROM {table} WHERE seq > ?", (whole,))
        db.execute(f"DELETE FROM {table} WHERE seq > ?", (whole,))
    db.execute("DELETE FROM meta WHERE name = 'whole'")
    db.execute("COMMIT")


def wal_of(path: Path) -> Path:
    """SQLite's write-ahead log of a file."""
    return path.with_name(f"{path.name}-wal")


def lock(folder: Path) -> FileLock:
    """Take a run's lock at once; raises RunBusy or DiskError."""
    held = FileLock(folder / LOCK, thread_local=False)
    try:
        held.acquire(timeout=0)
    except Timeout as error:
        raise RunBusy(
            f"{folder.name}: another process is writing this run", hint="wait for it, or stop it first"
        ) from error
    except OSError as error:
        raise DiskError(f"cannot lock {folder}: {error.strerror}") from error
    return held


@contextmanager
def at_rest(folder: Path) -> Iterator[None]:
    """Keep writers out while a run's bare bytes are read; raises RunBusy. Nobody writes where nothing can be locked."""
    held = None
    if (folder / LOCK).exists():
        with suppress(DiskError):
            held = lock(folder)
    try:
        yield
    finally:
        if held:
            held.release()


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """Turn what SQLite and the system say about a file into RunBusy, DiskError or DamagedRun."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise meaning(folder, error) from error
    except OSError as error:
        raise DiskError(f"{folder}: {error.strerror}", hint="see that the disk is there and can be written") from error


def meaning(folder: Path, error: sqlite3.Error) -> RoleplayError:
    """What an error of SQLite means for the run."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return RunBusy(f"{folder.name}: another process is using this run ({error})")
    if code in _DISK:
        return DiskError(
            f"{folder.name}: {error}; nothing acknowledged is lost",
            hint=f"see that there is space and that the folder can be written, then: roleplay resume {folder}",
        )
    return DamagedRun(f"{folder.name}: {error}", hint=salvage_hint(folder))


def existing(folder: Path) -> Path:
    """The path of a run's file; raises UsageError where there is none."""
    if not (folder / FILE).is_file():
        raise UsageError(f"{folder} holds no run ({FILE} is missing)")
    return folder / FILE


def salvage_hint(folder: Path) -> str:
    """What to do about damage."""
    return f"save what can be saved: roleplay salvage {folder}"


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, last; where a folder cannot be opened the system sees to its names."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
