"""The small tables that head a transcript: counts, players, set-up; the same for HTML and Markdown.

Rows of plain text from one record; knows nothing about how they are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..crises.worlds import EffectTable
from ..events import Role
from .figures import Figures
from .words import labels, said_of, say


@dataclass(frozen=True)
class Player:
    """One row of 'Who plays'; '–' where this view does not know."""

    seat: str
    name: str
    driver: str
    strategy: str
    turns: int
    failed: int
    role: Role | None
    """Its role sheet, where readable."""


def view_note(view: str) -> str:
    """What may be in a page of this view, and whom it is for."""
    notes = labels()["view_notes"]
    return str(notes.get(view, notes["seat"]))


def players_of(figures: Figures) -> list[Player]:
    """One row a seat, in the run's order; turns are those that this view can read."""
    record = figures.record
    roles = {e.seat: e for e in record.events if isinstance(e, Role)}
    rows = []
    for seat, name in record.run.seats.items():
        role, counts = roles.get(seat), figures.turns.get(seat, {})
        driver = driver_words(record.played.plans.get(seat, {}))
        turns, failed = sum(counts.values()), counts.get("failed", 0)
        rows.append(Player(seat, name, driver, _strategy(role), turns, failed, role))
    return rows


def driver_words(plan: Mapping[str, object]) -> str:
    """Who plays a seat: 'policy hawk, words by SmolLM2-135M-Instruct'; '–' where the plan does not say."""
    kind, _, name = str(plan.get("driver") or "").partition(":")
    said = say("drivers", kind, driver=kind, name=name, model=plan.get("model") or "")
    return said.strip() or "–"


def _strategy(role: Role | None) -> str:
    sheet = role.role.get("strategy") if role else None
    title = sheet.get("title") or sheet.get("id") if isinstance(sheet, Mapping) else None
    return str(title) if title else "–"


def tiles_of(figures: Figures) -> list[tuple[str, str, bool]]:
    """(title, figure, whether it is bad news) of the counts at the top."""
    broken = len(figures.entries("broken", "renounced"))
    failed = figures.outcome_count("failed")
    rows = [
        ("Commitments in force", len(figures.entries("in force")), False),
        ("Broken or renounced", broken, broken > 0),
        ("Leaks", len(figures.of_kind("leak")), False),
        ("Moves blocked", figures.blocked, False),
        ("FAILED turns", failed, failed > 0),
    ]
    return [(title, str(count), bad) for title, count, bad in rows]


def facts_of(figures: Figures) -> list[tuple[str, str]]:
    """(title, value) of how the run was set up and what it cost, as far as this record knows."""
    played = figures.record.played
    setup = played.setup or {}
    effects = setup.get("effects") or {}
    known = {
        "p": played, "settings": setup.get("settings") or {}, "adjudicator": setup.get("adjudicator"),
        "world": EffectTable.model_validate(effects).named if effects.get("id") else "",
    }  # fmt: skip
    return list(said_of("facts", **known))
