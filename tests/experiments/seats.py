"""Seats that a suite can name: one that says something in public every week, one that never does anything."""

from __future__ import annotations

from roleplay.events import Moved
from roleplay.moves import Statement, Turn, Use
from roleplay.views import SeatView


class Talkative:
    """Says something in public every week."""

    def decide(self, view: SeatView) -> Turn:
        if view.moment.phase != "speak":
            return Turn()
        post = next(p.id for p in view.sheet.persona.posts if p.speaks)
        line, audience = next(iter(view.sheet.lines)), view.sheet.audiences[0]
        return Turn(text="Listen.", moves=(Statement(post=post, audience=audience, tone="neutral", line=line),))


class Mute:
    """Never does anything."""

    def decide(self, view: SeatView) -> Turn:
        return Turn()


class Loud(Talkative):
    """Threatens in public every week: the signal that the seats below answer to."""

    def decide(self, view: SeatView) -> Turn:
        turn = super().decide(view)
        hot = tuple(move.model_copy(update={"tone": "threat"}) for move in turn.moves)
        return turn.model_copy(update={"moves": hot})


class Answers:
    """Uses one instrument each week in which it has heard a threat, or has heard none."""

    instrument = "test_short_range"
    params: dict[str, str] = {}
    after_threats = True

    def decide(self, view: SeatView) -> Turn:
        threats = [e for e in view.events if isinstance(e, Moved) and getattr(e.move, "tone", "") == "threat"]
        if view.moment.phase != "act" or bool(threats) != self.after_threats:
            return Turn()
        return Turn(moves=(Use(instrument=self.instrument, params=self.params),))


class Fights(Answers):
    instrument = "artillery_shelling"
    params = {"target": "rok", "place": "dmz"}


class Presses(Answers):
    instrument = "enforce_provision"
    params = {"resolution": "2371", "provision": "labour"}


class Relents(Presses):
    """Enforces until it hears a threat."""

    after_threats = False
