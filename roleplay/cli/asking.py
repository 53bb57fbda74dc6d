"""A move as a person at a terminal gives it: whole in one line, or asked for field by field, each checked at once.

Knows nothing about games or turns, nor where lines come from.
"""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from ..errors import UsageError
from ..seats.drafting import MoveForm
from ..seats.fields import Field

SHORT = 20
"""So many choices are listed at once; of more, a part of the name finds them."""


def parts(text: str) -> list[str]:
    """What was typed after a command, as a shell would take it apart; raises UsageError."""
    try:
        return shlex.split(text)
    except ValueError:
        raise UsageError(f"{text}: a quotation mark is not closed", hint='put "..." around what has one') from None


def named(forms: Mapping[str, MoveForm], name: str) -> MoveForm:
    """The move of this moment that a name, or an unambiguous part of it, means; raises UsageError."""
    found = [form for key, form in forms.items() if key == name or key.split(":")[-1] == name]
    found = found or [form for key, form in forms.items() if key.split(":")[0] == name]
    if len(found) != 1:
        allowed = ", ".join(f.name for f in found or forms.values())
        raise UsageError(f"{name or 'no move'}: {'which of them' if found else 'not a move of this moment'}; {allowed}")
    return found[0]


def read(form: MoveForm, given: Iterable[str]) -> dict[str, list[str]]:
    """What a move needs, out of `name=value` each; raises UsageError."""
    fields = {field.name: field for field in form.fields}
    answers: dict[str, list[str]] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or key not in fields:
            raise UsageError(f"{pair}: write one of {', '.join(fields)} with = and its value")
        answers[key] = value.split(",") if fields[key].kind == "many" else [value]
    return answers


@dataclass(frozen=True)
class Asking:
    """Asks a person, who is told by `say` and answers by `line`."""

    say: Callable[..., None]
    line: Callable[[], Awaitable[str]]

    async def about(self, form: MoveForm) -> dict[str, list[str]]:
        """All that a move needs, field by field; its further terms only where they are wanted."""
        answers: dict[str, list[str]] = {}
        self.say(f"{form.title}. {form.hint}".strip())
        asked = [f for f in form.fields if not f.further]
        for one in asked:
            answers[one.name] = await self._answer(one)
        further = [f for f in form.fields if f.further]
        if further:
            self.say("Further terms (how far, how long, how it is seen)? y, or Enter for none")
            if (await self.line()).lower().startswith("y"):
                for one in further:
                    answers[one.name] = await self._answer(one)
        return answers

    async def _answer(self, one: Field) -> list[str]:
        """The answer to one field, checked at once and asked again until it does; raises UsageError on /cancel."""
        hint = f" ({one.hint})" if one.hint else ""
        end = f" [{one.default}]" if one.default else " [Enter: none]" if one.optional else ""
        self.say(f"{one.label}{hint}?{end}")
        for i, choice in enumerate(one.choices if len(one.choices) <= SHORT else (), 1):
            self.say(f"  {i} {choice.label}" + (f" ({choice.value})" if choice.value != choice.label else ""))
        if len(one.choices) > SHORT:
            self.say(f"  {len(one.choices)} choices: type a part of the name")
        while True:
            line = await self.line()
            if line == "/cancel":
                raise UsageError("the move was not made")
            try:
                return one.read({one.name: self._chosen(one, line or one.default)})
            except UsageError as error:
                self.say(f"! {error.message[:600]}", "red")

    def _chosen(self, one: Field, line: str) -> list[str]:
        if not one.choices:
            return [line]
        return [self._one(one, part.strip()) for part in (line.split(",") if one.kind == "many" else [line])]

    def _one(self, one: Field, text: str) -> str:
        """The choice that a number, a value or a part of a name means."""
        if not text or text in {c.value for c in one.choices}:
            return text
        if text.isdecimal() and 0 < int(text) <= len(one.choices) <= SHORT:
            return one.choices[int(text) - 1].value
        found = [c for c in one.choices if text.lower() in f"{c.label} {c.value}".lower()]
        if len(found) == 1:
            return found[0].value
        raise UsageError(f"'{text}' means {', '.join(c.value for c in found[:SHORT]) or 'none of the choices'}")
