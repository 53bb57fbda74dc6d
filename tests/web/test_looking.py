"""What can be looked at: the course of a game as far as one may know it, whatever room or round one comes from."""

from __future__ import annotations

import re
from pathlib import Path

from roleplay.events import PUBLIC, Deal, Role
from roleplay.game import Options, create, open_run
from roleplay.hosting import Host
from roleplay.moves import Statement, Use
from roleplay.scoring import case_of
from roleplay.scoring.escalation import escalation_rounds
from roleplay.scoring.page import escalation_charts
from roleplay.setup import Settings, resolve
from roleplay.transcripts.export import export
from roleplay.transcripts.figures import Figures
from roleplay.transcripts.finding import find_run
from roleplay.transcripts.html import page_context
from roleplay.transcripts.record import RunRecord, load_record
from roleplay.web.access import Access
from roleplay.web.games import Game
from roleplay.web.pages import replay_values
from roleplay.web.rendering import render
from roleplay.web.server import Server
from tests.engine.pond import Player, does, play_pond, says
from tests.hosting.pond import asked, play_out, until
from tests.web.place import HERE, ORIGIN, SAMPLE, Place, opened

ALARM = Statement(post="leader", audience="world", tone="firm", line="alarm")


def replayed(record: RunRecord) -> str:
    return render("replay.html.j2", here="r", home="h", csrf="", **replay_values(record, 2))


def test_escalation_is_drawn_by_the_acts_that_a_view_can_read() -> None:
    record = load_record(find_run(SAMPLE))
    drawn = {c.name: [p.label for p in c.points] for c in escalation_charts(record)}
    told = escalation_rounds(case_of(record)).value
    assert isinstance(told, dict)
    assert drawn["kahn"] == [f"{v:g}" for v in told["kahn"]]
    assert "by the acts of all" in replayed(record)
    seen = record.as_seat("dprk")
    assert {c.name: [p.label for p in c.points] for c in escalation_charts(seen)} != drawn
    assert "by the acts that you know of" in replayed(seen)
    whole = replayed(record)
    for name in drawn:
        assert f'aria-labelledby="{name}-360-t {name}-360-d"' in whole


def test_the_ledger_beside_a_room_leads_into_the_replay() -> None:
    record = load_record(find_run(SAMPLE))
    side = render("side.html.j2", rounds_at="replay", scales=(), **page_context(record, Figures(record)))
    deal = next(e for e in record.events if isinstance(e, Deal) and e.round)
    assert f'href="replay?round={deal.round}#e-{deal.id}"' in side
    assert f'id="e-{deal.id}"' in render(
        "replay.html.j2", here="r", home="h", csrf="", **replay_values(record, deal.round)
    )


async def test_what_others_use_is_called_by_its_title_and_whose_right_it_is_stays_with_them(tmp_path: Path) -> None:
    newt = Player({(2, "act"): does(Use(instrument="raise_dam")), (2, "speak"): says("It grows.", ALARM)})
    record = load_record((await play_pond(tmp_path, {"newt": newt})).folder)
    for reader in ("heron", "otter", PUBLIC):
        seen = record.as_seat(reader)
        for text in (replayed(seen), export(seen, "md"), export(seen, "html"), export(seen, "csv")):
            assert "Raise the dam" in text
            assert "Alarm" in text
        sheets = [e.role["instruments"] for e in seen.events if isinstance(e, Role)]
        assert not any("raise_dam" in rights for rights in sheets)


async def test_whom_a_briefing_speaks_of_is_marked_in_that_government_s_colour(tmp_path: Path) -> None:
    setup = resolve(Settings(scenario="august-2017", seats={"us": "human"}))
    host = Host(create(setup, Options(out=tmp_path)), Options(out=tmp_path))
    place = Place(Server(Access(None), HERE, {"1": Game("1", host)}), Game("1", host))
    page = await (await place.enter("us")).page("dossier")
    about = setup.sheets["us"].persona.beliefs
    assert about
    assert page.count('<span class="tag s') == len(about)


async def test_the_end_is_told_as_such(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        await asked(place.game.host, "heron", "bank")
        assert place.game.task
        await play_out(place.game.host, place.game.task)
        assert "<strong>Round 1</strong> of 1 · <strong>over</strong>" in await heron.page()


async def test_what_was_typed_is_still_there_when_the_adviser_has_spoken(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        heron = await place.enter("heron")
        await asked(place.game.host, "heron", "bank")
        await heron.post("advice", room="bank", text="Half a thought")
        page = await heron.page("?room=bank")
        assert "Your adviser" in page
        assert "Half a thought" in page


async def test_control_branches_at_a_phase_and_sees_the_tree(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        control, heron, analyst = [await place.enter(name) for name in ("control", "heron", "analyst")]
        host = place.game.host
        await asked(host, "heron", "bank")
        await control.post("control", do="hand:heron", driver="baseline:steady")
        await until(lambda: host.over)
        assert 'value="branch:1.act"' in await control.page("replay?round=1")
        for other in (heron, analyst):
            assert "branch:" not in await other.page("replay?round=1")
            assert (await other.post("control", do="branch:1.act")).status_code == 403
        assert 'id="tree-h"' not in await control.page()
        told = await control.post("control", do="branch:1.act")
        link = re.search(r'href="([^"]+/join/[^"]+)"', told.text)
        assert link
        name, branch = next((n, g) for n, g in place.server.games.items() if n != "1")
        await until(lambda: branch.host.over)
        assert branch.host.folder.name in told.text
        for reader in (control, analyst):
            tree = (await reader.page()).split('id="tree-h"')[1].split("</section>")[0]
            assert "from round 1, before act" in tree
            assert "this game" in tree.split(branch.host.folder.name)[0]
        assert 'id="tree-h"' not in await heron.page()
        before = [e for e in host.events if e.phase in ("setup", "brief", "talks", "council")]
        assert [e.id for e in branch.host.events][: len(before)] == [e.id for e in before]
        result = open_run(branch.host.folder).result
        assert (result.ended, result.people) == ("truncated", ["heron"])
        entered = await place.client().post("/join", data={"token": link[1].rpartition("/")[2]}, headers=ORIGIN)
        assert entered.headers["location"] == f"/g/{name}/control/"
        missing = await control.post("control", do="branch:9.act")
        assert (missing.status_code, "rounds run from 1 to 1" in missing.text) == (422, True)
        await branch.stop()


async def test_who_may_know_it_all_exports_it_as_one_government_may_know_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        control, otter = await place.enter("control"), await place.enter("otter")
        await asked(place.game.host, "heron", "bank")
        assert place.game.task
        await play_out(place.game.host, place.game.task)
        for kind in ("jsonl", "csv", "md"):
            assert await control.page(f"export/{kind}?seat=otter") == await otter.page(f"export/{kind}")
        saved = await control.get("export/csv?seat=otter")
        assert "-otter.csv" in saved.headers["content-disposition"]
        for seat in ("heron", "control"):
            assert (await otter.get(f"export/jsonl?seat={seat}")).status_code == 422
