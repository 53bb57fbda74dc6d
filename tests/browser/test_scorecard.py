"""The scorecard's page, opened from the disk: no request leaves it, and axe finds nothing to complain about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from roleplay.scoring import case_of, score_case
from roleplay.scoring.page import render_card
from tests.browser.conftest import opened


def test_a_scorecard_opens_offline_without_a_request_and_is_axe_clean(
    browser: Browser, tmp_path: Path, look: dict[str, Any]
) -> None:
    case = case_of("august-2017-by-hand")
    file = tmp_path / "card.html"
    file.write_text(render_card(case, score_case(case)), "utf-8")
    page = opened(browser, file, look)
    page.click("#items .proof a >> nth=0")
    assert page.evaluate("document.querySelector(':target') !== null")
