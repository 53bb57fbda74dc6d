"""Who may ask for what: places x routes x rings, generated from the routes; links, cookies, forged forms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from roleplay.moves import Turn
from roleplay.web.access import PLACES, ROUTES, Access, Grant, kind_of
from roleplay.web.app import make_app
from roleplay.web.public import STATIC
from tests.engine.pond import SEATS
from tests.hosting.pond import PASS, asked, until
from tests.web.place import HERE, ORIGIN, Place, opened

ALL = (*SEATS, *PLACES)
RINGS = {"bank": {"heron", "otter"}, "reeds": {"heron", "newt"}, "moot": {"heron", "otter"}, "all": set(SEATS),
         "nest": {"heron"}}  # fmt: skip
EVERYBODY = {"control", "analyst"}


def routes(place: Place) -> list[APIRoute]:
    """Every route of the application, wherever it was included from."""
    found = []
    queue = list(make_app(place.server).routes)
    while queue:
        route = queue.pop()
        queue += getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", [])
        if isinstance(route, APIRoute):
            found.append(route)
    return found


def url_of(route: APIRoute, place: str) -> str:
    path = getattr(route, "path", "")
    if "open" not in ROUTES[route.name] and not path.startswith(("/g/", "/api")):
        path = f"/g/{{game}}/{{place}}{path}"
    values = {
        "game": "1",
        "place": place,
        "format": "jsonl",
        "name": "page.css",
        "token": "x",
        "ticket": "1.talks.bank.1",
    }
    if route.name == "sample":
        values["name"] = "august-2017-by-hand"
    return re.sub(r"\{(\w+)\}", lambda m: values[m[1]], path)


async def test_every_route_has_a_rule_and_every_rule_a_route(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        names = {route.name for route in routes(place)}
        assert names == set(ROUTES) - {"openapi"}


async def test_a_route_without_a_rule_is_refused_to_everybody(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        app = make_app(place.server)

        @app.get("/g/{game}/{place}/forgotten", name="forgotten")
        async def forgotten() -> str:
            return "secret"

        import httpx2

        control = await place.enter("control")
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url=HERE, cookies=control.client.cookies
        )
        answer = await client.get("/g/1/control/forgotten")
        assert answer.status_code == 403
        assert "secret" not in answer.text


async def test_each_place_may_ask_for_its_own_routes_and_no_other_place_for_them(tmp_path: Path) -> None:
    """Holder x place x route: 0 wrong cells."""
    wrong: list[tuple[object, ...]] = []
    async with opened(tmp_path) as place:
        visitors = {name: await place.enter(name) for name in ALL}
        nobody = place.client()
        for route in (r for r in routes(place) if r.name != "stream"):
            allowed = ROUTES[route.name]
            for target in ALL:
                url, method = url_of(route, target), next(iter(route.methods or ["GET"]))
                for holder, client in [("nobody", nobody), *((n, v.client) for n, v in visitors.items())]:
                    answer = await client.request(method, url, headers=ORIGIN if method == "POST" else {})
                    let_in = answer.status_code not in (401, 403)
                    anybody = {"open", "leader"} & allowed  # On a machine that nobody else reaches.
                    right = bool(anybody) or (holder == target and kind_of(target) in allowed)
                    if route.name in ("enter", "sit"):
                        continue  # A wrong token or code is refused to everybody.
                    if let_in != right:
                        wrong.append((holder, target, route.name, answer.status_code))
    assert wrong == []


async def test_each_seat_reads_its_own_rings_and_no_other(tmp_path: Path) -> None:
    """Holder x ring: 0 wrong cells, wherever words go: rooms, streams, replay, search, key moments, ledger, exports."""
    wrong: list[tuple[object, ...]] = []
    async with opened(tmp_path, dict.fromkeys(SEATS, "human"), rounds=2) as place:
        host, met = place.game.host, {ring: members for ring, members in RINGS.items() if ring != "reeds"}
        for ring, members in met.items():
            for seat in filter(members.__contains__, SEATS):
                turn = await asked(host, seat, ring)
                marks = {"text": f"canary-{ring}-{seat}", "deliberation": f"thought-{ring}-{seat}"}
                clause = {"parties": [seat], "type": "halt", "object": "dam", "scope": f"clause-{ring}-{seat}"}
                tabled = [{"kind": "table", "commitments": [clause]}] if ring != "nest" else []
                await host.submit(seat, turn.ticket, Turn.model_validate({**marks, "moves": tabled}))
        while not any(e.round == 2 for e in host.events):
            for seat in SEATS:
                for row in host.inbox.waiting(seat):
                    await host.submit(seat, row.ticket, PASS)
            await until(lambda: any(map(host.inbox.waiting, SEATS)))
        for holder in ALL:
            visitor = await place.enter(holder)
            heard = "".join(item.html for item in place.game.feed(holder).items)
            searches = [f"replay?q={word}" for word in ("canary", "thought", "clause", "heron")]
            exports = [f"export/{kind}" for kind in ("jsonl", "html", "md", "csv")]
            for path in ("", "side", "replay?round=1", *searches, *exports):
                heard += await visitor.page(path)
            for ring, members in met.items():
                answer = await visitor.get(f"?room={ring}")
                sits = holder in EVERYBODY or holder in members
                if (answer.status_code == 200) != sits:
                    wrong.append((holder, ring, answer.status_code))
                heard += answer.text
            for ring, members in met.items():
                sits = holder in EVERYBODY or holder in members
                for seat in members:
                    own = holder in EVERYBODY or holder == seat
                    for mark, may in (("canary", sits), ("clause", sits and ring != "nest"), ("thought", own)):
                        if (f"{mark}-{ring}-{seat}" in heard) != may:
                            wrong.append((holder, ring, seat, mark))
    assert wrong == []


async def test_a_hidden_ring_is_named_to_its_members_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        for holder in ("otter", "observer"):
            visitor = await place.enter(holder)
            for path in ("", "replay", "side", "export/jsonl"):
                assert "reeds" not in await visitor.page(path)
                assert "Heron-Newt" not in await visitor.page(path)
            missing, hidden = await visitor.get("?room=nothing"), await visitor.get("?room=reeds")
            assert (missing.status_code, missing.text) == (hidden.status_code, hidden.text)


async def test_a_thousand_guessed_tokens_open_nothing(tmp_path: Path) -> None:
    access = Access()
    access.invite(Grant("1", "heron"))
    assert all(access.enter(f"guess-{n}") is None for n in range(1000))
    async with opened(tmp_path) as place:
        client = place.client()
        answers = [await client.post("/join", data={"token": f"g{n}"}, headers=ORIGIN) for n in range(25)]
        assert {a.status_code for a in answers} == {403}
        assert "too many" in answers[-1].text
        assert client.cookies == {}
        await place.enter("heron")  # Who shares an address with a guesser, as a class does, still gets in.


async def test_a_link_is_looked_at_without_being_used_and_its_cookie_is_out_of_reach(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        token = place.server.access.invite(Grant("1", "heron"))
        client = place.client()
        page = await client.get(f"/join/{token}")
        assert '<form method="post" action="/join">' in page.text
        assert "heron" not in page.text.lower()
        assert client.cookies == {}
        answer = await client.post("/join", data={"token": token}, headers=ORIGIN)
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert answer.headers["location"] == "/g/1/heron/"


async def test_tokens_and_cookies_are_kept_as_hashes_and_outlive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "access.json"
    access = Access(file)
    grant = Grant("1", "heron")
    token = access.invite(grant)
    entered = access.enter(token)
    assert entered is not None
    text = file.read_text()
    assert token not in text
    assert entered[1] not in text
    again = Access(file)
    assert again.opens(entered[1], grant)
    assert not again.opens(entered[1], Grant("1", "otter"))
    again.revoke(grant)
    assert Access(file).enter(token) is None
    assert not Access(file).opens(entered[1], grant)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
async def test_a_form_from_elsewhere_is_refused(tmp_path: Path, origin: str) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        await asked(place.game.host, "heron", "bank")
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', await heron.page("?room=bank"))
        assert csrf
        data = {"csrf": csrf[1], "room": "bank", "do": "pass", "ticket": "1.talks.bank.1"}
        answer = await heron.client.post("/g/1/heron/turn", data=data, headers={"Origin": origin} if origin else {})
        assert answer.status_code == 400
        forged = await heron.client.post("/g/1/heron/turn", data={**data, "csrf": "0" * 64}, headers=ORIGIN)
        assert forged.status_code == 400
        assert place.game.host.inbox.find("heron", "1.talks.bank.1")


async def test_a_server_answers_to_its_own_names_and_is_private_where_others_reach_it(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as place:
        place.server.hosts = frozenset({"127.0.0.1:8017"})
        assert (await place.client().get("/")).status_code == 400
        place.server.hosts, place.server.private = frozenset(), True
        assert (await place.client().get("/")).status_code == 403
        observer = await place.enter("observer")
        assert (await observer.client.get("/")).status_code == 200


async def test_links_and_forms_go_by_the_name_under_which_a_server_is_known_outside(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        control = await place.enter("control")
        place.server.url = "https://class.example"
        told = await control.post("control", do="reissue:heron")
        found = re.search(r"https://class.example/join/(\S+?)<", told.text)
        assert found
        outside = {"Origin": "https://class.example"}
        answer = await place.client().post("/join", data={"token": found[1]}, headers=outside)
        assert answer.status_code == 303
        assert "secure" in answer.headers["set-cookie"].lower()


async def test_every_answer_carries_the_policy_and_no_page_has_a_script_or_style_of_its_own(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        for answer in (await heron.get(), await heron.get("nothing"), await place.client().get("/"),
                       await heron.get("replay"), await heron.get("dossier")):  # fmt: skip
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", answer.text)
            assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text)
        first = ("/", *(f"/static/{name}" for name in STATIC))
        assert sum([len((await place.client().get(path)).content) for path in first]) < 150_000
