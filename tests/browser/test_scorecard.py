"""The scorecard's page, opened from the disk: no request leaves it, and axe finds nothing to complain about."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from roleplay.scoring import case_of, score_case
from roleplay.scoring.page import render_card


def listening(page: Page) -> list[str]:
    """The addresses that a page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def test_a_scorecard_opens_offline_without_a_request_and_is_axe_clean(browser: Browser, tmp_path: Path) -> None:
    case = case_of("august-2017-by-hand")
    file = tmp_path / "card.html"
    file.write_text(render_card(case, score_case(case)), "utf-8")
    for scheme, width in (("light", 1280), ("dark", 390)):
        page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()  # type: ignore[arg-type]
        asked = listening(page)
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
        assert asked == [file.as_uri()]
        page.click("#items .proof a >> nth=0")
        assert page.evaluate("document.querySelector(':target') !== null")
