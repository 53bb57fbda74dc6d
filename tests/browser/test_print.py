"""What a teacher prints, as the browser puts it on paper: so many pages of A4, and nothing on them to click."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from roleplay.transcripts.finding import find_run
from roleplay.transcripts.record import load_record
from roleplay.web.pack import World, pack
from tests.browser.conftest import Serve, enter
from tests.engine.pond import SEATS
from tests.web.place import SAMPLE

NAVIGATION = "nav, button, input, select, textarea, .button, .skip"
PACK = {"debrief": 9, "memo": 2, "rubric": 1, "world-1/scorecard": 9}


def printed(page: Page) -> int:
    """The number of pages, once it is clear that nothing that leads elsewhere is on them."""
    page.emulate_media(media="print")
    for found in page.locator(NAVIGATION).all():
        expect(found).to_be_hidden()
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_a_class_is_handed_its_plan_and_its_links_on_two_pages_and_shown_the_code_on_one(
    serve: Serve, browser: Browser
) -> None:
    live = serve(dict.fromkeys(SEATS, "human"))
    live.call(live.server.lobby.open)
    control = enter(live, browser, "control")
    control.get_by_role("button", name="Links to hand out").click()
    control.wait_for_selector(".hand-out")
    assert printed(control) == 2
    expect(control.locator(".hand-out img")).to_have_count(1 + len(SEATS))
    control.goto(f"{live.url}/g/1/control/board")
    assert printed(control) == 1
    expect(control.locator(".big-code")).to_be_visible()


def test_a_debrief_fits_two_pages(serve: Serve, browser: Browser) -> None:
    live = serve(dict.fromkeys(SEATS, "baseline:defiant"))
    control = enter(live, browser, "control")
    live.wait(lambda: live.host.over)
    for seat in SEATS:
        control.goto(f"{live.url}/g/1/control/debrief?seat={seat}")
        assert printed(control) <= 2
        expect(control.get_by_role("heading", name="The moments that mattered")).to_be_visible()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of the hand-written game, on the disk."""
    out = tmp_path_factory.mktemp("pack")
    (out / "world-1").mkdir()
    for name, text in pack([World(load_record(find_run(SAMPLE)), ("us", "dprk"))], out).items():
        (out / name).write_text(text, "utf-8")
    return out


@pytest.mark.parametrize(("name", "most"), PACK.items(), ids=str)
def test_what_is_in_a_pack_fits_its_pages(browser: Browser, files: Path, name: str, most: int) -> None:
    page = browser.new_page()
    page.goto((files / f"{name}.html").as_uri())
    assert 0 < printed(page) <= most


@pytest.mark.parametrize("accord", ["AC01", "AC07"])  # Of ten clauses, and of five.
def test_a_deal_is_printed_whole_and_on_one_page(serve: Serve, browser: Browser, accord: str) -> None:
    live = serve(dict.fromkeys(SEATS, "human"))
    page = browser.new_page()
    page.goto(f"{live.url}/deals?like={accord}")
    assert printed(page) == 1
    for part in (".clauses >> nth=0", ".score", ".bars", "h3:has-text('Nearest accords')"):
        expect(page.locator(part)).to_be_visible()
    for part in (".making", ".played > details"):
        expect(page.locator(part)).to_be_hidden()
