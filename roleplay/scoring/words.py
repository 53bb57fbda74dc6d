"""A scorecard as one page of a terminal; the page is transcripts/templates/score.txt.j2."""

from __future__ import annotations

from collections.abc import Sequence

from ..transcripts.html import text_environment
from .card import Scorecard, Span
from .lenses import rankings


def card_words(card: Scorecard) -> str:
    """Verdict, composites, fails, items and governments, each with how many events prove it."""
    return text_environment().get_template("score.txt.j2").render(card=card, span_words=span_words).rstrip("\n")


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
