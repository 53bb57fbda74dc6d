"""Promise 1: a game that is killed again and again loses nothing, doubles nothing, and ends as if it had lived.

ROLEPLAY_LONG=1 runs the long form.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from roleplay.journal import Journal
from roleplay.models.scripted import ScriptedModel

from .playing import drawn, go_on, new_run

ROOT = Path(__file__).parents[2]
LONG = bool(os.environ.get("ROLEPLAY_LONG"))
GAMES = 4 if LONG else 1
RANDOM_KILLS = 40 if LONG else 6
POINTS = ("reply:3", "told:2", "close:2", "settle:1", "record:9", "finish:1")
LANES = 6
"""Rings that can meet at once on the pond, and one more: so many calls can be in flight."""


@dataclass
class Life:
    """What one process did: the seeds of its calls, the events it told of, and what was on the disk when it died."""

    asked: list[int] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    there: set[str] = field(default_factory=set)
    stored: set[int] = field(default_factory=set)
    end: str = ""


def lives(log: Path) -> list[Life]:
    found = [Life()]
    for line in log.read_text().splitlines():
        word, *rest = line.split()
        life = found[-1]
        match word:
            case "ask":
                life.asked.append(int(rest[0]))
            case "told":
                life.told.add(rest[0])
            case "there":
                life.there = set(rest)
            case "stored":
                life.stored = set(map(int, rest))
            case "dead":
                life.end = " ".join(rest)
                found.append(Life())
    return found[:-1]


@pytest.mark.parametrize("game", range(GAMES))
@pytest.mark.parametrize("kind", ["at random", "at points"])
def test_a_killed_game_loses_and_doubles_nothing(tmp_path: Path, kind: str, game: int) -> None:
    rng = Random(f"{kind} {game}")
    kills = (
        [f"{rng.uniform(0.0, 0.6 / RANDOM_KILLS):.4f}" for _ in range(RANDOM_KILLS)]
        if kind == "at random"
        else list(POINTS)
    )
    run = new_run(tmp_path, rounds=4 if LONG else 2)
    shutil.copytree(run, tmp_path / "unkilled")
    log = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-m", "tests.promises.killing", run, log, *kills, "never"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    model = ScriptedModel(lambda request: drawn(request.schema, request.seed))
    asyncio.run(go_on(tmp_path / "unkilled", model))

    played = lives(log)
    ends = [life.end for life in played]
    assert (ends[-1], set(ends)) == ("0 whole", {"-9 whole", "0 whole"})
    assert ends.count("-9 whole") >= (len(kills) if kind == "at points" else len(kills) // 2), "the game was too short"
    before: set[int] = set()
    seen: set[str] = set()
    repeated = in_flight = 0
    for life in played:
        assert len(set(life.asked)) == len(life.asked), "asked twice in one life"
        assert not before & set(life.asked), "a stored reply was asked for and paid for again"
        assert life.told | seen <= life.there, "an acknowledged event is gone"
        lost = set(life.asked) - life.stored
        assert len(lost) <= LANES
        in_flight += len(lost)
        before, seen = life.stored, life.there
    asked = [seed for life in played for seed in life.asked]
    repeated = len(asked) - len(set(asked))
    assert repeated <= in_flight
    with Journal.open(run) as killed, Journal.open(tmp_path / "unkilled") as unkilled:
        assert killed.entries == unkilled.entries
        assert {k: (r.text, r.outcome, r.messages) for k, r in killed.replies.items()} == {
            k: (r.text, r.outcome, r.messages) for k, r in unkilled.replies.items()
        }
        assert len(unkilled.replies) == len(set(asked))
