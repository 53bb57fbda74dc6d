"""The adviser of a seat that people play: a model that sees what the seat may see, and answers it alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from roleplay.errors import CallFailed
from roleplay.events import Deliberation, Inject
from roleplay.game import Options, open_run
from roleplay.journal import Journal
from roleplay.models import Request
from roleplay.models.scripted import Line, ScriptedModel
from roleplay.moves import Turn
from roleplay.players import Fallbacks
from tests.hosting.pond import HERON, asked, hosted, pond_run, until
from tests.promises.playing import MODEL
from tests.web.place import opened

PEOPLE = {**HERON, "newt": "human"}


def advised(tmp_path: Path, answer: Line | Exception) -> tuple[Options, ScriptedModel]:
    def say(request: Request) -> Line:
        return answer

    model = ScriptedModel(say)
    return Options(out=tmp_path, open_model=lambda spec: model), model


def texts(folder: Path) -> list[tuple[tuple[str, ...], str]]:
    return [(e.readers, e.text) for e in open_run(folder).events if isinstance(e, Deliberation)]


async def test_the_seat_s_model_advises_from_the_seat_s_view_alone_and_is_counted_apart(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, PEOPLE, model=MODEL)
    options, model = advised(tmp_path, {"advice": "Wait for the rain."})
    async with hosted(folder, options) as (host, _):
        bank = await asked(host, "heron", "bank")
        letter = next(e for e in host.events if isinstance(e, Inject) and e.readers == ("otter",))
        assert await host.advise(bank.view) == "Wait for the rain."
        assert await host.advise(bank.view) == "Wait for the rain."
        sent = "".join(m["content"] for m in model.requests[0].messages)
        assert "You are its adviser" in sent
        assert letter.text not in sent
    assert [row for row in texts(folder) if "rain" in row[1]] == [(("heron",), "Advice: Wait for the rain.")] * 2
    result = open_run(folder).result
    assert (result.calls, result.critical_path_seconds) == (0, 0.0)
    with Journal.open(folder) as journal:
        assert [key.seat for key in journal.replies] == ["adviser:heron"] * 2


@pytest.mark.parametrize("answer", [CallFailed("the line is down"), "no JSON at all", {"advice": ""}, {"other": "x"}])
async def test_where_no_advice_comes_the_seat_s_policy_advises_and_the_game_goes_on(
    tmp_path: Path, answer: Line
) -> None:
    folder = pond_run(tmp_path, PEOPLE, model=MODEL)
    async with hosted(folder, advised(tmp_path, answer)[0]) as (host, game):
        bank = await asked(host, "heron", "bank")
        assert await host.advise(bank.view)
        await host.submit("heron", bank.ticket, Turn(text="We go on."))
        assert not game.done()


async def test_a_slow_adviser_keeps_nobody_waiting(tmp_path: Path) -> None:
    model = ScriptedModel(lambda request: {"advice": "At last."}, delay=1.5)
    options = Options(out=tmp_path, open_model=lambda spec: model)
    async with opened(tmp_path, HERON, options=options, model=MODEL) as place:
        host = place.game.host
        bank = await asked(host, "heron", "bank")
        heron = await place.enter("heron")
        await heron.post("advice", room="bank")
        assert "Your adviser is thinking" in await heron.page("?room=bank")
        await host.submit("heron", (await asked(host, "heron", "all")).ticket, Turn(text="Meanwhile."))
        await until(lambda: not place.game.advising)
        page = await heron.page("?room=bank")
        assert "At last." in page
        assert bank.ticket in page


async def test_a_late_adviser_is_replaced_by_the_policy(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, PEOPLE, model=MODEL)
    model = ScriptedModel(lambda request: {"advice": "At last."}, delay=30)
    options = Options(out=tmp_path, open_model=lambda spec: model)
    async with hosted(folder, options, Fallbacks(model_seconds=0.05)) as (host, _):
        bank = await asked(host, "heron", "bank")
        assert "At last" not in await host.advise(bank.view)
        assert "its policy advised instead" in host.players.trouble


async def test_a_small_model_words_what_the_policy_would_do(tmp_path: Path) -> None:
    folder = pond_run(tmp_path, PEOPLE, model=MODEL)
    model = ScriptedModel(["not what was asked"], context=4096)
    async with hosted(folder, Options(out=tmp_path, open_model=lambda spec: model)) as (host, _):
        bank = await asked(host, "heron", "bank")
        assert await host.advise(bank.view)
        assert "You are its adviser" not in "".join(m["content"] for r in model.requests for m in r.messages)
