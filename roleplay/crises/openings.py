"""Checks of what a game starts with: scenarios and their variants, standing commitments, dossiers.

One function a kind of row; that the words which a row names exist is checked for all of them elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ..commitments import Commitment
from ..crosschecks import Place
from ..personas.models import Offer, Persona, Value
from .language import Language
from .scenarios import Change, Initial, InjectRow, Scenario, Standing

# --- scenarios -------------------------------------------------------------------------------------------------------


def scenario(language: Language, place: Place, scenario: Scenario) -> None:
    crisis, report = language.crisis, language.report
    for seat, baseline in scenario.seats.items():
        if language.baselines:
            report.exists(place.to("seats", seat), "baseline", baseline, language.baselines)
        if seat in crisis.seats and seat not in crisis.personas and seat not in report.lost:
            report.add(place.to("seats", seat), f"'{seat}' has no dossier", sorted(crisis.personas) or "none")
    report.exists(place.to("protagonist"), "seat", scenario.protagonist, scenario.seats)
    report.each(place.to("open_rings"), "room of this scenario", scenario.open_rings, scenario.rooms)
    for n, room in enumerate(scenario.rooms):
        ring = crisis.rings.get(room)
        here = [m for m in ring.members if m in scenario.seats] if ring else []
        if ring and len(here) < (1 if ring.kind == "own" else 2):
            found = f"'{ring.id}' has {len(here)} members in this scenario"
            report.add(place.to("rooms", n), found, hint="drop the room, or seat more of them")
    _initial(language, place.to("initial"), scenario.initial)
    for n, row in enumerate(scenario.injects):
        _in_time(language, place.to("injects", n, "on"), scenario, row.on)
    _variations(language, place.to("variations"), scenario)


def inject(language: Language, place: Place, row: InjectRow) -> None:
    for n, effect in enumerate(row.effects):
        language.effect(place.to("effects", n), effect, caused=False)
    if row.id in {chance.id for world in language.crisis.worlds.values() for chance in world.chances}:
        language.report.add(place.to("id"), f"'{row.id}' is the name of a chance too", hint="rename one of them")


def _in_time(language: Language, place: Place, scenario: Scenario, day: date, moved: str = "") -> None:
    last = scenario.opens + timedelta(days=scenario.rounds * scenario.days_per_round - 1)
    if not scenario.opens <= day <= last:
        language.report.add(place, f"{moved}{day} is outside the game", f"{scenario.opens} to {last}")


def _initial(language: Language, place: Place, rows: Iterable[Initial]) -> None:
    seen: set[tuple[str, str]] = set()
    for n, row in enumerate(rows):
        here = place.to(n)
        indicator = language.value(here, row.indicator, row.of)
        if indicator and not indicator.low <= row.value <= indicator.high:
            language.report.add(here.to("value"), f"{row.value:g}", f"{indicator.low:g} to {indicator.high:g}")
        if (row.indicator, row.of) in seen:
            language.report.add(here, f"{row.indicator} {row.of}".strip() + " is set twice")
        seen.add((row.indicator, row.of))


def _variations(language: Language, place: Place, scenario: Scenario) -> None:
    add = language.report.add
    setters: dict[tuple[str, str], str] = {}
    for n, variation in enumerate(scenario.variations):
        for m, change in enumerate(variation.options):
            here = place.to(n, "options", m)
            changed = change.model_dump(exclude={"title"}, exclude_defaults=True)
            if m == 0 and changed:
                nothing = "nothing: the first option is the scenario as written"
                add(here, f"changes {', '.join(changed)}", nothing)
            if m > 0 and not changed:
                add(here, f"'{change.title}' changes nothing")
            _change(language, here, scenario, change)
            _initial(language, here.to("initial"), change.initial)
            for k, row in enumerate(change.initial):
                other = setters.setdefault((row.indicator, row.of), variation.id)
                if other != variation.id:
                    add(here.to("initial", k), f"{row.indicator} is set by '{other}' too", "one variation")


def _change(language: Language, place: Place, scenario: Scenario, change: Change) -> None:
    report, rings = language.report, language.crisis.rings
    days = {row.id: row.on for row in scenario.injects}
    report.each(place.to("drop"), "inject", change.drop, days)
    for name, by in change.move.items():
        here = place.to("move", name)
        if report.exists(here, "inject", name, days):
            _in_time(language, here, scenario, days[name] + timedelta(days=by), f"'{name}' moved to ")
        if name in change.drop:
            report.add(here, f"'{name}' is both dropped and moved")
    report.each(place.to("opened"), "room of this scenario", change.opened, scenario.rooms)
    report.each(place.to("closed"), "room of this scenario", change.closed, scenario.rooms)
    report.each(place.to("absent"), "seat", change.absent, scenario.seats)
    if scenario.protagonist in change.absent:
        report.add(place.to("absent"), f"'{scenario.protagonist}' is whom the scenario is about")
    for n, ring in enumerate(change.opened):
        if ring in scenario.open_rings or ring in change.closed:
            report.add(place.to("opened", n), f"'{ring}' is open, or closed by the same option")
    for n, ring in enumerate(change.closed):
        if ring in scenario.rooms and ring not in scenario.open_rings:
            report.add(place.to("closed", n), f"'{ring}' is closed already")
        if ring in rings and rings[ring].kind == "own":
            report.add(place.to("closed", n), f"'{ring}' is a government's own room, which is always open")


# --- clauses ---------------------------------------------------------------------------------------------------------


def standing(language: Language, place: Place, standing: Standing) -> None:
    if not standing.parties:
        language.report.add(place.to("parties"), "nobody is bound")
    for n, clause in enumerate(standing.commitments):
        _clause(language, place.to("commitments", n), clause, standing.parties)


def _clause(language: Language, place: Place, clause: Commitment, parties: Iterable[str]) -> None:
    report, crisis = language.report, language.crisis
    report.each(place.to("parties"), "party", clause.parties, parties)
    report.exists(place.to("type"), "type", clause.type, crisis.types)
    if report.exists(place.to("object"), "object", clause.object, crisis.objects):
        language.goes(place.to("object"), (clause.type,), clause.object)


# --- dossiers --------------------------------------------------------------------------------------------------------


def persona(language: Language, place: Place, persona: Persona) -> None:
    crisis, report = language.crisis, language.report
    if not report.exists(place.to("id"), "seat", persona.id, crisis.seats):
        return
    if crisis.seats[persona.id].plays and not any(post.speaks for post in persona.posts):
        report.add(place.to("posts"), "no post speaks in public", hint="give one of them 'speaks: true'")
    for n, offer in enumerate(persona.policy.offers):
        _offer(language, place.to("policy", "offers", n), persona.id, offer)
    for n, leaning in enumerate(persona.policy.instruments):
        instrument = crisis.instruments.get(leaning.id)
        if instrument and persona.id not in instrument.seats:
            here = place.to("policy", "instruments", n, "id")
            report.add(here, f"'{leaning.id}' is not {persona.id}'s to use", instrument.seats)


def value(language: Language, place: Place, value: Value) -> None:
    if value.object is not None:
        language.goes(place.to("object"), (value.type,), value.object)


def _offer(language: Language, place: Place, seat: str, offer: Offer) -> None:
    ring = language.crisis.rings.get(offer.ring)
    if ring is None:
        return
    if seat not in ring.members:
        language.report.add(place.to("ring"), f"{seat} is not in '{offer.ring}'", ring.members)
    for n, clause in enumerate(offer.clauses):
        _clause(language, place.to("clauses", n), clause, ring.members)
