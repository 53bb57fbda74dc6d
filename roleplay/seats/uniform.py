"""The random floor: a legal move drawn with no aim at all, first its verb, then everything in it. Knows no dossier.

What can be said is what a model in the same place may answer; what that leaves open, the number of a text say, is drawn
from what there is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from ..moves import Pass, read_move
from ..prompting.parts import Schema
from ..prompting.prompt import ring_kind
from ..prompting.schema import turn_schema
from .legal import legal, verbs
from .reading import Choice, Reading

T = TypeVar("T")
WHY = "Drawn at random among legal moves."
TRIES = 8
"""How often a verb is filled in before another is drawn."""
MOST = 3
"""Entries of a list, at most."""
WORDS = {"phrase": "a window that is open", "detail": "4 weeks"}
"""What stands where a schema asks for words of a form."""


class Dice:
    """Named draws of one turn: each question asked has a number of its own."""

    def __init__(self, r: Reading) -> None:
        self.r = r
        self._asked = 0

    def share(self) -> float:
        self._asked += 1
        return self.r.draw(f"uniform-{self._asked}")

    def one(self, options: Sequence[T]) -> T:
        return options[int(self.share() * len(options))]

    def some(self, options: Sequence[T], least: int, most: int) -> list[T]:
        """So many different options, in their order."""
        count = least + int(self.share() * (min(most, len(options)) - least + 1))
        ranked = sorted(range(len(options)), key=lambda i: self.share())
        return [options[i] for i in sorted(ranked[:count])]


def anything(r: Reading) -> list[Choice]:
    """One legal move; verbs that can be filled in are equally likely."""
    dice, view = Dice(r), r.view
    schema = turn_schema(view.sheet, view.moment.phase, ring_kind(view))
    left = list(verbs(view))
    while left:
        verb = dice.one(left)
        left.remove(verb)
        forms = [form for form in _forms(schema) if form["properties"]["kind"]["enum"] == [verb]]
        for _ in range(TRIES if forms else 0):
            try:
                move = read_move(_filled(dice, "", dice.one(forms), schema.get("$defs", {})))
            except ValidationError:
                continue
            if legal(view, move):
                return [Choice(move, WHY)]
    return [Choice(Pass(), WHY)]


def _forms(schema: Schema) -> list[Schema]:
    items: Schema = schema["properties"]["moves"]["items"]
    return list(items.get("anyOf", [items]))


def _filled(dice: Dice, name: str, schema: Schema, shared: Schema) -> Any:
    """One value that a schema allows for the field `name`; `shared` are the definitions that it refers to."""
    if "$ref" in schema:
        return _filled(dice, name, shared[schema["$ref"].removeprefix("#/$defs/")], shared)
    if "anyOf" in schema:
        return _filled(dice, name, dice.one(schema["anyOf"]), shared)
    if "enum" in schema:
        return dice.one(schema["enum"])
    match schema["type"]:
        case "object":
            return {key: _filled(dice, key, part, shared) for key, part in schema["properties"].items()}
        case "array" if "enum" in schema["items"]:
            return dice.some(schema["items"]["enum"], schema["minItems"], min(schema["maxItems"], MOST))
        case "array":
            count = schema["minItems"] + int(dice.share() * MOST)
            return [_filled(dice, name, schema["items"], shared) for _ in range(min(count, schema["maxItems"]))]
        case "boolean":
            return dice.share() < 0.5
        case "integer" if name != "number":
            return schema["minimum"] + int(dice.share() * (schema["maximum"] - schema["minimum"] + 1))
        case "integer":
            return dice.one(_numbers(dice.r) or [schema["minimum"]])
    bound = [entry.id for entry in dice.r.view.ledger.in_force(dice.r.me)] if name == "commitment" else []
    return dice.one(bound or ["" if re.search(schema["pattern"], "") else WORDS.get(name, "as stated")])


def _numbers(r: Reading) -> list[int]:
    """Texts that a move can be about: those before the seat, or any that it knows of, and the ring itself."""
    table, ledger = r.view.table, r.view.ledger
    return [p.number for p in ledger.open_in(table)] if table else [0, *sorted({n for _, n in ledger.proposals})]
