"""Texts from outside: read, extracted with the span of every clause, imported from other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.crises import load_crisis
from roleplay.errors import AuthorError, NotMeasurable, UsageError
from roleplay.models.scripted import ScriptedModel
from roleplay.scoring.extraction import clause_schema, extract
from roleplay.scoring.outside import read_outside
from tests.faults import FAULTS
from tests.strict import strict_problems

KOREA = load_crisis("korea")
TEXT = "Both sides met.\nThe North stops ICBM tests for\n26 weeks. In return the South considers food.\n"


def row(quotation: str, **fields: Any) -> dict[str, Any]:
    """A clause as a model writes it."""
    return {
        "quotation": quotation, "parties": ["the North"], "type": "moratorium", "object": "icbm_test", "words": "",
        "conditions": "", "duration": "dated", "until": "26 weeks", "verification": ["none"], "reversible": "unstated",
        "standing": "agreed",
    } | fields  # fmt: skip


def found(*rows: Any) -> dict[str, Any]:
    return {"commitments": list(rows)}


def test_clauses_are_asked_for_in_strict_form() -> None:
    assert strict_problems(clause_schema(KOREA, 16)) == []


async def test_every_clause_carries_the_span_of_its_words() -> None:
    model = ScriptedModel([found(row("North stops ICBM tests for 26 weeks"))])
    result = await extract(TEXT, model, KOREA)
    [clause], [span] = result.clauses, result.spans
    start, end = map(int, span.removeprefix("chars ").split("-"))
    assert TEXT[start:end] == "North stops ICBM tests for\n26 weeks"
    assert (clause.type, clause.object, clause.duration.detail) == ("moratorium", "icbm_test", "26 weeks")


async def test_what_the_text_does_not_say_is_left_out_and_counted() -> None:
    answer = found(row("The North gives up ICBMs"), row(""), "nonsense", row("stops ICBM tests", type="Nothing Such"))
    result = await extract(TEXT, ScriptedModel([answer]), KOREA)
    assert (result.clauses, result.unproven) == ([], 4)


async def test_what_is_only_considered_is_an_offer() -> None:
    answer = found(row("South considers food", type="provision", object="food", standing="proposed"))
    result = await extract(TEXT, ScriptedModel([answer]), KOREA)
    assert (result.clauses, [o.object for o in result.offers]) == ([], ["food"])


async def test_an_object_that_the_vocabulary_lacks_is_told_in_the_texts_words() -> None:
    answer = found(row("stops ICBM tests", type="zone", object="other", words="a sea buffer of 80 km"))
    result = await extract(TEXT, ScriptedModel([answer]), KOREA)
    assert result.clauses[0].object == "a sea buffer of 80 km"


async def test_long_texts_are_read_in_passages_and_spans_stay_true() -> None:
    filler = "Nothing was agreed on this. " * 250
    whole = f"{filler}\n\n{TEXT}"
    model = ScriptedModel(
        lambda r: found(row("stops ICBM tests")) if "stops ICBM" in r.messages[1]["content"] else found()
    )
    result = await extract(whole, model, KOREA)
    start, end = map(int, result.spans[0].removeprefix("chars ").split("-"))
    assert len(model.requests) == 2
    assert whole[start:end] == "stops ICBM tests"


@pytest.mark.parametrize("fault", ["refusal", "prose", "empty", "truncated", "unreachable"])
async def test_a_model_that_gives_no_answer_leaves_nothing_to_measure(fault: str) -> None:
    with pytest.raises(NotMeasurable, match="no answer that could be read"):
        await extract(TEXT, ScriptedModel(lambda _: FAULTS[fault]()), KOREA)


async def test_one_bad_answer_is_asked_for_again_and_one_bad_passage_keeps_the_others() -> None:
    again = await extract(TEXT, ScriptedModel(["prose", found(row("stops ICBM tests"))]), KOREA)
    assert (len(again.clauses), again.unread, again.calls) == (1, 0, 2)
    whole = "x y. " * 1300 + TEXT
    part = await extract(whole, ScriptedModel(["prose", "prose", found(row("stops ICBM tests"))]), KOREA)
    assert (len(part.clauses), part.unread) == (1, 1)


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_transcript_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "talk.jsonl"
    rows = [
        {"speaker": "A", "audience": "public", "text": "We warn them."},
        {"speaker": "B", "audience": ["A", "C"], "text": "Not in public.", "seconds": 3},
    ]
    file.write_text("\n\n".join(map(json.dumps, rows)))
    read = read_outside(file)
    assert [u.parts["line"] for u in read.units("public_line")] == ["We warn them."]
    assert [(line.source, line.government, line.ring) for line in read.lines] == [
        ("line 1", "A", ""), ("line 2", "B", "A, C"),
    ]  # fmt: skip
    assert read.text == "A (to public): We warn them.\nB (to A, C): Not in public."


def test_a_saved_game_of_ai_diplomacy_is_read_message_by_message(tmp_path: Path) -> None:
    file = tmp_path / "lmvsgame.json"
    messages = [
        {"sender": "FRANCE", "recipient": "GLOBAL", "message": "Peace.", "phase": "S1901M", "time_sent": 1},
        {"sender": "ITALY", "recipient": "FRANCE", "message": "Agreed.", "phase": "S1901M", "time_sent": 2},
    ]
    file.write_text(json.dumps({"id": "x", "phases": [{"name": "S1901M", "messages": messages}, {"name": "F1901M"}]}))
    lines = read_outside(file).lines
    assert [(line.government, line.text, line.ring) for line in lines] == [
        ("FRANCE", "Peace.", ""), ("ITALY", "Agreed.", "FRANCE"),
    ]  # fmt: skip


def test_bad_lines_are_told_all_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"speaker": "A", "text": "fine"}\n{"speaker": "", "text": "x"}\nnot json\n')
    with pytest.raises(AuthorError) as told:
        read_outside(file)
    assert [problem.line for problem in told.value.problems] == [2, 3]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.txt", b"", NotMeasurable), ("a.md", b" \n\t\n", NotMeasurable), ("a.jsonl", b"\n", NotMeasurable),
        ("a.txt", b"\xff\xfe\x00", UsageError), ("a.json", b"[]", AuthorError), ("a.json", b"[" * 100_000, AuthorError),
        ("a.txt", "é".encode() * 500_001, UsageError),
    ],
)  # fmt: skip
def test_what_holds_no_text_is_refused_in_words(tmp_path: Path, name: str, content: bytes, error: type) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error):
        read_outside(tmp_path / name)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_outside(tmp_path / "missing.txt")
