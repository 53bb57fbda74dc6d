"""How fast runs are scored: journals read and parsed, and the measured layer, for a game and one four times as long.

    uv run --no-sync python -m bench.scoring [GAMES]

Times are of one processor. The long game is the short one's rounds four times over; its ratio shows what length does:
1.0 is linear.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import roleplay
from roleplay.events import AnyEvent, Run
from roleplay.game import Options
from roleplay.scoring import case_of, score, score_case
from roleplay.transcripts.record import RunRecord, load_record

T = TypeVar("T")


def best(act: Callable[[], T], times: int = 7) -> tuple[float, T]:
    """The best processor time of a few, and what came of it."""
    found, result = float("inf"), act()
    for _ in range(times):
        began = time.process_time()
        result = act()
        found = min(found, time.process_time() - began)
    return found, result


def longer(record: RunRecord, times: int) -> RunRecord:
    """The same game with its rounds told several times over, each event under an id of its own."""
    opening = [e for e in record.events if not e.round]
    body = [e for e in record.events if e.round and e.kind != "ending"]
    last = max(e.round for e in body)

    def again(event: AnyEvent, n: int) -> AnyEvent:
        return event.model_copy(update={"id": f"{event.id[:12]}{n:04d}", "round": event.round + n * last})

    told = [again(e, n) for n in range(times) for e in body]
    return RunRecord((*opening, *told), record.view, record.played)


def main(games: int) -> None:
    seats = {seat: f"baseline:{name}" for seat, name in roleplay.load_scenario("august-2017")[1].seats.items()}
    with tempfile.TemporaryDirectory() as folder:
        options = Options(out=Path(folder))
        runs = [roleplay.play("august-2017", seats=dict(seats), seed=n, options=options) for n in range(games)]
        events = sum(len(run.events) for run in runs) / games
        score(runs[0].folder)
        both = sum(best(partial(score, run.folder))[0] for run in runs) / games
        record = load_record(runs[0].folder)
        read, _ = best(lambda: load_record(runs[0].folder))
        measured, _ = best(lambda: score_case(case_of(record)))
        long = longer(record, 4)
        long_measured, _ = best(lambda: score_case(case_of(long)))
    ratio = (long_measured / len(long.events)) / (measured / len(record.events))
    sys.stdout.write(
        f"{events:.0f} events a game; read and scored: {events / both:,.0f} events/s, {1 / both:.1f} games/s\n"
        f"reading and parsing {read * 1000:.1f} ms, measured layer {measured * 1000:.1f} ms "
        f"({len(record.events) / measured:,.0f} events/s)\n"
        f"{len(long.events)} events: {len(long.events) / long_measured:,.0f} events/s, "
        f"time an event {ratio:.2f} x that of the short game\n"
    )
    assert isinstance(record.events[0], Run)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
