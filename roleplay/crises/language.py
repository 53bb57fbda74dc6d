"""Checks of patterns, conditions and effects: whether what they name exists and whether they could ever match."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, get_args

from ..events import KINDS, Channel, TurnOutcome, Verdict
from ..moves import MOVES, TONES
from .models import CommitmentType, EffectRow, Indicator, Instrument, Param
from .patterns import Condition, Pattern
from .report import Place, Report

if TYPE_CHECKING:
    from . import Crisis

STATES: tuple[str, ...] = get_args(Channel.model_fields["state"].annotation)
FORMS = ("deal", "resolution", "pledge")
CLAUSE_FIELDS = frozenset({"type", "object", "scope", "giver"})
WORDS = ("actor", "target", "parties", "everyone")
"""Words that an effect's `of` may use for what its cause names."""


@dataclass(frozen=True)
class Language:
    """Checks sentences of one crisis's data; says what it finds to the report."""

    crisis: Crisis
    report: Report

    @cached_property
    def _known(self) -> dict[str, list[str]]:
        """Field of a pattern -> the words it may hold."""
        crisis = self.crisis
        return {
            "kind": list(KINDS), "move": list(MOVES), "seat": list(crisis.seats), "ring": list(crisis.rings),
            "state": list(STATES), "instrument": list(crisis.instruments),
            "family": sorted({i.family for i in crisis.instruments.values()}), "tone": list(TONES),
            "line": list(crisis.lines), "type": list(crisis.types), "object": list(crisis.objects),
            "giver": list(crisis.seats), "form": list(FORMS), "outcome": list(get_args(TurnOutcome)),
            "rule": list(crisis.rules), "verdict": list(get_args(Verdict)),
            "post": sorted({post.id for persona in crisis.personas.values() for post in persona.posts}),
        }  # fmt: skip

    @cached_property
    def _happenings(self) -> frozenset[str]:
        """Ids of all that can be told from outside: injects of the calendars and chances of the worlds."""
        injects = {row.id for scenario in self.crisis.scenarios.values() for row in scenario.injects}
        return frozenset(injects | {row.id for world in self.crisis.worlds.values() for row in world.chances})

    # --- patterns ----------------------------------------------------------------------------------------------------

    def pattern(self, place: Place, pattern: Pattern) -> None:
        """Everything that a pattern names exists, and some event could match it."""
        if not pattern.model_fields_set:
            self.report.add(place, "an empty pattern matches every event", hint="say what must fit")
        for name, known in self._known.items():
            self.report.each(place.to(name), name, getattr(pattern, name), known)
        for n, name in enumerate(pattern.about or ()):
            self._about(place.to("about", n), name)
        self._params(place, pattern)
        self._usable(place, pattern)
        self._goes_together(place, pattern)

    def clause_pattern(self, place: Place, pattern: Pattern, others: frozenset[str] = frozenset()) -> None:
        """The pattern is held against clauses only, so that other fields would never be looked at."""
        allowed = CLAUSE_FIELDS | others
        for name in sorted(pattern.model_fields_set - allowed):
            self.report.add(place.to(name), f"'{name}' is not looked at here", sorted(allowed))

    def _about(self, place: Place, name: str) -> None:
        start = name.split("/")[0]
        if name not in self._happenings and start not in self.crisis.rings and start not in self.crisis.seats:
            known = [*self.crisis.rings, *sorted(self._happenings)]
            self.report.exists(place, "ring or inject", name, known)

    def _params(self, place: Place, pattern: Pattern) -> None:
        meant = [
            i for i in self.crisis.instruments.values()
            if (pattern.instrument is None or i.id in pattern.instrument)
            and (pattern.family is None or i.family in pattern.family)
        ]  # fmt: skip
        for name, values in (pattern.params or {}).items():
            having = [i.params[name] for i in meant if name in i.params]
            here = place.to("params", name)
            named = pattern.instrument is not None
            if meant and (not having or (named and len(having) < len(meant))):
                self.report.exists(here, "parameter", name, _shared(meant) if named else _all(meant))
            for value in values if having else ():
                if not any(legal(param, value) for param in having):
                    self.report.add(here, f"'{value}' is no value of '{name}'", allowed(having[0]))

    def _usable(self, place: Place, pattern: Pattern) -> None:
        for n, name in enumerate(pattern.instrument or ()):
            found = self.crisis.instruments.get(name)
            if found and pattern.seat and set(pattern.seat).isdisjoint(found.seats):
                here = place.to("instrument", n)
                self.report.add(here, f"'{name}' is used by none of {', '.join(pattern.seat)}", found.seats)

    def _goes_together(self, place: Place, pattern: Pattern) -> None:
        kinds = [self.crisis.types[t] for t in pattern.type or () if t in self.crisis.types]
        for n, thing in enumerate(pattern.object or ()):
            if kinds and thing in self.crisis.objects and not any(goes(kind, thing) for kind in kinds):
                found = f"no clause of type {', '.join(k.id for k in kinds)} is about '{thing}'"
                self.report.add(place.to("object", n), found, sorted({o for k in kinds for o in k.objects}))

    # --- conditions and effects --------------------------------------------------------------------------------------

    def condition(self, place: Place, condition: Condition) -> None:
        """Everything that a condition names exists, and it says something."""
        asked = condition.model_fields_set - {"of", "above", "below", "times", "negate"}
        bounds = {"of", "above", "below"} & condition.model_fields_set
        if not asked:
            hint = "indicator, in_force, ring_open, now, ever or from_round"
            self.report.add(place, "a condition that asks nothing", hint)
        if condition.indicator is None and bounds:
            self.report.add(place, f"'{min(bounds)}' without an indicator", hint="name the indicator")
        if condition.indicator is not None:
            if condition.above is None and condition.below is None:
                self.report.add(place, "an indicator without 'above' or 'below'")
            self.value(place, condition.indicator, condition.of)
        if condition.ring_open is not None:
            self.report.exists(place.to("ring_open"), "ring", condition.ring_open, self.crisis.rings)
        if condition.times != 1 and (condition.ever is None or condition.times < 1):
            self.report.add(place.to("times"), f"{condition.times} times", "1 or more, beside 'ever'")
        if condition.in_force is not None:
            self.clause_pattern(place.to("in_force"), condition.in_force, frozenset({"ring", "form"}))

    def effect(self, place: Place, effect: EffectRow, *, caused: bool) -> None:
        """The indicator exists and has the value meant; words like `actor` need a cause that has one."""
        indicator = self.crisis.indicators.get(effect.indicator)
        if indicator is None or effect.of == "everyone":
            self._everyone(place, effect, indicator)
            return
        words = [w for w in effect.of.split(":") if w in WORDS]
        if not words:
            self.value(place, effect.indicator, effect.of)
            return
        if not caused:
            self.report.add(place.to("of"), f"'{effect.of}' without an event that caused it", self.keys(indicator))
            return
        self._worded(place.to("of"), effect.of.split(":"), indicator)

    def _everyone(self, place: Place, effect: EffectRow, indicator: Indicator | None) -> None:
        if indicator is None:
            self.report.exists(place.to("indicator"), "indicator", effect.indicator, self.crisis.indicators)
        elif indicator.per == "one":
            self.report.add(place.to("of"), f"{indicator.id} has one value", "leave 'of' out")

    def _worded(self, place: Place, words: list[str], indicator: Indicator) -> None:
        pair = indicator.per == "pair"
        if indicator.per == "one":
            self.report.add(place, f"{indicator.id} has one value", "leave 'of' out")
        elif words == ["parties"] and indicator.per in ("seat", "pair"):
            return
        elif len(words) != (2 if pair else 1) or not {"parties", "everyone"}.isdisjoint(words):
            form = "two of actor, target and seats, as 'a:b'" if pair else "actor, target or one of its keys"
            self.report.add(place, f"'{':'.join(words)}'", form)
        else:
            for word in words:
                if word not in WORDS:
                    self.report.exists(place, "seat", word, self.crisis.seats)

    def value(self, place: Place, name: str, of: str) -> Indicator | None:
        """The indicator `name`, if it exists and has a value for `of`."""
        if not self.report.exists(place.to("indicator"), "indicator", name, self.crisis.indicators):
            return None
        indicator = self.crisis.indicators[name]
        keys = self.keys(indicator)
        if of not in keys:
            found = f"{name} has no value of '{of}'" if of else f"{name} has a value for each {indicator.per}"
            self.report.add(place.to("of"), found, "leave 'of' out" if keys == [""] else keys)
            return None
        return indicator

    def keys(self, indicator: Indicator) -> list[str]:
        """What an indicator has values for; [''] where it has one."""
        if indicator.per == "one":
            return [""]
        if indicator.keys or indicator.per == "key":
            return list(indicator.keys)
        seats = sorted(s.id for s in self.crisis.seats.values() if s.plays)
        return seats if indicator.per == "seat" else [":".join(two) for two in combinations(seats, 2)]


def _all(instruments: list[Instrument]) -> list[str]:
    return sorted({name for i in instruments for name in i.params})


def _shared(instruments: list[Instrument]) -> list[str]:
    return [name for name in _all(instruments) if all(name in i.params for i in instruments)]


def legal(param: Param, value: str | bool | int) -> bool:
    """Whether a parameter may have this value."""
    match param.type:
        case "choice":
            return isinstance(value, str) and value in param.values
        case "flag":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int) and not isinstance(value, bool) and param.low <= value <= param.high
        case "text":
            return isinstance(value, str)


def allowed(param: Param) -> str:
    """The values of a parameter in words."""
    match param.type:
        case "choice":
            return ", ".join(param.values)
        case "flag":
            return "true, false"
        case "number":
            return f"{param.low} to {param.high}"
        case "text":
            return "a text"


def goes(kind: CommitmentType, thing: str) -> bool:
    """Whether a type of clause goes with an object."""
    return not kind.objects or thing in kind.objects
