"""Display names of everything that events mention by id, as far as the readable events give them.

Knows nothing about how events are worded or laid out; where no name is known an id stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..crises import Crisis
from ..events import PUBLIC, Event, Role, Run

_VOCABULARY = ("rings", "instruments", "types", "objects", "lines", "indicators")


@dataclass
class Names:
    """Names by id. `add` takes in one event, so that a live display can learn them as it goes."""

    seats: dict[str, str] = field(default_factory=dict)
    rings: dict[str, str] = field(default_factory=dict)
    instruments: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    indicators: dict[str, str] = field(default_factory=dict)
    posts: dict[tuple[str, str], str] = field(default_factory=dict)
    """(seat, post) -> title: each government has posts of its own."""

    @staticmethod
    def of(events: Iterable[Event]) -> Names:
        """The names that these events hold: the run's seats, rings and words, and those of role sheets."""
        names = Names()
        for event in events:
            names.add(event)
        return names

    @staticmethod
    def of_crisis(crisis: Crisis | None) -> Names:
        """The names of everything that a crisis knows; without one, ids stand for themselves."""
        names = Names(seats={id: row.name for id, row in crisis.seats.items()} if crisis else {})
        for kind in _VOCABULARY if crisis else ():
            getattr(names, kind).update({id: row.title for id, row in getattr(crisis, kind).items()})
        return names

    def add_vocabulary(self, data: Mapping[str, Any]) -> None:
        """Take in the titles of a crisis's or a role sheet's rows."""
        for name in _VOCABULARY:
            getattr(self, name).update(_titles(data.get(name)))

    def add(self, event: Event) -> None:
        """Take in the names of a set-up event; other kinds hold none."""
        match event:
            case Run():
                self.seats.update(event.seats)
                self.rings.update(event.rings)
                self.add_vocabulary(event.names)
            case Role(role=sheet):
                self.add_vocabulary(sheet)
                persona = sheet.get("persona")
                if isinstance(persona, Mapping) and event.seat:
                    self.posts.update({(event.seat, id): title for id, title in _titles(persona.get("posts"))})
            case _:
                pass

    def seat(self, id: str) -> str:
        """A government's name; 'the public' for the reader that stands for everyone."""
        return "the public" if id == PUBLIC else self.seats.get(id, tag(id))

    def seats_of(self, ids: Iterable[str]) -> str:
        """Governments in a list: 'A, B and C'."""
        return listed(self.seat(id) for id in ids)

    def ring(self, id: str | None) -> str:
        return "no ring" if id is None else self.rings.get(id, id)

    def instrument(self, id: str) -> str:
        return self.instruments.get(id, spaced(id))

    def type(self, id: str) -> str:
        return self.types.get(id, spaced(id))

    def object(self, id: str) -> str:
        return self.objects.get(id, spaced(id))

    def line(self, id: str) -> str:
        return self.lines.get(id, spaced(id))

    def post(self, seat: str | None, id: str) -> str:
        """The title of a government's post, where its role sheet is readable."""
        titles = {title for (_, post), title in self.posts.items() if post == id} if seat is None else set()
        return titles.pop() if len(titles) == 1 else self.posts.get((seat or "", id), spaced(id))

    def brief(self) -> Names:
        """The same names with marks in place of governments' names ('US'), for narrow places."""
        return replace(self, seats={seat: tag(seat) for seat in self.seats})

    def audience(self, id: str) -> str:
        """Whom a public line is meant for: a government, or a word of the crisis ('allies')."""
        return self.seats.get(id, spaced(id))

    def indicator(self, id: str, of: str = "") -> str:
        """An indicator's name, with the seat, pair or key that this value of it belongs to."""
        title = self.indicators.get(id, spaced(id))
        return f"{title} ({' - '.join(self._whose(part) for part in of.split(':'))})" if of else title

    def _whose(self, id: str) -> str:
        return tag(id) if id in self.seats else spaced(id)


def _titles(rows: object) -> Iterator[tuple[str, str]]:
    """(id, title) of rows given as a mapping by id or as a list of rows that hold their id."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(rows, Mapping):
        pairs = list(rows.items())
    elif isinstance(rows, (list, tuple)):
        pairs = [(row.get("id"), row) for row in rows if isinstance(row, Mapping)]
    for id, row in pairs:
        title = next((row[k] for k in ("title", "name") if row.get(k)), None) if isinstance(row, Mapping) else row
        if isinstance(id, str) and isinstance(title, str):
            yield id, title


def tag(seat: str) -> str:
    """A seat's short mark: 'US'."""
    return seat.upper()


def counted(number: int, thing: str) -> str:
    """So many of a thing: '1 round', '2 rounds'."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def spaced(id: str) -> str:
    """An id as words: 'visible_deployment' becomes 'visible deployment'."""
    return id.replace("_", " ").replace("-", " ")


def listed(items: Iterable[str], last: str = "and") -> str:
    """'A', 'A and B', 'A, B and C'."""
    parts = list(items)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"
