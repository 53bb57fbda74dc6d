"""Programs that play a seat: over HTTP against a real server, and as an interrupt of somebody's own graph."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

from examples import http_seat, interrupt
from roleplay.events import Spoken
from tests.engine.pond import POND
from tests.web.live import served

BY_PROGRAM = {"heron": "http", "otter": "baseline:dove", "newt": "baseline:defiant"}


def test_the_example_program_plays_a_whole_game(tmp_path: Path) -> None:
    with served(tmp_path, BY_PROGRAM) as live:
        http_seat.play(live.url, live.link("heron").rpartition("/")[2])
        outcomes = {e.outcome for e in live.host.events if isinstance(e, Spoken) and e.seat == "heron"}
    assert outcomes == {"passed"}


def test_run_lets_a_program_in_and_ends_with_the_game(tmp_path: Path) -> None:
    program = "from roleplay.cli import main; main()"
    command = [sys.executable, "-c", program, "run", "dam", "--crisis", str(POND), "--rounds", "1", "--json"]
    seats = [part for seat, driver in BY_PROGRAM.items() for part in ("--seat", f"{seat}={driver}")]
    with subprocess.Popen(
        [*command, *seats], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        found = re.search(r"HERON +(\S+)/join/(\S+)", process.stderr.readline())
        assert found
        client = subprocess.run([sys.executable, http_seat.__file__, found[1], found[2]], timeout=60, check=False)
        if client.returncode:
            process.kill()
        assert client.returncode == 0
        result = json.loads(process.stdout.read())
        assert process.wait(20) == 0
    assert result["people"] == ["heron"]
    assert result["failed_turns"] == 0


def test_run_gives_every_member_of_a_delegation_a_link(tmp_path: Path) -> None:
    program = "from roleplay.cli import main; main()"
    command = [sys.executable, "-c", program, "run", "dam", "--crisis", str(POND), "--delegation", "otter=Ada,Ben"]
    seats = ["--seat", "heron=baseline:dove", "--seat", "newt=baseline:dove"]
    with subprocess.Popen([*command, *seats], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        told = [process.stderr.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert [re.sub(" +http\\S+/join/\\S+\n", "", line) for line in told] == ["OTTER.ADA", "OTTER.BEN", "control"]


async def test_a_human_turn_is_an_interrupt_of_an_outer_graph() -> None:
    assert await interrupt.main() > 5
