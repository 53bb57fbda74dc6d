"""A batch as somebody watches it: one live table on a terminal, a line now and then elsewhere; on standard error."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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

    planned = Counter(game.arm for game in matrix.games)
    with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:
        yield lambda progress: live.update(table(progress, matrix.suite.title, planned, peek))


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


def table(progress: Progress, title: str, games: Mapping[str, int], peek: bool) -> Table:
    """Arms with what is done of each; means only where somebody asked to peek."""
    from rich.table import Table

    running = ", ".join(sorted(progress.running)[:SHOWN])
    rows = Table(title=title, caption=f"{_state(progress)}\n{running}", title_justify="left")
    columns = ("arm", "planned", "scored", "unscorable", "broken", *(("mean so far",) if peek else ()))
    for name in columns:
        rows.add_column(name, justify="left" if name == "arm" else "right")
    for arm, planned in games.items():
        done = progress.buckets.get(arm, {})
        row = [arm, str(planned), *(str(done.get(b, 0)) for b in columns[2:5])]
        if peek:
            total, n = progress.sums.get(arm, (0.0, 0))
            row.append(f"{total / n:.1f} (n={n})" if n else "-")
        rows.add_row(*row)
    return rows
