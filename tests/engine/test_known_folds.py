"""What the table keeps folded for a seat changes nothing of what the seat knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from roleplay import ledger, world
from roleplay.game import Options, play
from roleplay.moves import Turn
from roleplay.views import SeatView

OTHERS = dict.fromkeys(("us", "rok", "jpn", "prc", "rus", "dprk"), "baseline:steady")


class Watching:
    """Passes, and compares the folds of each view with those of its events alone, at once and after the game."""

    def __init__(self) -> None:
        self.seen: list[SeatView] = []

    def decide(self, view: SeatView) -> Turn:
        assert view.known is not None
        assert view.known.begins(view.events)
        compare(replace(view))
        self.seen.append(view)
        return Turn()


def compare(view: SeatView) -> None:
    assert view.ledger == ledger.fold(view.events)
    assert view.world == world.fold(view.events, view.sheet.bounds)


def test_kept_folds_are_the_folds_of_the_view(tmp_path: Path) -> None:
    seat = Watching()
    play("august-2017", seats={**OTHERS, "dprk": seat, "prc": seat}, options=Options(out=tmp_path), rounds=2)
    assert len(seat.seen) > 8
    for view in seat.seen:  # folded now for the first time, when later phases are closed long since
        compare(view)


def test_kept_folds_do_not_count_for_a_view_cut_short(tmp_path: Path) -> None:
    seat = Watching()
    play("august-2017", seats={**OTHERS, "us": seat}, options=Options(out=tmp_path), rounds=1)
    view = seat.seen[-1]
    compare(replace(view, events=view.events[: view.events.index(view.heard[0])] if view.heard else view.events[:-1]))
    compare(replace(view, events=tuple(e for e in view.events if e.round == 0)))
