"""Whether a model knows which crisis it plays: it is shown the beginning of a seat's prompt, masked or not, and asked.

What it names is looked for among the real names of the crisis's mask. Knows nothing about how the game goes on.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .crises.mask import Mask
from .errors import UsageError
from .game import Options, create
from .journal import Journal
from .models import ChatModel, Message, Request
from .prompting.parts import pattern, record
from .prompting.templates import load_templates
from .resources import unknown
from .seats.masked import Masked
from .seats.model import ModelSeat, small_context
from .setup import Setup
from .views import Moment, view

MAX_TOKENS = 160
WORDS = pattern("^[A-Za-z0-9 ,.()'-]{2,80}$")
SCHEMA = record(crisis=WORDS, country=WORDS, year=WORDS)
OPENING = Moment(1, "act", None, 0)
"""A moment at which a seat has been told all that it is told before the first move."""


@dataclass(frozen=True)
class Answer:
    """What a model took the crisis for: its words, the real names in them, whether one of them and the year tell it."""

    text: str
    named: tuple[str, ...]
    recognised: bool
    year: bool


async def recognise(setup: Setup, seat: str, model: ChatModel, times: int = 1) -> list[Answer]:
    """Ask `model` so often which crisis it is; the crisis's mask, on or off, says what to look for."""
    if seat not in setup.plans:
        raise unknown("seat", seat, setup.plans)
    if setup.crisis.get("mask") is None:
        raise UsageError(f"the crisis of {setup.scenario.id} has no mask.yaml, and so no names to look for")
    mask = Mask.model_validate(setup.crisis["mask"])
    messages = _prompt(setup, seat, model, mask)
    asked = (Request(messages, SCHEMA, seat, MAX_TOKENS, seed=setup.settings.seed + n) for n in range(times))
    return [_judged((await model.complete(request)).text, mask) for request in asked]


def _prompt(setup: Setup, seat: str, model: ChatModel, mask: Mask) -> list[Message]:
    """What the seat is sent before its first move, with another question at its end."""
    with tempfile.TemporaryDirectory() as out:
        folder = create(setup, Options(out=Path(out)))
        with Journal.open(folder) as journal:
            seen = view(journal.events, seat, OPENING)
    driver = ModelSeat(model, brief=small_context(model))
    told = driver.ask(Masked(driver, mask).masked(seen) if setup.settings.mask else seen).messages[:-1]
    return [*told, {"role": "user", "content": load_templates().render("recognise.j2", {})}]


def _judged(text: str, mask: Mask) -> Answer:
    """What is real in an answer; the text as one line."""
    year = re.search(rf"\b{mask.day.year}\b", text) is not None
    return Answer(" ".join(text.split()), mask.named(text), mask.told_by(text), year)
