"""A commitment as a sentence a newspaper reader understands; knows nothing about who proposed or accepted it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..moves import Commitment, Duration
from .names import Names, listed

VERIFICATION = {
    "national_technical_means": "national technical means",
    "iaea": "the IAEA",
    "on_site": "on-site inspection",
    "joint_body": "a joint body",
    "notification_exchange": "exchange of notifications",
    "third_party": "a third party",
    "self_declared": "own declaration",
    "to_be_designed": "means to be designed",
}
REVERSIBLE = {
    "reversible": "can be undone",
    "withdrawal_clause": "with a withdrawal clause",
    "snapback": "snaps back",
    "irreversible": "cannot be undone",
}


def clause_words(clause: Commitment, names: Names) -> str:
    """One clause in one line: who, what, how far, how long, how it is seen, what follows a breach."""
    return "; ".join([what(clause, names), *terms(clause, names)])


def what(clause: Commitment, names: Names) -> str:
    """Who is bound to what: 'A and B: moratorium on long-range tests (everything above 1,000 km)'."""
    parties = listed(names.seats.get(p, p) for p in clause.parties)
    text = f"{parties}: {names.type(clause.type)}, {names.object(clause.object)}"
    return f"{text} ({clause.scope})" if clause.scope else text


def terms(clause: Commitment, names: Names) -> Iterator[str]:
    """The conditions of a clause, each a short phrase; nothing for what it leaves unstated."""
    if clause.start:
        yield f"starting {clause.start}"
    if duration := duration_words(clause.duration):
        yield duration
    if clause.conditions:
        yield f"condition: {clause.conditions}"
    if clause.trigger:
        yield f"trigger: {clause.trigger}"
    if means := [VERIFICATION[v] for v in clause.verification if v in VERIFICATION]:
        yield f"verified by {listed(means)}"
    elif "none" in clause.verification:
        yield "not verified"
    if clause.on_breach:
        yield f"if broken: {clause.on_breach}"
    if clause.reversible != "unstated":
        yield REVERSIBLE[clause.reversible]
    if clause.in_return_for:
        yield f"in return for {_return(clause.in_return_for, names)}"
    if clause.note:
        yield f"note: {clause.note}"


def duration_words(duration: Duration) -> str:
    """How long a clause holds, '' where it does not say."""
    detail = duration.detail
    match duration.kind:
        case "dated":
            return f"for {detail}" if detail.split(" ")[0].isdigit() else f"until {detail}".rstrip()
        case "open":
            return "with no end date"
        case "until_event":
            return f"until {detail or 'an event not named'}"
        case "while_talks":
            return "while talks go on"
        case "permanent":
            return "for good"
        case "one_time":
            return "once"
        case "unstated":
            return detail


def numbered(clauses: Iterable[Commitment], names: Names) -> str:
    """Clauses in a row: '(1) ...; (2) ...'; one alone has no number."""
    words = [clause_words(clause, names) for clause in clauses]
    return words[0] if len(words) == 1 else " ".join(f"({i}) {text}." for i, text in enumerate(words, 1))


def _return(text: str, names: Names) -> str:
    return f"clause {text}" if text.isdigit() else names.object(text)
