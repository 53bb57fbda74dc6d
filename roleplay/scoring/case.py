"""What is scored, read once: events by kind, agreed commitments by text, and which of them fit a test.

Every answer carries the ids that prove it. Knows no item, metric or lens.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from ..commitments import DAYS, Commitment, day_in
from ..crises import Crisis
from ..crises.patterns import Pattern
from ..crises.scoresheet import Bound, Clause, ScoreFile, ScoreSheet, Term, Test, Tests
from ..events import Breach, Event, Moved, PhaseClosed
from ..ledger import Entry
from ..transcripts.figures import Figures
from ..transcripts.names import spaced
from .card import Evidence, Source

Held = tuple[bool, Evidence]
NO: Held = (False, ())

STATED: Mapping[Term, Callable[[Commitment], bool]] = {
    "scope": lambda c: bool(c.scope),
    "start": lambda c: bool(c.start),
    "duration": lambda c: c.duration.kind not in ("open", "unstated"),
    "trigger": lambda c: bool(c.trigger),
    "verification": lambda c: not {"none", "na", "to_be_designed"}.issuperset(c.verification),
    "on_breach": lambda c: bool(c.on_breach) or c.reversible == "snapback",
    "conditions": lambda c: c.conditions not in ("", "none"),
    "in_return_for": lambda c: bool(c.in_return_for),
}
"""When a clause states a term; 'open' says that no end is set, which is no duration."""

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def days_of(clause: Commitment, agreed: str) -> int | None:
    """Days for which a dated clause holds, None where its words do not tell."""
    days = [day for text in re.findall(r"\d{4}-\d\d-\d\d", clause.duration.detail) if (day := day_in(text))]
    if len(days) > 1:
        return (days[-1] - days[0]).days
    if days:
        return (days[0] - clause.begins(date.fromisoformat(agreed))).days
    span = re.search(rf"(\d{{1,4}}|{'|'.join(NUMBERS)})[ -]*({'|'.join(DAYS)})", clause.duration.detail.lower())
    if not span:
        return None
    number = int(span[1]) if span[1].isdigit() else NUMBERS.index(span[1]) + 1
    return number * DAYS[span[2]]


def words_of(clause: Commitment, titles: Mapping[str, Any]) -> str:
    """The free text of a clause in small letters, the title of its object included."""
    title = getattr(titles.get(clause.object), "title", "")
    parts = (clause.object.replace("_", " "), title, clause.scope, clause.note)
    return " | ".join(part for part in parts if part).lower()


@dataclass(frozen=True)
class Case:
    """A run, or commitments from outside, with everything that figures are read from."""

    crisis: Crisis
    sheet: ScoreSheet
    source: Source
    entries: tuple[Entry, ...]
    """Commitments agreed in the game or text; not those that stood before."""
    events: tuple[Event, ...] = ()
    figures: Figures | None = None
    measured: dict[str, Any] = field(default_factory=dict)
    """Figures found so far, by name, and what several of them share."""
    _found: dict[int, tuple[Event, ...]] = field(default_factory=dict)

    @property
    def rules(self) -> ScoreFile:
        return self.sheet.score

    @property
    def outside(self) -> bool:
        """Whether there was no game: rings and forms are not known then."""
        return self.figures is None

    @property
    def play(self) -> Figures:
        """What its game adds up to, of a case that is one."""
        assert self.figures is not None
        return self.figures

    @cached_property
    def seats(self) -> tuple[str, ...]:
        if self.figures:
            return self.figures.record.seats
        return tuple(dict.fromkeys(p for e in self.entries for p in e.commitment.parties))

    # --- events ------------------------------------------------------------------------------------------------------

    @cached_property
    def by_kind(self) -> dict[str, list[Event]]:
        """Events of the rounds by kind, moves by kind of move too; what was set up before is nobody's doing."""
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.round:
                found[event.kind].append(event)
                if isinstance(event, Moved):
                    found[f"move {event.move.kind}"].append(event)
        return found

    @cached_property
    def rounds(self) -> int:
        """Rounds that were settled."""
        return sum(isinstance(e, PhaseClosed) and e.phase == "settle" for e in self.by_kind["phase"])

    @cached_property
    def order(self) -> dict[str, int]:
        """Event id -> its place in the run."""
        return {event.id: n for n, event in enumerate(self.events)}

    def find(self, pattern: Pattern) -> tuple[Event, ...]:
        """Events of the rounds that fit a pattern of the sheet, in order."""
        key = id(pattern)
        if key not in self._found:
            fits = self.crisis.matcher.fits
            self._found[key] = tuple(e for e in self._candidates(pattern) if fits(pattern, e))
        return self._found[key]

    def find_all(self, patterns: Iterable[Pattern]) -> list[Event]:
        """Events that fit one of the patterns, each once, in order."""
        found = {e.id: e for p in patterns for e in self.find(p)}
        return sorted(found.values(), key=lambda e: self.order[e.id])

    def _candidates(self, p: Pattern) -> Sequence[Event]:
        lists = self.by_kind
        if p.move:
            return [e for kind in p.move for e in lists[f"move {kind}"]]
        if p.instrument or p.family or p.params:
            return lists["move use"]
        if p.tone or p.line:
            return lists["move statement"]
        if p.kind:
            return [e for kind in p.kind for e in lists[kind]]
        return [e for e in self.events if e.round]

    # --- commitments -------------------------------------------------------------------------------------------------

    @cached_property
    def texts(self) -> dict[str, list[Entry]]:
        """Entries by the text that holds them, in the order of its clauses."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            found[entry.deal].append(entry)
        return found

    @property
    def clauses(self) -> list[Commitment]:
        """What was agreed, whatever became of it."""
        return [entry.commitment for entry in self.entries]

    def proof(self, entry: Entry) -> Evidence:
        """What shows that an entry was agreed, and what became of it."""
        if self.outside:
            return (entry.id,)
        return (entry.deal, *self._breaches.get(entry.id, ()))

    def proofs(self, entries: Iterable[Entry]) -> Evidence:
        """The same for several, each id once."""
        return tuple(dict.fromkeys(id for entry in entries for id in self.proof(entry)))

    @cached_property
    def standing(self) -> list[Entry]:
        """Entries in force at the end."""
        return [entry for entry in self.entries if entry.status == "in force"]

    @cached_property
    def _breaches(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for event in self.by_kind["breach"]:
            if isinstance(event, Breach):
                found[event.commitment] += [event.id, *event.evidence]
        return found

    def agreed(self, clause: Clause, standing: str = "in force") -> list[Entry]:
        """Entries that fit a clause of the sheet."""
        return [e for e in self.entries if _stands(e, standing) and self.fits(clause, e)]

    def fits(self, wanted: Clause, entry: Entry) -> bool:
        """Whether an entry is such a clause, with such terms and such company."""
        clause, played = entry.commitment, not self.outside
        if not wanted.clause_fits(clause):
            return False
        for asked, found in (
            (wanted.ring if played else None, (entry.ring,)), (wanted.form if played else None, (entry.form,)),
            (wanted.party, entry.parties), (wanted.duration, (clause.duration.kind,)),
            (wanted.reversible, (clause.reversible,)), (wanted.verification, clause.verification),
        ):  # fmt: skip
            if asked is not None and set(asked).isdisjoint(found):
                return False
        return self._terms_fit(wanted, entry) and self._company_fits(wanted, entry)

    def _terms_fit(self, wanted: Clause, entry: Entry) -> bool:
        clause = entry.commitment
        if not all(STATED[t](clause) for t in wanted.states) or any(STATED[t](clause) for t in wanted.lacks):
            return False
        if wanted.days and clause.duration.kind == "dated" and (days_of(clause, entry.since) or 0) < wanted.days:
            return False
        if not wanted.mentions and not wanted.omits:
            return True
        words = words_of(clause, self.crisis.objects)
        said = not wanted.mentions or bool(re.search(wanted.mentions, words, re.IGNORECASE))
        return said and not (wanted.omits and re.search(wanted.omits, words, re.IGNORECASE))

    def _company_fits(self, wanted: Clause, entry: Entry) -> bool:
        text = self.texts[entry.deal]
        if wanted.paired and not any(self.tied(entry, o) and self.fits(wanted.paired, o) for o in text):
            return False
        return not wanted.beside or any(o is not entry and self.fits(wanted.beside, o) for o in text)

    def tied(self, one: Entry, other: Entry) -> bool:
        """Whether two clauses of a text were given for each other: one names the other, or depends on a condition."""
        if one is other or one.deal != other.deal:
            return False
        a, b = one.commitment, other.commitment
        if set(a.parties) == set(b.parties):
            return False
        if a.in_return_for or b.in_return_for:
            return self._names(a, other) or self._names(b, one)
        return STATED["conditions"](a) or STATED["conditions"](b)

    def _names(self, clause: Commitment, other: Entry) -> bool:
        said, number = clause.in_return_for.lower(), self.texts[other.deal].index(other) + 1
        return str(number) in re.findall(r"\d+", said) or spaced(other.commitment.object) in spaced(said)

    # --- tests -------------------------------------------------------------------------------------------------------

    def all_hold(self, tests: Tests) -> Held:
        """Whether all tests hold, and what shows it."""
        shown: dict[str, None] = {}
        for test in tests:
            held, evidence = self.holds(test)
            if not held:
                return NO
            shown.update(dict.fromkeys(evidence))
        return True, tuple(shown)

    def any_holds(self, tests: Tests) -> Held:
        """Whether one of the tests holds, and what shows all that do."""
        found = [self.holds(test) for test in tests]
        return any(h for h, _ in found), tuple(dict.fromkeys(i for h, ids in found if h for i in ids))

    def holds(self, test: Test) -> Held:
        """Whether a test holds at the end, and what shows it; what does not happen leaves no evidence."""
        parts: list[Held] = []
        if test.clause:
            parts.append(self._clauses(test, test.clause))
        if test.ever:
            events = self.find(test.ever)
            parts.append((bool(events), tuple(e.id for e in events)))
        if test.indicator is not None:
            value = self.figures.world.value(test.indicator, test.of) if self.figures else None
            parts.append((value is not None and _within(value, test.above, test.below), ()))
        if test.metric:
            parts.append(self._bound(test.metric))
        if test.any:
            parts.append(self.any_holds(test.any))
        held = all(h for h, _ in parts)
        if test.negate:
            return not held, ()
        return (True, tuple(dict.fromkeys(i for _, ids in parts for i in ids))) if held else NO

    def _clauses(self, test: Test, wanted: Clause) -> Held:
        entries = self.agreed(wanted, test.standing)
        match test.distinct:
            case "clauses":
                number = len(entries)
            case "objects":
                number = len({e.commitment.object for e in entries})
            case "mechanisms":
                number = len({m.id for m in self.rules.mechanisms if any(self.fits(m.clause, e) for e in entries)})
        return test.at_least <= number <= test.at_most, self.proofs(entries)

    def _bound(self, bound: Bound) -> Held:
        found = self.measured.get(bound.name)
        value = found.value if found else None
        if isinstance(value, dict):
            value = value.get(bound.of)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return NO
        evidence = found.evidence if found else ()
        if bound.of in self.seats:
            evidence = tuple(i for i in evidence if self.events[self.order[i]].seat == bound.of)
        return _within(value, bound.above, bound.below), evidence


def _within(value: float, above: float | None, below: float | None) -> bool:
    return (above is None or value > above) and (below is None or value < below)


def _stands(entry: Entry, standing: str) -> bool:
    match standing:
        case "in force":
            return entry.status == "in force"
        case "broken":
            return entry.status in ("broken", "renounced")
        case _:
            return True


def seat_named(crisis: Crisis, sheet: ScoreSheet, name: str) -> str:
    """The seat that a name of an outside text means; any other name stays as it is."""
    low = name.strip().lower()
    names = {row.name.lower(): seat for seat, row in crisis.seats.items()} | dict(sheet.score.aliases)
    return low if low in crisis.seats else names.get(low, name.strip())


def outside_entries(
    crisis: Crisis, sheet: ScoreSheet, clauses: Iterable[Commitment], spans: Sequence[str]
) -> list[Entry]:
    """Clauses of one text from outside as entries in force, named by their spans."""
    named = ((c, tuple(seat_named(crisis, sheet, p) for p in c.parties)) for c in clauses)
    meant = [c.model_copy(update={"parties": parties}) for c, parties in named]
    parties = tuple(sorted({p for c in meant for p in c.parties}))
    return [
        Entry(span, clause, parties, None, "deal", 1, "2000-01-01", frozenset(), "text")
        for clause, span in zip(meant, spans, strict=True)
    ]
