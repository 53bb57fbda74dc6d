"""What an ablation takes out of a prompt, or puts first in it; the strategy of the seat names it. Knows no model.

Only a seat that a model plays by itself has a prompt to take things out of: baselines and voices play as ever.
"""

from __future__ import annotations

from dataclasses import replace

from ..events import Spoken
from ..personas.models import Persona
from ..views import RoleSheet, SeatView

GOALS = ("interests", "opening_position", "red_lines", "acceptable_trades", "batna", "fears")
"""Sections of a dossier that say what the government wants."""


def ablated(view: SeatView) -> SeatView:
    """The view without what others said, where the strategy asks for that; their moves stay."""
    if "no-messages" not in view.sheet.strategy.ablate:
        return view
    kept = tuple(e for e in view.events if not isinstance(e, Spoken) or e.seat == view.seat)
    return replace(view, events=kept, known=None, kept={})


def dossier(sheet: RoleSheet) -> Persona:
    """The dossier as its prompt gives it: without the government's goals, where the strategy asks for that."""
    if "no-goals" not in sheet.strategy.ablate:
        return sheet.persona
    return sheet.persona.model_copy(update=dict.fromkeys(GOALS, ()))
