"""A process that writes a run until it is done, stopped or killed, and says on stdout what is safely on the disk.

    python -m tests.journal.writer write FOLDER TURNS LANES [BYTES]
    python -m tests.journal.writer contend FOLDER

`write` plays what the run in FOLDER lacks, in so many lanes at once, and prints the number of each turn after its
commit; no file may grow beyond BYTES. `contend` tries to open the run at a line of stdin and holds it until the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from roleplay.errors import RoleplayError, RunBusy
from roleplay.journal import FILE, Journal

from .sample import SECRET, Step, steps, write


async def play(journal: Journal, turns: int, lanes: int) -> None:
    """Lanes take the next turn that is not in the journal and write it; the opening comes first."""
    todo = enumerate(steps(journal, turns=turns))
    _, opening = next(todo)
    if not journal.events:
        write(journal, opening)
        await journal.flush()
        say("0")
    await asyncio.gather(*(lane(journal, todo) for _ in range(lanes)))


async def lane(journal: Journal, todo: Iterator[tuple[int, Step]]) -> None:
    for number, step in todo:
        assert step[1] is not None
        if journal.reply(step[1][0]) is None:
            write(journal, step)
            await journal.flush()
            say(str(number))


def contend(folder: Path) -> None:
    say("ready")
    held: Journal | None = None
    for _ in sys.stdin:
        if held:
            held.close()
            held = None
            say("closed")
            continue
        try:
            held = Journal.open(folder, write=True)
            say("won")
        except RunBusy:
            say("busy")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(command: str, folder: Path, *numbers: int) -> int:
    if command == "contend":
        contend(folder)
        return 0
    turns, lanes, *limit = numbers
    for size in limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        exists = (folder / FILE).exists()
        with Journal.open(folder, write=True) if exists else Journal.create(folder, secret=SECRET) as journal:
            asyncio.run(play(journal, turns, lanes))
            journal.finish()
    except RoleplayError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])))
