"""A scorecard as lines of a terminal; knows nothing about how it was found."""

from __future__ import annotations

from collections.abc import Iterator

from .card import Scorecard, Span


def card_words(card: Scorecard) -> str:
    """The card in words: verdict, composite, items, fails."""
    return "\n".join(_lines(card))


def _lines(card: Scorecard) -> Iterator[str]:
    yield f"{card.source.name}  (ruleset {card.ruleset})"
    if card.unscorable:
        yield f"UNSCORABLE: {card.unscorable}"
    for name, span in card.lenses.items():
        mark = "*" if name == card.composite.lens else " "
        yield f"{mark} {name:<24} {span_words(span)}"
    if card.fails:
        yield f"FAILED: {', '.join(card.fails)}"
    for name, item in card.items.items():
        score = "-" if item.score is None else str(item.score)
        yield f"  {name:<20} {score}  {item.explanation} [{len(item.evidence)}]"


def span_words(span: Span) -> str:
    """'72.7 (63.6 to 81.8)'; a dash where nothing was scored."""
    if span.value is None:
        return "-"
    return f"{span.value:6.1f}  ({span.low:.1f} to {span.high:.1f})"
