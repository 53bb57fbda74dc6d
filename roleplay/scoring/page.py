"""A scorecard as a page: above the transcript that it is about, in one file, so that evidence leads to its lines.

Knows which charts there are; how they are drawn and worded is the transcripts'.
"""

from __future__ import annotations

from dataclasses import replace

from ..errors import AuthorError, NotMeasurable, UsageError
from ..transcripts.charts import Chart, line_chart
from ..transcripts.figures import Series
from ..transcripts.html import render_html
from ..transcripts.record import RunRecord
from ..world import Bounds
from . import seen_case
from .card import Scorecard
from .case import Case
from .escalation import escalation_rounds
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
    scales = _charts(record, card.metrics["escalation_rounds"].value, 760, 220)
    return render_html(record, {"card": card, "scales": scales, "about": described(case.rules)})


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
