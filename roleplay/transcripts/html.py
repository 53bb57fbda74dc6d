"""A run as one self-contained HTML page: no script, no request, readable by what one view may know.

Knows templates and names; what is counted comes from `figures`, what is worded from `words`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..events import AnyEvent, Breach, Deal, Moved
from ..moves import TONES, Use, clauses_of
from . import charts, words
from .figures import Figures
from .names import Names, counted, spaced, tag
from .record import RunRecord
from .tables import facts_of, players_of, tiles_of, view_note
from .timeline import PhasePart, RoundPart, audience, audience_class, rounds_of

TEMPLATES = Path(__file__).parent / "templates"
COLOURS = 8
"""How many seat colours the style sheet has; seats beyond that share them, and their marks tell them apart."""


# --- how a line is worded in a place ----------------------------------------------------------------------------------


def short(event: AnyEvent, names: Names) -> str:
    """An event as a line of a list: a deal without its clauses, a move without them."""
    match event:
        case Deal():
            return words.deal_words(event, names)
        case Breach():
            return f"{words.breach_words(event, names)}: {words.what(event.clause, names)}"
        case Moved(seat=str() as seat):
            return f"{names.seat(seat)} {words.headline(event.move, names, event.number, seat)}"
        case _:
            return words.in_words(event, names)


def told(event: AnyEvent, names: Names) -> str:
    """What the engine tells, without the word that its label says already, or the clause that follows it."""
    if isinstance(event, Breach):
        return words.breach_words(event, names)
    start = {"chance": "Chance: ", "leak": "In the press: ", "adjudication": "The adjudicator "}.get(event.kind, "")
    return words.in_words(event, names).removeprefix(start)


def moves_on(event: Moved, names: Names) -> str:
    """A move as a line under its seat's name: 'Tables proposal 2'."""
    text = words.headline(event.move, names, event.number, event.seat)
    return text[:1].upper() + text[1:]


def seat_does(event: Moved, names: Names) -> str:
    """The same, of an instrument without its parameters."""
    bare = event.move.model_copy(update={"params": {}}) if isinstance(event.move, Use) else event.move
    return moves_on(event.model_copy(update={"move": bare}), names)


WORDED: Mapping[str, Callable[..., str]] = {
    "words": words.in_words, "short": short, "told": told, "seat_does": seat_does, "moves_on": moves_on,
    "deal_words": words.deal_words, "what": words.what, "clause_words": words.clause_words, "tried": words.tried_words,
}  # fmt: skip
"""What templates word things with, given the names of one record."""


def looks(record: RunRecord) -> dict[str, Any]:
    """How a template names and words things of one record."""
    names, order = record.names, {seat: i % COLOURS for i, seat in enumerate(record.seats)}
    return {
        "record": record, "run": record.run, "played": record.played, "names": names,
        "view_note": view_note(record.view), "seat_class": lambda seat: f"s{order.get(seat, COLOURS - 1)}",
        "audience": lambda readers: audience(readers, record.seats),
        "audience_class": lambda readers: audience_class(readers, record.seats),
        "terms": lambda clause: list(words.terms(clause, names)),
        **{name: partial(function, names=names) for name, function in WORDED.items()},
    }  # fmt: skip


def context(record: RunRecord, figures: Figures) -> dict[str, Any]:
    """What a template of either form is given of one record."""
    return {
        **looks(record), "figures": figures, "rounds": rounds_of(record.events), "key_moments": figures.key_moments(),
        "tiles": tiles_of(figures), "players_rows": players_of(figures), "setup_facts": facts_of(figures),
    }  # fmt: skip


def page_context(record: RunRecord, figures: Figures) -> dict[str, Any]:
    """What a page is given besides: pictures, and which events it can link to."""
    pictures = [charts.tension_chart(figures, record.names, w, h) for w, h in ((760, 250), (360, 220))]
    return {
        **context(record, figures),
        "charts": [c for c in pictures if c],
        "known_ids": {e.id for e in record.events},
        "events": {e.id: e for e in record.events},
        "score": None,
    }


def render_html(record: RunRecord, score: object = None) -> str:
    """The whole page for one record, the same bytes each time; `score` is what score.html.j2 shows above it."""
    values = page_context(record, Figures(record))
    page = environment().get_template("page.html.j2")
    return page.render(**{**values, "score": score}, style=Markup(_style()), style_source=style_source())


def style_source(style: str = "") -> str:
    """A style sheet's hash as a source of a Content-Security-Policy; without one, that of transcripts."""
    return f"'sha256-{base64.b64encode(hashlib.sha256((style or _style()).encode()).digest()).decode()}'"


def anchor(event: AnyEvent) -> str:
    """The fragment that leads to an event in the page."""
    return f"e-{event.id}"


def phase_anchor(part: RoundPart, phase: PhasePart) -> str:
    return f"round-{part.number}-{phase.phase}"


def day(text: str) -> str:
    """An ISO date as people write it; anything else stays as it is."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {found:%B} {found.year}"


@cache
def _style() -> str:
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    shared: Mapping[str, Any] = {
        "anchor": anchor, "phase_anchor": phase_anchor, "day": day, "tag": tag, "spaced": spaced, "counted": counted,
        "plain": words.plain,
        "signed": words.signed, "clauses_of": clauses_of, "ended_words": words.ended_words, "tones": TONES,
        "round_label": charts.round_label, "sparkline": charts.sparkline, "shown_values": charts.shown_values,
        "value_label": charts.value_label, "summary_of": charts.summary_of, "figure": words.number,
    }  # fmt: skip
    made.globals.update(shared, **words.labels())
    return made


@cache
def text_environment() -> Environment:
    """The same for templates of plain text."""
    return environment().overlay(autoescape=False)
