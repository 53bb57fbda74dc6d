"""Two games of one variant side by side, aligned by round, with the first difference marked. Knows no statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..events import Breach, Deal, Ending, Inject, Leaked, Moved, Spoken, Tally
from ..transcripts.record import RunRecord, load_record
from ..transcripts.words import in_words
from .batch import RUNS, Batch
from .findings import Findings

SHOWN = (Spoken, Moved, Deal, Breach, Leaked, Tally, Inject, Ending)
LONGEST = 240
"""Characters of a line."""


@dataclass(frozen=True)
class Line:
    """One event as a line of a column; `key` says which line of the other game it stands beside."""

    id: str
    round: int
    key: tuple[Any, ...]
    words: str


def pair_of(found: Findings) -> tuple[str, str] | None:
    """Folders of the two games to show: the first planned comparison, in its most typical variant."""
    c = next((c for c in found.comparisons if c.planned and c.by_variant), None)
    if c is None or c.difference.mean is None:
        return None
    mean = c.difference.mean
    variant = min(c.by_variant, key=lambda row: (abs(row.difference - mean), row.variant)).variant
    arms = [found.side(c, level) for level in (c.against, c.level)]
    games = [
        {(g.seed, g.repeat): g.folder for g in found.games
         if (g.arm, g.model, g.variant, g.bucket) == (arm.name, arm.model, variant, "scored")}
        for arm in arms
    ]  # fmt: skip
    shared = sorted(games[0].keys() & games[1].keys())
    return (games[0][shared[0]], games[1][shared[0]]) if shared else None


def side_by_side(batch: Batch, found: Findings) -> dict[str, Any] | None:
    """Both columns by round, and where the games part; None where there is no pair to show."""
    pair = pair_of(found)
    folders = [batch.folder / RUNS / name for name in pair or ()]
    if pair is None or not all(folder.is_dir() for folder in folders):
        return None
    columns = [_lines(load_record(folder)) for folder in folders]
    apart = next((n for n, (a, b) in enumerate(zip(*columns, strict=False)) if (a.key, a.words) != (b.key, b.words)),
                 min(map(len, columns)))  # fmt: skip
    rows = [
        {"round": number, "columns": [[line for line in column if line.round == number] for column in columns]}
        for number in sorted({line.round for column in columns for line in column})
    ]
    first = [column[apart].id if apart < len(column) else None for column in columns]
    return {"folders": pair, "rows": rows, "first": first}


def _lines(record: RunRecord) -> list[Line]:
    return [
        Line(e.id, e.round, (e.round, e.phase, e.ring, e.seat, e.kind), _short(in_words(e, record.names)))
        for e in record.events if isinstance(e, SHOWN) and e.round
        and not (isinstance(e, Spoken) and not e.text and e.outcome != "failed")
    ]  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
