"""A real browser and a real server; skipped where there is no Chromium (apt-get install chromium)."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from roleplay.game import Options
from roleplay.hosting import Fallbacks, Host
from roleplay.web.access import Grant
from roleplay.web.app import Server
from roleplay.web.games import Game
from roleplay.web.serve import Address, listen, make_server, run
from tests.hosting.pond import pond_run

CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Live:
    """A server on a thread of its own, and what the test does to its game from outside."""

    server: Server
    url: str
    loop: asyncio.AbstractEventLoop

    @property
    def game(self) -> Game:
        return self.server.games["1"]

    @property
    def host(self) -> Host:
        return self.game.host

    def call(self, work: Callable[[], Any]) -> Any:
        """Do something on the server's thread."""

        async def do() -> Any:
            found = work()
            return await found if asyncio.iscoroutine(found) else found

        return asyncio.run_coroutine_threadsafe(do(), self.loop).result(20)

    def link(self, place: str) -> str:
        return f"{self.url}/join/{self.call(lambda: self.server.access.invite(Grant('1', place)))}"

    def enter(self, browser: Browser, place: str, **options: object) -> Page:
        """A page of somebody who has opened the link of a place."""
        page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        page.goto(self.link(place))
        page.click("button")
        page.wait_for_selector("#main")
        return page


Serve = Callable[..., Live]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers of the pond, and stops them."""
    stops: list[Callable[[], None]] = []

    def start(seats: Mapping[str, str], rounds: int = 1, options: Options | None = None, **settings: object) -> Live:
        out = tmp_path / f"games-{len(stops)}"
        folder = pond_run(out, seats, rounds, **settings)
        ready = threading.Event()
        made: list[Any] = []

        async def main() -> None:
            listening, address = listen(Address())
            game = Game("1", Host(folder, options or Options(out=out), Fallbacks()))
            live = Live(make_server({"1": game}, address), address.url, asyncio.get_running_loop())
            task = asyncio.create_task(run(live.server, listening, ready.set))
            made.extend([live, task])
            await asyncio.gather(task, return_exceptions=True)

        thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
        thread.start()
        assert ready.wait(20)
        live: Live = made[0]
        task: asyncio.Task[None] = made[1]
        stops.append(lambda: _stop(live, task, thread))
        return live

    yield start
    for stop in stops:
        stop()


def _stop(live: Live, task: asyncio.Task[None], thread: threading.Thread) -> None:
    live.loop.call_soon_threadsafe(task.cancel)
    thread.join(10)
