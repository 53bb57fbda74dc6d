"""One event as the plain value that a seat's prompt shows: compact, by name, without ids of events or of the run.

Knows nothing about which events a seat may read (its view has no others), nor about how lines become messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, assert_never, cast

from .. import events as ev
from ..commitments import Commitment
from ..events import AnyEvent, Event
from ..frozen import dump
from ..moves import Accept, Amend, Move, Pledge, Table
from ..views import RoleSheet

YOU = "you"
THOUGHT = 160
"""Characters of the seat's own earlier deliberation that it is reminded of."""
_UNSTATED = ("unstated", {"kind": "unstated"}, ["na"])

Value = Mapping[str, Any]


def line_of(event: Event, sheet: RoleSheet) -> Value | None:
    """What the seat of `sheet` is shown of an event; None for what it knows otherwise or need not be told."""
    said = _line(cast(AnyEvent, event), sheet)
    by = {"by": name_of(event.seat, sheet)} if event.seat else {}
    return None if said is None else {**by, **said}


def name_of(seat: str, sheet: RoleSheet) -> str:
    """How a prompt calls a seat: by its id, the reader itself 'you'."""
    return YOU if seat == sheet.seat else seat


def clause_value(clause: Commitment) -> Value:
    """A clause without its empty fields."""
    return {name: value for name, value in dump(clause).items() if value not in _UNSTATED}


def excerpt(text: str, limit: int) -> str:
    """The beginning of a text, cut after a word."""
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " ..."


def deal_name(deal: ev.Deal) -> str:
    """What a deal's commitments are called in the ledger, up to the clause's number."""
    return f"{deal.ring or deal.seat}/{'pledge-' if deal.form == 'pledge' else ''}{deal.number}"


def _line(event: AnyEvent, sheet: RoleSheet) -> Value | None:
    match event:
        case ev.Spoken():
            return _spoken(event)
        case ev.Deliberation(text=text):
            return {"thought": excerpt(text, THOUGHT)}
        case ev.Moved(move=move, number=number):
            return {"move": _move(move), **({"number": number} if number else {})}
        case ev.Intent(about=ring, number=number, intends=intends):
            return {"intends": intends, "text": f"{ring}/{number}"}
        case ev.Inject(text=text, at=at, status=status):
            return {"date": at, "news": text, **({} if status in ("verified", "authored") else {"status": status})}
        case ev.Channel(about=ring, state=state):
            told = {"words": event.words} if event.words else {}
            return None if event.round == 0 else {"ring": ring, "now": state, **told}
        case ev.Ruling(tried=tried, why=why, legal=legal):
            return {"blocked": tried.get("kind"), "why": why, "legal": legal}
        case ev.Deal():
            return _deal(event, sheet)
        case ev.Lapse(number=number):
            return {"lapsed": f"{event.ring}/{number}"}
        case ev.Expiry(commitment=name):
            return {"expired": name}
        case ev.Breach(commitment=name, by=by, openly=openly):
            return {"renounced" if openly else "broken": name, "by": name_of(by, sheet)}
        case ev.Tally(number=number, adopted=adopted, why=why, votes=votes):
            return {"draft": number, "adopted": adopted, "why": why, "votes": votes}
        case ev.Leaked(about=about, text=text):
            return {"leaked": about, "text": text}
        case ev.Announced(about=about, text=text):
            return {"announced": about, "text": text}
        case ev.Ending(reason=reason):
            return {"over": reason}
        case ev.Run() | ev.Role() | ev.Effect() | ev.Adjudication() | ev.Chance() | ev.Reasoning() | ev.PhaseClosed():
            return None
        case _:
            assert_never(event)


def _spoken(event: ev.Spoken) -> Value | None:
    if event.outcome == "failed":
        return {"failed": "gave no answer that could be used"}
    if event.text:
        return {"text": event.text}
    return {"passes": True} if event.outcome == "passed" else None


def _move(move: Move) -> Value:
    if isinstance(move, Accept):
        return {"kind": "accept", "number": move.number}
    value = dump(move)
    if isinstance(move, Table | Amend):
        value["commitments"] = [clause_value(c) for c in move.commitments]
    if isinstance(move, Pledge):
        value["commitment"] = clause_value(move.commitment)
    return value


def _deal(deal: ev.Deal, sheet: RoleSheet) -> Value | None:
    """A deal, with its clauses where the seat cannot have read them when they were tabled."""
    if deal.form == "pledge":
        return None
    value: dict[str, Any] = {"deal": deal_name(deal), "form": deal.form, "parties": deal.parties}
    if deal.round == 0 or deal.ring not in sheet.rings:
        value["clauses"] = list(_named_clauses(deal))
    return value


def _named_clauses(deal: ev.Deal) -> Iterator[Value]:
    for number, clause in enumerate(deal.commitments, 1):
        yield {"id": f"{deal_name(deal)}.{number}", **clause_value(clause)}
