"""A run as Markdown that reads well on GitHub: the page's content in the page's order, every text made inert.

Text that a person or a model wrote cannot become markup, a link or an image: the environment makes whatever is put into
the template inert, so that no place can be forgotten. Knows nothing about events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from .charts import round_label, shown_values, value_label
from .figures import Figures
from .html import context, environment
from .names import tag
from .record import RunRecord
from .timeline import audience
from .words import clause_words

_SPECIAL = re.compile(r"[\\`*_\[\]#|~$]")
_START = re.compile(r"^([+\->=]|\d+(?=[.)](?:\s|$)))")
_ADDRESS = re.compile(r"(?i)(@|\b(?:https?|ftp|mailto)(?=:)|\bwww(?=\.))")


def inert(text: str) -> Markup:
    """A text as Markdown that shows exactly that text: one line, no markup, no HTML, no mention, no address."""
    return Markup(_START.sub(_shown, inline(text)))


def inline(text: object) -> Markup:
    """The same for a text that does not begin a line, as in a cell of a table; what is inert already stays."""
    if isinstance(text, Markup):
        return text
    flat = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;")
    return Markup(_ADDRESS.sub(r"\1&#8203;", _SPECIAL.sub(r"\\\g<0>", flat)))


def _shown(found: re.Match[str]) -> str:
    """The start of a line that would make it a list, a quotation or a heading, so that it does not."""
    return f"{found[0]}&#8203;" if found[0].isdigit() else f"\\{found[0]}"


def render_markdown(record: RunRecord) -> str:
    """The whole transcript."""
    figures = Figures(record)
    known = context(record, figures)
    players = [(tag(p.seat), p.name, p.driver, p.strategy, p.turns, p.failed) for p in known["players_rows"]]
    series = figures.all_series
    heads = ("Indicator", *(round_label(n) for n in series[0].rounds)) if series else ()
    values = [
        (record.names.indicator(s.indicator, s.of), *(value_label(s, v) for v in shown_values(s))) for s in series
    ]
    page = _environment().get_template("page.md.j2").render(
        **known, players_cells=players, ledger_cells=list(_ledger(figures)), indicator_heads=heads,
        indicator_cells=values,
    )  # fmt: skip
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"


def _ledger(figures: Figures) -> Iterator[tuple[str, ...]]:
    names, seats = figures.record.names, figures.record.seats
    for entry in figures.ledger.entries.values():
        untested = ", untested" if entry.status == "in force" and figures.untested(entry) else ""
        by = f" by {names.seat(entry.broken_by)}" if entry.broken_by else ""
        known = audience(sorted(entry.readers), seats)
        yield entry.id, f"{entry.status}{untested}{by}", clause_words(entry.commitment, names), known


@cache
def _environment() -> Environment:
    """The page's environment, in which whatever is put into a template is made inert instead of escaped for HTML."""
    made = environment().overlay(finalize=inline)
    made.filters = {**made.filters, "line": inert, "inline": inline}
    return made
