"""Language models and people play governments in a crisis; the names below are the whole public Python interface.

    run = roleplay.play("august-2017", seats={"us": "baseline:steady"}, seed=1)

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .crises import load_crisis as load_crisis
    from .crises import load_scenario as load_scenario
    from .game import Options as Options
    from .game import Run as Run
    from .game import aplay as aplay
    from .game import open_run as open_run
    from .game import play as play
    from .models.scripted import ScriptedModel as ScriptedModel
    from .moves import Turn as Turn
    from .personas import load_persona as load_persona
    from .scoring import Scorecard as Scorecard
    from .scoring import score as score
    from .seats import Seat as Seat
    from .views import SeatView as SeatView

_WHERE = {
    "play": "game",
    "aplay": "game",
    "open_run": "game",
    "Run": "game",
    "Options": "game",
    "load_crisis": "crises",
    "load_scenario": "crises",
    "load_persona": "personas",
    "Seat": "seats",
    "SeatView": "views",
    "Turn": "moves",
    "ScriptedModel": "models.scripted",
    "Scorecard": "scoring",
    "score": "scoring",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _WHERE:
        raise AttributeError(f"module 'roleplay' has no attribute '{name}'")
    return getattr(import_module(f".{_WHERE[name]}", __name__), name)
