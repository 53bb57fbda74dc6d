"""The deal desk: a text put together clause by clause and scored at once, without game, model or key.

Keeps nothing: the text travels in the form. Knows nothing about games; the figures come from `roleplay.scoring`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Annotated

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field as Limit
from pydantic import TypeAdapter, ValidationError

from ..commitments import Commitment
from ..crises import Crisis, find_crises, load_crisis
from ..errors import RoleplayError, UsageError
from ..frozen import NOTE_LIMIT, dump
from ..scoring import Scorecard, score_commitments
from ..scoring.accords import load_accords
from ..seats.fields import Field, clause_fields, clause_of, read_all, whole
from ..transcripts.names import Names
from .requests import answers_of, one, page, server_of

router = APIRouter(include_in_schema=False)
MOST = 40
"""Clauses of a text on the desk."""
_TEXT: TypeAdapter[tuple[Commitment, ...]] = TypeAdapter(Annotated[tuple[Commitment, ...], Limit(max_length=MOST)])
Text = tuple[Commitment, ...]


@router.get("/deals", name="deals")
async def deals(request: Request, crisis: str = "", like: str = "") -> HTMLResponse:
    """An empty desk for the crisis of the sample game, or one with the clauses of a known accord on it."""
    accord = next((a for a in load_accords() if a.id == like), None)
    text = accord.commitments if accord else ()
    shown = next((sample.run.crisis for sample in server_of(request).samples.values()), "")
    return _desk(request, _crisis(crisis or shown), text, title=accord.name if accord else "")


@router.post("/deals", name="deal")
async def deal(request: Request) -> Response:
    """One clause more or less, or the text as a file that `score --commitments` reads."""
    crisis, title = _crisis(one(request, "crisis")), one(request, "title")[:NOTE_LIMIT]
    text = _text(one(request, "text", "[]"))
    do, _, which = one(request, "do", "show").partition(":")
    answers = answers_of(request)
    try:
        match do:
            case "add":
                text = _text(json.dumps([*map(dump, text), clause_of(read_all(_fields(crisis), answers))]))
            case "drop":
                gone = whole(which)
                text = tuple(c for i, c in enumerate(text) if i != gone)
            case "save":
                return _file(text, title)
    except UsageError as error:
        return _desk(request, crisis, text, title, str(error), answers, 422)
    return _desk(request, crisis, text, title)


def _desk(
    request: Request, crisis: Crisis, text: Text, title: str, problem: str = "",
    answers: Mapping[str, list[str]] | None = None, status: int = 200,
) -> HTMLResponse:  # fmt: skip
    card, unscored = _scored(crisis, text)
    return page(
        request, "deals.html.j2", status, crisis=crisis, crises=list(_crises()), text=text, title=title,
        names=Names.of_crisis(crisis), fields=_fields(crisis), answers=answers or {}, problem=problem, card=card,
        unscored=unscored, packed=json.dumps([dump(c) for c in text]),
        accords=[a for a in load_accords() if not a.synthetic],
    )  # fmt: skip


def _scored(crisis: Crisis, text: Text) -> tuple[Scorecard | None, str]:
    """The scorecard of a text, or why there is none."""
    if not text:
        return None, ""
    try:
        return score_commitments(text, crisis, name="deal desk"), ""
    except RoleplayError as error:
        return None, str(error)


@cache
def _crises() -> dict[str, Crisis]:
    """Crises whose texts can be scored."""
    found = {name: load_crisis(name) for name in find_crises()}
    return {name: crisis for name, crisis in found.items() if crisis.sheet is not None}


def _crisis(name: str) -> Crisis:
    known = _crises()
    if not known:
        raise UsageError("no crisis on this machine says how its texts are scored")
    return known.get(name) or next(iter(known.values()))


def _fields(crisis: Crisis) -> tuple[Field, ...]:
    return clause_fields(crisis.types, crisis.objects, {s: row.name for s, row in crisis.seats.items()})


def _text(packed: str) -> Text:
    try:
        return _TEXT.validate_json(packed)
    except ValidationError as error:
        raise UsageError(f"this is no text of at most {MOST} clauses: {error.errors()[0]['msg']}") from None


def _file(text: Text, title: str) -> Response:
    data = {"title": title or "From the deal desk", "commitments": [dump(c) for c in text]}
    body = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110)
    headers = {"Content-Disposition": 'attachment; filename="commitments.yaml"'}
    return Response(body, media_type="application/yaml", headers=headers)
