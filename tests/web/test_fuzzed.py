"""Anything that may be sent, to every role: programs by the OpenAPI that they are given, forms by what pages hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from roleplay.web.access import CONTROL, Grant, cookie_name
from tests.web.live import served
from tests.web.test_programs import BY_PROGRAM

quick = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


LENIENT: list[Any] = [positive_data_acceptance, negative_data_rejection]
"""Checks that do not hold here: a turn of the right form may be illegal, and parameters nobody knows are let pass."""


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # Schemathesis's own strategies do.
@pytest.mark.parametrize("role", ["heron", "otter", CONTROL, ""])
def test_programs_get_no_server_error_and_answers_that_fit_the_schema(tmp_path: Path, role: str) -> None:
    """Well-formed requests and malformed ones, with the token of a seat that is asked, of one that is not, of none."""
    with served(tmp_path, BY_PROGRAM, rounds=4) as live:
        live.wait(lambda: live.host.inbox.waiting("heron"))
        token = live.link(role).rpartition("/")[2] if role else "none"
        statuses = set()
        for found in schemathesis.openapi.from_url(f"{live.url}/api/openapi.json").get_all_operations():
            operation = found.ok()  # type: ignore[union-attr]  # The document is ours: none is broken.

            @quick
            @given(case=st.one_of(*(operation.as_strategy(generation_mode=m) for m in schemathesis.GenerationMode)))
            def sent(case: Case[Any]) -> None:
                asked = live.host.inbox.waiting("heron")
                if "ticket" in case.path_parameters and asked:
                    case.path_parameters["ticket"] = asked[0].ticket
                case.query.pop("wait", None)  # Nobody waits in a test.
                answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=LENIENT)
                statuses.add(answer.status_code)

            sent()
        assert statuses <= {200, 403, 404, 405, 409, 422}
        assert (200 in statuses) == (role in ("heron", "otter"))


WORDS = st.one_of(st.text(max_size=40), st.sampled_from(["-1", "9" * 30, "1.talks.bank.1", "heron", "bank", "on", "1"]))
WHAT = """pick add quick drop pass send preview save public table amend accept branch hold hand release extend inject
    reissue revoke code free pause start debrief board 0 1 1.0 1.act heron/1.talks.bank.1 -"""
NAMES = "text thought notes to driver why verdict minutes name code seat token f.parties f.what f.number f.detail"
PARTS = st.one_of(st.sampled_from(re.split(r"\s+", WHAT)), st.text(max_size=6))
ACTS = st.builds(":".join, st.lists(PARTS, min_size=1, max_size=3))
FIELDS = st.one_of(st.sampled_from(re.split(" ", NAMES)), st.text(max_size=8))
FORMS = st.dictionaries(FIELDS, WORDS, max_size=6)
HERE = (
    "",
    "turn",
    "notes",
    "advice",
    "control",
    "sheet",
    "board",
    "side",
    "composer",
    "replay",
    "debrief",
    "export/csv",
)
OPEN = ("deals", "join", "class", "sessions", "replay/none", "g/1/heron/turn", "g/2/control/control")
"""Pages and forms of a place, and outside it."""


@pytest.mark.parametrize("place", ["heron", CONTROL, "observer", "analyst"])
def test_forms_and_addresses_get_no_server_error_whatever_they_hold(tmp_path: Path, place: str) -> None:
    with served(tmp_path, {**BY_PROGRAM, "heron": "human"}) as live:
        live.wait(lambda: live.host.inbox.waiting("heron"))
        entered = live.call(lambda: live.server.access.enter(live.server.access.invite(Grant("1", place))))
        cookies = {cookie_name(Grant("1", place)): entered[1]}
        with httpx2.Client(base_url=live.url, cookies=cookies, headers={"Origin": live.url}) as client:
            csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get(f"g/1/{place}/").text)

            @settings(quick, max_examples=50)
            @given(
                path=st.sampled_from([*(f"g/1/{place}/{route}" for route in HERE), *OPEN]), act=ACTS, form=FORMS,
                room=WORDS, number=WORDS, ticket=st.one_of(WORDS, st.just("now")),
            )  # fmt: skip
            def sent(path: str, act: str, form: dict[str, str], room: str, number: str, ticket: str) -> None:
                asked = live.host.inbox.waiting("heron")
                if ticket == "now" and asked:
                    ticket, room = asked[0].ticket, asked[0].view.moment.ring or "world"
                fields = {**form, "do": act, "ticket": ticket, "room": room, "csrf": csrf[1] if csrf else ""}
                query = {"room": room, "round": number, "q": room, "form": act, "seat": room}
                for answer in (client.post(path, data=fields), client.get(path, params=query)):
                    assert answer.status_code < 500, (path, fields, answer.text)

            sent()
