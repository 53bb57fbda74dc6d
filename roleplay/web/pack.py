"""What a class takes home: its worlds side by side, who knew what, where it stands, a memo, a rubric, what each did.

Made of finished runs and the pseudonyms of those who played; knows nothing about requests. Every page stands alone.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..debrief import scorecard, telling
from ..errors import UsageError
from ..events import AnyEvent, Ending, Moved, Spoken
from ..game import open_run
from ..moves import Accept, Reject, Table, Use
from ..scoring import case_of
from ..scoring.card import Scorecard
from ..scoring.page import render_card
from ..seats.inbox import ticket_of
from ..transcripts.export import cell, export, write_atomically
from ..transcripts.figures import Figures
from ..transcripts.finding import run_folders
from ..transcripts.html import TEMPLATES, looks, short
from ..transcripts.record import RunRecord, load_record
from ..views import Moment
from .access import seat_of
from .lobby import Guest
from .rendering import HERE, render

STORED = 200
"""How many runs on the disk, the newest, a class is compared with at most."""
ACTIVITY = (
    "pseudonym", "world", "seat", "turns", "words", "moves", "texts_tabled", "texts_accepted", "texts_rejected",
    "instruments", "public_turns", "rounds",
)  # fmt: skip
UNLISTED = "(by a link, or a stand-in)"


@dataclass(frozen=True)
class World:
    """One game of a class, whole, its seats for people, and who came in to it by the code."""

    record: RunRecord
    people: tuple[str, ...]
    guests: tuple[Guest, ...] = ()


def pack(worlds: Sequence[World], out: Path) -> dict[str, str]:
    """The files of the pack by name; `out` is where runs are kept."""
    cards = [scorecard(world.record) for world in worlds]
    record = worlds[0].record
    common = {**looks(record), "style": Markup(_style()), "worlds": worlds}
    files = {
        "debrief.html": render("pack-debrief.html.j2", **common, **_side_by_side(worlds, cards, out)),
        "memo.html": render("pack-memo.html.j2", **common, seats=sorted({s for w in worlds for s in w.people})),
        "rubric.html": render("pack-rubric.html.j2", **common),
        "activity.csv": activity(worlds),
    }
    for number, (world, card) in enumerate(zip(worlds, cards, strict=True), 1):
        if card:
            files[f"world-{number}/scorecard.html"] = render_card(case_of(world.record), card)
            files[f"world-{number}/scorecard.json"] = json.dumps(card.model_dump(mode="json"), indent=1)
        else:
            files[f"world-{number}/transcript.html"] = export(world.record, "html")
    return files


def zipped(files: Mapping[str, str]) -> bytes:
    """The pack as one file."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return body.getvalue()


def write_pack(worlds: Sequence[World], target: Path, out: Path) -> None:
    """Put the pack into a .zip, or into a folder."""
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist")
    files = pack(worlds, out)
    if target.suffix == ".zip":
        target.write_bytes(zipped(files))
        return
    for name, text in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target / name, text)


def _style() -> str:
    return (TEMPLATES / "style.css").read_text("utf-8") + (HERE / "static" / "page.css").read_text("utf-8")


# --- side by side ----------------------------------------------------------------------------------------------------


def _side_by_side(worlds: Sequence[World], cards: Sequence[Scorecard | None], out: Path) -> dict[str, Any]:
    some = next((card for card in cards if card), None)
    return {
        "cards": cards, "ends": [_ended(world.record) for world in worlds],
        "items": {id: item.title for id, item in some.items.items()} if some else {},
        "governments": list(some.governments) if some else [],
        "knew": [_knew(world.record) for world in worlds],
        "moments": [[(m.event.round, _short(m.event, w.record)) for m in Figures(w.record).key_moments()]
                    for w in worlds],
        "standing": _standing(worlds, some, out),
    }  # fmt: skip


def _ended(record: RunRecord) -> str:
    ending = next((e for e in record.events if isinstance(e, Ending)), None)
    return ending.reason if ending else "not over yet"


def _knew(record: RunRecord) -> list[tuple[str, str, list[bool]]]:
    """What some could not know: when, what, and for each seat whether it could read it."""
    hidden = [e for e in record.events if telling(e) and not set(record.seats) <= set(e.readers)]
    return [(f"{e.round} · {e.phase}", _short(e, record), [s in e.readers for s in record.seats]) for e in hidden]


def _short(event: AnyEvent, record: RunRecord) -> str:
    """An event as a line of a list."""
    return short(event, record.names)


def _standing(worlds: Sequence[World], card: Scorecard | None, out: Path) -> dict[str, list[float]]:
    """Composites of the other games of this scenario on the disk, by the same rules; people's and machines' apart."""
    if card is None:
        return {}
    own = {world.record.played.name for world in worlds}
    found = [row for folder in run_folders(out)[-STORED:] if folder.name not in own for row in _stored(folder, card)]
    groups = {"Games in which people played": True, "Games of models and baselines alone": False}
    return {title: sorted(value for people, value in found if people is kind) for title, kind in groups.items()}


def _stored(folder: Path, like: Scorecard) -> Iterator[tuple[bool, float]]:
    """Whether people played a finished game of the same kind, and its composite; nothing for any other."""
    run = open_run(folder)
    if run.result.ended and run.result.scenario == like.source.scenario:
        card = scorecard(load_record(folder))
        if card and card.ruleset == like.ruleset and card.composite.value is not None:
            yield bool(run.result.people), card.composite.value


# --- what each did ---------------------------------------------------------------------------------------------------


def activity(worlds: Sequence[World]) -> str:
    """One row for everybody who came in by the code, under their pseudonym, and for what else was sent from a seat."""
    body = io.StringIO()
    writer = csv.writer(body, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(ACTIVITY)
    for number, world in enumerate(worlds, 1):
        turns = _turns(world.record)
        for guest in world.guests:
            mine = [turns.pop((seat_of(guest.place), ticket), []) for ticket in guest.sent]
            writer.writerow([cell(v) for v in (guest.name, number, guest.place, *_did(mine))])
        for seat in world.people:
            rest = [events for (whose, _), events in turns.items() if whose == seat]
            if rest:
                writer.writerow([cell(v) for v in (UNLISTED, number, seat, *_did(rest))])
    return body.getvalue()


def _turns(record: RunRecord) -> dict[tuple[str, str], list[AnyEvent]]:
    """(Seat, ticket) -> what was said and done in that turn."""
    found: dict[tuple[str, str], list[AnyEvent]] = {}
    for event in record.events:
        if isinstance(event, Spoken | Moved) and event.seat:
            ticket = ticket_of(Moment(event.round, event.phase, event.ring, event.turn))
            found.setdefault((event.seat, ticket), []).append(event)
    return found


def _did(turns: Sequence[Sequence[AnyEvent]]) -> tuple[object, ...]:
    spoken = [e for turn in turns for e in turn if isinstance(e, Spoken)]
    moves = [e.move for turn in turns for e in turn if isinstance(e, Moved)]
    count = [sum(isinstance(move, kind) for move in moves) for kind in (Table, Accept, Reject, Use)]
    rounds = " ".join(map(str, sorted({e.round for e in spoken})))
    words = sum(len(e.text.split()) for e in spoken)
    return (len(spoken), words, len(moves), *count, sum(e.phase == "speak" for e in spoken), rounds)
