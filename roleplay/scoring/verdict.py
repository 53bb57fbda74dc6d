"""One page in words: what was stabilised, paid and broken, and what would break it next, each with what proves it.

Words and no new figure: everything here stands elsewhere on the card.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ..crises.scoresheet import NamedClause
from ..events import Intent
from ..ledger import Entry
from ..transcripts.names import Names, listed
from ..transcripts.words import in_words, what
from .card import Finding, Government, MetricValue, Verdict
from .case import Case
from .lenses import Failed
from .outcome import depth_of, named, untested

MOST = 8
"""Lines a part at most; it is one page."""
QUOTE = 240
"""Characters of a quotation."""


def quotes_of(case: Case, ids: Iterable[str]) -> dict[str, str]:
    """Cited events, or clauses of an outside text, in words."""
    names = Names.of_crisis(case.crisis).brief()
    if case.outside:
        return {e.id: what(e.commitment, names) for e in case.entries}
    events = (case.events[case.order[id]] for id in dict.fromkeys(ids))
    return {e.id: in_words(e, names)[:QUOTE] for e in events}


Metrics = Mapping[str, MetricValue]
Columns = Mapping[str, Government]


def verdict_of(case: Case, fails: Failed, metrics: Metrics, columns: Columns) -> Verdict:
    """The verdict; without the essential limit it is at most 'calmed, not stabilised'."""
    names = Names.of_crisis(case.crisis).brief()
    level = _level(case, fails, metrics)
    return Verdict(
        level=level, headline=_headline(case, level, fails, metrics),
        stabilised=tuple(_named(case, names, (*case.rules.limits, *case.rules.steps), deep=True))[:MOST],
        paid=tuple(_named(case, names, case.rules.prices))[:MOST],
        broken=tuple(_broken(case, names))[:MOST], next=tuple(_next(case, names, columns))[:MOST],
    )  # fmt: skip


def _level(case: Case, fails: Failed, metrics: Metrics) -> str:
    if fails:
        return "war" if "war" in fails else "failed"
    if not case.entries:
        return "nothing agreed" if case.outside else _course(metrics)
    if case.outside:
        return "agreed on paper"
    course = _course(metrics)
    return "stabilised" if course == "calmed, not stabilised" and metrics["limits"].value else course


def _course(metrics: Metrics) -> str:
    value = metrics["tension"].value if "tension" in metrics else None
    change = value.get("change") if isinstance(value, dict) else None
    if not isinstance(change, int | float) or abs(change) < 1:
        return "unchanged"
    return "calmed, not stabilised" if change < 0 else "escalated"


def _headline(case: Case, level: str, fails: Failed, metrics: Metrics) -> str:
    parts = [row.title.rstrip(".") for row, _ in fails.values()]
    tension = metrics["tension"].value if "tension" in metrics else None
    if isinstance(tension, dict):
        title = case.crisis.indicators[case.crisis.file.tension].title
        parts.append(f"{title} went from {tension['start']:g} to {tension['end']:g}, at most {tension['highest']:g}")
    held = "is" if metrics["limits"].value else "is not"
    parts.append(f"{case.rules.limits_title} {held} in force")
    return f"{level.capitalize()}: {'; '.join(parts)}."


def _named(case: Case, names: Names, rows: Iterable[NamedClause], *, deep: bool = False) -> Iterator[Finding]:
    first: dict[str, tuple[NamedClause, Entry]] = {}
    for row, entries in named(case, rows):
        for entry in entries:
            first.setdefault(entry.id, (row, entry))
    for row, entry in first.values():
        says = f"depth {depth_of(entry)} of 3" if deep else _return_of(case, names, entry)
        text = f"{row.title}: {what(entry.commitment, names)} ({says})"
        yield Finding(id=entry.id, text=text, evidence=case.proof(entry))


def _return_of(case: Case, names: Names, entry: Entry) -> str:
    tied = [what(o.commitment, names) for o in case.texts[entry.deal] if case.tied(entry, o)]
    return f"for {listed(tied)}" if tied else "for nothing that its text names"


def _broken(case: Case, names: Names) -> Iterator[Finding]:
    for entry in case.entries:
        if entry.status in ("broken", "renounced"):
            text = f"{names.seat(entry.broken_by or '')} has {entry.status} {what(entry.commitment, names)}"
            yield Finding(id=entry.id, text=text, evidence=case.proof(entry))


def _next(case: Case, names: Names, columns: Columns) -> Iterator[Finding]:
    """Signs of what would break it: private intentions, parties for whom it is worth nothing, gaps, dates."""
    for event in case.by_kind["intent"]:
        if isinstance(event, Intent) and event.seat and event.intends != "keep":
            means = "to break" if event.intends == "break" else "to keep it only if others do"
            which = f"proposal {event.number} of {names.ring(event.about)}"
            text = f"{names.seat(event.seat)} privately meant {means}: {which}"
            yield Finding(text=text, evidence=(event.id,))
    for seat, column in columns.items():
        if column.better_than_batna is False:
            text = f"{names.seat(seat)} is no better off than without a text ({column.value:+g} by its own values)"
            yield Finding(text=text, evidence=column.evidence)
    for row, entries in named(case, case.rules.loopholes):
        clauses = "; ".join(what(e.commitment, names) for e in entries[:2])
        more = f" and {len(entries) - 2} more" if len(entries) > 2 else ""
        yield Finding(text=f"{row.title}: {clauses}{more}", evidence=case.proofs(entries))
    for day, entry in sorted(((d, e) for e in case.standing if (d := _last_day(e))), key=lambda x: x[0])[:2]:
        yield Finding(text=f"Ends on {day}: {what(entry.commitment, names)}", evidence=case.proof(entry))
    open_ = [e for e in case.standing if untested(case, e)] if not case.outside else []
    if open_:
        yield Finding(text=f"{len(open_)} commitments that no move could have tested", evidence=case.proofs(open_))


def _last_day(entry: Entry) -> date | None:
    return entry.commitment.ends(date.fromisoformat(entry.since))
