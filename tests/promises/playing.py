"""Whole games on the pond with every seat played by a model that a test scripts, through the real `ModelSeat`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, cast

from roleplay.game import Options, Run, create, play_on
from roleplay.journal import Journal, ReplyKey, StoredReply
from roleplay.models import ChatModel
from roleplay.moves import Phase
from roleplay.seats.model import _seed
from roleplay.setup import Settings, resolve
from roleplay.views import Attempt, Moment, SeatView
from tests.engine.pond import POND, SEATS
from tests.prompting.sampling import sample

MODEL = "scripted"
BY_MODELS = dict.fromkeys(SEATS, "model")
PASS: dict[str, Any] = {"deliberation": "", "text": "", "moves": [{"kind": "pass"}]}


def new_run(out: Path, name: str = "run", **settings: Any) -> Path:
    """A run of the pond's scenario before its first round, all seats played by models."""
    asked: dict[str, Any] = {"seats": BY_MODELS, "model": MODEL, **settings}
    return create(resolve(Settings(scenario="dam", crisis=str(POND), **asked)), Options(out=out), folder=out / name)


async def play_models(out: Path, model: ChatModel, options: Options | None = None, **settings: Any) -> Run:
    """Play the pond with this one model on all seats."""
    return await go_on(new_run(out, **settings), model, options)


async def go_on(folder: Path, model: ChatModel, options: Options | None = None) -> Run:
    """Play a run on with this one model."""
    return await play_on(folder, replace(options or Options(), open_model=lambda spec: model))


def turn(text: str = "", *moves: Mapping[str, Any], deliberation: str = "") -> dict[str, Any]:
    """An answer as a model gives it."""
    return {"deliberation": deliberation, "text": text, "moves": list(moves)}


def drawn(schema: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """A turn that the schema allows, the same for the same request; about half of them are legal as well."""
    random = Random(seed)
    found: dict[str, Any] = sample(schema, random)
    legal = [m for m in found["moves"] if m["kind"] in ("open", "suspend", "leave", "pass", "table", "confide")]
    moves = legal[:1] if random.random() < 0.6 else [{"kind": "pass"}]
    return turn("".join(found["text"].split())[:80], *(moves or [{"kind": "pass"}]), deliberation=f"thought {seed}")


def seed_of(key: ReplyKey) -> int:
    """The seed of the request that a stored reply answered."""
    return _seed(0, SeatView(key.seat, moment_of(key), (), (Attempt("", ""),) * key.attempt))


def moment_of(key: ReplyKey) -> Moment:
    """The moment of the turn that a stored reply answered."""
    return Moment(key.round, cast("Phase", key.phase), None if key.ring == "-" else key.ring, key.turn)


def stored(folder: Path) -> dict[ReplyKey, StoredReply]:
    with Journal.open(folder) as journal:
        return dict(journal.replies)


def sent(folder: Path) -> str:
    """Every file of a run as text, with all that its journal holds unpacked."""
    with Journal.open(folder) as journal:
        hashes = {h for r in journal.replies.values() for h in (r.schema, *(h for _, h in r.messages))}
        parts = [journal.blob(h) for h in hashes] + [e.model_dump_json() for e in journal.events]
        parts += [json.dumps(r.__dict__, default=str) for r in journal.replies.values()]
        parts.append(json.dumps(journal.meta))
    raw = [f.read_bytes().decode("latin-1") for f in folder.iterdir() if f.is_file()]
    return "\n".join([*parts, *raw])
