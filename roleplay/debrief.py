"""What a government is told when a game is over: its column, what others knew that it did not, what mattered.

Reads a finished run whole; knows nothing about how it is shown, nor about who may ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import AuthorError, NotMeasurable, UsageError
from .events import AnyEvent, Breach, Channel, Deal, Inject, Intent, Moved
from .moves import Authorise, Break, Confide, Leak, Mandate, Use
from .scoring import score
from .scoring.card import Government, Scorecard
from .transcripts.figures import Figures, Moment
from .transcripts.record import RunRecord

TELLING = (Leak, Confide, Break, Use, Mandate, Authorise)
"""Moves that are worth telling to those who could not see them."""


@dataclass(frozen=True)
class Debrief:
    """A finished game for one government."""

    seat: str
    column: Government | None
    """How this government would read the outcome; None where nothing says how games of its crisis are scored."""
    hidden: tuple[AnyEvent, ...]
    """What others knew, or did, that the seat could not read: deals, secrets, what was never meant to be kept."""
    unheard: dict[str, int]
    """Ring -> turns spoken there that the seat could not hear."""
    moments: tuple[Moment, ...]


def debrief(record: RunRecord, seat: str) -> Debrief:
    """The debrief of a seat; `record` is the whole run."""
    secret = [e for e in record.events if seat not in e.readers]
    hidden = tuple(e for e in secret if telling(e))
    unheard: dict[str, int] = {}
    for event in secret:
        if event.kind == "turn" and event.ring:
            unheard[event.ring] = unheard.get(event.ring, 0) + 1
    card = scorecard(record)
    return Debrief(
        seat, card.governments.get(seat) if card else None, hidden, unheard, tuple(Figures(record).key_moments())
    )


def scorecard(record: RunRecord) -> Scorecard | None:
    """The run's scorecard; None where nothing says how games of its crisis are scored, or where the crisis is gone."""
    try:
        return score(record)
    except (NotMeasurable, UsageError, AuthorError):
        return None


def telling(event: AnyEvent) -> bool:
    """Whether an event is worth telling to those who could not see it."""
    match event:
        case Deal() | Breach() | Inject():
            return event.round > 0
        case Intent(intends=intends):
            return intends != "keep"
        case Channel(state=state):
            return event.round > 0 and state in ("open", "exists")
        case Moved(move=move):
            return isinstance(move, TELLING)
        case _:
            return False
