"""What came of a run: counts, tokens, cost and times, and which seats people have played. Plays nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .events import ADJUDICATOR, ADVISER, Adjudication, Ending, PhaseClosed, Ruling, Spoken
from .journal import Journal
from .seats.drivers import OUTSIDE, parse_driver
from .setup import Setup

TOKENS = ("prompt", "cached", "completion")
PLAYED = "played:"
"""Begins the name of a journal's note on who has played a seat since it was handed over."""
PEOPLE = "people"
"""Name of a journal's note on the seats that were played from outside at some time, in this run or before a branch."""


@dataclass(frozen=True)
class Result:
    """What came of a run; the JSON of `roleplay run`."""

    run: str
    scenario: str
    world: str
    """Its name, with the claims that the run scaled."""
    variant: int
    seed: int
    ended: Literal["terminated", "truncated"] | None
    reason: str
    rounds: int
    turns: int
    calls: int
    repairs: int
    failed_turns: int
    blocked: int
    tokens: dict[str, int]
    cost_usd: float | None
    seconds: float
    critical_path_seconds: float
    model_seconds: float
    failed_by_seat: dict[str, int]
    people: list[str]
    """Seats played from outside at some time, by a person or somebody's program; never pooled with other runs."""
    adjudicator: dict[str, Any] | None
    """Its model, calls (not among `calls`), FAILED rounds, effects that it was asked about and set aside; or null."""


def result(folder: Path, setup: Setup, journal: Journal) -> Result:
    """Counts, tokens, cost and times of a run, finished or not."""
    events, replies = journal.events, journal.replies
    seats = [key for key in replies if key.seat in setup.plans]
    ending = next((e for e in events if isinstance(e, Ending)), None)
    spoken = [e for e in events if isinstance(e, Spoken)]
    failed = [e for e in spoken if e.outcome == "failed"]
    costs = [r.cost_usd for r in replies.values()]
    return Result(
        run=str(folder.resolve()),
        scenario=setup.scenario.id,
        world=setup.effects.named,
        variant=setup.settings.variant,
        seed=setup.settings.seed,
        ended=ending.ended if ending else None,
        reason=ending.reason if ending else "not over: resume it",
        rounds=max((e.round for e in events if isinstance(e, PhaseClosed) and e.phase == "settle"), default=0),
        turns=len(spoken),
        calls=len(seats),
        repairs=sum(key.attempt > 0 for key in seats),
        failed_turns=len(failed),
        blocked=sum(isinstance(e, Ruling) and e.verdict == "blocked" for e in events),
        tokens={kind: sum(getattr(r, f"{kind}_tokens") for r in replies.values()) for kind in TOKENS},
        cost_usd=None if None in costs else sum(c or 0.0 for c in costs),
        seconds=round(float(journal.meta.get("seconds", "0")), 3),
        critical_path_seconds=round(critical_path(journal), 3),
        model_seconds=round(sum(r.seconds for r in replies.values()), 3),
        failed_by_seat=dict(Counter(e.seat or "" for e in failed)),
        people=people_of(setup, journal),
        adjudicator=_adjudicated(setup, journal),
    )


def _adjudicated(setup: Setup, journal: Journal) -> dict[str, Any] | None:
    if setup.adjudicator is None:
        return None
    found = [e for e in journal.events if isinstance(e, Adjudication)]
    return {
        "model": setup.adjudicator.model,
        "calls": sum(key.seat == ADJUDICATOR for key in journal.replies),
        "failed": sum(e.outcome == "failed" for e in found),
        "asked": sum(e.asked for e in found),
        "set_aside": sum(len(e.set_aside) for e in found),
    }


def people_of(setup: Setup, journal: Journal) -> list[str]:
    """Seats that are, or were at some time, played from outside."""
    planned = {seat for seat, plan in setup.plans.items() if parse_driver(plan.driver).kind in OUTSIDE}
    noted = {n.removeprefix(PLAYED) for n, v in journal.meta.items() if n.startswith(PLAYED) and v in OUTSIDE}
    return sorted(planned | noted | _noted(journal))


def note_people(journal: Journal, seats: Iterable[str]) -> None:
    """Note that seats are played from outside, or were; who plays them later does not undo it."""
    journal.note(PEOPLE, " ".join(sorted(_noted(journal) | set(seats))))


def _noted(journal: Journal) -> set[str]:
    return set(journal.meta.get(PEOPLE, "").split())


def critical_path(journal: Journal) -> float:
    """Sum over phases of the longest lane's call seconds, repairs included: no play in parallel can be faster."""
    lanes: dict[tuple[int, str], dict[str, float]] = {}
    for key, reply in journal.replies.items():
        if key.seat.startswith(ADVISER):
            continue  # Nobody waits for it.
        lane = key.ring if key.ring != "-" else key.seat
        phase = lanes.setdefault((key.round, key.phase), {})
        phase[lane] = phase.get(lane, 0.0) + reply.seconds
    return sum(max(phase.values()) for phase in lanes.values())
