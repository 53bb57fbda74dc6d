"""A seat whose model is shown a mask: what is sent is masked, what comes back unmasked. Knows no mask and no model.

The journal so keeps both as they were, and real ids in every event.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..crises.mask import Mask
from ..events import Event
from ..models import ChatModel, Message, Reply, Request
from ..moves import Turn
from ..views import Attempt, SeatView
from . import AskingSeat, BadReply
from .model import ModelSeat


class Masked:
    """Plays as `inner` does, behind `mask`.

    A seat that decides by its prompt is asked about a masked view. Any other decides by the real one, and only its
    words are masked, so that the mask changes nothing of what it does.
    """

    def __init__(self, inner: AskingSeat, mask: Mask) -> None:
        self.model: ChatModel = inner.model
        self._inner = inner
        self._mask = mask
        self._shown: dict[int, tuple[Event, Event]] = {}
        """Events by identity, each with what is shown for it: the same object for the same event."""
        self._kept: dict[object, Any] = {}

    def ask(self, view: SeatView) -> Request | None:
        """What the inner seat would send, masked."""
        if isinstance(self._inner, ModelSeat):
            return self._inner.ask(self.masked(view))
        request = self._inner.ask(view)
        return replace(request, messages=[self._message(m) for m in request.messages]) if request else None

    def read(self, view: SeatView, reply: Reply | None) -> Turn | BadReply:
        """The turn in this reply, with real names and ids."""
        return self._inner.read(view, replace(reply, text=self._mask.undo(reply.text)) if reply else None)

    def masked(self, view: SeatView) -> SeatView:
        """The view with stand-ins; answers that failed are masked already, as the model wrote them."""
        seat, ring = self._mask.value([view.seat, view.moment.ring])
        attempts = tuple(Attempt(a.reply, self._mask.text(a.problem)) for a in view.attempts)
        events = tuple(self._event(event) for event in view.events)
        return SeatView(seat, view.moment._replace(ring=ring), events, attempts, kept=self._kept)

    def _event(self, event: Event) -> Event:
        if id(event) not in self._shown:
            self._shown[id(event)] = event, self._mask.event(event)
        return self._shown[id(event)][1]

    def _message(self, message: Message) -> Message:
        return {"role": message["role"], "content": self._mask.text(message["content"])}
