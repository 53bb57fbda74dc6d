"""A scripted model says what it was told to, in order, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from roleplay.errors import CallFailed, ProviderError, UsageError
from roleplay.models import ChatModel, Reply, Request, Usage
from roleplay.models.scripted import ScriptedModel
from tests.faults import FAULTS

Ask = Callable[..., Request]


async def test_text_objects_and_replies_come_back_in_order(ask: Ask) -> None:
    model: ChatModel = ScriptedModel(["one", {"text": "zwei ü"}, Reply("three", usage=Usage(prompt=5))])
    replies = [await model.complete(ask()) for _ in range(3)]
    await model.close()
    assert [reply.text for reply in replies] == ["one", '{"text": "zwei ü"}', "three"]
    assert replies[2].usage.prompt == 5


async def test_what_it_was_asked_can_be_looked_at(ask: Ask) -> None:
    model = ScriptedModel(["a", "b"])
    await model.complete(ask("first", seat="us"))
    await model.complete(ask("second", seat="prc"))
    assert [(r.slot, r.messages[-1]["content"]) for r in model.requests] == [("us", "first"), ("prc", "second")]


async def test_an_error_in_the_script_is_raised_and_the_script_goes_on(ask: Ask) -> None:
    model = ScriptedModel([CallFailed("reset"), "after"])
    with pytest.raises(CallFailed, match="reset"):
        await model.complete(ask())
    assert (await model.complete(ask())).text == "after"


async def test_a_function_may_answer_by_what_is_asked(ask: Ask) -> None:
    model = ScriptedModel(lambda request: request.slot.upper())
    assert (await model.complete(ask(seat="rok"))).text == "ROK"


async def test_a_script_that_runs_out_says_at_which_call(ask: Ask) -> None:
    model = ScriptedModel(["only"])
    await model.complete(ask())
    with pytest.raises(UsageError, match="call 2 has no scripted reply; the script holds 1"):
        await model.complete(ask())


async def test_a_delay_is_waited_for_side_by_side(ask: Ask) -> None:
    model = ScriptedModel(["x"] * 40, delay=(0.05, 0.1), seed=4)
    replies = await asyncio.gather(*(model.complete(ask()) for _ in range(40)))
    assert len({reply.seconds for reply in replies}) > 1
    assert all(reply.seconds >= 0.05 for reply in replies)


@pytest.mark.parametrize("name", FAULTS)
async def test_every_fault_is_a_reply_or_one_of_our_errors(ask: Ask, name: str) -> None:
    model = ScriptedModel([FAULTS[name]()])
    (outcome,) = await asyncio.gather(model.complete(ask()), return_exceptions=True)
    assert isinstance(outcome, (Reply, ProviderError))
