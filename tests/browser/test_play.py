"""Games played in real browsers: two people, lost connections, the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from roleplay.events import Spoken
from roleplay.game import Options
from roleplay.models.scripted import ScriptedModel
from roleplay.moves import Turn
from tests.browser.conftest import Serve, enter, violations
from tests.hosting.pond import pond_run
from tests.promises.playing import MODEL, turn
from tests.web.live import Live, running

PEOPLE = {"heron": "human", "otter": "human", "newt": "model"}
ALONE = {"heron": "human", "otter": "baseline:dove", "newt": "baseline:defiant"}


def take(page: Page, words: str) -> None:
    """Take one turn that is asked of this page's seat, wherever it is."""
    page.locator(".rooms a:has(.mine:not([hidden]))").first.click()
    page.wait_for_selector("#main")
    if not page.locator("#turn").count():
        return  # The page had not heard yet that this one is taken.
    page.fill("#say", words)
    page.get_by_role("button", name=re.compile("^Send to")).click()
    page.wait_for_selector("#confirm-send, .composer-none")
    if page.locator("#confirm-send").count():
        page.click("#confirm-send")
    # It is gone, or the next turn of the same room stands in its place.
    page.wait_for_function("words => document.querySelector('#say')?.value !== words", arg=words)


def test_two_people_play_a_whole_game_in_two_browsers_against_a_model(serve: Serve, browser: Browser) -> None:
    model = ScriptedModel(lambda request: turn("We hear you."))
    live = serve(PEOPLE, options=Options(open_model=lambda spec: model), model=MODEL)
    pages = {seat: enter(live, browser, seat) for seat in ("heron", "otter")}
    for said in range(60):
        live.wait(lambda: live.host.over or any(map(live.host.inbox.waiting, pages)))
        if live.host.over:
            break
        seat = next(filter(live.host.inbox.waiting, pages))
        take(pages[seat], f"{seat} says {said}")
    assert live.host.over
    spoken = [e for e in live.host.events if isinstance(e, Spoken)]
    assert {e.outcome for e in spoken} == {"ok"}
    for page in pages.values():
        page.reload()
        expect(page.locator("#status")).to_contain_text("over")


def speeches(page: Page) -> list[str]:
    return page.locator("#items .text").all_inner_texts()


def say(live: Live, ring: str, words: str) -> None:
    """Heron speaks in a ring, not through any page."""
    asked = next(a for a in live.host.inbox.waiting("heron") if a.view.moment.ring == ring)
    live.call(lambda: live.host.submit("heron", asked.ticket, Turn(text=words)))


def test_a_reload_and_a_dropped_line_lose_nothing_and_double_nothing(serve: Serve, browser: Browser) -> None:
    live = serve(ALONE)
    page = enter(live, browser, "otter")
    page.goto(f"{live.url}/g/1/otter/?room=bank")
    page.context.set_offline(True)
    say(live, "bank", "Said while you were away.")
    live.wait(lambda: sum(isinstance(e, Spoken) and e.ring == "bank" for e in live.host.events) == 2)
    page.context.set_offline(False)
    expect(page.locator("#items .text").first).to_have_text("Said while you were away.", timeout=15_000)
    expect(page.locator("#items .text")).to_have_count(2)
    before = speeches(page)
    page.reload()
    assert speeches(page) == before
    assert len(before) == len(set(before)) == 2


def test_what_is_said_between_page_and_stream_arrives(serve: Serve, browser: Browser) -> None:
    live = serve(ALONE)
    page = enter(live, browser, "otter")
    held = []
    page.route("**/stream*", lambda route: held.append(route))
    with page.expect_request("**/stream*"):
        page.goto(f"{live.url}/g/1/otter/?room=bank")
    say(live, "bank", "Said in between.")
    assert speeches(page) == []
    held[0].continue_()
    expect(page.locator("#items .text").first).to_have_text("Said in between.")


def test_a_draft_survives_the_browser(serve: Serve, browser: Browser) -> None:
    live = serve(ALONE)
    page = enter(live, browser, "heron")
    page.goto(f"{live.url}/g/1/heron/?room=bank")
    with page.expect_response("**/turn"):
        page.fill("#say", "Half a thought")
    page.context.close()
    again = enter(live, browser, "heron")
    again.goto(f"{live.url}/g/1/heron/?room=bank")
    expect(again.locator("#say")).to_have_value("Half a thought")


def test_a_server_that_stops_in_mid_round_comes_back_asks_again_and_loses_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    folder, options = pond_run(tmp_path, ALONE), Options(out=tmp_path)
    with running(folder, options) as live:
        page = enter(live, browser, "heron")
        page.goto(f"{live.url}/g/1/heron/?room=bank")
        take(page, "Before.")
        page.goto(f"{live.url}/g/1/heron/?room=moot")
        with page.expect_response("**/turn"):
            page.fill("#say", "Half a thought")
    send = page.get_by_role("button", name=re.compile("^Send to"))
    expect(page.locator("#line")).to_be_visible()
    send.click()
    expect(send).to_be_enabled()
    expect(page.locator("#say")).to_have_value("Half a thought")
    with running(folder, options, int(live.url.rpartition(":")[2])) as live:
        expect(page.locator("#line")).to_be_hidden(timeout=15_000)
        expect(page.locator("#say")).to_have_value("Half a thought")
        send.click()
        expect(page.locator("#items .text", has_text="Half a thought")).to_have_count(1)
        heard = [e.text for e in live.host.events if isinstance(e, Spoken) and e.seat == "heron" and e.text]
        assert heard == ["Before.", "Half a thought"]


def test_words_that_somebody_else_overtook_stay_to_be_used(serve: Serve, browser: Browser) -> None:
    live = serve(ALONE)
    page = enter(live, browser, "heron")
    page.goto(f"{live.url}/g/1/heron/?room=bank")
    page.fill("#say", "My own words.")
    say(live, "bank", "Said by a colleague.")
    expect(page.locator("#items .text", has_text="Said by a colleague.")).to_have_count(1)
    expect(page.locator("#kept, #say")).to_have_value("My own words.")


def test_a_turn_is_taken_by_the_keyboard_alone(serve: Serve, browser: Browser) -> None:
    live = serve(ALONE)
    page = enter(live, browser, "heron")
    page.goto(f"{live.url}/g/1/heron/?room=bank")

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText || document.activeElement.id").startswith(name):
                return
        raise AssertionError(f"no way to {name} by Tab")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    tab_to("say")
    page.keyboard.type("By hand.")
    tab_to("Table a text")
    page.keyboard.press("Enter")
    page.wait_for_selector("#making")
    page.keyboard.press("Space")
    tab_to("choose")
    page.keyboard.press("ArrowDown")
    tab_to("Add to your turn")
    page.keyboard.press("Enter")
    page.wait_for_selector(".drafted")
    tab_to("Send to")
    page.keyboard.press("Enter")
    page.wait_for_selector("#items .move-table")
    assert "By hand." in speeches(page)


def test_the_briefing_opens_beside_what_is_being_written(serve: Serve, browser: Browser) -> None:
    live = serve(ALONE)
    page = enter(live, browser, "heron")
    page.goto(f"{live.url}/g/1/heron/?room=bank")
    page.fill("#say", "Half a thought")
    page.get_by_role("link", name="Briefing").click()
    drawer = page.get_by_role("dialog", name="Briefing")
    expect(drawer.get_by_role("heading", name="Red lines")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.locator("#say")).to_have_value("Half a thought")


def test_everything_works_without_a_script(serve: Serve, browser: Browser, tmp_path: Path) -> None:
    live = serve(ALONE)
    page = enter(live, browser, "heron", java_script_enabled=False)
    page.goto(f"{live.url}/g/1/heron/?room=bank")
    page.fill("#say", "Plain words.")
    page.get_by_role("button", name="Table a text").click()
    page.check("input[name='f.parties'][value=heron]")
    page.select_option("select[name='f.what']", "halt/dam")
    page.get_by_role("button", name="Add to your turn").click()
    page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.locator("#items .text", has_text="Plain words.")).to_be_visible()
    page.goto(f"{live.url}/g/1/heron/replay")
    assert page.locator(".played .turn").count()
