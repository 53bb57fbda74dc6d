"""A seat that a model plays asks with its view's prompt and reads whatever comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from roleplay.models import Reply
from roleplay.models.scripted import ScriptedModel
from roleplay.moves import Turn
from roleplay.prompting.brief_schema import brief_schema
from roleplay.prompting.schema import game_schema
from roleplay.seats import AskingSeat, BadReply
from roleplay.seats.model import BRIEF_TOKENS, ModelSeat, small_context
from roleplay.views import Attempt, Moment, SeatView
from tests.faults import FAULTS
from tests.prompting.game import Game

TALKS = Moment(1, "talks", "forum", 1)
ANSWER: dict[str, Any] = {"deliberation": "Hm.", "text": "Peace.", "moves": [{"kind": "open", "ring": "forum"}]}


def _seat(seed: int = 0) -> ModelSeat:
    return ModelSeat(ScriptedModel([]), seed=seed, max_tokens=700, temperature=0.2)


def _view(moment: Moment = TALKS) -> SeatView:
    return Game().open().play(1).view("alpha", moment)


def _read(text: str, **fields: Any) -> Turn | BadReply:
    return _seat().read(_view(), Reply(text, **fields))


def test_it_is_a_seat_that_asks() -> None:
    assert isinstance(_seat(), AskingSeat)


def test_a_request_carries_prompt_schema_slot_and_bounds() -> None:
    view = _view()
    request = _seat().ask(view)
    assert request.slot == "alpha"
    assert (request.max_tokens, request.temperature) == (700, 0.2)
    assert request.schema == game_schema(view.sheet)
    assert [m["role"] for m in request.messages[:2]] == ["system", "user"]
    json.dumps([dict(m) for m in request.messages])


def test_the_same_view_is_asked_in_the_same_words() -> None:
    assert _seat().ask(_view()) == _seat().ask(_view())


def test_the_seed_reaches_the_request_and_differs_by_turn_and_attempt() -> None:
    view = _view()
    repaired = view.again(Attempt("x", "not JSON"))
    seeds = {
        _seat(0).ask(view).seed, _seat(1).ask(view).seed, _seat(0).ask(repaired).seed,
        _seat(0).ask(_view(Moment(1, "act", None, 1))).seed,
    }  # fmt: skip
    assert len(seeds) == 4
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_a_repair_appends_to_the_very_same_messages() -> None:
    seat, view = _seat(), _view()
    first = seat.ask(view)
    second = seat.ask(view.again(Attempt("no JSON", "the answer is no JSON object")))
    assert list(second.messages[: len(first.messages)]) == list(first.messages)
    assert len(second.messages) == len(first.messages) + 2
    assert second.schema is first.schema


def test_one_schema_asks_in_all_phases() -> None:
    seat = ModelSeat(ScriptedModel([]))
    phases = [TALKS, Moment(1, "talks", "room", 1), Moment(1, "council", None, 1), Moment(1, "speak", None, 1)]
    schemas = [seat.ask(_view(moment)).schema for moment in phases]
    assert all(schema is schemas[0] for schema in schemas)
    assert schemas[0] == game_schema(_view().sheet)


def test_a_small_context_is_asked_in_brief() -> None:
    view = _view()
    small, large = ScriptedModel([], context=4096), ScriptedModel([], context=128_000)
    assert (small_context(small), small_context(large), small_context(ScriptedModel([]))) == (4096, None, None)
    request = ModelSeat(small, brief=small_context(small)).ask(view)
    assert request.schema == brief_schema(view.sheet, "talks", "talks", "forum")
    assert request.max_tokens == BRIEF_TOKENS
    assert sum(len(m["content"]) for m in request.messages) < 4096
    assert ModelSeat(large, brief=small_context(large)).ask(view).schema == game_schema(view.sheet)


def test_a_brief_answer_is_an_ordinary_turn() -> None:
    seat = ModelSeat(ScriptedModel([]), brief=4096)
    turn = seat.read(_view(), Reply(json.dumps(ANSWER)))
    assert isinstance(turn, Turn)
    assert turn.moves[0].kind == "open"
    bad = seat.read(_view(), Reply('{"deliberation": "", "text": "", "moves": [{"kind": "x"}]}'))
    assert isinstance(bad, BadReply)
    assert bad.problem == "moves[0]: found kind 'x'; allowed: table, accept, reject, open, pass"


def test_an_answer_is_read_with_its_deliberation_apart() -> None:
    turn = _read(json.dumps(ANSWER), reasoning="The provider's own.")
    assert isinstance(turn, Turn)
    assert (turn.deliberation, turn.text) == ("Hm.", "Peace.")
    assert turn.moves[0].kind == "open"
    assert "provider" not in turn.model_dump_json()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply("", refusal="I cannot help with that."), "refused"),
        (Reply(json.dumps(ANSWER), refusal="No."), "refused"),
        (Reply("", finish="content_filter"), "refused"),
        (Reply(json.dumps(ANSWER), finish="length"), "truncated"),
        (Reply(json.dumps(ANSWER)[:40], finish="length"), "truncated"),
        (Reply("", finish="malformed"), "malformed"),
        (Reply("x" * 10**6, finish="oversize"), "malformed"),
        (Reply(""), "empty"),
        (Reply(" \n\t"), "empty"),
        (Reply('{"deliberation": "Hm.", "text": "", "moves": []}'), "empty"),
        (Reply('{"deliberation": "Hm."'), "malformed"),
        (Reply("{}"), "malformed"),
        (None, "empty"),
    ],
)
def test_a_reply_without_a_turn_says_why(reply: Reply | None, kind: str) -> None:
    bad = _seat().read(_view(), reply)
    assert isinstance(bad, BadReply)
    assert bad.kind == kind
    assert bad.problem


def test_doing_nothing_must_be_said() -> None:
    turn = _read('{"deliberation": "", "text": "", "moves": [{"kind": "pass"}]}')
    assert isinstance(turn, Turn)
    assert turn.passed


def test_a_flaw_names_the_verbs_of_this_very_phase() -> None:
    reply = Reply('{"deliberation": "", "text": "", "moves": [{"kind": "x"}]}')
    bad = _seat().read(_view(Moment(1, "council", None, 1)), reply)
    assert isinstance(bad, BadReply)
    assert bad.problem == "moves[0]: found kind 'x'; allowed: vote, pass"


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_what_a_rude_provider_sends_is_a_bad_reply(fault: str) -> None:
    line = FAULTS[fault]()
    if isinstance(line, Exception):
        return
    reply = line if isinstance(line, Reply) else Reply(line if isinstance(line, str) else json.dumps(line))
    assert isinstance(_seat().read(_view(), reply), BadReply)
