"""Who plays a seat: the protocols that every driver meets. Knows nothing about the graph that asks it.

A driver is any object with `decide(view) -> Turn`. A driver whose words come from a model is split in two, so that the
graph can look up a stored reply before it pays for a call: `ask` says what to send, `read` what came of it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from ..models import ChatModel, Reply, Request
from ..moves import Turn
from ..views import SeatView

BadKind = Literal["refused", "truncated", "empty", "malformed", "illegal"]


@dataclass(frozen=True)
class BadReply:
    """A reply from which no turn could be read: what kind of failure, and the words that a repair shows its author."""

    kind: BadKind
    problem: str


def unusable(reply: Reply) -> BadReply | None:
    """Why a reply need not be read at all, in words for its author; None where it may hold an answer."""
    if reply.refusal or reply.finish in ("content_filter", "refusal"):
        return BadReply("refused", "the answer was a refusal; stay in the exercise and answer for your delegation")
    if reply.finish == "length":
        return BadReply("truncated", "the answer was cut off before its end; answer more briefly")
    if reply.finish in ("malformed", "oversize"):
        return BadReply("malformed", "the answer could not be read")
    return None if reply.text.strip() else BadReply("empty", "the answer was empty")


@runtime_checkable
class Seat(Protocol):
    """What plays a government: sees a view, returns its turn. `decide` may be a coroutine."""

    def decide(self, view: SeatView) -> Turn | Awaitable[Turn]: ...


@runtime_checkable
class AskingSeat(Protocol):
    """A seat whose words come from a model."""

    model: ChatModel

    def ask(self, view: SeatView) -> Request | None:
        """What to send now, or None where this turn needs no call; `view.attempts` holds answers that failed."""
        ...

    def read(self, view: SeatView, reply: Reply | None) -> Turn | BadReply:
        """The turn in this reply; a pure function of its arguments. `reply` is None where `ask` returned None."""
        ...


AnySeat = Seat | AskingSeat
