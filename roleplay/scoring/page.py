"""A scorecard as a page: above the transcript that it is about, in one file, so that evidence leads to its lines.

Knows which charts there are; how they are drawn and worded is the transcripts'.
"""

from __future__ import annotations

from dataclasses import replace

from ..errors import UsageError
from ..transcripts.charts import Chart, line_chart
from ..transcripts.figures import Series
from ..transcripts.html import render_html
from ..transcripts.record import RunRecord
from ..world import Bounds
from .card import Scorecard
from .case import Case
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
    scales = [chart for name in SCALES if (chart := _chart(record, card, name))]
    return render_html(record, {"card": card, "scales": scales, "about": described(case.rules)})


def _chart(record: RunRecord, card: Scorecard, name: str) -> Chart | None:
    found = card.metrics["escalation_rounds"].value
    values = found.get(name) if isinstance(found, dict) else None
    title, bounds = SCALES[name]
    known = [(n, v) for n, v in enumerate(values, 1) if isinstance(v, int | float)] if isinstance(values, list) else []
    if not known:
        return None
    series = Series(title, "", bounds, tuple(n for n, _ in known), tuple(float(v) for _, v in known))
    return replace(line_chart(series, record.names, record.events, 760, 220), name=name)
