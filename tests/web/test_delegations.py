"""Several people on one seat: links of their own, a room of their own, desks, and what waits for their head."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from roleplay.errors import UsageError
from roleplay.events import Deliberation, Spoken
from roleplay.game import open_run
from roleplay.hosting import Host
from roleplay.moves import Turn
from roleplay.seats.delegation import Delegation, parse_delegation
from roleplay.setup import Settings, resolve
from roleplay.transcripts.export import export
from roleplay.transcripts.record import load_record
from roleplay.views import Moment
from roleplay.web.access import Grant
from tests.engine.pond import POND, SEATS
from tests.hosting.pond import HERON, asked, hosted, until
from tests.web.place import Place, opened

TEAM = parse_delegation("Ada,Ben:bank,Cleo:all")
TABLE = {"kind": "table", "commitments": [{"parties": ["heron", "otter"], "type": "hotline", "object": "line"}]}
OFFER = Turn.model_validate({"text": "A line?", "moves": [TABLE]})


@asynccontextmanager
async def team(out: Path, *open_floor: str) -> AsyncIterator[Place]:
    seats = {**HERON, "newt": "human"}
    async with opened(out, seats, delegations={"heron": TEAM.model_dump()}, open_floor=open_floor) as place:
        yield place


def said(host: Host) -> list[str]:
    return [e.text for e in host.events if isinstance(e, Spoken) and e.seat == "heron" and e.text]


async def test_every_member_has_a_link_and_the_seat_itself_has_none(tmp_path: Path) -> None:
    async with team(tmp_path) as place:
        assert place.game.places[:3] == ("heron.ada", "heron.ben", "heron.cleo")
        assert "heron" not in place.game.places
        ben = await place.enter("heron.ben")
        assert "Heron: Ben" in await ben.page()
        assert (await ben.client.get("/g/1/heron.ada/")).status_code == 403
        place.server.access.revoke(Grant("1", "heron.ben"))
        assert (await ben.get()).status_code == 403
        assert (await (await place.enter("heron.ada")).get()).status_code == 200


async def test_a_desk_officer_speaks_in_his_ring_and_in_no_other(tmp_path: Path) -> None:
    async with team(tmp_path) as place:
        ben, host = await place.enter("heron.ben"), place.game.host
        await asked(host, "heron", "bank")
        await ben.turn("bank", "send", text="Ben at the bank.")
        words = "This room is not your desk"
        assert [words in await ben.page(f"?room={room}") for room in ("bank", "all")] == [False, True]
        cleo = await place.enter("heron.cleo")
        asks = ['class="yours"' in await who.page() for who in (ben, cleo)]
        assert asks == [False, True], "whose desk has been served waits for others, whatever else is asked"
        answer = await ben.turn("all", "send", text="Ben elsewhere.")
        assert answer.status_code == 422
        assert "all is not your desk: Ada, Cleo can answer there" in answer.text
        assert "Ben elsewhere." in answer.text
        await cleo.turn("all", "send", text="Cleo for all.")
        assert said(host) == ["Ben at the bank.", "Cleo for all."]


async def test_what_binds_waits_for_the_head_who_releases_it_or_sends_it_back(tmp_path: Path) -> None:
    async with team(tmp_path) as place:
        host = place.game.host
        turn = await asked(host, "heron", "bank")
        ben, ada = await place.enter("heron.ben"), await place.enter("heron.ada")
        place.game.keep_draft("heron.ben", turn.ticket, OFFER)
        await ben.turn("bank", "send", text="A line?")
        assert said(host) == []
        assert "waits for the head" in await ben.page("?room=bank")
        page = await ada.page("?room=bank")
        assert "Ben asks you to release" in page
        assert "Waiting for your release" in page
        assert (await ben.turn("bank", "release")).status_code == 422
        await ada.turn("bank", "back", why="Softer.")
        assert said(host) == []
        await until(lambda: any("Softer" in item.html for item in place.game.feed("heron.ben").items))
        assert "sends it back to Ben: Softer." in await ben.page("?room=delegation")
        assert place.game.draft("heron.ben", turn) == OFFER
        await ben.turn("bank", "send", text="A line, please?")
        await ada.turn("bank", "release")
        assert said(host) == ["A line, please?"]
        assert "bank/1" in {f"{r}/{n}" for r, n in host.seen("heron").ledger.proposals}
        assert "asks you to release" not in await ada.page("?room=bank")


async def test_acts_and_public_lines_wait_for_the_head(tmp_path: Path) -> None:
    act, talk = Moment(1, "speak", None, 1), Moment(1, "talks", "bank", 1)
    for moment, turn, by in ((act, Turn(text="Hear!"), "ben"), (talk, OFFER, "ben")):
        with pytest.raises(UsageError, match="waits for Ada"):
            TEAM.check(by, moment, turn)
        TEAM.check("ada", moment, turn)
    TEAM.check("ben", talk, Turn(text="Words alone."))
    with pytest.raises(UsageError, match="not of this delegation"):
        TEAM.check("zoe", talk, Turn(text="Hm."))


async def test_what_waits_for_the_head_outlives_a_restart(tmp_path: Path) -> None:
    async with team(tmp_path) as place:
        turn = await asked(place.game.host, "heron", "bank")
        ben = await place.enter("heron.ben")
        place.game.keep_draft("heron.ben", turn.ticket, OFFER)
        await ben.turn("bank", "send", text="A line?")
    again = type(place.game)("1", Host(place.game.host.folder, place.game.host._options))
    assert again.put_up("heron.ada", turn) is not None
    assert again.places[:3] == place.game.places[:3]


async def test_the_room_of_a_delegation_is_read_by_its_people_at_once_and_by_no_other_seat(tmp_path: Path) -> None:
    async with team(tmp_path) as place:
        host = place.game.host
        await asked(host, "heron", "bank")
        ben, ada, newt = [await place.enter(p) for p in ("heron.ben", "heron.ada", "newt")]
        await ben.post("internal", text="Quietly: <b>what</b> if we wait?")
        page = await ada.page("?room=delegation")
        assert "Quietly: &lt;b&gt;what&lt;/b&gt; if we wait?" in page
        assert "<strong>Ben</strong>" in page
        assert (await newt.get("?room=delegation")).status_code == 403
        assert (await newt.post("internal", text="Me too.")).status_code == 422
        for visitor in (newt, await place.enter("observer")):
            for path in ("", "replay?round=1", "replay?q=if+we+wait", "export/jsonl", "side"):
                assert "Quietly" not in await visitor.page(path)
        assert "Quietly" in await ada.page("export/jsonl")
        assert (await ben.post("internal", text=" ")).status_code == 422
    record = load_record(open_run(place.game.host.folder).folder)
    for reader in ("otter", "newt", "public"):
        assert "Quietly" not in export(record.as_seat(reader), "jsonl")
    async with hosted(place.game.host.folder) as (again, game):
        await until(lambda: again.inbox.waiting("heron"), game)
        assert [e.text for e in again.seen("heron").events if isinstance(e, Deliberation) and e.internal] == [
            "Ben: Quietly: <b>what</b> if we wait?"
        ]


async def test_on_an_open_floor_two_of_one_seat_speak_and_a_draft_is_kept_when_the_other_is_first(
    tmp_path: Path,
) -> None:
    async with team(tmp_path, "all") as place:
        host = place.game.host
        first = await asked(host, "heron", "all")
        cleo, ada = await place.enter("heron.cleo"), await place.enter("heron.ada")
        await cleo.turn("all", "save", text="Cleo begins ...")
        await ada.turn("all", "send", text="Ada first.")
        await until(lambda: first not in host.inbox.waiting("heron") and host.inbox.waiting("heron"))
        await asked(host, "heron", "all")
        page = await cleo.page("?room=all")
        assert "The floor is open" in page
        assert "Cleo begins ..." in page
        await cleo.turn("all", "send", text="Cleo second.")
        assert said(host) == ["Ada first.", "Cleo second."]


async def test_both_sending_at_once_one_is_first_and_the_other_is_told(tmp_path: Path) -> None:
    async with team(tmp_path) as place:
        await asked(place.game.host, "heron", "bank")
        ben, ada = await place.enter("heron.ben"), await place.enter("heron.ada")
        answers = await asyncio.gather(
            ben.turn("bank", "send", text="Ben."), ada.turn("bank", "send", text="Ada."), return_exceptions=False
        )
        assert sorted(a.status_code for a in answers) in ([303, 422], [303, 303])
        assert len(said(place.game.host)) == 1


def test_a_delegation_is_checked_when_a_run_is_set_up() -> None:
    asked_for = {"scenario": "dam", "crisis": str(POND), "seats": dict.fromkeys(SEATS, "human")}

    def settings(seat: str, people: Delegation) -> Settings:
        return Settings.model_validate({**asked_for, "delegations": {seat: people.model_dump()}})

    with pytest.raises(UsageError, match="ring of newt 'bank' does not exist; there is all, reeds"):
        resolve(settings("newt", TEAM))
    with pytest.raises(UsageError, match="seat 'frog' does not exist"):
        resolve(settings("frog", TEAM))
    with pytest.raises(UsageError, match="two members are called the same"):
        parse_delegation("ada,ada")
    assert [m.rings for m in parse_delegation("Ada,Ben:bank+all").members] == [(), ("bank", "all")]
