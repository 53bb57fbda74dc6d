"""The debrief pack: worlds side by side, machines apart, what everybody did under a pseudonym; who may have it."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from roleplay.cli import run as command
from roleplay.game import Options, play_on
from roleplay.hosting import Host
from roleplay.moves import Turn
from roleplay.sessions import Session, SessionFile, begin
from roleplay.web.access import Access, Grant
from roleplay.web.games import Game
from roleplay.web.lobby import Lobby
from roleplay.web.pack import UNLISTED
from roleplay.web.server import LOBBY
from tests.hosting.pond import asked, play_out, until
from tests.web.place import opened
from tests.web.test_lobby import sit

PAGES = {"debrief.html", "memo.html", "rubric.html", "activity.csv"}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A session of two worlds that one person has played through, beside a stored game of baselines."""
    out = tmp_path_factory.mktemp("runs")
    common: dict[str, Any] = {"scenario": "august-2017", "others": "baseline", "rounds": 1}
    machines = begin(SessionFile(id="machines", seats={"us": "baseline:dove"}, **common), out)
    asyncio.run(play_on(machines.runs[0], Options(out=out)))
    session = begin(SessionFile(id="class", seats={"us": "human"}, worlds=2, **common), out)

    async def play() -> None:
        lobby = Lobby(Access(), session.folder / LOBBY)
        lobby.open()
        for number, host in enumerate(session.hosts(Options(out=out)), 1):
            host.pause(False)
            await _one_game(lobby, str(number), host)

    asyncio.run(play())
    return session


async def _one_game(lobby: Lobby, name: str, host: Host) -> None:
    game = asyncio.create_task(host.play())
    _, cookie = lobby.sit({name: Game(name, host)}, Grant(name, "us"), f"=Player {name}")
    first = await asked(host, "us")
    await host.submit("us", first.ticket, Turn(text="We want to talk."))
    lobby.sent(cookie, first.ticket)
    await play_out(host, game)


def test_a_class_s_worlds_stand_side_by_side_and_machines_games_apart(
    played: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(["session", "pack", str(played.folder), "--out", "pack"]) == 0
    files = {str(f.relative_to("pack")) for f in Path("pack").rglob("*") if f.is_file()}
    assert files == PAGES | {f"world-{n}/scorecard.{kind}" for n in (1, 2) for kind in ("html", "json")}
    page = Path("pack/debrief.html").read_text()
    for words in ("World 2", "Halt of ICBM tests", "Red lines crossed", "Who knew what", "The moments that mattered"):
        assert words in page
    people, machines = (page.split(title)[1].split("</tr>")[0] for title in ("people played", "baselines alone"))
    assert "none yet to compare with" in people  # Its own worlds are not among them.
    assert '<td class="num">1</td>' in machines
    for name in ("debrief", "memo", "rubric"):
        text = Path(f"pack/{name}.html").read_text()
        assert "<script" not in text
        assert "http" not in text.split("</style>")[1]


def test_what_everybody_did_is_listed_under_their_pseudonym_and_no_cell_is_a_formula(
    played: Session, tmp_path: Path
) -> None:
    target = tmp_path / "pack.zip"
    assert command(["session", "pack", str(played.folder), "--out", str(target)]) == 0
    with zipfile.ZipFile(target) as archive:
        found = rows(archive.read("activity.csv").decode())
    mine = [row for row in found if row["pseudonym"] == "'=Player 1"]
    assert [(row["world"], row["seat"], row["turns"], row["words"]) for row in mine] == [("1", "us", "1", "4")]
    assert {row["world"] for row in found if "stand-in" in row["pseudonym"]} == {"1", "2"}


def test_a_pack_lies_in_its_session_s_folder_and_goes_with_it(played: Session, capsys: Any) -> None:
    assert command(["session", "pack", str(played.folder)]) == 0
    assert (played.folder / "debrief.zip").is_file()
    assert command(["session", "pack", str(played.folder), "--out", "/nowhere/x.zip"]) == 2
    assert "does not exist" in capsys.readouterr().err


async def test_a_pack_is_for_control_and_holds_its_own_worlds_alone(tmp_path: Path) -> None:
    async with opened(tmp_path, {"heron": "human", "otter": "baseline:dove", "newt": "baseline:dove"}) as place:
        place.server.lobby.open()
        client, _ = await sit(place, "1/heron", "Ada")
        place.server.games["2"] = Game("2", place.game.host)
        control = await place.enter("control")
        await until(lambda: place.game.host.inbox.waiting("heron"))
        await control.post("control", do="hand:heron", driver="baseline:dove")
        answer = await control.get("pack")
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = set(archive.namelist())
            activity = rows(archive.read("activity.csv").decode())
            assert "□ Heron" in archive.read("memo.html").decode()  # Who plays a seat at the end does not undo it.
        assert names == PAGES | {"world-1/transcript.html"}  # The pond says nothing of scores.
        assert activity[0]["pseudonym"] == "Ada"
        assert {row["pseudonym"] for row in activity[1:]} <= {UNLISTED}
        assert (await client.get("/g/1/heron/pack")).status_code == 403
