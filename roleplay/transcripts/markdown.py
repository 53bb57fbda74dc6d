"""A run as Markdown that reads well on GitHub: the same content and order as the page, text made inert.

Every text that a person or a model wrote goes through `inert`, so that it cannot become markup, a link or an image.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..events import AnyEvent, Breach, Deal, Effect, Moved, Ruling, Tally
from ..moves import Commitment, Pledge
from .charts import round_label, shown_values, summary_of, value_label
from .clauses import clause_words, terms, what
from .figures import Figures
from .names import spaced, tag
from .record import RunRecord
from .tables import facts_of, players_of, tiles_of, view_note
from .timeline import Lane, PhasePart, TurnPart, audience, rounds_of
from .words import (
    VERDICTS,
    breach_words,
    clauses_of,
    deal_words,
    ended_words,
    headline,
    in_words,
    number,
    signed,
    tried_words,
)

OUTCOMES = {
    "ok": "", "passed": " passes", "repaired": " (after a repair)",
    "failed": " **Turn FAILED**: no legal answer; neither a pass nor restraint",
}  # fmt: skip

_SPECIAL = re.compile(r"[\\`*_\[\]#|~$]")
_START = re.compile(r"^([+\->=]|\d+(?=[.)](?:\s|$)))")
_ADDRESS = re.compile(r"(?i)(@|\b(?:https?|ftp|mailto)(?=:)|\bwww(?=\.))")


def inert(text: str) -> str:
    """A text as Markdown that shows exactly that text: one line, no markup, no HTML, no mention, no address."""
    return _START.sub(_shown, inline(text))


def inline(text: str) -> str:
    """The same for a text that does not begin a line, as in a cell of a table."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return _ADDRESS.sub(r"\1&#8203;", _SPECIAL.sub(r"\\\g<0>", flat))


def _shown(found: re.Match[str]) -> str:
    """The start of a line that would make it a list, a quotation or a heading, so that it does not."""
    return f"{found[0]}&#8203;" if found[0].isdigit() else f"\\{found[0]}"


def render_markdown(record: RunRecord) -> str:
    """The whole transcript."""
    lines = _Markdown(record, Figures(record)).page()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


@dataclass(frozen=True)
class _Markdown:
    record: RunRecord
    figures: Figures

    def page(self) -> Iterator[str]:
        yield from self.head()
        yield from self.glance()
        yield from self.players()
        for part in rounds_of(self.record.events):
            yield from ("", f"## {round_label(part.number)} ({inert(part.at)})", "")
            for phase in part.phases:
                yield from self.phase(phase, part.number)
        yield from self.ledger()
        yield from self.indicators()

    # --- head --------------------------------------------------------------------------------------------------------

    def head(self) -> Iterator[str]:
        run, played = self.record.run, self.record.played
        notice = inert(run.notice[:1].upper() + run.notice[1:])
        yield f"> **{notice}.** {self.record.view_title}: {view_note(self.record.view)}"
        if played.words:
            yield f"> {inert(played.words[:1].upper() + played.words[1:])}."
        yield from ("", f"# {inert(run.title)}", "")
        yield f"Opens {inert(run.opens)}, {run.rounds} rounds at most, scenario {inert(run.scenario)}."
        yield from ("", inert(run.brief), "")

    def glance(self) -> Iterator[str]:
        ending, series = self.figures.ending, self.figures.tension
        yield from ("## At a glance", "")
        yield (
            f"**{inert(ended_words(ending))}:** {inert(ending.reason)}"
            if ending
            else "**No ending has been reached yet.**"
        )
        yield from ("", "; ".join(f"{title}: {figure}" for title, figure, _ in tiles_of(self.figures)) + ".", "")
        if series:
            yield from (inert(summary_of(series, self.record.names)), "")
        for i, moment in enumerate(self.figures.key_moments(), 1):
            e = moment.event
            yield f"{i}. {round_label(e.round)}, {e.phase}: {inline(self.short(e))}{self.deltas(moment.changes)}"
        yield ""

    def deltas(self, effects: Sequence[Effect]) -> str:
        names = self.record.names
        words = (f"{names.indicator(e.indicator, e.of)} {signed(e.by)}" for e in effects)
        return f" ({inert(', '.join(words))})" if effects else ""

    def short(self, event: AnyEvent) -> str:
        names = self.record.names
        match event:
            case Deal():
                return deal_words(event, names)
            case Breach():
                return f"{breach_words(event, names)}: {what(event.clause, names)}"
            case Moved(seat=str() as seat):
                return f"{names.seat(seat)} {headline(event.move, names, event.number, seat)}"
            case _:
                return in_words(event, names)

    def players(self) -> Iterator[str]:
        yield from ("## Who plays", "")
        rows = [
            (tag(p.seat), p.name, p.driver, p.strategy, str(p.turns), str(p.failed)) for p in players_of(self.figures)
        ]
        yield from table(("Seat", "Government", "Played by", "Strategy", "Turns", "FAILED"), rows)
        facts = "; ".join(f"{title.lower()} {value}" for title, value in facts_of(self.figures))
        yield from ("", inert(f"{facts[:1].upper()}{facts[1:]}.") if facts else "", "")

    # --- rounds ------------------------------------------------------------------------------------------------------

    def phase(self, phase: PhasePart, round: int) -> Iterator[str]:
        if phase.empty:
            return
        if round:
            yield from (f"### {phase.phase.capitalize()}", "")
        for lane in phase.lanes:
            yield from self.lane(lane)
        if phase.effects:
            yield from self.moved(phase.effects)

    def lane(self, lane: Lane) -> Iterator[str]:
        if lane.ring:
            yield from (f"#### {inert(self.record.names.ring(lane.ring))} ({self.who(lane.readers)})", "")
        for part in lane.turns:
            yield from self.turn(part, lane) if part.seat else self.told(part.events)

    def who(self, readers: Sequence[str]) -> str:
        return inert(f"read by: {audience(readers, self.record.seats)}")

    def aside(self, readers: Sequence[str], around: Sequence[str]) -> str:
        """Who may read something, where that is not who may read what stands around it."""
        return "" if tuple(readers) == tuple(around) else f" *({self.who(readers)})*"

    def turn(self, part: TurnPart, lane: Lane) -> Iterator[str]:
        names, spoken, seat = self.record.names, part.spoken, part.seat or ""
        around = lane.readers if lane.ring else ()
        by = f"**{tag(seat)} {inert(names.seat(seat))}**"
        if spoken:
            post = f" ({inert(names.post(seat, spoken.post))})" if spoken.post else ""
            by += f"{post}{OUTCOMES[spoken.outcome]}{self.aside(spoken.readers, around) if spoken.text else ''}"
        yield from (by, "")
        if spoken and spoken.text:
            yield from (f"> {inert(spoken.text)}", "")
        for event in part.moves:
            if not (event.move.kind == "pass" and spoken and spoken.outcome == "passed"):
                yield from self.move(event, part, spoken.readers if spoken and spoken.text else around)
        for intent in part.intents:
            yield from (f"- {inert(in_words(intent, names))}{self.aside(intent.readers, around)}", "")
        for ruling in part.rulings:
            yield from self.ruling(ruling, around)
        for thought in part.thoughts:
            title = "Private deliberation" if thought.kind == "deliberation" else "The provider's reasoning"
            yield f"<details><summary>{title} ({inline(audience(thought.readers, self.record.seats))})</summary>"
            yield from ("", inert(thought.text), "", "</details>", "")
        yield from self.told(part.results)

    def move(self, event: Moved, part: TurnPart, around: Sequence[str]) -> Iterator[str]:
        text = headline(event.move, self.record.names, event.number, event.seat)
        yield f"- {inert(text[:1].upper() + text[1:])}{self.aside(event.readers, around)}"
        if not (isinstance(event.move, Pledge) and part.results):
            yield from self.clauses(clauses_of(event.move), "  ")
        yield ""

    def clauses(self, listed: Iterable[Commitment], indent: str = "") -> Iterator[str]:
        names = self.record.names
        for i, clause in enumerate(listed, 1):
            more = "; ".join(terms(clause, names))
            yield f"{indent}{i}. {inert(what(clause, names))}" + (f" – {inert(more)}" if more else "")

    def ruling(self, ruling: Ruling, around: Sequence[str]) -> Iterator[str]:
        kind = f"{ruling.rule_kind}, {inert(ruling.strength)}"
        rule = f"**{VERDICTS[ruling.verdict]}**, rule {inert(ruling.rule)} ({kind})"
        legal = f" Legal: {inert(ruling.legal)}" if ruling.legal and ruling.verdict == "blocked" else ""
        tried = inert(tried_words(ruling, self.record.names))
        yield f"> {rule}: {tried}. {inert(ruling.why)}{legal}{self.aside(ruling.readers, around)}"
        yield ""

    def told(self, events: Iterable[AnyEvent]) -> Iterator[str]:
        for event in events:
            match event:
                case Deal():
                    yield from (f"**{inert(deal_words(event, self.record.names))}** ({self.who(event.readers)})", "")
                    yield from (*self.clauses(event.commitments), "")
                case Tally():
                    yield from self.tally(event)
                case Ruling():
                    yield from self.ruling(event, ())
                case _:
                    heard = "" if "public" in event.readers else f" *({self.who(event.readers)})*"
                    yield from (f"- {inert(in_words(event, self.record.names))}{heard}", "")

    def tally(self, event: Tally) -> Iterator[str]:
        yield from (f"**{inert(in_words(event, self.record.names))}**", "")
        rows = []
        for vote, title in (("yes", "In favour"), ("no", "Against"), ("abstain", "Abstaining")):
            voters = [who for who, cast in event.votes.items() if cast == vote]
            named = [self.record.names.seats.get(w, w) + (" (by rule)" if w in event.by_rule else "") for w in voters]
            rows.append((title, str(len(voters)), ", ".join(named) or "–"))
        yield from (*table(("Vote", "Number", "Members"), rows), "")

    def moved(self, effects: Sequence[Effect]) -> Iterator[str]:
        rows = []
        for group in self.figures.moved(effects):
            first, last = group[0], group[-1]
            name = self.record.names.indicator(first.effect.indicator, first.effect.of)
            why = "; ".join(
                f"{signed(c.effect.by)} {spaced(c.effect.row)} (claim {c.effect.claim})"
                + (", known before" if c.counted_before else "")
                for c in group
            )
            rows.append((name, number(first.before), number(last.after), signed(last.after - first.before), why))
        yield from (*table(("Indicator", "Before", "After", "Change", "Why"), rows), "")

    # --- end ---------------------------------------------------------------------------------------------------------

    def ledger(self) -> Iterator[str]:
        figures, names = self.figures, self.record.names
        yield from ("", "## Ledger", "")
        rows = []
        for entry in figures.ledger.entries.values():
            untested = ", untested" if entry.status == "in force" and figures.untested(entry) else ""
            by = f" by {names.seat(entry.broken_by)}" if entry.broken_by else ""
            known = audience(sorted(entry.readers), self.record.seats)
            rows.append((entry.id, f"{entry.status}{untested}{by}", clause_words(entry.commitment, names), known))
        yield from (*table(("Commitment", "Status", "What", "Known to"), rows), "")
        for proposal in figures.proposals("open", "rejected", "withdrawn", "lapsed", "not adopted"):
            words = "; ".join(what(c, names) for c in proposal.commitments)
            where = f"{proposal.ring}/{proposal.number}, {proposal.status}, by {names.seat(proposal.by)}"
            yield f"- {inert(f'{where}: {words}')}"

    def indicators(self) -> Iterator[str]:
        series = self.figures.all_series
        if not series:
            return
        yield from ("", "## Indicators", "")
        heads = ("Indicator", *(round_label(n) for n in series[0].rounds))
        rows = [
            (self.record.names.indicator(s.indicator, s.of), *(value_label(s, v) for v in shown_values(s)))
            for s in series
        ]
        yield from table(heads, rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of texts; nothing where there are no rows."""
    listed = list(rows)
    if listed:
        yield f"| {' | '.join(heads)} |"
        yield f"|{'---|' * len(heads)}"
        yield from (f"| {' | '.join(inline(cell) for cell in row)} |" for row in listed)
