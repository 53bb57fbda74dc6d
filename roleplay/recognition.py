"""Whether a model knows which crisis it plays: it is shown the beginning of a seat's prompt, masked or not, and asked.

What it names is looked for among the real names of the crisis's mask. Knows nothing about how the game goes on.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .crises.mask import Mask
from .errors import UsageError
from .game import Options, create
from .journal import Journal
from .models import ChatModel, Message, Request
from .prompting.templates import load_templates
from .seats.masked import Masked
from .seats.model import ModelSeat, small_context
from .setup import Setup
from .views import Moment, view

FIELDS = ("crisis", "country", "year")
WORDS = "^[A-Za-z0-9 ,.()'-]{2,80}$"
MAX_TOKENS = 160
TEMPERATURE = 0.7
OPENING = Moment(1, "act", None, 0)
"""A moment at which a seat has been told all that it is told before the first move."""


@dataclass(frozen=True)
class Answer:
    """What a model took the crisis for: its words, the real names in them, whether one of them and the year tell it."""

    text: str
    named: tuple[str, ...]
    recognised: bool
    year: bool


@dataclass(frozen=True)
class Recognition:
    """What came of asking one model so many times."""

    scenario: str
    seat: str
    masked: bool
    model: str
    answers: tuple[Answer, ...]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "recognised": sum(a.recognised for a in self.answers), "times": len(self.answers)}

    def in_words(self) -> str:
        """For people."""
        found = self.as_dict()
        where = f"{self.seat} in {self.scenario}, {'behind the mask' if self.masked else 'without a mask'}"
        head = f"{self.model} as {where}: recognised {found['recognised']} of {found['times']}"
        return "\n".join([head, *(f"- {a.text} [{', '.join(a.named) or 'no real name'}]" for a in self.answers)])


async def recognise(setup: Setup, seat: str, model: ChatModel, times: int = 1) -> Recognition:
    """Ask `model` which crisis it is; the mask that hides it, and tells what to look for, is the crisis's own."""
    if setup.crisis.get("mask") is None:
        raise UsageError(f"crisis '{setup.crisis['file']['id']}' has no mask.yaml, and so no names to look for")  # type: ignore[index]
    mask, shown = Mask.model_validate(setup.crisis["mask"]), setup.settings.mask
    messages = _prompt(setup, seat, model, mask if shown else None)
    text = {"type": "string", "pattern": WORDS}
    schema = {
        "type": "object", "properties": dict.fromkeys(FIELDS, text), "required": list(FIELDS),
        "additionalProperties": False,
    }  # fmt: skip
    replies = [
        await model.complete(Request(messages, schema, seat, MAX_TOKENS, TEMPERATURE, seed=setup.settings.seed + n))
        for n in range(times)
    ]
    answers = tuple(_judged(reply.text or reply.refusal or "", mask) for reply in replies)
    return Recognition(setup.scenario.id, seat, shown, model.name, answers)


def _prompt(setup: Setup, seat: str, model: ChatModel, mask: Mask | None) -> Sequence[Message]:
    """What the seat is sent before its first move, with another question at its end."""
    with tempfile.TemporaryDirectory() as out:
        folder = create(setup, Options(out=Path(out)))
        with Journal.open(folder) as journal:
            seen = view(journal.events, seat, OPENING)
    driver = ModelSeat(model, brief=small_context(model))
    told = driver.ask(Masked(driver, mask).masked(seen) if mask else seen).messages[:-1]
    return [*told, {"role": "user", "content": load_templates().render("recognise.j2", {})}]


def _judged(text: str, mask: Mask) -> Answer:
    """What is real in an answer; the text as one line."""
    year = re.search(rf"\b{mask.day.year}\b", text) is not None
    return Answer(" ".join(text.split()), mask.named(text), mask.told_by(text), year)
