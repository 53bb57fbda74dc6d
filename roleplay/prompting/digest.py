"""Several closed rounds in a few lines, made from what the seat itself could read; knows nothing about budgets.

A digest keeps what later decisions hang on (news, deals, texts and their fate, acts, votes, breaches, secrets that came
out) and of the talk one line a seat and round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from ..commitments import Commitment
from ..events import Announced, Breach, Channel, Deal, Event, Expiry, Inject, Leaked, Moved, Ruling, Spoken, Tally
from ..ledger import Ledger
from ..moves import Break, Pledge, Prearrange, Statement, Table, Use
from ..views import RoleSheet
from .lines import Value, deal_name, excerpt, name_of

SAID = 80
NEWS = 100
"""Characters of somebody's last words, and of a piece of news."""
FEW_CLAUSES = 3


def digest_lines(events: Iterable[Event], sheet: RoleSheet, ledger: Ledger) -> Iterator[Value]:
    """One line a round; `ledger` as it stood after the last of them."""
    for number, group in groupby(events, key=lambda e: e.round):
        found = list(group)
        notes: dict[str, list[str]] = {}
        for event in found:
            for heading, note in _notes(event, sheet, ledger):
                notes.setdefault(heading, []).append(note)
        yield {"round": number, **notes, "said": _said(found, sheet)}


def _notes(event: Event, sheet: RoleSheet, ledger: Ledger) -> Iterator[tuple[str, str]]:
    who = name_of(event.seat, sheet) if event.seat else ""
    match event:
        case Inject():
            yield "news", excerpt(event.text, NEWS) + event.mark
        case Moved():
            yield from _moved(event, who, ledger)
        case Deal(ring=ring, number=number) if event.form != "pledge" and (ring, number) not in ledger.proposals:
            yield "deals", f"{deal_name(event)}: {_clauses(event.commitments)}"
        case Tally(number=number, adopted=adopted, why=why):
            yield "votes", f"draft {number} {'adopted' if adopted else 'not adopted'}: {why}"
        case Breach(commitment=name, by=by, openly=openly):
            yield "breaches", f"{name_of(by, sheet)} {'renounced' if openly else 'broke'} {name}"
        case Expiry(commitment=name):
            yield "expired", name
        case Channel(about=ring, state=state):
            yield "rings", f"{ring} {state}{f' by {who}' if who else ''}"
        case Leaked(about=about) | Announced(about=about):
            yield "made public", about
        case Ruling(tried=tried, why=why):
            yield "blocked", f"{tried.get('kind')}: {excerpt(why, SAID)}"
        case _:
            return


def _moved(event: Moved, who: str, ledger: Ledger) -> Iterator[tuple[str, str]]:
    match event.move:
        case Table(commitments=clauses) if event.ring and event.number:
            text = ledger.proposals.get((event.ring, event.number))
            fate = text.status if text else "open"
            yield "texts", f"{event.ring}/{event.number} by {who}, {fate}: {_clauses(clauses)}"
        case Use(instrument=name, params=params):
            typed = ", ".join(f"{n} {v}" for n, v in params.items())
            yield "acts", f"{who}: {name}{f' ({typed})' if typed else ''}"
        case Break(commitment=name):
            yield "breaches", f"{who} broke {name} in secret"
        case Statement(post=post, tone=tone, line=line):
            yield "statements", f"{who}, {post}: {tone}, {line}"
        case Pledge(commitment=clause):
            yield "pledges", f"{who}: {clause.type} of {clause.object}"
        case Prearrange(ring=ring, phrase=phrase):
            yield "signals", f"{ring}: {phrase}"
        case _:
            return


def _clauses(clauses: Sequence[Commitment]) -> str:
    named = [f"{', '.join(c.parties)} {c.type} of {c.object}" for c in clauses[:FEW_CLAUSES]]
    more = len(clauses) - len(named)
    return "; ".join(named) + (f"; {more} more" if more else "")


def _said(events: Iterable[Event], sheet: RoleSheet) -> dict[str, Any]:
    """The last words of each seat in this round: those in talks where there were any, else in public."""
    said: dict[str, tuple[bool, str]] = {}
    for event in events:
        if isinstance(event, Spoken) and event.seat and event.text and event.phase in ("talks", "speak"):
            private = event.phase == "talks"
            if private or not said.get(event.seat, (False,))[0]:
                said[event.seat] = private, f"{event.ring or 'public'}: {excerpt(event.text, SAID)}"
    return {name_of(seat, sheet): words for seat, (_, words) in said.items()}
