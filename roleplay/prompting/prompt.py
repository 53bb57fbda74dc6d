"""A seat's whole prompt: what never changes, its history, the question. Made from a `SeatView` and nothing else.

Knows nothing about models, nor about what an answer is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..crises.models import RingRow
from ..models import Message
from ..views import Attempt, SeatView
from .ablation import ablated, dossier
from .answer import KEYS
from .fence import encode, fenced
from .history import History
from .lines import name_of
from .options import Options
from .parts import Schema
from .schema import NOTE, THOUGHT, RingKind, game_schema, text_limit, verbs
from .state import proposal_lines
from .templates import Templates

REPLY_SHOWN = 2000
"""Characters of an answer that could not be used which its author is shown again."""


class Prompter:
    """Makes prompts of views; what earlier turns of the same game rendered is kept with the view, for speed alone.

    `budget` is the number of tokens (characters / 4) that closed rounds may fill before old ones become a digest.
    """

    def __init__(self, templates: Templates, budget: int) -> None:
        self._templates = templates
        self._budget = budget

    def messages(self, view: SeatView) -> list[Message]:
        """The messages that ask for this turn; answers that failed come after them, each with what was wrong."""
        history = self._history(view)
        past = history.opening if "no-history" in view.sheet.strategy.ablate else history.messages()
        asked: Message = {"role": "user", "content": self._question(view, history)}
        repairs = [m for attempt in view.attempts for m in repair(self._templates, attempt, KEYS)]
        return [view.once("system", lambda: self._system(view)), *past, asked, *repairs]

    def schema(self, view: SeatView) -> Schema:
        """The schema of the seat's answers, the same object as long as the game lasts."""
        return view.once("schema", lambda: game_schema(view.sheet))

    def _history(self, view: SeatView) -> History:
        """The history that was kept, if it is the beginning of this view's, else a new one; up to date."""
        seen = ablated(view)
        history = view.once("history", lambda: History(seen, self._templates, self._budget))
        if not history.precedes(seen):
            history = History(seen, self._templates, self._budget)
        history.advance(seen)
        return history

    # --- parts -------------------------------------------------------------------------------------------------------

    def _system(self, view: SeatView) -> Message:
        sheet = view.sheet.model_copy(update={"persona": dossier(view.sheet)})
        values = {"run": view.run, "sheet": sheet, "thought": THOUGHT, "note": NOTE}
        return {"role": "system", "content": self._templates.render("system.j2", values)}

    def _question(self, view: SeatView, history: History) -> str:
        kind, phase = ring_kind(view), view.moment.phase
        name = "question_own.j2" if kind == "own" else f"question_{phase}.j2"
        parts = [self._templates.render(name, self._values(view, history))]
        if "reflect-first" in view.sheet.strategy.ablate:
            parts.append(self._templates.render("reflect.j2", {}))
        return "\n\n".join(parts)

    def _values(self, view: SeatView, history: History) -> Mapping[str, Any]:
        sheet, moment = view.sheet, view.moment
        heard = history.heard(view)
        ledger = history.ledger.copied() if heard else history.ledger
        for event in heard:
            ledger.apply(event)
        table = view.table
        texts = proposal_lines(sheet, ledger, table, moment.round, heard) if table else ()
        kind = ring_kind(view)
        options = Options(sheet, ledger, history.world, table).of(verbs(sheet, moment.phase, kind))
        return {
            "round": moment.round,
            "rounds": view.run.rounds,
            "date": history.date,
            "state": history.state(),
            "ring": sheet.rings[moment.ring] if moment.ring else None,
            "others": self._others(view, history),
            "heard": fenced(history.lines(heard)),
            "texts": fenced(encode(text) for text in texts),
            "options": options,
            "limit": text_limit(moment.phase, kind),
        }

    def _others(self, view: SeatView, history: History) -> list[str]:
        """Who else meets in the ring of this turn."""
        if view.moment.ring is None:
            return []
        state = history.world.rings.get(view.moment.ring)
        members = state.members if state and state.members else view.sheet.rings[view.moment.ring].members
        return [name_of(seat, view.sheet) for seat in members if seat != view.seat]


def repair(templates: Templates, attempt: Attempt, keys: Sequence[str]) -> tuple[Message, Message]:
    """An answer that could not be used, as its author is shown it again, and what was wrong; `keys` are to be there."""
    named = [f"`{key}`" for key in keys]
    listed = f"{', '.join(named[:-1])} and {named[-1]}"
    problem = templates.render("repair.j2", {"problem": attempt.problem, "keys": listed})
    return {"role": "assistant", "content": _shown(attempt.reply)}, {"role": "user", "content": problem}


def ring_kind(view: SeatView) -> RingKind | None:
    """Kind of the ring in which this turn is; None where all move at once."""
    ring: RingRow | None = view.sheet.rings[view.moment.ring] if view.moment.ring else None
    return ring.kind if ring else None


def _shown(reply: str) -> str:
    """The beginning of a reply, fit to be sent again: nothing unprintable, nothing that reads as a control token."""
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in reply[:REPLY_SHOWN])
    return text.replace("<", "< ").strip() or "(nothing)"
