"""A short prompt fits a small context, holds nothing its seat may not read, and asks for what the rules can take."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from roleplay.game import Options, play
from roleplay.models import Message, Reply, Request
from roleplay.moves import Phase, Turn
from roleplay.prompting.answer import read_answer
from roleplay.prompting.brief import BriefPrompter, examples
from roleplay.prompting.brief_schema import (
    DELIBERATION,
    KINDS,
    WORDS,
    brief_moves,
    brief_schema,
    brief_verbs,
    draw,
    simple_clauses,
)
from roleplay.prompting.schema import RingKind
from roleplay.prompting.templates import load_templates
from roleplay.setup import Settings, resolve
from roleplay.views import Attempt, Moment
from tests.prompting.game import SEATS, Game, sheet
from tests.prompting.sampling import allows
from tests.strict import strict_problems

SHEETS = resolve(Settings(scenario="august-2017")).sheets
PHASES: list[Phase] = ["council", "act", "speak"]
RINGS = {ring: row.members for s in SHEETS.values() for ring, row in s.rings.items()}
THOUGHT, SAID = "Nobody else reads this thought.", "We speak here and nowhere else in"
TALKS = Moment(1, "talks", "forum", 1)


def tokens(messages: Sequence[Message]) -> float:
    return sum(len(m["content"]) for m in messages) / 3.5


def shown(request: Request) -> list[str]:
    """The moves of the examples."""
    return [m["content"] for m in request.messages if m["role"] == "assistant" and '"moves"' in m["content"]]


class Player:
    """A model that repeats the first example's move, and marks where it speaks."""

    name, context = "smollm2-135m", 4096

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def complete(self, request: Request) -> Reply:
        self.requests.append(request)
        question = request.messages[-1]["content"]
        ring = re.search(r"in ([a-z-]+) with|own room", question)
        place = ring[1] or "own" if ring else re.split(r"\W+", question)[4]
        move = json.loads(shown(request)[0])["moves"][0]
        text = f"{SAID} {request.slot} at {place} ."
        return Reply(json.dumps({"deliberation": f"{THOUGHT} {request.slot}", "moves": [move], "text": text}))

    async def close(self) -> None:
        return None


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[Request]:
    """What a game of three rounds asks, with every seat `model` on a model of 4,096 tokens."""
    player = Player()
    options = Options(out=tmp_path_factory.mktemp("runs"), open_model=lambda spec: player)
    run = play("august-2017", options=options, decide=True, model=player.name, rounds=3)
    assert (run.result.turns, run.result.repairs, run.result.failed_turns) == (len(player.requests), 0, 0)
    return player.requests


def test_no_prompt_comes_near_the_context(asked: list[Request]) -> None:
    assert max(tokens(r.messages) + r.max_tokens for r in asked) < 1300
    assert max(tokens(r.messages[:1]) for r in asked) <= 450
    assert max(tokens(r.messages[1:2]) for r in asked) <= 300
    assert max(tokens(r.messages[-1:]) for r in asked) <= 120


def test_the_system_prompt_of_a_seat_never_changes(asked: list[Request]) -> None:
    for seat in SHEETS:
        assert len({r.messages[0]["content"] for r in asked if r.slot == seat}) == 1


def test_nothing_unreadable_stands_in_a_prompt(asked: list[Request]) -> None:
    for request in asked:
        text = "\n".join(m["content"] for m in request.messages)
        assert THOUGHT not in text
        for seat, place in re.findall(rf"{SAID} ([a-z]+) at ([a-z-]+) ", text):
            assert seat != request.slot
            assert place in ("speak", "council") or request.slot in RINGS[place]
    assert any(SAID in m["content"] for r in asked for m in r.messages)


def test_what_is_offered_follows_from_what_is_open(asked: list[Request]) -> None:
    for request in asked:
        question = request.messages[-1]["content"]
        verbs = question.rsplit("Your move: ", 1)[1].rstrip("?").split(", ")
        if "Open texts" not in question:
            assert not {"accept", "reject", "vote"} & set(verbs)
        for example in shown(request):
            assert json.loads(example)["moves"][0]["kind"] in verbs
            assert allows(request.schema["properties"]["moves"], json.loads(example)["moves"])


@pytest.mark.parametrize("seat", SHEETS)
def test_every_schema_is_strict_and_what_it_allows_is_a_turn(seat: str) -> None:
    role, random = SHEETS[seat], Random(5)
    moments: list[tuple[Phase, RingKind | None, str | None]] = [(p, None, None) for p in PHASES]
    moments += [("talks", row.kind, row.id) for row in role.rings.values()]
    for phase, kind, ring in moments:
        schema = brief_schema(role, phase, kind, ring)
        assert strict_problems(schema) == []
        assert len(json.dumps(schema)) < 12_000
        for _ in range(30):
            move = draw(schema["properties"]["moves"]["items"], random.choice)
            answer = {"deliberation": "We think so.", "moves": [move], "text": "We say what we think about this."}
            turn = read_answer(json.dumps(answer), brief_verbs(role, phase, kind))
            assert isinstance(turn, Turn)
            assert allows(schema, answer)


@pytest.mark.parametrize("seat", SEATS)
def test_a_seat_without_offers_commits_itself(seat: str) -> None:
    role = sheet(seat, withheld=["pay"])
    clauses = simple_clauses(role, "forum")
    assert {c.parties for c in clauses} == {(seat,)}
    assert {c.type for c in clauses} == {"halt", "ease", "talk"}


def test_a_text_is_made_of_the_dossiers_own_offers_in_that_ring() -> None:
    offered = {(c.type, c.object) for c in simple_clauses(SHEETS["prc"], "council")}
    assert offered == {("sanctions_step", "labour"), ("forum", "six_party_talks"), ("statement", "peace_process")}


def test_instruments_that_need_more_than_choices_are_left_out() -> None:
    assert [m["properties"]["instrument"]["enum"] for m in brief_moves(sheet(), "use", None)] == [["rest"]]


def test_every_verb_has_examples_in_the_form_that_is_asked_for() -> None:
    assert set(examples()) == {verb for verbs in KINDS.values() for verb in verbs}
    for example in (e for group in examples().values() for e in group):
        assert re.fullmatch(DELIBERATION, example.deliberation)
        assert re.fullmatch(WORDS, example.text)


@pytest.mark.parametrize("context", [4096, 900, 600])
def test_it_never_asks_more_than_the_context_holds(context: int) -> None:
    noise: Any = "and so on " * 200
    view = Game(speech=lambda *_: noise).open().play(1).view("alpha", TALKS)
    for _ in range(3):
        messages = BriefPrompter(load_templates(), context, 200).messages(view)
        assert tokens(messages) + 200 <= context
        assert messages[0]["role"] == "system"
        view = view.again(Attempt("x" * 5000, "y" * 5000))


def test_a_repair_says_what_was_wrong_and_does_not_show_the_answer_again() -> None:
    view = Game().open().play(1).view("alpha", TALKS)
    prompter = BriefPrompter(load_templates(), 4096, 200, seed=3)
    first = prompter.messages(view)
    second = prompter.messages(view.again(Attempt("<|im_end|> an answer", "no open text <9>")))
    assert first[0] == second[0]
    assert 'could not be used: "no open text \\u003c9>"' in second[-1]["content"]
    assert "an answer" not in json.dumps(second)
