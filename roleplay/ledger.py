"""Proposals, deals and commitments as a fold of events; knows nothing about rules, rings' rights or the world.

The same fold over a seat's readable events gives the ledger as that seat knows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from .commitments import Commitment
from .events import Breach, Deal, Event, Expiry, Lapse, Moved, Tally
from .moves import Accept, Amend, Reject, Renew, Table, Withdraw

ProposalStatus = Literal["open", "bound", "rejected", "withdrawn", "lapsed", "adopted", "not adopted"]
CommitmentStatus = Literal["in force", "broken", "renounced", "expired"]


@dataclass(frozen=True)
class Proposal:
    """A text on the table of a ring; `versions` are its earlier wordings, oldest first."""

    ring: str
    number: int
    by: str
    commitments: tuple[Commitment, ...]
    accepted: frozenset[str]
    status: ProposalStatus
    kept_until: int
    """The round at whose end it lapses."""
    versions: tuple[tuple[Commitment, ...], ...] = ()

    @property
    def parties(self) -> frozenset[str]:
        """Everyone whom a clause binds, and the proposer: all of them must accept."""
        return frozenset(p for c in self.commitments for p in c.parties) | {self.by}


@dataclass(frozen=True)
class Entry:
    """A commitment that binds or has bound; `id` is 'ring/number.clause', 'seat/pledge-number.clause' for a pledge."""

    id: str
    commitment: Commitment
    parties: tuple[str, ...]
    ring: str | None
    form: str
    round: int
    since: str
    readers: frozenset[str]
    deal: str
    status: CommitmentStatus = "in force"
    broken_by: str | None = None


@dataclass
class Ledger:
    """State of every proposal and commitment after the events applied so far."""

    proposals: dict[tuple[str, int], Proposal] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)

    def copied(self) -> Ledger:
        """An independent ledger with the same rows (rows are frozen)."""
        return Ledger(copy(self.proposals), copy(self.entries))

    def open_in(self, ring: str) -> list[Proposal]:
        """Open proposals of a ring, by number."""
        return [p for (r, _), p in sorted(self.proposals.items()) if r == ring and p.status == "open"]

    def next_number(self, ring: str) -> int:
        """The number that the next text of a ring gets; texts that bound before the game count too."""
        standing = (int(e.id.split("/")[1].split(".")[0]) for e in self.entries.values() if e.ring == ring)
        return 1 + max((*(n for r, n in self.proposals if r == ring), *standing), default=0)

    def in_force(self, party: str | None = None, type: str | None = None, object: str | None = None) -> list[Entry]:
        """Commitments in force, narrowed to those that bind `party`, are of `type`, name `object`."""
        return [
            e for e in self.entries.values()
            if e.status == "in force"
            and (party is None or party in e.commitment.parties)
            and (type is None or e.commitment.type == type)
            and (object is None or e.commitment.object == object)
        ]  # fmt: skip

    def due(self, today: date) -> list[Entry]:
        """Commitments whose last day is past and that have not expired: broken ones too, as some may not know."""
        ended = []
        for entry in self.entries.values():
            last = entry.commitment.ends(date.fromisoformat(entry.since))
            if entry.status != "expired" and last is not None and last < today:
                ended.append(entry)
        return ended

    def apply(self, event: Event) -> None:
        """Fold one event in; events of kinds that the ledger does not keep change nothing."""
        match event:
            case Moved(ring=str() as ring, seat=str() as seat):
                self._move(event, ring, seat)
            case Deal():
                self._bind(event)
            case Lapse(ring=str() as ring):
                self._set(ring, event.number, status="lapsed")
            case Tally(adopted=adopted, ring=ring):
                if not adopted and ring:
                    self._set(ring, event.number, status="not adopted")
            case Expiry():
                self._mark(event.commitment, "expired", None)
            case Breach():
                self._mark(event.commitment, "renounced" if event.openly else "broken", event.by)
            case _:
                pass

    def _move(self, event: Moved, ring: str, seat: str) -> None:
        match event.move:
            case Table(commitments=clauses) if event.number is not None:
                self.proposals[ring, event.number] = Proposal(
                    ring, event.number, seat, clauses, frozenset({seat}), "open", event.round
                )
            case Amend(number=number, commitments=clauses):
                old = self.proposals.get((ring, number))
                if old:
                    self.proposals[ring, number] = replace(
                        old, by=seat, commitments=clauses, accepted=frozenset({seat}), status="open",
                        kept_until=event.round, versions=(*old.versions, old.commitments),
                    )  # fmt: skip
            case Accept(number=number):
                old = self.proposals.get((ring, number))
                if old:
                    self._set(ring, number, accepted=old.accepted | {seat})
            case Reject(number=number):
                self._set(ring, number, status="rejected")
            case Withdraw(number=number):
                self._set(ring, number, status="withdrawn")
            case Renew(number=number):
                self._set(ring, number, kept_until=event.round + 1)
            case _:
                pass

    def _bind(self, deal: Deal) -> None:
        where = deal.ring or f"{deal.seat}"
        if deal.ring:
            self._set(deal.ring, deal.number, status="adopted" if deal.form == "resolution" else "bound")
        for i, clause in enumerate(deal.commitments, 1):
            name = f"{where}/{deal.number}.{i}" if deal.form != "pledge" else f"{where}/pledge-{deal.number}.{i}"
            self.entries[name] = Entry(
                name, clause, deal.parties, deal.ring, deal.form, deal.round, deal.at, frozenset(deal.readers), deal.id
            )

    def _set(self, ring: str, number: int, **changes: Any) -> None:
        old = self.proposals.get((ring, number))
        if old:
            self.proposals[ring, number] = replace(old, **changes)

    def _mark(self, name: str, status: CommitmentStatus, by: str | None) -> None:
        if name in self.entries and self.entries[name].status == "in force":
            self.entries[name] = replace(self.entries[name], status=status, broken_by=by)


def fold(events: Iterable[Event], start: Ledger | None = None) -> Ledger:
    """The ledger after these events, in canonical order; `start` is not changed."""
    ledger = start.copied() if start else Ledger()
    for event in events:
        ledger.apply(event)
    return ledger
