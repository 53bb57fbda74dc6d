"""A real browser and a real server; skipped where there is no Chromium (apt-get install chromium)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # comes without types
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.live import Live, served

CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # CI installs one and fails where it cannot; on a machine without, all other tests are still worth a run.
            item.add_marker(pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


Serve = Callable[..., Live]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers of the pond, and stops them."""
    with ExitStack() as servers:
        yield lambda seats, rounds=1, options=None, **settings: servers.enter_context(
            served(tmp_path / f"games-{seats}"[:40], seats, rounds, options, **settings)
        )


def enter(live: Live, browser: Browser, place: str, **options: Any) -> Page:
    """A page of somebody who has opened the link of a place."""
    page = browser.new_context(**options).new_page()
    page.goto(live.link(place))
    page.click("button")
    page.wait_for_selector("#main")
    return page


@pytest.fixture(params=[(theme, width) for theme in ("light", "dark") for width in (390, 1280)], ids=str)
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a browser's context is made with: each theme in a narrow window and in a wide one."""
    theme, width = request.param
    return {"color_scheme": theme, "viewport": {"width": width, "height": 900}}


def violations(page: Page) -> list[str]:
    """What axe finds on a page."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


def fits(page: Page) -> bool:
    """Whether the page is no wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def opened(browser: Browser, file: Path, look: dict[str, Any]) -> Page:
    """A page opened from the disk and unfolded: it asks for nothing else, axe finds nothing, it fits its window."""
    page = browser.new_context(**look).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page) == []
    assert asked == [file.as_uri()]
    assert fits(page), "tables scroll, the page does not"
    return page
