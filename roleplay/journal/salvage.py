"""Saves what a damaged journal still holds: every row before the first one that is lost, in a new valid run.

Works on the bare bytes, so that it does not matter what SQLite can still read.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..errors import DamagedRun, RoleplayError, UsageError
from ..events import Event, Run
from . import files
from .pages import Pages
from .rows import StoredReply, StoredRow, read_body, read_end


@dataclass(frozen=True)
class Salvaged:
    """What was saved into `path`, and how many rows (events and replies) after it are known to be lost."""

    events: int
    lost: int
    path: Path
    replies: int = 0


def salvage(folder: Path, out: Path) -> Salvaged:
    """Write the events and replies before the damage to a new run in `out`.

    The copy has the same secret and names where it comes from; events of a turn whose end is lost are in it, and are
    set aside when it is resumed. Raises DamagedRun where not even the first row is left, UsageError where `out` holds
    a run, and RunBusy.
    """
    path = files.existing(folder)
    if (out / files.FILE).exists():
        raise UsageError(f"{out} holds a run already", hint="choose another --out")
    with files.at_rest(folder), files.disk(folder):
        pages, known = Pages(path), _known(path)
    secret, rows = _rows(pages)
    if not rows:
        raise DamagedRun(f"{folder.name}: no event is left that can be read")
    blobs = pages.blobs()
    with files.disk(out):
        out.mkdir(parents=True, exist_ok=True)
    files.make(out, _meta(folder, pages, secret, rows, blobs), rows, blobs)
    events = sum(row.table == "events" for row in rows)
    lost = (_ended(pages) or max(known, pages.last())) - len(rows)
    return Salvaged(events, max(lost, 0), out, len(rows) - events)


def _rows(pages: Pages) -> tuple[str, list[StoredRow]]:
    """The run's secret and the rows that follow one another from it."""
    for secret in reversed(pages.meta("secret")):
        rows: list[StoredRow] = []
        while row := pages.row(len(rows) + 1, rows[-1].hash if rows else secret):
            rows.append(row)
        if rows:
            return secret, rows
    return "", []


def _meta(folder: Path, pages: Pages, secret: str, rows: list[StoredRow], blobs: dict[str, bytes]) -> dict[str, str]:
    meta = {"secret": secret, "parent": next(reversed(pages.meta("parent")), ""), "salvaged_from": folder.name}
    whole = max((row.seq for row in rows if row.more == 0), default=0)
    if whole < len(rows):
        meta["whole"] = str(whole)
    for note in pages.meta("finished"):
        if read_end(note) == (len(rows), rows[-1].hash):
            meta["finished"] = note
    lost = sorted({hash for row in rows for hash in _texts(row)} - blobs.keys())
    return meta | ({"lost_texts": " ".join(lost)} if lost else {})


def _texts(row: StoredRow) -> set[str]:
    """Hashes of the texts that a row refers to."""
    if row.table == "events" and '"kind":"run"' not in row.body:
        return set()
    try:
        match read_body(row):
            case _, StoredReply() as reply:
                return {*reply.texts} - {""}
            case _, Event() as event:
                return {event.setup} - {""} if isinstance(event, Run) else set()
    except ValueError:
        pass
    return set()


def _ended(pages: Pages) -> int:
    """How many rows the run ended with, where it says so."""
    return max((end[0] for note in pages.meta("finished") if (end := read_end(note))), default=0)


def _known(path: Path) -> int:
    """The greatest row number that SQLite shows, 0 where it shows none."""
    try:
        with closing(files.connect(path, write=False)) as db:
            numbers = (db.execute(f"SELECT max(seq) FROM {table}").fetchone()[0] for table in ("events", "replies"))
            return max(n for n in (0, *numbers) if isinstance(n, int))
    except (RoleplayError, sqlite3.Error):
        return 0
