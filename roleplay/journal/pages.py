"""Rows out of the bare bytes of a journal's file and its write-ahead log, whatever SQLite still makes of them.

A record is found by the shape of its header, wherever on a page it lies, so that nothing depends on page headers, cell
pointers, inner pages or the schema. What is found is a guess, to be proved by the hash chain or a blob's hash.
Knows the record format (sqlite.org/fileformat2.html, section 2.1); knows nothing about events.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .files import PAGE, wal_of
from .rows import StoredRow, unpack
from .wal import committed

_INTEGER = rb"[\x00-\x06\x08\x09]"
_LENGTH = rb"[\x80-\xff]{0,4}[\x00-\x7f]"
_MARK = b"\x81\x0d"
"""Serial type of a text of 64 characters: every row but those of `meta` holds one."""
_HASH = re.escape(_MARK)
_SHAPES = {
    "events": rb"[\x06-\x0f]\x00" + _LENGTH + _INTEGER + _LENGTH + _HASH,
    "replies": rb"[\x0b-\x16]\x00" + _INTEGER + _LENGTH * 2 + _INTEGER + _LENGTH + _INTEGER * 2 + _LENGTH + _HASH,
    "blobs": rb"[\x04-\x08]" + _HASH + _LENGTH,
    "meta": rb"[\x03-\x05][\x0d-\x3f]" + _LENGTH + _INTEGER + rb"?",
}
"""Headers of records; each begins with its own length. An index over `meta` adds the row's number."""
_SHAPE = {table: re.compile(shape, re.DOTALL) for table, shape in _SHAPES.items()}
_LONGEST = 22
_HEX = re.compile("[0-9a-f]{64}")


class Place(NamedTuple):
    """Where a record of a table seems to begin."""

    table: str
    page: bytes
    start: int


class Pages:
    """Every version of every page of a journal."""

    def __init__(self, path: Path) -> None:
        self._versions: dict[int, list[bytes]] = defaultdict(list)
        data, log = path.read_bytes(), wal_of(path)
        self._bytes = len(data) + (log.stat().st_size if log.exists() else 0)
        for at in range(0, len(data), PAGE):
            self._versions[at // PAGE + 1].append(data[at : at + PAGE].ljust(PAGE, b"\0"))
        for frame in committed(log.read_bytes() if log.exists() else b""):
            self._versions[frame.page].append(frame.data)
        self._rows: dict[int, list[Place]] = defaultdict(list)
        self._blobs: list[Place] = []
        for place in self._around(_MARK):
            if place.table == "blobs":
                self._blobs.append(place)
            else:
                self._rows[_number_before(place)].append(place)

    def last(self) -> int:
        """The greatest number of what looks like a row, changed or not."""
        for seq in sorted(self._rows, reverse=True):
            if any(_row(place.table, seq, self._record(place, -1)) for place in self._rows[seq]):
                return seq
        return 0

    def row(self, seq: int, head: str) -> StoredRow | None:
        """The row with this number that follows the row with hash `head`, if it is there unchanged."""
        for place in reversed(self._rows.get(seq, [])):
            for version in (-1, 0):
                row = _row(place.table, seq, self._record(place, version))
                if row and row.follows(head):
                    return row
        return None

    def meta(self, name: str) -> list[str]:
        """Every value that seems to have been noted under a name, the newest last, each once."""
        records = (self._record(place, -1) for place in self._around(name.encode()) if place.table == "meta")
        return list(dict.fromkeys(r[1] for r in records if r and r[0] == name and isinstance(r[1], str)))

    def blobs(self) -> dict[str, bytes]:
        """Every blob that is the text with its hash."""
        found: dict[str, bytes] = {}
        for place in self._blobs:
            for version in (-1, 0):
                match self._record(place, version):
                    case [str(hash), bytes(body)] if hash not in found and _is_text(hash, body):
                        found[hash] = body
        return found

    def _around(self, mark: bytes) -> Iterator[Place]:
        """Headers on any page that hold a mark, or that end where it begins."""
        for versions in self._versions.values():
            for page in versions:
                at = page.find(mark)
                while at >= 0:
                    yield from _headers(page, at)
                    at = page.find(mark, at + 1)

    def _record(self, place: Place, version: int) -> list[str | bytes | int | None] | None:
        """The values of a record, None where they cannot be those of a journal's row."""
        _, page, start = place
        header = page[start : start + page[start]]
        types = _varints(header[1:])
        size = len(header) + sum(map(_size, types))
        local = _local(size)
        if size > self._bytes or start + local + (4 if local < size else 0) > PAGE:
            return None
        data = page[start : start + local]
        if local < size:
            first = int.from_bytes(page[start + local : start + local + 4], "big")
            data += self._overflow(first, size - local, version)
        return _values(types, data[len(header) :]) if len(data) == size else None

    def _overflow(self, page: int, wanted: int, version: int) -> bytes:
        """The rest of a record from the pages that it overflows to, in their newest or oldest version."""
        parts: list[bytes] = []
        while wanted > 0 and page in self._versions:
            data = self._versions[page][version]
            parts.append(data[4 : 4 + wanted])
            wanted -= PAGE - 4
            page = int.from_bytes(data[:4], "big")
        return b"".join(parts)


def _headers(page: bytes, at: int) -> Iterator[Place]:
    for start in range(max(at - _LONGEST, 0), at):
        end = start + page[start]
        if at <= end <= start + _LONGEST:
            for table, shape in _SHAPE.items():
                if shape.fullmatch(page, start, end):
                    yield Place(table, page, start)


def _row(table: str, seq: int, values: list[str | bytes | int | None] | None) -> StoredRow | None:
    match values:
        case [None, *key, int(more), str(body), str(hash)] if _HEX.fullmatch(hash):
            return StoredRow(table, seq, tuple(key), more, body, hash)
    return None


def _is_text(hash: str, body: bytes) -> bool:
    try:
        unpack(hash, body)
    except ValueError:
        return False
    return True


def _number_before(place: Place) -> int:
    """The row number, a varint that ends right before the record; 0 where there is none."""
    page, at = place.page, place.start - 1
    if at < 0 or page[at] & 0x80:
        return 0
    number, shift = page[at], 7
    while at > 0 and page[at - 1] & 0x80 and shift < 56:
        at -= 1
        number |= (page[at] & 0x7F) << shift
        shift += 7
    return number


def _varints(data: bytes) -> list[int]:
    numbers, number = [], 0
    for byte in data:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    return numbers


def _size(type: int) -> int:
    """Bytes of a value of this serial type."""
    return (type - 12) // 2 if type >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[type]


def _local(size: int) -> int:
    """How many bytes of a record of this size lie on the table's own page."""
    most, least = PAGE - 35, (PAGE - 12) * 32 // 255 - 23
    if size <= most:
        return size
    kept = least + (size - least) % (PAGE - 4)
    return kept if kept <= most else least


def _values(types: list[int], data: bytes) -> list[str | bytes | int | None] | None:
    values: list[str | bytes | int | None] = []
    at = 0
    for type in types:
        part = data[at : at + _size(type)]
        at += len(part)
        if type >= 13 and type % 2:
            try:
                values.append(part.decode())
            except UnicodeDecodeError:
                return None
        elif type >= 12:
            values.append(part)
        elif type in (8, 9):
            values.append(type - 8)
        else:
            values.append(int.from_bytes(part, "big", signed=True) if type else None)
    return values
