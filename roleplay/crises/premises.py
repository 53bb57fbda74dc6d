"""Checks of what a crisis is made of: rooms, Council, instruments, vocabulary, indicators, worlds, rules, endings."""

from __future__ import annotations

from collections.abc import Mapping

from . import Crisis
from .language import Language, allowed, goes, legal
from .models import ChanceRow, Codes, Council, EffectTable, Indicator, Instrument, PolicyRule, RingRow
from .report import Place, Report

CHECKS = ("never_gives", "trade_needs_return", "needs_mandate")
"""Names of checks that a rule may use; `roleplay.rules.policy.CHECKS` has the functions (a test compares the two)."""
TARGETS = ("target",)
"""Parameters whose values are seats."""
FILE = "crisis.yaml"


def check_premises(crisis: Crisis, report: Report, language: Language) -> None:
    """Check everything but scenarios, strategies, standing commitments and dossiers."""
    _file(crisis, report)
    for n, ring in enumerate(crisis.file.rings):
        _ring(crisis, report, Place(FILE, ("rings", n)), ring)
    if crisis.file.council:
        _council(crisis, report, language, crisis.file.council)
    for name, place in report.rows("instruments.yaml", "instruments").items():
        _instrument(crisis, report, place, crisis.instruments[name])
    _vocabulary(crisis, report)
    for name, place in report.rows("indicators.yaml", "indicators").items():
        _indicator(crisis, report, place, crisis.indicators[name])
    for world in crisis.worlds.values():
        _world(crisis, report, language, Place(f"worlds/{world.id}.yaml"), world)
    for name, place in report.rows("rules.yaml", "rules").items():
        _rule(crisis, report, language, place, crisis.rules[name])


# --- crisis.yaml -----------------------------------------------------------------------------------------------------


def _file(crisis: Crisis, report: Report) -> None:
    file = crisis.file
    if file.id != crisis.folder.resolve().name:
        report.add(
            Place(FILE, ("id",)), f"'{file.id}'", crisis.folder.resolve().name, "a crisis is named like its folder"
        )
    known = report.exists(Place(FILE, ("tension",)), "indicator", file.tension, crisis.indicators)
    if known and crisis.indicators[file.tension].per != "one":
        report.add(Place(FILE, ("tension",)), f"{file.tension} has more than one value", "an indicator with one")
    for n, line in enumerate(file.lines):
        here = Place(FILE, ("lines", n))
        report.each(here.to("contradicts"), "line", line.contradicts, crisis.lines)
        if line.id in line.contradicts:
            report.add(here.to("contradicts"), f"'{line.id}' contradicts itself")
        if line.id in crisis.instruments or line.id in _families(crisis):
            report.add(
                here.to("id"), f"'{line.id}' is also an instrument or a family", hint="dossiers lean to all three"
            )
    if not file.audiences:
        report.add(Place(FILE, ("audiences",)), "no audience", hint="name at least one")
    council = [ring.id for ring in file.rings if ring.kind == "council"]
    if council and not file.council:
        report.add(Place(FILE, ("rings",)), f"'{council[0]}' is a council, and nobody votes", hint="add 'council'")


def _ring(crisis: Crisis, report: Report, place: Place, ring: RingRow) -> None:
    report.each(place.to("members"), "seat", ring.members, crisis.seats)
    for n, member in enumerate(ring.members):
        if member in crisis.seats and not crisis.seats[member].plays:
            report.add(place.to("members", n), f"'{member}' does not play", hint="it can only vote by scenario rule")
    if ring.kind == "own" and len(ring.members) != 1:
        report.add(place.to("members"), f"{len(ring.members)} members in a government's own room", "one")
    if ring.kind != "own" and len(set(ring.members)) < 2:
        report.add(place.to("members"), f"{len(set(ring.members))} members", "two or more, or kind: own")
    council = crisis.file.council
    if ring.kind == "council" and council and council.ring != ring.id:
        report.add(place.to("kind"), f"'{ring.id}' is a council, but votes are cast in '{council.ring}'", "one council")


def _council(crisis: Crisis, report: Report, language: Language, council: Council) -> None:
    place = Place(FILE, ("council",))
    if report.exists(place.to("ring"), "ring", council.ring, crisis.rings):
        ring = crisis.rings[council.ring]
        if ring.kind != "council":
            report.add(place.to("ring"), f"'{ring.id}' is of kind {ring.kind}", "a ring of kind council")
        report.each(place.to("members"), "member of the ring", council.members, ring.members)
    states = [other.state for other in council.others]
    report.each(place.to("permanent"), "member", council.permanent, [*council.members, *states])
    everybody = len(council.members) + len(states)
    if not 1 <= council.needed <= everybody:
        report.add(place.to("needed"), f"{council.needed} votes", f"1 to {everybody}, as many as have one")
    for n, other in enumerate(council.others):
        here = place.to("others", n)
        if other.state in council.members or other.state in states[:n]:
            report.add(here.to("state"), f"'{other.state}' votes twice")
        if other.follows is not None:
            report.exists(here.to("follows"), "played member", other.follows, council.members)
        for name in ("abstains_on", "against"):
            for m, pattern in enumerate(getattr(other, name)):
                language.clause_pattern(here.to(name, m), pattern)


# --- instruments and words -------------------------------------------------------------------------------------------


def _families(crisis: Crisis) -> frozenset[str]:
    return frozenset(i.family for i in crisis.instruments.values())


def _instrument(crisis: Crisis, report: Report, place: Place, instrument: Instrument) -> None:
    playing = [s.id for s in crisis.seats.values() if s.plays]
    report.each(place.to("seats"), "seat", instrument.seats, playing)
    report.each(place.to("towards"), "seat", instrument.towards, crisis.seats)
    report.each(place.to("consult_in"), "ring", instrument.consult_in, crisis.rings)
    if not instrument.seats:
        report.add(place.to("seats"), f"nobody may use '{instrument.id}'", playing)
    if not _coded(instrument.codes):
        allowed_codes = "cameo, goldstein, rivera, kahn"
        report.add(place.to("codes"), f"'{instrument.id}' has no codes", allowed_codes, "give at least one of them")
    _params(crisis, report, place.to("params"), instrument)
    for n, other in enumerate(instrument.codes_when):
        here = place.to("codes_when", n, "params")
        for name, values in other.params.items():
            if report.exists(here.to(name), "parameter", name, instrument.params):
                param = instrument.params[name]
                for value in (v for v in values if not legal(param, v)):
                    report.add(here.to(name), f"'{value}' is no value of '{name}'", allowed(param))


def _coded(codes: Codes) -> bool:
    return any(code is not None for code in (codes.cameo, codes.goldstein, codes.rivera, codes.kahn))


def _params(crisis: Crisis, report: Report, place: Place, instrument: Instrument) -> None:
    for name, param in instrument.params.items():
        here = place.to(name)
        if param.type == "choice" and not param.values:
            report.add(here, "a choice without values", hint="list the values")
        if param.type != "choice" and param.values:
            report.add(here.to("values"), f"values of a {param.type}", "values go with type: choice")
        if param.low > param.high:
            report.add(here, f"low {param.low} above high {param.high}")
        if param.default is not None and not legal(param, param.default):
            report.add(here.to("default"), f"'{param.default}'", allowed(param))
        if name in TARGETS:
            report.each(here.to("values"), "seat", param.values, crisis.seats)


def _vocabulary(crisis: Crisis, report: Report) -> None:
    for name, place in report.rows("commitments.yaml", "types").items():
        report.each(place.to("objects"), "object", crisis.types[name].objects, crisis.objects)
    for name, here in report.rows("commitments.yaml", "objects").items():
        thing = crisis.objects[name]
        report.each(here.to("for_types"), "type", thing.for_types, crisis.types)
        for m, kind in enumerate(thing.for_types):
            if kind in crisis.types and not goes(crisis.types[kind], thing.id):
                report.add(here.to("for_types", m), f"no clause of type '{kind}' is about '{thing.id}'")
        if thing.for_types and not thing.broken_by:
            report.add(here.to("for_types"), "for_types without broken_by", hint="say what breaks it")
        if not any(goes(kind, thing.id) for kind in crisis.types.values()):
            report.add(here.to("id"), f"no type of clause is about '{thing.id}'", hint="add it to a type's objects")


# --- indicators and worlds -------------------------------------------------------------------------------------------


def _indicator(crisis: Crisis, report: Report, place: Place, indicator: Indicator) -> None:
    if not indicator.low <= indicator.start <= indicator.high or indicator.low == indicator.high:
        report.add(place.to("start"), f"{indicator.start:g}", f"{indicator.low:g} to {indicator.high:g}")
    if indicator.per == "one" and indicator.keys:
        report.add(place.to("keys"), "keys of an indicator with one value", "per: seat, pair or key")
    if indicator.per == "key" and not indicator.keys:
        report.add(place.to("keys"), "per: key, without keys", hint="list the keys")
    if indicator.readers == "owner" and indicator.per not in ("seat", "pair"):
        report.add(place.to("readers"), "'owner', which is a seat or a pair of seats", "public, nobody")
    for n, key in enumerate(indicator.keys):
        here = place.to("keys", n)
        if indicator.per == "seat":
            report.exists(here, "seat", key, crisis.seats)
        elif indicator.per == "pair":
            two = key.split(":")
            if len(two) != 2 or two != sorted(set(two)):
                report.add(here, f"'{key}'", "two seats in the order of the alphabet, as 'a:b'")
            else:
                report.each(here, "seat", two, crisis.seats)


def _world(crisis: Crisis, report: Report, language: Language, place: Place, world: EffectTable) -> None:
    for n, row in enumerate(world.rows):
        here = place.to("rows", n)
        for m, effect in enumerate(row.effects):
            language.effect(here.to("effects", m), effect, caused=row.when is not None)
        if not row.effects:
            report.add(here, f"'{row.id}' does nothing")
        if row.at_most < 1:
            report.add(here.to("at_most"), str(row.at_most), "1 or more")
    for n, chance in enumerate(world.chances):
        _chance(crisis, report, language, place.to("chances", n), chance)


def _chance(crisis: Crisis, report: Report, language: Language, place: Place, chance: ChanceRow) -> None:
    if chance.indicator is not None:
        language.value(place, chance.indicator, chance.of)
    elif chance.slope or chance.over or chance.of:
        report.add(place, "slope, over or of without an indicator", hint="name the indicator")
    for m, effect in enumerate(chance.effects):
        language.effect(place.to("effects", m), effect, caused=False)
    report.each(place.to("readers"), "seat", chance.readers, crisis.seats)
    if chance.ending is not None:
        report.exists(place.to("ending"), "ending", chance.ending, [e.id for e in crisis.file.endings])


# --- rules -----------------------------------------------------------------------------------------------------------


def _rule(crisis: Crisis, report: Report, language: Language, place: Place, rule: PolicyRule) -> None:
    report.exists(place.to("check"), "check", rule.check, CHECKS)
    known: Mapping[str, Mapping[str, object]] = {
        "seats": {s.id: s for s in crisis.seats.values() if s.plays}, "types": crisis.types,
        "objects": crisis.objects, "rings": crisis.rings, "instruments": crisis.instruments,
    }  # fmt: skip
    for name, words in known.items():
        report.each(place.to(name), name[:-1], getattr(rule, name), words)
    for n, thing in enumerate(rule.objects):
        kinds = [crisis.types[t] for t in rule.types if t in crisis.types]
        if kinds and thing in crisis.objects and not any(goes(kind, thing) for kind in kinds):
            report.add(place.to("objects", n), f"no clause of type {', '.join(rule.types)} is about '{thing}'")
    for n, pattern in enumerate(rule.returns):
        language.clause_pattern(place.to("returns", n), pattern)
    if rule.strength == "FOR-NOW" and not rule.until:
        report.add(place.to("strength"), f"'{rule.id}' holds for now, until nothing", hint="add 'until'")
    needs = {"never_gives": "types", "trade_needs_return": "returns", "needs_mandate": "rings"}.get(rule.check)
    if needs and not getattr(rule, needs):
        report.add(place.to("check"), f"check {rule.check} without {needs}", hint=f"add '{needs}'")
