"""Plain-English one-liners for every move and every event; the one place where they are worded.

Used by pages, Markdown, tables and the terminal alike. Knows nothing about layout, colour or who is reading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import assert_never, cast

from pydantic import ValidationError

from .. import events, moves
from ..events import PUBLIC, AnyEvent, Event
from ..moves import TONES, Commitment, Move, read_move
from .clauses import clause_words, numbered
from .names import Names, listed, spaced

VERDICTS = {"blocked": "Blocked", "observed": "Let through and noted", "credited": "Credited"}
VOTES = {"yes": "votes for", "no": "votes against", "abstain": "abstains on"}


def in_words(thing: Event | Move, names: Names) -> str:
    """One line of plain English: an event as a sentence, a move as a phrase without its subject ('accepts ...')."""
    if isinstance(thing, Event):
        return _event(cast(AnyEvent, thing), names)
    head, tail = headline(thing, names), clauses_of(thing)
    return f"{head}: {numbered(tail, names)}" if tail else head


def clauses_of(move: Move) -> tuple[Commitment, ...]:
    """The commitments that a move spells out; none for most kinds."""
    match move:
        case moves.Table(commitments=clauses) | moves.Amend(commitments=clauses):
            return clauses
        case moves.Pledge(commitment=clause):
            return (clause,)
        case _:
            return ()


def headline(move: Move, names: Names, number: int | None = None, seat: str | None = None) -> str:
    """A move as a phrase, without the clauses that it spells out; `number` names the proposal that it made.

    `seat` is who makes it, whose posts a public line may name.
    """
    match move:
        case moves.Table():
            return f"tables proposal {number}" if number else "tables a text"
        case moves.Amend():
            return f"amends proposal {move.number}; earlier acceptances are void"
        case moves.Accept():
            return f"accepts proposal {move.number}"
        case moves.Reject():
            return f"rejects proposal {move.number}"
        case moves.Withdraw():
            return f"withdraws proposal {move.number}"
        case moves.Renew():
            return f"keeps proposal {move.number} on the table for another round"
        case moves.Consult():
            return f"consults on a planned {names.instrument(move.instrument)}"
        case moves.Authorise():
            return f"authorises {names.instrument(move.instrument)}"
        case moves.Mandate():
            grants = listed(names.type(t) for t in move.grants) or "nothing"
            return f"empowers its team in {names.ring(move.ring)} to commit to: {grants}"
        case moves.Open():
            return f"offers to open {names.ring(move.ring)}"
        case moves.Suspend():
            return f"suspends {names.ring(move.ring)}"
        case moves.Leave():
            return f"walks out of {names.ring(move.ring)}"
        case moves.Confide():
            return f"confides to {names.seat(move.to)} that {names.ring(move.ring)} exists"
        case moves.Prearrange():
            return f"prearranges that “{move.phrase}”, said in public, invites to {names.ring(move.ring)}"
        case moves.Pass():
            return "passes"
        case moves.Vote():
            return f"{VOTES[move.vote]} draft {move.number}"
        case moves.Use():
            return f"uses {names.instrument(move.instrument)}{_params(move.params)}"
        case moves.Break():
            return f"breaks commitment {move.commitment} without saying so"
        case moves.Renounce():
            return f"renounces commitment {move.commitment}"
        case moves.Leak():
            return f"leaks {_secret(move.ring, move.number, names)}"
        case moves.Statement():
            return _statement(move, names, seat)
        case moves.Pledge():
            return "pledges in public"
        case moves.NameOfficial():
            return f"names {names.post(seat, move.post)} as the official who answers for the policy"
        case moves.Announce():
            return f"announces {_secret(move.ring, move.number, names)}"
        case _:
            assert_never(move)


def _statement(move: moves.Statement, names: Names, seat: str | None) -> str:
    lines = ("lines: " if move.also else "line: ") + "; ".join(names.line(line) for line in move.lines)
    phrase = f", with the words “{move.phrase}”" if move.phrase else ""
    return (
        f"speaks through {names.post(seat, move.post)} to {names.audience(move.audience)}; "
        f"tone {tone_words(move.tone)}; {lines}{phrase}"
    )


def _event(event: AnyEvent, names: Names) -> str:
    who = names.seat(event.seat) if event.seat else "The engine"
    match event:
        case events.Run():
            return f"“{event.title}” opens on {event.opens}, {event.rounds} rounds at most; {event.notice}"
        case events.Role():
            return f"{who} is given its role sheet"
        case events.Inject():
            return event.text + event.mark
        case events.Channel():
            return _channel(event, who, names)
        case events.Spoken():
            return _turn(event, who, names)
        case events.Deliberation():
            return f"{who} writes for itself: {event.text}"
        case events.Reasoning():
            return f"The model behind {who} reasons: {event.text}"
        case events.Moved():
            head, tail = headline(event.move, names, event.number, event.seat), clauses_of(event.move)
            return f"{who} {head}: {numbered(tail, names)}" if tail else f"{who} {head}"
        case events.Intent():
            means = {"keep": "to keep", "break": "to break", "depends": "to see what others do about"}[event.intends]
            return f"{who} privately means {means} proposal {event.number} of {names.ring(event.about)}"
        case events.Ruling():
            return _ruling(event, who, names)
        case events.Deal():
            return f"{deal_words(event, names)}: {numbered(event.commitments, names)}"
        case events.Lapse():
            return f"Proposal {event.number} of {names.ring(event.ring)} lapses: nobody renewed it"
        case events.Expiry():
            return f"Commitment {event.commitment} has run its time"
        case events.Breach():
            return f"{breach_words(event, names)} ({clause_words(event.clause, names)})"
        case events.Tally():
            return f"Draft {event.number} is {'adopted' if event.adopted else 'not adopted'}: {_why(event, names)}"
        case events.Effect():
            return f"{names.indicator(event.indicator, event.of)} {signed(event.by)} (claim {event.claim})"
        case events.Chance():
            came = "happens" if event.happened else "does not happen"
            return f"Chance: {spaced(event.name)} {came} (drew {event.draw:.2f} against {event.probability:.2f})"
        case events.Leaked():
            return f"In the press: {event.text}"
        case events.Announced():
            return f"{who} announces: {event.text}"
        case events.PhaseClosed():
            return f"The {event.phase} phase closes"
        case events.Ending():
            return f"{ended_words(event)}: {event.reason}"
        case _:
            assert_never(event)


def deal_words(deal: events.Deal, names: Names) -> str:
    """A deal without its clauses: what form it has and whom it binds."""
    parties = names.seats_of(deal.parties)
    match deal.form:
        case "deal":
            return f"Deal {deal.number} binds {parties}"
        case "resolution":
            return f"Resolution {deal.number} of {names.ring(deal.ring)} is adopted"
        case "pledge":
            return f"{parties} is bound by its own pledge"


def breach_words(breach: events.Breach, names: Names) -> str:
    """A breach without its clause: who did what to which commitment."""
    how = "renounces" if breach.openly else "breaks"
    return f"{names.seat(breach.by)} {how} commitment {breach.commitment}"


def tried_words(ruling: events.Ruling, names: Names) -> str:
    """What a ruling was about: the move in words, or its raw fields where it is none of ours.

    The clauses of a move that went through stand with the move itself, which comes next.
    """
    try:
        move = read_move(ruling.tried)
        return in_words(move, names) if ruling.verdict == "blocked" else headline(move, names, seat=ruling.seat)
    except ValidationError:
        return json.dumps(ruling.tried, sort_keys=True, ensure_ascii=False)


def tone_words(tone: str) -> str:
    """A tone with its place on the scale of severity: 'firm (2 of 4)'."""
    return f"{tone} ({TONES.index(tone)} of {len(TONES) - 1})"


def ended_words(ending: events.Ending) -> str:
    """How a game ended, said so that a reader who does not know the terms understands."""
    if ending.ended == "truncated":
        return "The game was stopped before its end"
    return f"The game ended by its own rules ({spaced(ending.name)})"


def signed(value: float) -> str:
    """A change with its sign and no needless decimals: '+4', '−1.5'."""
    text = number(abs(value))
    return f"−{text}" if value < 0 else f"+{text}"


def number(value: float) -> str:
    """A figure with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _channel(event: events.Channel, who: str, names: Names) -> str:
    ring = names.ring(event.about)
    match event.state:
        case "offered":
            return f"{who} offers to open {ring}"
        case "open":
            return f"{ring} is open" + (f": {names.seats_of(event.members)}" if event.members else "")
        case "suspended":
            return f"{ring} is suspended" + (f" by {who}" if event.seat else "")
        case "closed":
            return f"{ring} stays closed: {event.words}" if event.words else f"{ring} is closed"
        case "arranged":
            return f"{who} lets it be known that “{event.words}”, said in public, will invite to {ring}"
        case "signalled":
            return f"{who} has said the agreed words “{event.words}”: an invitation to {ring}"
        case "left":
            return f"{who} walks out of {ring}"
        case "exists":
            told = "" if PUBLIC in event.readers or not event.seat else f", {who} says in confidence"
            return f"{ring} exists{told}"


def _turn(event: events.Spoken, who: str, names: Names) -> str:
    who = f"{who} ({names.post(event.seat, event.post)})" if event.post else who
    said = f": “{event.text}”" if event.text else " says nothing"
    match event.outcome:
        case "failed":
            return f"{who}: turn FAILED; neither a pass nor a choice"
        case "passed":
            return f"{who} passes"
        case "repaired":
            return f"{who}{said} (after a repair)"
        case "ok":
            return f"{who}{said}"


def _ruling(event: events.Ruling, who: str, names: Names) -> str:
    tried = f"“{who} {tried_words(event, names)}”"
    text = f"{VERDICTS[event.verdict]} by {event.rule_kind} rule {event.rule}: {tried}. {event.why}"
    return f"{text} Legal: {event.legal}" if event.legal and event.verdict == "blocked" else text


def _why(event: events.Tally, names: Names) -> str:
    return " ".join(names.seats.get(word.rstrip(","), word) for word in event.why.split(" "))


def _params(params: Mapping[str, object]) -> str:
    words = [f"{spaced(name)}: {plain(value)}" for name, value in params.items()]
    return f" ({', '.join(words)})" if words else ""


def plain(value: object) -> str:
    """A parameter's value as a word."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _secret(ring: str, number: int, names: Names) -> str:
    return f"proposal {number} of {names.ring(ring)}" if number else f"the existence of {names.ring(ring)}"
