"""Whatever a model writes becomes a turn or a named flaw, never an exception and never a turn that it did not mean."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roleplay.moves import PHASE_MOVES, Turn
from roleplay.prompting.answer import Flaw, read_answer

VERBS = PHASE_MOVES["talks"]
CLAUSE = {"parties": ["bravo"], "type": "halt", "object": "drills"}
GOOD: dict[str, Any] = {
    "deliberation": "Wait and see.",
    "text": "We are ready to talk.",
    "moves": [{"kind": "table", "commitments": [CLAUSE]}, {"kind": "accept", "number": 2, "intends": "keep"}],
}


def _read(text: str) -> Turn | Flaw:
    return read_answer(text, VERBS)


def _flaw(answer: object) -> str:
    found = _read(answer if isinstance(answer, str) else json.dumps(answer))
    assert isinstance(found, Flaw), found
    return str(found)


def _with_move(**move: Any) -> dict[str, Any]:
    return {**GOOD, "moves": [move]}


@pytest.mark.parametrize(
    "wrapped",
    [
        "{}", "```json\n{}\n```", "```\n{}```", "\ufeff  {}", "Here is my answer:\n{}\nThank you.",
        "<think>{{\"moves\": 1}}</think>{}", "{} {{\"moves\": []}}",
    ],
)  # fmt: skip
def test_one_object_is_read_whatever_stands_around_it(wrapped: str) -> None:
    turn = _read(wrapped.format(json.dumps(GOOD)))
    assert isinstance(turn, Turn)
    assert turn.text == "We are ready to talk."
    assert [move.kind for move in turn.moves] == ["table", "accept"]


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        ("I would rather tell a story.", "no JSON object"),
        ("", "no JSON object"),
        ([GOOD], "no JSON object"),
        (json.dumps(GOOD)[:-9], "not JSON at character"),
        ('{"deliberation": NaN, "text": "", "moves": []}', "NaN is no JSON"),
        ('{"deliberation": "", "text": "", "moves": [Infinity]}', "Infinity is no JSON"),
        ('{"text": "a", "text": "b", "deliberation": "", "moves": []}', "a key stands twice"),
        ({"text": "", "moves": []}, "lacks deliberation; allowed: one object with deliberation, text, moves"),
        ({}, "the answer lacks deliberation, text, moves"),
        ({"kind": "pass"}, "the answer lacks"),
        ({**GOOD, "mood": "good"}, "mood is no key of this object"),
        ({**GOOD, "text": ["a"]}, "text: found a list of 1"),
        ({**GOOD, "text": "x" * 2001}, "text has too many characters; allowed: 2000"),
        ({**GOOD, "moves": {"kind": "pass"}}, "moves: found an object"),
        ({**GOOD, "moves": None}, "moves: found null"),
        ({**GOOD, "moves": [{"kind": "pass"}] * 5}, "moves has too many items; allowed: 4"),
        (_with_move(kind="nuke"), "moves[0]: found kind 'nuke'; allowed: table, amend"),
        (_with_move(number=1), "moves[0]: found kind"),
        (_with_move(kind="accept"), "moves[0].number is missing"),
        (_with_move(kind="accept", number="2"), "moves[0].number: found '2'"),
        (_with_move(kind="accept", number=True), "moves[0].number: found True"),
        (_with_move(kind="accept", number=0), "moves[0].number: found 0"),
        (_with_move(kind="accept", number=1, intends="maybe"), "intends: found 'maybe'; Input should be 'unasked'"),
        (_with_move(kind="reject", number=1, why="no"), "moves[0].why is no key of this object"),
        (_with_move(kind="table", commitments=[]), "moves[0].commitments"),
        (_with_move(kind="table", commitments=[{**CLAUSE, "type": "NO"}]), "[0].commitments[0].type: found 'NO'"),
        (_with_move(kind="open", ring="../../etc"), "moves[0].ring: found '../../etc'"),
        ('{"deliberation":"","text":"","moves":' + "[" * 20_000 + "]" * 20_000 + "}", "nested too deeply"),
        ('{"deliberation":"","text":"","moves":' + "9" * 5000 + "}", "not JSON"),
        ("x" * 10_000_000, "has 10000000 characters; allowed: 64000"),
    ],
)  # fmt: skip
def test_each_flaw_is_named(answer: object, flaw: str) -> None:
    assert flaw in _flaw(answer)


def test_half_an_answer_is_never_read_as_one_of_its_parts() -> None:
    whole = json.dumps({**GOOD, "moves": [{"kind": "use", "instrument": "rest", "params": {}}]})
    for end in range(1, len(whole)):
        assert isinstance(_read(whole[:end]), Flaw), whole[:end]


def test_many_problems_are_counted_and_few_are_shown() -> None:
    moves = [{"kind": "table", "commitments": [{"parties": ["a"], "type": "A B", "object": "x"}] * 8}]
    flaw = _flaw({**GOOD, "moves": moves})
    assert flaw.count("found 'A B'; String should match pattern") == 4
    assert flaw.endswith(" more")


def test_what_cannot_be_seen_is_stripped_from_words() -> None:
    raw = json.dumps({**GOOD, "text": "a\x1b[31mred\x00\u202e\ud800\u200b b"})
    turn = _read(raw)
    assert isinstance(turn, Turn)
    assert turn.text == "a[31mred b"


def test_raw_newlines_in_a_string_are_forgiven() -> None:
    turn = _read('{"deliberation": "", "text": "one\ntwo", "moves": []}')
    assert isinstance(turn, Turn)
    assert turn.text == "one two"


def test_other_scripts_are_read() -> None:
    turn = _read(json.dumps({**GOOD, "text": "우리는 대화를 원한다. 我们愿意谈判。"}, ensure_ascii=False))
    assert isinstance(turn, Turn)
    assert turn.text.startswith("우리는")


# --- 10,000 malformed replies ----------------------------------------------------------------------------------------

JUNK = [
    "\x00", "\x1b[2J", "\ud800", "\udfff", "\u202e", "```", "```json", "{", "}", "[", "]", '"', "\\", "NaN",
    "-Infinity", "null", "true", "1e999", "9" * 400, "{" * 300, "[" * 300, '{"a":' * 300, "\\u0000", "\\ud800",
    "</think>", "<|im_end|>", "نحن", "我们", ",", ":", '"moves":', '"kind":"use"', "\n", "\r\n", " " * 500, "undefined",
]  # fmt: skip


def _spoilt(random: Random) -> str:
    """A good answer with pieces cut, doubled, swapped for junk, or values of the wrong type."""
    text = json.dumps(_mistyped(GOOD, random) if random.random() < 0.4 else GOOD)
    for _ in range(random.randint(1, 6)):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice([0, 1, 2, 5, 40]))
        text = text[:start] + random.choice(JUNK) * random.choice([0, 1, 1, 3]) + text[end:]
    return text


def _mistyped(value: Any, random: Random) -> Any:
    if random.random() < 0.15:
        return random.choice([None, True, -1, 1.5, "", "x" * 3000, [], {}, [[]], {"kind": "pass"}, "\ud83d"])
    if isinstance(value, dict):
        return {random.choice([k, k, k, k, k.upper()]): _mistyped(v, random) for k, v in value.items()}
    return [_mistyped(v, random) for v in value] * random.choice([1, 1, 1, 9]) if isinstance(value, list) else value


def test_ten_thousand_malformed_replies_never_raise_and_every_flaw_can_be_sent_on() -> None:
    random = Random(20310101)
    flaws = 0
    for _ in range(10_000):
        reply = _spoilt(random)
        found = _read(reply)
        if isinstance(found, Flaw):
            flaws += 1
            assert 0 < len(found) < 2000
            assert found.encode("utf-8").decode().isprintable()
    assert flaws > 8000


@given(st.text(st.characters()) | st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")))
def test_any_text_at_all_is_read(text: str) -> None:
    assert isinstance(_read(text), Turn | Flaw)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["kind", "number", "ring", "commitments", "parties", "params", "x"]), inner)
    ),
    max_leaves=12,
)


@given(VALUES, VALUES, st.lists(VALUES | st.fixed_dictionaries({"kind": st.sampled_from(VERBS)}), max_size=6))
def test_any_json_of_the_right_outline_is_read(deliberation: object, text: object, moves: object) -> None:
    answer = json.dumps({"deliberation": deliberation, "text": text, "moves": moves})
    assert isinstance(_read(answer), Turn | Flaw)
