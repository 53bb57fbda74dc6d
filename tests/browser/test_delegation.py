"""Two people of one delegation and another government on an open floor, in real browsers."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from roleplay.events import Spoken
from roleplay.seats.delegation import parse_delegation
from tests.browser.conftest import Serve, enter, violations

SEATS = {"heron": "human", "otter": "human", "newt": "baseline:defiant"}


def open_room(page: Page, room: str) -> None:
    page.goto(f"{page.url.partition('?')[0]}?room={room}")
    page.wait_for_selector("#composer form")


def test_they_speak_in_any_order_and_what_binds_waits_for_the_head(browser: Browser, serve: Serve) -> None:
    live = serve(SEATS, delegations={"heron": parse_delegation("Ada,Ben:bank").model_dump()}, open_floor=("bank",))
    ada, ben, otter = (enter(live, browser, place) for place in ("heron.ada", "heron.ben", "otter"))
    for page in (ada, ben, otter):
        open_room(page, "bank")
    for n, page in enumerate((otter, otter, ben, otter)):
        page.fill("#say", f"Line {n}.")
        page.click("button[value=send]")
        ada.wait_for_selector(f"text=Line {n}.")
        expect(page.locator("#say")).to_have_value("")
    ben.click("button[value='pick:table']")
    ben.check("#making [name='f.parties'] >> nth=0")
    otter.fill("#say", "Something while Ben fills in his form.")
    otter.click("button[value=send]")
    ben.wait_for_selector("text=Something while Ben")
    assert ben.is_checked("#making [name='f.parties'] >> nth=0")
    ben.select_option("#making [name='f.what']", index=1)
    ben.click("button[value='add:table']")
    ben.wait_for_selector(".drafted")
    ben.fill("#say", "On paper.")
    ben.click("button[value=send]")
    ada.wait_for_selector(".put-up >> text=On paper.")
    assert violations(ada) == []
    ada.click("button[value=release]")
    otter.wait_for_selector("#text-1")
    otter.wait_for_selector("#items >> text=On paper.")
    said = [(e.seat, e.text) for e in live.host.events if isinstance(e, Spoken) and e.ring == "bank"]
    assert [seat for seat, _ in said] == ["otter", "otter", "heron", "otter", "otter", "heron"]


def test_what_one_writes_to_the_other_arrives_while_the_other_types(browser: Browser, serve: Serve) -> None:
    live = serve(SEATS, delegations={"heron": parse_delegation("Ada,Ben").model_dump()})
    ada, ben = enter(live, browser, "heron.ada"), enter(live, browser, "heron.ben")
    for page in (ada, ben):
        open_room(page, "delegation")
    ada.fill("#aside", "Half a thought")
    ben.fill("#aside", "Shall we wait?")
    ben.click("#internal button")
    ada.wait_for_selector("#items >> text=Shall we wait?")
    assert ada.input_value("#aside") == "Half a thought"
    assert violations(ada) == []
