"""A turn put together by hand: which moves can be made now, what each must be told, and the moves made of the answers.

Forms come from the seat's own view and serve terminal and page alike. The referee has the last word on a draft; knows
nothing about how forms look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..commitments import CLAUSE_LIMIT, Commitment
from ..crises.means import Instrument
from ..errors import UsageError
from ..frozen import TEXT_LIMIT
from ..moves import MOVE_LIMIT, TONES, Amend, Move, Table, Turn, read_move
from ..prompting.options import Options
from ..views import SeatView
from .fields import (
    Answers,
    Choice,
    Field,
    choices,
    clause_fields,
    clause_of,
    param_field,
    read_all,
    spaced,
    typed,
    whole,
)
from .legal import verbs

Make = Callable[[dict[str, list[str]]], dict[str, Any]]


@dataclass(frozen=True)
class MoveForm:
    """One move that can be made now: `accept`, or `use:INSTRUMENT`; `make` turns what its fields read into a move."""

    name: str
    title: str
    hint: str
    fields: tuple[Field, ...]
    make: Make

    def read(self, answers: Answers) -> Move:
        """The move; raises UsageError that names every field that does not do."""
        read = read_all(self.fields, answers)
        try:
            return read_move(self.make(read))
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(f"{' '.join(map(str, first['loc'][1:]))}: {first['msg']}") from error


def forms_of(view: SeatView) -> dict[str, MoveForm]:
    """Every move that the seat can make at this moment, as far as its view shows."""
    table = view.moment.ring or (view.sheet.council if view.moment.phase == "council" else None)
    options = Options(view.sheet, view.ledger, view.world, table)
    maker = _Maker(view, options)
    possible = options.of(v for v in verbs(view) if v != "vote" or view.sheet.votes)
    return {form.name: form for verb in possible for form in maker.forms(verb)}


def add(view: SeatView, draft: Turn, form: MoveForm, answers: Answers) -> Turn:
    """The draft with one move more; a further clause joins the text that is being drafted already."""
    move = form.read(answers)
    if isinstance(move, Table | Amend):
        for i, other in enumerate(draft.moves):
            if other.kind == move.kind and getattr(other, "number", 0) == getattr(move, "number", 0):
                assert isinstance(other, Table | Amend)
                added = move.commitments[-1:] if answers.get("what", [""])[0] else ()
                return _with(draft, i, other.model_copy(update={"commitments": (*other.commitments, *added)}))
    return _checked(draft, (*draft.moves, move))


def drop(draft: Turn, move: int, clause: int | None = None) -> Turn:
    """The draft without one of its moves, or without one clause of the text that it drafts."""
    if not 0 <= move < len(draft.moves):
        return draft
    text = draft.moves[move]
    if clause is None or not isinstance(text, Table | Amend) or len(text.commitments) == 1:
        return _checked(draft, draft.moves[:move] + draft.moves[move + 1 :])
    left = text.commitments[:clause] + text.commitments[clause + 1 :]
    return _with(draft, move, text.model_copy(update={"commitments": left}))


def worded(draft: Turn, text: str, thought: str) -> Turn:
    """The draft with these words in place of its own; raises UsageError where there are too many."""
    try:
        return Turn.model_validate({**draft.model_dump(), "text": text, "deliberation": thought})
    except ValidationError:
        most = max(len(text), len(thought))
        raise UsageError(f"too long: {most} characters; {TEXT_LIMIT} at most. Nothing was changed.") from None


def _with(draft: Turn, i: int, move: Table | Amend) -> Turn:
    if len(move.commitments) > CLAUSE_LIMIT:
        raise UsageError(f"a text has {CLAUSE_LIMIT} clauses at most")
    return _checked(draft, (*draft.moves[:i], move, *draft.moves[i + 1 :]))


def _checked(draft: Turn, moves: tuple[Move, ...]) -> Turn:
    if len(moves) > MOVE_LIMIT:
        raise UsageError(f"a turn has {MOVE_LIMIT} moves at most; send these, or take one out")
    return draft.model_copy(update={"moves": moves})


# --- moves -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Maker:
    """Makes the forms of one view."""

    view: SeatView
    options: Options

    def forms(self, verb: str) -> Iterator[MoveForm]:
        match verb:
            case "use":
                yield from (self._instrument(row) for row in self.view.sheet.instruments.values())
            case "table":
                yield self._form("table", self._clause(self.view.readers), lambda r: {"commitments": [clause_of(r)]})
            case "amend":
                yield from (self._amendment(p.number, p.commitments) for p in self.options.texts)
            case "pledge":
                yield self._form("pledge", self._clause((self.view.seat,)), lambda r: {"commitment": clause_of(r)})
            case _:
                fields = tuple(self._fields(verb))
                yield self._form(verb, fields, lambda r: _plain(fields, r))

    def _form(self, verb: str, fields: tuple[Field, ...], make: Callable[[dict[str, list[str]]], dict[str, Any]],
              name: str = "", title: str = "", hint: str = "") -> MoveForm:  # fmt: skip
        return MoveForm(
            name or verb,
            title or TITLES[verb],
            hint or HINTS.get(verb, ""),
            fields,
            lambda r: {"kind": verb, **make(r)},
        )

    def _clause(self, parties: Iterable[str], *, optional: bool = False) -> tuple[Field, ...]:
        sheet, names = self.view.sheet, self.view.run.seats
        return clause_fields(sheet.types, sheet.objects, {p: names.get(p, p) for p in parties}, optional=optional)

    def _amendment(self, number: int, text: tuple[Commitment, ...]) -> MoveForm:
        def make(read: dict[str, list[str]]) -> dict[str, Any]:
            added = [clause_of(read)] if read["what"] else []
            return {"number": number, "commitments": [*(c.model_dump() for c in text), *added]}

        return self._form(
            "amend", self._clause(self.view.readers, optional=True), make,
            f"amend:{number}", f"Amend proposal {number}",
            "Its clauses come into your draft, where you can take them out; a clause given here is added.",
        )  # fmt: skip

    def _instrument(self, row: Instrument) -> MoveForm:
        fields = tuple(param_field(name, param) for name, param in row.params.items())

        def make(read: dict[str, list[str]]) -> dict[str, Any]:
            params = {n: typed(row.params[n], values[0]) for n, values in read.items() if values}
            return {"instrument": row.id, "params": params}

        return self._form("use", fields, make, f"use:{row.id}", row.title, row.meaning)

    def _fields(self, verb: str) -> Iterator[Field]:
        sheet, o, names = self.view.sheet, self.options, self.view.run.seats
        match verb:
            case "accept" | "reject" | "withdraw" | "renew" | "vote":
                fits = [p for p in o.texts if not (verb == "accept" and sheet.seat in p.accepted)]
                fits = [p for p in fits if verb != "withdraw" or p.by == sheet.seat]
                label = "Draft" if verb == "vote" else "Proposal"
                texts = (Choice(str(p.number), f"{label} {p.number}, by {names.get(p.by, p.by)}") for p in fits)
                yield Field("number", label, "one", tuple(texts))
                if verb == "vote":
                    yield Field("vote", "Vote", "one", choices(("yes", "no", "abstain")))
                if verb == "accept" and sheet.asks_intent:
                    intents = choices(("keep", "break", "depends"))
                    yield Field("intends", "Do you mean to keep it (nobody else learns)", "one", intents, optional=True)
            case "consult" | "authorise":
                rows = tuple(Choice(i.id, i.title) for i in sheet.instruments.values())
                yield Field("instrument", "Instrument", "one", rows)
            case "mandate":
                yield Field("ring", "Team in", "one", self._rooms(o.rings))
                types = tuple(Choice(t.id, t.title) for t in sheet.types.values())
                yield Field("grants", "May commit to", "many", types, optional=True)
            case "open" | "prearrange":
                yield Field("ring", "Room", "one", self._rooms(o.closed_rings))
                if verb == "prearrange":
                    yield Field("phrase", "Words that will mean it", "text")
            case "suspend" | "leave":
                yield Field("ring", "Room", "one", self._rooms(o.open_rings))
            case "confide":
                hidden = [r for r, seats in sheet.confidants.items() if seats]
                yield Field("ring", "Hidden room", "one", self._rooms(hidden))
                told = dict.fromkeys(s for seats in sheet.confidants.values() for s in seats)
                yield Field("to", "Told to", "one", tuple(Choice(s, names.get(s, s)) for s in told))
            case "break" | "renounce":
                bound = self.view.ledger.in_force(sheet.seat)
                clauses = (Choice(e.id, f"{e.id}: {self._clause_title(e.commitment)}") for e in bound)
                yield Field("commitment", "Commitment", "one", tuple(clauses))
            case "leak" | "announce":
                yield Field("ring", "Room", "one", self._rooms(o.rings))
                yield Field("number", "Number of its text (0: that the room exists)", "number", default="0")
            case "statement":
                speaks = tuple(Choice(p.id, p.title) for p in sheet.persona.posts if p.speaks)
                yield Field("post", "Who speaks", "one", speaks)
                yield Field("audience", "To", "one", choices(sheet.audiences, lambda a: names.get(a, spaced(a))))
                yield Field("tone", "Tone", "one", choices(TONES), default="neutral")
                yield Field("line", "Line", "one", tuple(Choice(row.id, row.title) for row in sheet.lines.values()))
                yield Field("phrase", "Prearranged words", "text", optional=True)
            case "name_official":
                posts = tuple(Choice(p.id, p.title) for p in sheet.persona.posts)
                yield Field("post", "Official", "one", posts)
            case _:
                return

    def _rooms(self, rings: Iterable[str]) -> tuple[Choice, ...]:
        return tuple(Choice(ring, self.view.sheet.rings[ring].title) for ring in rings)

    def _clause_title(self, clause: Commitment) -> str:
        kind, about = self.view.sheet.types.get(clause.type), self.view.sheet.objects.get(clause.object)
        return f"{kind.title if kind else clause.type}, {about.title if about else clause.object}"


def _plain(fields: Iterable[Field], read: Mapping[str, list[str]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in fields:
        values = read[field.name]
        if field.kind == "many":
            made[field.name] = values
        elif values:
            made[field.name] = whole(values[0]) if field.name == "number" else values[0]
    return made


TITLES: Mapping[str, str] = {
    "table": "Table a text", "amend": "Amend a text", "accept": "Accept", "reject": "Reject", "withdraw": "Withdraw",
    "renew": "Keep a text on the table", "consult": "Consult on an instrument", "authorise": "Authorise an instrument",
    "mandate": "Give a mandate", "open": "Ask for a room to be opened", "suspend": "Suspend a room",
    "leave": "Walk out of a room", "confide": "Confide that a room exists", "prearrange": "Prearrange a signal",
    "pass": "Pass", "vote": "Vote", "use": "Use an instrument", "break": "Break a commitment in secret",
    "renounce": "Renounce a commitment", "leak": "Leak to the press", "statement": "Make a public statement",
    "pledge": "Pledge in public", "name_official": "Name the official who answers", "announce": "Announce",
}  # fmt: skip
HINTS: Mapping[str, str] = {
    "table": "Who tables a text has accepted it. Give it one clause after the other.",
    "reject": "It cannot bind any more unless somebody amends it.",
    "renew": "A text that nobody renews lapses at the end of the round.",
    "pass": "To do nothing and say nothing: a choice, and shown as one.",
    "open": "It opens when all its members have asked.",
    "leak": "Nobody is told who leaked.",
    "statement": "What you write above is what is said.",
    "break": "It may be found out.",
}
