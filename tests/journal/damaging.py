"""Ways to damage a journal, and what each byte of its file belongs to, found out without the code under test."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from roleplay.journal import FILE, StoredRow, rows_in_order

PAGE = 4096


def rows_of(folder: Path) -> list[StoredRow]:
    """The rows that SQLite shows."""
    with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as db:
        return rows_in_order(db)


def content_of(folder: Path) -> object:
    """Everything that SQLite shows of rows and texts, or why it cannot."""
    try:
        with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as db:
            return rows_in_order(db), sorted(db.execute("SELECT hash, body FROM blobs"))
    except (sqlite3.Error, TypeError, ValueError) as error:
        return repr(error)


@dataclass(frozen=True)
class Span:
    """Bytes of a file that belong to a row."""

    start: int
    end: int
    seq: int


def spans(data: bytes, rows: list[StoredRow]) -> list[Span]:
    """Where in the bytes of a file each row lies, from the row's own text."""
    return [span for row in rows for span in _spans(data, row)]


def first_hurt(spans: list[Span], rows: int, start: int, end: int) -> int:
    """Number of the first row that has bytes in a damaged stretch; one more than there are where none has."""
    return min((s.seq for s in spans if s.start < end and start < s.end), default=rows + 1)


def _spans(data: bytes, row: StoredRow) -> list[Span]:
    more = 0 if row.more < 2 else 1
    front = more + _header(row) + sum(len(k.encode()) if isinstance(k, str) else int(k > 1) for k in row.key)
    text = (row.body + row.hash).encode()
    found, at = [], data.find(text[:64])
    while at >= 0:
        kept = _common(data, at, text)
        rest = _overflows(data, text[kept:], row.seq)
        if rest is not None:
            found += [Span(at - front, at + kept + (4 if rest else 0), row.seq), *rest]
        at = data.find(text[:64], at + 1)
    assert found, row
    return found


def _overflows(data: bytes, text: bytes, seq: int) -> list[Span] | None:
    """Pages that hold the rest of a long row, None where it is not there: SQLite leaves old bytes in unused space."""
    found = []
    while text:
        part = text[: PAGE - 4]
        at = next((i for i in range(4, len(data), PAGE) if data.startswith(part, i)), None)
        if at is None:
            return None
        found.append(Span(at - 4, at + len(part), seq))
        text = text[PAGE - 4 :]
    return found


def _common(data: bytes, at: int, text: bytes) -> int:
    end = min(len(text), PAGE - at % PAGE)
    return next((i for i in range(end) if data[at + i] != text[i]), end)


def _header(row: StoredRow) -> int:
    """Bytes of the cell before the record's values: its size, its number, the types of its values."""
    texts = [k for k in row.key if isinstance(k, str)]
    types = sum(_varint(13 + 2 * len(t.encode())) for t in (*texts, row.body, row.hash))
    header = 1 + 1 + types + sum(isinstance(k, int) for k in row.key) + 1
    size = header + len(row.body.encode()) + len(row.hash) + sum(len(t.encode()) for t in texts) + 8
    return _varint(size) + _varint(row.seq) + header


def _varint(number: int) -> int:
    return max(1, -(-number.bit_length() // 7))


def damaged_copy(folder: Path, out: Path, name: str, data: bytes) -> Path:
    """A copy of a run in which one file has other bytes."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(folder, out)
    (out / name).write_bytes(data)
    return out


def flipped(data: bytes, rng: random.Random) -> tuple[bytes, int]:
    """One bit changed, and in which byte."""
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :], at
