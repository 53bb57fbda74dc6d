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
from ..moves import MOVE_LIMIT, TONES, Amend, Move, Table, Turn, clauses_of, read_move
from ..prompting.options import Options
from ..transcripts.names import spaced
from ..transcripts.words import say
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
    typed,
    whole,
)
from .legal import verbs

Make = Callable[[dict[str, list[str]]], dict[str, Any]]


@dataclass(frozen=True)
class MoveForm:
    """One move that can be made now: `accept`, or `use:INSTRUMENT`; `make` is given what its fields read."""

    name: str
    title: str
    hint: str
    fields: tuple[Field, ...]
    make: Make

    def read(self, answers: Answers) -> Move:
        """The move; raises UsageError that names every field that does not do."""
        read = read_all(self.fields, answers)
        try:
            return read_move({"kind": self.name.partition(":")[0], **self.make(read)})
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(f"{' '.join(map(str, first['loc'][1:]))}: {first['msg']}") from error


def forms_of(view: SeatView) -> dict[str, MoveForm]:
    """Every move that the seat can make at this moment, as far as its view shows."""
    options = Options.of_view(view)
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
    """The draft without one of its moves, or without one clause of it; as it was where there is no such."""
    if not 0 <= move < len(draft.moves):
        return draft
    text = draft.moves[move]
    if clause is not None and not 0 <= clause < len(clauses_of(text)):
        return draft
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

    def _form(
        self, verb: str, fields: tuple[Field, ...], make: Make, name: str = "", title: str = "", hint: str = ""
    ) -> MoveForm:
        return MoveForm(name or verb, title or say("titles", verb), hint or say("hints", verb), fields, make)

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
        sheet, names, named = self.view.sheet, self.view.run.seats, self.options.names(verb)
        match verb:
            case "accept" | "reject" | "withdraw" | "renew" | "vote":
                label = "Draft" if verb == "vote" else "Proposal"
                by = {str(p.number): names.get(p.by, p.by) for p in self.options.texts}
                yield Field("number", label, "one", choices(named, lambda n: f"{label} {n}, by {by[n]}"))
                if verb == "vote":
                    yield Field("vote", "Vote", "one", choices(("yes", "no", "abstain")))
                if verb == "accept" and sheet.asks_intent:
                    intents = choices(("keep", "break", "depends"))
                    yield Field("intends", "Do you mean to keep it (nobody else learns)", "one", intents, optional=True)
            case "consult" | "authorise":
                rows = tuple(Choice(i.id, i.title) for i in sheet.instruments.values())
                yield Field("instrument", "Instrument", "one", rows)
            case "break" | "renounce":
                entries = self.view.ledger.entries
                clauses = choices(named, lambda id: f"{id}: {self._clause_title(entries[id].commitment)}")
                yield Field("commitment", "Commitment", "one", clauses)
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
            case _ if named:
                label = {"mandate": "Team in", "confide": "Hidden room"}.get(verb, "Room")
                yield Field("ring", label, "one", choices(named, lambda ring: sheet.rings[ring].title))
                yield from self._about_ring(verb)

    def _about_ring(self, verb: str) -> Iterator[Field]:
        """What a move must be told about a room besides which one it is."""
        sheet, names = self.view.sheet, self.view.run.seats
        match verb:
            case "mandate":
                types = tuple(Choice(t.id, t.title) for t in sheet.types.values())
                yield Field("grants", "May commit to", "many", types, optional=True)
            case "prearrange":
                yield Field("phrase", "Words that will mean it", "text")
            case "confide":
                told = dict.fromkeys(s for seats in sheet.confidants.values() for s in seats)
                yield Field("to", "Told to", "one", choices(told, lambda s: names.get(s, s)))
            case "leak" | "announce":
                yield Field("number", "Number of its text (0: that the room exists)", "number", default="0")

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
