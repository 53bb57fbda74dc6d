"""What a journal's file holds: its tables, its rows, and the hashes that chain them in the order of arrival.

Knows how a row is written and read; knows nothing about files, locks or transactions.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..events import Event, Key, read_event_json

FORMAT = 1
"""Version of the tables that this program writes; a newer one is refused."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, UNIQUE (name, value));
CREATE TABLE blobs (hash TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, more INTEGER NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE TABLE replies (
    seq INTEGER PRIMARY KEY, round INTEGER NOT NULL, phase TEXT NOT NULL, ring TEXT NOT NULL, turn INTEGER NOT NULL,
    seat TEXT NOT NULL, attempt INTEGER NOT NULL, more INTEGER NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
    UNIQUE (round, phase, ring, turn, seat, attempt)
);
"""
"""`more`: how many rows of the same transaction follow. UNIQUE (name, value) keeps the secret on a second page."""
KEYS = {"events": "key", "replies": "round, phase, ring, turn, seat, attempt"}
"""Table of rows -> the columns of its key."""


class ReplyKey(NamedTuple):
    """Which request a reply answers; `ring` is '-' outside a ring, since SQLite's UNIQUE lets NULLs repeat."""

    round: int
    phase: str
    ring: str
    turn: int
    seat: str
    attempt: int


@dataclass(frozen=True)
class StoredReply:
    """What a model was sent (hashes of blobs) and what it answered, word for word, with what it cost."""

    model: str
    messages: tuple[tuple[str, str], ...]
    """(role, hash of the content) of each message."""
    schema: str
    """Hash of the JSON Schema."""
    text: str
    finish: str = "stop"
    reasoning: str | None = None
    refusal: str | None = None
    error: str | None = None
    """Why there is no reply, where a call's retries were spent."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    started: float = 0.0
    """Seconds since the run's first phase of this process; for the critical path only."""
    cost_usd: float | None = None
    outcome: str = "ok"
    """ok, refused, truncated, empty, malformed, illegal or failed; set when the reply is checked."""
    asked: int = 0
    """The turn that its seat was asked for, where others took that one meanwhile (on an open floor); 0: its key's."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Hashes of the blobs that it refers to."""
        return (self.schema, *(hash for _, hash in self.messages))


class StoredRow(NamedTuple):
    """An event or a reply as it lies on the disk."""

    table: str
    seq: int
    key: tuple[Any, ...]
    more: int
    body: str
    hash: str

    def follows(self, head: str) -> bool:
        """Whether the row is unchanged, given the hash of the row that arrived before it."""
        return self.hash == chain(head, self.table, self.key, self.more, self.body)


def digest(text: str | bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(_bytes(text) if isinstance(text, str) else text).hexdigest()


def chain(head: str, table: str, key: Iterable[object], more: int, body: str) -> str:
    """Hash of a row, given the hash of the row that arrived before it; the run's secret comes before the first."""
    return digest(f"{head}\n{table}\n{'|'.join(map(str, key))}\n{more}\n{body}")


def rows_in_order(db: sqlite3.Connection) -> list[StoredRow]:
    """Events and replies in the order in which they arrived."""
    return sorted((row for table in KEYS for row in rows_of(db, table)), key=lambda row: row.seq)


def rows_of(db: sqlite3.Connection, table: str) -> Iterator[StoredRow]:
    """The rows of one table; `seq` is 0 where damage took the number away."""
    columns = f"seq, {KEYS[table]}, more, body, hash"
    for seq, *key, more, body, hash in db.execute(f"SELECT {columns} FROM {table} ORDER BY seq"):
        yield StoredRow(table, seq or 0, tuple(key), more, body, hash)


def insert_row(db: sqlite3.Connection, row: StoredRow) -> None:
    """Write one row."""
    marks = ", ".join("?" * (len(row.key) + 4))
    db.execute(f"INSERT INTO {row.table} VALUES ({marks})", (row.seq, *row.key, row.more, row.body, row.hash))


def insert_blobs(db: sqlite3.Connection, blobs: Mapping[str, bytes]) -> None:
    """Write packed texts by their hashes; one that is there already stays."""
    db.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?)", blobs.items())


def read_body(row: StoredRow) -> tuple[Key, Event] | tuple[ReplyKey, StoredReply]:
    """What a row says, brought up to date where an older program wrote it.

    Raises ValueError where it is malformed or written by a newer program.
    """
    try:
        if row.table == "events":
            return Key.parse(row.key[0]), read_event_json(row.body)
        data = json.loads(row.body)
        messages = tuple((str(role), str(hash)) for role, hash in data.pop("messages"))
        return ReplyKey(*row.key), StoredReply(messages=messages, **data)
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def write_reply(reply: StoredReply) -> str:
    """One line of JSON, the same bytes for the same reply."""
    said = {name: value for name, value in vars(reply).items() if value or name != "asked"}
    return json.dumps(said, sort_keys=True)


def write_end(rows: int, head: str) -> str:
    """The note of a finished run: how many rows it has, and the hash of the last."""
    return json.dumps({"rows": rows, "head": head})


def read_end(note: str) -> tuple[int, str] | None:
    """What such a note says; None where it cannot be read."""
    try:
        end = json.loads(note)
        return int(end["rows"]), str(end["head"])
    except (ValueError, TypeError, KeyError):
        return None


def pack(text: str) -> bytes:
    """A text as a blob's body."""
    return zlib.compress(_bytes(text), 1)


def unpack(hash: str, body: object) -> str:
    """The text of a blob's body; raises ValueError where it is not the text with that hash."""
    try:
        data = zlib.decompress(body) if isinstance(body, bytes) else b""
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if digest(data) != hash:
        raise ValueError("it is not the text that was stored")
    return data.decode("utf-8", "surrogatepass")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
