"""A batch's report, opened from the disk: no request leaves it, no script is needed, and axe finds nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from roleplay.experiments.batch import Batch
from roleplay.experiments.report import findings_of, write_report
from tests.browser.conftest import violations
from tests.browser.test_scorecard import listening
from tests.experiments.pond import Scorer, play, suite

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a batch with a gate, a lost game and an older batch beside it."""
    folder = tmp_path_factory.mktemp("batch")
    asked = suite(variants="6", gates="[score >= 0, primary.lower >= 50]")
    with ThreadPoolExecutor() as beside:  # Playwright holds this thread's event loop.
        beside.submit(play, folder, asked, Scorer(choke="hawkish.v1")).result()
    with Batch.read(folder) as batch:
        return write_report(batch, older=findings_of(batch))["html"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_opens_offline_and_is_axe_clean(browser: Browser, report: Path, scheme: Scheme, width: int) -> None:
    page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
    asked = listening(page)
    page.goto(report.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page) == []
    assert asked == [report.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "tables scroll, the page does not"


def test_a_report_reads_without_scripts_and_leads_to_the_lines_that_prove_it(browser: Browser, report: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(report.as_uri())
    assert "hawkish" in page.inner_text("#answer .answer")
    page.click("#games summary >> nth=0")
    link = page.locator("#games td a[href*='transcript.html#e-']").first
    wanted = (link.get_attribute("href") or "").partition("#")[2]
    link.click()
    assert page.url.endswith(f"transcript.html#{wanted}")
    assert page.locator(f"[id='{wanted}']").count() == 1
