"""A model that advises the people on a seat: asked about the same view as a model that plays, answers in words alone.

Knows nothing about who is advised, nor about what becomes of its advice.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError

from ..frozen import Frozen, Text
from ..models import ChatModel, Reply, Request, message
from ..moves import Turn
from ..prompting.prompt import Prompter
from ..prompting.templates import Templates, load_templates
from ..views import SeatView
from . import BadReply
from .model import BUDGET

LIMIT = 1200
MAX_TOKENS = 500
TEMPERATURE = 0.5
SCHEMA: dict[str, Any] = {
    "type": "object", "properties": {"advice": {"type": "string", "maxLength": LIMIT}}, "required": ["advice"],
    "additionalProperties": False,
}  # fmt: skip


class Advice(Frozen):
    """What an adviser answers."""

    advice: Text = Field(min_length=1)


class Adviser:
    """Advises on the turn of whatever seat the view is of."""

    def __init__(self, model: ChatModel, templates: Templates | None = None, seed: int = 0) -> None:
        self.model = model
        self._templates = templates or load_templates()
        self._prompter = Prompter(self._templates, BUDGET)
        self._seed = seed

    def ask(self, view: SeatView) -> Request:
        """What to send: all that a model in the seat's place would be sent, then the other question."""
        asked = message("user", self._templates.render("adviser.j2", {"limit": LIMIT}))
        messages = [*self._prompter.messages(view), asked]
        return Request(messages, SCHEMA, view.seat, MAX_TOKENS, TEMPERATURE, self._seed)

    def read(self, view: SeatView, reply: Reply | None) -> Turn | BadReply:
        """The advice as the words of a turn without moves."""
        if reply is None or reply.refusal or not reply.text.strip():
            return BadReply("empty", "no advice came")
        try:
            return Turn(text=Advice.model_validate_json(reply.text).advice)
        except ValidationError as error:
            return BadReply("malformed", str(error.errors(include_url=False)[0]["msg"]))
