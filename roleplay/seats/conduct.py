"""How others have lately behaved towards a seat, read from its view. Knows nothing about what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..crises.means import CommitmentType, Instrument, ObjectRow
from ..crises.patterns import Matcher, Pattern
from ..events import Breach, Deal, Effect, Event, Inject, Moved
from ..moves import TONES, Parameter, Statement, Use
from ..views import RoleSheet, SeatView

TONE_STING = dict(zip(TONES, (-0.5, 0.0, 0.25, 0.75, 1.5), strict=True))
BREACH_STING = 2.0
DEAL_STING = -1.0
STINGING = (Breach, Deal, Moved)
WORST = 3.0
"""Conduct runs from -3 (most friendly) to 3 (most hostile), as a dossier's values do."""

TARGETS = ("target", "jurisdiction")
"""Names of parameters that say whom an instrument is aimed at."""
TESTS = "tests"
"""The family of weapons tests."""
TEST_WORDS = frozenset({"test", "tests", "launch", "overflight"})
"""Words in the id of an inject, or of an instrument that is not the seat's own, that say what it is."""

RIVERA_HOSTILITY = {
    "de-escalation": -0.5, "status_quo": 0.0, "posturing": 0.4, "non_violent": 0.6, "violent": 1.0, "nuclear": 1.0,
}  # fmt: skip


def hostility(instrument: Instrument, params: Mapping[str, Parameter] | None = None) -> float:
    """How hostile an instrument is, -1 to 1: its Goldstein value turned round, else its class by Rivera."""
    codes = instrument.codes_for(params or {})
    if codes.goldstein is not None:
        return -codes.goldstein / 10
    return RIVERA_HOSTILITY[codes.rivera] if codes.rivera else 0.0


def matcher(sheet: RoleSheet) -> Matcher:
    """A matcher of patterns that knows the families of the seat's own instruments only."""

    def family(instrument: str) -> str:
        return sheet.instruments[instrument].family if instrument in sheet.instruments else ""

    return Matcher(family, frozenset())


def breaking(clause_type: str, thing: str | None, sheet: RoleSheet) -> tuple[Pattern, ...]:
    """The events that break a clause of this type about this object: its object's where that narrows its type."""
    row: ObjectRow | None = sheet.objects.get(thing or "")
    if row and (clause_type in row.for_types or (row.broken_by and not row.for_types)):
        return row.broken_by
    kind: CommitmentType | None = sheet.types.get(clause_type)
    return kind.broken_by if kind else ()


@dataclass(frozen=True)
class Conduct:
    """The conduct of every other seat towards this one; `forgiveness` is the share forgotten a round."""

    view: SeatView
    forgiveness: float

    @cached_property
    def of(self) -> dict[str, float]:
        """Seat -> conduct, from -3 (friendly) to 3 (hostile), recent rounds weighing most."""
        total = dict.fromkeys((s for s in self.view.run.seats if s != self.view.seat), 0.0)
        for event in self.view.events:
            if not isinstance(event, STINGING):
                continue
            age = max(0, self.view.moment.round - event.round - 1)
            fade = (1 - self.forgiveness) ** age
            if event.round and fade > 0.01:
                for seat, sting in self._stings(event):
                    total[seat] = total.get(seat, 0.0) + sting * fade
        return {seat: max(-WORST, min(WORST, sum_)) for seat, sum_ in total.items()}

    def worst(self, seats: Iterable[str]) -> float:
        """The most hostile conduct among these seats; 0 where there is none."""
        return max((self.of[s] for s in seats if s in self.of), default=0.0)

    @cached_property
    def broke(self) -> frozenset[str]:
        """Seats that are known to have broken a commitment."""
        return frozenset(e.by for e in self.view.events if isinstance(e, Breach))

    @cached_property
    def tested(self) -> bool:
        """Whether another government, or the scenario's calendar, brought a weapons test this round or the last."""
        recent = [e for e in self.view.events if e.round >= max(1, self.view.moment.round - 1)]
        return any(
            _is_test(e.move.instrument, self.view.sheet) if isinstance(e, Moved) and isinstance(e.move, Use)
            else isinstance(e, Inject) and not TEST_WORDS.isdisjoint(re.split("[-_]", e.name))
            for e in recent if e.seat != self.view.seat
        )  # fmt: skip

    def _stings(self, event: Event) -> list[tuple[str, float]]:
        me = self.view.seat
        match event:
            case Breach(by=by) if by != me:
                return [(by, BREACH_STING)]
            case Deal(parties=parties, form="deal") if me in parties:
                return [(other, DEAL_STING) for other in parties if other != me]
            case Moved(seat=str() as seat, move=Statement(tone=tone, audience=audience)) if seat != me:
                share = 1.0 if audience == me else (1 - self.trust(seat)) / 2
                return [(seat, TONE_STING[tone] * share)]
            case Moved(seat=str() as seat, move=Use() as use) if seat != me:
                return [(seat, self._act(event, seat, use))]
            case _:
                return []

    def _act(self, event: Event, seat: str, use: Use) -> float:
        """The largest of three measures of an act: what was valued and is gone, what it did to tension, its code.

        What a trusted government does, or what is aimed at somebody else, weighs less.
        """
        known = self.view.sheet.instruments.get(use.instrument)
        named = {use.params[name] for name in TARGETS if name in use.params} or set(known.towards if known else ())
        mine = not named or self.view.seat in named
        share = (1 - self.trust(seat)) * (1.0 if mine else 0.25)
        coded = 2 * hostility(known, use.params) if known else 0.0
        stirred = self._stirring.get(event.id, 0.0) / 10  # 5 points of tension: half a point
        return max(self._lost(event, seat), stirred * share, coded * share, key=abs)

    def _lost(self, event: Event, seat: str) -> float:
        """Half of what the dossier gives for a promise of this seat not to do this."""
        return self.view.once(("lost", event.id), lambda: self._lost_by(event, seat))

    def _lost_by(self, event: Event, seat: str) -> float:
        sheet = self.view.sheet
        rows = (row for row in sheet.persona.policy.values if row.value > 0 and row.giver in (seat, "*"))
        return max((row.value / 2 for row in rows if breaks(sheet, row.type, row.object, event)), default=0.0)

    @cached_property
    def _stirring(self) -> dict[str, float]:
        """Event -> what it did to tension."""
        indicator = tension_indicator(self.view.sheet)
        found: dict[str, float] = {}
        for effect in self.view.events:
            if isinstance(effect, Effect) and effect.indicator == indicator:
                for cause in effect.cause:
                    found[cause] = found.get(cause, 0.0) + effect.by
        return found

    def trust(self, seat: str) -> float:
        """How far a seat is trusted, 0 to 1: the indicator of the pair where the crisis has one, else one half."""
        row = self.view.sheet.indicators.get("trust")
        pair = ":".join(sorted((self.view.seat, seat)))
        if row is None or row.per != "pair" or (row.keys and pair not in row.keys):
            return 0.5
        return (self.view.world.value("trust", pair) - row.low) / (row.high - row.low)


def _is_test(instrument: str, sheet: RoleSheet) -> bool:
    known = sheet.instruments.get(instrument)
    return known.family == TESTS if known else not TEST_WORDS.isdisjoint(re.split("[-_]", instrument))


def tension_indicator(sheet: RoleSheet) -> str | None:
    """The indicator of tension: the one of that name, else the first that is one for all."""
    if "tension" in sheet.indicators:
        return "tension"
    return next((i.id for i in sheet.indicators.values() if i.per == "one"), None)


def breaks(sheet: RoleSheet, clause_type: str, thing: str | None, event: Event) -> bool:
    """Whether this event of a bound party breaks a clause of this type about this object."""
    fits = matcher(sheet).fits
    return any(fits(pattern, event) for pattern in breaking(clause_type, thing, sheet))
