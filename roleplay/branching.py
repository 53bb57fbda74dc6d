"""Branches: a run copied up to a phase boundary into another that goes on from there. Plays nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from .errors import UsageError
from .events import Event, Key, PhaseClosed, everyone
from .game import Options, check_drivers, load_setup, name_of
from .journal import Journal
from .moves import PHASES, Phase
from .results import note_people, people_of
from .setup import Setup, opening_drafts, resolve


def boundary(text: str, rounds: int) -> tuple[int, Phase]:
    """Parse ROUND[.PHASE]: the boundary before that phase, 'brief' where none is given."""
    number, _, phase = text.partition(".")
    if not number.isdigit() or not 1 <= int(number) <= rounds:
        raise UsageError(f"--at {text}: rounds run from 1 to {rounds}")
    if phase and phase not in PHASES[1:]:
        raise UsageError(f"--at {text}: phase '{phase}' does not exist; there is {', '.join(PHASES[1:])}")
    return int(number), phase or "brief"


def branch(folder: Path, at: str, options: Options, changes: Mapping[str, Any]) -> Path:
    """Copy a run up to a phase boundary into a new one that names its parent; `changes` are Settings."""
    with Journal.open(folder) as parent:
        setup = load_setup(parent)
        number, phase = boundary(at, setup.rounds)
        here = (number, PHASES.index(phase))
        closed = {(e.round, PHASES.index(e.phase)) for e in parent.events if isinstance(e, PhaseClosed)}
        before = (number, PHASES.index(phase) - 1) if phase != "brief" else (number - 1, len(PHASES) - 1)
        if before not in closed and number > 1:
            raise UsageError(f"--at {at}: the run has not come so far", hint="choose an earlier round")
        asked = setup.settings.model_copy(update=dict(changes))
        changed = resolve(asked, setup.load_crisis()) if changes else setup
        if changed.rounds < number:
            raise UsageError(f"--rounds {changed.rounds}: the branch goes on in round {number}", hint="stop it later")
        check_drivers(changed, options)
        new = options.out.resolve() / name_of(changed)
        with Journal.create(new, secret=parent.secret, parent=f"{folder.name}@{at}") as journal:
            hash = journal.put_blob(changed.model_dump_json())
            journal.add(_copied(parent, journal, changed, hash, here))
            if here > (1, PHASES.index("talks")):
                note_people(journal, people_of(setup, parent))
            for key, reply in parent.replies.items():
                if (key.round, PHASES.index(cast("Phase", key.phase))) < here:
                    for text in reply.texts:
                        journal.put_blob(parent.blob(text))
                    journal.add_reply(key, reply)
            journal.commit()
    return new


def _copied(
    parent: Journal, journal: Journal, setup: Setup, hash: str, here: tuple[int, int]
) -> list[tuple[Key, Event]]:
    readers = everyone(tuple(setup.plans))
    opening = {(d.kind, d.seat): d for d in opening_drafts(setup, setup.load_crisis(), hash, readers)}
    copied = []
    for key, event in parent.entries:
        if (event.round, PHASES.index(event.phase)) < here:
            draft = opening.get((event.kind, event.seat)) if event.round == 0 else None
            fresh = type(event)(**{**event.model_dump(), **draft.fields}) if draft else event
            copied.append((key, fresh))
    return copied
