"""One flipped bit or one cut anywhere in a journal: every change to a row is seen, and what came before it is saved.

JOURNAL_DAMAGES=2000 runs the long form (about five minutes).
"""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from roleplay.errors import DamagedRun
from roleplay.journal import FILE, Journal, StoredRow
from roleplay.journal.salvage import salvage
from roleplay.journal.verify import verify

from .damaging import Span, content_of, damaged_copy, first_hurt, flipped, rows_of, spans
from .sample import SECRET, play, steps, write

DAMAGES = int(os.environ.get("JOURNAL_DAMAGES", "300"))
BATCHES = 5
LOG = f"{FILE}-wal"


@dataclass(frozen=True)
class Whole:
    """A run before any damage, and what each byte of its file belongs to."""

    folder: Path
    rows: list[StoredRow]
    content: object
    data: bytes
    spans: list[Span]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A finished run of some 270 rows, six of them of 30 kB."""
    folder = play(tmp_path_factory.mktemp("closed") / "run", turns=60)
    data = (folder / FILE).read_bytes()
    rows = rows_of(folder)
    return Whole(folder, rows, content_of(folder), data, spans(data, rows))


def saved_rows(folder: Path, out: Path, rows: list[StoredRow]) -> int:
    """How many rows salvage saves; they are the first ones, unchanged, in a run that verifies."""
    shutil.rmtree(out, ignore_errors=True)
    try:
        saved = salvage(folder, out)
    except DamagedRun:
        return 0
    count = saved.events + saved.replies
    assert rows_of(out) == rows[:count]
    assert verify(out).damage == []
    assert saved.lost > 0 or count == len(rows)
    return count


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_every_change_to_a_row_is_seen_and_every_row_before_it_saved(
    closed: Whole, tmp_path: Path, kind: str, batch: int
) -> None:
    rng = random.Random(f"{kind} {batch}")
    for _ in range(DAMAGES // BATCHES // 2):
        if kind == "flip":
            data, at = flipped(closed.data, rng)
            end = at + 1
        else:
            at, end = rng.randrange(len(closed.data)), len(closed.data)
            data = closed.data[:at]
        hurt = first_hurt(closed.spans, len(closed.rows), at, end)
        bad = damaged_copy(closed.folder, tmp_path / "bad", FILE, data)
        found = verify(bad)
        assert not found.ok or content_of(bad) == closed.content, f"{kind} at {at} is not seen"
        assert not found.ok or hurt > len(closed.rows), f"{kind} at {at} is not seen"
        assert saved_rows(bad, tmp_path / "out", closed.rows) >= hurt - 1, f"{kind} at {at}"


@dataclass(frozen=True)
class Killed:
    """A run whose writer was killed: its later half is in the write-ahead log only."""

    folder: Path
    rows: list[StoredRow]
    content: object
    log: bytes
    commits: list[tuple[int, int]]
    """Size of the log and number of rows after each commit."""

    def whole_before(self, at: int) -> int:
        """Rows of the transactions that end before a byte of the log."""
        return max((rows for size, rows in self.commits if size <= at), default=0)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    base = tmp_path_factory.mktemp("killed")
    commits = []
    play(base / "run", turns=10, finish=False)
    with Journal.open(base / "run", write=True) as journal:
        for step in islice(steps(journal, turns=28), 11, None):
            write(journal, step)
            journal.commit()
            size = (base / "run" / LOG).stat().st_size
            commits.append((size, len(journal.events) + len(journal.replies)))
        shutil.copytree(base / "run", base / "left")
    (base / "left" / f"{FILE}-shm").unlink()
    shutil.copytree(base / "left", base / "read")
    rows, content = rows_of(base / "read"), content_of(base / "read")
    return Killed(base / "left", rows, content, (base / "left" / LOG).read_bytes(), commits)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_flipped_bit_in_the_log_of_a_killed_run_is_seen(killed: Killed, tmp_path: Path, batch: int) -> None:
    rng = random.Random(f"log {batch}")
    for _ in range(DAMAGES // BATCHES // 6):
        data, at = flipped(killed.log, rng)
        bad = damaged_copy(killed.folder, tmp_path / "bad", LOG, data)
        found = verify(bad)
        assert (bad / LOG).read_bytes() == data, "verify leaves the evidence alone"
        assert saved_rows(bad, tmp_path / "out", killed.rows) >= killed.whole_before(at), f"flip at {at}"
        last = killed.commits[-2][0]
        if at < last and not found.ok:
            with pytest.raises(DamagedRun):
                Journal.open(bad, write=True)
        assert not found.ok or content_of(bad) == killed.content, f"flip at {at} is not seen"


def test_a_cut_log_is_what_a_kill_leaves_and_every_whole_commit_is_there(killed: Killed, tmp_path: Path) -> None:
    rng = random.Random("cut log")
    for _ in range(DAMAGES // 20):
        at = rng.randrange(len(killed.log))
        bad = damaged_copy(killed.folder, tmp_path / "bad", LOG, killed.log[:at])
        assert saved_rows_of_a_kill(bad, tmp_path / "out", killed) == killed.whole_before(at)
        with Journal.open(bad, write=True) as journal:
            whole = killed.whole_before(at) or len(rows_before(killed))
            assert len(journal.events) + len(journal.replies) == whole
        assert verify(bad).ok


def saved_rows_of_a_kill(folder: Path, out: Path, killed: Killed) -> int:
    """As `saved_rows`, where nothing tells that there was more; 0 where the log adds nothing."""
    shutil.rmtree(out, ignore_errors=True)
    saved = salvage(folder, out)
    count = saved.events + saved.replies
    assert rows_of(out) == killed.rows[:count]
    return count if count > len(rows_before(killed)) else 0


def rows_before(killed: Killed) -> list[StoredRow]:
    """The rows that are in the file and not only in the log."""
    first = killed.commits[0][1]
    begin = max(row.seq for row in killed.rows if row.seq < first and row.more == 0)
    return killed.rows[:begin]


def test_the_sample_is_what_these_tests_need(closed: Whole, killed: Killed) -> None:
    assert len(closed.rows) > 250
    assert sum(len(row.body.encode()) > 30_000 for row in closed.rows) == 6
    assert (closed.folder / LOG).exists() is False
    assert len(killed.rows) > len(rows_before(killed)) > 30
    assert closed.rows[0].follows(SECRET)
