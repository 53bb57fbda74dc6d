"""The mask of a crisis: other names for its countries, places, resolutions, weapons and days, put on and taken off.

A pure pair of functions on text, and on whatever holds texts and ids. Knows nothing about prompts or who is shown what.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Self

from pydantic import model_validator

from ..events import Event, read_event
from ..frozen import Frozen

SHORT = 3
"""Ids with fewer letters are ordinary words too ('us'): in prose they are ids only within a longer one, or quoted."""
REAL_YEARS = range(1945, 2020)
_MONTH = "|".join(month_name[1:])
_BEFORE = "[Ii]n|[Oo]f|[Ss]ince|[Uu]ntil|[Bb]y|[Ff]rom|[Ee]arly|[Ll]ate|[Mm]id|[Ll]ast|[Nn]ext|and|to"
_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d\d-\d\d)\b|\b(?P<day>\d\d?) (?P<month>{_MONTH})\b(?: (?P<year>\d{{4}})\b)?"
    rf"|\b(?P<named>{_MONTH}) (?P<of>\d{{4}})\b|\b(?P<before>{_BEFORE}) (?P<alone>{_MONTH})\b"
    r"|\b(?P<bare>(?:19|20)\d\d)\b"
)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')

Table = Mapping[str, str]


class Mask(Frozen):
    """mask.yaml: what stands for what. Each is used once and no shorter: what fits masked fits unmasked."""

    day: date
    """A real day ..."""
    shown: date
    """... and the day that is shown for it: all days move as far."""
    ids: dict[str, str]
    """Ids, or parts of longer ones: 'us' stands in 'us-council' too."""
    names: dict[str, str]
    """Words of prose, as they are written."""
    tells: tuple[str, ...] = ()
    """Those names by which the crisis itself is known, whoever uses them."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        table = {**self.ids, **self.names}
        if len(set(table.values())) < len(table):
            twice = sorted({v for v in table.values() if list(table.values()).count(v) > 1})
            raise ValueError(f"these stand for more than one thing: {', '.join(twice)}")
        short = [real for real, other in table.items() if len(other) < len(real)]
        if short:
            raise ValueError(f"shorter than what they stand for: {', '.join(table[s] for s in short)}")
        if unknown := [name for name in self.tells if name not in self.names]:
            raise ValueError(f"no names of this mask: {', '.join(unknown)}")
        telling = [other for other in table.values() if self._real.search(other)]
        if telling:
            raise ValueError(f"these hold a real name: {', '.join(telling)}")
        return self

    # --- putting it on -----------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """Prose with stand-ins for names, days and what can only be an id."""
        return self._in_prose.sub(self._stand_in, self._names(self._later(text)))

    def value(self, value: Any) -> Any:
        """The same for whatever holds texts; a text without a blank is taken for an id."""
        match value:
            case str():
                return self.text(value) if " " in value else self._ids(self._names(self._later(value)))
            case Mapping():
                return {self.value(key): self.value(part) for key, part in value.items()}
            case list() | tuple():
                return [self.value(part) for part in value]
        return value

    def event(self, event: Event) -> Event:
        """An event as it is shown."""
        return read_event(self.value(event.model_dump(mode="json")))

    # --- taking it off -----------------------------------------------------------------------------------------------

    def undo(self, text: str) -> str:
        """The real ids and names for the stand-ins in the strings of a JSON text."""
        return _STRING.sub(lambda found: self.undo_prose(found[0]), text)

    def undo_prose(self, text: str) -> str:
        """The same for text alone."""
        return self._back(_DATE.sub(lambda found: self._moved(found, -1), text))

    def named(self, text: str) -> tuple[str, ...]:
        """The real names in a text, as they are written here."""
        return tuple(dict.fromkeys(_words(self.names).findall(text)))

    def told_by(self, text: str) -> bool:
        """Whether a text says, in whatever case, one of the names by which the crisis is known."""
        return re.search(_words(self.tells).pattern, text, re.IGNORECASE) is not None

    # --- parts -------------------------------------------------------------------------------------------------------

    @cached_property
    def _real(self) -> re.Pattern[str]:
        """Any real name or id as a word of its own, in any case."""
        return re.compile(_words({**self.ids, **self.names}).pattern, re.IGNORECASE)

    @cached_property
    def _ids(self) -> Callable[[str], str]:
        return _swap(self.ids)

    @cached_property
    def _names(self) -> Callable[[str], str]:
        return _swap(self.names)

    @cached_property
    def _back(self) -> Callable[[str], str]:
        return _swap({other: real for table in (self.ids, self.names) for real, other in table.items()})

    @cached_property
    def _in_prose(self) -> re.Pattern[str]:
        """Ids that no reader takes for a word: long enough, or next to what joins and quotes ids."""
        long = _any(i for i in self.ids if len(i) >= SHORT)
        short = _any(i for i in self.ids if len(i) < SHORT)
        joined = rf"(?<=[-_/:`'\"])(?:{short})(?![A-Za-z0-9])|(?<![A-Za-z0-9])(?:{short})(?=[-_/`'\"]|:\w)"
        return re.compile(rf"(?<![A-Za-z0-9])(?:{long})(?![A-Za-z0-9])|{joined}")

    def _stand_in(self, found: re.Match[str]) -> str:
        return self.ids[found[0]]

    def _later(self, text: str) -> str:
        return _DATE.sub(lambda found: self._moved(found, 1), text)

    def _moved(self, found: re.Match[str], way: int) -> str:
        """A day, month or year moved on (1) or back (-1); what is no day of the calendar stays."""
        try:
            return self._shifted(found.groupdict(), found[0], way)
        except (ValueError, OverflowError):
            return found[0]

    def _shifted(self, part: Mapping[str, str | None], text: str, way: int) -> str:
        by, here = way * (self.shown - self.day), self.day if way > 0 else self.shown
        if part["iso"]:
            return (date.fromisoformat(part["iso"]) + by).isoformat()
        if part["bare"]:
            bare = int(part["bare"])
            years = bare, bare + way * (self.shown.year - self.day.year)
            return str(years[1]) if years[0 if way > 0 else 1] in REAL_YEARS else text
        month = part["month"] or part["named"] or part["alone"] or ""
        year = part["year"] or part["of"]
        moved = date(int(year or here.year), list(month_name).index(month), int(part["day"] or 15)) + by
        words = [str(moved.day)] if part["day"] else [part["before"]] if part["before"] else []
        return " ".join([*words, month_name[moved.month], *([str(moved.year)] if year else [])])


def _any(words: Iterable[str]) -> str:
    """A pattern for one of these words, the longest that fits; nothing fits where there are none."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"


def _words(table: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?:{_any(table)})(?![A-Za-z0-9])")


def _swap(table: Table) -> Callable[[str], str]:
    pattern = _words(table)
    return lambda text: pattern.sub(lambda found: table[found[0]], text)
