"""Where the floor is open: who speaks next without people, in which order, and what resume and branch make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from roleplay.branching import branch
from roleplay.crises import load_crisis
from roleplay.crises.models import SeatRow
from roleplay.errors import RoleplayError, UsageError
from roleplay.events import Spoken
from roleplay.floor import EACH, Floor, addressees
from roleplay.game import Options, Run, aplay, play_on
from roleplay.journal.verify import verify
from roleplay.moves import Accept, Table, Turn
from roleplay.views import SeatView

from .pond import POND, SEATS, Player, Turns, clause, kinds, play_pond, says

MACHINES = dict.fromkeys(SEATS, "baseline:steady")


def order(run: Run, ring: str, round: int = 1) -> list[str | None]:
    return [e.seat for e in run.events if isinstance(e, Spoken) and (e.ring, e.round) == (ring, round)]


def lines(run: Run) -> list[str]:
    """What was said and done, without the ids, which are each run's own."""
    return [e.model_dump_json(exclude={"id", "cause", "evidence", "setup"}) for e in run.events if e.kind != "run"]


async def test_whoever_is_addressed_speaks_first_then_the_others_in_their_order(tmp_path: Path) -> None:
    called = {"heron": Player({(1, "talks", "all"): says("What does Newt say?")})}
    run = await play_pond(tmp_path, called, open_floor=("all",), rounds=2)
    assert order(run, "all", 1) == ["heron", "newt", "otter"]
    assert order(run, "all", 2) == ["heron", "otter", "newt"]
    assert [e.turn for e in run.events if isinstance(e, Spoken) and (e.ring, e.round) == ("all", 1)] == [1, 2, 3]


async def test_rings_that_are_not_named_keep_their_turns_and_a_wrong_name_is_told(tmp_path: Path) -> None:
    called = {"heron": Player({(1, "talks", "all"): says("What does Newt say?")})}
    run = await play_pond(tmp_path, called, open_floor=("bank",), rounds=1)
    assert order(run, "all") == ["heron", "otter", "newt"]
    with pytest.raises(UsageError, match="'nest' does not exist; there is all, bank, moot, reeds"):
        await play_pond(tmp_path, open_floor=("nest",))


async def test_machines_on_an_open_floor_play_the_same_game_twice(tmp_path: Path) -> None:
    async def play(out: str) -> Run:
        options = Options(out=tmp_path / out)
        return await aplay("dam", crisis=str(POND), seats=MACHINES, options=options, open_floor=("all",))

    assert lines(await play("one")) == lines(await play("two"))


async def test_each_sees_what_came_before_it_and_a_text_binds_in_order_of_arrival(tmp_path: Path) -> None:
    offer = clause("heron+otter", "hotline", "line")
    turns: dict[str, Turns] = {
        "heron": {(1, "talks", "all"): says("Otter, this?", Table(commitments=(offer,)))},
        "otter": {(1, "talks", "all"): says("Agreed.", Accept(number=1))},
    }
    players = {seat: Player(turns.get(seat)) for seat in SEATS}
    run = await play_pond(tmp_path, players, open_floor=("all",), rounds=1)
    assert [d.ring for d in kinds(run.events, "deal")] == ["all"]
    for player in players.values():
        for seen in player.seen:
            assert all(e.turn < seen.moment.turn for e in seen.heard)


class Dies(Player):
    """Stops the game at its third turn in the ring of all."""

    async def decide(self, view: SeatView) -> Turn:  # type: ignore[override]  # A seat may answer at once or later; its base answers at once.
        if view.moment.ring == "all" and view.moment.round == 3:
            raise RoleplayError("the lights went out")
        return says(f"Round {view.moment.round}: Newt, and you, Heron?")


async def test_a_game_that_stopped_on_an_open_floor_goes_on_from_where_it_was(tmp_path: Path) -> None:
    with pytest.raises(RoleplayError, match="the lights"):
        await play_pond(tmp_path, {"otter": Dies()}, open_floor=("all",))
    [folder] = list(tmp_path.iterdir())
    seats = {"heron": Player(), "newt": Player(), "otter": Player()}
    run = await play_on(folder, Options(seats=seats))
    assert run.result.rounds == 4
    for round in range(1, 5):
        assert sorted(map(str, order(run, "all", round))) == sorted(SEATS)
    assert verify(folder).ok
    again = branch(folder, "2.talks", Options(out=tmp_path / "branches"), {})
    assert order(await play_on(again, Options(seats=seats)), "all", 1) == order(run, "all", 1)


# --- the rule by itself -----------------------------------------------------------------------------------------------


def floor(*said: tuple[str, str], members: tuple[str, ...] = SEATS, unasked: int = 1) -> Floor:
    names = addressees(load_crisis(POND).seats.values())
    common = {"id": "", "round": 1, "phase": "talks", "ring": "all", "readers": (), "at": "", "turn": 1}
    rows = [
        Spoken.model_validate({**common, "seat": seat, "text": text, "outcome": "ok" if text else "passed"})
        for seat, text in said
    ]
    return Floor(members, rows, names, unasked)


@pytest.mark.parametrize(
    ("text", "who"),
    [("NEWT?", "newt"), ("@newt, go on", "newt"), ("newt is a word", "newt"), ("Newton fell", "otter"), ("", "otter")],
)
def test_a_seat_is_called_by_its_id_or_its_name_as_a_word(text: str, who: str) -> None:
    assert floor(("heron", text)).next(("otter", "newt")) == who


def test_a_name_within_a_longer_one_calls_on_nobody() -> None:
    seats = (("dprk", "Democratic People's Republic of Korea"), ("rok", "Republic of Korea"))
    called = addressees([SeatRow(id=id, name=name) for id, name in seats])
    assert called("What does the Democratic People's Republic of Korea want?") == {"dprk"}
    assert called("The republic of Korea and the DPRK; rok; @rok's; ask ROK.") == {"rok", "dprk"}


def test_between_two_whatever_is_said_addresses_the_other() -> None:
    two = ("heron", "otter")
    assert floor(("heron", "Well?"), ("otter", "Well."), members=two).called("heron", two) == 1
    assert floor(("heron", "Well?"), ("otter", ""), members=two).called("heron", two) is None


def test_only_those_who_must_be_answered_are_answered_beyond_ones_own_turns() -> None:
    said = (("heron", "a"), ("newt", "b"), ("otter", "c"), ("heron", "And, Newt?"))
    assert floor(*said).next(("otter", "newt")) is None
    assert floor(*said).next(("otter", "newt"), askers={"heron"}) == "newt"


def test_an_open_floor_is_full_at_last() -> None:
    said = [(SEATS[n % 3], "Newt, Otter, Heron!") for n in range(3 * EACH)]
    assert floor(*said).full
    assert floor(*said).next(SEATS, askers=SEATS) is None


def test_who_passed_is_content_until_somebody_calls() -> None:
    assert floor(("otter", "")).content("otter")
    assert not floor(("otter", ""), ("heron", "Otter, please.")).content("otter")
    assert floor(("otter", ""), ("heron", "Newt, please.")).content("otter")
