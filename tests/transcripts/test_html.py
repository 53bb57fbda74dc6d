"""The page: inert whatever was written, whole for every event, readable by landmarks and headings, and of one view."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from roleplay.transcripts.html import anchor, render_html, style_source
from roleplay.transcripts.record import Played, RunRecord
from tests.transcripts.builder import Game
from tests.transcripts.pages import Page
from tests.transcripts.planting import poisoned
from tests.transcripts.words_of_the_game import SETUP

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><script src=//e.example></script>',
    "' onmouseover='alert(1)",
    "<img src=x onerror=alert(1)>",
    "</style><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "{{ 7*7 }}{% raw %}",
    "<iframe src=https://e.example>",
    "<!-- --><b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "]]><script>alert(1)</script>",
    "<style>*{background:url(https://e.example)}</style>",
    "<base href=//e.example>",
    "\u202e<ScRiPt >alert(1)</sCrIpT >",
    "<math><mi xlink:href='javascript:alert(1)'>",
    "<form action=//e.example><input>",
]
FORBIDDEN = {
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "img",
    "link",
    "base",
    "math",
    "b",
    "audio",
    "video",
}


def page(record: RunRecord) -> Page:
    return Page.of(render_html(record))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_text_stays_text(game: Game, payload: str) -> None:
    clean = page(RunRecord(game.events, played=Played(setup=SETUP)))
    record = RunRecord(poisoned(game.events, payload), played=Played(setup=SETUP, words=payload))
    found = page(record)
    assert not found.faults
    assert not found.unclosed
    assert not FORBIDDEN & {tag for tag, _ in found.tags}
    assert [tag for tag, _ in found.tags].count("style") == 1
    for _, attrs in found.tags:
        assert not any(name.startswith("on") or name in {"style", "src", "srcset", "action"} for name in attrs)
        assert attrs.get("href", "#").startswith("#")
    assert found.text.count(payload) > 100
    assert {tag for tag, _ in found.tags} <= {tag for tag, _ in clean.tags} | {"code"}


@pytest.mark.parametrize("seat", ["omniscient", "us", "rok", "dprk", "public"])
class TestEachView:
    def seen(self, record: RunRecord, seat: str) -> RunRecord:
        return record if seat == "omniscient" else record.as_seat(seat)

    def test_every_readable_event_has_its_place(self, record: RunRecord, seat: str) -> None:
        seen = self.seen(record, seat)
        ids = page(seen).ids
        missing = [e.kind for e in seen.events if anchor(e) not in ids]
        passes = [e for e in seen.events if e.kind == "move" and e.move.kind == "pass"]
        assert missing == ["move"] * len(passes)
        assert len(ids) == len(set(ids))

    def test_no_unreadable_event_has_one(self, record: RunRecord, seat: str) -> None:
        seen = self.seen(record, seat)
        html = render_html(seen)
        readable = {e.id for e in seen.events}
        assert not [e.kind for e in record.events if e.id not in readable and e.id in html]

    def test_links_lead_somewhere_and_tags_are_closed(self, record: RunRecord, seat: str) -> None:
        found = page(self.seen(record, seat))
        targets = {attrs["href"][1:] for attrs in found.of_tag("a")}
        assert targets <= {*found.ids}
        assert not found.faults
        assert not found.unclosed

    def test_headings_never_skip_a_level_and_there_is_one_title(self, record: RunRecord, seat: str) -> None:
        levels = page(self.seen(record, seat)).headings
        assert levels.count(1) == 1
        assert all(b <= a + 1 for a, b in pairwise(levels))

    def test_the_view_and_the_notice_head_the_page(self, record: RunRecord, seat: str) -> None:
        seen = self.seen(record, seat)
        text = page(seen).text
        assert seen.view_title in text
        assert "Simulated: not a statement of any government" in text
        assert "moves: policy, words: model (135M)" in text


def test_landmarks_language_and_labels_are_there(record: RunRecord) -> None:
    found = page(record)
    assert found.of_tag("html") == [{"lang": "en"}]
    for landmark in ("header", "nav", "main", "footer"):
        assert len(found.of_tag(landmark)) == 1
    assert all("aria-labelledby" in attrs for attrs in found.of_tag("section"))
    labelled = {i for _, attrs in found.tags for i in attrs.get("aria-labelledby", "").split()}
    assert labelled <= set(found.ids)
    regions = [attrs for _, attrs in found.tags if attrs.get("role") == "group"]
    assert regions
    assert all(
        attrs.get("tabindex") == "0" and ("aria-label" in attrs or "aria-labelledby" in attrs) for attrs in regions
    )
    assert all(attrs.get("aria-hidden") == "true" or attrs.get("role") == "img" for attrs in found.of_tag("svg"))


def test_the_chart_has_a_title_a_description_and_a_table(record: RunRecord) -> None:
    html = render_html(record)
    assert '<title id="chart-760-t">Tension by round</title>' in html
    assert "Tension is 65 at the opening, at most 71.5 (round 1), at least 64.5 (round 2), and 64.5 at the end." in html
    assert "The same as a table" in html


def test_the_page_forbids_everything_but_its_own_style(record: RunRecord) -> None:
    html = render_html(record)
    policy = next(a["content"] for a in Page.of(html).of_tag("meta") if a.get("http-equiv"))
    assert policy == f"default-src 'none'; style-src {style_source()}; base-uri 'none'; form-action 'none'"
    assert not re.search(r"https?://|url\(|@import", html)


def test_the_same_record_gives_the_same_bytes(record: RunRecord) -> None:
    assert render_html(record) == render_html(record)


def test_a_deliberation_is_folded_and_says_who_may_read_it(record: RunRecord) -> None:
    html = render_html(record)
    assert "Ask high. What we need is quiet" in html
    assert "Ask high. What we need is quiet" not in render_html(record.as_seat("us"))
    assert re.search(
        r"<summary>Private deliberation\s*<span class=\"aud aud-some\">.*?DPRK only</span>", html, re.DOTALL
    )


def test_a_failed_turn_is_shown_and_is_not_a_pass(record: RunRecord) -> None:
    text = page(record).text
    assert "Turn FAILED" in text
    assert "This is neither a pass nor restraint." in text
    assert "Turn FAILED" not in page(record.as_seat("us")).text


def test_ledger_and_indicators_are_those_of_the_view(record: RunRecord) -> None:
    assert "us-dprk/2.1" in page(record.as_seat("us")).text
    stranger = page(record.as_seat("jpn")).text
    assert "us-dprk/2.1" not in stranger
    assert "council/1.1" in stranger
    assert "Trust" not in stranger
    assert "known before" in page(record).text
    public = page(record.as_seat("public")).text
    assert "it knows how indicators changed, not where they began" in public


def test_an_effect_links_to_its_cause_where_the_view_may_read_it(record: RunRecord) -> None:
    deal = next(e for e in record.events if e.kind == "deal" and e.ring == "us-dprk")
    link = f'<a href="#{anchor(deal)}">cause'
    assert link in render_html(record)
    assert link not in render_html(record.as_seat("rok"))


def test_who_plays_a_seat_is_for_omniscient_readers(record: RunRecord) -> None:
    assert "policy hawk, words by SmolLM2-135M-Instruct" in page(record).text
    seen = page(record.as_seat("dprk")).text
    assert "policy hawk" not in seen
    assert "Strategy of North Korea" in seen
    assert "Strategy of United States" not in seen
