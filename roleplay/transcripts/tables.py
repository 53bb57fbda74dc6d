"""The small tables that head a transcript: counts, players, set-up; the same for HTML and Markdown.

Rows of plain text from one record; knows nothing about how they are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..crises.worlds import EffectTable
from ..events import PUBLIC, Role
from .figures import Figures
from .record import OMNISCIENT

VIEW_NOTES = {
    OMNISCIENT: "This page holds everything, also what no government could read. Do not hand it to a player.",
    PUBLIC: "This page holds what everyone could read; indicators and ledger are reckoned from that alone.",
    "seat": "This page holds what this government could read; indicators and ledger are reckoned from that alone.",
}
"""What a view means, for the reader of a page."""


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
    return VIEW_NOTES.get(view, VIEW_NOTES["seat"])


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
    kind, _, argument = str(plan.get("driver") or "").partition(":")
    model = str(plan.get("model") or "")
    match kind:
        case "":
            return "–"
        case "voice":
            return f"policy {argument}, words by {model or 'the embedded model'}"
        case "model":
            return f"model {model or argument}".rstrip()
        case "baseline":
            return f"policy {argument}"
        case "http" | "python" | "object":
            return f"program {argument}".rstrip()
        case _:
            return f"{kind} {argument}".rstrip()


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
    return [*_settings(figures), *_costs(figures)]


def _settings(figures: Figures) -> Iterator[tuple[str, str]]:
    setup = figures.record.played.setup or {}
    settings, effects = setup.get("settings"), setup.get("effects")
    if isinstance(effects, Mapping) and effects.get("id"):
        yield "World", EffectTable.model_validate(effects).named
    if isinstance(settings, Mapping):
        for name in ("mode", "variant", "seed"):
            if name in settings:
                bound = f", {', '.join(settings['bind'])} bind" if name == "mode" and settings.get("bind") else ""
                yield {"mode": "Rules"}.get(name, name.capitalize()), f"{settings[name]}{bound}"
        if setup.get("adjudicator"):
            yield "Adjudicator", f"{setup['adjudicator']['model']}: says which arguable effects of the world follow"
        if settings.get("mask"):
            yield "Mask", "models saw other names than stand here"


def _costs(figures: Figures) -> Iterator[tuple[str, str]]:
    played = figures.record.played
    if played.models:
        yield "Models", ", ".join(played.models)
    if played.calls:
        yield "Calls", f"{played.calls:,}"
        yield (
            "Tokens",
            f"{played.prompt_tokens:,} in ({played.cached_tokens:,} cached), {played.completion_tokens:,} out",
        )
    if played.cost_usd is not None:
        yield "Cost", f"{played.cost_usd:.4f} USD"
    if played.seconds is not None:
        yield "Time", f"{played.seconds:,.1f} s"
