"""A seat that a language model plays by itself: the view becomes a prompt, the reply a turn. Knows no rules.

Deliberation is asked for as a field of the answer, what others hear as another; the provider's own reasoning stays in
the reply and comes into neither.
"""

from __future__ import annotations

import hashlib

from ..models import ChatModel, Reply, Request
from ..moves import Turn
from ..prompting.answer import Flaw, read_answer
from ..prompting.brief import BriefPrompter
from ..prompting.brief_schema import brief_verbs
from ..prompting.prompt import Prompter, ring_kind
from ..prompting.schema import verbs
from ..prompting.templates import Templates, load_templates
from ..views import SeatView
from . import BadReply, unusable

BUDGET = 12_000
"""Tokens of history."""
MAX_TOKENS = 1600
BRIEF_TOKENS = 200
"""The longest short answer is a text of two clauses, at some 160 tokens."""
SMALL = 16_000
"""A model with a smaller context than this is asked in brief."""
TEMPERATURE = 0.7


class ModelSeat:
    """Plays whatever seat the view is of; `seed` fixes each request's own.

    `brief` is the context of a model to which the whole prompt cannot be sent: it gets a short one and is asked for one
    simple move.
    """

    def __init__(
        self,
        model: ChatModel,
        templates: Templates | None = None,
        *,
        temperature: float = TEMPERATURE,
        seed: int = 0,
        max_tokens: int | None = None,
        brief: int | None = None,
    ) -> None:
        self.model = model
        self._max_tokens = max_tokens or (BRIEF_TOKENS if brief else MAX_TOKENS)
        templates = templates or load_templates()
        self._brief = brief is not None
        self._prompter: Prompter | BriefPrompter = (
            BriefPrompter(templates, brief, self._max_tokens, seed) if brief else Prompter(templates, BUDGET)
        )
        self._temperature = temperature
        self._seed = seed

    def ask(self, view: SeatView) -> Request:
        """What to send: the same messages for the same view; a repair appends to them."""
        return Request(
            messages=self._prompter.messages(view),
            schema=self._prompter.schema(view),
            slot=view.seat,
            max_tokens=self._max_tokens,
            temperature=self._temperature,
            seed=_seed(self._seed, view),
        )

    def read(self, view: SeatView, reply: Reply | None) -> Turn | BadReply:
        """The turn in this reply, or why there is none, in words for its author."""
        if reply is None:
            return BadReply("empty", "no answer came")
        if bad := unusable(reply):
            return bad
        offered = brief_verbs if self._brief else verbs
        return _turn(read_answer(reply.text, offered(view.sheet, view.moment.phase, ring_kind(view))))


def small_context(model: ChatModel) -> int | None:
    """The context of a model that is to be asked in brief, else None; a model that names none is taken for large."""
    context: int | None = getattr(model, "context", None)
    return context if context is not None and context < SMALL else None


def _turn(answer: Turn | Flaw) -> Turn | BadReply:
    if isinstance(answer, Flaw):
        return BadReply("malformed", str(answer))
    if not answer.text and not answer.moves:
        return BadReply("empty", "the answer says and does nothing; to do nothing, answer with the one move pass")
    return answer


def _seed(seed: int, view: SeatView) -> int:
    """A number of this request's own: the same for the same seed, moment, seat and attempt."""
    m = view.moment
    name = f"{seed}|{m.round}|{m.phase}|{m.ring or '-'}|{m.turn}|{view.seat}|{len(view.attempts)}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") >> 1
