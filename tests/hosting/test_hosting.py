"""A human seat is a seat like any other: what is asked, sent, lost, late, paused, held and handed over."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from roleplay.errors import CallFailed, UsageError
from roleplay.events import Deliberation, Inject, Ruling, Spoken
from roleplay.game import Options, open_run
from roleplay.hosting import Host
from roleplay.journal import Journal
from roleplay.models import Request
from roleplay.models.scripted import Line, ScriptedModel
from roleplay.moves import Turn
from roleplay.players import Fallbacks
from roleplay.seats.inbox import LOOK, NotAsked
from tests.engine.pond import kinds
from tests.hosting.pond import HERON, PASS, asked, hosted, play_out, pond_run, until
from tests.promises.playing import MODEL


def spoken(folder: Path, seat: str) -> list[Spoken]:
    return [e for e in open_run(folder).events if isinstance(e, Spoken) and e.seat == seat]


def says(text: str) -> Turn:
    return Turn(text=text)


async def test_a_person_plays_a_whole_game_and_the_run_says_so(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, rounds=2)
    async with hosted(folder) as (host, game):
        run = await play_out(host, game)
    assert run.result.rounds == 2
    assert run.result.failed_turns == 0
    assert run.result.people == ["heron"]
    assert {e.outcome for e in run.events if isinstance(e, Spoken) and e.seat == "heron"} == {"passed"}


async def test_a_run_of_machines_names_no_people(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, {**HERON, "heron": "baseline:steady"})
    async with hosted(folder) as (_, game):
        assert (await game).result.people == []


async def test_other_rings_go_on_while_a_person_thinks(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, game):
        await until(lambda: len(host.inbox.waiting("heron")) > 1, game)
        rings = {a.view.moment.ring for a in host.inbox.waiting("heron")}
        assert len(rings) > 1
        bank = await asked(host, "heron", "bank")
        await host.submit("heron", bank.ticket, says("We are open."))
        await until(lambda: any(e.seat == "otter" and e.ring == "bank" for e in host.events), game)
        assert [a for a in host.inbox.waiting("heron") if a.view.moment.ring != "bank"]


async def test_a_turn_is_taken_once_and_by_its_own_seat_alone(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, _):
        bank = await asked(host, "heron", "bank")
        with pytest.raises(NotAsked):
            await host.submit("otter", bank.ticket, PASS)
        await host.submit("heron", bank.ticket, says("Once."))
        with pytest.raises(NotAsked):
            await host.submit("heron", bank.ticket, says("Twice."))
    assert [e.text for e in spoken(folder, "heron")] == ["Once."]


async def test_what_was_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, _):
        bank = await asked(host, "heron", "bank")
        await host.submit("heron", bank.ticket, says("On record."))
        assert "On record." in [e.text for e in spoken(folder, "heron")]


async def test_a_restart_asks_again_and_loses_nothing(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, _):
        bank = await asked(host, "heron", "bank")
        await host.submit("heron", bank.ticket, says("Before."))
        open_before = {a.ticket for a in host.inbox.waiting("heron")}
    async with hosted(folder) as (host, game):
        await until(lambda: open_before <= {a.ticket for a in host.inbox.waiting("heron")}, game)
        await play_out(host, game)
    assert [e.text for e in spoken(folder, "heron") if e.text] == ["Before."]


async def test_a_preview_gives_the_ruling_and_is_no_attempt(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, _):
        bank = await asked(host, "heron", "bank")
        accept = Turn.model_validate({"moves": [{"kind": "accept", "number": 7}]})
        for _ in range(5):
            assert "no open proposal 7" in (host.preview(bank.view, accept).problem or "")
        with pytest.raises(UsageError, match="no open proposal 7"):
            await host.submit("heron", bank.ticket, accept)
        assert host.preview(bank.view, PASS).problem is None
        await host.submit("heron", bank.ticket, PASS)
    assert [e.outcome for e in spoken(folder, "heron")] == ["passed"]


async def test_a_preview_shows_only_rulings_that_the_seat_may_read(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, _):
        bank = await asked(host, "heron", "bank")
        for mode in ("block", "observe"):
            host._at_table.mode = mode
            give = {"parties": ["heron"], "type": "payment", "object": "fish"}
            ruled = host.preview(bank.view, Turn.model_validate({"moves": [{"kind": "table", "commitments": [give]}]}))
            assert all("heron" in r.readers for r in ruled.blocked)


@pytest.mark.parametrize(("stand_in", "outcome"), [("pass", "passed"), ("baseline:steady", "ok")])
async def test_who_is_late_is_stood_in_for_and_the_run_goes_on(tmp_path: Path, stand_in: str, outcome: str) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder, fallbacks=Fallbacks(seconds=0.01, stand_in=stand_in)) as (host, game):
        run = await game
        assert "stood in" in host.players.trouble
    assert run.result.failed_turns == 0
    assert outcome in {e.outcome for e in spoken(folder, "heron")}


async def test_more_time_is_more_time(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder, fallbacks=Fallbacks(seconds=0.5)) as (host, _):
        bank = await asked(host, "heron", "bank")
        before = bank.due or 0.0
        assert host.inbox.extend(60, "heron") >= 1
        assert (bank.due or 0.0) == before + 60


async def test_nobody_is_asked_and_nothing_is_taken_during_a_pause(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, game):
        bank = await asked(host, "heron", "bank")
        host.pause(True)
        with pytest.raises(UsageError, match="paused"):
            await host.submit("heron", bank.ticket, PASS)
        host.pause(False)
        await play_out(host, game)


async def test_a_pause_stops_the_clocks(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder, fallbacks=Fallbacks(seconds=0.4)) as (host, _):
        bank = await asked(host, "heron", "bank")
        host.pause(True)
        await until(lambda: host.inbox.clock() > (bank.due or 0) + LOOK)
        assert bank in host.inbox.waiting("heron")
        host.pause(False)
        await host.submit("heron", bank.ticket, PASS)
    assert [e.outcome for e in spoken(folder, "heron") if e.ring == "bank"] == ["passed"]


async def test_news_from_control_is_read_when_the_phase_has_closed(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, game):
        await asked(host, "heron", "bank")
        await host.inject("The otter is being watched.", ["newt"])
        await host.inject("The heron has a visitor.", ["heron"])
        assert not [e for e in host.seen("heron").events if isinstance(e, Inject) and "visitor" in e.text]
        for waiting in host.inbox.waiting("heron"):
            await host.submit("heron", waiting.ticket, PASS)
        await asked(host, "heron", phase="council")
        [news] = [e for e in host.seen("heron").events if isinstance(e, Inject) and "visitor" in e.text]
        assert news.name == "control:news"  # And not how many others were told something.
        assert not [e for e in host.seen("otter").events if isinstance(e, Inject) and "visitor" in e.text]
        with pytest.raises(UsageError, match="not in this game"):
            await host.inject("Hm.", ["frog"])
        await play_out(host, game)


async def test_a_seat_is_handed_to_a_policy_and_back(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, rounds=3)
    async with hosted(folder) as (host, game):
        await asked(host, "heron", "bank")
        host.hand_over("heron", "baseline:steady")
        await until(lambda: any(e.round == 1 and e.phase == "settle" for e in host.events), game)
        host.hand_over("heron", "human")
        await asked(host, "heron")
    with Journal.open(folder) as journal:
        assert journal.meta["played:heron"] == "human"


async def test_a_machine_that_was_handed_to_a_person_marks_the_run_and_stays_theirs(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, {**HERON, "heron": "baseline:steady", "newt": "human"})
    async with hosted(folder) as (host, _):
        await asked(host, "newt")
        host.hand_over("heron", "human")
    async with hosted(folder) as (host, _):
        await asked(host, "newt")
        assert host.players.people == {"heron", "newt"}
    assert open_run(folder).result.people == ["heron", "newt"]


def test_a_seat_is_handed_over_only_once_the_game_has_begun(tmp_path: Path) -> None:
    host = Host(pond_run(tmp_path), Options(out=tmp_path))
    with pytest.raises(UsageError, match="has not begun"):
        host.hand_over("otter", "baseline:steady")
    assert host.players.played_by["otter"] == "baseline:dove"


async def test_a_held_turn_is_heard_when_control_releases_it(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, game):
        host.players.held_seats.add("otter")
        bank = await asked(host, "heron", "bank")
        await host.submit("heron", bank.ticket, says("Well?"))
        await until(lambda: ("otter", "1.talks.bank.2") in host.players.held, game)
        assert not spoken(folder, "otter")
        host.players.release("otter", "1.talks.bank.2", "say it again, and kindly")
        await until(lambda: ("otter", "1.talks.bank.2") in host.players.held, game)
        host.players.release("otter", "1.talks.bank.2")
        await until(lambda: any(e.seat == "otter" and e.ring == "bank" for e in host.events), game)
        assert next(e for e in host.events if isinstance(e, Spoken) and e.seat == "otter").outcome == "repaired"


async def test_who_leaves_while_a_turn_is_written_stops_nothing_and_a_stopped_game_holds_nothing(
    tmp_path: Path,
) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, game):
        host.players.held_seats.add("otter")
        bank = await asked(host, "heron", "bank")
        sending = asyncio.create_task(host.submit("heron", bank.ticket, says("Well?")))
        await until(lambda: bank not in host.inbox.waiting("heron"), game)
        sending.cancel()
        await until(lambda: host.players.held, game)
        game.cancel()
        await asyncio.wait({game})
        assert not host.players.held
        with pytest.raises(UsageError, match="not held any more"):
            host.players.release("otter", "1.talks.bank.2")
    assert [e.text for e in spoken(folder, "heron")] == ["Well?"]


async def test_a_model_that_does_not_answer_is_stood_in_for_by_its_policy(tmp_path: Path) -> None:
    def down(request: Request) -> Line:
        raise CallFailed("the line is down")

    seats = {**HERON, "otter": "model"}
    folder = pond_run(tmp_path, seats, model=MODEL)
    silent = Options(out=tmp_path, open_model=lambda spec: ScriptedModel(down))
    async with hosted(folder, silent, Fallbacks(model_seconds=5)) as (host, game):
        run = await play_out(host, game)
        assert "OTTER" in host.players.trouble
    assert not [e for e in run.events if isinstance(e, Spoken) and e.seat == "otter" and e.outcome == "failed"]


async def test_a_model_that_is_late_is_stood_in_for_by_the_move_that_its_own_policy_chose_in_template_wording(
    tmp_path: Path,
) -> None:
    runs = []
    for driver in ("voice:defiant", "baseline:defiant"):
        folder = pond_run(tmp_path / driver, {**HERON, "heron": "baseline:dove", "otter": driver}, model=MODEL)
        slow = Options(out=tmp_path, open_model=lambda spec: ScriptedModel(lambda request: "late", delay=3600))
        async with hosted(folder, slow, Fallbacks(model_seconds=0.01)) as (host, game):
            runs.append([e for e in (await game).events if e.seat == "otter" and e.kind in ("turn", "move")])
            assert ("the model was late" in host.players.trouble) == driver.startswith("voice")
    assert [e.model_dump(exclude={"id"}) for e in runs[0]] == [e.model_dump(exclude={"id"}) for e in runs[1]]
    assert any(isinstance(e, Spoken) and e.text for e in runs[0])


async def test_advice_is_written_down_for_its_seat_alone(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, game):
        bank = await asked(host, "heron", "bank")
        text = await host.advise(bank.view)
        run = await play_out(host, game)
    advice = [e for e in kinds(run.events, "deliberation") if isinstance(e, Deliberation) and text in e.text]
    assert [e.readers for e in advice] == [("heron",)]
    assert run.result.calls == 0


async def test_who_deliberates_is_told_only_to_who_sits_in_that_ring(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, _):
        await asked(host, "heron", "bank")
        assert ("heron", "bank") in {(t.seat, t.ring) for t in host.thinking_in("otter")}
        assert ("heron", "bank") not in {(t.seat, t.ring) for t in host.thinking_in("newt")}
        assert host.thinking_in("public") == []


async def test_a_game_that_stops_tells_who_was_sending(tmp_path: Path) -> None:
    folder = pond_run(tmp_path)
    async with hosted(folder) as (host, game):
        bank = await asked(host, "heron", "bank")
        assert isinstance(host.preview(bank.view, PASS).blocked, tuple)
        assert not any(isinstance(e, Ruling) for e in host.events)
        game.cancel()
        with pytest.raises(UsageError):
            await host.submit("heron", bank.ticket, PASS)
