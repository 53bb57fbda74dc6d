"""A class comes in: by a code, to free seats, under pseudonyms; guesses run into a wall; control sees and frees."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from roleplay.branching import branch
from roleplay.errors import UsageError
from roleplay.game import Options
from roleplay.hosting import Host
from roleplay.web.access import TEACHER, Access, Grant
from roleplay.web.control import lesson
from roleplay.web.lobby import ALL, OWN, WINDOW, Lobby, TooMany
from tests.engine.pond import SEATS
from tests.hosting.pond import asked
from tests.web.place import ORIGIN, Place, opened

PEOPLE = {"heron": "human", "otter": "human", "newt": "http"}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path, PEOPLE) as found:
        found.server.lobby.open()
        yield found


async def sit(
    place: Place, seat: str = "", name: str = "", code: str = ""
) -> tuple[httpx2.AsyncClient, httpx2.Response]:
    client = place.client()
    data = {"code": code or place.server.lobby.code, "do": "sit", "seat": seat, "name": name}
    return client, await client.post("/class", data=data, headers=ORIGIN)


async def test_whoever_has_the_code_sees_the_free_seats_of_people_takes_one_and_plays_there(place: Place) -> None:
    client = place.client()
    spelt = f" {place.server.lobby.code[:3].lower()}-{place.server.lobby.code[3:]}"
    free = (await client.post("/class", data={"code": spelt, "do": "look"}, headers=ORIGIN)).text
    assert 'value="1/heron"' in free
    assert 'value="1/newt"' not in free  # A program's.
    seated = await client.post("/class", data={"code": spelt, "do": "sit", "seat": "1/heron"}, headers=ORIGIN)
    assert re.search(r"<strong>\w+ \w+</strong>", seated.text)
    cookie = seated.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await client.get("/g/1/heron/")).status_code == 200
    assert (await client.get("/g/1/otter/")).status_code == 403
    assert "/g/1/heron/" in (await client.get("/class")).text
    again = await client.post("/class", data={"code": spelt, "do": "sit", "seat": "1/otter"}, headers=ORIGIN)
    assert again.headers["location"] == "/class"  # One browser, one seat.


async def test_a_class_comes_in_to_its_worlds_and_not_into_what_control_branched_off_them(place: Place) -> None:
    options = Options(out=place.game.host.folder.parent)
    beside = place.server.branch_off(Host(branch(place.game.host.folder, "1.talks", options, {}), options))
    data = {"code": place.server.lobby.code, "do": "look"}
    free = (await place.client().post("/class", data=data, headers=ORIGIN)).text
    assert set(re.findall(r'name="seat" value="(\w+)/', free)) == {"1"}
    _, refused = await sit(place, f"{beside.name}/heron")
    assert "another seat" in refused.text


async def test_a_seat_is_given_to_whoever_wants_any_and_to_so_many_as_may_share_it(place: Place) -> None:
    _, taken = await sit(place, "1/heron", "Ada")
    assert "Ada" in taken.text
    for seat, name, words in (("1/heron", "", "another seat"), ("", "Ada", "another name"), ("9/frog", "", "another")):
        _, refused = await sit(place, seat, name)
        assert refused.status_code == 422
        assert words in refused.text
    given, _ = await sit(place)
    assert (await given.get("/g/1/otter/")).status_code == 200
    _, full = await sit(place)
    assert "every seat is taken" in full.text
    place.server.lobby.team = 2
    _, shared = await sit(place, "1/heron")
    assert shared.status_code == 200
    assert len(place.server.lobby.present("1")) == 3


async def test_control_sees_who_sits_where_and_frees_a_seat(place: Place) -> None:
    client, _ = await sit(place, "1/heron", "<b>Ada</b>")
    control = await place.enter("control")
    page = await control.page()
    assert "&lt;b&gt;Ada" in page
    key = re.search(r'value="free:(\w+)"', page)
    assert key
    assert "Ada" in (await control.post("control", do=f"free:{key[1]}")).text
    assert (await client.get("/g/1/heron/")).status_code == 403
    assert (await control.post("control", do=f"free:{key[1]}")).status_code == 422
    _, next_one = await sit(place, "1/heron")
    assert next_one.status_code == 200


async def test_a_new_code_ends_the_old_one_and_a_closed_door_takes_none(place: Place) -> None:
    old, control = place.server.lobby.code, await place.enter("control")
    assert place.server.lobby.code[:3] in await control.page("board")
    told = (await control.post("control", do="code:new")).text
    assert place.server.lobby.code[:3] in told
    assert (await sit(place, code=old))[1].status_code == 403
    await control.post("control", do="code:off")
    assert (await sit(place, code=old))[1].status_code == 403
    assert "Nobody comes in" in await control.page("board")


async def test_wrong_codes_are_slowed_down_and_nobody_s_address_is_kept(tmp_path: Path) -> None:
    now = [0.0]
    lobby = Lobby(Access(), tmp_path / "lobby.json", clock=lambda: now[0])
    code = lobby.open()
    assert not any(lobby.admits("AAAAAA", "192.0.2.1") for _ in range(OWN))
    with pytest.raises(TooMany):
        lobby.admits(code, "192.0.2.1")  # Else one guess after another would be tried.
    assert lobby.admits(code, "192.0.2.2")
    for n in range(ALL - OWN):
        lobby.admits("AAAAAA", f"198.51.100.{n}")
    with pytest.raises(TooMany):
        lobby.admits(code, "192.0.2.2")
    now[0] = WINDOW + 1
    assert lobby.admits(code, "192.0.2.1")
    assert "192.0.2" not in (tmp_path / "lobby.json").read_text()
    assert "192.0.2.2" not in repr(lobby)


async def test_who_sits_where_outlives_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path, PEOPLE) as place:
        lobby = Lobby(place.server.access, tmp_path / "lobby.json")
        lobby.open()
        guest, cookie = lobby.sit(place.server.games, Grant("1", "heron"), "")
        lobby.sent(cookie, "1.talks.bank.1")
        again = Lobby(Access(place.server.access.file), tmp_path / "lobby.json")
        [back] = again.present("1").values()
        assert (again.code, back.name, back.sent) == (lobby.code, guest.name, ("1.talks.bank.1",))
        with pytest.raises(UsageError):
            again.leave("nobody")


async def test_a_turn_is_listed_under_the_name_of_whoever_sent_it(place: Place) -> None:
    place.server.lobby.team = 2
    client, _ = await sit(place, "1/heron", "Ada")
    await sit(place, "1/heron", "Bob")
    await asked(place.game.host, "heron", "bank")
    page = (await client.get("/g/1/heron/?room=bank")).text
    fields = {name: re.search(f'name="{name}" value="([^"]+)"', page) for name in ("csrf", "ticket")}
    data = {name: found[1] for name, found in fields.items() if found}
    await client.post("/g/1/heron/turn", data={**data, "room": "bank", "do": "pass"}, headers=ORIGIN)
    sent = {guest.name: guest.sent for guest in place.server.lobby.present("1").values()}
    assert sent == {"Ada": ("1.talks.bank.1",), "Bob": ()}


async def test_a_stranger_to_a_class_is_led_to_the_door_and_its_teacher_to_every_control(place: Place) -> None:
    place.server.private = True
    stranger = place.client()
    assert (await stranger.get("/")).headers["location"] == "/class"
    assert (await stranger.get("/class")).status_code == 200
    assert (await stranger.get("/deals")).status_code == 403
    token = place.server.access.invite(TEACHER)
    teacher = place.client()
    answer = await teacher.post("/join", data={"token": token}, headers=ORIGIN)
    assert answer.headers["location"] == "/g/1/control/"
    assert (await teacher.get("/")).status_code == 200
    assert (await teacher.get("/g/1/control/")).status_code == 200
    assert [(await teacher.get(f"/g/1/{seat}/")).status_code for seat in SEATS] == [403] * len(SEATS)


@pytest.mark.parametrize("rounds", [1, 2, 3, 4, 6])
def test_a_lesson_takes_ninety_minutes_whatever_the_rounds(rounds: int) -> None:
    plan = lesson(rounds)
    assert sum(minutes for _, _, minutes in plan) == 90
    assert [what for _, what, _ in plan][1:-1] == [f"Round {n}" for n in range(1, rounds + 1)]
    assert plan[1][0] == "0:15"


async def test_the_sheet_has_the_plan_the_code_and_every_person_s_link(place: Place) -> None:
    control = await place.enter("control")
    page = (await control.post("sheet")).text
    assert "0:15" in page
    assert f"{place.server.lobby.code[:3]} {place.server.lobby.code[3:]}" in page
