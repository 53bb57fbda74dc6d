"""A batch's report, opened from the disk: no request leaves it, no script is needed, and axe finds nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from roleplay.experiments.batch import Batch
from roleplay.experiments.report import findings_of, write_report
from tests.browser.conftest import opened
from tests.experiments.pond import Scorer, play, suite


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a batch with a gate, a lost game and an older batch beside it."""
    folder = tmp_path_factory.mktemp("batch")
    asked = suite(variants="6", gates="[score >= 0, primary.lower >= 50]")
    with ThreadPoolExecutor() as beside:  # Playwright holds this thread's event loop.
        beside.submit(play, folder, asked, Scorer(choke="hawkish.v1")).result()
    with Batch.read(folder) as batch:
        return write_report(batch, older=findings_of(batch))["html"]


def test_a_report_opens_offline_and_is_axe_clean(browser: Browser, report: Path, look: dict[str, Any]) -> None:
    opened(browser, report, look)


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
