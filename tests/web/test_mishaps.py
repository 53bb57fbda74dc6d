"""What goes wrong in a game with people: who is told what, in which words, and that nothing is lost by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from roleplay.errors import CallFailed
from roleplay.events import Spoken
from roleplay.game import Options
from roleplay.models import Request
from roleplay.models.scripted import Line, ScriptedModel
from roleplay.moves import Turn
from roleplay.players import Fallbacks
from tests.hosting.pond import HERON, PASS, asked, play_out, until
from tests.promises.playing import MODEL, turn
from tests.web.place import Place, opened

BY_A_MODEL = {**HERON, "otter": "model"}
TEXT = {"parties": ["heron"], "type": "halt", "object": "dam"}
TABLE = Turn.model_validate({"moves": [{"kind": "table", "commitments": [TEXT]}]})


class Failing:
    """A model that answers for some calls, then does not for some."""

    def __init__(self, good: int, bad: int = 1000) -> None:
        self.good, self.bad = good, bad

    def __call__(self, request: Request) -> Line:
        self.good -= 1
        if self.good < 0 < self.bad:
            self.bad -= 1
            raise CallFailed("the line is down")
        return turn("We hear you.")


async def test_who_is_late_gets_their_words_back_and_their_other_turns_are_untouched(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        await asked(place.game.host, "heron", "bank")
        for ticket in ("0.talks.bank.9", "1.talks.nest.1"):
            late = await heron.post("turn", room="bank", do="send", ticket=ticket, text="A <b>long</b> speech.")
            assert late.status_code == 422
            assert "nothing was sent" in late.text
            assert "A &lt;b&gt;long&lt;/b&gt; speech." in late.text
        assert place.game.host.inbox.find("heron", "1.talks.bank.1")


async def test_a_text_that_lapsed_meanwhile_is_no_longer_accepted_and_the_page_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path, {**HERON, "otter": "human"}, rounds=2) as place:
        host, otter = place.game.host, await place.enter("otter")
        moot = await asked(host, "heron", "moot")
        await host.submit("heron", moot.ticket, TABLE)
        await asked(host, "otter", "moot")
        assert "quick:accept:1" in await otter.page("?room=moot")
        while not any(a.view.moment.round == 2 for a in host.inbox.waiting("heron")):
            for seat in ("heron", "otter"):
                for row in host.inbox.waiting(seat):
                    if row.view.moment.round == 1:
                        await host.submit(seat, row.ticket, PASS)
            await until(lambda: any(map(host.inbox.waiting, ("heron", "otter"))))
        again = next(a for a in host.inbox.waiting("heron") if a.view.moment.ring == "moot")
        await host.submit("heron", again.ticket, TABLE)
        await until(lambda: any(a.view.moment.ring == "moot" for a in host.inbox.waiting("otter")))
        answer = await otter.turn("moot", "quick:accept:1", text="Agreed.")
        assert answer.status_code == 422
        assert "proposal 1 is not open any more" in answer.text
        assert "Agreed." in answer.text
        assert "quick:accept:2" in answer.text


async def told(place: Place) -> dict[str, str]:
    """What each place's page says of how the game stands."""
    pages = {name: await (await place.enter(name)).page() for name in ("control", "heron", "observer")}
    return {name: page.split('id="status"')[1].split('id="items"')[0] for name, page in pages.items()}


async def test_a_model_that_fails_is_stood_in_for_and_control_alone_is_told(tmp_path: Path) -> None:
    options = Options(out=tmp_path, open_model=lambda spec: ScriptedModel(Failing(1)))
    late = Fallbacks(model_seconds=20)
    async with opened(tmp_path, BY_A_MODEL, rounds=2, options=options, fallbacks=late, model=MODEL) as place:
        assert place.game.task
        await play_out(place.game.host, place.game.task)
        said = await told(place)
        assert "OTTER: " in said["control"]
        assert "the line is down; its policy stood in" in said["control"]
        assert "line is down" not in said["heron"] + said["observer"]
        outcomes = [e.outcome for e in place.game.host.events if isinstance(e, Spoken) and e.seat == "otter"]
        assert "failed" not in outcomes


@pytest.mark.parametrize("good", [0, 1])
async def test_without_a_fallback_a_silent_model_fails_its_turn_or_stops_the_game_which_goes_on_later(
    tmp_path: Path, good: int
) -> None:
    model = Failing(good, 1 if good else 1000)
    options = Options(out=tmp_path, open_model=lambda spec: ScriptedModel(model))
    async with opened(tmp_path, BY_A_MODEL, options=options, model=MODEL) as place:
        game, host = place.game, place.game.host
        bank = await asked(host, "heron", "bank")
        await host.submit("heron", bank.ticket, Turn(text="Before."))
        while not (host.players.trouble or host.over):
            await until(lambda: host.players.trouble or host.over or (good and host.inbox.waiting("heron")))
            for row in host.inbox.waiting("heron") if good else ():
                await host.submit("heron", row.ticket, PASS)
        said = await told(place)
        assert "the turn is FAILED" in said["control"] if good else "does not answer" in said["control"]
        assert "FAILED" not in said["heron"]
        assert "does not answer" not in said["heron"] + said["observer"]
        if not good:
            await until(lambda: game.task and game.task.done())
            said = await told(place)
            assert "The game has stopped" in said["control"]
            assert 'value="start"' in said["control"]
            for name in ("heron", "observer"):
                assert "stands still for now" in said[name]
            model.bad = 0
            await (await place.enter("control")).post("control", do="start")
        assert game.task
        await play_out(host, game.task)
        assert host.over
        words = [e.text for e in host.events if isinstance(e, Spoken) and e.seat == "heron" and e.text]
        assert words == ["Before."]
