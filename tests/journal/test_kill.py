"""A killed writer loses and doubles nothing, a full disk stops a run without loss, and one run has one writer.

JOURNAL_KILLS=100 runs the long form.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roleplay.errors import DiskError, RunBusy
from roleplay.journal import FILE, Journal
from roleplay.journal.verify import verify

from .sample import play, steps

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("JOURNAL_KILLS", "32"))
EACH = 4
"""Kills a run; more runs make more kills."""
TURNS = 400

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process of `writer.py`; whatever is left of them dies with the test."""
    started: list[subprocess.Popen[str]] = []

    def _start(*arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.journal.writer", *map(str, arguments)],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    yield _start
    for process in started:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    text = process.stdout.readline().strip()
    assert text, process.stderr and process.stderr.read()
    return text


def ask(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.parametrize("game", range(max(1, KILLS // EACH // 2)))
@pytest.mark.parametrize("lanes", [1, 6])
def test_a_killed_writer_loses_and_doubles_nothing(tmp_path: Path, start: Start, lanes: int, game: int) -> None:
    run, rng = tmp_path / "run", random.Random(f"{lanes} {game}")
    acknowledged: set[int] = set()
    for _ in range(EACH):
        process = start("write", run, TURNS, lanes)
        for _ in range(rng.randrange(1, 30)):
            acknowledged.add(int(line(process)))
        time.sleep(rng.random() * 0.02)  # The kill is to come at any moment.
        process.kill()
        rest, _ = process.communicate()
        acknowledged |= {int(number) for number in rest.splitlines(keepends=True) if number.endswith("\n")}
        assert verify(run).ok
        check(run, acknowledged)
    finished = start("write", run, max(acknowledged) + 20, lanes)
    finished.communicate(timeout=60)
    assert finished.returncode == 0
    check(run, set(range(max(acknowledged) + 21)))
    whole = play(tmp_path / "unkilled", turns=max(acknowledged) + 20)
    with Journal.open(run) as killed, Journal.open(whole) as unkilled:
        assert killed.entries == unkilled.entries
        assert killed.replies == unkilled.replies
        assert "finished" in killed.meta


def check(run: Path, acknowledged: set[int]) -> None:
    """Every acknowledged turn is there, and every turn that is there is there whole and once."""
    with Journal.open(run) as journal:
        there = set()
        expected = 0
        for number, (entries, reply) in enumerate(steps(journal, turns=TURNS)):
            if reply is None or reply[0] in journal.replies:
                there.add(number)
                expected += len(entries)
                assert reply is None or journal.replies[reply[0]] == reply[1]
        assert acknowledged <= there
        assert len(journal.events) == expected
        assert len({event.id for event in journal.events}) == expected


def test_a_full_disk_stops_the_run_and_costs_nothing_acknowledged(tmp_path: Path, start: Start) -> None:
    run = tmp_path / "run"
    process = start("write", run, TURNS, 4, 700_000)
    out, err = process.communicate(timeout=60)
    assert process.returncode == DiskError.exit_code == 74, err
    assert "nothing acknowledged is lost" in err
    assert "roleplay resume" in err
    acknowledged = {int(number) for number in out.split()}
    assert len(acknowledged) > 5
    assert verify(run).ok
    check(run, acknowledged)
    again = start("write", run, max(acknowledged) + 10, 4)
    assert again.communicate(timeout=60)[1] == ""
    check(run, set(range(max(acknowledged) + 11)))


def test_a_run_is_not_made_on_a_full_disk_and_can_be_made_later(tmp_path: Path, start: Start) -> None:
    process = start("write", tmp_path / "run", 5, 1, 5000)
    assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == DiskError.exit_code
    assert not (tmp_path / "run" / FILE).exists()
    play(tmp_path / "run", turns=2, role_words=10)


def test_a_folder_that_cannot_be_made_is_a_disk_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DiskError):
        Journal.create(tmp_path / "file" / "run")


def test_of_four_contenders_one_plays_and_the_others_know_it_at_once(tmp_path: Path, start: Start) -> None:
    run = play(tmp_path / "run", turns=5, role_words=100)
    contenders = [start("contend", run) for _ in range(4)]
    assert [line(process) for process in contenders] == ["ready"] * 4
    for _ in range(25):
        for process in contenders:
            ask(process)
        answers = [line(process) for process in contenders]
        assert sorted(answers) == ["busy", "busy", "busy", "won"]
        winner = contenders[answers.index("won")]
        ask(winner)
        assert line(winner) == "closed"
    assert verify(run).ok


def test_a_lock_dies_with_its_holder(tmp_path: Path, start: Start) -> None:
    run = play(tmp_path / "run", turns=5, role_words=100)
    holder = start("contend", run)
    line(holder)
    ask(holder)
    assert line(holder).startswith("won")
    with pytest.raises(RunBusy):
        Journal.open(run, write=True)
    holder.kill()
    holder.communicate()
    Journal.open(run, write=True).close()
