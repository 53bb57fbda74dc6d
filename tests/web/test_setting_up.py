"""A class is set up by form: saved as a file, changed, begun; what does not do is told, and strangers are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from roleplay.game import Options
from roleplay.sessions import SessionFile, begin, load_session
from roleplay.web.access import TEACHER
from roleplay.web.app import make_app
from roleplay.web.serve import Address, give_out, make_server
from roleplay.web.server import Server
from tests.engine.pond import POND
from tests.web.place import HERE, ORIGIN

FORM = {"scenario": "dam", "f.id": "monday", "f.people": ["heron", "otter"], "f.others": "baseline", "f.worlds": "2",
        "f.team": "2", "f.rounds": "1", "f.minutes": "8", "f.stand_in": "pass", "f.late": ""}  # fmt: skip


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crises").mkdir()
    (tmp_path / "crises" / "pond").symlink_to(POND)
    made = make_server({}, Address(port=80))
    made.url, made.hosts = HERE, frozenset()

    def open_session(file: SessionFile) -> Any:
        session = begin(file, "transcripts")
        return session, session.hosts(Options(out=Path("transcripts")))

    made.open_session = open_session
    return made


def client(server: Server) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=make_app(server)), base_url=HERE, headers=ORIGIN)


async def test_a_set_up_is_saved_by_form_listed_changed_and_keeps_what_the_form_does_not_ask(server: Server) -> None:
    teacher = client(server)
    assert "Set up a class" in (await teacher.get("/")).text
    saved = await teacher.post("/sessions", data={**FORM, "do": "save"})
    assert saved.headers["location"] == "/sessions?like=monday"
    file = load_session("monday")
    assert (file.people, file.worlds, file.minutes, file.late) == (["heron", "otter"], 2, 8, None)
    path = Path("sessions/monday.yaml")
    path.write_text(path.read_text() + "seed: 5\n")
    changing = (await teacher.get("/sessions?like=monday")).text
    assert 'name="f.worlds" value="2"' in changing
    changed = {**FORM, "like": "monday", "f.people": ["otter"], "f.worlds": "1", "do": "save"}
    assert (await teacher.post("/sessions", data=changed)).status_code == 303
    file = load_session("monday")
    assert (file.people, file.worlds, file.seed) == (["otter"], 1, 5)
    again = await teacher.post("/sessions", data={**FORM, "do": "save"})
    assert "exists already" in again.text


async def test_a_session_is_begun_by_form_with_control_of_every_world_and_an_open_door(server: Server) -> None:
    teacher = client(server)
    begun = await teacher.post("/sessions", data={**FORM, "do": "begin"})
    assert begun.headers["location"] == "/g/1/control/"
    try:
        for world in ("1", "2"):
            page = (await teacher.get(f"/g/{world}/control/")).text
            assert "Paused by control" in page
            assert server.lobby.code[:3] in page
            assert "Only this computer reaches this address" in page
        assert (server.lobby.team, len(server.lobby.free(server.games))) == (2, 4)
        folder = server.access.file.parent if server.access.file else Path()
        assert {f.name for f in folder.iterdir()} == {"session.json", "access.json", "lobby.json"}
        second = await teacher.post("/sessions", data={"do": "begin:monday"})
        assert "goes on here already" in second.text
    finally:
        for game in server.games.values():
            await game.stop()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"f.people": []}, "Played by people: nothing was chosen"),
        ({"f.id": "../x"}, "cannot be used"),
        ({"f.worlds": "99"}, "less than or equal to 12"),
        ({"f.rounds": "9"}, "rounds"),
        ({"f.others": "model"}, "no model is named"),
        ({"scenario": "damm"}, "did you mean"),
        ({"do": "begin:../x"}, "cannot be used"),
        ({"do": "begin:nothing"}, "does not exist"),
    ],
)
async def test_what_does_not_do_is_told_beside_the_form(server: Server, fields: dict[str, str], words: str) -> None:
    answer = await client(server).post("/sessions", data={**FORM, "do": "begin", **fields})
    assert answer.status_code == 422
    assert words in answer.text
    assert server.games == {}


async def test_where_others_reach_the_server_its_teacher_alone_sets_classes_up(server: Server) -> None:
    server.private = True
    links = give_out(server)
    stranger, teacher = client(server), client(server)
    assert (await stranger.get("/sessions")).status_code == 403
    assert (await stranger.post("/sessions", data={**FORM, "do": "begin"})).status_code == 403
    assert links.teacher
    token = links.teacher.rpartition("/")[2]
    await teacher.post("/join", data={"token": token})
    assert (await teacher.get("/sessions")).status_code == 200
    forged = await teacher.post("/sessions", data={**FORM, "do": "save"}, headers={"Origin": "http://evil.example"})
    assert forged.status_code == 400
    server.access.revoke(TEACHER)
    assert (await teacher.get("/sessions")).status_code == 403
