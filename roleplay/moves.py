"""The verbs of the game: typed moves, and the turn that carries them.

Knows nothing about any crisis: types, objects, instruments, rings and posts are plain ids here, checked against the
crisis by the rules, and narrowed to enumerations by the schema that a seat's model is given.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter

from .commitments import Clauses, Commitment
from .frozen import NOTE_LIMIT, Frozen, Id, Note, Text, clean_text, unsaid

Phase = Literal["setup", "brief", "talks", "council", "act", "speak", "settle"]
PHASES: tuple[Phase, ...] = ("setup", "brief", "talks", "council", "act", "speak", "settle")
"""A round runs through all but `setup`, which happens once, in round 0."""
PHASE_NUMBER: dict[Phase, int] = {phase: number for number, phase in enumerate(PHASES)}

MOVE_LIMIT = 4
LINE_LIMIT = 6

Number = Annotated[int, Field(ge=1, le=99, strict=True)]


# --- talks -----------------------------------------------------------------------------------------------------------


class Table(Frozen):
    """Put a text on the table of this ring; the proposer has accepted it by tabling."""

    kind: Literal["table"] = "table"
    commitments: Clauses


class Amend(Frozen):
    """Replace the text of an open proposal; clears every acceptance but the amender's."""

    kind: Literal["amend"] = "amend"
    number: Number
    commitments: Clauses


class Accept(Frozen):
    """Accept an open proposal of this ring as it stands; `intends` is private and heard by nobody."""

    kind: Literal["accept"] = "accept"
    number: Number
    intends: Literal["unasked", "keep", "break", "depends"] = "unasked"


class Reject(Frozen):
    """Refuse an open proposal; it cannot bind any more unless it is amended."""

    kind: Literal["reject"] = "reject"
    number: Number


class Withdraw(Frozen):
    """Take back a proposal of one's own."""

    kind: Literal["withdraw"] = "withdraw"
    number: Number


class Renew(Frozen):
    """Keep an open proposal from lapsing at the end of this round."""

    kind: Literal["renew"] = "renew"
    number: Number


class Consult(Frozen):
    """Put the planned use of an instrument before the other members of this ring."""

    kind: Literal["consult"] = "consult"
    instrument: Id


class Authorise(Frozen):
    """Decide, in a government's own room, that an instrument may be used."""

    kind: Literal["authorise"] = "authorise"
    instrument: Id


class Mandate(Frozen):
    """Empower, in a government's own room, the team in `ring` to commit to these types of clause."""

    kind: Literal["mandate"] = "mandate"
    ring: Id
    grants: Annotated[tuple[Id, ...], Field(max_length=16)]


class Open(Frozen):
    """Offer to open a ring, or agree to its opening; it opens when each of its members has."""

    kind: Literal["open"] = "open"
    ring: Id


class Suspend(Frozen):
    """Suspend a ring: nobody meets there until it is opened again."""

    kind: Literal["suspend"] = "suspend"
    ring: Id


class Leave(Frozen):
    """Walk out of a ring; the others may go on without."""

    kind: Literal["leave"] = "leave"
    ring: Id


class Confide(Frozen):
    """Tell one other government that a hidden ring exists; this is no leak."""

    kind: Literal["confide"] = "confide"
    ring: Id
    to: Id


class Prearrange(Frozen):
    """Agree on words that, spoken in public, will mean an invitation to open `ring`."""

    kind: Literal["prearrange"] = "prearrange"
    ring: Id
    phrase: Annotated[str, StringConstraints(min_length=3, max_length=NOTE_LIMIT), BeforeValidator(clean_text)]


class Pass(Frozen):
    """Choose to do nothing; not the same as a turn that failed."""

    kind: Literal["pass"] = "pass"


# --- council ---------------------------------------------------------------------------------------------------------


class Vote(Frozen):
    """Vote on a draft of the Council ring."""

    kind: Literal["vote"] = "vote"
    number: Number
    vote: Literal["yes", "no", "abstain"]


# --- act -------------------------------------------------------------------------------------------------------------

Parameter = Annotated[str, StringConstraints(max_length=NOTE_LIMIT), BeforeValidator(clean_text)] | bool | int


class Use(Frozen):
    """Use an instrument of the crisis; `params` are typed by that instrument."""

    kind: Literal["use"] = "use"
    instrument: Id
    params: dict[Id, Parameter] = Field(default_factory=dict, max_length=12)


class Break(Frozen):
    """Knowingly break a commitment without saying so; `commitment` is its id in the ledger, as `ring/number.clause`."""

    kind: Literal["break"] = "break"
    commitment: Note


class Renounce(Frozen):
    """Declare that a commitment no longer binds."""

    kind: Literal["renounce"] = "renounce"
    commitment: Note


class Leak(Frozen):
    """Let the press have a ring's secret: its existence (number 0) or the text of proposal `number`."""

    kind: Literal["leak"] = "leak"
    ring: Id
    number: Annotated[int, Field(ge=0, le=99, strict=True)] = 0


# --- speak -----------------------------------------------------------------------------------------------------------

Tone = Literal["conciliatory", "neutral", "firm", "warning", "threat"]
TONES: tuple[Tone, ...] = ("conciliatory", "neutral", "firm", "warning", "threat")
"""Rhetoric severity 0-4 as typed by the speaker (article-map P1; measures.md section 8)."""


class Statement(Frozen):
    """A public line of one post of a government; the turn's text is what it says."""

    kind: Literal["statement"] = "statement"
    post: Id
    audience: Id
    tone: Tone
    line: Id
    also: Annotated[tuple[Id, ...], Field(max_length=LINE_LIMIT, exclude_if=unsaid)] = ()
    """Further policy lines that the same words carry: a policy speech has several."""
    phrase: Note = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Every policy line of it, the first one first."""
        return (self.line, *self.also)


class Pledge(Frozen):
    """Bind oneself in public to one clause, whatever others do."""

    kind: Literal["pledge"] = "pledge"
    commitment: Commitment


class NameOfficial(Frozen):
    """Name the one official who answers for the policy."""

    kind: Literal["name_official"] = "name_official"
    post: Id


class Announce(Frozen):
    """Make public, as its party, a deal (its number) or the existence of a ring (number 0)."""

    kind: Literal["announce"] = "announce"
    ring: Id
    number: Annotated[int, Field(ge=0, le=99, strict=True)] = 0


Move = Annotated[
    Table | Amend | Accept | Reject | Withdraw | Renew | Consult | Authorise | Mandate | Open | Suspend | Leave
    | Confide | Prearrange | Pass | Vote | Use | Break | Renounce | Leak | Statement | Pledge | NameOfficial | Announce,
    Field(discriminator="kind"),
]  # fmt: skip

MOVES: dict[str, type[Frozen]] = {cls.model_fields["kind"].default: cls for cls in get_args(get_args(Move)[0])}

_MOVE: TypeAdapter[Move] = TypeAdapter(Move)

PHASE_MOVES: dict[Phase, tuple[str, ...]] = {
    "talks": (
        "table", "amend", "accept", "reject", "withdraw", "renew", "consult", "open", "suspend", "leave", "confide",
        "prearrange", "pass",
    ),
    "council": ("vote", "pass"),
    "act": ("use", "open", "suspend", "break", "renounce", "leak", "pass"),
    "speak": ("statement", "pledge", "name_official", "announce", "pass"),
}  # fmt: skip
"""Which verbs each phase offers; a government's own room offers OWN_ROOM_MOVES instead of those of talks."""

OWN_ROOM_MOVES: tuple[str, ...] = ("authorise", "mandate", "pass")


class Turn(Frozen):
    """One seat's one answer to one request: private deliberation, free text that is heard, typed moves that count."""

    deliberation: Text = ""
    text: Text = ""
    moves: Annotated[tuple[Move, ...], Field(max_length=MOVE_LIMIT)] = ()

    @property
    def passed(self) -> bool:
        """Whether the seat chose to do and say nothing."""
        return not self.text and all(move.kind == "pass" for move in self.moves)


def read_move(data: object) -> Move:
    """The move that plain data says; raises pydantic's ValidationError."""
    move: Move = _MOVE.validate_python(data)
    return move


def clauses_of(move: Move) -> tuple[Commitment, ...]:
    """The commitments that a move spells out; none for most kinds."""
    match move:
        case Table(commitments=clauses) | Amend(commitments=clauses):
            return clauses
        case Pledge(commitment=clause):
            return (clause,)
        case _:
            return ()
