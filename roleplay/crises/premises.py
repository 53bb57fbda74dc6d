"""Checks of what a crisis is made of: rooms, Council, instruments, vocabulary, indicators, worlds, rules, scores.

One function a kind of row; that the words which a row names exist is checked for all of them elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..crosschecks import Place
from .language import Language, allowed, goes, legal
from .means import Indicator, Instrument, ObjectRow, Param
from .models import Council, CrisisFile, Line, OtherVote, RingRow
from .policies import PolicyRule
from .scoresheet import GovernmentsFile, ItemRow, ScoreFile, Test
from .worlds import ChanceRow, WorldRow

TARGETS = ("target",)
"""Parameters whose values are seats."""
CONTROL = "free-play"
"""The strategy that every crisis has: no advice at all."""
NEEDS = {
    "never_gives": "types", "trade_needs_return": "returns", "needs_mandate": "rings", "complete_clauses": "when",
    "one_step": "scopes", "consulted_first": "when", "to_script": "when", "only_when": "when",
}  # fmt: skip
"""What a rule must say for its check to have something to look at."""


def crisis_file(language: Language, place: Place, file: CrisisFile) -> None:
    crisis, add = language.crisis, language.report.add
    folder = crisis.folder.resolve().name
    if file.id != folder:
        add(place.to("id"), f"'{file.id}'", folder, "a crisis is named like its folder")
    if file.tension in crisis.indicators and crisis.indicators[file.tension].per != "one":
        add(place.to("tension"), f"{file.tension} has more than one value", "an indicator with one")
    if not file.audiences:
        add(place.to("audiences"), "no audience", hint="name at least one")
    if CONTROL not in {*crisis.strategies, *language.report.lost}:
        hint = f"write strategies/{CONTROL}.yaml, by which a seat without advice plays"
        add(place, f"no strategy '{CONTROL}'", hint=hint)
    council = [ring.id for ring in file.rings if ring.kind == "council"]
    if council and not file.council:
        add(place.to("rings"), f"'{council[0]}' is a council, and nobody votes", hint="add 'council'")


def line(language: Language, place: Place, line: Line) -> None:
    crisis, add = language.crisis, language.report.add
    if line.id in line.contradicts:
        add(place.to("contradicts"), f"'{line.id}' contradicts itself")
    if line.id in crisis.instruments or line.id in {i.family for i in crisis.instruments.values()}:
        add(place.to("id"), f"'{line.id}' is also an instrument or a family", hint="dossiers lean to all three")


def ring(language: Language, place: Place, ring: RingRow) -> None:
    crisis, add = language.crisis, language.report.add
    for n, member in enumerate(ring.members):
        if member in crisis.seats and not crisis.seats[member].plays:
            add(place.to("members", n), f"'{member}' does not play", hint="it can only vote by scenario rule")
    if ring.kind == "own" and len(ring.members) != 1:
        add(place.to("members"), f"{len(ring.members)} members in a government's own room", "one")
    if ring.kind != "own" and len(set(ring.members)) < 2:
        add(place.to("members"), f"{len(set(ring.members))} members", "two or more, or kind: own")
    if ring.kind == "own" and ring.confidentiality in ("restricted", "public"):
        found = f"{ring.confidentiality}, and a government's own room"
        add(place.to("confidentiality"), found, "secret, confidential")
    if ring.kind == "own" and ring.floor == "open":
        add(place.to("floor"), "open, and a government's own room", "turns")
    if ring.kind == "council" and ring.confidentiality == "secret":
        add(place.to("confidentiality"), "secret, and a council, whose votes are public", "restricted, public")
    council = crisis.file.council
    if ring.kind == "council" and council and council.ring != ring.id:
        add(place.to("kind"), f"'{ring.id}' is a council, but votes are cast in '{council.ring}'", "one council")


def council(language: Language, place: Place, council: Council) -> None:
    report, ring = language.report, language.crisis.rings.get(council.ring)
    if ring is not None:
        if ring.kind != "council":
            report.add(place.to("ring"), f"'{ring.id}' is of kind {ring.kind}", "a ring of kind council")
        report.each(place.to("members"), "member of the ring", council.members, ring.members)
    states = [other.state for other in council.others]
    report.each(place.to("permanent"), "member", council.permanent, [*council.members, *states])
    everybody = len({*council.members, *states})
    if not 1 <= council.needed <= everybody:
        report.add(place.to("needed"), f"{council.needed} votes", f"1 to {everybody}, as many as have one")
    for n, other in enumerate(council.others):
        here = place.to("others", n)
        if other.state in states[:n]:
            report.add(here.to("state"), f"'{other.state}' votes twice")
        if other.follows is not None:
            report.exists(here.to("follows"), "played member", other.follows, council.members)


def other_vote(language: Language, place: Place, other: OtherVote) -> None:
    for name in ("abstains_on", "against"):
        for n, pattern in enumerate(getattr(other, name)):
            language.clause_pattern(place.to(name, n), pattern)


# --- instruments and words -------------------------------------------------------------------------------------------


def instrument(language: Language, place: Place, instrument: Instrument) -> None:
    crisis, report = language.crisis, language.report
    if not instrument.seats:
        playing = [s.id for s in crisis.seats.values() if s.plays]
        report.add(place.to("seats"), f"nobody may use '{instrument.id}'", playing)
    if not instrument.codes.model_fields_set & {"cameo", "goldstein", "rivera", "kahn"}:
        found, codes = f"'{instrument.id}' has no codes", "cameo, goldstein, rivera, kahn"
        report.add(place.to("codes"), found, codes, "give at least one of them")
    for n, name in enumerate(instrument.consult_in):
        if name in crisis.rings and set(crisis.rings[name].members).isdisjoint(instrument.seats):
            report.add(place.to("consult_in", n), f"nobody who may use '{instrument.id}' sits in '{name}'")
    for name, param in instrument.params.items():
        if name in TARGETS:
            report.each(place.to("params", name, "values"), "seat", param.values, crisis.seats)
    for n, other in enumerate(instrument.codes_when):
        here = place.to("codes_when", n, "params")
        for name, values in other.params.items():
            if report.exists(here.to(name), "parameter", name, instrument.params):
                known = instrument.params[name]
                for value in (v for v in values if not legal(known, v)):
                    report.add(here.to(name), f"'{value}' is no value of '{name}'", allowed(known))


def param(language: Language, place: Place, param: Param) -> None:
    add = language.report.add
    if param.type == "choice" and not param.values:
        add(place, "a choice without values", hint="list the values")
    if param.type != "choice" and param.values:
        add(place.to("values"), f"values of a {param.type}", "values go with type: choice")
    if param.low > param.high:
        add(place, f"low {param.low} above high {param.high}")
    if param.default is not None and not legal(param, param.default):
        add(place.to("default"), f"'{param.default}'", allowed(param))


def object_row(language: Language, place: Place, thing: ObjectRow) -> None:
    add, types = language.report.add, language.crisis.types
    for n, kind in enumerate(thing.for_types):
        language.goes(place.to("for_types", n), (kind,), thing.id)
    if types and not any(goes(kind, thing.id) for kind in types.values()):
        add(place.to("id"), f"no type of clause is about '{thing.id}'", hint="add it to a type's objects")


# --- indicators and worlds -------------------------------------------------------------------------------------------


def indicator(language: Language, place: Place, indicator: Indicator) -> None:
    report, seats = language.report, language.crisis.seats
    if not indicator.low <= indicator.start <= indicator.high or indicator.low == indicator.high:
        report.add(place.to("start"), f"{indicator.start:g}", f"{indicator.low:g} to {indicator.high:g}")
    if indicator.per == "one" and indicator.keys:
        report.add(place.to("keys"), "keys of an indicator with one value", "per: seat, pair or key")
    if indicator.per == "key" and not indicator.keys:
        report.add(place.to("keys"), "per: key, without keys", hint="list the keys")
    if indicator.readers == "owner" and indicator.per not in ("seat", "pair"):
        report.add(place.to("readers"), "'owner', which is a seat or a pair of seats", "public, nobody")
    for n, key in enumerate(indicator.keys):
        here, two = place.to("keys", n), key.split(":")
        if indicator.per == "seat":
            report.exists(here, "seat", key, seats)
        elif indicator.per == "pair" and (len(two) != 2 or two != sorted(set(two))):
            report.add(here, f"'{key}'", "two seats in the order of the alphabet, as 'a:b'")
        elif indicator.per == "pair":
            report.each(here, "seat", two, seats)


def world_row(language: Language, place: Place, row: WorldRow) -> None:
    for n, effect in enumerate(row.effects):
        language.effect(place.to("effects", n), effect, caused=row.when is not None)
    if not row.effects:
        language.report.add(place, f"'{row.id}' does nothing")
    if row.at_most < 1:
        language.report.add(place.to("at_most"), str(row.at_most), "1 or more")


def chance(language: Language, place: Place, chance: ChanceRow) -> None:
    if chance.indicator is not None:
        language.value(place, chance.indicator, chance.of)
    elif chance.slope or chance.over or chance.of:
        language.report.add(place, "slope, over or of without an indicator", hint="name the indicator")
    for n, effect in enumerate(chance.effects):
        language.effect(place.to("effects", n), effect, caused=False)


# --- rules -----------------------------------------------------------------------------------------------------------


def rule(language: Language, place: Place, rule: PolicyRule) -> None:
    add = language.report.add
    for n, thing in enumerate(rule.objects):
        language.goes(place.to("objects", n), rule.types, thing)
    clauses = [("returns", rule.returns)]
    if rule.check in ("trade_needs_return", "complete_clauses"):
        clauses.append(("when", rule.when))
    for name, patterns in clauses:
        for n, pattern in enumerate(patterns):
            language.clause_pattern(place.to(name, n), pattern)
    if rule.strength == "FOR-NOW" and not rule.until:
        add(place.to("strength"), f"'{rule.id}' holds for now, until nothing", hint="add 'until'")
    needs = NEEDS.get(rule.check)
    if needs and not getattr(rule, needs):
        add(place.to("check"), f"check {rule.check} without {needs}", hint=f"add '{needs}'")


# --- scores ----------------------------------------------------------------------------------------------------------


def score_file(language: Language, place: Place, file: ScoreFile) -> None:
    """Fails that items name, items that lenses weigh, seats that aliases mean."""
    report = language.report
    fails = {row.fail for row in file.fails}
    _items(language, place.to("items"), file.items, fails)
    for n, lens in enumerate(file.lenses):
        here = place.to("lenses", n)
        _items(language, here.to("items"), lens.items, fails)
        known = [row.id for row in (*file.items, *lens.items)]
        for m, weight in enumerate(lens.weights):
            report.exists(here.to("weights", m, "item"), "item", weight.item, known)
    if not file.lenses:
        report.add(place.to("lenses"), "no lens", hint="name at least one")
    for name, seat in file.aliases.items():
        report.exists(place.to("aliases", name), "seat", seat, language.crisis.seats)


def _items(language: Language, place: Place, rows: Iterable[ItemRow], fails: set[str]) -> None:
    for n, row in enumerate(rows):
        if row.fail is not None:
            language.report.exists(place.to(n, "fail"), "fail", row.fail, fails)
        if row.needs and not row.unmet:
            language.report.add(place.to(n), f"'{row.id}' may be None and does not say why", hint="add 'unmet'")


def test(language: Language, place: Place, row: Test) -> None:
    """A test asks something; an indicator is asked for a value that it has."""
    if not row.model_fields_set & {"clause", "ever", "indicator", "metric", "any"}:
        language.report.add(place, "a test that asks nothing", "clause, ever, indicator, metric, any")
    if row.indicator is not None:
        language.value(place, row.indicator, row.of)


def governments_file(language: Language, place: Place, file: GovernmentsFile) -> None:
    """Seats with a dossier, and the interests and red lines that it has."""
    report, personas = language.report, language.crisis.personas
    for seat, row in file.governments.items():
        here = place.to("governments", seat)
        if report.exists(here, "seat", seat, language.crisis.seats) and seat in personas:
            for section in ("interests", "red_lines"):
                known = [item.id for item in getattr(personas[seat], section)]
                for name in getattr(row, section):
                    report.exists(here.to(section, name), section.replace("_", " ")[:-1], name, known)
