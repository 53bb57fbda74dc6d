"""A process that plays a run in lives, each a fork that is killed, and writes down what each life did.

    python -m tests.promises.killing FOLDER LOG KILL...

A KILL is a number of seconds after the first call of that life, a point of the program as `settle:2` (its second
time), or `never`. Every line of LOG is one system call, so that it outlives the kill.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from roleplay.events import Event, Spoken
from roleplay.game import Options
from roleplay.journal import Journal
from roleplay.journal.verify import verify
from roleplay.models import Request
from roleplay.models.scripted import ScriptedModel
from roleplay.table import Table

from .playing import drawn, go_on, new_run, seed_of

POINTS: dict[str, tuple[type, str]] = {
    "reply": (Journal, "add_reply"), "commit": (Journal, "_write"), "brief": (Table, "brief"),
    "close": (Table, "close"), "settle": (Table, "settle"), "record": (Table, "record"), "finish": (Journal, "finish"),
}  # fmt: skip
"""Just before each of these, or `told`: after a commit and before anybody hears of it."""

Write = Callable[[str], object]


def live(folder: Path, write: Write, kill: str) -> None:
    """Play on until the end or death."""
    name, _, count = kill.partition(":")
    left = int(count or 0)

    def die() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: Event) -> None:
        if isinstance(event, Spoken):
            if name == "told":
                die()
            write(f"told {event.id}")

    def ask(request: Request) -> dict[str, Any]:
        write(f"ask {request.seed}")
        return drawn(request.schema, request.seed)

    if name in POINTS:
        owner, method = POINTS[name]
        original = getattr(owner, method)

        def dying(*a: Any, **k: Any) -> Any:
            die()
            return original(*a, **k)

        setattr(owner, method, dying)
    model = ScriptedModel(ask, delay=(0.005, 0.04), seed=os.getpid())
    asyncio.run(go_on(folder, model, Options(watch=watch)))


def main(folder: Path, log: Path, *kills: str) -> int:
    handle = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    def write(line: str) -> None:
        os.write(handle, f"{line}\n".encode())

    with tempfile.TemporaryDirectory() as scratch:
        # Everything that is loaded late or compiled is so before the forks; no thread outlives `asyncio.run`.
        warm = ScriptedModel(lambda request: drawn(request.schema, request.seed))
        asyncio.run(go_on(new_run(Path(scratch), rounds=1), warm))
    for kill in kills:
        before = log.stat().st_size
        pid = os.fork()
        if pid == 0:
            try:
                live(folder, write, kill)
            except BaseException:  # noqa: BLE001 - the fork must end here
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        gone, status = 0, 0
        if kill[0].isdigit():
            while not gone and log.stat().st_size == before:
                time.sleep(0.001)  # Its log is all that it shows of itself, and a file tells nobody that it grew.
                gone, status = os.waitpid(pid, os.WNOHANG)
            time.sleep(float(kill))  # The kill is to come at any moment.
            if not gone:
                os.kill(pid, signal.SIGKILL)
        if not gone:
            _, status = os.waitpid(pid, 0)
        status = os.waitstatus_to_exitcode(status)
        with Journal.open(folder) as journal:
            write("there " + " ".join(e.id for e in journal.events))
            write("stored " + " ".join(str(seed_of(key)) for key in journal.replies))
        write(f"dead {status} {'whole' if verify(folder).ok else 'damaged'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
