"""Seats that a suite can name: one that says something in public every week, one that never does anything."""

from __future__ import annotations

from roleplay.moves import Statement, Turn
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
