"""The language of crisis data as plain English: patterns, conditions, effects, sources, marks of doubt.

Knows nothing about which parts of a crisis there are; their sentences are in the templates beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..crises import Crisis
from ..crises.models import EffectRow
from ..crises.patterns import Condition, Pattern
from ..crises.places import dossier_folders
from ..moves import Commitment
from ..personas import load_sources
from ..transcripts.clauses import clause_words
from ..transcripts.names import Names, listed, spaced

MARKS = {"inferred": "inferred", "unverified": "UNVERIFIED", "authored": "written for play"}
"""Statuses that are told wherever something is shown; what is verified needs no mark."""
ROOMS = {
    "secret": "its existence is hidden from all but its members", "confidential": "what is said there is private",
    "restricted": "for members only, formal outcomes are public", "public": "anyone may listen",
}  # fmt: skip
MOVES = {
    "table": "tables a text", "amend": "amends a text", "accept": "accepts a text", "reject": "refuses a text",
    "consult": "consults", "authorise": "authorises an instrument", "mandate": "gives a mandate",
    "open": "asks for a ring to open", "suspend": "suspends a ring", "leave": "walks out of a ring",
    "confide": "confides that a ring exists", "prearrange": "prearranges words that invite", "vote": "votes",
    "use": "uses an instrument", "break": "secretly breaks a commitment", "renounce": "renounces a commitment",
    "leak": "leaks a secret", "statement": "speaks in public", "pledge": "pledges something in public",
    "name_official": "names the official who answers for the policy", "announce": "announces a deal or a ring",
}  # fmt: skip
KINDS = {
    "deal": "a text binds", "breach": "a commitment is broken", "tally": "a vote is counted", "leak": "a secret leaks",
    "announcement": "something is announced", "channel": "a ring changes", "inject": "something happens",
    "ruling": "a rule is ruled upon", "turn": "a turn is taken",
}  # fmt: skip
WORDS = {
    "actor": "who did it", "target": "who was aimed at", "parties": "the parties", "everyone": "everyone",
}  # fmt: skip


@dataclass(frozen=True)
class Phrases:
    """Words for one crisis's data; without a crisis, ids stand for themselves."""

    crisis: Crisis | None

    @cached_property
    def names(self) -> Names:
        names = Names()
        if self.crisis is not None:
            names.seats.update({row.id: row.name for row in self.crisis.seats.values()})
            for kind in ("rings", "instruments", "types", "objects", "lines", "indicators"):
                rows = getattr(self.crisis, kind).values()
                getattr(names, kind).update({row.id: row.title for row in rows})
        return names

    def seats(self, ids: Iterable[str]) -> str:
        return listed(self.names.seat(id) for id in ids)

    def rings(self, ids: Iterable[str]) -> str:
        return listed(quoted(self.names.ring(id)) for id in ids)

    def clause(self, clause: Commitment) -> str:
        return clause_words(clause, self.names)

    def pattern(self, pattern: Pattern, head: str = "") -> str:
        """'A or B speaks in public, in the tone 'threat''; `head` stands instead of what happens and who does it."""
        names = self.names
        who = _either(names.seat(s) for s in pattern.seat) if pattern.seat else "a government"
        if head:
            pass
        elif pattern.instrument:
            head = f"{who} uses {_either(quoted(names.instrument(i)) for i in pattern.instrument)}"
        elif pattern.family:
            head = f"{who} uses an instrument of {_either(map(spaced, pattern.family))}"
        elif pattern.move:
            head = f"{who} {_either(MOVES.get(m, spaced(m)) for m in pattern.move)}"
        elif pattern.kind:
            head = _either(KINDS.get(k, spaced(k)) for k in pattern.kind)
        elif pattern.asks_clause and pattern.seat is None:
            head = "a clause"
        else:
            head = f"{who} does anything"
        given = ((field, getattr(pattern, field)) for field in self._qualifiers)
        tail = [self._qualifiers[field](value) for field, value in given if value is not None]
        return ", ".join([head, *tail])

    @cached_property
    def _qualifiers(self) -> dict[str, Callable[[Any], str]]:
        """Field of a pattern -> its words."""
        names = self.names

        def any_of(text: str, name: Callable[[str], str] = spaced) -> Callable[[Iterable[str]], str]:
            return lambda values: text.format(_either(name(value) for value in values))

        def ring(id: str) -> str:
            return quoted(names.ring(id))

        return {
            "params": lambda params: listed(
                f"{spaced(name)} {_either(map(str, values))}" for name, values in params.items()
            ),
            "tone": any_of("in the tone {}", quoted),
            "line": any_of("on the line {}", lambda id: quoted(names.line(id))),
            "post": any_of("by the post {}"), "type": any_of("of type {}", names.type),
            "object": any_of("about {}", names.object), "scope": any_of("with the scope {}"),
            "giver": any_of("that binds {}", names.seat), "ring": any_of("in {}", ring),
            "about": any_of("about {}", ring), "state": any_of("now {}"), "form": any_of("as a {}"),
            "adopted": lambda yes: "adopted" if yes else "not adopted",
            "unanimous": lambda yes: "with all permanent members for it" if yes else "with a permanent member apart",
            "public": lambda yes: "in public" if yes else "out of public sight",
            "outcome": any_of("with the outcome {}"), "rule": any_of("under the rule {}"),
            "verdict": any_of("which is {}"),
        }  # fmt: skip

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
        whose = f" ({' and '.join(WORDS.get(w) or self.names.audience(w) for w in effect.of.split(':'))})"
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
        found: dict[str, Any] = {}
        for folder in reversed(dossier_folders(self.crisis.folder)):
            found |= load_sources(folder)
        return found | self.crisis.sources


def _either(words: Iterable[str]) -> str:
    return listed(words, "or")


def quoted(text: str) -> str:
    return f"'{text}'"


def mark(status: str | None) -> str:
    """' [UNVERIFIED]', ' [inferred]', ' [written for play]', or nothing."""
    return f" [{MARKS[status]}]" if status in MARKS else ""


def cited(data: Any) -> list[str]:
    """Keys of the sources that stand anywhere in plain data, in order."""
    found: list[str] = []
    if isinstance(data, dict):
        for key, value in data.items():
            found += map(str, value) if key == "src" and isinstance(value, list) else cited(value)
    elif isinstance(data, list):
        found += [key for value in data for key in cited(value)]
    return list(dict.fromkeys(found))
