"""People and machines on an open floor: anyone in any order, silence, time, passes, restarts, who hears what."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from roleplay.errors import UsageError
from roleplay.events import Spoken
from roleplay.game import open_run
from roleplay.journal.verify import verify
from roleplay.moves import Turn
from roleplay.players import Fallbacks, HeldTurn
from tests.engine.pond import SEATS
from tests.hosting.pond import HERON, PASS, asked, hosted, play_out, pond_run, until

QUIET = Fallbacks(silence=1000)
PEOPLE = dict.fromkeys(SEATS, "human")


def says(text: str) -> Turn:
    return Turn(text=text)


def said(folder: Path, ring: str) -> list[tuple[int, str | None, str]]:
    """Turn number, seat and words of what was said in a ring."""
    return [(e.turn, e.seat, e.text) for e in open_run(folder).events if isinstance(e, Spoken) and e.ring == ring]


async def test_people_speak_in_any_order_and_the_journal_holds_the_order_of_arrival(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, PEOPLE, open_floor=("all",))
    async with hosted(folder, fallbacks=QUIET) as (host, game):
        for seat, text in (("newt", "First."), ("newt", "And more."), ("heron", "Second."), ("otter", "Third.")):
            turn = await asked(host, seat, "all")
            await host.submit(seat, turn.ticket, says(text))
        run = await play_out(host, game)
    order = [row for row in said(folder, "all") if row[2]]
    assert order == [(1, "newt", "First."), (2, "newt", "And more."), (3, "heron", "Second."), (4, "otter", "Third.")]
    assert verify(folder).ok
    assert run.result.failed_turns == 0


async def test_who_is_thinking_sees_what_others_say_and_keeps_the_turn(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, PEOPLE, open_floor=("all",))
    async with hosted(folder, fallbacks=QUIET) as (host, game):
        otter, newt = await asked(host, "otter", "all"), await asked(host, "newt", "all")
        await host.submit("newt", newt.ticket, says("I begin."))
        await until(lambda: otter.view.heard, game)
        assert host.inbox.find("otter", otter.ticket) is otter
        with pytest.raises(UsageError, match="sent already"):
            await host.submit("newt", newt.ticket, says("I begin."))
        await host.submit("otter", otter.ticket, says("I heard."))
        await play_out(host, game)
    assert [text for _, _, text in said(folder, "all") if text] == ["I begin.", "I heard."]


async def test_a_machine_answers_whoever_calls_it_as_often_as_it_is_called(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, {**HERON, "otter": "baseline:steady"}, open_floor=("all",))

    def answered(times: int) -> bool:
        return sum(seat == "newt" for _, seat, _ in said(folder, "all")) == times

    async with hosted(folder, fallbacks=QUIET) as (host, game):
        for n in range(3):
            turn = await asked(host, "heron", "all")
            await host.submit("heron", turn.ticket, says(f"Newt, question {n}?"))
            await until(partial(answered, n + 1), game)
        assert not [seat for _, seat, _ in said(folder, "all") if seat == "otter"]
        await play_out(host, game)
    assert [seat for _, seat, _ in said(folder, "all")][:6] == ["heron", "newt"] * 3


async def test_after_a_silence_a_machine_speaks_that_nobody_has_called(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, open_floor=("all",))
    async with hosted(folder, fallbacks=Fallbacks(silence=0.05)) as (host, game):
        await until(lambda: {s for _, s, _ in said(folder, "all")} == {"otter", "newt"}, game)
        assert await asked(host, "heron", "all")
        await play_out(host, game)


async def test_when_all_people_have_passed_machines_have_their_say_and_the_floor_closes(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, open_floor=("all",))
    async with hosted(folder, fallbacks=QUIET) as (host, game):
        await play_out(host, game)
    assert [seat for _, seat, _ in said(folder, "all")][:3] == ["heron", "otter", "newt"]


async def test_one_clock_closes_the_floor_for_all_and_nobody_stands_in(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, PEOPLE, open_floor=("all",))
    async with hosted(folder, fallbacks=Fallbacks(seconds=0.4, silence=1000)) as (host, game):
        heron, otter = await asked(host, "heron", "all"), await asked(host, "otter", "all")
        assert heron.clock is otter.clock
        before = heron.due or 0.0
        host.inbox.extend(5)
        assert heron.due == before + 5
        host.inbox.extend(-5)
        await host.submit("heron", heron.ticket, says("In time."))
        await until(lambda: any(e.kind == "phase" and e.phase == "talks" and e.round == 1 for e in host.events), game)
    assert said(folder, "all") == [(1, "heron", "In time.")]


async def test_a_restart_keeps_what_was_said_and_opens_the_floor_again(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, open_floor=("all",))
    async with hosted(folder, fallbacks=QUIET) as (host, game):
        turn = await asked(host, "heron", "all")
        await host.submit("heron", turn.ticket, says("Newt?"))
        await until(lambda: len(said(folder, "all")) == 2, game)
    before = said(folder, "all")
    async with hosted(folder, fallbacks=QUIET) as (host, game):
        turn = await asked(host, "heron", "all")
        assert [e.text for e in turn.view.heard if isinstance(e, Spoken)] == [text for _, _, text in before]
        await host.submit("heron", turn.ticket, says("Go on."))
        await play_out(host, game)
    assert said(folder, "all")[:3] == [*before, (3, "heron", "Go on.")]
    assert verify(folder).ok


async def test_a_seat_that_is_handed_over_goes_on_as_a_machine_and_comes_back(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, PEOPLE, open_floor=("all",))
    async with hosted(folder, fallbacks=QUIET) as (host, game):
        turn = await asked(host, "heron", "all")
        await asked(host, "newt", "all")
        host.hand_over("newt", "baseline:defiant")
        await host.submit("heron", turn.ticket, says("Newt, are you there?"))
        await until(lambda: any(s == "newt" for _, s, _ in said(folder, "all")), game)
        host.hand_over("newt", "human")
        await host.submit("newt", (await asked(host, "newt", "all")).ticket, says("Back."))
    assert said(folder, "all")[-1][1:] == ("newt", "Back.")


async def test_who_is_outside_hears_nothing_of_an_open_floor(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, PEOPLE, open_floor=("bank",))
    async with hosted(folder, fallbacks=QUIET) as (host, game):
        turn = await asked(host, "heron", "bank")
        await host.submit("heron", turn.ticket, says("Between us."))
        await until(lambda: any(e.ring == "bank" for e in host.seen("otter").events), game)
        assert "Between us." not in "".join(e.model_dump_json() for e in host.seen("newt").events)


async def test_what_control_releases_when_the_game_has_stopped_is_refused_in_words(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, game):
        ruling: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        host.players.held["otter", "t"] = HeldTurn(None, ruling)  # type: ignore[arg-type]  # what is held plays no part here
        ruling.cancel()
        with pytest.raises(UsageError, match="not held any more"):
            host.players.release("otter", "t")
        await asked(host, "heron", "bank")
        game.cancel()


@pytest.mark.parametrize("leaves", [False, True])
async def test_a_turn_that_others_made_impossible_is_told_to_who_sent_it(tmp_path: Path, leaves: bool) -> None:
    folder = pond_run(tmp_path, PEOPLE, open_floor=("all",))
    table = {"kind": "table", "commitments": [{"parties": ["heron", "newt"], "type": "hotline", "object": "line"}]}
    async with hosted(folder, fallbacks=QUIET) as (host, game):
        heron = await asked(host, "heron", "all")
        await host.submit("heron", heron.ticket, Turn.model_validate({"moves": [table]}))
        newt, heron = await asked(host, "newt", "all"), await asked(host, "heron", "all")
        back = Turn.model_validate({"moves": [{"kind": "withdraw", "number": 1}]})
        yes = Turn.model_validate({"moves": [{"kind": "accept", "number": 1}]})
        sent = [
            asyncio.create_task(host.submit(*turn))
            for turn in (("heron", heron.ticket, back), ("newt", newt.ticket, yes))
        ]
        await until(newt.answer.done)
        if leaves:
            host.hand_over("newt", "baseline:steady")
        await sent[0]
        with pytest.raises(UsageError, match="no open proposal 1"):
            await asyncio.wait_for(sent[1], 20)
        assert leaves or host.inbox.waiting("newt")
        await play_out(host, game, PASS)
