"""From a text to typed commitments, by a model: every clause with the span of the text that says so.

A clause whose quotation is not word for word in the text is left out and counted. Knows nothing about scores.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import ValidationError

from ..commitments import Commitment, DurationKind, Reversibility, Verification
from ..crises import Crisis
from ..errors import CallFailed, NotMeasurable
from ..frozen import dump
from ..models import ChatModel, Message, Request, Usage
from ..prompting.answer import Flaw, first_object
from ..prompting.fence import encode, fenced
from ..prompting.parts import Schema, listed, one_of, record, text
from ..prompting.templates import load_templates
from .verdicts import span_of

WHOLE, BRIEF = 6000, 1500
"""Characters of text a call, for a model as usual and for one with a small context."""
TRIES = 2


@dataclass
class Extracted:
    """What a model found in a text."""

    clauses: list[Commitment] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)
    """Where each clause stands: 'chars 120-180'."""
    offers: list[Commitment] = field(default_factory=list)
    """Proposed or considered, not agreed."""
    unproven: int = 0
    """Clauses left out: their quotation is not in the text, or they fit no form."""
    calls: int = 0
    unread: int = 0
    """Passages for which no answer could be read."""
    usage: Usage = field(default_factory=Usage)

    def told(self) -> dict[str, Any]:
        """What the card tells of it besides the clauses."""
        counts = {"unproven": self.unproven, "unread": self.unread, "calls": self.calls}
        return {"clauses": len(self.clauses), "offers": [dump(offer) for offer in self.offers], **counts}


async def extract(whole: str, model: ChatModel, crisis: Crisis, *, brief: bool = False) -> Extracted:
    """The commitments of a text in the crisis's vocabulary, passage by passage; NotMeasurable where no answer came."""
    found = Extracted()
    passages = list(_passages(whole, BRIEF if brief else WHOLE))
    for start, passage in passages:
        answer = await _answer(passage, model, crisis, brief, found)
        if answer is None:
            found.unread += 1
        for row in answer or ():
            _take(row, start, passage, crisis.types, found)
    if found.unread == len(passages):
        raise NotMeasurable(
            f"{model.name} gave no answer that could be read, so nothing could be extracted",
            hint="try another model, or write the commitments down for --commitments FILE",
        )
    return found


def _passages(whole: str, size: int) -> Iterator[tuple[int, str]]:
    """The text in pieces that end with a paragraph or sentence, each with where it starts."""
    start = 0
    while start < len(whole):
        piece = whole[start : start + size]
        if start + size < len(whole):
            ends = [m.end() for m in re.finditer(r"\n\s*\n|[.;]\s", piece)]
            piece = piece[: ends[-1]] if ends else piece
        if piece.strip():
            yield start, piece
        start += len(piece)


async def _answer(passage: str, model: ChatModel, crisis: Crisis, brief: bool, found: Extracted) -> Any:
    most = 4 if brief else 16
    templates = load_templates()
    values = {"types": list(crisis.types.values()), "objects": list(crisis.objects.values())}
    system = templates.render("extract-brief.j2" if brief else "extract.j2", values)
    shown = templates.render("extract-shown.j2", {"shown": fenced([encode(passage)]), "most": most})
    messages: list[Message] = [{"role": "system", "content": system}, {"role": "user", "content": shown}]
    for seed in range(TRIES):
        request = Request(messages, clause_schema(crisis, most), "extract", 700 if brief else 4000, 0.2, seed)
        try:
            reply = await model.complete(request)
        except CallFailed:
            continue
        found.calls += 1
        found.usage += reply.usage
        answer = first_object(reply.text)
        if not reply.refusal and not isinstance(answer, Flaw) and isinstance(answer.get("commitments"), list):
            return answer["commitments"]
    return None


def clause_schema(crisis: Crisis, most: int) -> Schema:
    """The form of an answer, valid in strict mode; what grammars decide first comes first."""
    clause = record(
        quotation=text(240), parties=listed(text(40), 8, 1), type=one_of(*crisis.types),
        object=one_of(*crisis.objects, "other"), words=text(120), conditions=text(120),
        duration=one_of(*get_args(DurationKind)), until=text(60), reversible=one_of(*get_args(Reversibility)),
        verification=listed(one_of(*get_args(Verification)), 3), standing=one_of("agreed", "proposed"),
    )  # fmt: skip
    return record(commitments=listed(clause, most))


def _take(row: Any, start: int, passage: str, types: Container[str], found: Extracted) -> None:
    """Put one clause where it belongs; what is not word for word in the passage, or of no type, counts as unproven."""
    span = span_of(str(row.get("quotation", "")), passage) if isinstance(row, Mapping) else None
    try:
        clause = _clause(row) if span else None
    except ValidationError:
        clause = None
    if span is None or clause is None or clause.type not in types:
        found.unproven += 1
    elif row.get("standing") == "proposed":
        found.offers.append(clause)
    else:
        found.clauses.append(clause)
        found.spans.append(f"chars {start + span[0]}-{start + span[1]}")


def _clause(row: Mapping[str, Any]) -> Commitment:
    words = str(row.get("words") or "")
    thing = row.get("object")
    return Commitment(
        parties=row.get("parties"), type=row.get("type"), object=thing if thing not in (None, "other") else words,
        scope=words, conditions=row.get("conditions"), reversible=row.get("reversible"),
        duration={"kind": row.get("duration"), "detail": row.get("until")}, verification=row.get("verification"),
    )  # fmt: skip
