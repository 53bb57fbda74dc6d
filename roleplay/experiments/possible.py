"""What games of a suite can have: whatever its outcomes, gates and claim ask for is looked up before a game is played.

Knows no game that was played.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..crises import Crisis
from ..crises.language import Language
from ..crises.patterns import Pattern
from ..crosschecks import Place, Report
from ..errors import Problem
from ..rules.policy import withholds
from ..scoring.rubrics import rubric_files
from ..setup import Setup
from .expressions import COMPARED, Expression, parse
from .figures import OF_RUN, TAILS, UNKEPT
from .statistics import FEWEST_FOR_RATES
from .suites import Suite


def impossible(suite: Suite, crisis: Crisis, setups: Sequence[Setup], variants: int) -> list[Problem]:
    """What outcomes, gates and claim ask for that exists nowhere, or that no game of these arms can have."""
    look = _Look(suite, crisis, setups, variants, Report({suite.id: suite.document}, {}))
    if suite.lens:
        look.figure(Place(suite.id, ("lens",)), f"lens:{suite.lens}")
    for name, outcome in suite.outcomes.items():
        place = Place(suite.id, ("outcomes", name))
        for part in ("count", "first"):
            if pattern := getattr(outcome, part):
                look.pattern(place.to(part), pattern)
        if outcome.of:
            look.figure(place.to("of"), outcome.of)
    for path, text in suite.sentences.items():
        look.sentence(Place(suite.id, path), parse(text))
    return look.report.problems


@dataclass(frozen=True)
class _Look:
    suite: Suite
    crisis: Crisis
    setups: Sequence[Setup]
    variants: int
    report: Report

    @cached_property
    def seats(self) -> list[str]:
        """Governments that play in some variant of some arm."""
        written = [setup.load_crisis().scenarios[setup.settings.scenario] for setup in self.setups]
        return list(dict.fromkeys(seat for scenario in written for seat in scenario.seats))

    @cached_property
    def offered(self) -> set[str]:
        """Instruments that some of them may use."""
        force = any(setup.settings.force or setup.scenario.force for setup in self.setups)
        rows = self.crisis.instruments.values()
        return {i.id for i in rows if (force or not i.force) and not set(i.seats).isdisjoint(self.seats)}

    @cached_property
    def figures(self) -> dict[str, Collection[str]]:
        """Kind of figure -> names that it may have; none where the crisis keeps no score sheet."""
        suite, sheet = self.suite, self.crisis.sheet.score if self.crisis.sheet else None
        metrics = [m for m in Language(self.crisis, self.report).figures if f"metric:{m}" not in UNKEPT]
        return {
            "composite": (), "lens": [row.id for row in sheet.lenses] if sheet else (),
            "item": [row.id for row in sheet.items] if sheet else (), "metric": metrics,
            "judged": suite.rubrics or rubric_files(), "government": self.seats,
            "run": (*OF_RUN, "judge_calls", "judge_tokens") if suite.judges else OF_RUN,
            "fail": list(dict.fromkeys(row.fail for row in sheet.fails)) if sheet else (),
        }  # fmt: skip

    def figure(self, place: Place, name: str) -> None:
        """Scorecards of these games have such a figure."""
        kind, _, rest = name.partition(":")
        if not self.report.exists(place, "figure", kind, self.figures):
            return
        if kind == "judged" and not self.suite.judges:
            self.report.add(place, f"'{name}', and nobody judges", hint="name a model under 'judges'")
            return
        first, _, tail = rest.partition(":")
        known = self.figures[kind]
        if known and not self.report.exists(place, kind, first, known):
            return
        if kind == "government":
            self.report.exists(place, "figure of a government", tail, TAILS)
        if (kind, first) == ("metric", "rule_attempts"):
            rule, _, seat = tail.partition(":")
            self._binds(place, rule, [seat.partition(":")[0]])
        if name == "run:blocked" and {s.settings.mode for s in self.setups} == {"observe"}:
            self.report.add(place, "mode observe blocks nothing", hint="count rulings that are 'observed'")

    def pattern(self, place: Place, pattern: Pattern) -> None:
        """Some event of these games could match."""
        language = Language(self.crisis, self.report)
        before = len(self.report.problems)
        language.names(place, pattern)
        language.pattern(place, pattern)
        if len(self.report.problems) > before:
            return
        absent = [seat for seat in pattern.seat or () if self.crisis.seats[seat].plays and seat not in self.seats]
        if pattern.seat and len(absent) == len(pattern.seat):
            self.report.add(place.to("seat"), f"{', '.join(absent)} plays in no arm", self.seats)
        rooms = {ring for setup in self.setups for ring in setup.scenario.rooms}
        if pattern.ring and not rooms & set(pattern.ring):
            self.report.add(place.to("ring"), f"no arm has {', '.join(pattern.ring)}", sorted(rooms))
        if pattern.instrument and not self.offered & set(pattern.instrument):
            hint = "uses of force need 'force: true'"
            self.report.add(place.to("instrument"), f"no seat is offered {', '.join(pattern.instrument)}", hint=hint)
        if pattern.verdict == ("blocked",) and {s.settings.mode for s in self.setups} == {"observe"}:
            self.report.add(place.to("verdict"), "mode observe blocks nothing", hint="count 'observed'")
        for rule in pattern.rule or () if pattern.kind == ("ruling",) else ():
            self._binds(place.to("rule"), rule, pattern.seat or self.seats)
        whole = pattern.kind == ("deal",) or pattern.seat == pattern.giver
        if whole and all(kept := [_kept(setup, pattern) for setup in self.setups]):
            found = f"rule {kept[0]} lets no text come about in which {', '.join(pattern.giver or ())} gives this"
            self.report.add(place, found, hint="only mode observe lets it through; count its rulings instead")

    def _binds(self, place: Place, rule: str, seats: Collection[str]) -> None:
        """One of the seats could try what the rule is against."""
        if self.report.exists(place, "rule", rule, self.crisis.rules):
            bound = self.crisis.rules[rule].seats
            if not set(bound) & set(seats):
                self.report.add(place, f"'{rule}' does not bind {', '.join(seats)}", bound)

    def sentence(self, place: Place, asked: Expression) -> None:
        """A gate or a claim speaks of a number that these games or their comparisons can have."""
        name = self.suite.primary if asked.name == "primary" else asked.name
        outcome = self.suite.outcomes.get(name)
        if outcome is None:
            self.figure(place, name)
        if asked.part not in COMPARED:
            return
        if outcome is None:
            hint = f"make it one: 'of: {name}'"
            self.report.add(place, f"'{asked.text}': only outcomes are compared", self.suite.outcomes, hint)
        elif not self.suite.comparisons:
            self.report.add(place, f"'{asked.text}': nothing is compared with {self.suite.control}", hint="see planned")
        elif asked.part != "difference":
            fewest = FEWEST_FOR_RATES if outcome.scale == "binary" else 2
            if self.variants < fewest:
                found = f"'{asked.text}': {self.variants} variant(s) give no interval"
                self.report.add(place, found, f"{fewest} or more variants")


def _kept(setup: Setup, pattern: Pattern) -> str | None:
    """The rule by which the mode keeps every clause of the pattern from being given."""
    if setup.settings.mode == "observe" or not pattern.giver or not pattern.type:
        return None
    rules, types = setup.load_crisis().rules, set(pattern.type)
    return next((r.id for r in rules.values() if types <= set(r.types) and all(withholds(r, g) for g in pattern.giver)),
                None)  # fmt: skip
