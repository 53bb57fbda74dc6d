"""The scorecard's page, opened from the disk: no request leaves it, and axe finds nothing to complain about."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from roleplay.scoring import case_of, score_case
from roleplay.scoring.page import render_card
from tests.browser.conftest import violations


def listening(page: Page) -> list[str]:
    """The addresses that a page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def test_a_scorecard_opens_offline_without_a_request_and_is_axe_clean(browser: Browser, tmp_path: Path) -> None:
    case = case_of("august-2017-by-hand")
    file = tmp_path / "card.html"
    file.write_text(render_card(case, score_case(case)), "utf-8")
    looks: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 390))
    for scheme, width in looks:
        page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
        asked = listening(page)
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert violations(page) == []
        assert asked == [file.as_uri()]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "tables scroll, the page does not"
        page.click("#items .proof a >> nth=0")
        assert page.evaluate("document.querySelector(':target') !== null")
