"""Which policy lines a government would take in public, best first. Knows no line by name."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from ..personas import Item
from .reading import Reading

STEM = 6
"""Letters by which two words are taken for the same."""
LONG = 5
"""Letters of the shortest word that tells anything."""
COMMON = frozenset({"about", "after", "again", "always", "before", "other", "their", "there", "these", "those"})


def preferred_lines(r: Reading) -> list[str]:
    """The strategy's lines, then those its dossier leans to by name; else the one that speaks most like it."""
    return r.view.once("lines", lambda: _preferred(r))


def _preferred(r: Reading) -> list[str]:
    leanings = sorted((row for row in r.dossier.instruments if row.weight > 0), key=lambda row: -row.weight)
    named = [line for line in (*r.strategy.line, *(row.id for row in leanings)) if line in r.sheet.lines]
    return list(dict.fromkeys(named)) or [max(r.sheet.lines, key=lambda line: _kinship(r, line))]


def _kinship(r: Reading, line: str) -> float:
    """How much of a line's wording is the dossier's: words of many lines tell less, those of red lines against it."""
    persona = r.sheet.persona
    said: dict[str, frozenset[str]] = {name: _stems(row.title, row.meaning) for name, row in r.sheet.lines.items()}
    shared = Counter(stem for stems in said.values() for stem in stems)

    def overlap(*items: Item) -> float:
        return sum(1 / shared[stem] for stem in said[line] & _stems(*(item.text for item in items)))

    positions = overlap(*persona.opening_position, *persona.language)
    wishes = overlap(*persona.interests, *persona.acceptable_trades)
    score: float = (2 * positions + wishes - overlap(*persona.red_lines)) / max(1, len(said[line])) ** 0.5
    return score


@lru_cache(maxsize=1024)
def _stems(*texts: str) -> frozenset[str]:
    words = re.findall(rf"[a-z]{{{LONG},}}", " ".join(texts).lower())
    return frozenset(word[:STEM] for word in words if word not in COMMON)
