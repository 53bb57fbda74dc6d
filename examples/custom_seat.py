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
        post = next(p.id for p in view.sheet.persona.posts if p.speaks)
        line = Statement(kind="statement", post=post, audience=view.sheet.audiences[0], tone="conciliatory",
                         line=next(iter(view.sheet.lines)))  # fmt: skip
        return Turn(text="We ask all sides to lower their voices.", moves=(line,))


run = roleplay.play("august-2017", seats={"prc": Mediator()} | dict.fromkeys(("us", "rok", "jpn", "rus", "dprk"), "baseline:steady"), rounds=2)  # fmt: skip

print(sum(isinstance(e, Spoken) and e.seat == "prc" and bool(e.text) for e in run.events), "lines spoken")
