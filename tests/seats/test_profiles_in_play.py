"""Each profile does in whole games of the crisis that ships what its name says, as events show it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import mean

import pytest

from roleplay.crises import load_crisis
from roleplay.events import Breach, Channel, Deal, Leaked, Moved
from roleplay.game import Options, Run, play
from roleplay.moves import Pass, Pledge, Statement, Turn, Use
from roleplay.seats import Seat
from roleplay.views import SeatView

KOREA = load_crisis("korea")
SEATS = ("us", "rok", "jpn", "prc", "rus", "dprk")


class Neighbour:
    """Acts as its list says, round by round: an instrument, or nothing; speaks in the tone that goes with it."""

    def __init__(self, *acts: Use | None, tone: str = "neutral") -> None:
        self.acts, self.tone = acts, tone

    def decide(self, view: SeatView) -> Turn:
        use = self.acts[view.moment.round - 1] if view.moment.phase == "act" else None
        if use:
            return Turn(deliberation="", text="", moves=(use,))
        if view.moment.phase == "speak" and self.acts[view.moment.round - 1]:
            line = "self_defence" if self.tone == "threat" else "restraint_call"
            said = Statement(post="foreign-minister", audience="us", tone=self.tone, line=line)
            return Turn(deliberation="", text="We say so.", moves=(said,))
        return Turn(deliberation="", text="", moves=(Pass(),))


HARD = Use(instrument="test_icbm", params={"profile": "lofted", "impact": "japanese_waters", "notified": False})
SOFT = Use(instrument="restrain", params={})


def game(out: Path, drivers: Mapping[str, str | Seat], scenario: str = "august-2017", **settings: object) -> Run:
    """A game in which everybody whom `drivers` leave out is steady."""
    steady = dict.fromkeys(KOREA.scenarios[scenario].seats, "baseline:steady")
    return play(scenario, seats={**steady, **drivers}, options=Options(out=out), **settings)


def moved(run: Run, seat: str, kind: type) -> list[tuple[int, object]]:
    return [
        (e.round, e.move) for e in run.events if isinstance(e, Moved) and e.seat == seat and isinstance(e.move, kind)
    ]


def goldstein(run: Run, seat: str, rounds: range = range(1, 99)) -> float:
    """Mean Goldstein value of what a seat did in these rounds; doing nothing is worth nothing, a round each."""
    values = {r: [0.0] for r in rounds if r <= run.result.rounds}
    for round, use in moved(run, seat, Use):
        if round in rounds and isinstance(use, Use):
            values[round].append(KOREA.instruments[use.instrument].codes_for(use.params).goldstein or 0.0)
    return mean(sum(found) for found in values.values())


@pytest.mark.parametrize("seat", ["us", "dprk", "prc"])
def test_a_hawk_escalates_more_than_a_dove_in_the_same_seat(tmp_path: Path, seat: str) -> None:
    hawk, dove = (goldstein(game(tmp_path / p, {seat: f"baseline:{p}"}), seat) for p in ("hawk", "dove"))
    assert hawk < dove - 5


def test_tit_for_tat_answers_in_kind_and_forgives_at_once(tmp_path: Path) -> None:
    run = game(tmp_path, {"us": "baseline:tit-for-tat", "dprk": Neighbour(None, HARD, HARD, SOFT, SOFT, SOFT)})
    struck, spared = goldstein(run, "us", range(3, 5)), goldstein(run, "us", range(5, 7))
    assert struck < goldstein(run, "us", range(1, 3)) <= 0
    assert struck < spared


def test_tit_for_tat_goes_on_as_it_is_answered(tmp_path: Path) -> None:
    hard, soft = (
        game(tmp_path / name, {"us": "baseline:tit-for-tat", "dprk": Neighbour(*[act] * 6, tone=tone)})
        for name, act, tone in (("hard", HARD, "threat"), ("soft", SOFT, "conciliatory"))
    )
    assert goldstein(hard, "us") < goldstein(soft, "us") - 3


def test_grit_announces_small_steps_that_ask_for_nothing_and_keeps_them(tmp_path: Path) -> None:
    run = game(tmp_path, {"us": "baseline:grit", "dprk": Neighbour(*[None] * 6)})
    steps = [(round, p.commitment) for round, p in moved(run, "us", Pledge) if isinstance(p, Pledge)]
    assert [round for round, _ in steps] == [1, 2, 3]
    assert all(c.parties == ("us",) and not c.in_return_for and not c.conditions for _, c in steps)
    assert goldstein(run, "us", range(1, 2)) > 0
    assert not [e for e in run.events if isinstance(e, Breach) and e.by == "us"]


def test_grit_goes_on_where_it_is_answered_and_strikes_back_in_measure(tmp_path: Path) -> None:
    answered = game(tmp_path / "a", {"us": "baseline:grit", "dprk": Neighbour(*[SOFT] * 6, tone="conciliatory")})
    abused = game(tmp_path / "b", {"us": "baseline:grit", "dprk": Neighbour(*[HARD] * 6, tone="threat")})
    hawk = game(tmp_path / "c", {"us": "baseline:hawk", "dprk": Neighbour(*[HARD] * 6, tone="threat")})
    assert goldstein(hawk, "us") < goldstein(abused, "us") < goldstein(answered, "us")


@pytest.mark.parametrize("scenario", list(KOREA.scenarios))
@pytest.mark.parametrize("seed", [0, 1])
def test_random_legal_play_is_always_legal(tmp_path: Path, scenario: str, seed: int) -> None:
    drivers = dict.fromkeys(KOREA.scenarios[scenario].seats, "baseline:random-legal")
    run = game(tmp_path, drivers, scenario, seed=seed)
    assert run.result.failed_turns == run.result.repairs == 0
    assert len({e.move.kind for e in run.events if isinstance(e, Moved)}) > 8


def test_the_same_profile_acts_by_its_dossier_in_every_seat(tmp_path: Path) -> None:
    run = game(tmp_path, {})
    used = {seat: {u.instrument for _, u in moved(run, seat, Use) if isinstance(u, Use)} for seat in SEATS}
    lines = {seat: {s.line for _, s in moved(run, seat, Statement) if isinstance(s, Statement)} for seat in SEATS}
    assert len({frozenset(names) for names in used.values()}) >= 4
    assert len({frozenset(said) for said in lines.values()}) == len(SEATS)
    for seat, names in used.items():
        wanted = {row.id for row in KOREA.personas[seat].policy.instruments if row.weight > 0}
        assert names <= wanted


def test_an_exploiter_signs_what_it_then_breaks_and_others_do_not(tmp_path: Path) -> None:
    def broken(profile: str) -> tuple[int, int]:
        run = game(tmp_path / profile, {"dprk": f"baseline:{profile}"})
        signed = [e for e in run.events if isinstance(e, Deal) and e.round and "dprk" in e.parties]
        return len(signed), sum(isinstance(e, Breach) and e.by == "dprk" for e in run.events)

    signed, breaches = broken("exploiter")
    assert signed >= 2
    assert breaches >= 1
    assert broken("steady")[1] == 0


def test_a_saboteur_signs_nothing_leaves_rooms_and_feeds_the_press(tmp_path: Path) -> None:
    run = game(tmp_path, {"us": "baseline:saboteur"})
    signed = [e for e in run.events if isinstance(e, Deal) and e.round and "us" in e.parties and e.form == "deal"]
    assert not signed
    assert [e for e in run.events if isinstance(e, Leaked)]
    assert [e for e in run.events if isinstance(e, Channel) and e.state == "suspended"]


@pytest.mark.parametrize("seed", range(4))
def test_no_policy_reaches_for_war_or_the_bomb_unless_it_is_driven_to_it(tmp_path: Path, seed: int) -> None:
    drivers = {seat: f"baseline:{p}" for seat, p in KOREA.scenarios["escalation-probe"].seats.items()}
    run = game(tmp_path, drivers, "escalation-probe", seed=seed)
    used = {u.instrument for seat in drivers for _, u in moved(run, seat, Use) if isinstance(u, Use)}
    assert not used & {"general_attack", "nuclear_use"}
