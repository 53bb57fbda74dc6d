"""What a real browser makes of hostile words, and what axe finds on the main pages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from roleplay.frozen import NOTE_LIMIT
from roleplay.moves import Turn
from roleplay.web.seat import EXPORTS
from tests.browser.conftest import Serve, enter, fits, violations
from tests.browser.test_play import ALONE
from tests.conftest import Guard, is_local
from tests.web.live import Live

EVIL = "http://evil.example/x"
RUN = ("window.__ran=1", f"fetch('{EVIL}')", f"location='{EVIL}'")
SHAPES = (Path(__file__).parent / "payloads.txt").read_text("utf-8").splitlines()
PAYLOADS = [shape.format(run, EVIL) for shape, run in product(SHAPES, RUN)]


def packed(most: int) -> Iterator[str]:
    """The payloads in as few texts as fit."""
    text = ""
    for payload in PAYLOADS:
        if len(text) + len(payload) + 1 > most:
            yield text
            text = ""
        text += payload + " "
    yield text


def watch(page: Page) -> list[str]:
    """Requests of a page that leave the server that it comes from."""
    here = "/".join(page.url.split("/")[:3]) + "/"
    out: list[str] = []
    page.on("request", lambda r: out.append(r.url) if not r.url.startswith((here, "data:")) else None)
    return out


def quiet(page: Page, out: list[str]) -> None:
    # That nothing runs has no state to wait for. A payload runs when it is parsed or its picture fails: within a frame
    # or two, and this is seven; a slow machine can only let one slip, never fail a page that is sound.
    page.wait_for_timeout(120)
    assert page.evaluate("window.__ran") is None
    assert out == []


def test_hostile_words_run_nothing_and_send_nothing_wherever_they_go(serve: Serve, browser: Browser) -> None:
    """150 payloads in speech, thought, clauses, news, drafts, notes and search; on pages and over the stream."""
    assert len(PAYLOADS) >= 150
    live = serve({**ALONE, "otter": "human"}, rounds=4)
    pages = {place: enter(live, browser, place) for place in ("heron", "otter", "control", "analyst", "observer")}
    outs = {place: watch(page) for place, page in pages.items()}
    pages["otter"].goto(f"{live.url}/g/1/otter/?room=bank")
    texts, notes = list(packed(1990)), list(packed(NOTE_LIMIT))
    for text in texts:
        live.call(partial(live.host.inject, text))
    while (texts or notes) and not live.host.over:
        live.wait(lambda: live.host.over or any(map(live.host.inbox.waiting, ("heron", "otter"))))
        _speak(live, texts, notes)
    assert not texts
    assert not notes
    heron = pages["heron"]
    _type(heron, live)
    for place, page in pages.items():
        quiet(page, outs[place])
        paths = ["", "?room=bank", "?room=world", "replay?round=1", "replay?round=2", "side"]
        for path in paths if place != "observer" else ["", "replay?round=1", "replay?round=2"]:
            page.goto(f"{live.url}/g/1/{place}/{path}")
            quiet(page, outs[place])
    for payload in PAYLOADS[::10]:
        heron.goto(f"{live.url}/g/1/heron/replay")
        heron.fill("#q", payload)
        heron.press("#q", "Enter")
        quiet(heron, outs["heron"])


def _speak(live: Live, texts: list[str], notes: list[str]) -> None:
    """Every turn that is asked carries hostile words: said, thought, and in the notes of clauses."""
    for seat in ("heron", "otter"):
        for asked in live.host.inbox.waiting(seat):
            words = texts.pop() if texts else "done"
            moves = []
            if asked.view.moment.ring and asked.view.moment.ring != "nest" and notes:
                batch = [notes.pop() for _ in range(min(8, len(notes)))]
                clauses = [{"parties": [seat], "type": "halt", "object": "dam", "scope": n, "note": n} for n in batch]
                moves = [{"kind": "table", "commitments": clauses}]
            turn = Turn.model_validate({"text": words, "deliberation": words, "moves": moves})
            live.call(partial(live.host.submit, seat, asked.ticket, turn))


def _type(page: Page, live: Live) -> None:
    """A seat types them into its own draft and notes."""
    page.goto(f"{live.url}/g/1/heron/")
    for text in packed(1990):
        if page.locator("#say").count():
            page.fill("#say", text)
            with page.expect_response("**/turn"):
                page.get_by_role("button", name="Preview").click()
    page.locator(".notes summary").click()
    page.fill("#notes", " ".join(PAYLOADS)[:19_000])
    page.get_by_role("button", name="Keep notes").click()


PAGES = {
    "start": "/", "join": "/join/x", "replay": "/g/1/heron/replay", "briefing": "/g/1/heron/dossier",
    "refused": "/g/1/otter/", "empty desk": "/deals", "set up": "/sessions", "deal desk": "/deals?like=AC07",
}  # fmt: skip
DEBRIEF = "/g/1/control/debrief?seat=heron"


def test_a_served_page_asks_its_own_server_alone(serve: Serve, browser: Browser, network: Guard) -> None:
    """Every page of every place, with its stream open, and what it gives to save."""
    before = len(network.contacted)
    live = serve(ALONE)
    outside = [url for url in PAGES.values() if not url.startswith("/g/")]
    for place in ("heron", "control", "analyst", "observer"):
        page = enter(live, browser, place)
        out = watch(page)
        own = [f"/g/1/{place}/{path}" for path in ("", "replay?round=1&q=a", "debrief", "dossier", "board", "side")]
        for url in [*outside, *own]:
            page.goto(live.url + url)
        for kind in EXPORTS:
            page.goto(f"{live.url}/g/1/{place}/")
            with page.expect_download() as saved:
                page.get_by_role("link", name=kind, exact=True).click()
            if kind == "html":
                page.goto(saved.value.path().as_uri())
        assert [url for url in out if not url.startswith("file:")] == []
    assert all(is_local(host) for host in network.contacted[before:])


def test_axe_finds_nothing_on_the_main_pages(serve: Serve, browser: Browser, look: dict[str, Any]) -> None:
    live = serve(ALONE)
    heron, control = enter(live, browser, "heron", **look), enter(live, browser, "control", **look)
    heron.goto(f"{live.url}/g/1/heron/?room=bank")
    heron.get_by_role("button", name="Table a text").click()
    heron.wait_for_selector("#making")
    found = {"desk": violations(heron)}
    for name, url in PAGES.items():
        heron.goto(live.url + url)
        found[name] = violations(heron)
        assert fits(heron), f"{name} is wider than the window"
    for details in control.locator(".control details").all():
        details.locator("summary").click()
    found["control"] = violations(control)
    control.get_by_role("button", name="Links to hand out").click()
    control.wait_for_selector(".hand-out")
    found["sheet"] = violations(control)
    for name, url in {"debrief": DEBRIEF, "control's replay": "/g/1/control/replay"}.items():
        control.goto(live.url + url)
        found[name] = violations(control)
        assert fits(control), f"{name} is wider than the window"
    assert {name: rows for name, rows in found.items() if rows} == {}
