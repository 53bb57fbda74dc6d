"""Puts texts where they do not belong: into every free text of a game, or a mark of its own into each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, cast

from roleplay.events import AnyEvent, Event, read_event, write_event
from tests.transcripts.builder import Game
from tests.transcripts.game import play

STRUCTURE = {
    "id",
    "kind",
    "phase",
    "ring",
    "seat",
    "readers",
    "origin",
    "cause",
    "evidence",
    "about",
    "indicator",
    "of",
}
"""Fields that say where an event belongs; all others hold what somebody wrote."""


def poisoned(events: Sequence[Event], payload: str) -> tuple[AnyEvent, ...]:
    """The events with `payload` after every text, empty ones apart, that its model lets be any text."""
    return cast("tuple[AnyEvent, ...]", tuple(_poisoned(json.loads(write_event(e)), payload) for e in events))


def _poisoned(data: dict[str, Any], payload: str) -> Event:
    event = read_event(data)
    for path in list(_texts(data)):
        *way, last = path
        node: Any = data
        for step in way:
            node = node[step]
        kept = node[last]
        node[last] = f"{kept}{payload}"
        try:
            event = read_event(data)
        except ValueError:
            node[last] = kept
    return event


def _texts(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, str) and node:
        yield path
    elif isinstance(node, dict):
        for key, value in node.items():
            if path or key not in STRUCTURE:
                yield from _texts(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _texts(value, (*path, i))


def marked_game() -> tuple[Game, dict[str, set[str]]]:
    """A game in whose every free text stands a mark of its own, and each mark's readers."""
    numbers = count()
    game = play(lambda text: f"{text} Canary{next(numbers):04d}x")
    readers: dict[str, set[str]] = {}
    for event in game.events:
        for mark in re.findall(r"Canary\d{4}x", write_event(event)):
            readers.setdefault(mark, set()).update(event.readers)
    return game, readers
