"""Promise 2: of four processes that resume one run exactly one plays; the others know it at once (exit 75)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from roleplay.game import open_run
from roleplay.journal.verify import verify

from .endpoint import Body, Endpoint, Handler, sensible
from .playing import new_run

RESUME = "from roleplay.cli import main; main()"


def test_of_four_commands_that_resume_a_run_one_plays_and_three_are_told_that_it_is_busy(tmp_path: Path) -> None:
    go = threading.Event()

    def wait(body: Body, http: Handler) -> None:
        go.wait(200)
        sensible(body, http)

    with Endpoint(wait) as endpoint:
        folder = new_run(tmp_path, base_url=endpoint.url, rounds=1)
        contenders = [
            subprocess.Popen(
                [sys.executable, "-c", RESUME, "resume", str(folder), "--json"],
                cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for _ in range(4)
        ]  # fmt: skip
        try:
            deadline = time.monotonic() + 180
            while sum(p.poll() is not None for p in contenders) < 3 and time.monotonic() < deadline:
                time.sleep(0.02)  # Of several processes, whichever end first: nothing waits for that.
            assert sorted(p.poll() is None for p in contenders) == [False, False, False, True]
        finally:
            go.set()
            ended = [(*p.communicate(timeout=60), p.returncode) for p in contenders]
    assert sorted(code for _, _, code in ended) == [0, 75, 75, 75]
    for out, err, code in ended:
        if code == 75:
            assert out == ""
            assert "another process is writing this run" in err
        else:
            assert json.loads(out)["ended"] == "truncated"
    run = open_run(folder)
    assert verify(folder).ok
    assert len(endpoint.bodies) == run.result.calls, "each call was made once"
