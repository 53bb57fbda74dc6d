"""Checks of the language that crisis data speaks: whether its words exist, whether a sentence could ever match."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel

from ..crosschecks import Place, Report, named
from ..events import KINDS, Channel, TurnOutcome, Verdict
from ..moves import MOVES, TONES
from ..naming import Names
from .means import CommitmentType, Indicator, Instrument, Param
from .patterns import Condition, Pattern
from .policies import CHECKS
from .scoresheet import FIGURES
from .worlds import EffectRow

if TYPE_CHECKING:
    from . import Crisis

CLAUSE_FIELDS = frozenset({"type", "object", "scope", "giver"})
WORDS = ("actor", "target", "parties", "everyone")
"""Words that an effect's `of` may use for what its cause names."""


@dataclass(frozen=True)
class Language:
    """Checks sentences of one crisis's data; says what it finds to the report."""

    crisis: Crisis
    report: Report
    baselines: Collection[str] = ()
    """Those there are; none: they are not looked at."""

    @cached_property
    def _known(self) -> Mapping[Names, Collection[str]]:
        """The words that a marked field may hold."""
        crisis = self.crisis
        families = sorted({i.family for i in crisis.instruments.values()})
        known: dict[str, Collection[str]] = {
            "seat": crisis.seats, "giver": ("*", *crisis.seats), "ring": crisis.rings, "instrument": crisis.instruments,
            "family": families, "instrument or family": (*crisis.instruments, *families),
            "instrument, family or line": (*crisis.instruments, *families, *crisis.lines), "type": crisis.types,
            "object": crisis.objects, "indicator": crisis.indicators, "line": crisis.lines, "rule": crisis.rules,
            "world": crisis.worlds, "ending": [e.id for e in crisis.file.endings], "source": crisis.sources,
            "post": sorted({post.id for persona in crisis.personas.values() for post in persona.posts}),
            "check": CHECKS, "kind": KINDS, "move": MOVES, "tone": TONES, "form": ("deal", "resolution", "pledge"),
            "state": get_args(Channel.model_fields["state"].annotation), "outcome": get_args(TurnOutcome),
            "verdict": get_args(Verdict),
        }  # fmt: skip
        known["metric"] = self.figures
        playing = [s.id for s in crisis.seats.values() if s.plays]
        return {**{Names(kind): words for kind, words in known.items()}, Names("seat", among="playing"): playing}

    @property
    def figures(self) -> tuple[str, ...]:
        """Metrics that games of this crisis are measured by."""
        return (*FIGURES, *(row.id for row in self.crisis.sheet.score.metrics)) if self.crisis.sheet else FIGURES

    def names(self, place: Place, model: BaseModel) -> None:
        """Everything that a model's fields name exists, and stands once in each list."""
        for name, mark in named(type(model)).items():
            match getattr(model, name):
                case str() as word:
                    self.report.exists(place.to(name), mark.kind, word, self._known[mark])
                case tuple() as words:
                    self.report.each(place.to(name), mark.kind, words, self._known[mark])
                case Mapping() as mapping:
                    for key in mapping:
                        self.report.exists(place.to(name, key), mark.kind, key, self._known[mark])
                case _:
                    pass

    @cached_property
    def _happenings(self) -> frozenset[str]:
        """Ids of what has a name of its own: injects of the calendars, chances of the worlds, endings."""
        endings = {row.id for row in self.crisis.file.endings}
        injects = {row.id for scenario in self.crisis.scenarios.values() for row in scenario.injects}
        return frozenset(endings | injects | {row.id for world in self.crisis.worlds.values() for row in world.chances})

    # --- patterns ----------------------------------------------------------------------------------------------------

    def pattern(self, place: Place, pattern: Pattern) -> None:
        """Some event could match a pattern."""
        if not pattern.model_fields_set:
            self.report.add(place, "an empty pattern matches every event", hint="say what must fit")
        for n, name in enumerate(pattern.about or ()):
            start = name.split("/")[0]
            if name not in self._happenings and start not in self.crisis.rings and start not in self.crisis.seats:
                known = [*self.crisis.rings, *sorted(self._happenings)]
                self.report.exists(place.to("about", n), "ring or inject", name, known)
        self._params(place, pattern)
        for n, name in enumerate(pattern.instrument or ()):
            found = self.crisis.instruments.get(name)
            if found and pattern.seat and set(pattern.seat).isdisjoint(found.seats):
                here = place.to("instrument", n)
                self.report.add(here, f"'{name}' is used by none of {', '.join(pattern.seat)}", found.seats)
        for n, thing in enumerate(pattern.object or ()):
            self.goes(place.to("object", n), pattern.type or (), thing)

    def clause_pattern(self, place: Place, pattern: Pattern, others: frozenset[str] = frozenset()) -> None:
        """The pattern is held against clauses only, so that other fields would never be looked at."""
        allowed = CLAUSE_FIELDS | others
        for name in sorted(pattern.model_fields_set - allowed):
            self.report.add(place.to(name), f"'{name}' is not looked at here", sorted(allowed))

    def goes(self, place: Place, types: Collection[str], thing: str) -> None:
        """A clause of one of these types can be about this object; unknown words are told elsewhere."""
        kinds = [self.crisis.types[t] for t in types if t in self.crisis.types]
        if kinds and thing in self.crisis.objects and not any(goes(kind, thing) for kind in kinds):
            named = ", ".join(f"'{k.id}'" for k in kinds)
            found = f"no clause of type {named} is about '{thing}'"
            self.report.add(place, found, sorted({o for k in kinds for o in k.objects}))

    def _params(self, place: Place, pattern: Pattern) -> None:
        meant = [
            i for i in self.crisis.instruments.values()
            if (pattern.instrument is None or i.id in pattern.instrument)
            and (pattern.family is None or i.family in pattern.family)
        ]  # fmt: skip
        for name, values in (pattern.params or {}).items():
            having = [i.params[name] for i in meant if name in i.params]
            here = place.to("params", name)
            exact = pattern.instrument is not None
            if meant and (not having or (exact and len(having) < len(meant))):
                self.report.exists(here, "parameter", name, _parameters(meant, shared=exact))
            for value in values if having else ():
                if not any(legal(param, value) for param in having):
                    self.report.add(here, f"'{value}' is no value of '{name}'", allowed(having[0]))

    # --- conditions and effects --------------------------------------------------------------------------------------

    def condition(self, place: Place, condition: Condition) -> None:
        """A condition says something that can be looked up."""
        bounds = {"of", "above", "below"} & condition.model_fields_set
        if not condition.model_fields_set - {"of", "above", "below", "times", "negate", "note"}:
            hint = "indicator, in_force, ring_open, now, ever or from_round"
            self.report.add(place, "a condition that asks nothing", hint)
        if condition.indicator is None and bounds:
            self.report.add(place, f"'{min(bounds)}' without an indicator", hint="name the indicator")
        if condition.indicator is not None:
            if condition.above is None and condition.below is None:
                self.report.add(place, "an indicator without 'above' or 'below'")
            self.value(place, condition.indicator, condition.of)
        if condition.times != 1 and (condition.ever is None or condition.times < 1):
            self.report.add(place.to("times"), f"{condition.times} times", "1 or more, beside 'ever'")
        if condition.in_force is not None:
            self.clause_pattern(place.to("in_force"), condition.in_force, frozenset({"ring", "form"}))

    def effect(self, place: Place, effect: EffectRow, *, caused: bool) -> None:
        """The indicator has the value meant; words like `actor` need a cause that has one."""
        indicator = self.crisis.indicators.get(effect.indicator)
        words = [w for w in effect.of.split(":") if w in WORDS]
        if indicator is None:
            return
        if not words:
            self.value(place, effect.indicator, effect.of)
        elif indicator.per == "one":
            self.report.add(place.to("of"), f"{indicator.id} has one value", "leave 'of' out")
        elif effect.of == "everyone" or (effect.of == "parties" and caused and indicator.per != "key"):
            return
        elif not caused:
            self.report.add(place.to("of"), f"'{effect.of}' without an event that caused it", self.keys(indicator))
        else:
            self._worded(place.to("of"), effect.of.split(":"), indicator)

    def _worded(self, place: Place, words: list[str], indicator: Indicator) -> None:
        pair = indicator.per == "pair"
        if len(words) != (2 if pair else 1) or not {"parties", "everyone"}.isdisjoint(words):
            form = "two of actor, target and seats, as 'a:b'" if pair else "actor, target or one of its keys"
            self.report.add(place, f"'{':'.join(words)}'", form)
        for word in words:
            if word not in WORDS:
                self.report.exists(place, "seat", word, self.crisis.seats)

    def value(self, place: Place, name: str, of: str) -> Indicator | None:
        """The indicator `name`, if it exists and has a value for `of`."""
        indicator = self.crisis.indicators.get(name)
        if indicator is None or of in (keys := self.keys(indicator)):
            return indicator
        found = f"{name} has no value of '{of}'" if of else f"{name} has a value for each {indicator.per}"
        self.report.add(place.to("of"), found, "leave 'of' out" if keys == [""] else keys)
        return None

    def keys(self, indicator: Indicator) -> list[str]:
        """What an indicator has values for; [''] where it has one."""
        if indicator.per == "one":
            return [""]
        if indicator.keys or indicator.per == "key":
            return list(indicator.keys)
        seats = sorted(s.id for s in self.crisis.seats.values() if s.plays)
        return seats if indicator.per == "seat" else [":".join(two) for two in combinations(seats, 2)]


def _parameters(instruments: list[Instrument], *, shared: bool) -> list[str]:
    """Names of the parameters that any of these has, or all of them have."""
    names = sorted({name for i in instruments for name in i.params})
    return [name for name in names if not shared or all(name in i.params for i in instruments)]


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
