"""A scorecard as one page of a terminal; knows nothing about how it was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .card import Finding, Scorecard, Span
from .lenses import rankings


def card_words(card: Scorecard) -> str:
    """Verdict, composites, fails, items and governments, each with how many events prove it."""
    return "\n".join(_lines(card))


def _lines(card: Scorecard) -> Iterator[str]:
    yield f"{card.source.name}  (ruleset {card.ruleset})"
    if card.unscorable:
        yield f"UNSCORABLE: {card.unscorable}; figures stand, headlines leave it out"
    yield card.verdict.headline
    if card.fails:
        yield f"FAILS: {', '.join(card.fails)}"
    yield "\ncomposites: 0-100; below 0 with a lexical fail; in brackets what unscored items leave open"
    for name, span in card.lenses.items():
        yield f"{'*' if name == card.composite.lens else ' '} {name:<24} {span_words(span)}"
    yield "\nitems: 0-2; '-' is unscored; in brackets the events that prove it"
    for name, item in card.items.items():
        score = "-" if item.score is None else str(item.score)
        yield f"  {name:<20} {score}  {item.explanation} [{len(item.evidence)}]"
    for title in ("stabilised", "paid", "broken", "next"):
        yield f"\n{'what would break it next' if title == 'next' else title}:"
        yield from _findings(getattr(card.verdict, title))
    yield "\ngovernments: interests served / hurt / judged, red lines crossed, worth against no text, would ratify"
    for seat, column in card.governments.items():
        states = [stake.state for stake in column.interests]
        counts = f"{sum('served' in s for s in states)} / {sum('hurt' in s for s in states)} / {states.count('judged')}"
        crossed = ", ".join(line.id for line in column.red_lines_crossed) or "none"
        ratify = {None: "-", True: "yes", False: "no"}[column.would_ratify]
        yield f"  {seat:<6} {counts:<12} crossed: {crossed:<10} {column.value or 0:+6.1f}  {ratify}"
    yield from _nearest(card)
    yield from _judged(card)


def _nearest(card: Scorecard) -> Iterator[str]:
    if card.nearest:
        yield "\nnearest accords, 0 (alike) to 1, and what became of them:"
    for row in card.nearest:
        held, ended, why = (row.outcome.get(name) for name in ("held", "ended", "why"))
        end = "" if ended == "n/a" else f"; ended: {ended}"
        yield f"  {row.distance:.2f} {row.name}: held {held}{end} ({why})"


def _judged(card: Scorecard) -> Iterator[str]:
    if card.judged:
        yield "\njudged: value, units scored of all, agreement (alpha); '!' is kept out of composites"
    for name, found in card.judged.items():
        value, alpha = (f"{x:.2f}" if isinstance(x, float) else "-" for x in (found.value, found.agreement))
        mark = " " if found.in_composites else "!"
        why = "".join(f"; {n} {reason}" for reason, n in found.reasons.items())
        cut = f"; {len(found.cut)} with words for a judge" if found.cut else ""
        yield f"{mark} {name:<24} {value:>6}  {found.units - found.unscored} of {found.units}  alpha {alpha}{why}{cut}"


def _findings(found: Sequence[Finding]) -> Iterator[str]:
    yield from (f"  - {f.text} [{len(f.evidence)}]" for f in found) if found else ("  - nothing",)


def span_words(span: Span) -> str:
    """'72.7 (63.6 to 81.8)'; a dash where nothing was scored."""
    if span.value is None:
        return "-"
    return f"{span.value:6.1f}  ({span.low:.1f} to {span.high:.1f})"


def ranking_words(cards: Sequence[Scorecard]) -> str:
    """How several runs rank, and whether that survives the other lenses and scales."""
    names = [card.source.name for card in cards]
    lines = ["", "ranking, best first:"]
    found = rankings(cards)
    asked = found[cards[0].composite.lens]
    for by, order in found.items():
        lines.append(f"  {by:<24} {' > '.join(names[n] for n in order)}")
    other = ", ".join(by for by, order in found.items() if order != asked)
    lines.append(f"  the order holds under {'all but ' + other if other else 'all of them'}")
    return "\n".join(lines)
