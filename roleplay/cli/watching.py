"""A batch as somebody watches it: one live table on a terminal, a line now and then elsewhere; on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from ..experiments.matrix import Matrix
    from ..experiments.runner import Progress

EVERY = 10.0
"""Seconds between lines where nobody looks at a terminal."""
SHOWN = 6
"""Running games that are named."""


@contextmanager
def watching(matrix: Matrix, peek: bool) -> Iterator[Callable[[Progress], None]]:
    """Something to call with every change; draws no more often than it can be read."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:
        yield lambda progress: live.update(_table(progress, matrix, peek))


def _lines() -> Callable[[Progress], None]:
    last = 0.0

    def line(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            print(f"{progress.done} of {progress.planned} games, {_state(progress)}", file=sys.stderr, flush=True)

    return line


def _state(progress: Progress) -> str:
    broken = sum(arm.get("broken", 0) for arm in progress.buckets.values())
    eta = progress.eta()
    spend = f", {progress.cost:.2f} USD" if progress.cost is not None else ""
    return (
        f"{len(progress.running)} running, {broken} broken, {progress.calls} calls{spend}"
        + (f", about {eta / 60:.0f} min to go" if eta and eta > 90 else "")
    )  # fmt: skip


def _table(progress: Progress, matrix: Matrix, peek: bool) -> Table:
    from rich.table import Table

    running = ", ".join(sorted(progress.running)[:SHOWN])
    table = Table(title=matrix.suite.title, caption=f"{_state(progress)}\n{running}", title_justify="left")
    columns = ("arm", "planned", "scored", "unscorable", "broken", *(("mean so far",) if peek else ()))
    for name in columns:
        table.add_column(name, justify="left" if name == "arm" else "right")
    for arm in matrix.arms:
        done = progress.buckets.get(arm.name, {})
        planned = sum(game.arm == arm.name for game in matrix.games)
        row = [arm.name, str(planned), *(str(done.get(b, 0)) for b in columns[2:5])]
        if peek:
            total, n = progress.sums.get(arm.name, (0.0, 0))
            row.append(f"{total / n:.1f} (n={n})" if n else "-")
        table.add_row(*row)
    return table
