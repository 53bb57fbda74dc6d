"""What judges answer: the form of a verdict, what makes one unusable, what many of them come to and how far they agree.

Knows nothing about models. A verdict that cannot be used is None and counted, never a low score.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models import Reply
from ..prompting.answer import Flaw, first_object
from ..prompting.parts import listed, one_of, record, text
from .card import JudgedValue, Quotation
from .rubrics import Rubric
from .units import Unit

NEEDED = 0.8
"""Agreement below which a dimension is shown and kept out of composites (measures.md 11.7)."""
CANNOT_SAY = "cannot_say"
QUOTATION, REASON, SHORTEST = 240, 240, 3
RESAMPLES = 400
LEANS = 0.5
"""Rank correlation of values with length above which judges follow length."""
UNUSABLE = ("quotation not in the text", "no quotation", "off the scale")


@dataclass(frozen=True)
class Verdict:
    """One answer: a value of the scale, or None and why."""

    value: str | None
    why: str = ""
    """cannot say, refused, no answer, off the scale, no quotation, quotation not in the text."""
    quotations: tuple[Quotation, ...] = ()


def verdict_schema(values: Sequence[str]) -> Mapping[str, Any]:
    """The form of a verdict, valid in strict mode; its strings are bounded."""
    quotations = listed(text(QUOTATION), 3)
    return record(quotations=quotations, reason=text(REASON), verdict=one_of(*values, CANNOT_SAY))


def read_verdict(rubric: Rubric, unit: Unit, reply: Reply) -> Verdict:
    """What a reply is worth; a quotation that is not word for word in what was shown voids it. Never raises."""
    if reply.refusal or reply.finish in ("content_filter", "refusal"):
        return Verdict(None, "refused")
    found = first_object(reply.text)
    if isinstance(found, Flaw) or not isinstance(found.get("quotations", []), list):
        return Verdict(None, "no answer")
    value = str(found.get("verdict"))
    if value == CANNOT_SAY:
        return Verdict(None, "cannot say")
    if value not in rubric.scale:
        return Verdict(None, "off the scale")
    said = [str(quotation) for quotation in found.get("quotations", []) if str(quotation).strip()]
    places = [_place(quotation, unit) for quotation in said]
    if None in places:
        return Verdict(None, "quotation not in the text")
    if not said and value in rubric.prove:
        return Verdict(None, "no quotation")
    return Verdict(value, "", tuple(place for place in places if place))


def _place(quotation: str, unit: Unit) -> Quotation | None:
    """A quotation as the text has it, and the event that it stands in: of a pair, the line's own."""
    for n, (name, part) in enumerate(unit.parts.items()):
        if span := span_of(quotation, part):
            own = n if name in ("first", "second") and n < len(unit.sources) else 0
            return Quotation(text=part[span[0] : span[1]], source=unit.sources[own])
    return None


def span_of(quotation: str, whole: str) -> tuple[int, int] | None:
    """Where words stand in a text; None where they do not, word for word.

    Blanks, the size of letters, marks at either end, and what a strict schema keeps out of strings make no difference.
    """
    words = re.sub(r'["\\]', "", quotation).strip(" .,;:!?'").split()
    if len("".join(words)) < SHORTEST:
        return None
    found = re.search(r"[\s\"\\]+".join(map(re.escape, words)), whole, re.IGNORECASE)
    return found.span() if found else None


# --- what verdicts come to -------------------------------------------------------------------------------------------


Rows = Sequence[Sequence[Verdict]]
"""A row a unit: what every judge said of it, sample by sample."""


def summary(rubric: Rubric, units: Sequence[Unit], rows: Rows, cut: Sequence[str]) -> JudgedValue:
    """One dimension: its figure, agreement with interval, what was left unscored and why, quotations that prove it."""
    codes = {value: float(n) for n, value in enumerate(rubric.scale)}
    data = np.array([[codes[v.value] if v.value else np.nan for v in row] for row in rows], dtype=float)
    values = [_value(rubric, row) for row in rows]
    alpha, low, high = agreement(data, ordered=rubric.ordered)
    leans = _follows_length(rubric, units, values)
    scored = [value for value in values if value is not None]
    why = Counter(v.why for row in rows for v in row if v.why)
    quoted = [q for row, value in zip(rows, values, strict=True) for v in row if v.value == value for q in v.quotations]
    return JudgedValue(
        title=rubric.title, value=_figure(rubric, scored), units=len(units), samples=len(rows[0]) if rows else 0,
        counts=dict(Counter(scored)), agreement=alpha, low=low, high=high, unscored=len(values) - len(scored),
        reasons=dict(why), voided=sum(why[name] for name in UNUSABLE), follows_length=leans,
        in_composites=alpha is not None and alpha >= NEEDED and abs(leans or 0) < LEANS,
        quotations=tuple(dict.fromkeys(quoted)), cut=tuple(cut),
    )  # fmt: skip


def _value(rubric: Rubric, row: Sequence[Verdict]) -> str | None:
    """What a unit's verdicts come to: the middle of an ordered scale, else what most say; None for none or a tie."""
    given = [v.value for v in row if v.value is not None]
    if not given:
        return None
    if rubric.ordered:
        order = list(rubric.scale)
        return sorted(given, key=order.index)[(len(given) - 1) // 2]
    (first, most), *others = Counter(given).most_common()
    return None if others and others[0][1] == most else first


def _figure(rubric: Rubric, scored: Sequence[str]) -> float | None:
    """The mean of an ordered scale whose values are numbers (else of their places), else the share that counts."""
    if not scored:
        return None
    if not rubric.ordered:
        return round(sum(v in rubric.counts for v in scored) / len(scored), 4)
    order = list(rubric.scale)
    numbers = [float(v) if v.lstrip("-").isdigit() else float(order.index(v)) for v in scored]
    return round(sum(numbers) / len(numbers), 4)


def agreement(data: Any, *, ordered: bool) -> tuple[float | None, float | None, float | None]:
    """Krippendorff's alpha of units x verdicts (nan: unscored), with a 95 % bootstrap interval over units.

    None where no unit has two verdicts, or where all verdicts are one value: then there is nothing to tell apart.
    """
    import krippendorff

    def alpha(rows: Any) -> float:
        kept = data[rows.astype(int)]
        if len(np.unique(kept[~np.isnan(kept)])) < 2:
            return float("nan")
        return float(krippendorff.alpha(kept.T, level_of_measurement="ordinal" if ordered else "nominal"))

    judged = np.flatnonzero((~np.isnan(data)).sum(axis=1) >= 2) if data.size else np.array([])
    if not len(judged) or np.isnan(whole := alpha(judged)):
        return None, None, None
    if len(judged) < 5:
        return round(whole, 4), None, None
    random = np.random.default_rng(0)
    drawn = [alpha(random.choice(judged, len(judged))) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return round(whole, 4), round(float(low), 4), round(float(high), 4)


def _follows_length(rubric: Rubric, units: Sequence[Unit], values: Sequence[str | None]) -> float | None:
    """Rank correlation of values with the characters shown; None where too few differ to tell."""
    from scipy.stats import spearmanr

    places = {value: n for n, value in enumerate(rubric.scale)}
    judged = [(unit, value) for unit, value in zip(units, values, strict=True) if value is not None]
    lengths = [sum(map(len, unit.parts.values())) for unit, _ in judged]
    found = [places[value] for _, value in judged]
    if len(judged) < 8 or len(set(lengths)) < 2 or len(set(found)) < 2:
        return None
    rho, p = spearmanr(lengths, found)
    return round(float(rho), 4) if p < 0.05 else 0.0
