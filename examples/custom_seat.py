"""Play one seat with a program of your own: any object with `decide(view) -> Turn`."""

import roleplay
from roleplay.events import Spoken
from roleplay.moves import Statement, Turn
from roleplay.views import SeatView


class Mediator:
    """Says one calm sentence a round in public, and nothing else."""

    def decide(self, view: SeatView) -> Turn:
        if view.moment.phase != "speak":
            return Turn()
        sheet = view.sheet
        post = next(p.id for p in sheet.persona.posts if p.speaks)
        line = Statement(post=post, audience=sheet.audiences[0], tone="conciliatory", line=next(iter(sheet.lines)))
        return Turn(text="We ask all sides to lower their voices.", moves=(line,))


others = dict.fromkeys(("us", "rok", "jpn", "rus", "dprk"), "baseline:steady")
run = roleplay.play("august-2017", seats={"prc": Mediator(), **others}, rounds=2)

print(sum(isinstance(e, Spoken) and e.seat == "prc" and bool(e.text) for e in run.events), "lines spoken")
