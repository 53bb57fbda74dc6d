"""A class as a teacher and a student meet it in a real browser: from the code to a seat, and what axe says of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Serve, enter, fits, violations
from tests.browser.test_play import ALONE


def test_a_student_comes_in_by_the_code_and_control_sees_it(
    serve: Serve, browser: Browser, look: dict[str, Any]
) -> None:
    live = serve({**ALONE, "otter": "human"})
    control = enter(live, browser, "control", **look)
    control.get_by_role("button", name="Let people in by a code").click()
    control.goto(f"{live.url}/g/1/control/board")
    code = control.locator(".big-code").inner_text()
    found = {"board": violations(control)}
    student = browser.new_context(**look).new_page()
    student.goto(f"{live.url}/class")
    found["door"] = violations(student)
    student.get_by_label("Code").fill(code)
    student.get_by_role("button", name="Go on").click()
    found["seats"] = violations(student)
    student.get_by_label("Otter").check()
    student.get_by_role("button", name="Take the seat").click()
    name = student.locator("main strong").inner_text()
    found["seated"] = violations(student)
    assert fits(student)
    student.get_by_role("link", name="Go to the table").click()
    expect(student.locator(".view")).to_contain_text("Otter")
    control.goto(f"{live.url}/g/1/control/")
    control.get_by_text("Who sits where").click()
    expect(control.get_by_text(name, exact=True)).to_be_visible()
    found["control"] = violations(control)
    control.get_by_role("button", name="Free the seat").click()
    student.goto(f"{live.url}/g/1/otter/")
    expect(student.get_by_role("alert")).to_contain_text("not yours")
    assert {page: rows for page, rows in found.items() if rows} == {}
