"""What can be looked at: the course of a game as far as one may know it, whatever room or round one comes from."""

from __future__ import annotations

from pathlib import Path

from roleplay.events import Deal
from roleplay.scoring import case_of
from roleplay.scoring.escalation import escalation_rounds
from roleplay.scoring.page import escalation_charts
from roleplay.transcripts.figures import Figures
from roleplay.transcripts.finding import find_run
from roleplay.transcripts.html import page_context
from roleplay.transcripts.record import RunRecord, load_record
from roleplay.web.pages import replay_values
from roleplay.web.rendering import render
from tests.hosting.pond import asked, play_out
from tests.web.place import SAMPLE, opened


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
        assert f'aria-labelledby="{name}-t {name}-d"' in whole


def test_the_ledger_beside_a_room_leads_into_the_replay() -> None:
    record = load_record(find_run(SAMPLE))
    side = render("side.html.j2", rounds_at="replay", scales=(), **page_context(record, Figures(record)))
    deal = next(e for e in record.events if isinstance(e, Deal) and e.round)
    assert f'href="replay?round={deal.round}#e-{deal.id}"' in side
    assert f'id="e-{deal.id}"' in render(
        "replay.html.j2", here="r", home="h", csrf="", **replay_values(record, deal.round)
    )


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
