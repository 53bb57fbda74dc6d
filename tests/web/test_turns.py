"""A seat's page: what it shows, the turn that is put together on it, and what is said to who sends something wrong."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from roleplay.events import Moved, Spoken
from roleplay.moves import Turn
from roleplay.web.access import Grant
from tests.engine.pond import SEATS
from tests.hosting.pond import HERON, PASS, asked, play_out, until
from tests.web.place import ORIGIN, Place, opened


def said(place: Place, seat: str) -> list[str]:
    return [e.text for e in place.game.host.events if isinstance(e, Spoken) and e.seat == seat and e.text]


async def test_a_turn_is_put_together_previewed_and_sent(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        await asked(place.game.host, "heron", "bank")
        page = await heron.page("?room=bank")
        assert "You are" in page
        assert "Send to HERON, OTTER only" in page
        answer = await heron.turn("bank", "pick:table", text="Let us agree.")
        assert 'name="f.parties"' in answer.text
        wrong = await heron.turn("bank", "add:table", text="Let us agree.", **{"f.parties": "frog"})
        assert wrong.status_code == 422
        assert "cannot be chosen" in wrong.text
        clause: dict[str, str | list[str]] = {
            "f.parties": ["heron", "otter"],
            "f.what": "halt/dam",
            "f.detail": "3 weeks",
        }
        await heron.turn("bank", "add:table", text="Let us agree.", **clause)
        assert "for 3 weeks" in await heron.page("?room=bank")
        await heron.turn("bank", "preview", text="Let us agree now.")
        assert (await heron.turn("bank", "send", text="Let us agree now.")).status_code == 303
        assert said(place, "heron") == ["Let us agree now."]
        assert [e.move.kind for e in place.game.host.events if isinstance(e, Moved) and e.seat == "heron"] == ["table"]
        assert "Proposal 1" in await heron.page("?room=bank")


async def test_a_draft_is_there_again_in_another_browser_and_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        await asked(place.game.host, "heron", "bank")
        await heron.turn("bank", "save", text="Half a thought")
        await heron.post("notes", notes="Mind the otter.", room="bank")
        assert "Half a thought" in await (await place.enter("heron")).page("?room=bank")
        from roleplay.game import Options
        from roleplay.hosting import Host
        from roleplay.web.games import Game

        again = Game("1", Host(place.game.host.folder, Options()))
        assert again.desk("heron").drafts["1.talks.bank"].text == "Half a thought"
        assert again.desk("heron").notes == "Mind the otter."


async def test_what_everybody_hears_is_asked_for_twice(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        host = place.game.host
        while not any(a.view.moment.phase == "speak" for a in host.inbox.waiting("heron")):
            for waiting in host.inbox.waiting("heron"):
                if waiting.view.moment.phase != "speak":
                    await host.submit("heron", waiting.ticket, PASS)
            await until(lambda: host.inbox.waiting("heron"))
        answer = await heron.turn("world", "send", text="Hear, hear.")
        assert "Everybody will hear this" in answer.text
        assert said(place, "heron") == []
        await heron.turn("world", "send:public", text="Hear, hear.")
        await until(lambda: said(place, "heron"))


async def test_bad_turns_get_clear_words_and_change_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        await asked(place.game.host, "heron", "bank")
        long = await heron.turn("bank", "send", text="x" * 3000)
        assert "3000 characters; 2000 at most" in long.text
        huge = await heron.turn("bank", "send", text="x" * 70_000)
        assert "64 kB at most" in huge.text
        assert "nothing to send" in (await heron.turn("bank", "send", text="")).text
        assert "cannot be made any more" in (await heron.turn("bank", "quick:accept:9", text="")).text
        late = await heron.post("turn", room="bank", do="send", ticket="0.talks.bank.9", text="Late.")
        assert "sent already, or its time is over" in late.text
        assert late.status_code == 422
        other = await heron.post("turn", room="reeds", do="send", ticket="1.talks.bank.1", text="x")
        assert other.status_code == 422
        await heron.turn("bank", "send", text="Once.")
        twice = await heron.post("turn", room="bank", do="send", ticket="1.talks.bank.1", text="Once.")
        assert twice.status_code == 422
        assert said(place, "heron") == ["Once."]


async def test_proposals_are_accepted_and_amended_from_their_cards_and_show_what_changed(tmp_path: Path) -> None:
    async with opened(tmp_path, {"heron": "human", "otter": "human", "newt": "baseline:defiant"}) as place:
        heron, otter = await place.enter("heron"), await place.enter("otter")
        bank = await asked(place.game.host, "heron", "moot")
        text = {"parties": ["heron"], "type": "halt", "object": "dam"}
        await place.game.host.submit("heron", bank.ticket, Turn.model_validate(
            {"moves": [{"kind": "table", "commitments": [text]}]}))  # fmt: skip
        await asked(place.game.host, "otter", "moot")
        page = await otter.page("?room=moot")
        assert "quick:accept:1" in page
        await otter.turn("moot", "add:amend:1", text="", **{"f.parties": "otter", "f.what": "fish/perch"})
        await otter.turn("moot", "send", text="With this.")
        await until(lambda: said(place, "otter"))
        page = await heron.page("?room=moot")
        assert "<ins>" in page
        assert "version 2" in page


async def test_control_pauses_injects_holds_hands_over_and_reissues(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        control, heron = await place.enter("control"), await place.enter("heron")
        await asked(place.game.host, "heron", "bank")
        assert "nobody is asked" in (await control.post("control", do="pause:on")).text
        assert "paused" in (await heron.turn("bank", "send", text="Hm.")).text
        await control.post("control", do="pause:off")
        await control.post("control", do="inject", text="A storm.", to=["heron"])
        await control.post("control", do="hold:otter")
        await heron.turn("bank", "send", text="Hm.")
        await until(lambda: place.game.host.players.held)
        assert "waits" in await control.page()
        seat, ticket = next(iter(place.game.host.players.held))
        await control.post("control", do=f"release:{seat}/{ticket}")
        assert (
            "played by baseline:steady"
            in (await control.post("control", do="hand:heron", driver="baseline:steady")).text
        )
        assert (await control.post("control", do="hand:heron", driver="robot")).status_code == 422
        assert (await control.post("control", do="frob")).status_code == 422
        told = await control.post("control", do="reissue:heron")
        assert "/join/" in told.text
        assert (await heron.get()).status_code == 403
        await until(lambda: place.game.host.over or place.game.host.players.held)


async def test_what_is_said_in_one_room_is_no_part_of_another_before_the_phase_closes(tmp_path: Path) -> None:
    """The barrier between rings of one phase, as models have it: on a room's page, and in what programs are given."""
    async with opened(tmp_path, {**HERON, "heron": "http"}) as place:
        heron, host = await place.enter("heron"), place.game.host
        bank, moot = await asked(host, "heron", "bank"), await asked(host, "heron", "moot")
        text = {"parties": ["heron", "otter"], "type": "halt", "object": "dam", "scope": "the upper dam"}
        table = {"text": "In the bank.", "moves": [{"kind": "table", "commitments": [text]}]}
        await host.submit("heron", bank.ticket, Turn.model_validate(table))
        token = place.server.access.invite(Grant("1", "heron"))
        heron.client.headers["Authorization"] = f"Bearer {token}"
        bank = await asked(host, "heron", "bank") if host.inbox.waiting("heron")[0].ticket == bank.ticket else bank
        for there, path in [
            (True, "?room=bank"), (False, "?room=moot"), (True, "side?room=bank"), (False, "side?room=moot"),
            (False, "side"), (False, f"/api/events?ticket={moot.ticket}"), (False, "/api/events"),
        ]:  # fmt: skip
            answer = await (heron.client.get(path) if path.startswith("/") else heron.get(path))
            assert answer.status_code == 200
            assert ("the upper dam" in answer.text) == there, path
        while any(a.view.moment.phase == "talks" for a in host.inbox.waiting("heron")):
            await host.submit("heron", host.inbox.waiting("heron")[0].ticket, PASS)
            await until(lambda: host.inbox.waiting("heron"))
        assert "the upper dam" in (await heron.client.get("/api/events")).text
        assert "the upper dam" in await heron.page("side?room=moot")


async def test_control_is_told_what_waits_for_it_whoever_looked_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        game, heron = place.game, await place.enter("heron")
        analyst, control = game.feed("analyst"), game.feed("control")
        await asked(game.host, "heron", "bank")
        game.host.players.held_seats.add("otter")
        await heron.turn("bank", "send", text="Well?")
        await until(lambda: game.host.players.held)
        await until(lambda: "waiting for your release" in control.status())
        assert "waiting for your release" not in analyst.status()


async def test_advice_and_debrief(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron, control = await place.enter("heron"), await place.enter("control")
        await asked(place.game.host, "heron", "bank")
        await heron.post("advice", room="bank")
        assert "Your adviser" in await heron.page("?room=bank")
        assert (await heron.get("debrief")).status_code == 422
        await control.post("control", do="debrief")
        assert place.game.task
        await play_out(place.game.host, place.game.task)
        assert "What others knew" in await heron.page("debrief")
        assert "over" in await heron.page()


async def test_streams_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, rounds=2) as place:
        host, feed = place.game.host, place.game.feed("heron")
        start, got = feed.position(), []
        assert place.game.task
        await play_out(host, place.game.task)

        async def read(after: str, most: int) -> list[tuple[str, str]]:
            found: list[tuple[str, str]] = []
            async for message in feed.watch(after, lambda: len(found) < most):
                lines = dict(line.split(": ", 1) for line in message.splitlines() if ": " in line)
                if lines.get("event") == "item":
                    found.append((lines["id"], json.loads(lines["data"])["html"]))
                elif lines.get("event") in ("state", "reload"):
                    break
            return found

        got = await read(start, 1000)
        first = int(start.split("-")[1])
        assert [html for _, html in got] == [item.html for item in feed.items if item.number > first]
        middle = got[len(got) // 2][0]
        assert got[: len(got) // 2 + 1] + await read(middle, 1000) == got
        async for message in feed.watch("other-3", lambda: True):
            assert "event: reload" in message
            break


async def test_a_revoked_stream_ends(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        access, feed = place.server.access, place.game.feed("heron")
        entered = access.enter(access.invite(Grant("1", "heron")))
        assert entered
        grant, cookie = entered
        stream = feed.watch(feed.position(), lambda: access.opens(cookie, grant))
        assert "event: state" in await anext(stream)
        more = asyncio.create_task(anext(stream, "ended"))
        access.revoke(grant)
        assert await asyncio.wait_for(more, 1) == "ended"


async def test_a_program_plays_a_seat_with_its_token(tmp_path: Path) -> None:
    async with opened(tmp_path, {**dict.fromkeys(SEATS, "baseline:steady"), "heron": "http"}) as place:
        client = place.client()
        client.headers["Authorization"] = f"Bearer {place.server.access.invite(Grant('1', 'heron'))}"
        assert (await place.client().get("/api/seat")).status_code == 403
        seat = (await client.get("/api/seat")).json()
        assert (seat["seat"], seat["over"]) == ("heron", False)
        while not (await client.get("/api/seat")).json()["over"]:
            for turn in (await client.get("/api/turns", params={"wait": 1})).json():
                url = f"/api/turns/{turn['ticket']}"
                assert turn["answer_schema"]["type"] == "object"
                bad = await client.post(url, content=b'{"moves": [{"kind": "vote", "number": 99, "vote": "yes"}]}')
                assert bad.status_code == 422
                long = await client.post(url, json={"text": "x" * 3000})
                assert (long.status_code, long.json()) == (
                    422, {"problem": "text: String should have at most 2000 characters"}
                )  # fmt: skip
                assert (await client.post(f"{url}/preview", json={"moves": [{"kind": "pass"}]})).json()[
                    "problem"
                ] is None
                assert (await client.post(url, json={"moves": [{"kind": "pass"}]})).status_code == 200
                assert (await client.post(url, json={"moves": [{"kind": "pass"}]})).status_code == 409
        events = (await client.get("/api/events")).json()
        assert all("heron" in e["readers"] for e in events)
        rest = (await client.get("/api/events", params={"since": 1})).json()
        assert rest == [e for e in events if e["round"] >= 1]
        assert 0 < len(rest) < len(events)
        assert place.game.host.everything().run.seats


async def test_what_is_open_to_all_shows_the_hand_written_game(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        client = place.client()
        page = (await client.get("/")).text
        assert "written by hand" in page
        found = (await client.get("/", params={"q": "carrier group"})).text
        assert "found for" in found
        assert (await client.get("/replay/nothing", headers=ORIGIN)).status_code == 403
        assert (await client.get("/static/../app.py")).status_code in (404, 422)
        assert (await client.get("/api/openapi.json")).json()["paths"].keys() >= {"/api/seat", "/api/turns"}


async def test_an_address_that_is_not_there_is_told_in_words_and_on_a_page(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        client = place.client()
        lost = await client.get("/g/1/heron/no/such/page")
        assert (lost.status_code, lost.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "no such page here" in lost.text
        assert "problem" in (await client.get("/api/nothing")).json()
        assert "problem" in (await client.delete("/api/seat")).json()
