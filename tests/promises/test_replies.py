"""Promise 4: bad replies never break a game, are counted, and are never taken for restraint.

ROLEPLAY_LONG=1 runs the long form.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from roleplay.calls import REPAIRS
from roleplay.errors import CallFailed
from roleplay.events import Event, Spoken
from roleplay.game import Run
from roleplay.models import Reply, Request
from roleplay.models.scripted import Line, ScriptedModel

from .playing import drawn, play_models, stored, turn

GAMES = 30 if os.environ.get("ROLEPLAY_LONG") else 2

STRANGERS = {"parties": ["crane"], "type": "halt", "object": "dam"}
BAD: dict[str, Callable[[Random], Line]] = {
    "prose": lambda r: "As a large language model I would rather tell you a story.",
    "another language": lambda r: "우리는 대화를 원합니다 ﷽ " * 20,
    "half JSON": lambda r: '{"deliberation": "Hm.", "text": "We',
    "nothing": lambda r: "",
    "blanks": lambda r: " \n\t\u00a0",
    "refusal": lambda r: Reply("", refusal="I cannot help with that."),
    "filtered": lambda r: Reply("", finish="content_filter"),
    "truncated": lambda r: Reply('{"deliberation": "We sh', finish="length"),
    "ten megabytes": lambda r: '{"deliberation": "' + "x" * 10_000_000 + '", "text": "", "moves": []}',
    "NaN": lambda r: '{"deliberation": "", "text": "a", "moves": [{"kind": "accept", "number": NaN}]}',
    "infinity": lambda r: '{"deliberation": "", "text": "a", "moves": [{"kind": "accept", "number": 1e999}]}',
    "a number of 5000 digits": lambda r: '{"deliberation": "", "text": "a", "moves": [' + "9" * 5000 + "]}",
    "deep nesting": lambda r: '{"a":' * 100_000,
    "deep list": lambda r: '{"deliberation": "", "text": "", "moves": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "NUL and ANSI": lambda r: '\x00\x1b[2J\x1b]0;owned\x07{"deliberation": 1}',
    "fences": lambda r: "```json\n```\n```",
    "wrong types": lambda r: json.dumps({"deliberation": ["x"], "text": {"a": 1}, "moves": "pass"}),
    "a list": lambda r: "[1, 2, 3]",
    "null": lambda r: "null",
    "unknown verb": lambda r: turn("Fire!", {"kind": "launch", "target": "otter"}),
    "unknown key": lambda r: {**turn("Hm."), "admin": True},
    "a key twice": lambda r: '{"text": "a", "text": "b", "deliberation": "", "moves": []}',
    "another's ring": lambda r: turn("", {"kind": "leave", "ring": "everywhere"}),
    "a text of strangers": lambda r: turn("", {"kind": "table", "commitments": [STRANGERS]}),
    "no such number": lambda r: turn("", {"kind": "accept", "number": 98}),
    "no such instrument": lambda r: turn("", {"kind": "use", "instrument": "moon"}),
    "a thousand moves": lambda r: turn("", *[{"kind": "pass"}] * 1000),
    "bytes at random": lambda r: r.randbytes(400).decode("latin-1"),
    "call failed": lambda r: CallFailed("scripted: retries are spent"),
}  # fmt: skip
GOOD_WITH_SURROGATES = (
    '{"deliberation": "\\ud800 hm", "text": "We \\udfff wait \\u202e\\u0000.", "moves": [{"kind": "pass"}]}'
)
FINAL = ("prose", "nothing", "refusal")


def told(run: Run) -> list[Spoken]:
    return [e for e in run.events if isinstance(e, Spoken)]


def no_effect_of(event: Spoken, events: tuple[Event, ...]) -> bool:
    """Whether a turn left nothing but itself."""
    here = (event.round, event.phase, event.ring, event.turn, event.seat)
    kinds = {e.kind for e in events if (e.round, e.phase, e.ring, e.turn, e.seat) == here}
    return kinds == {"turn"} and not event.text


@pytest.mark.parametrize("game", range(GAMES))
async def test_a_game_of_bad_replies_ends_with_every_failure_counted(tmp_path: Path, game: int) -> None:
    random = Random(game)
    given: Counter[str] = Counter()
    kinds = list(BAD)

    def ask(request: Request) -> Line:
        draw = random.random()
        if draw < 0.15:
            return GOOD_WITH_SURROGATES
        if draw < 0.3 or not given:
            given["good"] += 1
            return drawn(request.schema, request.seed)
        name = kinds[(sum(given.values()) * 7 + game) % len(kinds)]
        if name == "call failed" and given["call failed"] > 1:
            name = "prose"
        given[name] += 1
        return BAD[name](random)

    model = ScriptedModel(ask)
    run = await play_models(tmp_path, model)
    result, replies = run.result, stored(run.folder)
    assert result.ended == "terminated"
    failed = [e for e in told(run) if e.outcome == "failed"]
    assert len(failed) > 5
    assert all(no_effect_of(event, run.events) for event in failed)
    assert (result.failed_turns, sum(result.failed_by_seat.values())) == (len(failed), len(failed))
    assert result.failed_by_seat == Counter(event.seat for event in failed)
    assert result.calls == len(model.requests) == len(replies)
    assert max(key.attempt for key in replies) == REPAIRS == 2
    assert result.repairs == sum(key.attempt > 0 for key in replies)
    outcomes = Counter(reply.outcome for reply in replies.values())
    assert set(outcomes) <= {"ok", "refused", "truncated", "empty", "malformed", "illegal", "failed"}
    assert {"ok", "refused", "empty", "malformed", "illegal"} <= set(outcomes)
    assert outcomes["ok"] == len(told(run)) - len(failed)
    for text in (e.text for e in told(run)):
        assert not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 or c == "\u202e" for c in text)


@pytest.mark.parametrize("name", FINAL)
async def test_a_seat_that_never_answers_has_failed_every_time_and_passed_never(tmp_path: Path, name: str) -> None:
    def ask(request: Request) -> Line:
        return BAD[name](Random(1)) if request.slot == "otter" else turn("", {"kind": "pass"})

    model = ScriptedModel(ask)
    run = await play_models(tmp_path, model, rounds=1)
    by_seat = {s: [e.outcome for e in told(run) if e.seat == s] for s in ("heron", "otter", "newt")}
    assert set(by_seat["otter"]) == {"failed"}
    assert set(by_seat["heron"]) == set(by_seat["newt"]) == {"passed"}
    assert run.result.failed_by_seat == {"otter": len(by_seat["otter"])}
    asked = [r for r in model.requests if r.slot == "otter"]
    assert len(asked) == len(by_seat["otter"]) * (1 + REPAIRS)
    assert max(len(json.dumps(list(r.messages))) for r in asked) < 200_000, "a reply of ten megabytes is not sent back"


async def test_every_bad_reply_by_itself_is_a_failed_turn(tmp_path: Path) -> None:
    """Each kind as all three answers of one turn: the turn FAILED and did nothing."""
    names = iter([n for n in BAD if n != "call failed"])
    current: dict[str, str] = {}

    def ask(request: Request) -> Line:
        last: Any = request.messages[-1]["content"]
        if not last.startswith("#"):
            return BAD[current[request.slot]](Random(1))
        current[request.slot] = next(names, "prose")
        return BAD[current[request.slot]](Random(1))

    run = await play_models(tmp_path, ScriptedModel(ask), rounds=2)
    assert next(names, None) is None, "the game was too short for all of them"
    assert {e.outcome for e in told(run)} == {"failed"}
    assert all(no_effect_of(event, run.events) for event in told(run))
