"""Several people on one seat: who they are, who answers in which rings, and what waits for their head.

Knows nothing about links, pages or how a turn is sent.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from ..errors import UsageError
from ..frozen import Frozen, Id, Note
from ..moves import Turn
from ..views import Moment

RELEASED = frozenset({"table", "amend", "accept", "reject", "withdraw", "renew"})
"""Moves of talks by which a text comes to bind, or does not: who tables one has accepted it."""


class NeedsRelease(UsageError):
    """This turn is the head's to release."""


class Member(Frozen):
    """Somebody who sits in a delegation."""

    id: Id
    """As in a link: small letters."""
    name: Note = ""
    """As others of the delegation read it; else the id."""
    rings: tuple[Id, ...] = ()
    """Rings in which this desk officer answers; empty: all of the government's."""

    @property
    def called(self) -> str:
        return self.name or self.id.capitalize()


class Delegation(Frozen):
    """The people on one seat; the first of them is the head."""

    members: Annotated[tuple[Member, ...], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [member.id for member in self.members]
        if len(set(ids)) < len(ids):
            raise ValueError(f"two members are called the same: {', '.join(ids)}")
        return self

    @property
    def head(self) -> Member:
        return self.members[0]

    def member(self, id: str) -> Member:
        """One of them; raises UsageError for a stranger."""
        found = next((m for m in self.members if m.id == id), None)
        if found is None:
            raise UsageError(f"'{id}' is not of this delegation")
        return found

    def answers(self, by: str, ring: str | None) -> bool:
        """Whether a member answers in a ring: the head in all of them, and outside all rings anybody drafts."""
        member = self.member(by)
        return ring is None or member == self.head or not member.rings or ring in member.rings

    def check(self, by: str, moment: Moment, turn: Turn) -> None:
        """Raise NeedsRelease where a turn is the head's to release, UsageError where the ring is not this member's."""
        if self.member(by) == self.head:
            return
        if not self.answers(by, moment.ring):
            desks = ", ".join(m.called for m in self.members if not m.rings or moment.ring in m.rings)
            raise UsageError(f"{moment.ring} is not your desk: {desks} can answer there")
        if moment.ring is None or any(move.kind in RELEASED for move in turn.moves):
            raise NeedsRelease(f"this waits for {self.head.called}, who heads your delegation")


def parse_delegation(text: str) -> Delegation:
    """Read 'ada,ben:RING+RING,cleo': the head first, and a desk officer's rings behind a colon."""
    rows = [part.partition(":") for part in text.split(",")]
    try:
        members = [Member(id=name.strip().lower(), name=name.strip(), rings=tuple(filter(None, rings.split("+"))))
                   for name, _, rings in rows]  # fmt: skip
        return Delegation(members=tuple(members))
    except ValidationError as error:
        found = error.errors(include_url=False)[0]["msg"]
        raise UsageError(f"--delegation {text}: {found}", hint="write SEAT=HEAD,OFFICER:RING+RING") from None
