"""Checks of what a game starts with: scenarios and their variants, standing commitments, strategies, dossiers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from pydantic import ValidationError

from ..moves import CLAUSE_LIMIT, TONES, Commitment
from ..personas import Leaning, Persona
from . import Crisis
from .language import Language, goes
from .models import Change, Initial, RingRow, Scenario, Standing, Strategy
from .report import Place, Report


def check_openings(crisis: Crisis, report: Report, language: Language) -> None:
    """Check scenarios, standing commitments, strategies and dossiers."""
    for scenario in crisis.scenarios.values():
        _scenario(crisis, report, language, Place(f"scenarios/{scenario.id}.yaml"), scenario)
    for n, standing in enumerate(crisis.standing):
        _standing(crisis, report, Place("standing.yaml", ("standing", n)), standing)
    for strategy in crisis.strategies.values():
        _strategy(crisis, report, Place(f"strategies/{strategy.id}.yaml"), strategy)
    for persona in crisis.personas.values():
        _persona(crisis, report, Place(dossier(persona.id)), persona)


def dossier(persona: str) -> str:
    """What the report calls the file of a dossier."""
    return f"personas/{persona}.yaml"


# --- scenarios -------------------------------------------------------------------------------------------------------


def _scenario(crisis: Crisis, report: Report, language: Language, place: Place, scenario: Scenario) -> None:
    playing = [s.id for s in crisis.seats.values() if s.plays]
    for seat in scenario.seats:
        here = place.to("seats", seat)
        if report.exists(here, "seat", seat, playing) and seat not in crisis.personas:
            report.add(here, f"'{seat}' has no dossier", sorted(crisis.personas) or "none")
    report.exists(place.to("protagonist"), "seat", scenario.protagonist, scenario.seats)
    report.exists(place.to("world"), "world", scenario.world, crisis.worlds)
    report.each(place.to("rooms"), "ring", scenario.rooms, crisis.rings)
    report.each(place.to("open_rings"), "room of this scenario", scenario.open_rings, scenario.rooms)
    for n, room in enumerate(scenario.rooms):
        if room in crisis.rings:
            _room(report, place.to("rooms", n), crisis.rings[room], scenario)
    _initial(report, language, place.to("initial"), scenario.initial)
    for n, row in enumerate(scenario.injects):
        here = place.to("injects", n)
        _in_time(report, here.to("on"), scenario, row.on)
        report.each(here.to("readers"), "seat", row.readers, crisis.seats)
        for m, effect in enumerate(row.effects):
            language.effect(here.to("effects", m), effect, caused=False)
    _variations(crisis, report, language, place.to("variations"), scenario)


def _room(report: Report, place: Place, ring: RingRow, scenario: Scenario) -> None:
    here = [m for m in ring.members if m in scenario.seats]
    if len(here) < (1 if ring.kind == "own" else 2):
        report.add(
            place, f"'{ring.id}' has {len(here)} members in this scenario", hint="drop the room, or seat more of them"
        )


def _in_time(report: Report, place: Place, scenario: Scenario, day: date, moved: str = "") -> None:
    last = scenario.opens + timedelta(days=scenario.rounds * scenario.days_per_round - 1)
    if not scenario.opens <= day <= last:
        report.add(place, f"{moved}{day} is outside the game", f"{scenario.opens} to {last}")


def _initial(report: Report, language: Language, place: Place, rows: Iterable[Initial]) -> None:
    seen: set[tuple[str, str]] = set()
    for n, row in enumerate(rows):
        here = place.to(n)
        indicator = language.value(here, row.indicator, row.of)
        if indicator and not indicator.low <= row.value <= indicator.high:
            report.add(here.to("value"), f"{row.value:g}", f"{indicator.low:g} to {indicator.high:g}")
        if (row.indicator, row.of) in seen:
            report.add(here, f"{row.indicator} {row.of}".strip() + " is set twice")
        seen.add((row.indicator, row.of))


def _variations(crisis: Crisis, report: Report, language: Language, place: Place, scenario: Scenario) -> None:
    setters: dict[tuple[str, str], str] = {}
    for n, variation in enumerate(scenario.variations):
        for m, change in enumerate(variation.options):
            here = place.to(n, "options", m)
            changed = change.model_dump(exclude={"title"}, exclude_defaults=True)
            if m == 0 and changed:
                report.add(
                    here, f"changes {', '.join(changed)}", "nothing: the first option is the scenario as written"
                )
            if m > 0 and not changed:
                report.add(here, f"'{change.title}' changes nothing")
            _change(crisis, report, here, scenario, change)
            _initial(report, language, here.to("initial"), change.initial)
            for k, row in enumerate(change.initial):
                other = setters.setdefault((row.indicator, row.of), variation.id)
                if other != variation.id:
                    report.add(here.to("initial", k), f"{row.indicator} is set by '{other}' too", "one variation")


def _change(crisis: Crisis, report: Report, place: Place, scenario: Scenario, change: Change) -> None:
    days = {row.id: row.on for row in scenario.injects}
    report.each(place.to("drop"), "inject", change.drop, days)
    for name, by in change.move.items():
        here = place.to("move", name)
        if report.exists(here, "inject", name, days):
            _in_time(report, here, scenario, days[name] + timedelta(days=by), f"'{name}' moved to ")
        if name in change.drop:
            report.add(here, f"'{name}' is both dropped and moved")
    report.each(place.to("opened"), "room of this scenario", change.opened, scenario.rooms)
    report.each(place.to("closed"), "room of this scenario", change.closed, scenario.rooms)
    for n, ring in enumerate(change.opened):
        if ring in scenario.open_rings or ring in change.closed:
            report.add(place.to("opened", n), f"'{ring}' is open, or closed by the same option")
    for n, ring in enumerate(change.closed):
        if ring in scenario.rooms and ring not in scenario.open_rings:
            report.add(place.to("closed", n), f"'{ring}' is closed already")
        if ring in crisis.rings and crisis.rings[ring].kind == "own":
            report.add(place.to("closed", n), f"'{ring}' is a government's own room, which is always open")


# --- clauses ---------------------------------------------------------------------------------------------------------


def _standing(crisis: Crisis, report: Report, place: Place, standing: Standing) -> None:
    report.each(place.to("parties"), "seat", standing.parties, crisis.seats)
    if not standing.parties:
        report.add(place.to("parties"), "nobody is bound")
    if standing.ring is not None:
        report.exists(place.to("ring"), "ring", standing.ring, crisis.rings)
    if not 1 <= len(standing.commitments) <= CLAUSE_LIMIT:
        report.add(place.to("commitments"), f"{len(standing.commitments)} clauses", f"1 to {CLAUSE_LIMIT} a text")
    for n, data in enumerate(standing.commitments):
        here = place.to("commitments", n)
        try:
            clause = Commitment.model_validate(data)
        except ValidationError as error:
            for e in error.errors():
                report.add(here.to(*e["loc"]), e["msg"])
            continue
        _clause(crisis, report, here, clause, standing.parties)


def _clause(crisis: Crisis, report: Report, place: Place, clause: Commitment, parties: Iterable[str]) -> None:
    report.each(place.to("parties"), "party", clause.parties, parties)
    _clause_words(crisis, report, place, clause.type, clause.object)


def _clause_words(crisis: Crisis, report: Report, place: Place, kind: str, thing: str | None) -> None:
    known = report.exists(place.to("type"), "type", kind, crisis.types)
    if thing is None or not report.exists(place.to("object"), "object", thing, crisis.objects) or not known:
        return
    if not goes(crisis.types[kind], thing):
        found = f"no clause of type '{kind}' is about '{thing}'"
        report.add(place.to("object"), found, crisis.types[kind].objects)


# --- strategies and dossiers -----------------------------------------------------------------------------------------


def _strategy(crisis: Crisis, report: Report, place: Place, strategy: Strategy) -> None:
    if strategy.policy is None:
        return
    here, policy = place.to("policy"), strategy.policy
    families = {i.family for i in crisis.instruments.values()}
    for name in policy.instruments:
        report.exists(here.to("instruments", name), "instrument or family", name, [*crisis.instruments, *families])
    for name in policy.clauses:
        report.exists(here.to("clauses", name), "type", name, crisis.types)
    for name in policy.rings:
        report.exists(here.to("rings", name), "ring", name, crisis.rings)
    if policy.tone is not None:
        report.exists(here.to("tone"), "tone", policy.tone, TONES)
    report.each(here.to("line"), "line", policy.line, crisis.lines)


def _persona(crisis: Crisis, report: Report, place: Place, persona: Persona) -> None:
    if not report.exists(place.to("id"), "seat", persona.id, crisis.seats):
        return
    if crisis.seats[persona.id].plays and not any(post.speaks for post in persona.posts):
        report.add(place.to("posts"), "no post speaks in public", hint="give one of them 'speaks: true'")
    for n, belief in enumerate(persona.beliefs):
        report.exists(place.to("beliefs", n, "about"), "seat", belief.about, crisis.seats)
    policy = place.to("policy")
    for n, value in enumerate(persona.policy.values):
        here = policy.to("values", n)
        report.exists(here.to("giver"), "giver", value.giver, ["*", *crisis.seats])
        _clause_words(crisis, report, here, value.type, value.object)
    for n, offer in enumerate(persona.policy.offers):
        here = policy.to("offers", n)
        if not report.exists(here.to("ring"), "ring", offer.ring, crisis.rings):
            continue
        members = crisis.rings[offer.ring].members
        if persona.id not in members:
            report.add(here.to("ring"), f"{persona.id} is not in '{offer.ring}'", members)
        for m, clause in enumerate(offer.clauses):
            _clause(crisis, report, here.to("clauses", m), clause, members)
    for n, leaning in enumerate(persona.policy.instruments):
        _leaning(crisis, report, policy.to("instruments", n, "id"), persona.id, leaning)


def _leaning(crisis: Crisis, report: Report, place: Place, seat: str, leaning: Leaning) -> None:
    families = {i.family for i in crisis.instruments.values()}
    known = [*crisis.instruments, *sorted(families), *crisis.lines]
    if not report.exists(place, "instrument, family or line", leaning.id, known):
        return
    instrument = crisis.instruments.get(leaning.id)
    if instrument and seat not in instrument.seats:
        report.add(place, f"'{leaning.id}' is not {seat}'s to use", instrument.seats)
