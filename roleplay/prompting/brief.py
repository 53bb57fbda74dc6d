"""A seat's prompt for a model with a small context: who it is, three lines of news, what was heard last, one question.

Made from a `SeatView` and nothing else. Two examples of legal answers, drawn by the seed, stand before the question.
Knows nothing about models, nor about what an answer is worth.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from random import Random

from pydantic import Field, RootModel

from ..events import Inject, Moved, Spoken
from ..frozen import Frozen
from ..ledger import Proposal
from ..loading import load_model
from ..models import Message, message
from ..moves import Use
from ..personas.models import Item
from ..resources import find_file
from ..views import SeatView
from .ablation import ablated, dossier
from .brief_schema import DELIBERATION, NUMBERS, WORDS, brief_moves, brief_schema, brief_verbs, draw, usable
from .fence import encode
from .lines import excerpt, name_of
from .options import Options
from .parts import Schema
from .prompt import ring_kind
from .state import indicators
from .templates import Templates

FILE = "brief.yaml"
CHARACTERS = 3.5
"""Characters a token; fewer than for a large model, whose words are longer."""
PER_MESSAGE = 8
"""Tokens that the chat format adds to a message."""
SHOTS = 2
ITEMS = 3
ITEM, DIRECTIVE, SAID, NEWS, STATE = 110, 90, 110, 140, 150
"""Characters shown of an item of the dossier, an instruction, a speech, some news, a line of the state of play."""
HEARD = 3
TEXTS = 4
NAMES = 360
PROBLEM = 200
NUMBERED = ("accept", "reject", "vote")
"""Moves that name a text."""


class Example(Frozen):
    """Words that go with one kind of move, whatever it is about."""

    deliberation: str = Field(pattern=DELIBERATION)
    text: str = Field(pattern=WORDS)


class Examples(RootModel[dict[str, tuple[Example, ...]]]):
    """Examples by kind of move."""


@cache
def examples() -> Mapping[str, tuple[Example, ...]]:
    """The examples that came with the program."""
    return load_model(find_file("prompts", FILE, ours=True), Examples).root


class BriefPrompter:
    """Makes short prompts of views, never longer than `context` tokens leave room for beside an answer of `answer`."""

    def __init__(self, templates: Templates, context: int, answer: int, seed: int = 0) -> None:
        self._templates = templates
        self._room = context - answer
        self._seed = seed

    def messages(self, view: SeatView) -> list[Message]:
        """The messages that ask for this turn; where they do not fit, examples go first, then what was heard.

        After an answer that could not be used the question says why, and other examples are drawn. The answer itself is
        not shown again: a small model repeats it.
        """
        view = ablated(view)
        system, question = self._system(view), self._question(view)
        heard = self._heard(view)
        shots = [self._shot(view, verb, n) for n, verb in enumerate(self._verbs_shown(view))]
        while self._size([system, *heard, *_flat(shots), question]) > self._room:
            if shots:
                shots.pop(0)
            elif heard:
                heard = []
            else:
                over = self._size([system, question]) - self._room
                left = len(system["content"]) - int(over * CHARACTERS) - 8
                return [message("system", excerpt(system["content"], max(left, 0))), question]
        return [system, *heard, *_flat(shots), question]

    def schema(self, view: SeatView) -> Schema:
        """The schema of this turn's answer: the same for the same phase and ring all game long."""
        phase, ring = view.moment.phase, view.moment.ring
        return view.once(("schema", phase, ring), lambda: brief_schema(view.sheet, phase, ring_kind(view), ring))

    def _size(self, messages: Iterable[Message]) -> float:
        return sum(len(m["content"]) / CHARACTERS + PER_MESSAGE for m in messages)

    # --- parts -------------------------------------------------------------------------------------------------------

    def _system(self, view: SeatView) -> Message:
        persona, strategy = dossier(view.sheet), view.sheet.strategy
        wants = sorted(persona.interests, key=lambda item: item.rank)[:ITEMS]
        tools = ", ".join(row.id for row in view.sheet.instruments.values() if usable(row))
        values = {
            "name": view.run.seats.get(view.seat, persona.name),
            "seat": view.seat,
            "notice": view.run.notice,
            "wants": [_item(item) for item in wants],
            "refuses": [_item(item) for item in persona.red_lines[:ITEMS]],
            "directives": [excerpt(text, DIRECTIVE) for text in strategy.directives[:ITEMS]],
            "instruments": excerpt(tools, NAMES),
        }
        return message("system", self._templates.render("system_brief.j2", values))

    def _heard(self, view: SeatView) -> list[Message]:
        """The digest and the last words of others, as data with a receipt: not next to what the model writes."""
        past = () if "no-history" in view.sheet.strategy.ablate else self._digest(view)
        lines = [*past, *self._said(view)]
        if not lines:
            return []
        text = self._templates.render("heard_brief.j2", {"lines": [encode(line) for line in lines]})
        return [message("user", text), message("assistant", "{}")]

    def _digest(self, view: SeatView) -> Iterable[Mapping[str, str]]:
        sheet = view.sheet
        levels = [f"{name} {value}" for name, value in indicators(sheet, view.world).items() if " " not in name]
        if levels:
            yield {"state": excerpt(", ".join(levels[:ITEMS]), STATE)}
        agreed = [f"{e.commitment.type} of {e.commitment.object}" for e in view.ledger.in_force() if e.round > 0]
        used = [
            f"{name_of(e.seat or '', sheet)} {e.move.instrument}"
            for e in view.events
            if isinstance(e, Moved) and isinstance(e.move, Use) and e.round >= view.moment.round - 1
        ]
        notes = [f"agreed: {', '.join(agreed[-ITEMS:])}"] if agreed else []
        notes += [f"done: {', '.join(used[-ITEMS:])}"] if used else []
        if notes:
            yield {"so far": excerpt("; ".join(notes), STATE)}
        news = [e for e in view.events if isinstance(e, Inject)]
        if news:
            yield {"news": excerpt(news[-1].text, NEWS) + news[-1].mark}

    def _said(self, view: SeatView) -> list[Mapping[str, str]]:
        """The last speeches of others in this ring and round; where all move at once, the last public ones."""
        m = view.moment
        ring = view.table
        spoken = [e for e in view.events if isinstance(e, Spoken) and e.text and e.seat != view.seat]
        here = [
            e for e in spoken
            if (e.round == m.round and e.ring == ring if ring else e.phase == "speak" and e.round == m.round - 1)
        ]  # fmt: skip
        return [{"by": e.seat or "", "said": excerpt(e.text, SAID)} for e in here[-HEARD:]]

    def _question(self, view: SeatView) -> Message:
        m, sheet = view.moment, view.sheet
        ring = sheet.rings[m.ring] if m.ring else None
        texts = self._texts(view)
        values = {
            "round": m.round,
            "rounds": view.run.rounds,
            "phase": m.phase,
            "ring": ring.id if ring else "",
            "own": ring is not None and ring.kind == "own",
            "others": [s for s in ring.members if s != view.seat] if ring else [],
            "texts": [encode(_told(p, view)) for p in texts],
            "verbs": self._verbs_now(view, texts),
            "reflect": "reflect-first" in sheet.strategy.ablate,
            "problem": excerpt(view.attempts[-1].problem, PROBLEM) if view.attempts else "",
        }
        return message("user", self._templates.render("question_brief.j2", values))

    # --- what can be done now ----------------------------------------------------------------------------------------

    def _texts(self, view: SeatView) -> list[Proposal]:
        """Open texts before the seat whose number a short answer can name."""
        return [p for p in Options.of_view(view).texts if p.number <= NUMBERS][-TEXTS:]

    def _verbs_now(self, view: SeatView, texts: list[Proposal]) -> dict[str, str]:
        """Verb -> the numbers or rings it can name now ('' for anything); those with none are left out."""
        fresh = ", ".join(str(p.number) for p in texts if view.seat not in p.accepted)
        numbers = ", ".join(str(p.number) for p in texts)
        needs = {"accept": fresh, "reject": numbers, "vote": numbers, "open": ", ".join(self._closed(view))}
        offered = brief_verbs(view.sheet, view.moment.phase, ring_kind(view))
        possible = [v for v in offered if brief_moves(view.sheet, v, view.moment.ring)]
        return {verb: needs.get(verb, "") for verb in possible if needs.get(verb, "any")}

    def _closed(self, view: SeatView) -> list[str]:
        """Rings with other members that do not meet and whose opening this seat has not asked for yet."""
        closed, states = Options.of_view(view).closed_rings, view.world.rings
        return [r for r in closed if r not in states or view.seat not in states[r].offered_by]

    # --- examples ----------------------------------------------------------------------------------------

    def _random(self, view: SeatView, what: str) -> Random:
        m = view.moment
        return Random(f"{self._seed}|{m.round}|{m.phase}|{m.ring}|{m.turn}|{view.seat}|{len(view.attempts)}|{what}")

    def _verbs_shown(self, view: SeatView) -> list[str]:
        """The kinds of move of the examples: two that are possible now, or the only one.

        Where texts are open one of the two names a text, so that a number stands before the model that it can copy.
        """
        verbs = list(self._verbs_now(view, self._texts(view)))
        random = self._random(view, "verbs")
        random.shuffle(verbs)
        numbered = [verb for verb in verbs if verb in NUMBERED][:1]
        shown = [*numbered, *(verb for verb in verbs if verb not in numbered)][:SHOTS]
        random.shuffle(shown)
        return shown

    def _shot(self, view: SeatView, verb: str, n: int) -> tuple[Message, Message]:
        random = self._random(view, f"example {n}")
        texts = self._texts(view)
        move = draw(random.choice(brief_moves(view.sheet, verb, view.moment.ring)), random.choice)
        numbers = [p.number for p in texts if verb != "accept" or view.seat not in p.accepted]
        if "number" in move:
            move["number"] = random.choice(numbers)
        if verb == "open":
            move["ring"] = random.choice(self._closed(view))
        words = random.choice(examples()[verb])
        answer = {"deliberation": words.deliberation, "moves": [move], "text": words.text}
        asked = f"Your move: {', '.join(self._verbs_now(view, texts))}?"
        return message("user", asked), message("assistant", json.dumps(answer, separators=(",", ":")))


def _item(item: Item) -> str:
    """An item of the dossier, said to be unverified where it is."""
    return excerpt(item.text, ITEM) + (" (unverified)" if item.status == "unverified" else "")


def _told(text: Proposal, view: SeatView) -> Mapping[str, object]:
    clauses = ", ".join(f"{c.type} of {c.object}" for c in text.commitments[:2])
    return {"text": text.number, "by": name_of(text.by, view.sheet), "says": excerpt(clauses, ITEM)}


def _flat(pairs: Iterable[tuple[Message, Message]]) -> list[Message]:
    return [each for pair in pairs for each in pair]
