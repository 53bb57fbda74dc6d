"""A model that says, once a round, which of the world's arguable effects follow; no seat, and it sees secrets.

The world's table says what may follow and by how much. An answer can take effects out and nothing else, so that words
move no indicator. Knows no journal, and nothing of what comes of its answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from ..crises.mask import Mask
from ..crises.worlds import EffectTable, WorldRow
from ..drafts import Draft
from ..events import ADJUDICATOR, Event, Moved, Run, Unfollowed
from ..frozen import Frozen, dump
from ..models import ChatModel, Message, Reply, Request, message
from ..prompting.answer import Flaw, first_object
from ..prompting.fence import encode
from ..prompting.lines import excerpt
from ..prompting.parts import Schema, listed, number, record, text
from ..prompting.prompt import repair
from ..prompting.templates import Templates
from ..views import Attempt
from . import BadReply, unusable

MOST = 16
"""Cases a round; those beyond follow as the table has it."""
REASON = 400
SHOWN = 300
"""Characters of the reasoning, and of what is shown of an event."""
MAX_TOKENS = 400
SCHEMA: Schema = record(reasoning=text(REASON), set_aside=listed(number(1, MOST), MOST))


class Finding(Frozen):
    """The adjudicator's answer: numbers of cases, counted from 1."""

    reasoning: str
    set_aside: tuple[int, ...] = Field(max_length=MOST)


@dataclass(frozen=True)
class Docket:
    """What is before the adjudicator in a round: how things stand, and rows of the world with their causes."""

    round: int
    levels: Mapping[tuple[str, str], float]
    """(indicator, of) -> value."""
    cases: Sequence[tuple[WorldRow, Event]]

    def ruled(self, found: Finding | None, repairs: int) -> Draft:
        """What comes of the answer, for no government to read; None: it FAILED, and nothing is set aside."""
        numbers = found.set_aside if found else ()
        aside = [(row, cause) for n, (row, cause) in enumerate(self.cases, 1) if n in numbers]
        fields = {
            "asked": len(self.cases), "why": found.reasoning if found else "",
            "set_aside": tuple(Unfollowed(row=row.id, claim=row.claim, cause=cause.id) for row, cause in aside),
            "outcome": ("repaired" if repairs else "ok") if found else "failed",
        }  # fmt: skip
        return Draft("adjudication", None, (), fields)


class Adjudicator:
    """Asks `model` about the effects of one world; with `mask`, about masked ones."""

    def __init__(self, model: ChatModel, templates: Templates, run: Run, world: EffectTable, mask: Mask | None) -> None:
        self.model = model
        self._templates = templates
        self._run = run
        self._world = world
        self._mask = mask

    def ask(self, docket: Docket, attempts: Sequence[Attempt] = ()) -> Request:
        """What to send; a repair appends to the same messages."""
        about = {"title": self._run.title, "notice": self._run.notice, "world": self._world}
        asked = {
            "round": docket.round, "rounds": self._run.rounds,
            "levels": {" ".join(filter(None, key)): round(value, 1) for key, value in docket.levels.items()},
            "cases": list(_shown(docket.cases)),
        }  # fmt: skip
        messages = [
            message("system", self._templates.render("adjudicate.j2", about)),
            message("user", self._templates.render("adjudicate-cases.j2", asked)),
            *(m for attempt in attempts for m in repair(self._templates, attempt, tuple(SCHEMA["properties"]))),
        ]
        return Request(list(map(self._masked, messages)), SCHEMA, ADJUDICATOR, MAX_TOKENS, 0.0, docket.round)

    def read(self, docket: Docket, reply: Reply) -> Finding | BadReply:
        """The finding in this reply, or why there is none."""
        if bad := unusable(reply):
            return bad
        found = first_object(reply.text)
        if isinstance(found, Flaw):
            return BadReply("malformed", str(found))
        try:
            finding = Finding.model_validate(found)
        except ValidationError as error:
            return BadReply("malformed", f"the answer is not the JSON asked for: {error.errors()[0]['msg']}")
        wrong = sorted(n for n in set(finding.set_aside) if not 1 <= n <= len(docket.cases))
        if wrong:
            return BadReply("illegal", f"set_aside names {wrong}; the cases have the numbers 1 to {len(docket.cases)}")
        reasoning = self._mask.undo_prose(finding.reasoning) if self._mask else finding.reasoning
        return Finding(reasoning=excerpt(reasoning, REASON), set_aside=tuple(sorted(set(finding.set_aside))))

    def _masked(self, plain: Message) -> Message:
        return message(plain["role"], self._mask.text(plain["content"])) if self._mask else plain


def _shown(cases: Iterable[tuple[WorldRow, Event]]) -> Iterable[dict[str, Any]]:
    for n, (row, cause) in enumerate(cases, 1):
        moves = [f"{e.indicator}{f' of {e.of}' if e.of else ''} {e.by:+g}" for e in row.effects]
        yield {"case": n, "by": cause.seat, "happened": _happened(cause), "may follow": row.why, "moves": moves}


def _happened(cause: Event) -> dict[str, Any] | str:
    """An event without what every event has; ids say nothing to a model."""
    plain = dump(cause.move) if isinstance(cause, Moved) else dump(cause)
    common = Event.model_fields.keys() - {"kind"} | {"evidence"}
    found = {key: value for key, value in plain.items() if key not in common}
    written = encode(found)
    return found if len(written) <= SHOWN else excerpt(written, SHOWN)
