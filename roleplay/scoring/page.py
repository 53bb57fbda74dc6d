"""A scorecard as a page: of a terminal, or above the transcript that it is about, so that evidence leads to its lines.

Knows which charts there are; how they are drawn and worded is the transcripts'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..errors import AuthorError, NotMeasurable, UsageError
from ..transcripts.charts import Chart, line_chart
from ..transcripts.figures import Series
from ..transcripts.html import render_html, text_environment
from ..transcripts.record import RunRecord
from ..world import Bounds
from . import seen_case
from .card import Scorecard, Span
from .case import Case
from .escalation import escalation_rounds
from .lenses import rankings
from .metrics import described

SCALES = {
    "goldstein": ("CAMEO-Goldstein value, mean of the acts", Bounds(-10, 10, 0)),
    "rivera": ("Weights of Rivera et al. 2024, sum", Bounds(-1000, 10000, 0)),
    "kahn": ("Kahn's ladder, highest rung", Bounds(0, 44, 0)),
}
"""Scale -> its title and range."""


def render_card(case: Case, card: Scorecard) -> str:
    """The whole page; the same run and card give the same bytes. Commitments from outside have no page."""
    if case.figures is None:
        raise UsageError("a page needs a run", hint="commitments from outside are printed, or given as JSON")
    record = case.figures.record
    found = card.metrics["escalation_rounds"].value
    scales = zip(_charts(record, found, 760, 220), _charts(record, found, 380, 240), strict=True)
    return render_html(record, {"card": card, "scales": list(scales), "about": described(case.rules)})


def escalation_charts(record: RunRecord, folder: str | None = None, width: int = 360, height: int = 200) -> list[Chart]:
    """The three scales by round, of the acts that one view can read; none where nothing says how acts are coded."""
    try:
        case = seen_case(record, folder)
    except (NotMeasurable, UsageError, AuthorError):
        return []
    return _charts(record, escalation_rounds(case).value, width, height)


def _charts(record: RunRecord, found: object, width: int, height: int) -> list[Chart]:
    values = found if isinstance(found, dict) else {}
    charts = (_chart(record, name, values.get(name), width, height) for name in SCALES)
    return [chart for chart in charts if chart]


def _chart(record: RunRecord, name: str, values: object, width: int, height: int) -> Chart | None:
    title, bounds = SCALES[name]
    known = [(n, v) for n, v in enumerate(values, 1) if isinstance(v, int | float)] if isinstance(values, list) else []
    if not known:
        return None
    series = Series(title, "", bounds, tuple(n for n, _ in known), tuple(float(v) for _, v in known))
    return replace(line_chart(series, record.names, record.events, width, height), name=name)


# --- in a terminal ---------------------------------------------------------------------------------------------------


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
    values = {"names": [card.source.name for card in cards], "found": rankings(cards), "card": cards[0]}
    return "\n" + text_environment().get_template("ranking.txt.j2").render(values).rstrip("\n")
