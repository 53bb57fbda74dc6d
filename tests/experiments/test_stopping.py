"""Ctrl-C, a kill or a full disk in mid-batch: `roleplay eval` again goes on, nothing is played or counted twice."""

from __future__ import annotations

import json
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from roleplay.cli import run
from roleplay.experiments.batch import INDEX
from tests.experiments.test_cli import TINY

SUITE = TINY.replace("variants: [0]", "variants: 2").split("gates:")[0]
GAMES = 6
SMALL = 40_000
"""Bytes that a file may have where the disk is full; a journal needs more."""


def index(sql: str) -> list[Any]:
    """Rows of the batch's index; none while there is none."""
    if not Path("b", INDEX).is_file():
        return []
    with closing(sqlite3.connect(f"file:b/{INDEX}?mode=ro", uri=True, timeout=10)) as db:
        return db.execute(sql).fetchall()


def over() -> dict[str, bytes]:
    """Folders of the games that are over, with their journals."""
    rows = index("SELECT folder FROM games WHERE bucket IS NOT NULL")
    return {name: Path("b", "runs", name, "journal.sqlite").read_bytes() for (name,) in rows}


def stopped(stop: Callable[[subprocess.Popen[str]], object]) -> tuple[int, str]:
    """Start a batch and stop it in the middle; its exit code and what it said."""
    program = [sys.executable, "-c", "from roleplay.cli import main; main()"]
    process = subprocess.Popen([*program, "eval", "tiny.yaml", "--out", "b"], stderr=subprocess.PIPE, text=True)
    try:
        while len(index("SELECT 1 FROM games WHERE bucket IS NOT NULL")) < 2:
            assert process.poll() is None
            time.sleep(0.01)  # Another process's file tells nobody when it changes.
        stop(process)
        return process.wait(60), process.communicate()[1]
    finally:
        process.kill()


def fill_disk(process: subprocess.Popen[str]) -> None:
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (SMALL, SMALL))


STOPS = {
    "Ctrl-C": (lambda process: process.send_signal(signal.SIGINT), 130),
    "kill -9": (lambda process: process.send_signal(signal.SIGKILL), -signal.SIGKILL),
    "a full disk": (fill_disk, 74),
}


@pytest.mark.parametrize("what", STOPS)
def test_what_was_stopped_goes_on_and_nothing_is_played_or_counted_twice(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(SUITE, "utf-8")
    stop, code = STOPS[what]
    found, told = stopped(stop)
    assert found == code, told
    assert "Traceback" not in told
    assert code < 0 or "o on with: roleplay eval tiny.yaml --out b" in told
    before = over()
    assert 2 <= len(before) < GAMES

    assert run(["eval", "tiny.yaml", "--out", "b", "--json"]) == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert runs == {"planned": GAMES, "finished": GAMES, "unscorable": 0, "failed": 0, "reused": len(before)}
    after = over()
    assert {name: after[name] for name in before} == before
    assert len(list(Path("b", "runs").iterdir())) == len(after) == GAMES
    assert index("SELECT count(*), count(DISTINCT folder) FROM cards") == [(GAMES, GAMES)]
