"""A seat's history is appended to, and what is old becomes a digest once and for all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest

from roleplay.models import Message
from roleplay.prompting.history import ROUNDS_KEPT
from roleplay.prompting.prompt import Prompter
from roleplay.prompting.templates import load_templates
from roleplay.views import Moment, SeatView
from tests.prompting.game import SEATS, Game

BUDGETS = [200, 2500, 1_000_000]


def _prompter(budget: int = 1_000_000) -> Prompter:
    return Prompter(load_templates(), budget)


def _views(rounds: int, seat: str) -> Iterator[SeatView]:
    game = Game().open()
    for number in range(1, rounds + 1):
        for at, moment in game.turns(number):
            if at == seat:
                yield game.view(seat, moment)


def _past(messages: list[Message]) -> list[str]:
    """The contents of all messages but the question."""
    return [m["content"] for m in messages[:-1]]


def _digests(messages: list[Message]) -> list[str]:
    return [text for text in _past(messages) if text.startswith("Rounds ")]


@pytest.mark.parametrize("seat", SEATS)
@pytest.mark.parametrize("budget", BUDGETS)
def test_a_prompt_goes_on_from_the_one_before_unless_a_digest_was_made(seat: str, budget: int) -> None:
    prompter = _prompter(budget)
    prompts = [prompter.messages(view) for view in _views(9, seat)]
    for before, after in pairwise(prompts):
        if _digests(before) == _digests(after):
            assert _past(after)[: len(_past(before))] == _past(before)


@pytest.mark.parametrize("budget", BUDGETS)
def test_a_digest_is_never_rewritten(budget: int) -> None:
    prompter = _prompter(budget)
    digests = [_digests(prompter.messages(view)) for view in _views(12, "alpha")]
    assert len(digests[-1]) >= 3
    for before, after in pairwise(digests):
        assert after[: len(before)] == before


@pytest.mark.parametrize("budget", BUDGETS)
def test_the_same_view_gives_the_same_prompt_whatever_was_asked_before(budget: int) -> None:
    views = list(_views(8, "alpha"))
    in_order, shuffled = _prompter(budget), _prompter(budget)
    expected = [in_order.messages(view) for view in views]
    for n in Random(3).sample(range(len(views)), len(views)):
        assert shuffled.messages(views[n]) == expected[n]
        assert _prompter(budget).messages(views[n]) == expected[n]


def test_several_rounds_at_once_become_a_digest_when_too_many_stand_in_full() -> None:
    last = list(_views(ROUNDS_KEPT + 2, "alpha"))[-1]
    text = _past(_prompter().messages(last))
    assert _digests(_prompter().messages(last))[0].startswith(f"Rounds 1 to {ROUNDS_KEPT} in short")
    assert not any(part.startswith("Round 2,") for part in text)
    assert any(part.startswith(f"Round {ROUNDS_KEPT + 1},") for part in text)


def test_beyond_the_budget_only_the_last_round_stands_in_full() -> None:
    last = list(_views(4, "alpha"))[-1]
    full = [text for text in _past(_prompter(200).messages(last)) if text.startswith("Round ")]
    assert sorted({int(text.split()[1].strip(",")) for text in full}) == [0, 3, 4]


def test_the_opening_is_never_digested() -> None:
    for view in list(_views(9, "bravo"))[-3:]:
        assert any(text.startswith("Round 0, setup") for text in _past(_prompter(200).messages(view)))


def test_a_prompt_of_round_twelve_is_hardly_longer_than_one_of_round_three() -> None:
    prompter = _prompter(8000)
    sizes: dict[int, list[int]] = {}
    for view in _views(12, "alpha"):
        size = len(json.dumps(prompter.schema(view))) + sum(len(m["content"]) for m in prompter.messages(view))
        sizes.setdefault(view.moment.round, []).append(size)
    assert sum(sizes[12]) < 1.5 * sum(sizes[3])


def _shared(text: str, earlier: str) -> int:
    """Length of the common beginning."""
    low, high = 0, min(len(text), len(earlier))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text[:middle] == earlier[:middle] else (low, middle - 1)
    return low


def _repeated(texts: list[str]) -> float:
    """Share of all characters that repeat the beginning of an earlier text: what a prefix cache can save."""
    found = sum(max((_shared(t, e) for e in texts[:n]), default=0) for n, t in enumerate(texts))
    return found / sum(map(len, texts))


def test_most_of_a_prompt_is_a_repeated_prefix_whether_or_not_the_schema_comes_first() -> None:
    prompter = Prompter(load_templates(), 12_000)
    prompts, with_schema = [], []
    for view in _views(6, "alpha"):
        prompts.append(json.dumps(prompter.messages(view)))
        with_schema.append(json.dumps(prompter.schema(view)) + prompts[-1])
    assert _repeated(prompts) > 0.85
    assert _repeated(with_schema) > 0.85


def test_a_digest_keeps_what_later_decisions_hang_on() -> None:
    last = list(_views(6, "alpha"))[-1]
    digest = _digests(_prompter().messages(last))[0]
    for piece in (
        '"news":["News 2: fog."]', "alpha-bravo/2 by you, bound: bravo halt of drills", "forum/2 by you, lapsed",
        "forum/3 by you, open", "bravo: patrol (area north, ships 2", "you, leader: firm, calm", '"said":{"you"',
        '"indicators then":{"tension":43',
    ):  # fmt: skip
        assert piece in digest, piece


def test_games_of_the_same_secret_are_told_apart() -> None:
    """A branch has its parent's secret, so that the same id may name different events."""
    prompter = _prompter()
    parent = Game().open().play(2)
    branch = Game(speech=lambda seat, ring, round: f"{seat} now says something else.").open().play(2)
    assert [e.id for e in parent.events] == [e.id for e in branch.events]
    moment = Moment(2, "talks", "forum", 1)
    first = prompter.messages(parent.view("alpha", moment))
    second = prompter.messages(branch.view("alpha", moment))
    assert first != second
    assert prompter.messages(parent.view("alpha", moment)) == first
    assert _prompter().messages(branch.view("alpha", moment)) == second
