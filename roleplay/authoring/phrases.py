"""The language of crisis data as plain English: patterns, conditions, effects, sources, marks of doubt.

Knows nothing about which parts of a crisis there are; their sentences are in the templates beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..commitments import Commitment
from ..crises import Crisis
from ..crises.patterns import Condition, Pattern
from ..crises.places import dossier_folders
from ..crises.worlds import EffectRow
from ..loading import load_document
from ..personas import sources_of
from ..transcripts.names import Names, listed, spaced
from ..transcripts.words import clause_words

_WORDS = load_document(Path(__file__).parent / "words" / "phrases.yaml").data
ROOMS: Mapping[str, str] = _WORDS["confidentiality"]


@dataclass(frozen=True)
class Phrases:
    """Words for one crisis's data; without a crisis, ids stand for themselves."""

    crisis: Crisis | None

    @cached_property
    def names(self) -> Names:
        return Names.of_crisis(self.crisis)

    def seats(self, ids: Iterable[str]) -> str:
        return listed(self.names.seat(id) for id in ids)

    def rings(self, ids: Iterable[str]) -> str:
        return listed(quoted(self.names.ring(id)) for id in ids)

    def clause(self, clause: Commitment) -> str:
        return clause_words(clause, self.names)

    def pattern(self, pattern: Pattern, head: str = "") -> str:
        """'A or B speaks in public, in the tone 'threat''; `head` stands instead of what happens and who does it."""
        parts = [head or self._happening(pattern)]
        if pattern.params:
            parts.append(listed(f"{spaced(name)} {_either(map(str, v))}" for name, v in pattern.params.items()))
        for field, text in _WORDS["qualifiers"].items():
            if (values := getattr(pattern, field)) is not None:
                parts.append(text.format(_either(self._named(field, value) for value in values)))
        for field, texts in _WORDS["flags"].items():
            if (flag := getattr(pattern, field)) is not None:
                parts.append(texts[flag])
        return ", ".join(parts)

    def _happening(self, pattern: Pattern) -> str:
        who = _either(map(self.names.seat, pattern.seat)) if pattern.seat else "a government"
        if pattern.instrument:
            return f"{who} uses {_either(quoted(self.names.instrument(i)) for i in pattern.instrument)}"
        if pattern.family:
            return f"{who} uses an instrument of {_either(map(spaced, pattern.family))}"
        if pattern.move:
            return f"{who} {_either(_WORDS['moves'].get(m, spaced(m)) for m in pattern.move)}"
        if pattern.kind:
            return _either(_WORDS["kinds"].get(k, spaced(k)) for k in pattern.kind)
        return "a clause" if pattern.asks_clause and pattern.seat is None else f"{who} does anything"

    def _named(self, field: str, id: str) -> str:
        """An id as a field of a pattern names it."""
        n = self.names
        namers = {"type": n.type, "object": n.object, "giver": n.seat, "line": n.line, "ring": n.ring, "about": n.ring}
        name = namers.get(field, spaced)(id)
        return quoted(name) if field in ("tone", "line", "ring", "about") else name

    def condition(self, condition: Condition) -> str:
        """'Tension is above 75'; what is asked for together is joined by 'and'."""
        c, found = condition, []
        if c.indicator is not None:
            bounds = [
                f"{word} {limit:g}" for word, limit in (("above", c.above), ("below", c.below)) if limit is not None
            ]
            found.append(f"{self.names.indicator(c.indicator, c.of)} is {' and '.join(bounds)}")
        if c.in_force is not None:
            found.append(self.pattern(c.in_force, "a clause is in force"))
        if c.ring_open is not None:
            found.append(f"'{self.names.ring(c.ring_open)}' is open")
        if c.now is not None:
            found.append(f"this round {self.pattern(c.now)}")
        if c.ever is not None:
            times = f" ({c.times} times)" if c.times > 1 else ""
            found.append(f"so far {self.pattern(c.ever)}{times}")
        if c.from_round is not None:
            found.append(f"it is round {c.from_round} or later")
        text = " and ".join(found)
        return f"it is not so that {text}" if c.negate else text

    def conditions(self, conditions: Iterable[Condition]) -> str:
        return "; and ".join(map(self.condition, conditions))

    def effect(self, effect: EffectRow) -> str:
        """'Tension rises by 3'."""
        whose = f" ({' and '.join(_WORDS['whose'].get(w) or self.names.audience(w) for w in effect.of.split(':'))})"
        name = self.names.indicator(effect.indicator) + (whose if effect.of else "")
        return f"{name} {'rises' if effect.by >= 0 else 'falls'} by {abs(effect.by):g}"

    def effects(self, effects: Iterable[EffectRow]) -> str:
        return listed(map(self.effect, effects)) or "nothing moves"

    def source(self, key: str) -> str:
        """A source in one line; general knowledge and what is ours say so."""
        rows = [self._sources[key]] if key in self._sources else []
        parts = [
            str(part) for row in rows for part in (row.title, row.publisher, row.symbol, row.year, row.url) if part
        ]
        return f"{key}: {', '.join(part for part in parts if part != '-')}" if parts else key

    @cached_property
    def _sources(self) -> dict[str, Any]:
        if self.crisis is None:
            return {}
        return {**sources_of(dossier_folders(self.crisis.folder)), **self.crisis.sources}


def _either(words: Iterable[str]) -> str:
    return listed(words, "or")


def quoted(text: str) -> str:
    return f"'{text}'"


def mark(status: str | None) -> str:
    """' [UNVERIFIED]', ' [inferred]', ' [written for play]', or nothing."""
    return f" [{_WORDS['marks'][status]}]" if status in _WORDS["marks"] else ""


def cited(data: Any) -> list[str]:
    """Keys of the sources that stand anywhere in plain data, in order."""
    found: list[str] = []
    if isinstance(data, dict):
        for key, value in data.items():
            found += map(str, value) if key == "src" and isinstance(value, list) else cited(value)
    elif isinstance(data, list):
        found += [key for value in data for key in cited(value)]
    return list(dict.fromkeys(found))
