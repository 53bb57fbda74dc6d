"""The verbs of the game: typed moves, the turn that carries them and the commitment they trade in.

Knows nothing about any crisis: types, objects, instruments, rings and posts are plain ids here, checked against the
crisis by the rules, and narrowed to enumerations by the schema that a seat's model is given.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter

Phase = Literal["setup", "brief", "talks", "council", "act", "speak", "settle"]
PHASES: tuple[Phase, ...] = ("setup", "brief", "talks", "council", "act", "speak", "settle")
"""A round runs through all but `setup`, which happens once, in round 0."""
PHASE_NUMBER: dict[Phase, int] = {phase: number for number, phase in enumerate(PHASES)}

TEXT_LIMIT = 2000
NOTE_LIMIT = 240
CLAUSE_LIMIT = 8
MOVE_LIMIT = 4
LINE_LIMIT = 6

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean_text(value: object) -> object:
    """Strip control, bidirectional, zero-width and surrogate characters; newlines and tabs become one blank."""
    if not isinstance(value, str):
        return value
    if value.isprintable() and "  " not in value:
        return value.strip()
    spaced = re.sub(r"\s+", " ", value)
    return "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE).strip()


def _blank(value: object) -> object:
    return "" if value is None else clean_text(value)


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Text = Annotated[str, BeforeValidator(_blank), StringConstraints(max_length=TEXT_LIMIT)]
Note = Annotated[str, BeforeValidator(_blank), StringConstraints(max_length=NOTE_LIMIT)]
Number = Annotated[int, Field(ge=1, le=99, strict=True)]


def unsaid(value: object) -> bool:
    """Whether a field that came later is left out when written, so that what does not use it is written as before."""
    return not value


class Frozen(BaseModel):
    """Base of everything that crosses a border: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


DurationKind = Literal["open", "dated", "until_event", "while_talks", "permanent", "one_time", "unstated"]
Verification = Literal[
    "none", "national_technical_means", "iaea", "on_site", "joint_body", "notification_exchange", "third_party",
    "self_declared", "to_be_designed", "na",
]  # fmt: skip
Reversibility = Literal["reversible", "withdrawal_clause", "snapback", "irreversible", "unstated"]


class Duration(Frozen):
    """How long a commitment holds; for `dated`, `detail` is an ISO date or '26 weeks', '1 year', '90 days'."""

    kind: DurationKind = "unstated"
    detail: Note = ""


def _duration(value: object) -> object:
    if value is None or value == "":
        return {}
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"\d{4}-\d\d-\d\d|\d+ (?:day|week|month|year)s?", value.strip()):
        return {"kind": "dated", "detail": value}
    return {"kind": value} if value in get_args(DurationKind) else {"kind": "unstated", "detail": value}


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value or []


def _unstated(value: object) -> object:
    return "unstated" if value in (None, "") else value


class Commitment(Frozen):
    """One clause: who commits to what, how far, from when, for how long, how it is seen, what follows a breach.

    One model for proposals, deals, extraction from texts and typed input. `type` and `object` come from the crisis's
    vocabulary; `parties` are the seats that are bound; `in_return_for` names the number or the object of the clause
    of the same text that this one pays for.
    """

    parties: Annotated[
        tuple[Note, ...], Field(min_length=1, max_length=16),
        BeforeValidator(_listed, json_schema_input_type=Note | tuple[Note, ...]),
    ]  # fmt: skip
    type: Id
    object: Note
    scope: Note = ""
    conditions: Note = ""
    trigger: Note = ""
    start: Note = ""
    duration: Annotated[Duration, BeforeValidator(_duration, json_schema_input_type=Duration | str)] = Duration()
    verification: Annotated[
        tuple[Verification, ...], Field(max_length=6),
        BeforeValidator(_listed, json_schema_input_type=Verification | tuple[Verification, ...]),
    ] = ()  # fmt: skip
    on_breach: Note = ""
    reversible: Annotated[Reversibility, BeforeValidator(_unstated)] = "unstated"
    in_return_for: Note = ""
    note: Note = ""

    def ends(self, agreed: date) -> date | None:
        """Last day on which the clause holds, None where no day is stated; counts from `start` where that is a date."""
        if self.duration.kind != "dated":
            return None
        day = _iso(self.duration.detail)
        if day:
            return day
        span = re.search(r"(\d{1,4}) ?-?(day|week|month|year)", self.duration.detail)
        if not span:
            return None
        days = int(span[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[span[2]]
        return max(self.begins(agreed), agreed) + timedelta(days=days)

    def begins(self, agreed: date) -> date:
        """First day on which the clause binds: its `start` where that is a date, else the day of agreement."""
        return _iso(self.start) or agreed


def _iso(text: str) -> date | None:
    found = re.search(r"\d{4}-\d\d-\d\d", text)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


Clauses = Annotated[tuple[Commitment, ...], Field(min_length=1, max_length=CLAUSE_LIMIT)]


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
    phrase: Annotated[str, BeforeValidator(clean_text), StringConstraints(min_length=3, max_length=NOTE_LIMIT)]


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

Parameter = Annotated[str, BeforeValidator(clean_text), StringConstraints(max_length=NOTE_LIMIT)] | bool | int


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

MOVES: dict[str, type[Frozen]] = {
    cls.model_fields["kind"].default: cls
    for cls in (
        Table, Amend, Accept, Reject, Withdraw, Renew, Consult, Authorise, Mandate, Open, Suspend, Leave, Confide,
        Prearrange, Pass, Vote, Use, Break, Renounce, Leak, Statement, Pledge, NameOfficial, Announce,
    )
}  # fmt: skip

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


def dump(model: BaseModel) -> dict[str, Any]:
    """A plain JSON-ready dict without its empty fields (no text, no list, no mapping, null)."""
    pruned: dict[str, Any] = _pruned(model.model_dump(mode="json"))
    return pruned


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _pruned(v) for k, v in value.items() if v is not None and v != "" and v != [] and v != {}}
    return [_pruned(item) for item in value] if isinstance(value, list) else value
