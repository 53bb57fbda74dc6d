"""A voice: a baseline chooses the moves, a model adds the sentence that goes with them. Knows no backend.

Built for a model that can word a move but cannot choose one, so what is decided is said by template and never left to
the model: the model's sentence begins with words that fit the move and says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Self

from pydantic import Field, RootModel, StringConstraints, ValidationError, model_validator

from ..events import Spoken
from ..frozen import Frozen
from ..loading import load_model
from ..models import ChatModel, Message, Reply, Request, message
from ..moves import Turn
from ..prompting.lines import excerpt
from ..prompting.parts import Schema, pattern, record
from ..prompting.templates import Templates, load_templates
from ..resources import find_file
from ..views import SeatView
from . import BadReply, unusable
from .baseline import Baseline
from .reading import Choice, Reading
from .wording import Wording, choice_key

FILE = "voice.yaml"
MAX_TOKENS = 120
TEMPERATURE = 0.5
"""Lower than for play: at 0.7 a 135M model leaves the subject twice as often."""
HEARD = 2
HEARD_LIMIT = 110
"""Speeches shown, and characters shown of each: a small model reads its own text back and decays."""
DECIDED_LIMIT = 200
"""Characters shown of what was decided: a small model loses its way in a list of clauses."""
TERMS = 5
REASONING = "[A-Z][A-Za-z ,']{9,79}\\."
START = "[a-z][A-Za-z ']{9,59}"
REST = "([ ,][A-Za-z ,']{0,60})?\\."
"""Letters, commas and apostrophes only: no figure, no second sentence."""


class Example(Frozen):
    """An earlier turn that the model is shown: what was decided, and good words for it."""

    decided: str
    reason: str = Field(pattern=f"^{REASONING}$")
    words: str


class Manner(Frozen):
    """How one kind of move is worded: the words that open its sentence, ways to go on, and examples.

    Left to itself a 135M model makes sense every other time; after a start of ours it nearly always does.
    """

    opening: str = Field(pattern="^[A-Z][A-Za-z ']+$")
    starts: tuple[Annotated[str, StringConstraints(pattern=f"^{START}$")], ...] = Field(min_length=2)
    examples: tuple[Example, ...] = Field(min_length=2)

    @property
    def pattern(self) -> str:
        """The sentence that the model may write, as a regular expression without its ends."""
        return f"{self.opening} ({'|'.join(self.starts)}){REST}"

    @model_validator(mode="after")
    def _fit(self) -> Self:
        for example in self.examples:
            if not re.fullmatch(self.pattern, f"{self.opening} {example.words}"):
                raise ValueError(f"'{example.words}' begins with none of the starts, or goes on for too long")
        return self


class Manners(RootModel[dict[str, Manner]]):
    """The manners by kind of move; `other` is for what has none."""


class Words(Frozen):
    """What the model is asked for."""

    reasoning: str
    speech: str


@cache
def manners() -> Mapping[str, Manner]:
    """The manners that came with the program."""
    return load_model(find_file("prompts", FILE, ours=True), Manners).root


@dataclass(frozen=True)
class Cue:
    """What is to be worded: the choices, the same in template words, and the manner that fits the first of them."""

    choices: list[Choice]
    turn: Turn
    manner: Manner


class Voice:
    """Plays a seat as `baseline` does, in the words of `model`."""

    def __init__(self, baseline: Baseline, model: ChatModel, seed: int = 0, templates: Templates | None = None) -> None:
        self.model = model
        self._baseline = baseline
        self._seed = seed
        self._templates = templates or load_templates()

    def ask(self, view: SeatView) -> Request | None:
        """What to send: the seat's unchanging prompt, what was heard, examples, the decision; None without words."""
        cue = self._cue(view)
        if not cue.turn.text:
            return None
        fixed = [*self._catalogue(), *self._seat(view)]
        messages = [*fixed, *self._example(view, cue), self._question(cue)]
        for attempt in view.attempts:
            messages += [message("assistant", attempt.reply), self._question(cue, attempt.problem)]
        return Request(
            messages, _schema(cue), slot=view.seat, max_tokens=MAX_TOKENS, temperature=TEMPERATURE,
            seed=int(self._draw(view, f"voice-{len(view.attempts)}") * 2**31), fixed=len(fixed),
        )  # fmt: skip

    def read(self, view: SeatView, reply: Reply | None) -> Turn | BadReply:
        """The baseline's turn with the model's sentence after the template's; its reasoning after the policy's."""
        cue = self._cue(view)
        if reply is None:
            return cue.turn
        words = _words(reply, cue)
        if isinstance(words, BadReply):
            return words
        deliberation = f"{cue.turn.deliberation} {words.reasoning}"
        return cue.turn.model_copy(update={"deliberation": deliberation, "text": f"{cue.turn.text} {words.speech}"})

    def _cue(self, view: SeatView) -> Cue:
        choices = self._baseline.choose(view)
        known = manners()
        spoken = [key for key in map(choice_key, choices) if key not in ("pass", "")]
        key = spoken[0] if spoken else ""
        manner = known.get(key) or known.get(key.split("-")[0]) or known["other"]
        return Cue(choices, Wording(view).turn(choices), manner)

    def _catalogue(self) -> list[Message]:
        """What is the same for all seats, and so computed once for all of them: the task, an example of each manner."""
        shots = [m for manner in manners().values() for m in self._shot(manner.examples[0], manner)]
        return [message("system", self._templates.render("voice-system.j2", {})), *shots]

    def _seat(self, view: SeatView) -> list[Message]:
        """Who speaks, with a receipt."""
        persona, strategy = view.sheet.persona, view.sheet.strategy
        values = {
            "name": view.run.seats.get(view.seat, persona.name),
            "terms": [item.text for item in persona.language if item.status != "unverified"][:TERMS],
            "directives": strategy.directives,
        }
        return [message("user", self._templates.render("voice-seat.j2", values)), message("assistant", "{}")]

    def _heard(self, view: SeatView) -> str:
        """The last speeches of others here, as data."""
        m = view.moment
        said = [
            {view.run.seats.get(e.seat or "", ""): excerpt(e.text, HEARD_LIMIT)}
            for e in view.events
            if isinstance(e, Spoken) and e.text and e.seat != view.seat and (e.phase, e.ring) == (m.phase, m.ring)
        ]
        return self._templates.render("voice-heard.j2", {"heard": said[-HEARD:]}) if said else ""

    def _example(self, view: SeatView, cue: Cue) -> list[Message]:
        """One more example of this manner, drawn so that a game does not repeat one phrase.

        What was heard stands before it, and so not next to the sentence that the model writes.
        """
        options = cue.manner.examples[1:]
        return self._shot(options[int(self._draw(view, "examples") * len(options))], cue.manner, self._heard(view))

    def _shot(self, example: Example, manner: Manner, heard: str = "") -> list[Message]:
        """An example as an earlier turn, its answer without blanks, as the grammar has the model write."""
        answer = {"reasoning": example.reason, "speech": f"{manner.opening} {example.words}"}
        asked = "\n".join(filter(None, [heard, self._decision(example.decided, manner)]))
        return [message("user", asked), message("assistant", json.dumps(answer, separators=(",", ":")))]

    def _question(self, cue: Cue, problem: str = "") -> Message:
        if not problem:
            return message("user", self._decision(cue.turn.text, cue.manner))
        values = {"problem": problem, "decided": excerpt(cue.turn.text, DECIDED_LIMIT), "opening": cue.manner.opening}
        return message("user", self._templates.render("voice-repair.j2", values))

    def _decision(self, decided: str, manner: Manner) -> str:
        values = {"decided": excerpt(decided, DECIDED_LIMIT), "opening": manner.opening}
        return self._templates.render("voice-ask.j2", values)

    def _draw(self, view: SeatView, name: str) -> float:
        return Reading(view, self._baseline.profile, self._seed, self._baseline.variant).draw(name)


def _schema(cue: Cue) -> Schema:
    return record(reasoning=pattern(f"^{REASONING}$"), speech=pattern(f"^{cue.manner.pattern}$"))


def _words(reply: Reply, cue: Cue) -> Words | BadReply:
    """The model's words, or what is wrong with them: a grammar that a backend does not honour is checked here again."""
    if bad := unusable(reply):
        return bad
    try:
        words = Words.model_validate_json(reply.text)
    except ValidationError as error:
        return BadReply("malformed", f"the answer is not the JSON asked for: {error.errors()[0]['msg']}")
    wanted = {"reasoning": (words.reasoning, REASONING), "speech": (words.speech, cue.manner.pattern)}
    for name, (text, allowed) in wanted.items():
        if not re.fullmatch(allowed, text):
            return BadReply("malformed", f"{name}: one sentence of letters and commas, as in the examples")
    return words
