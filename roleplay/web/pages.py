"""What the page's templates are given for one place: streams, tabs, composer, texts on the table, chart and ledger.

Everything about a seat is made of its record or the view of the turn that it is asked for; imports neither journal nor
world. Knows nothing about requests.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..events import PUBLIC, AnyEvent
from ..ledger import Proposal
from ..moves import Turn
from ..scoring.page import escalation_charts
from ..seats.drafting import MoveForm, forms_of
from ..seats.inbox import lane_of
from ..transcripts.figures import Figures
from ..transcripts.html import looks, page_context
from ..transcripts.names import Names
from ..transcripts.record import RunRecord
from ..transcripts.timeline import rounds_of
from ..transcripts.words import clause_words, in_words
from .access import PLACES, seat_of
from .feed import TEAM, WORLD
from .games import Game, room_of
from .rendering import render

TITLES = {"control": "Control", "observer": "The public", "analyst": "Analyst"}
QUICK = ("accept", "reject", "withdraw", "renew")
"""Moves on a text that need nothing but its number."""
FOUND = 60


@dataclass(frozen=True)
class Composing:
    """A turn that is being put together: what was drafted, what is being filled in, and what is wrong."""

    draft: Turn
    form: MoveForm | None = None
    answers: Mapping[str, list[str]] | None = None
    problem: str = ""
    confirm: bool = False
    """Whether sending waits for a word more, since everybody will hear it."""


def desk_values(game: Game, place: str, room: str, composing: Composing | None, csrf: str) -> dict[str, Any]:
    """The whole page of a place, with one of its rooms open."""
    feed = game.feed(place)
    values = {
        **side_values(game, place, room), **game.status(place), "room": room,
        "tabs": _tabs(game, place, room), "items": [i for i in feed.items if i.room == room],
        "position": feed.position(), "title": TITLES.get(place) or game.seat_name(place), "seat": seat_of(place),
        "seat_page": place not in PLACES, "composer": "",
    }  # fmt: skip
    if values["seat_page"]:
        values["notes"] = game.desk(place).notes
        values["composer"] = composer(game, place, room, composing, csrf)
    return values


def _tabs(game: Game, place: str, room: str) -> list[dict[str, Any]]:
    """The rooms of a place: title, who may read what is said there, how much of it is new."""
    unread = game.feed(place).unread({} if place in PLACES else game.desk(place).marks)
    rings = {r.id: r for sheet in game.host.setup.sheets.values() for r in sheet.rings.values()}
    seats, state = tuple(game.host.setup.plans), game.open_rooms(place)
    tabs = []
    for name, title in game.rooms(place).items():
        members = rings[name].members if name in rings else ()
        here = {WORLD: (*seats, PUBLIC), TEAM: (seat_of(place),)}
        asks = place not in PLACES and name in map(room_of, game.mine(place))
        new = 0 if name == room or place in PLACES else unread.get(name, 0)
        tabs.append({
            "name": name, "title": title, "readers": here.get(name) or tuple(s for s in members if s in seats),
            "unread": new, "asks": asks, "open": name in state,
            "open_floor": name in rings and rings[name].floor == "open",
        })  # fmt: skip
    return tabs


def composer(game: Game, place: str, room: str, composing: Composing | None, csrf: str) -> str:
    """The form of the turn that is asked in this room, and the texts that lie on its table."""
    asked = game.asked(place, room)
    names = game.record(place).names
    ledger = (asked.view if asked else game.host.seen(seat_of(place))).ledger
    council = game.host.setup.sheets[seat_of(place)].council
    table = room if room != WORLD else (council if asked and asked.view.moment.phase == "council" else None)
    texts = [_text(p, names) for p in ledger.open_in(table or "")]
    common = {
        **looks(game.record(place)), "game": game, "place": place, "room": room, "texts": texts, "asked": asked,
        "csrf": csrf, "seat": seat_of(place), "team": room == TEAM,
    }  # fmt: skip
    if asked is None:
        return render("composer.html.j2", **common, quick=())
    composing = composing or Composing(game.draft(place, asked))
    waits, sheet = game.put_up(place, asked), game.host.setup.sheets[seat_of(place)]
    forms = forms_of(asked.view)
    return render(
        "composer.html.j2", **common, forms=forms, groups=_groups(forms), composing=composing, draft=composing.draft,
        readers=asked.view.readers, due=game.due(asked), advice=game.desk(place).advice.get(lane_of(asked.ticket), ""),
        thinking=(place, lane_of(asked.ticket)) in game.advising,
        waits=waits, leads=game.leads(place), mine=asked in game.mine(place), token=game.token(place, asked),
        open_floor=room in sheet.rings and sheet.rings[room].floor == "open",
        ruled=game.host.preview(asked.view, composing.draft), quick=_quick(forms), answers=composing.answers or {},
    )  # fmt: skip


def _groups(forms: Mapping[str, MoveForm]) -> dict[str, list[MoveForm]]:
    """Moves as a person looks for them: those of this moment, then instruments by themselves."""
    groups: dict[str, list[MoveForm]] = {"Moves": [], "Instruments": []}
    for form in (f for f in forms.values() if f.name != "pass"):
        groups["Instruments" if form.name.startswith("use:") else "Moves"].append(form)
    return {title: rows for title, rows in groups.items() if rows}


def _quick(forms: Mapping[str, MoveForm]) -> dict[str, set[str]]:
    """Move -> numbers of the texts that it can be made on."""
    return {v: {c.value for f in forms[v].fields[:1] for c in f.choices} for v in QUICK if v in forms}


@dataclass(frozen=True)
class Text:
    """A proposal as it lies on the table, and what each amendment changed."""

    proposal: Proposal
    changes: tuple[tuple[str, str], ...]
    """(sign, clause): '-' taken out, '+' put in, ' ' kept, of the last amendment."""


def _text(proposal: Proposal, names: Names) -> Text:
    if not proposal.versions:
        return Text(proposal, ())
    before, now = ([clause_words(c, names) for c in text] for text in (proposal.versions[-1], proposal.commitments))
    rows = [(line[0], line[2:]) for line in difflib.ndiff(before, now) if line[0] in "-+ "]
    return Text(proposal, tuple(rows))


def replay_values(record: RunRecord, round: int, query: str = "", crisis: str | None = None) -> dict[str, Any]:
    """A record round by round: the one asked for in full, key moments and what was searched for as links.

    `crisis` is its folder, where the record is one that does not tell.
    """
    figures = Figures(record)
    rounds = rounds_of(record.events)
    numbers = [part.number for part in rounds]
    shown = round if round in numbers else next((n for n in numbers if n), 0)
    return {
        **page_context(record, figures), "rounds": [p for p in rounds if p.number == shown], "numbers_": numbers,
        "shown": shown, "branching": False, "scales": escalation_charts(record, crisis), "query": query,
        "found": _search(record, query),
        "steps": sum(len(lane.turns) for p in rounds if p.number == shown for ph in p.phases for lane in ph.lanes),
    }  # fmt: skip


def _search(record: RunRecord, query: str) -> list[tuple[AnyEvent, str]]:
    """Events in whose words every word of the query stands."""
    words = query.lower().split()
    told = ((e, in_words(e, record.names)) for e in record.events if e.kind not in ("run", "role", "phase", "effect"))
    return [(e, text) for e, text in told if words and all(w in text.lower() for w in words)][:FOUND]


def side_values(game: Game, place: str, room: str) -> dict[str, Any]:
    """Chart, indicators and ledger as a place knows them in a room."""
    record = game.record_in(place, room)
    return {
        **page_context(record, Figures(record)), "game": game, "place": place, "rounds_at": "replay",
        "scales": escalation_charts(record, game.crisis_folder),
    }  # fmt: skip
