"""SQLite's write-ahead log as bytes: its frames, and whether one that was once whole is so no longer.

SQLite ends a log at the first frame that does not verify and says nothing; that is right after a crash and silent loss
after damage. Knows the format (sqlite.org/fileformat2.html, section 4); knows nothing about tables.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import DamagedRun
from .files import PAGE, disk, salvage_hint, wal_of

HEADER, FRAME_HEADER = 32, 24
FRAME = FRAME_HEADER + PAGE
_MAGIC = 0x377F0682
_VERSION = 3007000
_Sums = tuple[int, int]


class Frame(NamedTuple):
    """One page as a transaction wrote it; `commits` where it is the last of its transaction."""

    page: int
    commits: bool
    salts: _Sums
    sums: _Sums
    summed: bytes
    """The first eight bytes of the frame's header."""
    data: bytes


class Tear(NamedTuple):
    """The first frame that does not verify; `certain` where it cannot be what a power cut left of the last write."""

    frame: int
    certain: bool

    def __str__(self) -> str:
        why = "damaged" if self.certain else "damaged, or was cut off by a crash of the machine while it was written"
        return f"the write-ahead log is {why} at frame {self.frame}; what it held from there on is not in the run"


def frames(log: bytes) -> Iterator[Frame]:
    """Every whole frame of the present generation; what lies behind it is older and in the file already."""
    if len(log) < HEADER:
        return
    newest = struct.unpack_from(">II", log, 16)
    for at in range(HEADER, len(log) - FRAME + 1, FRAME):
        page, size, *numbers = struct.unpack_from(">6I", log, at)
        salts, sums = (numbers[0], numbers[1]), (numbers[2], numbers[3])
        if salts[0] == (newest[0] - 1) & 0xFFFFFFFF and salts[1] != newest[1]:
            return
        data = log[at + FRAME_HEADER : at + FRAME]
        yield Frame(page, size > 0, salts, sums, log[at : at + 8], data)


def committed(log: bytes) -> list[Frame]:
    """The frames up to the end of the last transaction, verified or not."""
    found = list(frames(log))
    while found and not found[-1].commits:
        found.pop()
    return found


def tear(log: bytes) -> Tear | None:
    """Where the log stops to verify, if it does so before its end."""
    whole = list(frames(log))
    broken = _broken(log, whole)
    if broken is None:
        return None
    ends = next((i for i in range(max(broken - 1, 0), len(whole)) if whole[i].commits), len(whole))
    return Tear(broken, ends < len(whole) - 1)


def refuse_torn(path: Path) -> None:
    """Raise DamagedRun where a writer who opens the file would lose what was acknowledged."""
    log = wal_of(path)
    with disk(path.parent):
        torn = tear(log.read_bytes()) if log.exists() else None
    if torn and torn.certain:
        raise DamagedRun(f"{path.parent.name}: {torn}", hint=salvage_hint(path.parent))


def _broken(log: bytes, whole: list[Frame]) -> int | None:
    """Number of the first frame that does not verify, 0 for the log's header."""
    if not whole:
        return None
    magic, version, page, _, *rest = struct.unpack_from(">8I", log)
    order = {_MAGIC: "<", _MAGIC + 1: ">"}.get(magic, "<" if sys.byteorder == "little" else ">")
    sums = checksum(log[:24], (0, 0), order)
    if magic >> 1 != _MAGIC >> 1 or (version, page) != (_VERSION, PAGE) or list(sums) != rest[2:]:
        return 0
    for number, frame in enumerate(whole, 1):
        sums = checksum(frame.summed + frame.data, sums, order)
        if sums != frame.sums or list(frame.salts) != rest[:2]:
            return number
    return None


def checksum(data: bytes, seed: _Sums, order: str) -> _Sums:
    """SQLite's running sum over pairs of 32-bit words."""
    a, b = seed
    words = iter(struct.unpack(f"{order}{len(data) // 4}I", data))
    for first, second in zip(words, words, strict=True):
        a = (a + first + b) & 0xFFFFFFFF
        b = (b + second + a) & 0xFFFFFFFF
    return a, b
