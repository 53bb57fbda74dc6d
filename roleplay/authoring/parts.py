"""The kinds of parts that a crisis has: how each is picked, and which of its files it stands in.

Knows nothing about how parts are listed or put in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..crises import Crisis
from ..crises.places import files_of
from ..rules.constitutive import RULES

Rows = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of part; `home` is a file of the crisis, or a folder of it with one part a file."""

    rows: Callable[[Crisis], Rows]
    home: str

    def path(self, crisis: Crisis, name: str) -> Path:
        """The file in which a part stands."""
        own = {} if self.home.endswith(".yaml") else files_of(crisis.folder, self.home)
        return own.get(name, crisis.folder / self.home)


def _metrics(crisis: Crisis) -> Rows:
    from ..scoring.metrics import described  # Slow to import, and no other kind needs it.

    return described(crisis.sheet.score) if crisis.sheet else {}


KINDS: dict[str, Kind] = {
    "crisis": Kind(lambda c: {c.file.id: c}, "crisis.yaml"),
    "scenario": Kind(lambda c: c.scenarios, "scenarios"),
    "persona": Kind(lambda c: c.personas, "personas"),
    "strategy": Kind(lambda c: c.strategies, "strategies"),
    "rule": Kind(lambda c: {**RULES, **c.rules}, "rules.yaml"),
    "instrument": Kind(lambda c: c.instruments, "instruments.yaml"),
    "commitment": Kind(lambda c: {**c.objects, **c.types}, "commitments.yaml"),
    "world": Kind(lambda c: c.worlds, "worlds"),
    "ring": Kind(lambda c: c.rings, "crisis.yaml"),
    "indicator": Kind(lambda c: c.indicators, "indicators.yaml"),
    "line": Kind(lambda c: c.lines, "crisis.yaml"),
    "ending": Kind(lambda c: {e.id: e for e in c.file.endings}, "crisis.yaml"),
    "lens": Kind(lambda c: {lens.id: lens for lens in c.sheet.score.lenses} if c.sheet else {}, "score.yaml"),
    "metric": Kind(_metrics, "score.yaml"),
}
"""By name; each can be listed, and has the template words/KIND.j2."""
